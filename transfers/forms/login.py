"""Who comes in."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LoginForm(AuthenticationForm):
    def get_invalid_login_error(self) -> ValidationError:
        """One answer to every wrong login: it does not tell whether there is such an account."""
        text = _("There is no such user name with this password. Capital and small letters differ.")
        return ValidationError(text, code="invalid_login")
