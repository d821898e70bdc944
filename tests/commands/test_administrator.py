from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from transfers.management.commands import administrator
from transfers.models import AuditEvent, User

pytestmark = pytest.mark.django_db
GOOD = "seven brown foxes"


def add(monkeypatch, name: str = "ruth", password: str = GOOD) -> None:
    monkeypatch.setenv("NEW_PASSWORD", password)
    call_command("administrator", name, "--password-env", "NEW_PASSWORD")


def test_it_adds_one(monkeypatch, capsys):
    add(monkeypatch)
    ruth = User.objects.get(username="ruth")
    assert ruth.is_administrator
    assert ruth.check_password(GOOD)
    assert AuditEvent.objects.filter(verb="person.added", object_text="ruth").count() == 1
    assert GOOD not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("ana", GOOD, "already exists"),
        ("ruth", "1234567", "too short"),
        ("ruth", "", "too short"),
        ("ru th", GOOD, "valid username"),
    ],
)
def test_it_refuses_and_saves_nothing(monkeypatch, ana, name, password, why):
    with pytest.raises(CommandError, match=why):
        add(monkeypatch, name, password)
    assert list(User.objects.values_list("username", flat=True)) == ["ana"]


def test_a_missing_variable_is_named():
    with pytest.raises(CommandError, match="no NOT_SET"):
        call_command("administrator", "ruth", "--password-env", "NOT_SET")


def test_two_different_passwords_are_not_saved(monkeypatch):
    answers = iter([GOOD, "seven brown faxes"])
    monkeypatch.setattr(administrator, "getpass", lambda _: next(answers))
    with pytest.raises(CommandError, match="two different"):
        call_command("administrator", "ruth")
    assert not User.objects.exists()


def test_the_password_is_asked_for(monkeypatch):
    monkeypatch.setattr(administrator, "getpass", lambda _: GOOD)
    call_command("administrator", "ruth")
    assert User.objects.get().check_password(GOOD)
