"""Text from a PBX and to it: cleaned, without secrets, diallable."""

from __future__ import annotations

import pytest

from transfers.drivers.text import clean, diallable, hide
from transfers.errors import NotSupported


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("  Kovács Anna ", "Kovács Anna"),
        ("a\x00b\x1b\u202ec", "abc"),
        ("two\nlines\tand\u00a0more", "two lines and more"),
        ("\x00", ""),
        ("x" * 20, "x" * 20),
        ("x" * 21, "x" * 19 + "…"),
    ],
)
def test_clean(said, shown):
    assert clean(said, 20) == shown


@pytest.mark.parametrize(
    "spelling",
    ["p&s wörd/1", "p%26s+w%C3%B6rd%2F1", "p%26s%20w%C3%B6rd/1", "p%26s%20w%C3%B6rd%2F1"],
)
def test_secrets_are_hidden_in_every_spelling(spelling):
    assert hide(f"a={spelling}&b", ("p&s wörd/1", "")) == "a=•••&b"


def test_without_secrets_nothing_is_hidden():
    assert hide("a=b", ("", "c")) == hide("a=b", ()) == "a=b"


@pytest.mark.parametrize("target", ["1003", "+36 1 555-0142", "*21#", "7,42", "Carol.K", "x" * 64])
def test_diallable(target):
    assert diallable(f" {target} ") == target


@pytest.mark.parametrize("target", ["", " ", "+", "10\n03", "1003;1004", "x" * 65, "a@b"])
def test_not_diallable(target):
    with pytest.raises(NotSupported) as caught:
        diallable(target)
    assert caught.value.safe_text == "This number cannot be dialled; nothing was sent."
    assert not caught.value.sent
