"""A plain HTTP/1.1 server over real sockets that can be cut off and brought back.

Why not `ThreadingHTTPServer`: a PBX that goes down must refuse connections and come back on the
same port, cut the ones it has, and stop at once whatever its clients do. Only the request parsing
of `http.server` is used; a reply goes out in one piece, its headers in the order given.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

log = logging.getLogger("simulator")

MOST_BODY = 1_000_000


@dataclass(frozen=True)
class Request:
    """One request as it came: `query` and `form` apart, `params` both together."""

    method: str
    target: str  # path and query as they came
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    address: str

    @property
    def params(self) -> dict[str, str]:
        return {**self.query, **self.form}


@dataclass(frozen=True)
class Reply:
    """What goes back. A body that is not bytes is sent piece by piece and ends the connection."""

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    content_type: str = "text/html"
    server: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    claimed_length: int | None = None  # a Content-Length that lies; the connection is cut after it
    cookies: Iterable[str] = ()  # a Set-Cookie line each
    then: Callable[[], object] | None = None  # done when the reply is out, or could not get out

    def head(self) -> bytes:
        reason = HTTPStatus(self.status).phrase
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        length = len(self.body) if isinstance(self.body, bytes) else None
        if self.claimed_length is not None:
            length = self.claimed_length
        if length is not None and self.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {length}")
        if self.content_type:
            lines.append(f"Content-Type: {self.content_type}")
        if self.server:
            lines.append(f"Server: {self.server}")
        lines.append(f"Date: {formatdate(usegmt=True)}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Set-Cookie: {cookie}" for cookie in self.cookies]
        if self.last:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    @property
    def last(self) -> bool:
        """Must the connection end after this reply?"""
        return self.claimed_length is not None or not isinstance(self.body, bytes)


class WebServer(ABC):
    """Listens, reads requests and sends what `respond` makes of them.

    A context manager: entering starts it, leaving stops it with all its threads.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.stopping = Event()
        self._lock = Lock()
        self._connections: dict[socket.socket, Thread] = {}
        self._socket = _bind(host, port)
        self._accepting: Thread | None = None
        self.port: int = self._socket.getsockname()[1]

    @abstractmethod
    def respond(self, request: Request) -> Reply | None:
        """Answer a request; None cuts the connection without a word."""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        try:
            self._socket.listen(128)
        except OSError as error:
            raise _named(error, self.host, self.port) from None
        name = f"{type(self).__name__} {self.port}"
        self._accepting = Thread(target=self._accept, args=(self._socket,), name=name, daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        self.stopping.set()
        for thread in self._go_deaf():
            thread.join(2)

    def refuse(self) -> None:
        """Go down: cut every connection and refuse new ones. The port stays ours."""
        if self._accepting is None:
            return
        self._go_deaf()
        self._socket = _bind(self.host, self.port)  # bound but not listening: refused, not lost

    def listen(self) -> None:
        """Come back on the same port."""
        if self._accepting is None:
            self.start()

    def _go_deaf(self) -> list[Thread]:
        """Stop listening and cut every connection; returns the threads that are to end."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept()
        self._socket.close()
        if self._accepting:
            self._accepting.join(2)
            self._accepting = None
        with self._lock:
            open_now = dict(self._connections)
        for connection in open_now:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return list(open_now.values())

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                return
            thread = Thread(target=self._serve, args=(connection, address), daemon=True)
            with self._lock:
                self._connections[connection] = thread
            thread.start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        try:
            _Handler(connection, address, self)  # type: ignore[arg-type]
        except (ConnectionError, TimeoutError, ValueError):
            pass  # the client went away, or we were stopped
        except Exception:
            log.exception("a connection of %s failed", self.url)
        finally:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
            with self._lock:
                self._connections.pop(connection, None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: WebServer  # type: ignore[assignment]

    def do_GET(self) -> None:
        self._exchange()

    def do_POST(self) -> None:
        self._exchange()

    def do_PUT(self) -> None:
        self._exchange()

    def do_DELETE(self) -> None:
        self._exchange()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _exchange(self) -> None:
        request = self._read()
        if request is None:
            self.close_connection = True
            self._send(Reply(b"unreadable length of the body", 400, "text/plain"))
            return
        reply = self._ask(request)
        if reply is None:
            self.close_connection = True
            return
        try:
            self._send(reply)
        finally:
            if reply.then:
                reply.then()

    def _ask(self, request: Request) -> Reply | None:
        try:
            return self.server.respond(request)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return Reply(b"the simulator itself failed, see its log", 500, "text/plain")

    def _read(self) -> Request | None:
        body = self._body()
        if body is None:
            return None
        parts = urlsplit(self.path)
        is_form = self.headers.get_content_type() == "application/x-www-form-urlencoded"
        return Request(
            method=self.command,
            target=self.path,
            path=parts.path,
            query=_fields(parts.query),
            form=_fields(body.decode("utf-8", "replace")) if is_form else {},
            headers=dict(self.headers.items()),
            body=body,
            address=self.client_address[0],
        )

    def _body(self) -> bytes | None:
        """None when its length cannot be read."""
        if "Transfer-Encoding" in self.headers:
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > MOST_BODY:
            return None
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes | None:
        """A body that comes in pieces, each with its length before it."""
        body = b""
        while re.fullmatch(rb"[0-9a-fA-F]{1,6}", size := self.rfile.readline(100).strip()):
            length = int(size, 16)
            body += self.rfile.read(length)
            if self.rfile.readline(100).strip() or len(body) > MOST_BODY:
                return None
            if length == 0:
                return body
        return None

    def _send(self, reply: Reply) -> None:
        if reply.last:
            self.close_connection = True
        if isinstance(reply.body, bytes):
            self.wfile.write(reply.head() + reply.body)
            return
        self.wfile.write(reply.head())
        for piece in reply.body:
            if self.server.stopping.is_set():
                return
            self.wfile.write(piece)


def _fields(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


def _bind(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise _named(error, host, port) from None
    return bound


def _named(error: OSError, host: str, port: int) -> OSError:
    return OSError(error.errno, f"{error.strerror}: port {port} on {host}")
