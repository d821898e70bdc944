"""Collect what is to be translated: `make messages`. docs/languages.md tells the rest."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import makemessages

OURS = ["--keyword=say", "--keyword=say_many:1,2"]
IGNORED = ["var", ".venv", "tests", "simulator", "scripts", "node_modules", "migrations"]


class Command(makemessages.Command):
    """Django's, for all our languages, that also knows our own sentences (transfers.sentences)."""

    # A guess that somebody forgets to look at is worse than an English sentence.
    msgmerge_options = ["-q", "--backup=none", "--no-fuzzy-matching", "--update"]

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        languages = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        parser.set_defaults(locale=languages, ignore_patterns=IGNORED)
        parser.set_defaults(no_wrap=True, no_location=True, no_obsolete=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["domain"] == "django":  # in scripts `say` is something else
            self.xgettext_options = [*self.xgettext_options, *OURS]
        super().handle(*args, **options)
