"""The door out, over real sockets."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
from dataclasses import replace
from http.cookiejar import DefaultCookiePolicy
from time import monotonic

import pytest

from tests.http.servers import Authority, Server, answer, drip, raw, silence
from transfers import sockets
from transfers.errors import BadReply, DriverError, OutcomeUnknown, Unreachable
from transfers.http import Door, DoorRules

RULES = DoorRules(read_seconds=10, command_seconds=10, connect_seconds=5, max_bytes=100_000)
SHORT = replace(RULES, read_seconds=0.25, command_seconds=0.25)
SECRET = "pbx-s3cret-word"
FORM = {"command": "Hangup", "Password": SECRET}


CLOSED = socket.socket()  # bound and not listening: it refuses, and nobody else can take it
CLOSED.bind(("127.0.0.1", 0))


def closed_port() -> int:
    return CLOSED.getsockname()[1]


def chain(error: BaseException | None) -> str:
    """Everything an error shows: its text, repr and args, and those of what it was raised from."""
    shown = ""
    while error is not None:
        shown += f"{error} {error!r} {error.args!r} {vars(error)!r}"
        error = error.__cause__ or error.__context__
    return shown


class TestReplies:
    def test_reply_has_status_type_headers_and_body(self):
        script = answer(b"<x/>", "Content-Type: Application/XML; charset=utf-8", "X-One: 1")
        with Server(script) as pbx:
            reply = Door(RULES).read("GET", pbx.url)
        assert (reply.status, reply.content_type, reply.body) == (200, "application/xml", b"<x/>")
        assert reply.headers["x-one"] == "1"

    def test_missing_content_type_is_empty(self):
        with Server(answer()) as pbx:
            assert Door(RULES).read("GET", pbx.url).content_type == ""

    @pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "500 Oops"])
    def test_other_statuses_are_the_drivers_to_judge(self, status):
        with Server(answer(b"page", status=status)) as pbx:
            assert Door(RULES).command("POST", pbx.url).status == int(status[:3])

    def test_params_go_into_the_query_and_forms_into_the_body(self):
        with Server(answer()) as pbx, Door(RULES) as door:
            door.read("GET", pbx.url, params={"name": "Kovács & Co"})
            door.read("POST", pbx.url, form={"name": "Kovács & Co"})
        assert b"GET /?name=Kov%C3%A1cs+%26+Co HTTP/1.1" in pbx.requests[0]
        assert pbx.requests[1].endswith(b"\r\n\r\nname=Kov%C3%A1cs+%26+Co")
        assert pbx.requests[1].startswith(b"POST / HTTP/1.1")

    def test_json_goes_into_the_body_and_headers_along(self):
        with Server(answer()) as pbx, Door(RULES) as door:
            door.read(
                "POST", pbx.url, json={"name": "Kovács"}, headers={"Authorization": "Bearer x"}
            )
            door.command("PUT", pbx.url, json=[1], headers={"Authorization": "Bearer x"})
        for request, start, end in zip(
            pbx.requests, (b"POST", b"PUT"), (b'{"name": "Kov\\u00e1cs"}', b"[1]"), strict=True
        ):
            assert request.startswith(start)
            assert request.endswith(b"\r\n\r\n" + end)
            assert b"Content-Type: application/json\r\n" in request
            assert b"Authorization: Bearer x\r\n" in request

    def test_a_compressed_body_is_decoded(self):
        with Server(answer(gzip.compress(b"hello"), "Content-Encoding: gzip")) as pbx:
            assert Door(RULES).read("GET", pbx.url).body == b"hello"

    def test_a_body_without_a_length_is_read_to_its_end(self):
        with Server(raw(b"HTTP/1.0 200 OK\r\n\r\nhello")) as pbx:
            assert Door(RULES).read("GET", pbx.url).body == b"hello"


class TestConnections:
    def test_reads_share_a_connection(self):
        with Server(answer()) as pbx, Door(RULES) as door:
            for _ in range(3):
                door.read("GET", pbx.url)
        assert (pbx.connections, len(pbx.requests)) == (1, 3)

    def test_a_command_has_a_fresh_connection_of_its_own(self):
        with Server(answer()) as pbx, Door(RULES) as door:
            door.read("GET", pbx.url)
            door.command("POST", pbx.url, form=FORM)
            door.command("POST", pbx.url, form=FORM)
        assert (pbx.connections, len(pbx.requests)) == (3, 3)

    def test_a_kept_connection_has_a_deadline_too(self):
        with Server(answer()) as pbx, Door(RULES) as door:
            door.read("GET", pbx.url)
            door.rules = SHORT
            pbx.script = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
            with pytest.raises(Unreachable, match=r"did not answer within 0\.25 s"):
                door.read("GET", pbx.url)
        assert pbx.connections == 1

    def test_cookies_are_not_kept(self):
        with Server(answer(b"ok", "Set-Cookie: a=b")) as pbx, Door(RULES) as door:
            door.read("GET", pbx.url)
            door.read("GET", pbx.url)
        assert b"cookie" not in pbx.requests[1].lower()

    def test_proxies_and_netrc_of_the_environment_are_ignored(self, monkeypatch, tmp_path):
        netrc = tmp_path / "netrc"
        netrc.write_text(f"machine 127.0.0.1 login a password {SECRET}")
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
        monkeypatch.setenv("no_proxy", "")
        with Server(answer()) as pbx:
            assert Door(RULES).read("GET", pbx.url).status == 200
        assert b"uthorization" not in pbx.requests[0]


class TestBeforeTheConnectionStands:
    """Nothing was sent: a command is as unreachable as a read."""

    @pytest.fixture(params=["read", "command"])
    def ask(self, request):
        return lambda rules, url: getattr(Door(rules), request.param)("POST", url, form=FORM)

    def test_refused_connection(self, ask):
        with pytest.raises(Unreachable, match="refused the connection at port"):
            ask(RULES, f"http://127.0.0.1:{closed_port()}/")

    def test_unknown_name(self, ask):
        with pytest.raises(Unreachable, match=r"name nowhere\.invalid was not found"):
            ask(RULES, "http://nowhere.invalid/")

    def test_a_name_server_that_is_silent(self, ask, monkeypatch):
        hold = threading.Event()
        honest = socket.getaddrinfo

        def slow(host, *args, **kwargs):
            if not kwargs.get("flags"):
                hold.wait(5)
            return honest(host, *args, **kwargs)

        monkeypatch.setattr(sockets.socket, "getaddrinfo", slow)
        with pytest.raises(Unreachable, match="Looking up the name localhost timed out"):
            ask(replace(RULES, connect_seconds=0.1), "http://localhost:1/")
        hold.set()

    def test_a_connect_that_times_out(self, ask):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            port = listener.getsockname()[1]
            fill = [socket.socket() for _ in range(4)]
            for sock in fill:  # the queue is full, so the kernel drops what comes next
                sock.setblocking(False)
                sock.connect_ex(("127.0.0.1", port))
            with pytest.raises(Unreachable, match=r"timed out after 0\.1 s"):
                ask(replace(RULES, connect_seconds=0.1), f"http://127.0.0.1:{port}/")
            for sock in fill:
                sock.close()

    @pytest.mark.parametrize(
        "url",
        ["", "pbx", "ftp://pbx/", "http://", "http://[::1", "http://pbx:99999/", "http://a b/"],
    )
    def test_what_is_not_an_address(self, ask, url):
        with pytest.raises(Unreachable):
            ask(RULES, url)

    def test_userinfo_is_refused(self, ask):
        with pytest.raises(Unreachable, match="must not hold a user name") as caught:
            ask(RULES, f"http://admin:{SECRET}@127.0.0.1/")
        assert SECRET not in chain(caught.value)


class TestAddressRules:
    def refuses(self, address: str, **rules) -> bool:
        return not DoorRules(**rules).allows(address)

    @pytest.mark.parametrize(
        "address", ["169.254.7.7", "::ffff:169.254.7.7", "64:ff9b::a9fe:707", "2002:a9fe:707::1"]
    )
    def test_denied_networks_count_in_every_dress(self, address):
        assert self.refuses(address, denied_networks=("169.254.0.0/16",))

    def test_scoped_addresses_are_understood(self):
        assert self.refuses("fe80::1%eth0", denied_networks=("fe80::/10",))

    @pytest.mark.parametrize(
        "address",
        ["10.0.0.1", "127.0.0.1", "::1", "0.0.0.0", "fc00::1", "224.0.0.1", "::ffff:192.168.1.1"],  # noqa: S104
    )
    def test_private_addresses_are_the_installations_choice(self, address):
        assert self.refuses(address, allow_private=False)
        assert not self.refuses(address)

    def test_public_addresses_are_always_fine(self):
        assert not self.refuses("93.184.216.34", allow_private=False)

    @pytest.mark.parametrize(
        "rules", [{"denied_networks": ("127.0.0.0/8",)}, {"allow_private": False}]
    )
    def test_nothing_is_sent_to_a_denied_address(self, rules):
        with Server(answer()) as pbx:
            with pytest.raises(Unreachable, match=r"may not be at the address 127\.0\.0\.1"):
                Door(replace(RULES, **rules)).command("POST", pbx.url, form=FORM)
            assert (pbx.connections, pbx.requests) == (0, [])

    def test_the_address_that_answers_is_checked_too(self):
        """0.0.0.0 is not in 127.0.0.0/8, but it is 127.0.0.1 that answers."""
        rules = replace(RULES, denied_networks=("127.0.0.0/8",))
        with Server(answer()) as pbx:
            with pytest.raises(Unreachable, match=r"may not be at the address 127\.0\.0\.1"):
                Door(rules).command("POST", f"http://0.0.0.0:{pbx.port}/", form=FORM)
            assert pbx.requests == []

    def test_a_name_is_looked_up_once(self, monkeypatch):
        """What was checked is what is used: a second lookup could answer something else."""
        asked = []
        honest = socket.getaddrinfo

        def counted(host, *args, **kwargs):
            if not kwargs.get("flags"):
                asked.append(host)
                host = "127.0.0.1"
            return honest(host, *args, **kwargs)

        monkeypatch.setattr(sockets.socket, "getaddrinfo", counted)
        with Server(answer()) as pbx:
            Door(RULES).read("GET", f"http://pbx.test:{pbx.port}/")
        assert asked == ["pbx.test"]


BROKEN = [
    pytest.param(raw(b""), "closed the connection", id="closed"),
    pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), "closed", id="short"),
    pytest.param(
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nha"), "closed", id="chunk"
    ),
    pytest.param(silence, "did not answer within 0[.]25 s", id="silent"),
    pytest.param(drip(b"HTTP/1.1 200 OK\r\nX: "), "did not answer within", id="drips-headers"),
    pytest.param(drip(b"HTTP/1.1 200 OK\r\n\r\n"), "did not answer within", id="drips-body"),
    pytest.param(
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n"),
        "did not answer within",
        id="drips-chunk",
    ),
]


def rules_for(words: str) -> DoorRules:
    """A deadline that comes soon only where it is what ends the request."""
    return SHORT if "did not answer" in words else RULES


TOO_BIG = gzip.compress(bytes(50_000_000))
UNREADABLE = [
    pytest.param(raw(b"220 mail.example ESMTP\r\n"), "not HTTP", id="not-http"),
    pytest.param(answer(b"x" * 100_001), "longer than 100,000 bytes", id="huge"),
    pytest.param(answer(TOO_BIG, "Content-Encoding: gzip"), "longer than", id="gzip-bomb"),
    pytest.param(answer(b"no gzip", "Content-Encoding: gzip"), "not HTTP", id="bad-gzip"),
    pytest.param(
        answer(b"", "Location: http://127.0.0.1:1/", status="302 Found"),
        "redirects are not followed: enter the final address",
        id="redirect",
    ),
]


class TestAfterTheConnectionStands:
    @pytest.mark.parametrize(("script", "words"), BROKEN)
    def test_a_read_without_an_answer_is_unreachable(self, script, words):
        with Server(script) as pbx:
            with pytest.raises(Unreachable, match=words):
                Door(rules_for(words)).read("GET", pbx.url)
            assert len(pbx.requests) == 1

    @pytest.mark.parametrize(("script", "words"), UNREADABLE)
    def test_a_read_with_an_unusable_answer_is_a_bad_reply(self, script, words):
        with Server(script) as pbx:
            with pytest.raises(BadReply, match=words):
                Door(RULES).read("GET", pbx.url)
            assert len(pbx.requests) == 1

    @pytest.mark.parametrize(("script", "words"), BROKEN)
    def test_the_outcome_of_a_command_is_unknown_and_it_is_sent_once(self, script, words):
        self.unknown_and_sent_once(script, words, rules_for(words))

    @pytest.mark.parametrize(("script", "words"), UNREADABLE)
    def test_so_it_is_with_an_unusable_answer(self, script, words):
        self.unknown_and_sent_once(script, words, RULES)

    def unknown_and_sent_once(self, script, words, rules):
        with Server(script) as pbx:
            with pytest.raises(OutcomeUnknown, match=words) as caught:
                Door(rules).command("POST", pbx.url, form=FORM)
            assert len(pbx.requests) == 1
        assert caught.value.sent

    def test_the_deadline_is_of_the_wall_clock(self):
        with Server(drip(b"HTTP/1.1 200 OK\r\n\r\n")) as pbx:
            began = monotonic()
            with pytest.raises(Unreachable):
                Door(SHORT).read("GET", pbx.url)
            assert monotonic() - began < 10

    def test_the_timer_may_come_later_than_the_timeout_of_the_socket(self, monkeypatch):
        """On a machine that stood still for a moment."""
        monkeypatch.setattr(sockets.Watch, "_expire", lambda _: None)

        def half(sock, server):
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            silence(sock, server)

        with Server(half) as pbx:
            with pytest.raises(Unreachable, match=r"did not answer within 0\.25 s"):
                Door(SHORT).read("GET", pbx.url)
            with pytest.raises(OutcomeUnknown, match=r"did not answer within 0\.25 s"):
                Door(SHORT).command("GET", pbx.url)

    def test_no_timer_is_left_running(self):
        with Server(answer()) as pbx, Door(RULES) as door:
            door.command("POST", pbx.url)
            door.read("POST", pbx.url)
            timers = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
        assert all(timer.finished.is_set() for timer in timers)

    def test_no_socket_is_left_open(self):
        with Server(answer()) as pbx:
            with Door(RULES) as door:
                door.read("POST", pbx.url)
                door.command("POST", pbx.url)
            began = monotonic()
            while pbx.open and monotonic() - began < 30:
                pbx.stopped.wait(0.01)
            assert pbx.open == 0


@pytest.fixture(scope="module")
def authority():
    return Authority()


class TestTls:
    def test_own_authority_is_trusted(self, authority, tmp_path):
        with Server(answer(), authority.server(tmp_path)) as pbx:
            door = Door(replace(RULES, ca_pem=authority.pem))
            assert door.read("GET", pbx.url).body == b"ok"
            assert door.command("POST", pbx.url, form=FORM).body == b"ok"

    def test_the_pbxs_own_certificate_will_do(self, authority, tmp_path):
        with Server(answer(), authority.server(tmp_path)) as pbx:
            door = Door(replace(RULES, ca_pem=authority.server_pem))
            assert door.read("GET", pbx.url).body == b"ok"

    @pytest.mark.parametrize(
        ("server", "words"),
        [
            ({"address": "127.0.0.9"}, "is for another address"),
            ({"days": -1}, "has expired"),
        ],
    )
    def test_trust_is_not_enough(self, authority, tmp_path, server, words):
        with Server(answer(), authority.server(tmp_path, **server)) as pbx:
            with pytest.raises(Unreachable, match=words):
                Door(replace(RULES, ca_pem=authority.pem)).command("POST", pbx.url, form=FORM)
            assert pbx.requests == []

    @pytest.mark.parametrize("own", [False, True])
    def test_a_strangers_certificate_is_not_trusted(self, authority, tmp_path, own):
        pem = Authority().pem if own else ""
        with Server(answer(), authority.server(tmp_path)) as pbx:
            with pytest.raises(Unreachable, match="not trusted: add the CA certificate"):
                Door(replace(RULES, ca_pem=pem)).command("POST", pbx.url, form=FORM)
            assert pbx.requests == []

    def test_an_unreadable_authority(self):
        with pytest.raises(Unreachable, match="CA certificate of this connection cannot be read"):
            Door(replace(RULES, ca_pem="no certificate")).read("GET", "https://127.0.0.1:1/")

    def test_tls_at_a_plain_port(self):
        def plain(listener):
            sock, _ = listener.accept()
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=plain, args=(listener,), daemon=True).start()
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
            with pytest.raises(Unreachable, match="does not speak TLS at this port"):
                Door(RULES).command("POST", url, form=FORM)

    def test_a_handshake_that_hangs_has_the_deadline(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
            with pytest.raises(Unreachable, match="TLS handshake timed out"):
                Door(replace(SHORT, connect_seconds=0.2)).command("POST", url, form=FORM)

    def test_the_deadline_of_a_dripping_answer(self, authority, tmp_path):
        script = drip(b"HTTP/1.1 200 OK\r\n\r\n")
        with Server(script, authority.server(tmp_path)) as pbx:
            rules = replace(RULES, ca_pem=authority.pem, read_seconds=1, command_seconds=1)
            with pytest.raises(Unreachable, match="did not answer within 1 s"):
                Door(rules).read("GET", pbx.url)
            with pytest.raises(OutcomeUnknown, match="did not answer within 1 s"):
                Door(rules).command("POST", pbx.url)


class TestSecrets:
    def failures(self):
        yield "http://nowhere.invalid/", None
        yield f"http://127.0.0.1:{closed_port()}/", None
        yield f"https://127.0.0.1:{closed_port()}/", None
        for case in BROKEN + UNREADABLE:
            yield None, case.values[0]

    @pytest.mark.parametrize("way", ["read", "command"])
    def test_no_error_holds_a_secret(self, way, caplog):
        caplog.set_level(logging.DEBUG)
        for url, script in self.failures():
            with Server(script or answer()) as pbx, pytest.raises(DriverError) as caught:
                getattr(Door(replace(SHORT, read_seconds=0.1, command_seconds=0.1)), way)(
                    "POST", url or pbx.url, params=FORM, form=FORM
                )
            assert SECRET not in chain(caught.value)
            assert "Password" not in chain(caught.value)
        assert SECRET not in caplog.text

    def test_the_log_of_a_good_request_neither(self, caplog):
        caplog.set_level(logging.DEBUG)
        with Server(answer(b"ok", "no colon in this header")) as pbx:
            Door(RULES).read("GET", pbx.url, params=FORM)
        assert SECRET not in caplog.text

    def test_the_repr_of_a_door(self):
        assert repr(Door(RULES)) == "<Door>"


def test_rules_come_from_the_settings(settings):
    settings.PBX_READ_SECONDS, settings.PBX_COMMAND_SECONDS = 1.5, 2.5
    settings.PBX_MAX_BYTES, settings.PBX_ALLOW_PRIVATE = 7, False
    settings.PBX_DENIED_NETWORKS = ["10.0.0.0/8"]
    rules = DoorRules.from_settings(" PEM ")
    assert rules == DoorRules(1.5, 2.5, 3.0, 7, "PEM", ("10.0.0.0/8",), allow_private=False)
    assert Door().rules == replace(rules, ca_pem="")


class TestAction:
    """The requests of one action share a deadline, so that somebody can say when it is over."""

    def test_the_last_request_gets_what_is_left_and_no_other_is_sent(self):
        rules = replace(RULES, command_seconds=1)
        errors: list[DriverError] = []
        with Server(silence) as pbx, Door(rules) as door, door.action():
            while not errors or isinstance(errors[-1], OutcomeUnknown):
                with pytest.raises(DriverError) as caught:
                    door.command("POST", pbx.url)
                errors.append(caught.value)
            sent = len(pbx.requests)
            with pytest.raises(Unreachable, match="not sent any more"):
                door.command("POST", pbx.url)
            assert len(pbx.requests) == sent >= 3

    @pytest.mark.parametrize("way", ["read", "command"])
    def test_too_late_is_not_sent(self, way):
        with Server(answer()) as pbx:
            door = Door(replace(RULES, command_seconds=0))
            with door.action(), pytest.raises(Unreachable, match="not sent any more"):
                getattr(door, way)("GET", pbx.url)
            assert getattr(Door(RULES), way)("GET", pbx.url).status == 200
            assert len(pbx.requests) == 1

    def test_a_poll_is_no_way_round_it(self):
        door = Door(replace(RULES, command_seconds=0.1))
        with Server(silence) as pbx, door.action(), pytest.raises(Unreachable):
            door.poll("GET", pbx.url, seconds=60)

    def test_it_is_over_with_the_action(self):
        with Server(answer()) as pbx:
            door = Door(replace(RULES, command_seconds=0))
            with door.action():
                pass
            assert door.read("GET", pbx.url).status == 200


class TestCookies:
    """A driver that opens the jar has the cookies of one login in reads, commands and polls."""

    def test_an_open_jar_keeps_them_for_every_kind_of_request(self):
        with Server(answer(b"ok", "Set-Cookie: a=b; Path=/")) as pbx, Door(RULES) as door:
            door.jar.set_policy(DefaultCookiePolicy())
            door.read("GET", pbx.url)
            door.command("POST", pbx.url)
            door.poll("POST", pbx.url, seconds=1)
        assert b"cookie" not in pbx.requests[0].lower()
        assert all(b"Cookie: a=b\r\n" in request for request in pbx.requests[1:])

    def test_what_a_command_is_given_counts_too(self):
        with Server(answer(b"ok", "Set-Cookie: a=b; Path=/")) as pbx, Door(RULES) as door:
            door.jar.set_policy(DefaultCookiePolicy())
            door.command("POST", pbx.url)
            assert [(cookie.name, cookie.value) for cookie in door.jar] == [("a", "b")]


class TestPolls:
    """Reads that the PBX holds: a deadline of their own, and an end from outside."""

    def test_the_deadline_is_its_own(self):
        with Server(silence) as pbx, Door(replace(RULES, read_seconds=9)) as door:
            with pytest.raises(Unreachable, match=r"did not answer within 0\.1 s"):
                door.poll("POST", pbx.url, seconds=0.1)
            door.rules = SHORT
            pbx.script = slowly(0.4)
            assert door.poll("POST", pbx.url, seconds=3).body == b"ok"

    def test_an_unreadable_answer_is_a_bad_reply(self):
        with Server(raw(b"SSH-2.0\r\n")) as pbx, pytest.raises(BadReply):
            Door(RULES).poll("POST", pbx.url, seconds=1)

    def test_hanging_up_ends_it_at_once(self):
        with Server(silence) as pbx, Door(RULES) as door:
            began = monotonic()
            threading.Timer(0.1, door.hang_up).start()
            with pytest.raises(Unreachable):
                door.poll("POST", pbx.url, seconds=30)
            with pytest.raises(Unreachable):
                door.poll("POST", pbx.url, seconds=30)
            assert monotonic() - began < 20

    def test_after_it_reads_and_commands_go_on(self):
        with Server(answer()) as pbx, Door(RULES) as door:
            door.hang_up()
            assert door.read("GET", pbx.url).status == 200
            assert door.command("POST", pbx.url).status == 200


def slowly(seconds):
    def play(sock, server):
        server.stopped.wait(seconds)
        answer()(sock, server)

    return play
