"""From a connection's row to a driver that can speak to its PBX."""

from __future__ import annotations

from transfers.crypto import SecretsUnreadable
from transfers.drivers.base import Config, Driver
from transfers.drivers.registry import driver_class
from transfers.errors import AuthFailed, NotSupported
from transfers.http import Door, DoorRules
from transfers.models import PbxConnection


class CredentialsUnreadable(AuthFailed):
    """Our own keys do not open the stored credentials; like a refused login, it needs a person.

    Nothing was sent.
    """

    code = "secrets_unreadable"
    sent = False


def driver_for(connection: PbxConnection) -> Driver:
    """The driver of a connection. Raises CredentialsUnreadable, NotSupported."""
    config = Config(
        url=connection.url,
        username=connection.username,
        secrets=secrets_of(connection),
        options=connection.options,
    )
    return build_driver(connection.vendor, config, connection.ca_pem)


def build_driver(vendor: str, config: Config, ca_pem: str = "") -> Driver:
    """A driver for values that need not be stored. Raises NotSupported."""
    try:
        driver = driver_class(vendor)
    except KeyError:
        raise NotSupported(f"This installation has no driver for “{vendor}”.") from None
    return driver(config, Door(DoorRules.from_settings(ca_pem)))


def secrets_of(connection: PbxConnection) -> dict[str, str]:
    """The stored secrets. Raises CredentialsUnreadable."""
    try:
        return connection.secrets
    except SecretsUnreadable as error:
        raise CredentialsUnreadable(str(error)) from None
