"""System checks: what is wrong with the settings, and the command that mends it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from math import isfinite
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from transfers.drivers import registry
from transfers.drivers.base import Driver

NEW_KEY = (
    "Make one: python -c 'from cryptography.fernet import Fernet; "
    "print(Fernet.generate_key().decode())'"
)
NEW_SECRET = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
POSITIVE = {
    "PBX_READ_SECONDS": "PBXADMIN_READ_SECONDS",
    "PBX_COMMAND_SECONDS": "PBXADMIN_COMMAND_SECONDS",
    "PBX_RING_SECONDS": "PBXADMIN_RING_SECONDS",
    "PBX_NO_ANSWER_SECONDS": "PBXADMIN_NO_ANSWER_SECONDS",
    "PBX_MAX_BYTES": "PBXADMIN_MAX_BYTES",
}


@register()
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    checks = (_secret_key, _encryption_keys, _denied_networks, _limits, _registry)
    return [message for check in checks for message in check()]


def _secret_key() -> Iterator[CheckMessage]:
    try:
        missing = not settings.SECRET_KEY
    except ImproperlyConfigured:
        missing = True
    if missing:
        yield Error("PBXADMIN_SECRET_KEY is not set.", hint=NEW_SECRET, id="transfers.E001")


def _encryption_keys() -> Iterator[CheckMessage]:
    if not settings.ENCRYPTION_KEYS:
        yield Error("PBXADMIN_ENCRYPTION_KEYS is not set.", hint=NEW_KEY, id="transfers.E002")
    for place, key in enumerate(settings.ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except (ValueError, TypeError):
            yield Error(
                f"Key {place} of PBXADMIN_ENCRYPTION_KEYS is not valid: 32 bytes in url-safe "
                "base64, several keys separated by commas.",
                hint=NEW_KEY,
                id="transfers.E003",
            )


def _denied_networks() -> Iterator[CheckMessage]:
    for network in settings.PBX_DENIED_NETWORKS:
        try:
            ip_network(network)
        except ValueError as error:
            yield Error(
                f"PBXADMIN_DENIED_NETWORKS: {error}.",
                hint="Networks like 169.254.0.0/16, separated by commas.",
                id="transfers.E004",
            )


def _limits() -> Iterator[CheckMessage]:
    for name, variable in POSITIVE.items():
        value = getattr(settings, name)
        if not (value > 0 and isfinite(value)):
            yield Error(
                f"{variable} is {value}: without a limit one slow PBX blocks the others.",
                hint="Give a number greater than 0, or leave it out.",
                id="transfers.E005",
            )


def _registry() -> Iterator[CheckMessage]:
    for vendor, path in registry.VENDORS.items():
        try:
            driver = registry.driver_class(vendor)
            fine = issubclass(driver, Driver) and driver.vendor == vendor
        except (ImportError, AttributeError, ValueError) as error:
            yield _unusable(vendor, f"{path} cannot be imported: {error}")
        else:
            if not fine:
                yield _unusable(vendor, f"{path} is not its driver")


def _unusable(vendor: str, why: str) -> CheckMessage:
    return Error(
        f"The vendor “{vendor}” of the registry cannot be used: {why}.", id="transfers.E006"
    )
