"""Under the door: open a socket to an allowed address in time, and watch over its deadline.

Standard library only. Everything here is about a request nothing of which was sent yet, but
`Watch`, which also cuts off an answer that takes too long.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from math import inf
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from transfers.errors import Unreachable
from transfers.sentences import say

AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]


class Watch:
    """A deadline of the wall clock, headers and body included.

    Timeouts of a socket start anew with every byte, so a server that drips could hold a thread
    for ever. At the deadline the watch shuts the connection down under whoever reads from it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.expired = False
        self._ends = monotonic() + seconds
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._cut = False

    @property
    def too_late(self) -> str:
        seconds = round(self.seconds, 2)
        return say("The PBX did not answer within {seconds} s.", seconds=seconds)

    def left(self) -> float:
        return max(0.001, self._ends - monotonic())

    def over(self, sock: socket.socket) -> None:
        """Watch over a connected socket. Keeps a handle of its own: TLS detaches the first one."""
        with self._lock:
            self._handle = socket.fromfd(sock.fileno(), sock.family, sock.type)
        self._timer = threading.Timer(0 if self._cut else self.left(), self._expire)
        self._timer.daemon = True
        self._timer.start()

    def cut(self) -> None:
        """The deadline is now."""
        self._cut = True
        self._expire()

    def finish(self) -> None:
        if self._timer:
            self._timer.cancel()
        with self._lock:
            if self._handle:
                self._handle.close()
                self._handle = None

    def _expire(self) -> None:
        with self._lock:
            if self._handle:
                self.expired = True
                with suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)


class Deadline:
    """The end that the requests of one action share; none but `within` it."""

    def __init__(self) -> None:
        self._ends = inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        self._ends = monotonic() + seconds
        try:
            yield
        finally:
            self._ends = inf

    def watch(self, seconds: float) -> Watch:
        """For one request, which may take so long itself. Raises Unreachable: too late for it."""
        left = self._ends - monotonic()
        if left <= 0:
            raise Unreachable(say("The PBX took too long before; this was not sent any more."))
        return Watch(min(seconds, left))


def open_socket(
    host: str, port: int, *, seconds: float, allows: Callable[[str], bool]
) -> socket.socket:
    """A connected socket to an allowed address of `host`, within `seconds`; or Unreachable.

    The rule is asked before a connection is made, and again for the address that answered, which
    is another one for 0.0.0.0 and the like. Names are resolved once, here: what was checked is
    what is used.
    """
    ends = monotonic() + seconds
    addresses = resolve(host, port, seconds)
    problem = OSError()
    for tried, (family, kind, proto, _, address) in enumerate(addresses):
        if not allows(address[0]):
            raise _not_allowed(address[0])
        sock = socket.socket(family, kind, proto)
        try:
            sock.settimeout(max(0.001, (ends - monotonic()) / (len(addresses) - tried)))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
            peer = sock.getpeername()[0]
        except OSError as error:
            sock.close()
            problem = error
            continue
        if allows(peer):
            return sock
        sock.close()
        raise _not_allowed(peer)
    raise Unreachable(_connect_words(problem, host, port, seconds))


def resolve(host: str, port: int, seconds: float) -> list[AddressInfo]:
    """The addresses of a host. The resolver has no deadline, so it is asked in another thread."""
    with suppress(OSError, UnicodeError):
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    answers: list[list[AddressInfo]] = []

    def ask() -> None:
        try:
            answers.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answers.append([])

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers:
        raise Unreachable(say("Looking up the name {host} timed out.", host=host))
    if not answers[0]:
        raise Unreachable(say("The name {host} was not found.", host=host))
    return answers[0]


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps: libraries hide the cause in args, reason or context."""
    for _ in range(10):
        yield error
        inner = [*error.args, getattr(error, "reason", None), error.__context__]
        nexts = [item for item in inner if isinstance(item, BaseException)]
        if not nexts:
            return
        error = nexts[0]


def check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Unreachable(say("The address must start with http:// or https:// and name a host."))
    if "@" in parts.netloc:
        raise Unreachable(say("The address must not hold a user name or a password."))


NOT_TRUSTED = say(
    "The PBX's TLS certificate is not trusted: add the CA certificate to this connection."
)
CERTIFICATES = {  # by OpenSSL's X509_V_ERR_…
    10: say("The PBX's TLS certificate has expired: renew it on the PBX."),
    62: say(
        "The PBX's TLS certificate is for another name: enter the address that the certificate "
        "names."
    ),
    64: say(
        "The PBX's TLS certificate is for another address: enter the name that the certificate "
        "names."
    ),
}


def tls_words(error: Exception, watch: Watch) -> str:
    if watch.expired or isinstance(error, TimeoutError):
        return say("The TLS handshake timed out: does the PBX speak TLS at this port?")
    if isinstance(error, ssl.SSLCertVerificationError):
        return CERTIFICATES.get(error.verify_code, NOT_TRUSTED)
    if isinstance(error, ssl.SSLError) and error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        return say("The PBX does not speak TLS at this port: check the port, or use http://.")
    return say("No TLS connection could be made to the PBX.")


@lru_cache(maxsize=32)  # loading the system's authorities takes 20 ms
def tls_context(ca_pem: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ca_pem or None)
    if ca_pem:  # the PBX's own certificate will do too, whoever signed it
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _not_allowed(address: str) -> Unreachable:
    return Unreachable(
        say(
            "A PBX may not be at the address {address} (rule of this installation).",
            address=address,
        )
    )


def _connect_words(problem: OSError, host: str, port: int, seconds: float) -> str:
    if isinstance(problem, ConnectionRefusedError):
        return say(
            "{host} refused the connection at port {port}: nothing listens there.",
            host=host,
            port=port,
        )
    if isinstance(problem, TimeoutError):
        return say(
            "Connecting to {host} port {port} timed out after {seconds} s.",
            host=host,
            port=port,
            seconds=float(f"{seconds:.1g}"),
        )
    if not problem.strerror:
        return say("No connection to {host} port {port}: network error.", host=host, port=port)
    return say(
        "No connection to {host} port {port}: {words}.",
        host=host,
        port=port,
        words=problem.strerror,
    )
