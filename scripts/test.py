"""`make test` and `make lint`: every check with its time; pytest comes last.

python -m scripts.test [lint]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from scripts.asterisk.unpack import SUITES, Unavailable, unpack
from scripts.run import ROOT, VAR

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# One after the other: on a busy machine a telephone rings late.
STAGES = [
    ["tests/real"],
    ["tests/browser", "--numprocesses=2", "--dist=loadfile"],
    ["--ignore=tests/real", "--ignore=tests/browser", "--numprocesses=3", "--dist=loadfile"],
]
# As an installation behind TLS would set them; of no use anywhere else.
PRODUCTION = {
    "PBXADMIN_SECRET_KEY": "only-for-the-deployment-check-" + "0123456789abcdefghij" * 2,
    "PBXADMIN_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "PBXADMIN_TLS": "on",
    "PBXADMIN_HOSTS": "pbxadmin.example.org",
    "PBXADMIN_DEBUG": "off",
    "PBXADMIN_DATABASE": "sqlite://:memory:",
}


def python(*arguments: str, env: Mapping[str, str] | None = None) -> Callable[[], bool]:
    command = [sys.executable, "-m", *arguments]
    return lambda: subprocess.call(command, cwd=ROOT, env={**os.environ, **(env or {})}) == 0


def install(*packages: str) -> bool:
    """From Debian, where this account may; else it is said what a person must do."""
    wanted = " ".join(packages)
    apt = ["apt-get"] if os.geteuid() == 0 else ["sudo", "--non-interactive", "apt-get"]
    if not (shutil.which("apt-get") and shutil.which(apt[0])):
        print(f"The tests need {wanted}: install it.")
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        if subprocess.call([*apt, *arguments], env=env, stdin=subprocess.DEVNULL) != 0:
            print(f"It could not be installed. As root: apt-get install {wanted}")
            return False
    return True


def chromium() -> bool:
    """What the browser tests drive."""
    return os.access(CHROMIUM, os.X_OK) or (install("chromium") and os.access(CHROMIUM, os.X_OK))


def node() -> bool:
    """What runs the servers and the client that others wrote for the event protocol."""
    there = shutil.which("node") and shutil.which("npm")
    return bool(there) or install("nodejs", "npm")


def translations() -> bool:
    """What collects and compiles the texts of the other languages."""
    return bool(shutil.which("xgettext")) or install("gettext")


def asterisk() -> bool:
    """The PBXs and telephones of the tests with real calls; kept in var/asterisk."""
    try:
        with ThreadPoolExecutor() as pool:
            return all(pool.map(unpack, SUITES))
    except Unavailable as why:
        print(f"The tests need Asterisk from Debian's packages. {why}")
        return False


LINT: list[tuple[str, Callable[[], bool]]] = [
    ("ruff check", python("ruff", "check", ".")),
    ("ruff format", python("ruff", "format", "--check", "--quiet", ".")),
    ("mypy", python("mypy")),
]
CHECKS = [
    ("Chromium", chromium),
    ("Node", node),
    ("gettext", translations),
    ("Asterisk", asterisk),
    *LINT,
    (
        "deployment check",
        python("manage", "check", "--deploy", "--fail-level", "WARNING", env=PRODUCTION),
    ),
    ("migrations", python("manage", "makemigrations", "--check", "--dry-run", env=PRODUCTION)),
]


def run(name: str, check: Callable[[], bool]) -> bool:
    print(f"--- {name}", flush=True)
    started = time.monotonic()
    passed = check()
    print(f"    {'ok' if passed else 'FAILED'}, {time.monotonic() - started:.1f} s", flush=True)
    return passed


def main() -> int:
    VAR.mkdir(mode=0o700, exist_ok=True)  # every installation has it: the database is in there
    checks = LINT if sys.argv[1:] == ["lint"] else CHECKS
    failed = [name for name, check in checks if not run(name, check)]
    if failed:
        print(f"FAILED so far: {', '.join(failed)}", flush=True)
    if checks is LINT:
        return bool(failed)
    passed = [run(f"pytest {' '.join(stage)}", python("pytest", *stage)) for stage in STAGES]
    return int(bool(failed) or not all(passed))


if __name__ == "__main__":
    sys.exit(main())
