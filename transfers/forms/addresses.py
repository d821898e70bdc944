"""The address of a PBX, as an administrator may type it."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from transfers.http import DoorRules

_ADDRESS = re.compile(r"[A-Za-z0-9._~:/@!$&'()*+,;=%?#\[\]-]+")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?")


def validate_address(address: str) -> None:
    """http or https, a host, perhaps a port and a path; nothing that could hold a secret."""
    if not _ADDRESS.fullmatch(address):
        raise ValidationError(_("An address has no spaces and only plain letters and signs."))
    parts = _split(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValidationError(_("Start the address with http:// or https://."))
    if "@" in parts.netloc:
        raise ValidationError(
            _(
                "Leave the user name and the password out of the address: they have fields of "
                "their own, and addresses are shown and logged."
            )
        )
    if "?" in address or "#" in address:
        raise ValidationError(_("End the address before “?” and “#”: commands are added to it."))
    _validate_host(parts.hostname or "")


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValidationError(_("The port, or the address in brackets, is not valid.")) from None
    if port == 0:
        raise ValidationError(_("Port 0 cannot be used."))
    return parts


def _validate_host(host: str) -> None:
    try:
        ip_address(host)
    except ValueError:
        if not _HOST.fullmatch(host):
            raise ValidationError(_("The address does not name a host.")) from None
        return  # a name: the door checks what it resolves to, at every connection
    if not DoorRules.from_settings().allows(host):
        words = _(
            "This installation allows no PBX at {host}: see PBXADMIN_DENIED_NETWORKS and "
            "PBXADMIN_ALLOW_PRIVATE."
        )
        raise ValidationError(words.format(host=host))
