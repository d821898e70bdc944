"""The phone book: to be searched by everybody, and written by administrators."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from transfers.access import UserRequest, administrator, member
from transfers.forms.contacts import ContactForm, ContactSearch, numbers_formset
from transfers.phonebook import Contact
from transfers.services import contacts, directory

PAGE = 50


@member
@require_safe
def index(request: UserRequest) -> HttpResponse:
    """The directory; with htmx what fits the search, as it is typed."""
    form = ContactSearch(request.GET)
    form.is_valid()  # what is not, is no filter
    wanted = form.cleaned_data
    text, group = wanted.get("q", ""), wanted.get("group")
    starred = wanted.get("starred", False)
    found = contacts.search(request.user, text, group, starred=starred)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    alone = page.number > 1 or group or starred
    context = {
        "form": form,
        "page": page,
        "text": text,
        "narrowed": bool(text or group or starred),
        "cards": directory.cards(request.user, page),
        "extensions": [] if alone else directory.extensions(request.user, text),
    }
    fragment = request.headers.get("HX-Request")
    return render(request, f"contacts/{'_people' if fragment else 'index'}.html", context)


@member
@require_POST
def favourite(request: UserRequest, pk: int) -> HttpResponse:
    """Her own star; `on` is 1 or 0."""
    contact = get_object_or_404(Contact, pk=pk)
    starred = request.POST.get("on") == "1"
    contacts.mark(request.user, contact, starred)
    if not request.headers.get("HX-Request"):
        return redirect("contacts")
    return render(request, "contacts/_star.html", {"contact": contact, "starred": starred})


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
        numbers = contact.numbers.values_list("number", flat=True)
        context = {"contact": contact, "named": ", ".join([contact.name, *numbers])}
        return render(request, "contacts/delete.html", context)
    contacts.delete(request.user, contact)
    messages.success(request, _("{name} is deleted.").format(name=contact.name))
    return redirect("contacts")


def _form(request: UserRequest, contact: Contact) -> HttpResponse:
    title = contact.name  # before the form writes what was typed into the contact
    data = request.POST if request.method == "POST" else None
    form, numbers = ContactForm(data, instance=contact), numbers_formset(contact, data)
    if data is not None and form.is_valid() & numbers.is_valid():
        groups = form.cleaned_data["group_names"]
        contacts.save(request.user, contact, form.changed_data, groups, numbers.changes())
        messages.success(request, _("{name} is saved.").format(name=contact.name))
        return redirect("contacts")
    context = {"form": form, "numbers": numbers, "contact": contact, "title": title}
    return render(request, "contacts/form.html", context)
