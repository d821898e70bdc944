"""The product's settings, with keys that are worth nothing and cheap password hashing."""

import os

os.environ.setdefault("PBXADMIN_SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("PBXADMIN_ENCRYPTION_KEYS", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
os.environ.setdefault("PBXADMIN_TLS", "off")

from pbxadmin.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
AXES_ENABLED = False
