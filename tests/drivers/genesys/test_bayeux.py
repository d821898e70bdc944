"""The Bayeux client: every rule with a scripted server; all of it with servers others wrote."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.drivers.contract import RULES
from tests.drivers.genesys.ear import Ear
from tests.drivers.genesys.servers import BayeuxServer
from transfers.drivers.base import Config, NoMemory
from transfers.drivers.genesys import bayeux
from transfers.drivers.genesys.bayeux import Bayeux, Denied, Ended, Gap, Heard, Lost
from transfers.drivers.genesys.driver import GenesysDriver
from transfers.drivers.genesys.wire import NotLoggedIn, TokenRefused
from transfers.errors import AuthFailed, BadReply, Refused, Unreachable
from transfers.http import Door

RETRY = {"reconnect": "retry", "interval": 0, "timeout": 30000}
AGAIN = {"reconnect": "handshake", "interval": 0}


def ok(channel: str, **more: object) -> dict:
    return {"channel": f"/meta/{channel}", "successful": True, **more}


def no(channel: str, error: str, **more: object) -> dict:
    return {"channel": f"/meta/{channel}", "successful": False, "error": error, **more}


def event(number: int) -> dict:
    return {"channel": "/v2/me/calls", "data": {"number": number}}


HANDSHAKE = [ok("handshake", clientId="C", advice=RETRY)]
SUBSCRIBE = [ok("subscribe", subscription=each) for each in ("/v2/me/calls", "/v2/me/devices")]
CONNECT = [ok("connect")]
OPEN = (HANDSHAKE, SUBSCRIBE, CONNECT)
UNKNOWN = [no("connect", "402::Unknown client", advice=AGAIN)]


class Server:
    """Answers in the order given, then it is time to stop. An exception is raised."""

    def __init__(self, *answers: list[dict] | Exception) -> None:
        self.sent: list[list[dict]] = []
        self.seconds: list[float | None] = []
        self.pauses: list[float] = []
        self.logins = 0
        self.login_error: Exception | None = None
        self._answers = list(answers)
        self.client = Bayeux(
            self.send,
            ("/v2/me/calls", "/v2/me/devices"),
            wait=self.wait,
            log_in=self.log_in,
            chance=lambda: 1.0,
        )

    def send(self, messages, seconds):
        self.sent.append(list(messages))
        self.seconds.append(seconds)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def wait(self, seconds: float) -> bool:
        if seconds:
            self.pauses.append(seconds)
        return not self._answers

    def log_in(self) -> None:
        self.logins += 1
        if self.login_error:
            raise self.login_error

    def listen(self) -> list[Heard | Gap]:
        found: list[Heard | Gap] = []
        for each in self.client.listen():
            found += [each] if isinstance(each, Gap) else each
        return found

    @property
    def channels(self) -> list[str]:
        return [messages[0]["channel"].removeprefix("/meta/") for messages in self.sent]


def listen(*answers: list[dict] | Exception) -> tuple[Server, list[Heard | Gap]]:
    server = Server(*answers)
    return server, server.listen()


def numbers(heard: list[Heard | Gap]) -> list[object]:
    return ["gap" if isinstance(each, Gap) else each.data["number"] for each in heard]


class TestOpening:
    def test_what_is_sent(self):
        server, heard = listen(*OPEN, CONNECT)
        (handshake,), subscribes, (first,), (second,) = server.sent
        assert handshake == {
            "id": "1",
            "channel": "/meta/handshake",
            "version": "1.0",
            "minimumVersion": "1.0",
            "supportedConnectionTypes": ["long-polling"],
        }
        assert [each["subscription"] for each in subscribes] == ["/v2/me/calls", "/v2/me/devices"]
        assert {each["clientId"] for each in [*subscribes, first, second]} == {"C"}
        assert (first["connectionType"], first["advice"]) == ("long-polling", {"timeout": 0})
        assert "advice" not in second
        assert heard == [Gap()]

    def test_every_message_has_a_number_of_its_own(self):
        server, _ = listen(*OPEN, CONNECT)
        ids = [message["id"] for messages in server.sent for message in messages]
        assert ids == ["1", "2", "3", "4", "5"]

    @pytest.mark.parametrize("client_id", [None, "", 7, ["C"]])
    def test_a_handshake_without_a_name(self, client_id):
        bad = [ok("handshake", clientId=client_id)]
        with pytest.raises(Denied):
            listen(bad, bad, CONNECT)

    def test_one_that_is_denied_is_tried_with_a_new_login(self):
        denied = [no("handshake", "403::Handshake denied", advice={"reconnect": "none"})]
        server, heard = listen(denied, *OPEN)
        assert (server.logins, heard) == (1, [Gap()])
        server = Server(denied, denied, CONNECT)
        with pytest.raises(Denied) as caught:
            server.listen()
        assert (caught.value.vendor_code, server.logins) == ("403", 1)

    def test_a_channel_that_is_denied(self):
        refused = [no("subscribe", "403::denied", subscription="/v2/me/calls"), SUBSCRIBE[1]]
        with pytest.raises(Ended, match="/v2/me/calls"):
            listen(HANDSHAKE, refused, CONNECT)

    def test_the_other_channel_is_only_welcome(self):
        refused = [SUBSCRIBE[0], no("subscribe", "403::denied", subscription="/v2/me/devices")]
        assert listen(HANDSHAKE, refused, CONNECT)[1] == [Gap()]


class TestEvents:
    @pytest.mark.parametrize("place", [0, 1])
    def test_in_any_position(self, place):
        answer = [event(1), event(2)]
        answer.insert(place * 2, CONNECT[0])
        assert numbers(listen(*OPEN, answer)[1]) == ["gap", 1, 2]

    def test_on_the_reply_to_any_message(self):
        _, heard = listen(HANDSHAKE, [event(1), *SUBSCRIBE], [CONNECT[0], event(2)], CONNECT)
        assert numbers(heard) == [1, 2, "gap"]

    def test_before_what_ends_the_session(self):
        heard = listen(*OPEN, [event(1), *UNKNOWN], *OPEN)[1]
        assert numbers(heard) == ["gap", 1, "gap"]

    @pytest.mark.parametrize(
        "odd",
        [
            {"channel": "/v2/me/calls"},
            {"channel": "/v2/me/calls", "data": "text"},
            {"channel": 7, "data": {}},
            {"data": {}},
            {"channel": "/meta/unheard-of", "data": {}, "ext": {"ack": 7}},
        ],
    )
    def test_what_is_none(self, odd):
        assert listen(*OPEN, [odd, *CONNECT])[1] == [Gap()]


class TestAdvice:
    def test_a_poll_may_take_longer_than_its_hold(self):
        server, _ = listen(*OPEN, CONNECT)
        assert server.seconds == [5.0, 5.0, 45.0, 45.0]

    def test_a_server_that_says_nothing(self):
        server, _ = listen([ok("handshake", clientId="C")], SUBSCRIBE, CONNECT, CONNECT)
        assert server.seconds[-1] == 125.0

    def test_the_last_one_counts(self):
        faster = [ok("connect", advice={"timeout": 1000, "interval": 500})]
        server, _ = listen(*OPEN, faster, CONNECT, CONNECT)
        assert server.seconds[-2:] == [16.0, 16.0]
        assert server.pauses == [0.5, 0.5, 0.5]

    @pytest.mark.parametrize(
        "advice", [7, [], {"timeout": "x", "interval": -1}, {"timeout": True}, {"timeout": 1e12}]
    )
    def test_nonsense(self, advice):
        server, _ = listen(*OPEN, [ok("connect", advice=advice)], CONNECT)
        assert server.seconds[-1] in (45.0, 615.0)
        assert server.pauses == []

    def test_another_listener_in_the_same_jar(self):
        crowded = {"multiple-clients": True, "reconnect": "retry", "interval": 2000}
        server, heard = listen(*OPEN, [ok("connect", advice=crowded)], CONNECT)
        assert (heard, server.pauses) == ([Gap()], [2.0, 2.0])

    def test_none_is_the_end(self):
        with pytest.raises(Ended):
            listen(*OPEN, [ok("connect", advice={"reconnect": "none"})], CONNECT)

    def test_words_that_are_not_known(self):
        assert listen(*OPEN, [ok("connect", advice={"reconnect": "dance"})], CONNECT)[1] == [Gap()]


class TestLost:
    @pytest.mark.parametrize(
        "lost",
        [
            UNKNOWN,
            [no("connect", "402::session_unknown")],
            [no("connect", "401:C:Unknown client", advice={"reconnect": "handshake"})],
            [no("connect", "", advice=AGAIN)],
        ],
    )
    def test_handshake_subscribe_connect_and_a_gap_at_once(self, lost):
        server, heard = listen(*OPEN, lost, *OPEN)
        assert server.channels[4:] == ["handshake", "subscribe", "connect"]
        assert server.sent[-1][0]["advice"] == {"timeout": 0}
        assert numbers(heard) == ["gap", "gap"]
        assert server.pauses == []
        assert "clientId" not in server.sent[4][0]

    def test_on_a_subscription_without_advice(self):
        lost = [no("subscribe", "402::Unknown client", subscription="/v2/me/calls")]
        server, heard = listen(HANDSHAKE, lost, *OPEN)
        assert (server.channels.count("handshake"), heard) == (2, [Gap()])

    def test_again_and_again_it_gets_slower_and_comes_to_an_end(self):
        server = Server(*[HANDSHAKE, SUBSCRIBE, UNKNOWN] * 9)
        with pytest.raises(Lost, match="again and again"):
            server.listen()
        assert server.pauses == [1.0, 2.0, 4.0, 8.0, 16.0]

    def test_between_two_successes_it_is_news(self):
        server, heard = listen(*OPEN, *[UNKNOWN, *OPEN] * 9)
        assert (server.pauses, len(heard)) == ([], 10)


class TestFailures:
    GONE = Unreachable("nobody there")

    @pytest.mark.parametrize(
        "error", [GONE, BadReply("not JSON"), Refused("internal", vendor_code="4")]
    )
    def test_the_session_is_tried_first_and_a_gap_follows(self, error):
        server, heard = listen(*OPEN, error, CONNECT, [event(1), *CONNECT])
        assert server.channels[3:] == ["connect"] * 3
        assert [message.get("advice") for (message,) in server.sent[3:]] == [
            None,
            {"timeout": 0},
            None,
        ]
        assert numbers(heard) == ["gap", "gap", 1]

    def test_at_once_then_slower_and_slower(self):
        server, heard = listen(*OPEN, *[self.GONE] * 6, CONNECT)
        assert server.pauses == [1.0, 2.0, 4.0, 8.0, 16.0]
        assert numbers(heard) == ["gap", "gap"]

    def test_the_pauses_are_shaken(self):
        server = Server(*OPEN, *[self.GONE] * 3, CONNECT)
        server.client._chance = lambda: 0.0
        server.listen()
        assert server.pauses == [0.5, 1.0]

    def test_at_last_the_caller_hears_of_it(self):
        server = Server(*OPEN, *[self.GONE] * 7, CONNECT)
        with pytest.raises(Unreachable):
            server.listen()

    def test_a_success_in_between_counts(self):
        server, _ = listen(*OPEN, *[self.GONE, CONNECT] * 20)
        assert server.pauses == []

    @pytest.mark.parametrize(
        "answer", [[], [event(1)], [no("connect", "500::x", advice=RETRY)], [no("connect", "x")]]
    )
    def test_an_answer_without_a_good_poll_in_it(self, answer):
        server, heard = listen(*OPEN, answer, answer, CONNECT)
        assert server.channels.count("handshake") == 1
        assert numbers(heard)[-1] == "gap"
        assert server.pauses == [1.0]

    def test_no_answer_to_the_handshake(self):
        with pytest.raises(BadReply, match="did not answer to /meta/handshake"):
            listen(*[[event(1)]] * 9)

    def test_when_it_is_time_to_stop_nothing_is_raised(self):
        assert listen(*OPEN, self.GONE)[1] == [Gap()]


class TestLogins:
    @pytest.mark.parametrize("error", [NotLoggedIn("x"), TokenRefused("x")])
    def test_a_login_that_is_over_is_renewed_and_a_new_session_begun(self, error):
        server, heard = listen(*OPEN, error, *OPEN)
        assert server.channels[4:] == ["handshake", "subscribe", "connect"]
        assert (server.logins, numbers(heard)) == (1, ["gap", "gap"])

    @pytest.mark.parametrize("error", [NotLoggedIn("x"), TokenRefused("x")])
    def test_but_not_in_a_loop(self, error):
        server = Server(*OPEN, error, error, CONNECT)
        with pytest.raises(type(error)):
            server.listen()
        assert server.logins == 1

    def test_a_login_that_is_refused(self):
        server = Server(*OPEN, NotLoggedIn("x"), CONNECT)
        server.login_error = AuthFailed("wrong")
        with pytest.raises(AuthFailed, match="wrong"):
            server.listen()

    def test_what_a_login_does_not_mend(self):
        server = Server(*OPEN, AuthFailed("no permission", vendor_code="5"), CONNECT)
        with pytest.raises(AuthFailed):
            server.listen()
        assert server.logins == 0


class TestGoodBye:
    def test_it_is_said_once(self):
        server = Server(*OPEN, CONNECT)
        server.listen()
        server._answers = [[ok("disconnect")]]
        server.client.disconnect()
        server.client.disconnect()
        assert server.channels.count("disconnect") == 1
        assert server.seconds[-1] is None  # it may be said after the time to stop
        assert server.sent[-1][0]["clientId"] == "C"

    def test_nobody_needs_to_hear_it(self):
        server = Server(*OPEN, CONNECT)
        server.listen()
        server._answers = [Unreachable("gone")]
        server.client.disconnect()

    def test_without_a_session_there_is_nothing_to_say(self):
        server = Server()
        server.client.disconnect()
        assert server.sent == []


# ----- servers that others wrote


@pytest.fixture(params=["cometd", "faye"])
def server(request, monkeypatch) -> Iterator[BayeuxServer]:
    monkeypatch.setattr(bayeux, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(bayeux, "LONGEST_PAUSE", 0.2)
    monkeypatch.setattr(bayeux, "MOST_FAILURES", 1000)  # node may need a while to start anew
    with BayeuxServer(request.param) as running:
        yield running


@contextmanager
def listening(server) -> Iterator[Ear]:
    memory = NoMemory()
    config = Config(server.url, "ana", {"password": "pw"})
    with Door(RULES) as one, Door(RULES) as other:
        ear = Ear(*(GenesysDriver(config, door, memory) for door in (one, other)))
        with ear:
            yield ear


@pytest.fixture
def ear(server) -> Iterator[Ear]:
    with listening(server) as ear:
        yield ear


def call(ident: object, state: str = "Ringing") -> dict[str, object]:
    return {"id": str(ident), "state": state, "participants": ["15001"], "capabilities": []}


class TestServers:
    def test_a_call_comes_and_goes(self, server, ear):
        for state in ("Ringing", "Established"):
            server.tell("publish", calls=[call(1, state)])
            ear.until(lambda: ear.told and ear.told[-1] == ("1", state))  # noqa: B023
        server.tell("publish", calls=[call(1, "Released")])
        ear.until(lambda: any(each.gone for each in ear.events))
        assert ear.told == [("1", "Ringing"), ("1", "Established")]
        assert ear.events[-1].gone == ("1",)
        assert ear.states == {}

    def test_idle_polls_come_back_and_lose_nothing(self, ear, server):
        server.kill()
        server._hold = "500"  # faye forgets who is away for longer
        server.start()
        ear.until(lambda: ear.resyncs >= 2)
        for number in range(3):
            ear.stop.wait(0.6)
            server.tell("publish", calls=[call(number)])
        ear.until(lambda: len(ear.states) == 3)
        assert len(ear.told) == 3

    def test_a_thousand_events_none_lost_and_none_doubled(self, server, monkeypatch):
        heard: list[tuple[str, str]] = []
        events = Bayeux.listen

        def noting(client):
            for each in events(client):
                if not isinstance(each, Gap):
                    told = [message.data["call"] for message in each]
                    heard.extend((call["id"], call["state"]) for call in told)
                yield each

        monkeypatch.setattr(Bayeux, "listen", noting)
        wanted = [(str(n % 250), str(n)) for n in range(1000)]
        with listening(server) as ear:
            for start in range(0, 1000, 50):
                server.tell("publish", calls=[call(*each) for each in wanted[start : start + 50]])
            ear.until(lambda: len(heard) >= 1000 and ear.states == dict(wanted))
        assert heard == wanted

    def test_a_thousand_events_over_a_line_that_breaks(self, server, ear):
        """Whatever is lost with a poll, a picture read anew shows."""
        states = itertools.cycle(["Ringing", "Established", "Held", "Released", "Ringing"])
        expected: dict[str, str] = {}
        for start in range(0, 1000, 50):
            told = [call(number % 170, next(states)) for number in range(start, start + 50)]
            server.tell("publish", calls=told, lost=start % 200 == 100)
            expected |= {each["id"]: each["state"] for each in told}
        server.tell("publish", calls=[call("last")])
        expected |= {"last": "Ringing"}
        living = {ident: state for ident, state in expected.items() if state != "Released"}
        ear.until(lambda: ear.states == living)
        assert ear.states == living

    def test_an_event_that_nobody_heard(self, server, ear):
        server.tell("publish", calls=[call(1)])
        ear.until(lambda: ear.states == {"1": "Ringing"})
        server.tell("change", calls=[call(1, "Held"), call(2)])
        server.tell("drop")
        ear.until(lambda: ear.states == {"1": "Held", "2": "Ringing"})

    def test_a_session_that_expired(self, server, ear):
        before = ear.resyncs
        server.tell("expire")
        server.tell("change", calls=[call(1)])
        ear.until(lambda: ear.resyncs > before and ear.states == {"1": "Ringing"})
        server.tell("publish", calls=[call(2)])
        ear.until(lambda: ear.told == [("2", "Ringing")])

    def test_a_server_that_starts_anew(self, server, ear):
        server.tell("publish", calls=[call(1)])
        ear.until(lambda: ear.states == {"1": "Ringing"})
        server.kill()
        server.start()
        ear.until(lambda: ear.states == {})
        server.tell("publish", calls=[call(2, "Held")])
        ear.until(lambda: ear.states == {"2": "Held"})


@pytest.mark.parametrize("kind", ["cometd", "faye"])
def test_it_says_good_bye_at_once(kind):
    with BayeuxServer(kind, hold=60) as server, listening(server) as ear:
        ear.stop.set()
        ear._thread.join(30)
        assert not ear._thread.is_alive()
        assert server.tell("listeners") == 0


def test_the_token_goes_with_every_poll():
    with BayeuxServer("cometd") as server, listening(server):
        assert set(server.tell("seen")) == {"token-1"}


def test_without_npm_the_words_are_clear(monkeypatch, tmp_path):
    monkeypatch.setattr("tests.node.CACHE", tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="need node and npm"):
        BayeuxServer("cometd")
    assert list(tmp_path.iterdir()) == []
