"""The options on the connection page."""

from __future__ import annotations

import pytest

from transfers.drivers.voipnow.driver import VoipNowDriver
from transfers.drivers.voipnow.forms import VoipNowOptions

DEFAULTS = {name: field.initial for name, field in VoipNowOptions.base_fields.items()}


def cleaned(**changes: str) -> dict[str, str]:
    form = VoipNowOptions({**DEFAULTS, **changes})
    assert form.is_valid(), form.errors
    return form.cleaned_data


def test_defaults_are_valid():
    assert cleaned() == DEFAULTS


def test_every_option_explains_itself():
    for field in VoipNowOptions.base_fields.values():
        assert isinstance(field.initial, str)
        assert field.label
        assert field.help_text.endswith(".")


@pytest.mark.parametrize(
    ("option", "typed", "kept"),
    [
        ("user", "", "@me"),
        ("user", " @owner ", "@owner"),
        ("user", "0241", "0241"),
        ("extension", "", "@self"),
        ("extension", "0003*210", "0003*210"),
        ("organisation", "0003*", "0003"),
        ("organisation", " ", ""),
        ("park_seconds", "", "180"),
        ("park_seconds", "10", "10"),
        ("event_extensions", "0003*210 ,211,,", "0003*210, 211"),
    ],
)
def test_what_is_kept(option, typed, kept):
    assert cleaned(**{option: typed})[option] == kept


@pytest.mark.parametrize(
    ("option", "typed"),
    [
        ("user", "@all"),
        ("user", "../x"),
        ("user", "1/2"),
        ("extension", "@me"),
        ("extension", "0003*"),
        ("extension", "a"),
        ("extension", ".."),
        ("organisation", "abc"),
        ("organisation", "00 03"),
        ("organisation", "٣"),
        ("park_seconds", "9"),
        ("park_seconds", "3601"),
        ("park_seconds", "soon"),
        ("event_extensions", "@self"),
        ("event_extensions", "0003*210;x"),
        ("forward_ringing", "maybe"),
        ("hold_view", "other"),
        ("legacy_view", "other"),
    ],
)
def test_what_is_refused(option, typed):
    assert option in VoipNowOptions({**DEFAULTS, option: typed}).errors


def test_strange_fields_are_ignored():
    assert VoipNowOptions({**DEFAULTS, "tenant": "acme"}).is_valid()


def test_the_connection_page_speaks_the_vendors_words():
    assert VoipNowDriver.username_label == "Client ID (App key)"
    assert VoipNowDriver.password_label == "Client secret"
    assert VoipNowDriver.url_hint.startswith("https://")
