"""Beside the calls: who looks at which one, consultations, what was put away or set aside."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


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


class Dismissal(models.Model):
    """Somebody has put away what she was told of a transfer that did not arrive."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    transfer = models.ForeignKey("transfers.Transfer", models.DO_NOTHING)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "transfer"], name="one_dismissal_per_person_and_transfer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id} put away by {self.user}"


class SetAside(models.Model):
    """A call that its PBX did not end when told to, set aside by one person on her own screen.

    `mark` is what the call was like: the row counts only while the call is just so.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    transfer = models.ForeignKey("transfers.Transfer", models.DO_NOTHING)  # the hang-up
    mark = models.CharField(max_length=24)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "transfer"], name="one_set_aside_per_person_and_hang_up"
            )
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id} set aside by {self.user_id}"


class Consultation(models.Model):
    """A held call and the call made about it, for as long as there is something left to decide.

    The picture shows both; this is what it cannot show: which of the two was first, and how the
    one ended that is not there any more. The row is deleted with the story.
    """

    class Stage(models.TextChoices):
        CALLING = "calling", _("The target is called")
        TALKING = "talking", _("The target has answered")
        ALONE = "alone", _("The target is gone, and the caller still on hold")
        LEFT = "left", _("The caller is gone, and the target still there")

    feed = models.ForeignKey("transfers.Feed", models.CASCADE, related_name="consultations")
    number = models.CharField(max_length=100)  # of the one who consults
    held_id = models.CharField(max_length=200)
    other_id = models.CharField(max_length=200, blank=True)  # "": it was never seen
    waits_number = models.CharField(max_length=100, blank=True)
    waits_name = models.CharField(max_length=200, blank=True)
    target_number = models.CharField(max_length=100, blank=True)
    target_name = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.CALLING)
    answered = models.BooleanField(default=False)
    why = models.CharField(max_length=20, blank=True)  # a domain.EndReason
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "held_id", "other_id"], name="one_consultation_per_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} consults {self.target_number} about {self.waits_number}"
