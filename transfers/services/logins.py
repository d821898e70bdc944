"""Who came in, who tried, who was locked out. The user name that was typed, never the password."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_cool_off
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from transfers.models import User
from transfers.services.audit import record
from transfers.trail import NOBODY, AuditEvent


@receiver(user_logged_in)
def came_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    if request.method:  # else a program logs somebody in, as the tests do
        record(user, "login.ok", user.username, address=_address(request))


@receiver(user_logged_out)
def went_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record(user, "logout", user.username, address=_address(request))


@receiver(user_login_failed)
def failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    if getattr(request, "axes_locked_out", False):
        return  # noted once, when it was locked; axes hears of the failure before we do
    name = _typed(credentials.get("username"))
    record(None, "login.failed", name, actor_name=NOBODY, address=_address(request))


@receiver(user_locked_out)
def locked(request: HttpRequest, username: str | None, **kwargs: Any) -> None:
    """Axes says so at every further attempt; one event per lock-out is enough."""
    name, address = _typed(username), _address(request)
    known = AuditEvent.objects.filter(verb="login.locked", object_text=name, data__address=address)
    cool_off = get_cool_off(request)
    if cool_off is not None:
        known = known.filter(at__gt=timezone.now() - cool_off)
    if not known.exists():
        record(None, "login.locked", name, actor_name=NOBODY, address=address)


def _address(request: HttpRequest | None) -> str:
    return str(request.META.get("REMOTE_ADDR", "")) if request else ""


def _typed(username: object) -> str:
    text = "".join(sign if sign.isprintable() else "\ufffd" for sign in str(username or ""))
    return text[:150]
