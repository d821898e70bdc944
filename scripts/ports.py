"""Which ports are free, asked before anything is started."""

from __future__ import annotations

import contextlib
import http.client
import socket


def is_free(host: str, port: int) -> bool:
    """Could a server listen there? Raises OSError when the address is not one of ours."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno in (98, 48, 10048, 13):  # in use (Linux, macOS, Windows); not allowed
                return False
            raise
    return True


def pick(preferred: int) -> int:
    """The preferred port of loopback, or any free one when something else has it."""
    if is_free("127.0.0.1", preferred):
        return preferred
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def answers_ok(host: str, port: int, path: str) -> bool:
    """Does a web server answer this page with 200?"""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
