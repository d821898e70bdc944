"""A dialog: a fragment of the board for htmx, a page of its own without."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page_or_fragment(
    request: HttpRequest, fragment: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, fragment, context, status=status)
    return render(request, "transfers/dialog.html", context | {"fragment": fragment}, status=status)
