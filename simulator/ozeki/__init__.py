"""The Ozeki face: the HTTP API of Ozeki Phone System, both generations."""

from simulator.ozeki.face import OzekiFace
from simulator.ozeki.switches import Switches

__all__ = ["OzekiFace", "Switches"]
