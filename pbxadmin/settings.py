"""Settings, from the environment or `var/local.env`. Every name is in docs/operations.md."""

from __future__ import annotations

from pathlib import Path

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(VAR_DIR / "local.env")  # written by `make run`; real environment variables win

DEBUG = env.bool("PBXADMIN_DEBUG", default=False)
SECRET_KEY = env.str("PBXADMIN_SECRET_KEY", default="")
ENCRYPTION_KEYS = env.list("PBXADMIN_ENCRYPTION_KEYS", default=[])
ALLOWED_HOSTS = env.list("PBXADMIN_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("PBXADMIN_ORIGINS", default=[])
BEHIND_TLS = env.bool("PBXADMIN_TLS", default=True)  # off only for plain http on loopback

# Addresses a PBX may not have: networks like 169.254.0.0/16. PBXs live on private networks, so
# these are allowed unless the installation says otherwise.
PBX_DENIED_NETWORKS = env.list(
    "PBXADMIN_DENIED_NETWORKS", default=["169.254.0.0/16", "fe80::/10", "224.0.0.0/4", "ff00::/8"]
)
PBX_ALLOW_PRIVATE = env.bool("PBXADMIN_ALLOW_PRIVATE", default=True)
PBX_READ_SECONDS = env.float("PBXADMIN_READ_SECONDS", default=5.0)
PBX_COMMAND_SECONDS = env.float("PBXADMIN_COMMAND_SECONDS", default=5.0)
PBX_RING_SECONDS = env.float("PBXADMIN_RING_SECONDS", default=180.0)
PBX_NO_ANSWER_SECONDS = env.float("PBXADMIN_NO_ANSWER_SECONDS", default=30.0)
PBX_MAX_BYTES = env.int("PBXADMIN_MAX_BYTES", default=8 * 1024 * 1024)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "axes",
    "transfers",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "transfers.views.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "pbxadmin.urls"
ASGI_APPLICATION = "pbxadmin.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "transfers.views.navigation.navigation",
            ],
            "builtins": ["django.templatetags.i18n"],
        },
    }
]

DATABASES = {
    "default": env.db_url("PBXADMIN_DATABASE", default=f"sqlite:///{VAR_DIR}/pbxadmin.sqlite3")
}
if "PBXADMIN_DATABASE" not in env.ENVIRON:
    VAR_DIR.mkdir(mode=0o700, exist_ok=True)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a write transaction waits for its turn instead of failing half way.
    # synchronous=FULL: a transfer row is on the disk before its command is on the wire.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}

AUTH_USER_MODEL = "transfers.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "board"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_SENSITIVE_PARAMETERS = ["password"]
AXES_IPWARE_META_PRECEDENCE_ORDER = ["REMOTE_ADDR"]

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("hu", "Magyar"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("PBXADMIN_TIME_ZONE", default="Europe/Budapest")
# Numbers without + are read, and those of other countries dialled, as in this country.
COUNTRY = env.str("PBXADMIN_COUNTRY", default="HU")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^notify/"]  # PBXs follow no redirect; the proxy decides what it lets in
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
# One host of a company's domain must not speak for the whole domain: W005 and W021 ask for that.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"

DEFAULT_EXCEPTION_REPORTER_FILTER = "pbxadmin.reports.HideValues"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"tokens": {"()": "pbxadmin.logs.HideTokens"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "transfers": {"level": "INFO"},
        "axes": {"level": "WARNING"},
        "django.request": {"filters": ["tokens"]},
    },
}
