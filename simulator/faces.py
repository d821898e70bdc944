"""The faces a PBX can have, by the names the command line uses."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict

from simulator.asterisk import build as asterisk
from simulator.asterisk import uniqueids
from simulator.calls import hex_ids
from simulator.exchange import Exchange
from simulator.face import Face
from simulator.genesys import build as genesys
from simulator.genesys import call_uuids
from simulator.ozeki import OzekiFace, Switches
from simulator.voipnow import VoipNowFace

Builder = Callable[..., Face]  # exchange, username, password


def _ozeki_gen1(exchange: Exchange, username: str, password: str) -> Face:
    return OzekiFace(exchange, 1, Switches(**asdict(exchange.rules)), username, password)


def _ozeki_gen2(exchange: Exchange, username: str, password: str) -> Face:
    if not username:
        raise ValueError("ozeki-gen2 always asks for a login: give it username and password")
    return OzekiFace(exchange, 2, Switches(**asdict(exchange.rules)), username, password)


def _voipnow(exchange: Exchange, username: str, password: str) -> Face:
    if not username:
        raise ValueError("voipnow always asks for a login: give it username and password")
    return VoipNowFace(exchange, username, password)


FACES: dict[str, Builder] = {
    "ozeki-gen1": _ozeki_gen1,
    "ozeki-gen2": _ozeki_gen2,
    "voipnow": _voipnow,
    "genesys": genesys,
    "asterisk": asterisk,
}

OF_AGENTS = frozenset({"genesys"})  # everybody logs in and sees her own calls only
CALL_IDS: dict[str, Callable[[random.Random], Callable[[], str]]] = {
    "genesys": call_uuids,
    "voipnow": hex_ids,
    "asterisk": uniqueids,
}
