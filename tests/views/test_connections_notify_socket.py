"""Call events registered, removed and left behind through the pages, at a PBX on a real socket."""

from __future__ import annotations

import re

import pytest

from simulator.exchange import Exchange
from simulator.server import SimulatorServer
from tests.conftest import PBX_PASSWORD
from tests.views.ladder import text
from transfers.models import AuditEvent, PbxConnection
from transfers.sentences import say
from transfers.services import connections
from transfers.standing import NotifyAddress

TYPES = 5  # dial-in, dial-out, hang-up, answered in and out


@pytest.fixture
def pbx():
    exchange = Exchange()
    for number in ("1001", "1002"):
        exchange.add(number, answers_after=None)
    with SimulatorServer(exchange, "voipnow", username="console", password=PBX_PASSWORD) as server:
        yield server


@pytest.fixture
def office(pbx, root) -> PbxConnection:
    draft = connections.Draft(
        name="Branch",
        vendor="voipnow",
        url=pbx.url,
        username="console",
        password=PBX_PASSWORD,
        options={"organisation": "0003"},
    )
    return connections.add(root, draft)


@pytest.fixture
def page(as_user, root, office):
    """page("register/"): press that button of the connection's page, and see it again."""
    client = as_user(root)

    def press(button: str, at: str = "notify/") -> str:
        return text(client.post(f"/connections/{office.pk}/{at}{button}", follow=True))

    return press


def hooks(pbx) -> list[str]:
    return [hook.url for hook in pbx.face.hooks.all()]


def test_registered_and_removed(pbx, page):
    shown = re.search(r"http://testserver/notify/[\w-]+/", page("new/"))
    assert shown
    assert "Branch sends its notifications here now." in page("register/")
    assert set(hooks(pbx)) == {shown[0]}
    assert len(hooks(pbx)) == 2 * TYPES
    assert "sends no notifications here any more" in page("remove/")
    assert hooks(pbx) == []


def test_a_new_address_takes_the_old_one_back(pbx, page):
    page("new/")
    page("register/")
    assert "answers nothing any more" not in page("new/")
    assert hooks(pbx) == []


def test_what_the_pbx_refuses_is_said_and_noted(pbx, page):
    page("new/")
    pbx.refuse()
    assert "Not registered: " in page("register/")
    assert not NotifyAddress.objects.get().registered_at
    assert AuditEvent.objects.filter(verb="connection.not_registered").exists()


def test_deleting_removes_them_first(pbx, page, office):
    page("new/")
    page("register/")
    said = page("delete/", at="")
    assert "Branch is deleted." in said
    assert "still sends" not in said
    assert hooks(pbx) == []
    assert not PbxConnection.objects.exists()


def test_deleting_says_what_stays_behind(pbx, page, office):
    page("new/")
    page("register/")
    token = hooks(pbx)[0].rstrip("/").rpartition("/")[2]
    pbx.refuse()
    said = page("delete/", at="")
    assert "Branch is deleted." in said
    assert f"still sends notifications to http://testserver/notify/…{token[-6:]}/" in said
    assert token not in said
    assert not PbxConnection.objects.exists()
    event = AuditEvent.objects.get(verb="connection.deleted")
    assert "refused the connection" in event.data["left"]
    assert token not in str(event.data)


def test_before_deleting_the_page_says_so(pbx, page, office, as_user, root):
    client = as_user(root)
    url = f"/connections/{office.pk}/delete/"
    assert "told to stop" not in text(client.get(url))
    page("new/")
    page("register/")
    assert "it is told to stop them" in text(client.get(url))


def test_nothing_is_removed_while_a_transfer_is_running(pbx, page, office, monkeypatch):
    page("new/")
    page("register/")

    def busy(connection: PbxConnection) -> None:
        raise connections.NotDone(say("A transfer is running."))

    monkeypatch.setattr(connections, "_must_rest", busy)
    assert "A transfer is running." in page("delete/", at="")
    assert len(hooks(pbx)) == 2 * TYPES
    assert PbxConnection.objects.exists()
