"""Asterisk and a SIP phone out of Debian packages: fetched and verified by apt, then unpacked.

Nothing is installed and nobody need be root. A folder holds one Debian suite with its own C
library, so it does not matter which Debian the machine itself runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUITES = {"16": "bullseye", "22": "forky"}  # Debian's release that has this version of Asterisk
PACKAGES = {  # the phones come from one of them: they need not be as old as the oldest PBX
    "bullseye": ["asterisk"],
    "forky": ["asterisk", "baresip-core"],
}
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
STAMP = "complete"
WAIT = 600  # seconds for one step of apt


class Unavailable(Exception):
    """Debian's packages cannot be had here; says why."""


@dataclass(frozen=True)
class Unpacked:
    """The programs of one suite. They run under their own loader, with their own libraries."""

    root: Path

    def command(self, program: str) -> list[str]:
        folders = [self.root / "usr/lib", self.root / "lib"]
        folders += [path for base in folders for path in sorted(base.glob("*-linux-gnu*"))]
        libraries = ":".join(str(path) for path in folders if path.is_dir())
        return [str(self.loader), "--library-path", libraries, str(self.root / program)]

    @property
    def loader(self) -> Path:
        return next(path for path in self._loaders() if path.exists())

    def _loaders(self) -> Iterator[Path]:
        for base in ("usr/lib", "lib"):
            yield from sorted((self.root / base).glob("*-linux-gnu*/ld-linux-*.so.*"))

    @property
    def asterisk(self) -> list[str]:
        return self.command("usr/sbin/asterisk")

    @property
    def baresip(self) -> list[str]:
        return self.command("usr/bin/baresip")

    def folder(self, pattern: str) -> Path:
        """The folder that this suite keeps below another name than others do."""
        return next(self.root.glob(pattern))


def cache() -> Path:
    """Where suites are kept: ASTERISK_CACHE may name a folder that several working copies share."""
    return Path(os.environ.get("ASTERISK_CACHE") or ROOT / "var" / "asterisk").resolve()


def unpack(version: str) -> Unpacked:
    """The suite of this version of Asterisk; fetched when it is not there yet."""
    suite = SUITES[version]
    folder = cache() / suite
    unpacked = Unpacked(folder / "root")
    if not (folder / STAMP).exists():
        shutil.rmtree(folder, ignore_errors=True)
        for part in ("lists/partial", "archives/partial", "root"):
            (folder / part).mkdir(parents=True)
        _fetch(folder, suite)
        _lay_out(folder)
        (folder / STAMP).touch()
    return unpacked


def phones() -> Unpacked:
    """The suite that has the telephones."""
    return unpack("22")


def _fetch(folder: Path, suite: str) -> None:
    if not (shutil.which("apt-get") and KEYS.exists()):
        raise Unavailable("Debian's apt and its keys are not on this machine.")
    source = f"deb [signed-by={KEYS}] {mirror()} {suite} main\n"
    (folder / "sources.list").write_text(source)
    (folder / "status").touch()  # nothing is installed: the whole closure is wanted
    _apt(folder, "update", "--quiet")
    _apt(folder, "install", "--yes", "--download-only", *PACKAGES[suite])


def mirror() -> str:
    """The Debian mirror that this machine's own apt uses."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in found.stdout.splitlines():
        uri, codename, component = line.rsplit(" ", 2)
        if component == "main" and "-" not in codename and "debian" in uri:
            return uri
    raise Unavailable("This machine's apt knows no mirror of Debian.")


def _apt(folder: Path, *arguments: str) -> None:
    options = {
        "Dir::State": folder,
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::Cache": folder,
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
        "APT::Install-Recommends": "0",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    command = ["apt-get", *(f"-o{name}={value}" for name, value in options.items()), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=WAIT, stdin=subprocess.DEVNULL, check=False
    )
    (folder / "apt.log").write_text(done.stdout + done.stderr)
    if done.returncode:
        raise Unavailable(f"apt could not fetch it: {done.stderr.strip()[-400:]}")


def _lay_out(folder: Path) -> None:
    root = folder / "root"
    for package in sorted((folder / "archives").glob("*.deb")):
        done = subprocess.run(
            ["dpkg-deb", "--extract", package, root], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Unavailable(f"{package.name} could not be unpacked: {done.stderr.strip()}")
    shutil.rmtree(folder / "archives")
    shutil.rmtree(folder / "lists")
    sounds = root / "usr/share/asterisk/sounds"  # this link is made by a script of the package
    if not (sounds / "en").exists():
        (sounds / "en").symlink_to("en_US_f_Allison")
