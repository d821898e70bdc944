"""How what was seen reaches the services, which the board must not import."""

from __future__ import annotations

from django.dispatch import Signal

picture_taken = Signal()  # sender: Picture class; picture: Picture. Only for good pictures.
ticked = Signal()  # sender: None; about once a second in the process that polls
