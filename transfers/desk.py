"""What receptionists show each other: who looks at which call just now."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Attention(models.Model):
    """Somebody has the dialog of a call open. The others see it; nobody is stopped by it.

    A short lease, renewed by the open dialog: a browser that is gone needs no goodbye.
    """

    connection = models.ForeignKey("transfers.PbxConnection", models.CASCADE)
    call_id = models.CharField(max_length=200)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "call_id", "user"], name="one_attention_per_person_and_call"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.call_id}"
