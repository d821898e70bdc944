"""What outlives a process: people, connections, the pictures of the PBXs, and the log."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from transfers import crypto
from transfers.append_only import AppendOnly, Kept
from transfers.desk import Attention, Consultation, Dismissal  # noqa: F401  (their tables, too)
from transfers.domain import Action, bare_number
from transfers.farewells import Farewell  # noqa: F401  (its table belongs to this app)
from transfers.fields import SentenceField
from transfers.imports import (  # noqa: F401  (their tables belong to this app)
    Import,
    ImportLine,
    ImportNumber,
)
from transfers.phonebook import (  # noqa: F401  (their tables belong to this app)
    Contact,
    ContactGroup,
    ContactNumber,
    DialPrefix,
    Favourite,
    PhoneBook,
)
from transfers.sentences import say
from transfers.sightings import Sighting  # noqa: F401  (its table belongs to this app)
from transfers.standing import (  # noqa: F401  (their tables belong to this app)
    ForwardUse,
    NotifyAddress,
    StandingForward,
)
from transfers.trail import AuditEvent  # noqa: F401  (its table belongs to this app)

BY_ITSELF = "The console, for "  # who did what nobody asked for; before the person's name


class User(AbstractUser):
    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", _("Administrator")
        RECEPTIONIST = "receptionist", _("Receptionist")
        READONLY = "readonly", _("Read-only")

    role = models.CharField(max_length=20, choices=Role, default=Role.RECEPTIONIST)
    preferences = models.JSONField(default=dict, blank=True)  # read by services.preferences

    @property
    def is_administrator(self) -> bool:
        return self.role == self.Role.ADMINISTRATOR

    @property
    def may_act(self) -> bool:
        """Whether this person may send commands at all; where, her seats say."""
        return self.role != self.Role.READONLY

    @property
    def title(self) -> str:
        """The name others see, frozen into every log row."""
        return self.get_full_name() or self.username


class Secretive(models.Model):
    """Credentials of a row: encrypted in `secret_blob`, read and written through `secrets`."""

    username = models.CharField(max_length=150, blank=True)
    secret_blob = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def secrets(self) -> dict[str, str]:
        return crypto.decrypt(self.secret_blob)

    @secrets.setter
    def secrets(self, secrets: dict[str, str]) -> None:
        self.secret_blob = crypto.encrypt(secrets) if any(secrets.values()) else ""


class PbxConnection(Secretive):
    name = models.CharField(max_length=60, unique=True)
    vendor = models.CharField(max_length=20)
    url = models.URLField(_("address"), max_length=300)
    options = models.JSONField(default=dict, blank=True)
    ca_pem = models.TextField(_("own CA certificate (PEM)"), blank=True)
    poll_seconds = models.FloatField(
        _("seconds between reads"),
        default=1.0,
        validators=[MinValueValidator(0.5), MaxValueValidator(60)],
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def feed(self) -> Feed:
        """The connection's own feed; agents' feeds are at their seats."""
        for feed in self.feeds.all():
            if feed.seat_id is None:
                return feed
        raise Feed.DoesNotExist(f"{self.name} has no feed")


class Feed(models.Model):
    """The newest picture of one PBX account, and who reads it next (docs/decisions/001).

    The account is the connection's own, or an agent's where each seat has a login of its own.
    """

    connection = models.ForeignKey(PbxConnection, models.CASCADE, related_name="feeds")
    seat = models.OneToOneField("Seat", models.CASCADE, null=True, related_name="feed")
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    claimed_at = models.DateTimeField(null=True)  # when the newest read was allowed
    watched_until = models.DateTimeField(default=timezone.now)
    read_after = models.DateTimeField(default=timezone.now)  # pictures begun before are discarded
    version = models.PositiveBigIntegerField(default=0)  # grows when the calls or the health change
    started_at = models.DateTimeField(null=True)  # when the read of the picture began
    taken_at = models.DateTimeField(null=True)  # when it was complete
    calls = models.TextField(default="[]")
    error_code = models.CharField(max_length=40, blank=True)
    error_text = SentenceField(blank=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    listened_until = models.DateTimeField(default=timezone.now)  # somebody receives its events
    signed_on_at = models.DateTimeField(null=True)  # we have logged the agent in at the PBX
    directory = models.TextField(default="[]")
    directory_due_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection"], condition=Q(seat=None), name="one_own_feed_per_connection"
            )
        ]

    def __str__(self) -> str:
        return f"feed of {self.connection_id}" + (f", seat {self.seat_id}" if self.seat_id else "")


class Remembered(models.Model):
    """What a driver keeps between two uses for one account: tokens, cookies. Encrypted."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="remembered")
    name = models.CharField(max_length=40)
    blob = models.TextField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "name"], name="one_memory_per_name")]

    def __str__(self) -> str:
        return f"{self.name} of feed {self.feed_id}"


class Seat(Secretive):
    """A person's place on a connection: her extensions there and what she may see.

    `username` and `secrets` are her own login, where the vendor lists each agent's calls apart.
    """

    class Sees(models.TextChoices):
        OWN = "own", _("only her own calls")
        ALL = "all", _("all calls")

    user = models.ForeignKey(User, models.CASCADE, related_name="seats")
    connection = models.ForeignKey(PbxConnection, models.CASCADE, related_name="seats")
    extensions = models.CharField(
        max_length=200, blank=True, help_text=_("Numbers of her phones, separated by commas.")
    )
    sees = models.CharField(max_length=3, choices=Sees, default=Sees.ALL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "connection"], name="one_seat_per_connection")
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.connection} ({self.extensions or 'no extension'})"

    @property
    def numbers(self) -> list[str]:
        return [number.strip() for number in self.extensions.split(",") if number.strip()]

    def owns(self, number: str) -> bool:
        return (bare := bare_number(number)) != "" and bare in _bare_numbers(self.extensions)


@lru_cache(maxsize=4096)  # it is asked for every party of every call, at every look
def _bare_numbers(extensions: str) -> frozenset[str]:
    return frozenset(bare_number(number) for number in extensions.split(","))


class TransferQuerySet(AppendOnly):
    def move(self, pk: int, old: tuple[str, ...], **values: object) -> bool:
        """The one way to change a row: a conditional UPDATE on the old state; True when it won."""
        rows: models.QuerySet[Any] = models.QuerySet(self.model, using=self.db).filter(
            pk=pk, state__in=old
        )
        return rows.update(**values) == 1


class Transfer(Kept):
    """One command: a transfer, or a hold, a retrieve, a hang-up of a live call, or a new call.

    The row is committed as `sending` before the command leaves, together with a `Claim` on each
    call it touches.
    """

    class State(models.TextChoices):
        SENDING = "sending", _("Sending")
        ACCEPTED = "accepted", _("Accepted")  # the PBX said yes; nothing seen yet
        CONFIRMED = "confirmed", _("Confirmed")  # seen to have happened
        MISSED = "missed", _("Did not arrive")  # the call was moved, but the target did not take it
        REFUSED = "refused", _("Refused")  # by the PBX or by us; `code` tells
        FAILED = "failed", _("Not done")  # never left us, or seen to have had no effect
        UNKNOWN = "unknown", _("Unknown")  # sent, and neither a readable answer nor a trace of it

    OPEN = (State.SENDING, State.ACCEPTED, State.UNKNOWN)

    class Kind(models.TextChoices):
        BLIND = Action.BLIND.value, say("Blind transfer")
        FORWARD = Action.FORWARD.value, say("Forward")
        CONSULT = Action.CONSULT.value, say("Consultation")
        JOIN = Action.JOIN.value, say("Attended transfer")
        CANCEL = Action.CANCEL.value, say("End of consultation")
        SWAP = Action.SWAP.value, say("Swap")
        VOICEMAIL = Action.VOICEMAIL.value, say("To voicemail")
        PARK = Action.PARK.value, say("Park")
        UNPARK = Action.UNPARK.value, say("Take from park")
        PICKUP = Action.PICKUP.value, say("Pick up")
        # Translators: kinds of commands; nouns or infinitives.
        HOLD = Action.HOLD.value, say("Hold")
        RETRIEVE = Action.RETRIEVE.value, say("Resume")
        HANGUP = Action.HANGUP.value, say("Hang up")
        DIAL = Action.DIAL.value, say("Outgoing call")

    FROZEN = (
        *("id", "created_at", "key", "user_name", "connection_name", "kind"),
        *("call_id", "other_call_id", "caller_number", "caller_name"),
        *("called_number", "called_name", "target", "target_name", "leaves", "standing"),
    )
    FORGETS = ("user", "connection")

    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    key = models.UUIDField(default=uuid.uuid4)  # idempotency: one per dialog
    user = models.ForeignKey(User, models.SET_NULL, null=True)
    user_name = models.CharField(max_length=150)
    connection = models.ForeignKey(PbxConnection, models.SET_NULL, null=True)
    connection_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    call_id = models.CharField(max_length=200)  # "" of a DIAL: it makes the call
    other_call_id = models.CharField(max_length=200, blank=True)  # JOIN: the consultation call
    caller_number = models.CharField(max_length=100, blank=True)
    caller_name = models.CharField(max_length=200, blank=True)
    called_number = models.CharField(max_length=100, blank=True)
    called_name = models.CharField(max_length=200, blank=True)
    target = models.CharField(max_length=100, blank=True)
    target_name = models.CharField(max_length=200, blank=True)
    leaves = models.CharField(max_length=6, blank=True)  # the transferor's leg
    note = models.CharField(max_length=200, blank=True)  # travels to the target where it can
    standing = models.BooleanField(default=False)  # by a standing forward of this person

    state = models.CharField(max_length=10, choices=State, default=State.SENDING)
    watch_until = models.DateTimeField(null=True)  # while set, pictures are compared with the row
    code = models.CharField(max_length=40, blank=True)  # ours, stable
    vendor_code = models.CharField(max_length=40, blank=True)
    vendor_text = models.TextField(blank=True)
    observed = SentenceField(blank=True)
    seen = models.JSONField(default=dict, blank=True)  # services.notes
    replied_at = models.DateTimeField(null=True)  # the command was over: a reply, or none in time
    settled_at = models.DateTimeField(null=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_transfer_per_key"),
        ]
        indexes = [
            models.Index(fields=["connection", "created_at"], name="transfers_of_a_pbx_by_time"),
            models.Index(
                fields=["connection", "watch_until"],
                condition=Q(watch_until__isnull=False),
                name="transfers_being_watched",
            ),
        ]

    def __str__(self) -> str:
        what = self.call_id or f"{self.target} at {self.caller_number}"
        return f"{self.kind} of {what} by {self.user_name}: {self.state}"

    @property
    def of_call(self) -> str:
        """The call it is about; of a click-to-dial call the one it made, once it is known."""
        return self.call_id or str(self.seen.get("call", ""))

    @property
    def who(self) -> str:
        if self.standing:
            return say("A standing forward of {person}", person=self.user_name)
        return self.person

    @property
    def person(self) -> str:
        """For whom it was sent; the name alone, unless the console did it by itself."""
        if self.user_name.startswith(BY_ITSELF):
            name = self.user_name.removeprefix(BY_ITSELF)
            return say("The console, for {person}", person=name)
        return self.user_name

    @property
    def duration(self) -> timedelta | None:
        """From the command to the last word on it."""
        return self.settled_at - self.created_at if self.settled_at else None


class Claim(models.Model):
    """Holds a live call for one transfer: the second person is told who has it.

    It goes away when the command is settled or when the call is seen to have moved.
    """

    connection = models.ForeignKey(PbxConnection, models.CASCADE, related_name="claims")
    call_id = models.CharField(max_length=200)
    transfer = models.ForeignKey(Transfer, models.DO_NOTHING, related_name="claims")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "call_id"], name="one_claim_per_call")
        ]

    def __str__(self) -> str:
        return f"{self.call_id} held by transfer {self.transfer_id}"
