"""The one door out to a PBX: deadlines, byte cap, TLS, address rules; no redirects, no proxies.

One attempt per request, never a retry. What fails before the connection stands (TLS included)
is `Unreachable`: nothing was sent. What fails later is `Unreachable` or `BadReply` for a read and
`OutcomeUnknown` for a command. No text of an error holds a query, a form or a credential.
"""

from __future__ import annotations

import http.client
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, TypedDict, Unpack

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests.exceptions import ContentDecodingError
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

from transfers.errors import BadReply, DriverError, OutcomeUnknown, Unreachable
from transfers.sentences import joined, say
from transfers.sockets import (
    Deadline,
    Watch,
    causes,
    check_address,
    open_socket,
    tls_context,
    tls_words,
)

# Its lines hold whole URLs, and a GET-only PBX has the password in them.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

CHUNK = 64 * 1024
NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with any HTTP status but a redirect; what it means, the driver judges."""

    status: int
    content_type: str  # lower case, without parameters; "" when the header is missing
    headers: Mapping[str, str]  # names in lower case
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DoorRules:
    """Limits of every request. The seconds are of the wall clock and for the whole request."""

    read_seconds: float = 5.0
    command_seconds: float = 5.0
    connect_seconds: float = 3.0  # of the above, at most this long until the connection stands
    max_bytes: int = 8 * 1024 * 1024  # of the decoded body
    ca_pem: str = ""  # trusted instead of the system's authorities
    denied_networks: tuple[str, ...] = ()
    allow_private: bool = True

    @classmethod
    def from_settings(cls, ca_pem: str = "") -> DoorRules:
        """The installation's PBX_* settings, and a connection's own CA certificate (PEM)."""
        return cls(
            read_seconds=settings.PBX_READ_SECONDS,
            command_seconds=settings.PBX_COMMAND_SECONDS,
            connect_seconds=getattr(settings, "PBX_CONNECT_SECONDS", 3.0),
            max_bytes=settings.PBX_MAX_BYTES,
            ca_pem=ca_pem.strip(),
            denied_networks=tuple(settings.PBX_DENIED_NETWORKS),
            allow_private=settings.PBX_ALLOW_PRIVATE,
        )

    @property
    def action_seconds(self) -> float:
        """Of all the requests of one action together, where the vendor needs several."""
        return 3 * self.command_seconds

    def allows(self, address: str) -> bool:
        """Whether a PBX may be at this IP address; a v4 address inside a v6 one counts too."""
        seen = ip_address(address.partition("%")[0])
        faces = [seen]
        if isinstance(seen, IPv6Address):
            inner = [seen.ipv4_mapped, seen.sixtofour]
            if seen in NAT64:
                inner.append(ip_address(seen.packed[-4:]))  # type: ignore[arg-type]
            faces += [face for face in inner if face is not None]
        if any(face in ip_network(net) for face in faces for net in self.denied_networks):
            return False
        return self.allow_private or all(f.is_global and not f.is_multicast for f in faces)


class Parts(TypedDict, total=False):
    """What a request carries beside its address. `form` or `json` is its body."""

    params: Mapping[str, str] | None
    form: Mapping[str, str] | None
    json: Any
    headers: Mapping[str, str] | None


class Door:
    """The way to one PBX. `close()` it, or use it in a `with`, when it is to be kept a while."""

    def __init__(self, rules: DoorRules | None = None) -> None:
        self.rules = rules or DoorRules.from_settings()
        self.jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # takes none until told
        self._session = _session(self.rules, self.jar)
        self._deadline = Deadline()
        self._poll: Watch | None = None
        self._hung_up = False

    def __repr__(self) -> str:
        return "<Door>"

    def __enter__(self) -> Door:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    @contextmanager
    def action(self) -> Iterator[None]:
        """All requests until the end of the `with` are one action, and share one deadline."""
        with self, self._deadline.within(self.rules.action_seconds):
            yield

    def read(self, method: str, url: str, **parts: Unpack[Parts]) -> Reply:
        """A request that changes nothing. Raises Unreachable, BadReply."""
        return self._read(self._deadline.watch(self.rules.read_seconds), method, url, parts)

    def poll(self, method: str, url: str, *, seconds: float, **parts: Unpack[Parts]) -> Reply:
        """A read that the PBX may hold for long, with a deadline of its own.

        `hang_up` in another thread ends it. Raises Unreachable, BadReply.
        """
        self._poll = self._deadline.watch(seconds)
        if self._hung_up:
            self._poll.cut()
        return self._read(self._poll, method, url, parts)

    def hang_up(self) -> None:
        """End the poll that is under way, and later ones as soon as they begin."""
        self._hung_up = True
        if self._poll is not None:
            self._poll.cut()

    def command(self, method: str, url: str, **parts: Unpack[Parts]) -> Reply:
        """A request that may change something. Raises Unreachable (not sent), OutcomeUnknown.

        It gets a connection of its own: on a reused one that turns out to be dead, nobody could
        say whether it was sent.
        """
        watch = self._deadline.watch(self.rules.command_seconds)
        try:
            with _session(self.rules, self.jar) as session:
                session.headers["Connection"] = "close"
                return self._pass(session, watch, method, url, parts)
        except _Broken as broken:
            unknown = say("It is not known whether the command was done.")
            failure = OutcomeUnknown(joined(broken.why, unknown))
        raise failure

    def _read(self, watch: Watch, method: str, url: str, parts: Parts) -> Reply:
        try:
            return self._pass(self._session, watch, method, url, parts)
        except _Broken as broken:
            failure = (BadReply if broken.answered else Unreachable)(broken.why)
        raise failure

    def _pass(
        self, session: requests.Session, watch: Watch, method: str, url: str, parts: Parts
    ) -> Reply:
        """Send once. Every failure leaves here with nothing of the request hanging on to it."""
        check_address(url)
        sent: dict[str, Any] = {"method": method, "url": url, **parts}
        sent["data"] = sent.pop("form", None)
        attempt = Attempt(self.rules, watch)
        token = _attempt.set(attempt)
        failure: Exception
        try:
            return _exchange(session, attempt, sent)
        except (DriverError, _Broken) as error:
            failure = error.with_traceback(None)
        except (requests.RequestException, HTTPError, http.client.HTTPException) as error:
            failure = attempt.words(error)
        except (OSError, ValueError) as error:
            failure = attempt.words(error)
        finally:
            _attempt.reset(token)
            attempt.watch.finish()
        raise failure


class _Broken(Exception):
    """The connection stood, and no usable answer came. `answered`: something did come."""

    def __init__(self, why: str, *, answered: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.answered = answered


@dataclass(slots=True)
class Attempt:
    """One request on its way, and whether its connection stands yet."""

    rules: DoorRules
    watch: Watch
    stands: bool = False

    def words(self, error: Exception) -> Exception:
        """Our error for what a library raised; never with the library's text, which has URLs."""
        if not self.stands:
            return Unreachable(say("The address of the PBX cannot be used."))
        # In the middle of an answer requests tells a timeout as a ConnectionError around it.
        late = (requests.Timeout, TimeoutError, ReadTimeoutError)
        if self.watch.expired or any(isinstance(cause, late) for cause in causes(error)):
            return _Broken(self.watch.too_late)
        for cause in causes(error):
            if isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead):
                break
            if isinstance(cause, http.client.HTTPException | ContentDecodingError):
                why = say("The answer is not HTTP: check address and port.")
                return _Broken(why, answered=True)
        return _Broken(say("The PBX closed the connection before its answer was complete."))


_attempt: ContextVar[Attempt] = ContextVar("attempt")


def _exchange(session: requests.Session, attempt: Attempt, sent: dict[str, Any]) -> Reply:
    limits = attempt.rules
    timeout = (limits.connect_seconds, attempt.watch.seconds)
    with session.request(**sent, allow_redirects=False, stream=True, timeout=timeout) as response:
        if 300 <= response.status_code < 400:
            raise _Broken(
                say(
                    "The PBX answered with a redirect; redirects are not followed: enter the "
                    "final address."
                ),
                answered=True,
            )
        body = bytearray()
        for chunk in response.iter_content(CHUNK):
            body += chunk
            if len(body) > limits.max_bytes:
                longest = f"{limits.max_bytes:,}"
                why = say("The answer is longer than {count} bytes.", count=longest)
                raise _Broken(why, answered=True)
    if attempt.watch.expired:  # an answer without a length looks complete when it is cut off
        raise _Broken(attempt.watch.too_late)
    headers = {name.lower(): value for name, value in response.headers.items()}
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Reply(response.status_code, content_type, headers, bytes(body))


class _Plain(HTTPConnection):
    """A connection that tells the attempt it works for how far it got."""

    def _new_conn(self) -> Any:
        attempt = _attempt.get()
        sock = open_socket(
            self._dns_host,
            self.port or self.default_port,
            seconds=min(attempt.rules.connect_seconds, attempt.watch.left()),
            allows=attempt.rules.allows,
        )
        attempt.watch.over(sock)
        sock.settimeout(attempt.watch.left())
        return sock

    def connect(self) -> None:
        attempt = _attempt.get()
        try:
            super().connect()
        except (OSError, HTTPError, ValueError) as error:
            words = tls_words(error, attempt.watch)
        else:
            attempt.stands = True
            return
        raise Unreachable(words)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None and not _attempt.get().stands:  # kept alive from an earlier read
            _attempt.get().stands = True
            _attempt.get().watch.over(self.sock)
        super().request(*args, **kwargs)


class _Tls(_Plain, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class _Adapter(HTTPAdapter):
    def __init__(self, rules: DoorRules) -> None:
        self._rules = rules
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        pools = {"http": _PlainPool, "https": _TlsPool}
        self.poolmanager.pool_classes_by_scheme = pools

    def cert_verify(self, *args: Any) -> None:
        """Nothing: the context verifies; requests would add its own bundle of authorities."""

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            try:
                pool["ssl_context"] = tls_context(self._rules.ca_pem)
            except (ssl.SSLError, ValueError):
                unusable = Unreachable(say("The CA certificate of this connection cannot be read."))
            else:
                return host, pool
            raise unusable
        return host, pool


def _session(rules: DoorRules, jar: CookieJar) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxies, no .netrc, no CA bundle from the environment
    session.cookies = jar  # type: ignore[assignment]
    session.headers.update({"User-Agent": "pbxadmin", "Accept-Encoding": "gzip, deflate"})
    adapter = _Adapter(rules)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
