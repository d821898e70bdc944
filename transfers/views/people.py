"""Accounts and seats, for administrators; one's own password, for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import PasswordChangeView
from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from transfers.access import UserRequest, administrator
from transfers.forms.people import BaseSeats, OwnPasswordForm, PersonForm, seats_formset
from transfers.models import Seat, User
from transfers.sentences import told
from transfers.services import audit
from transfers.services import people as service


@administrator
@require_safe
def index(request: UserRequest) -> HttpResponse:
    seats = Seat.objects.select_related("connection").order_by("connection__name")
    people = User.objects.prefetch_related(Prefetch("seats", seats))
    people = people.order_by("-is_active", "first_name", "last_name", "username")
    return render(request, "people/index.html", {"people": people})


@sensitive_post_parameters()  # the seats have passwords, too
@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: UserRequest) -> HttpResponse:
    return _form(request, User())


@sensitive_post_parameters()  # the seats have passwords, too
@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(User, pk=pk))


def _form(request: UserRequest, person: User) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    title = person.title  # before the form writes what was typed into the person
    form = PersonForm(request.user, data, instance=person)
    seats = seats_formset(person, data)
    if data is not None and form.is_valid() & seats.is_valid():
        try:
            _save(request, form, seats)
        except service.NotAllowed as refusal:
            form.add_error(None, told(refusal.text))
        except IntegrityError:  # the same name or seat, saved by somebody else meanwhile
            form.add_error(None, _("Somebody saved the same at this moment. Look again."))
        else:
            return redirect("people")
    return render(request, "people/form.html", {"form": form, "seats": seats, "title": title})


def _save(request: UserRequest, form: PersonForm, seats: BaseSeats) -> None:
    person, password = form.instance, form.cleaned_data["password"]
    if person.pk is None:
        service.add(request.user, person, password, seats.changes())
        text = _("{person} can log in as {username} now.")
        messages.success(request, text.format(person=person.title, username=person.username))
        return
    service.edit(request.user, person, form.changed_fields, password, seats.changes())
    if person.pk == request.user.pk:
        update_session_auth_hash(request, person)
    messages.success(request, _("{name} is saved.").format(name=person.title))


class OwnPassword(PasswordChangeView):
    """Every other session of hers ends with the old password."""

    form_class = OwnPasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("board")

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        audit.record(form.user, "person.password_changed", form.user.title)
        messages.success(self.request, _("Your new password holds from now on."))
        return response
