"""One agent's login: Basic, the cookies of the HTTP session and the CSRF token that goes with it.

The first request with the login opens the session; the cookies of all its replies are kept, a
load balancer's too. The pair X-CSRF-HEADER, X-CSRF-TOKEN comes with every GET where the protection
is on, and is sent with every request that changes something (CSRFProtection).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy

from transfers.drivers import words
from transfers.drivers.base import Memory
from transfers.drivers.genesys import wire
from transfers.drivers.genesys.wire import Answer, Json, NotLoggedIn, TokenRefused
from transfers.errors import BadReply, OutcomeUnknown
from transfers.http import Door, Reply

NAME = "session"  # in the driver's memory
KEPT = 8 * 3600.0  # seconds; the server ends it when it likes, and says so
MAIN = "JSESSIONID"
BROWSER = "BAYEUX_BROWSER"  # belongs to one listener, not to the login: it is never shared


class Session:
    """Requests of one agent. Two processes share what the memory keeps.

    A refused login forgets the session and is tried once more with a fresh one: a read always; a
    command only when the refusal certainly came before it could be carried out, which are a
    missing CSRF token (a filter in front of the API refuses the request) and statusCode 20
    (nobody is logged in; "if an error is returned, nothing was changed"). Never twice.
    """

    def __init__(self, door: Door, memory: Memory, base: str, username: str, password: str) -> None:
        self.base = base
        self.started = False  # whether we have started the agent's contact-center session
        self._door = door
        self._memory = memory
        self._basic = wire.basic(username, password) if username else ""
        self._secrets = (password, self._basic.removeprefix("Basic ")) if password else ()
        self._csrf: tuple[str, str] | None = None
        self._owner = hashlib.sha256("\0".join((base, username, password)).encode()).hexdigest()
        self._kept = ""
        self._loaded = False
        door.jar.set_policy(DefaultCookiePolicy())

    def __repr__(self) -> str:
        return "<Session>"

    # ----- requests

    def ask(self, path: str, **params: str) -> Answer:
        """GET. Raises Unreachable, BadReply, Refused, AuthFailed."""
        had = self.open
        try:
            return self._get(path, params)
        except NotLoggedIn:
            if not had:
                raise
        self.forget()
        return self._get(path, params)

    def tell(self, path: str, order: Json) -> Answer:
        """POST of what may be done twice without harm. Raises what `ask` raises."""
        self.enter()
        try:
            return self._understand(self._send_read(path, order))
        except (NotLoggedIn, TokenRefused):
            self.login()
        return self._understand(self._send_read(path, order))

    def command(self, path: str, order: Json) -> Answer:
        """POST, carried out at most once. Raises Unreachable, OutcomeUnknown, Refused."""
        self.enter()
        try:
            return self._command(path, order)
        except TokenRefused:
            pass
        except NotLoggedIn as error:
            if error.vendor_code != str(
                wire.NOT_LOGGED_IN
            ):  # somebody in between said so, and who knows when
                raise
        self.login()
        return self._command(path, order)

    def bare(self, path: str) -> Answer:
        """GET without a login. Raises what `ask` raises."""
        return wire.read_answer(self._door.read("GET", self.base + path))

    def enter(self) -> None:
        """Log in unless there is a session: only a GET gives the CSRF token."""
        if not self.open:
            self.login()

    def login(self) -> None:
        """A new HTTP session, whatever there was."""
        self.forget()
        self._get("/me", {})

    def forget(self) -> None:
        self._door.jar.clear()
        self._csrf, self._kept, self.started, self._loaded = None, "", False, True
        self._memory.forget(NAME)

    @property
    def open(self) -> bool:
        """Whether there is a session, as far as we know."""
        self._load()
        return any(cookie.name != BROWSER for cookie in self._door.jar) or self._csrf is not None

    def headers(self, *, changes: bool) -> dict[str, str]:
        found = {"Authorization": self._basic} if self._basic else {}
        if changes and self._csrf:
            found[self._csrf[0]] = self._csrf[1]
        return found | {"Accept": "application/json"}

    def learn(self, reply: Reply) -> None:
        """Take the token of a reply; its cookies are in the jar already."""
        name = reply.headers.get("x-csrf-header", "").strip()
        token = reply.headers.get("x-csrf-token", "").strip()
        if re.fullmatch(r"[\w-]{1,60}", name) and re.fullmatch(r"[\x21-\x7e]{1,200}", token):
            self._csrf = (name, token)

    def keep(self) -> None:
        """Write it to the memory, if what matters has changed."""
        cookies = [cookie for cookie in self._door.jar if cookie.name != BROWSER]
        if not cookies or (now := self._essence(cookies)) == self._kept:
            return
        self._kept = now
        state = {
            "owner": self._owner,
            "csrf": self._csrf,
            "started": self.started,
            "cookies": [
                [each.name, each.value, each.domain, each.path, each.secure] for each in cookies
            ],
        }
        self._memory.put(NAME, json.dumps(state), KEPT)

    # ----- inside

    def _essence(self, cookies: Iterable[Cookie]) -> str:
        """Some load balancers give a new value with every reply; the old one stays good."""
        names = [(each.name, each.value if each.name == MAIN else "") for each in cookies]
        return json.dumps([sorted(names), self._csrf, self.started])

    def _get(self, path: str, params: dict[str, str]) -> Answer:
        self._load()
        headers = self.headers(changes=False)
        reply = self._door.read("GET", self.base + path, params=params, headers=headers)
        return self._understand(reply)

    def _send_read(self, path: str, order: Json) -> Reply:
        headers = self.headers(changes=True)
        return self._door.read("POST", self.base + path, json=order, headers=headers)

    def _command(self, path: str, order: Json) -> Answer:
        headers = self.headers(changes=True)
        reply = self._door.command("POST", self.base + path, json=order, headers=headers)
        try:
            return self._understand(reply)
        except BadReply as error:
            why = error.safe_text
        raise OutcomeUnknown(words.sent_but(why))

    def _understand(self, reply: Reply) -> Answer:
        self.learn(reply)
        answer = wire.read_answer(reply, self._secrets)
        if answer.code != wire.NOT_LOGGED_IN:
            self.keep()
        answer.must_be_ok()
        return answer

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        try:
            state = json.loads(self._memory.get(NAME) or "{}")
            if state.get("owner") != self._owner:
                return
            for row in state["cookies"]:
                _put(self._door.jar, *row)
            self._csrf = tuple(state["csrf"]) if state["csrf"] else None
            self.started = state["started"] is True
            self._kept = self._essence(self._door.jar)
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # of another version; a login is all it costs


def _put(jar: CookieJar, name: str, value: str, domain: str, path: str, secure: bool) -> None:
    jar.set_cookie(
        Cookie(
            version=0,
            name=name,
            value=value,
            port=None,
            port_specified=False,
            domain=domain,
            domain_specified=domain.startswith("."),
            domain_initial_dot=domain.startswith("."),
            path=path,
            path_specified=True,
            secure=secure,
            expires=None,
            discard=True,
            comment=None,
            comment_url=None,
            rest={},
        )
    )
