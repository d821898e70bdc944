"""`/amxml`: HTTP's digest with each request. A command meets no 401, and is never sent again."""

from __future__ import annotations

import re

import pytest

from tests.drivers.asterisk.test_contract import COMMANDS
from tests.drivers.contract import OUTSIDE, PASSWORD, USERNAME, CallState, bring, checks, seen
from transfers.drivers.asterisk import digest
from transfers.drivers.base import NoMemory
from transfers.errors import AuthFailed, BadReply, OutcomeUnknown


@pytest.fixture
def driver(build):
    return build(login="digest")


@pytest.fixture
def talking(driver, pbx):
    return seen(driver, bring(pbx.exchange, CallState.TALKING))


def said(pbx) -> list[str]:
    """What was asked, "?" before what went without a digest."""
    return [
        ("" if "Authorization" in each.headers else "?") + each.command for each in pbx.requests
    ]


def counts(pbx) -> list[int]:
    """How often the nonce was used, as each request says."""
    found = (re.search("nc=([0-9a-f]{8})", str(each.headers)) for each in pbx.requests)
    return [int(each[1], 16) for each in found if each]


def use_up(pbx) -> None:
    """All nonces are stale now, as after a minute."""
    for nonce in pbx.face.digest._nonces.values():
        nonce.used = 2**32


def live(pbx) -> list[str]:
    return [each.id for each in pbx.exchange.calls() if each.live]


def test_the_nonce_is_asked_for_by_a_ping_and_shared(build, pbx):
    for _ in range(3):
        build(login="digest").list_calls()
    assert said(pbx) == ["?Ping", "Ping", "Status", "Status", "Status"]
    assert len({re.search('nonce="(.+?)"', str(each.headers))[1] for each in pbx.requests[1:]}) == 1
    assert counts(pbx) == sorted(set(counts(pbx)))


def test_a_command_has_a_nonce_of_its_own_and_never_meets_a_401(driver, pbx, talking):
    pbx.requests.clear()
    driver.hangup(talking)
    assert said(pbx) == ["?Ping", "Ping", "Hangup"]
    assert len(set(counts(pbx))) == 2
    assert not live(pbx)


def test_the_commands_of_one_action_share_it(driver, pbx, talking):
    driver.hold(talking)
    (held,) = driver.list_calls()
    pbx.requests.clear()
    driver.retrieve(held)
    assert said(pbx) == ["Getvar", "Setvar", "Bridge"]


def test_the_secret_never_travels(driver, pbx):
    driver.list_calls()
    assert all(PASSWORD not in f"{each.headers} {each.body!r}" for each in pbx.requests)
    assert f'username="{USERNAME}"' in pbx.requests[-1].headers["Authorization"]


def test_a_read_goes_on_after_a_restart_of_the_pbx(build, driver, pbx):
    driver.list_calls()
    pbx.face.restart()
    assert driver.list_calls() == build(login="digest").list_calls() == []


def test_an_old_nonce_is_exchanged_for_all(build, driver, pbx):
    driver.list_calls()
    use_up(pbx)
    pbx.requests.clear()
    assert driver.list_calls() == build(login="digest").list_calls() == []
    assert said(pbx) == ["Status", "Status", "Status"]


def test_a_pbx_that_takes_no_nonce_ends_it(driver, pbx):
    driver.list_calls()
    pbx.switches.nonce_life = -1.0
    with pytest.raises(AuthFailed):
        driver.list_calls()


def test_a_stale_nonce_keeps_the_session_and_so_its_events(driver, pbx):
    session = driver.session_for(NoMemory(), "call")
    session.ask("Ping")
    pbx.exchange.ring(OUTSIDE, "1001")
    use_up(pbx)
    pbx.requests.clear()
    told = session.poll(2, "WaitEvent", Timeout="1").events
    assert said(pbx) == ["WaitEvent", "WaitEvent"]
    assert any(event["event"] == "Newchannel" for event in told)
    assert session.logins == 1


def test_a_wrong_secret(build, pbx):
    with pytest.raises(AuthFailed, match="does not accept the manager login"):
        build(login="digest", password="wrong").list_calls()
    assert said(pbx) == ["?Ping", "Ping"]


def test_a_secret_that_is_changed_between_two_commands(driver, pbx, talking):
    """The digest is looked at before the command is: it was not done, and is not sent again."""
    driver.hold(talking)
    (held,) = driver.list_calls()
    pbx.face.digest._secret = "changed"
    pbx.requests.clear()
    with pytest.raises(AuthFailed) as caught:
        driver.hangup(held)
    assert said(pbx) == ["Hangup"]
    assert caught.value.sent
    assert live(pbx) == [talking.id]


def test_a_command_that_the_pbx_had_before_is_unknown(driver, pbx, talking):
    """Something on the way sent it twice; the answer is the second one's."""
    driver.hold(talking)
    (held,) = driver.list_calls()
    use_up(pbx)
    pbx.requests.clear()
    with pytest.raises(OutcomeUnknown, match="had this command before"):
        driver.hangup(held)
    assert said(pbx) == ["Hangup"]


def test_a_copy_of_a_command_is_not_carried_out(driver, pbx, talking):
    """Why the nonce is tried by a read first."""
    driver.hold(talking)
    copy = next(each for each in pbx.requests if each.command in COMMANDS)
    assert pbx.face.answer(copy).status == 401


def test_a_nonce_that_is_old_is_not_used_for_a_command(driver, pbx, talking, monkeypatch):
    driver.hold(talking)
    (held,) = driver.list_calls()
    monkeypatch.setattr(digest, "LIFE", 0.0)
    pbx.requests.clear()
    driver.hangup(held)
    assert said(pbx) == ["?Ping", "Ping", "Hangup"]


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", "1", '{"challenge": 1}', '{"challenge": {}, "since": 1}']
)
def test_what_was_kept_may_be_anything(driver, pbx, kept):
    driver.session._keep(kept, 60)
    assert driver.list_calls() == []


def test_another_login_of_the_memory_is_not_used(build, pbx):
    build(login="digest").list_calls()
    build().list_calls()
    build(login="digest").list_calls()
    assert said(pbx).count("?Ping") == 2


def test_the_connection_test(build, pbx):
    found = checks(build(login="digest").probe())
    assert found["Login"] == (True, f"Accepted as {USERNAME}.")
    found = checks(build(login="digest", password="wrong").probe())
    assert found["Login"][0] is False


def test_an_address_that_is_not_permitted(driver, pbx):
    pbx.faults.add("forbidden_address")
    with pytest.raises(AuthFailed, match="our address"):
        driver.list_calls()


def test_a_page_that_asks_for_no_digest(driver, pbx, monkeypatch):
    session = pbx.face.sessions.of("", 0, 60)
    session.user = USERNAME
    monkeypatch.setattr(pbx.face.digest, "of", lambda *_: session)
    with pytest.raises(BadReply, match="asks for no digest"):
        driver.list_calls()
