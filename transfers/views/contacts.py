"""The phone book, for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from transfers.access import UserRequest, administrator
from transfers.forms.contacts import ContactForm, ContactSearch, numbers_formset
from transfers.phonebook import Contact
from transfers.services import contacts as service

PAGE = 50


@administrator
@require_safe
def index(request: UserRequest) -> HttpResponse:
    form = ContactSearch(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    found = service.search(text).prefetch_related("numbers__connection", "groups")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "contacts/index.html", {"form": form, "page": page, "text": text})


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: UserRequest) -> HttpResponse:
    return _form(request, Contact())


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(Contact, pk=pk))


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: UserRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact, pk=pk)
    if request.method != "POST":
        return render(request, "contacts/delete.html", {"contact": contact})
    service.delete(request.user, contact)
    messages.success(request, f"{contact.name} is deleted.")
    return redirect("contacts")


def _form(request: UserRequest, contact: Contact) -> HttpResponse:
    title = contact.name  # before the form writes what was typed into the contact
    data = request.POST if request.method == "POST" else None
    form, numbers = ContactForm(data, instance=contact), numbers_formset(contact, data)
    if data is not None and form.is_valid() & numbers.is_valid():
        groups = form.cleaned_data["group_names"]
        service.save(request.user, contact, form.changed_data, groups, numbers.changes())
        messages.success(request, f"{contact.name} is saved.")
        return redirect("contacts")
    context = {"form": form, "numbers": numbers, "contact": contact, "title": title}
    return render(request, "contacts/form.html", context)
