"""Servers for the door's tests: each connection gets one request read and one script played."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Script = Callable[[socket.socket, "Server"], None]


def answer(body: bytes = b"ok", *headers: str, status: str = "200 OK") -> Script:
    """A whole answer with a length; the connection stays open for another request."""

    def play(sock: socket.socket, server: Server) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        sock.sendall("\r\n".join(lines).encode() + body)

    return play


def raw(data: bytes) -> Script:
    """These bytes, then the end of the connection."""

    def play(sock: socket.socket, server: Server) -> None:
        sock.sendall(data)
        server.hang_up(sock)

    return play


def drip(start: bytes, seconds: float = 0.05) -> Script:
    """`start`, then one byte now and then, without end."""

    def play(sock: socket.socket, server: Server) -> None:
        sock.sendall(start)
        while not server.stopped.wait(seconds):
            sock.sendall(b"x")

    return play


def silence(sock: socket.socket, server: Server) -> None:
    server.stopped.wait(5)


class Server:
    """Plays `script` for every request on a free port. `requests` holds what came, as bytes."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self.connections = 0
        self.open = 0  # of those, how many the other side has not closed
        self.stopped = threading.Event()
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._socks: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/"

    def __enter__(self) -> Server:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._socks:
            self.hang_up(sock)

    def hang_up(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._socks.append(sock)
                self.connections += 1
                self.open += 1
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._socks.append(sock)
            while request := self._read(sock):
                self.requests.append(request)
                self.script(sock, self)
            self.open -= 1

    def _read(self, sock: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := sock.recv(65536)):
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(body) < length:
            body += sock.recv(65536)
        return head + b"\r\n\r\n" + body


class Authority:
    """A certificate authority made on the spot. `pem` is its certificate, `server_pem` the last
    one that it signed."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self._certificate = self._sign(self._name, self._key, ca=True, days=1)
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, tmp_path, *, address: str = "127.0.0.1", days: int = 1) -> ssl.SSLContext:
        """The context of a server with a certificate for `address`, expired if days < 0."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pbx")])
        certificate = self._sign(name, key, ca=False, days=days, address=address)
        path = tmp_path / "server.pem"
        self.server_pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        path.write_bytes(
            self.server_pem.encode()
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(self, name, key, *, ca, days, address=None) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=10))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if address:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())
