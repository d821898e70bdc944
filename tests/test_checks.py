from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.checks import Error
from django.test import override_settings

from transfers.checks import check_settings
from transfers.drivers import registry

ROOT = Path(__file__).resolve().parent.parent


def found(**changes) -> list[Error]:
    with override_settings(**changes):
        return check_settings(None)


def ids(**changes) -> list[str]:
    return [message.id for message in found(**changes)]


def test_sane_settings_are_clean():
    assert ids() == []


def test_secret_key():
    (error,) = found(SECRET_KEY="")
    assert error.id == "transfers.E001"
    assert "token_urlsafe" in error.hint


def test_no_encryption_key():
    (error,) = found(ENCRYPTION_KEYS=[])
    assert error.id == "transfers.E002"
    assert "Fernet.generate_key" in error.hint


@pytest.mark.parametrize("key", ["", "short", "ü", "A" * 43 + "B="])
def test_a_bad_encryption_key_is_named_by_place_and_never_shown(key):
    (error,) = found(ENCRYPTION_KEYS=[Fernet.generate_key().decode(), key])
    assert error.id == "transfers.E003"
    assert error.msg.startswith("Key 2 ")
    assert not key or key not in error.msg


@pytest.mark.parametrize("network", ["x", "10.0.0.0/99", "10.0.0.1/8", ""])
def test_denied_networks(network):
    assert ids(PBX_DENIED_NETWORKS=["169.254.0.0/16", network]) == ["transfers.E004"]


@pytest.mark.parametrize("name", ["PBX_READ_SECONDS", "PBX_COMMAND_SECONDS", "PBX_MAX_BYTES"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_limits(name, value):
    (error,) = found(**{name: value})
    assert error.id == "transfers.E005"
    assert "PBXADMIN_" in error.msg


@pytest.mark.parametrize(
    "path",
    ["transfers.drivers.nowhere.Driver", "transfers.domain.Nothing", "transfers.domain.Call", "x"],
)
def test_registry(monkeypatch, path):
    monkeypatch.setitem(registry.VENDORS, "somebody", path)
    (error,) = found()
    assert error.id == "transfers.E006"
    assert "somebody" in error.msg


def test_a_driver_under_a_word_that_is_not_its_own(monkeypatch):
    monkeypatch.setitem(registry.VENDORS, "somebody", registry.VENDORS["ozeki"])
    assert ids() == ["transfers.E006"]


def manage(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, ROOT / "manage.py", *args],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "pbxadmin.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_deployment_with_sane_settings_has_nothing_to_mend():
    sane = {
        "PBXADMIN_SECRET_KEY": "k9Zq" * 15 + "abcdefgh",
        "PBXADMIN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "PBXADMIN_TLS": "on",
        "PBXADMIN_DEBUG": "off",
        "PBXADMIN_HOSTS": "console.example",
    }
    result = manage("check", "--deploy", "--fail-level", "INFO", **sane)
    assert "no issues" in result.stdout, result.stderr
    assert result.returncode == 0


def test_without_keys_every_command_says_how_to_make_them():
    result = manage("connection", "list", PBXADMIN_SECRET_KEY="", PBXADMIN_ENCRYPTION_KEYS="")
    assert result.returncode == 1
    assert "transfers.E001" in result.stderr
    assert "transfers.E002" in result.stderr
