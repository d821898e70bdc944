"""The product's settings, with keys that are worth nothing and cheap password hashing.

The database is a file as in production, because threads write to it side by side; it lies in a
folder of this run alone, so two runs at once do not meet.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ.setdefault("PBXADMIN_SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("PBXADMIN_ENCRYPTION_KEYS", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
os.environ.setdefault("PBXADMIN_TLS", "off")

from pbxadmin.settings import *  # noqa: F403
from pbxadmin.settings import DATABASES

folder = tempfile.mkdtemp(prefix="pbxadmin-tests-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["NAME"] = f"{folder}/unused.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": f"{folder}/test.sqlite3"}
    # The machine under the tests may lose its power: nobody needs their rows afterwards.
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    )

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = Path(folder)
WHITENOISE_USE_FINDERS = True  # static files without collectstatic
WHITENOISE_MAX_AGE = 3600  # what a browser has of them it keeps, as with the names in production
AXES_ENABLED = False
