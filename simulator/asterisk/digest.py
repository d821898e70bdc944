"""HTTP's digest as `/amxml` asks for it, with its nonces; as main/manager.c has it.

A nonce that nobody has seen makes a session, whoever made it up; the first request with it is not
counted. Afterwards the count must grow, and after `nonce_life` seconds there is a new nonce.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from dataclasses import dataclass
from urllib.request import parse_http_list, parse_keqv_list

from simulator.asterisk.sessions import Session, Sessions
from simulator.web import Reply, Request

REALM = "asterisk"


@dataclass
class _Nonce:
    session: Session
    since: float
    used: int = 0
    now: str = ""  # the nonce that came after it


class Digest:
    def __init__(self, sessions: Sessions, username: str, password: str) -> None:
        self._sessions, self._username = sessions, username
        self._secret = _md5(f"{username}:{REALM}:{password}")
        self._nonces: dict[str, _Nonce] = {}
        self._ids = random.Random(11)

    def of(self, request: Request, now: float, timeout: float, life: float) -> Session | Reply:
        """The session that the request belongs to, or 401."""
        heads = {name.lower(): value for name, value in request.headers.items()}
        kind, _, text = heads.get("authorization", "").partition(" ")
        given = parse_keqv_list(parse_http_list(text)) if kind == "Digest" else {}
        if not self._right(request.method, given):
            return self.asks()
        name = given["nonce"]
        found = self._nonces.get(name)
        if found is None:
            found = self._nonces[name] = _Nonce(self._sessions.of("", now, timeout), now)
        elif found.now:
            return self.asks(self._newest(name), stale=True)
        elif found.used >= (count := int(given["nc"], 16)) or now - found.since > life:
            found.now = self._id()
            self._nonces[found.now] = _Nonce(found.session, now)
            return self.asks(found.now, stale=True)
        else:
            found.used = count
        found.session = self._sessions.of(found.session.id, now, timeout)
        found.session.user, found.session.by_digest = self._username, True
        return found.session

    def asks(self, nonce: str = "", *, stale: bool = False) -> Reply:
        nonce = nonce or self._id()
        asked = f'Digest algorithm=MD5, realm="{REALM}", nonce="{nonce}", qop="auth"'
        asked += f', opaque="{nonce}"' + (", stale=true" if stale else "")
        page = b"<html><head><title>401 Unauthorized</title></head></html>"
        return Reply(page, 401, "text/html", "Asterisk", {"WWW-authenticate": asked})

    def clear(self) -> None:
        """The PBX was started anew."""
        self._nonces.clear()

    # ----- inside

    def _id(self) -> str:
        return f"{self._ids.getrandbits(32):08x}"

    def _newest(self, name: str) -> str:
        while self._nonces[name].now:
            name = self._nonces[name].now
        return name

    def _right(self, method: str, given: dict[str, str]) -> bool:
        words = [given.get(name, "") for name in ("nonce", "nc", "cnonce")]
        asked = _md5(f"{method}:{given.get('uri', '')}")
        wanted = _md5(":".join([self._secret, *words, "auth", asked]))
        right = hmac.compare_digest(wanted, given.get("response", ""))
        return right and given.get("username") == self._username


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
