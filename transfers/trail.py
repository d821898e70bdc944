"""The trail of what people did, one event for each thing."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from transfers.append_only import AppendOnly, Kept
from transfers.fields import SentenceField
from transfers.sentences import say

SYSTEM, NOBODY = "system", "nobody"  # as names of actors
# Translators: who did something, in the place of a person's name.
_NAMES = {SYSTEM: say("system"), NOBODY: say("nobody")}


def actor(name: str) -> str:
    """Who did something; where that was no person, in words."""
    return _NAMES.get(name, name)


class AuditEvent(Kept):
    """Who did what, when. Verbs are dotted: `transfer.accepted`, `connection.edited`."""

    FROZEN = ("id", "at", "actor_name", "verb", "object_text", "transfer", "data")
    FORGETS = ("actor",)

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    actor_name = models.CharField(max_length=150)
    verb = models.CharField(max_length=60, db_index=True)
    object_text = SentenceField()
    transfer = models.ForeignKey(
        "transfers.Transfer", models.DO_NOTHING, null=True, related_name="events"
    )
    data = models.JSONField(default=dict)

    objects = AppendOnly.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor_name} {self.verb} {self.object_text}"

    @property
    def who(self) -> str:
        return actor(self.actor_name)
