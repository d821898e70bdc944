"""`make run`: keys, database, demo data, PBX simulator and web server on this machine.

HOST and PORT in the environment say where the web server listens. With PBX=asterisk one of the
PBXs is a real Asterisk with real telephones, where its Debian packages can be had.
"""

from __future__ import annotations

import base64
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from scripts import ports
from scripts.asterisk import office
from scripts.asterisk.places import free_block
from scripts.asterisk.unpack import Unavailable, unpack
from scripts.children import ChildDied, Family, NotReady

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
CONTROL_PORT = 7799
REAL = "workshop"  # of the demo's PBXs, the one that can be a real one
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (where to look for ourselves)


class CannotStart(Exception):
    """Said in words that tell what to do."""


@dataclass(frozen=True)
class Web:
    host: str
    port: int

    @property
    def reachable_at(self) -> str:
        return EVERYWHERE.get(self.host, self.host)

    @property
    def url(self) -> str:
        host = self.reachable_at
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"


@dataclass(frozen=True)
class Simulator:
    control: int
    pbxs: dict[str, int]  # slug → port
    real: str = ""  # the slug of the one that is no simulation


@contextmanager
def step(name: str) -> Iterator[None]:
    """One line per step, with the seconds it took."""
    print(f"  {name:.<34} ", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except Exception:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - started:4.1f} s", flush=True)


def web_address() -> Web:
    host, text = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CannotStart(f"PORT={text} is not a port number: choose one from 1024 to 65535.")
    try:
        free = ports.is_free(host, int(text))
    except OSError as error:
        raise CannotStart(f"HOST={host} is no address of this machine ({error}).") from error
    if not free:
        other = 8080 if text != "8080" else 8081
        raise CannotStart(
            f"Port {text} is in use (or not allowed) on {host}. "
            f"Stop the program that has it, or choose another: make run PORT={other}"
        )
    return Web(host, int(text))


def write_keys(path: Path) -> None:
    """var/local.env: made once, readable by its owner only, and kept."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, exist_ok=True)
    text = (
        "# Made by `make run`. Keep it: without the keys the stored credentials are lost.\n"
        f"PBXADMIN_SECRET_KEY={secrets.token_urlsafe(50)}\n"
        f"PBXADMIN_ENCRYPTION_KEYS={base64.urlsafe_b64encode(os.urandom(32)).decode()}\n"
        "PBXADMIN_TLS=off\n"
        "PBXADMIN_HOSTS=localhost,127.0.0.1,[::1]\n"
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def prepare_django() -> Callable[..., object]:
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pbxadmin.settings")
    django.setup()
    return call_command


def pick_ports() -> Simulator:
    """The usual port of each PBX, or a free one where somebody has it."""
    from transfers.management.commands.demo import PBXS

    places = {pbx.slug: ports.pick(pbx.port) for pbx in PBXS}
    real = REAL if real_pbx_wanted() else ""
    if real:
        places[real] = free_block()
    return Simulator(ports.pick(CONTROL_PORT), places, real)


def real_pbx_wanted() -> bool:
    """Whether it was asked for and can be had; says why not."""
    wish = os.environ.get("PBX", "")
    if wish not in ("", "asterisk", "simulator"):
        raise CannotStart(f"PBX={wish} is not known: PBX=asterisk, or nothing for the simulator.")
    if wish != "asterisk":
        return False
    try:
        with step("Asterisk (var/asterisk)"):
            unpack(office.VERSION)
    except Unavailable as why:
        print(f"  No real PBX: {why} The simulator takes its place.", flush=True)
        return False
    return True


def start_real_pbx(family: Family, simulator: Simulator) -> None:
    from transfers.management.commands import demo

    port = simulator.pbxs[simulator.real]
    command = [sys.executable, "-m", "scripts.asterisk.office", str(port)]
    login = {"SIM_PASSWORD": demo.pbx_password()}
    log = VAR / "log" / "asterisk.log"
    child = family.start("Asterisk", command, log, {**os.environ, **login})
    family.wait_for(child, lambda: ports.listens(port))


def demo_data(call_command: Callable[..., object], simulator: Simulator) -> str:
    """ "" when the demo is in the database, else why it stays out."""
    from django.core.management import CommandError

    try:
        places = {slug.replace("-", "_"): port for slug, port in simulator.pbxs.items()}
        call_command("demo", **places, stdout=StringIO())
    except CommandError as error:
        return str(error)
    return ""


def start_simulator(family: Family, simulator: Simulator) -> None:
    from transfers.management.commands import demo

    command = [sys.executable, "-m", "simulator", "--control-port", str(simulator.control)]
    simulated = {pbx.slug: pbx for pbx in demo.PBXS if pbx.slug != simulator.real}
    for slug, pbx in simulated.items():
        command += ["--pbx", f"{slug}={pbx.face}:{simulator.pbxs[slug]}"]
    command.append("--traffic")
    login = {"SIM_USERNAME": demo.PBX_USERNAME, "SIM_PASSWORD": demo.pbx_password()}
    child = family.start(
        "PBX simulator", command, VAR / "log" / "simulator.log", {**os.environ, **login}
    )
    family.wait_for(child, lambda: all(ports.listens(simulator.pbxs[slug]) for slug in simulated))


def start_web(family: Family, web: Web) -> None:
    command = [sys.executable, "-m", "uvicorn", "pbxadmin.asgi:application"]
    command += ["--host", web.host, "--port", str(web.port), "--lifespan", "on"]
    command += ["--timeout-graceful-shutdown", "3", "--no-proxy-headers", "--no-server-header"]
    command += ["--no-access-log", "--no-use-colors"]
    child = family.start("web server", command, VAR / "log" / "server.log", web_environment(web))
    family.wait_for(child, lambda: ports.answers_ok(web.reachable_at, web.port, "/login/"))


def tell_pbxs(web: Web, simulator: Simulator) -> None:
    """Give the simulated PBXs the address of their notifications, as their administrator would."""
    import requests

    from transfers.management.commands import demo

    for order in demo.notify_orders(web.url):
        url = f"http://127.0.0.1:{simulator.control}/control"
        requests.post(url, json=order, timeout=10).raise_for_status()


def web_environment(web: Web) -> dict[str, str]:
    """Ours; the address that HOST= opens is one that requests may name."""
    from django.conf import settings

    hosts = dict.fromkeys([*settings.ALLOWED_HOSTS, "127.0.0.1", "[::1]"])
    if web.host not in EVERYWHERE:
        hosts[f"[{web.host}]" if ":" in web.host else web.host] = None
    return {**os.environ, "PBXADMIN_HOSTS": ",".join(hosts)}


def welcome(web: Web, simulator: Simulator, why_not: str) -> str:
    from transfers.management.commands.demo import PBXS, PEOPLE

    lines = ["", f"  pbxadmin runs at  {web.url}", ""]
    if why_not:
        lines += [f"  Without the demo: {why_not}", ""]
    else:
        lines += [f"    {p.username:<6}{p.password:<20}{p.is_what}" for p in PEOPLE]
        lines += ["    (unless the passwords were changed since)", ""]
        places = ", ".join(f"{pbx.name} {simulator.pbxs[pbx.slug]}" for pbx in PBXS)
        lines += [f"  Simulated PBXs on ports: {places}; control {simulator.control}."]
        if simulator.real:
            lines += ["  Workshop is a real Asterisk; its phones answer by themselves."]
    lines += ["  Data, keys and logs are in var/. Ctrl-C stops everything.", ""]
    if not why_not and web.host not in ("127.0.0.1", "localhost", "::1"):
        lines += ["  Others can reach this address, and the demo passwords are known to all:"]
        lines += ["  change them (People) before you let anybody in.", ""]
    return "\n".join(lines)


def prepare(family: Family, web: Web) -> tuple[Simulator, str]:
    """Everything up to the running servers: where the simulator is, and why the demo stays out."""
    with step("Keys (var/local.env)"):
        write_keys(VAR / "local.env")
        call_command = prepare_django()
    with step("Database"):
        call_command("migrate", verbosity=0)
    with step("Static files"):
        call_command("collectstatic", interactive=False, verbosity=0)
    simulator = pick_ports()
    with step("Demo data"):
        why_not = demo_data(call_command, simulator)
    if not why_not:
        with step("PBX simulator"):
            start_simulator(family, simulator)
        if simulator.real:
            with step("Asterisk and its phones"):
                start_real_pbx(family, simulator)
    with step("Web server"):
        start_web(family, web)
    if not why_not:
        with step("Notifications"):
            tell_pbxs(web, simulator)
    return simulator, why_not


def on_signal(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)  # also where a shell started us with Ctrl-C ignored
    family = Family()
    try:
        web = web_address()
        print(welcome(web, *prepare(family, web)), flush=True)
        family.watch()
    except KeyboardInterrupt:
        print("\n  Stopping …", end=" ", flush=True)
    except (CannotStart, ChildDied, NotReady) as error:
        print(f"\n{error}\n", file=sys.stderr, flush=True)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # stopping takes a few seconds at most
        family.stop()
    print("stopped.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
