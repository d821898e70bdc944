"""The Genesys face: the Web Services API 8.5 and its CometD notifications."""

from simulator.genesys.face import GenesysFace, build
from simulator.genesys.legs import call_uuids
from simulator.genesys.switches import Switches

__all__ = ["GenesysFace", "Switches", "build", "call_uuids"]
