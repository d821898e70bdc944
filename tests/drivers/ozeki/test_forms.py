"""The options on the connection page."""

from __future__ import annotations

import pytest

from transfers.drivers.ozeki.forms import OzekiOptions

DEFAULTS = {name: field.initial for name, field in OzekiOptions.base_fields.items()}


def test_defaults_are_valid():
    form = OzekiOptions(DEFAULTS)
    assert form.is_valid(), form.errors
    assert form.cleaned_data == DEFAULTS


def test_every_option_explains_itself():
    for field in OzekiOptions.base_fields.values():
        assert field.initial is not None
        assert field.label
        assert field.help_text.endswith(".")


@pytest.mark.parametrize("name", ["Europe/Budapest", " UTC ", "America/New_York"])
def test_time_zones(name):
    form = OzekiOptions({**DEFAULTS, "timezone": name})
    assert form.is_valid()
    assert form.cleaned_data["timezone"] == name.strip()


@pytest.mark.parametrize(
    "name", ["Mars/Phobos", "../../etc/passwd", "/etc/localtime", "Europe", "\0"]
)
def test_no_time_zones(name):
    form = OzekiOptions({**DEFAULTS, "timezone": name})
    assert not form.is_valid()
    assert "timezone" in form.errors


@pytest.mark.parametrize(
    "option", ["generation", "method", "transferor_party", "send_both_spellings"]
)
def test_other_choices_are_refused(option):
    assert option in OzekiOptions({**DEFAULTS, option: "other"}).errors


def test_strange_fields_are_ignored():
    form = OzekiOptions({**DEFAULTS, "tenant": "acme"})
    assert form.is_valid()
    assert form.cleaned_data.keys() == DEFAULTS.keys()
