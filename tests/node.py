"""Packages for node that tests use, beside the files that name them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

CACHE = Path(__file__).resolve().parents[1] / "var" / "js"
NEEDED = "These tests need node and npm, and the first time a registry that npm can reach."


def installed(folder: Path, what: str) -> Path:
    """A copy of this folder with its packages, installed once per version of all of it.

    `what` names them, for who must read why the tests do not run.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    place = CACHE / digest
    if place.exists():
        return place
    CACHE.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=CACHE))
    for path in files:
        shutil.copy(path, fresh)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    try:
        subprocess.run(command, cwd=fresh, check=True, timeout=100, capture_output=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(fresh)
        said = (getattr(error, "stderr", None) or b"").decode(errors="replace")
        pytest.fail(f"{what}: {NEEDED}\n{error}\n{said}", pytrace=False)
    try:
        fresh.rename(place)
    except OSError:  # another run was quicker
        shutil.rmtree(fresh)
    return place
