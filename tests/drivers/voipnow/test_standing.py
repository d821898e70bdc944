"""Standing forwards on VoipNow: a transfer of the ringing call, where the option allows it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.drivers.contract import PASSWORD, USERNAME
from tests.stage import CALLER
from transfers.board.poller import read
from transfers.drivers.voipnow.driver import VoipNowDriver
from transfers.models import Feed, PbxConnection, Transfer
from transfers.services import forwards
from transfers.services.rules import NotNow


@pytest.fixture
def connection(db, pbx, options) -> PbxConnection:
    made = PbxConnection(name="Contact", vendor="voipnow", url=pbx.url, username=USERNAME)
    made.options, made.secrets = options, {"password": PASSWORD}
    made.save()
    Feed.objects.create(connection=made)
    return made


def set_up(user, connection) -> forwards.StandingForward:
    until = timezone.now() + timedelta(hours=1)
    return forwards.set_up(user, connection, "1001", "1003", until)


def test_a_ringing_call_is_transferred_once(connection, pbx, root):
    forward = set_up(root, connection)
    call = pbx.exchange.ring(CALLER, "1001")
    for _ in range(2):
        read(Feed.objects.select_related("connection").get())
    assert pbx.exchange.call(call).callee == "1003"
    row = Transfer.objects.get()
    assert (row.kind, row.user, row.state) == ("forward", root, "accepted")
    forward.refresh_from_db()
    assert forward.used_count == 1


def test_without_the_option_it_is_not_offered(connection, root):
    connection.options = {"organisation": "0003"}
    connection.save()
    assert not forwards.offered(root).exists()
    assert forwards.standing(root).pbxs == ()
    with pytest.raises(NotNow, match="cannot send calls on by itself"):
        set_up(root, connection)


def test_the_option_decides():
    assert VoipNowDriver.stands_in({"forward_ringing": "yes"}) == "transfer"
    assert VoipNowDriver.stands_in({"forward_ringing": "no"}) == ""
    assert VoipNowDriver.stands_in({}) == ""


def test_taken_back_option_ends_the_sending(connection, pbx, root):
    set_up(root, connection)
    connection.options = {"organisation": "0003"}
    connection.save()
    pbx.exchange.ring(CALLER, "1001")
    read(Feed.objects.select_related("connection").get())
    assert not Transfer.objects.exists()
