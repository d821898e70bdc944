from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from transfers.validators import validate_dialable, validate_extensions


@pytest.mark.parametrize(
    "number", ["1003", "+36 (1) 555-01/42", "*31#", "0003*210", "carol.weiss", "9,,1003", "a" * 64]
)
def test_dialable(number):
    validate_dialable(number)


@pytest.mark.parametrize(
    "number",
    ["", " ", "+", "()", "1003\n", "1003\r\nX: y", "10\x0003", "10\t03", "1003<b>", "1003&a=b",
     "1003;drop", "١٠٠٣", "１００３", "carol@example", "sip:1003", "1" * 65, "1003\u00a0"],
)  # fmt: skip
def test_not_dialable(number):
    with pytest.raises(ValidationError):
        validate_dialable(number)


@given(st.text())
def test_what_passes_is_plain_printable_text_with_something_to_dial(number):
    try:
        validate_dialable(number)
    except ValidationError:
        return
    assert number.isascii()
    assert number.isprintable()
    assert 0 < len(number) <= 64
    assert any(sign.isalnum() for sign in number)
    assert not set(number) & set("<>&\"';:\\=%?@")


@pytest.mark.parametrize("text", ["1001", "1001,1002", " 1001 , 1002 ", "0003*210", "+36-1-555"])
def test_extensions(text):
    validate_extensions(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1001,,1002", "not_an_extension"),
        ("1001,", "not_an_extension"),
        ("carol", "not_an_extension"),
        ("1001;1002", "not_an_extension"),
        ("*#", "not_an_extension"),
        ("١٠٠٣", "not_an_extension"),
        ("1001, 1001", "twice"),
        ("10-01, 1001", "twice"),
    ],
)
def test_not_extensions(text, code):
    with pytest.raises(ValidationError) as refused:
        validate_extensions(text)
    assert refused.value.code == code
