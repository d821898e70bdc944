"""`/amxml`: no login and no cookie, but HTTP's digest (RFC 7616) with each request.

A client as in the books sends its request, hears 401 with a nonce, and sends the request again. For
a command that is out of the question, so a command never meets a 401 that is to be expected: the
nonce is asked for by a Ping and tried by a second one, and the command goes with its third request.
Nobody else has this nonce, and it is some milliseconds old. Measured on 16.28 and 22.10, and so in
main/manager.c: the PBX checks the digest before it reads the body with the action in it, so what
got a 401 was not done. Even so nothing is sent again. A 401 to a command is a login that is not
valid any more; one that calls the nonce stale means that its count was used before, which nobody
can have done but a copy of our request on its way: that one may have been done, and is unknown.

(The first request with a nonce is not counted: a copy of it would be carried out. Hence two Pings.)

Reads may be asked again. They share a nonce through the driver's memory: each nonce is a session
of the PBX for a minute, with a place in its memory. The count must grow, in all processes, and so
is made of the time.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from urllib.request import parse_http_list, parse_keqv_list

from requests.auth import HTTPDigestAuth

from transfers.drivers.asterisk import wire
from transfers.drivers.asterisk.session import Session, Way
from transfers.drivers.asterisk.wire import Answer, Params
from transfers.errors import AuthFailed, BadReply, OutcomeUnknown
from transfers.http import Reply
from transfers.sentences import say

# Seconds. The PBX calls a nonce stale after 62.
LIFE = 50.0


@dataclass
class Nonce:
    """A challenge of the PBX, and how often it was used."""

    challenge: dict[str, str]
    since: float  # of the clock on the wall, which all processes have
    used: int = 0

    @property
    def fresh(self) -> bool:
        return 0 <= time.time() - self.since < LIFE

    def count(self) -> int:
        self.used = max(self.used + 1, int((time.time() - self.since) * 1_000_000))
        return self.used


def challenge_in(reply: Reply) -> dict[str, str]:
    """What a 401 asks for, by name; empty when it is not the PBX that asks."""
    kind, _, fields = reply.headers.get("www-authenticate", "").partition(" ")
    if reply.status != 401 or kind.lower() != "digest":
        return {}
    try:
        found = parse_keqv_list(parse_http_list(fields))
    except ValueError:
        return {}
    return found if found.get("nonce") and "realm" in found else {}


class _Header(HTTPDigestAuth):
    """The arithmetic of requests, without its habit of sending again."""

    _thread_local: threading.local

    def of(self, nonce: Nonce, url: str) -> str:
        self.init_per_thread_state()
        state = self._thread_local
        state.chal, state.last_nonce = nonce.challenge, nonce.challenge["nonce"]
        state.nonce_count = nonce.count() - 1
        return self.build_digest_header("POST", url) or ""  # type: ignore[no-untyped-call]


class DigestSession(Session):
    page = "amxml"
    _shared: Nonce | None = None
    _own: Nonce | None = None

    def login(self) -> None:
        self._share(self._begin(self._events))

    def _read(self, params: Params, way: Way) -> Answer:
        self._shared = self._shared or self._remembered()
        reply = self._post(way, params, self._shared) if self._shared else None
        if reply and "stale" in (challenge := challenge_in(reply)):
            self._share(Nonce(challenge, time.time()))  # the same session: no event is lost
            reply = self._post(way, params, self._shared)
        if reply is None or challenge_in(reply):
            nonce = self._begin(self._events)  # told to the others once it was used: none is ahead
            reply = self._post(way, params, nonce)
            self._share(nonce)
        return self._understand(reply)

    def _command(self, params: Params) -> Answer:
        if self._own is None or not self._own.fresh:
            self._own = self._begin("off")
        reply = self._post(self._door.command, params, self._own)
        if "stale" in challenge_in(reply):
            raise OutcomeUnknown(say("The PBX says that it has had this command before."))
        return self._done(reply)

    # ----- inside

    def _begin(self, events: str) -> Nonce:
        """A nonce of our own, tried. Raises AuthFailed."""
        self.logins += 1
        ping = wire.action("Ping")
        reply = self._post(self._door.read, ping, None)
        challenge = challenge_in(reply)
        if not challenge:
            self._understand(reply)
            raise BadReply(say("The PBX asks for no digest at this address."))
        nonce = Nonce(challenge, time.time())
        first = ping if events == "off" else wire.action("Events", EventMask=events)
        self._understand(self._post(self._door.read, first, nonce))
        return nonce

    def _share(self, nonce: Nonce) -> None:
        self._shared = nonce
        state = {"challenge": nonce.challenge, "since": nonce.since}
        self._keep(json.dumps(state), LIFE)

    def _remembered(self) -> Nonce | None:
        try:
            state = json.loads(self._kept() or "{}")
            nonce = Nonce(dict(state["challenge"]), float(state["since"]))
        except (ValueError, KeyError, TypeError):
            return None
        return nonce if nonce.fresh and nonce.challenge.get("nonce") else None

    def _post(self, way: Way, params: Params, nonce: Nonce | None) -> Reply:
        headers = {}
        if nonce:
            digest = _Header(self._username, self._secret).of(nonce, self.url)
            headers["Authorization"] = digest
        return way("POST", self.url, form=params, headers=headers)

    def _understand(self, reply: Reply) -> Answer:
        """Raises AuthFailed for a digest that is not accepted, and for an address (HTTP 403)."""
        address = reply.status == 403 and b"Permission denied" in reply.body
        if address or challenge_in(reply):
            text = "Permission denied" if address else "Unauthorized"
            raise AuthFailed(wire.NOT_ACCEPTED, vendor_code=str(reply.status), vendor_text=text)
        return super()._understand(reply)
