from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.exceptions import ValidationError

from transfers.forms.certificates import validate_ca_pem


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def certificate(key) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PBX authority")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
    signed = builder.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def test_one_and_several_certificates(certificate):
    validate_ca_pem(certificate)
    validate_ca_pem(certificate + "\n" + certificate)


@pytest.mark.parametrize("text", ["hello", "-----BEGIN CERTIFICATE-----\nAAAA\n", "é"])
def test_not_a_certificate(text):
    with pytest.raises(ValidationError, match="BEGIN CERTIFICATE"):
        validate_ca_pem(text)


def test_a_damaged_certificate(certificate):
    with pytest.raises(ValidationError, match="PEM"):
        validate_ca_pem(certificate.replace("MII", "AAA", 1).replace("A", "B", 9))


def test_a_private_key_has_no_place_here(key, certificate):
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    with pytest.raises(ValidationError, match="private key"):
        validate_ca_pem(certificate + pem)
