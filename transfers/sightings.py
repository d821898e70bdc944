"""What was seen of a call after it was moved: one row for each change, written once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from transfers.append_only import AppendOnly, Kept


class Sighting(Kept):
    """A change of a moved call, as the board's pictures showed it."""

    class State(models.TextChoices):
        RINGING = "ringing"
        DIALING = "dialing"
        TALKING = "talking"
        HELD = "held"
        PARKED = "parked"
        GONE = "gone"  # no picture has it any more
        MOVED = "moved"  # likewise, and a later command says why

    OVER = (State.GONE, State.MOVED)
    FROZEN: ClassVar = ("id", "transfer", "turn", "at", "state", "caller", "callee")
    FORGETS: ClassVar = ()

    transfer = models.ForeignKey("transfers.Transfer", models.DO_NOTHING, related_name="sightings")
    turn = models.PositiveSmallIntegerField()  # counts from 0: two processes write no turn twice
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State)
    caller = models.CharField(max_length=100, blank=True)
    callee = models.CharField(max_length=100, blank=True)

    objects = AppendOnly.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["transfer", "turn"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "turn"], name="one_sighting_per_turn")
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.state} {self.caller} {self.callee}"
