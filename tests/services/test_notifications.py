"""Addresses for notifications: the secret, the registration, and what a notification does."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from transfers.drivers.ozeki.driver import OzekiDriver
from transfers.errors import Refused, Unreachable
from transfers.models import AuditEvent, Feed
from transfers.services import notifications as service
from transfers.services.connections import NotDone
from transfers.services.forwards import set_up
from transfers.standing import NotifyAddress

RING = {"NotificationName": "CallChanged", "CallState": "Ringing", "Destination": "500"}
EMPTY = '<?xml version="1.0"?><Response></Response>'


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as stands:
        yield stands


@pytest.fixture
def token(root, head_office) -> str:
    return service.renew(root, head_office).token


@pytest.fixture
def address(token) -> NotifyAddress:
    found = service.address_of(token)
    assert found
    return found


class Registrar:
    """What the PBX was told; `refuses` makes it say no."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.refuses: Exception | None = None

    def subscribe(self, _driver: object, url: str) -> None:
        if self.refuses:
            raise self.refuses
        self.urls.append(url)

    def unsubscribe(self, _driver: object, url: str) -> None:
        if self.refuses:
            raise self.refuses
        self.urls.remove(url)


@pytest.fixture
def registrar(monkeypatch) -> Registrar:
    made = Registrar()
    for name in ("subscribe", "unsubscribe"):
        method = getattr(made, name)
        monkeypatch.setattr(OzekiDriver, name, lambda driver, url, m=method: m(driver, url))
    return made


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


# The secret.


def test_it_is_long_and_found_again(token, address, head_office):
    assert len(token) >= 40
    assert address.connection == head_office
    assert service.token_of(head_office) == token


@pytest.mark.parametrize("wrong", ["", "x", "é" * 43])
def test_another_one_is_not_found(token, wrong):
    assert service.address_of(wrong) is None
    assert service.address_of(token[:-1]) is None


def test_the_database_and_the_log_do_not_hold_it(token, address, caplog):
    with caplog.at_level(logging.DEBUG):
        service.receive(address, RING)
    row = NotifyAddress.objects.values().get()
    assert token not in repr(row)
    assert token not in repr(list(AuditEvent.objects.values()))
    assert token not in caplog.text


def test_a_new_one_kills_the_old_one(token, root, head_office):
    newer = service.renew(root, head_office).token
    assert service.address_of(token) is None
    assert service.address_of(newer)
    events = AuditEvent.objects.filter(verb="connection.address_made").order_by("pk")
    assert [event.data["replaced"] for event in events] == [False, True]


def test_without_the_key_it_cannot_be_shown(token, head_office, settings):
    settings.ENCRYPTION_KEYS = ["YW5vdGhlciBrZXkgdGhhdCBpcyBvZiAzMiBieXRlcy4="]
    assert service.token_of(head_office) == ""
    assert service.address_of(token) is None


# What comes.


def test_it_is_counted(address):
    service.receive(address, RING)
    service.receive(address, {"anything": "else"})
    address.refresh_from_db()
    assert (address.received, address.received_at) == (2, timezone.now())
    assert address.last_kind == ""


def test_it_makes_the_board_read(address):
    Feed.objects.update(due_at=timezone.now() + timedelta(seconds=30))
    service.receive(address, {})
    assert Feed.objects.get().due_at == timezone.now()


def test_the_answer_is_the_driver_s(address):
    assert service.receive(address, RING) == ("application/xml", EMPTY)


def test_a_standing_forward_is_in_the_answer(address, ana, head_office):
    set_up(ana, head_office, "500", "102", timezone.now() + timedelta(hours=1))
    _, body = service.receive(address, RING)
    assert 'Destination="102"' in body
    assert "forward.used" in verbs()


def test_the_same_notification_once_more_gets_the_same_answer(address, ana, head_office):
    set_up(ana, head_office, "500", "102", timezone.now() + timedelta(hours=1))
    first, second = (service.receive(address, RING | {"CallId": "a"}) for _ in range(2))
    assert first == second
    assert 'Destination="102"' in first[1]
    assert verbs().count("forward.used") == 1


def test_a_disabled_pbx_gets_an_answer_without_a_forward(address, ana, head_office):
    set_up(ana, head_office, "500", "102", timezone.now() + timedelta(hours=1))
    address.connection.enabled = False
    assert service.receive(address, RING)[1] == EMPTY


def test_a_vendor_nobody_knows_gets_an_empty_answer(address):
    address.connection.vendor = "unheard-of"
    assert service.receive(address, RING) == ("text/plain", "")


# The registration.


def test_registered_and_taken_back(token, root, head_office, registrar):
    service.register(root, head_office, "http://console/notify/1/")
    assert registrar.urls == ["http://console/notify/1/"]
    assert NotifyAddress.objects.get().registered_at == timezone.now()
    service.unregister(root, head_office)
    assert registrar.urls == []
    assert NotifyAddress.objects.get().registered_at is None
    assert verbs()[1:] == ["connection.registered", "connection.unregistered"]
    assert "console" not in repr(NotifyAddress.objects.values().get())


def test_registered_again_the_earlier_one_goes(token, root, head_office, registrar):
    service.register(root, head_office, "http://one/")
    service.register(root, head_office, "http://two/")
    assert registrar.urls == ["http://two/"]


@pytest.mark.parametrize("error", [Unreachable("No connection."), Refused("Not allowed.")])
def test_a_failure_is_said_and_logged(token, root, head_office, registrar, error):
    registrar.refuses = error
    with pytest.raises(NotDone, match=error.safe_text):
        service.register(root, head_office, "http://console/")
    assert NotifyAddress.objects.get().registered_at is None
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.data) == ("connection.not_registered", {"why": error.safe_text})


def test_a_failure_to_take_it_back_leaves_it_registered(token, root, head_office, registrar):
    service.register(root, head_office, "http://console/")
    registrar.refuses = Unreachable("No connection.")
    with pytest.raises(NotDone):
        service.unregister(root, head_office)
    assert NotifyAddress.objects.get().registered_at
    assert verbs()[-1] == "connection.not_unregistered"


def test_a_new_address_takes_the_old_one_back_first(token, root, head_office, registrar):
    service.register(root, head_office, "http://console/old/")
    assert service.renew(root, head_office).left == ""
    assert registrar.urls == []


def test_a_new_address_is_made_even_if_the_pbx_keeps_the_old_one(
    token, root, head_office, registrar
):
    service.register(root, head_office, "http://console/old/")
    registrar.refuses = Unreachable("No connection.")
    assert service.renew(root, head_office).left == "No connection."
    assert service.address_of(token) is None


def test_without_an_address_nothing_is_registered(root, head_office, registrar):
    with pytest.raises(NotDone, match="Make an address first"):
        service.register(root, head_office, "http://console/")
    with pytest.raises(NotDone, match="not given an address"):
        service.unregister(root, head_office)


def test_a_vendor_without_a_command_for_it_says_so(token, root, head_office):
    with pytest.raises(NotDone, match="told the address on its own pages"):
        service.register(root, head_office, "http://console/")
