"""The CA certificate of a PBX, as PEM text."""

from __future__ import annotations

from cryptography.x509 import load_pem_x509_certificates
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def validate_ca_pem(text: str) -> None:
    if "PRIVATE KEY" in text:
        raise ValidationError(
            _("This holds a private key, which belongs on the PBX only. Paste the CA certificate.")
        )
    try:
        load_pem_x509_certificates(text.encode())
    except ValueError:
        raise ValidationError(
            _("This is not a certificate in PEM form: it starts with -----BEGIN CERTIFICATE-----.")
        ) from None
