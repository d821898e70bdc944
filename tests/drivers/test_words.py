"""What the drivers tell people can be said in any language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.functional import Promise

from transfers import errors
from transfers.drivers.genesys.forms import GenesysOptions
from transfers.drivers.registry import VENDORS, driver_class
from transfers.sentences import Sentence

TRANSFERS = Path(errors.__file__).parent
SPEAKING = [*TRANSFERS.glob("drivers/**/*.py"), TRANSFERS / "http.py", TRANSFERS / "sockets.py"]
ERRORS = {name for name, each in vars(errors).items() if isinstance(each, type)}
TELL = ERRORS | {"Denied", "Ended", "Lost", "_Broken", "note", "ValidationError"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_options_of_a_connection_are_in_the_readers_language(vendor):
    driver = driver_class(vendor)
    texts = [driver.username_label, driver.password_label]
    for field in driver.options_form.base_fields.values():
        choices = [label for _, label in getattr(field, "choices", ())]
        texts += [field.label, field.help_text, *choices]
    words = [text for text in texts if text and text not in ("POST", "GET")]
    assert [text for text in words if not isinstance(text, Promise | Sentence)] == []


def test_what_is_wrong_with_an_option_too(monkeypatch):
    german = {"The key “{key}” is there twice.": "Den Schlüssel „{key}“ gibt es zweimal."}
    monkeypatch.setattr("transfers.sentences.gettext", lambda text: german.get(text, text))
    with translation.override("de"):
        form = GenesysOptions({"user_data": "a=1; a=2"})
        assert form.errors["user_data"] == ["Den Schlüssel „a“ gibt es zweimal."]


def plain_texts(path: Path) -> Iterator[str]:
    """Where people are told a text that is written down in English only."""
    for call in ast.walk(ast.parse(path.read_text())):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        for said in call.args if name in TELL else ():
            if isinstance(said, ast.JoinedStr | ast.BinOp) or is_text(said):
                yield f"{path.name}:{said.lineno}"


def is_text(said: ast.expr) -> bool:
    return isinstance(said, ast.Constant) and isinstance(said.value, str)


def test_no_error_and_no_check_is_in_english_only():
    assert [place for path in SPEAKING for place in plain_texts(path)] == []
