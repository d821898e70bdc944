"""Bodies that come in pieces, as node's client sends them."""

from __future__ import annotations

import pytest

from tests.simulator.test_server import converse

HEAD = b"POST /?command=ListActiveCalls HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_body_in_pieces_is_put_together(gen1):
    reply = converse(gen1, HEAD + b"3\r\nabc\r\n0A;x\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 400 ")  # chunk extensions are not read
    reply = converse(gen1, HEAD + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 200 ")
    assert gen1.requests[-1].body == b"abcde"


@pytest.mark.parametrize(
    "body", [b"", b"x\r\n", b"-1\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"fffffff\r\n", b"2\r\nab\r\n"]
)
def test_pieces_of_no_readable_length(gen1, body):
    assert converse(gen1, HEAD + body).startswith(b"HTTP/1.1 400 ")


def test_pieces_of_too_much(gen1):
    piece = b"80000\r\n" + b"x" * 0x80000 + b"\r\n"
    assert converse(gen1, HEAD + piece * 2).startswith(b"HTTP/1.1 400 ")
