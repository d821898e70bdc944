"""Agents to be logged out at a PBX, with all that takes: their seats may be gone by then."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from transfers import crypto
from transfers.fields import SentenceField


class Farewell(models.Model):
    """One agent's log-out that is still to be done. Goes away when it is done, or given up.

    `feed` is her feed where the same login may come back to it; None: that login is over here.
    """

    feed = models.OneToOneField("transfers.Feed", models.SET_NULL, null=True)
    agent = SentenceField()  # whose, in words
    vendor = models.CharField(max_length=20)
    url = models.CharField(max_length=300)
    username = models.CharField(max_length=150)
    secret_blob = models.TextField(blank=True, editable=False)
    options = models.JSONField(default=dict)
    ca_pem = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.agent)

    @property
    def secrets(self) -> dict[str, str]:
        return crypto.decrypt(self.secret_blob)

    @secrets.setter
    def secrets(self, secrets: dict[str, str]) -> None:
        self.secret_blob = crypto.encrypt(secrets)
