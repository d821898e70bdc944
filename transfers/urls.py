"""Every address of the product. The names are what templates and tests use."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from transfers.views import board, calls


def soon(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


urlpatterns = [
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("", board.board, name="board"),
    path("board/rows/", board.rows, name="board-rows"),
    path("calls/<int:pk>/targets/", calls.suggestions, name="call-targets"),
    path("calls/<int:pk>/<slug:kind>/", calls.dialog, name="call-dialog"),
    path("calls/<int:pk>/<slug:kind>/act/", calls.act, name="call-act"),
    path("log/", soon, name="log"),
    path("contacts/", soon, name="contacts"),
    path("people/", soon, name="people"),
    path("connections/", soon, name="connections"),
]
