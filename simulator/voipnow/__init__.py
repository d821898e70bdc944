"""The VoipNow face: 4PSA's UnifiedAPI and the OAuth endpoint before it."""

from simulator.voipnow.face import VoipNowFace
from simulator.voipnow.switches import Switches

__all__ = ["Switches", "VoipNowFace"]
