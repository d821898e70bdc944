"""Which ports a PBX may take."""

from __future__ import annotations

import socket

import pytest

from scripts.asterisk.places import OUTSIDE, PBX, is_free


@pytest.fixture
def line():
    """A port that is listened at, and the two ends of a connection there."""
    with socket.create_server((PBX, 0)) as server:
        caller = socket.create_connection(server.getsockname())
        callee, _ = server.accept()
        with caller, callee:
            yield server, caller, callee


def test_a_port_is_free_once_nobody_listens_there(line):
    """Its old connections are remembered for a minute: who hung up first waits (TIME_WAIT)."""
    server, caller, callee = line
    _, port = server.getsockname()
    assert not is_free(port)
    server.close()
    callee.close()
    assert caller.recv(1) == b""
    caller.close()
    with socket.socket() as strict, pytest.raises(OSError, match="in use"):
        strict.bind((PBX, port))
    assert is_free(port)


@pytest.mark.parametrize("host", [PBX, OUTSIDE])
def test_a_port_that_somebody_has_for_sound_is_taken(host):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sound:
        sound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sound.bind((host, 0))
        assert not is_free(sound.getsockname()[1])
