"""What the console does by itself: the addresses PBXs notify, and the standing forwards."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from transfers import crypto
from transfers.fields import SentenceField
from transfers.sentences import say
from transfers.trail import actor


class NotifyAddress(models.Model):
    """The address of ours that one PBX sends its notifications to; it has a secret token in it.

    The token is found by its fingerprint, and kept encrypted to be shown to administrators.
    """

    connection = models.OneToOneField(
        "transfers.PbxConnection", models.CASCADE, related_name="notify_address"
    )
    fingerprint = models.CharField(max_length=64, unique=True)
    secret_blob = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    registered_at = models.DateTimeField(null=True)  # the PBX took the address by a command
    received = models.PositiveBigIntegerField(default=0)
    received_at = models.DateTimeField(null=True)
    last_kind = models.CharField(max_length=40, blank=True)  # "": it was not understood

    def __str__(self) -> str:
        return f"notify address of {self.connection}"

    @property
    def secrets(self) -> dict[str, str]:
        """`token`, and `registered`: the whole address the PBX was given by a command."""
        return crypto.decrypt(self.secret_blob)

    @secrets.setter
    def secrets(self, secrets: dict[str, str]) -> None:
        self.secret_blob = crypto.encrypt(secrets)
        self.fingerprint = crypto.fingerprints(secrets["token"])[0]


class StandingForward(models.Model):
    """ "Calls for 500 go to 102 until 15:00." Ends by itself; at most one is active per number."""

    class Phone(models.TextChoices):
        """Where an agent's own phone carries it out: what the phone does, as far as is known."""

        NONE = "", say("not by a phone")
        # Translators: after “it” or a forward: “it may still hold at the phone”.
        TELLING = "telling", say("is being set at the phone")
        ON = "on", say("by the phone itself")  # seen there
        UNKNOWN = "unknown", say("not seen at the phone yet")
        OVER = "over", say("is still to be taken back")  # nothing was sent: it is tried again
        TAKING_BACK = "back", say("is being taken back")
        LEFT = "left", say("may still hold at the phone")  # never sent again: a person must look
        OFF = "off", say("is off at the phone")

    connection = models.ForeignKey(
        "transfers.PbxConnection", models.CASCADE, related_name="standing_forwards"
    )
    number = models.CharField(max_length=100)  # both numbers as they are sent, without separators
    target = models.CharField(max_length=100)
    target_name = models.CharField(max_length=200, blank=True)
    until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_by_name = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=150, blank=True)
    used_count = models.PositiveIntegerField(default=0)  # calls it sent on
    arrived_count = models.PositiveIntegerField(default=0)  # of them, seen with the target
    last_used_at = models.DateTimeField(null=True)
    trouble = SentenceField(blank=True)  # why a call did not arrive
    phone = models.CharField(max_length=8, choices=Phone, default=Phone.NONE, blank=True)
    phone_said = SentenceField(blank=True)  # by the PBX; or why it was not told
    phone_at = models.DateTimeField(null=True)  # when it was last told or looked at
    trouble_at = models.DateTimeField(null=True)  # when that call was sent on

    class Meta:
        ordering = ["connection__name", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "number"],
                condition=Q(ended_at=None),
                name="one_active_forward_per_number",
            )
        ]

    def __str__(self) -> str:
        return say("calls for {number} go to {target}", number=self.number, target=self.target)

    @property
    def in_full(self) -> str:
        """ "Calls for 500 go to 102 until 15:00 (set by Ana)" """
        return say(
            "Calls for {number} go to {target} until {time} (set by {person})",
            number=self.number,
            target=self.target,
            time=f"{timezone.localtime(self.until):%H:%M}",
            person=self.created_by_name,
        )

    @property
    def on_pbx(self) -> str:
        return say(
            "calls for {number} go to {target} on {pbx}",
            number=self.number,
            target=self.target,
            pbx=self.connection.name,
        )

    @property
    def ended_by(self) -> str:
        return actor(self.ended_by_name)

    @property
    def tomorrow(self) -> bool:
        return timezone.localdate(self.until) > timezone.localdate()

    @property
    def next_step(self) -> str:
        """What comes of one that is over, and not seen to be off at its phone."""
        if self.phone == self.Phone.LEFT:
            return say("Look at the phone of {person}.", person=self.created_by_name)
        if self.phone == self.Phone.OVER and not self.connection.enabled:
            pbx = self.connection.name
            return say("It is tried again when {pbx} is enabled.", pbx=pbx)
        return say("It is tried again.") if self.phone == self.Phone.OVER else ""


class ForwardUse(models.Model):
    """One call that a standing forward took on: each call at most once.

    What became of it is a row of the log, with the same key. `again`: nothing was sent for it.
    """

    forward = models.ForeignKey(StandingForward, models.CASCADE, related_name="uses")
    call_id = models.CharField(max_length=200, blank=True)  # "": the notification named none
    caller = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(default=timezone.now)
    key = models.UUIDField(null=True, db_index=True)  # of the newest command for this call
    notification = models.CharField(max_length=40, blank=True)  # the kind that was answered
    tries = models.PositiveSmallIntegerField(default=1)  # commands, or answers to no known call
    again = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["forward", "call_id"], condition=~Q(call_id=""), name="one_use_per_call"
            )
        ]

    def __str__(self) -> str:
        return f"{self.caller} sent on by forward {self.forward_id}"
