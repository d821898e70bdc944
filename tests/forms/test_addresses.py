from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from transfers.forms.addresses import validate_address


@pytest.mark.parametrize(
    "address",
    [
        "http://pbx/",
        "http://pbx.example:7780/",
        "https://pbx.example:9509/api",
        "http://10.0.0.7:7780",
        "http://127.0.0.1:7780/",
        "http://[fd00::7]:7780/",
        "http://pbx_1.local/a%20b",
    ],
)
def test_fine(address):
    validate_address(address)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("pbx:7780", "http://"),
        ("ftp://pbx/", "http://"),
        ("http:pbx", "http://"),
        ("javascript:alert(1)", "http://"),
        ("http://", "http://"),
        ("http://user:word@pbx/", "fields of their own"),
        ("http://user@pbx/", "fields of their own"),
        ("http://pbx/?command=Hangup", "before"),
        ("http://pbx/?", "before"),
        ("http://pbx/#top", "before"),
        ("http://pbx:99999/", "port"),
        ("http://pbx:0/", "Port 0"),
        ("http://[::1/", "brackets"),
        ("http://:80/", "name a host"),
        ("http://-pbx/", "name a host"),
        ("http://pbx;x/", "name a host"),
        ("http://p bx/", "spaces"),
        ("http://pbx/\r\nHost: evil", "spaces"),
        ("http://pbx\\@evil/", "plain letters"),
        ("http://pbх/", "plain letters"),
        ("http://169.254.169.254/latest", "PBXADMIN_DENIED_NETWORKS"),
        ("http://[::ffff:169.254.169.254]/", "PBXADMIN_DENIED_NETWORKS"),
    ],
)
def test_refused_with_a_reason(address, why):
    with pytest.raises(ValidationError, match=why):
        validate_address(address)


@pytest.mark.parametrize("address", ["http://10.0.0.7/", "http://127.0.0.1/", "http://[::1]/"])
def test_private_addresses_follow_the_setting(settings, address):
    validate_address(address)
    settings.PBX_ALLOW_PRIVATE = False
    with pytest.raises(ValidationError, match="PBXADMIN_ALLOW_PRIVATE"):
        validate_address(address)
