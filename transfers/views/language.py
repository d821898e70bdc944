"""Which language a person reads: her own choice, else the one her browser asks for."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from transfers.models import User
from transfers.services.preferences import preferences_of


class LanguageMiddleware(LocaleMiddleware):
    """After the authentication, which tells who she is."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        chosen = isinstance(request.user, User) and preferences_of(request.user).language
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language()
