"""Columns of our own."""

from __future__ import annotations

from typing import Any

from django.db import models

from transfers.sentences import pack, unpack


class SentenceField(models.TextField):  # type: ignore[type-arg]  # as Django's own are
    """Text for people, kept with what it is made of, so that each reads it in her language."""

    def deconstruct(self) -> Any:
        """To the database and its migrations it is text like other text."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def from_db_value(self, value: str | None, *args: object) -> str | None:
        return None if value is None else unpack(value)

    def get_prep_value(self, value: Any) -> Any:
        return pack(value) if isinstance(value, str) else value
