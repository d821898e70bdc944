"""`make screenshots`: the pictures in docs/screenshots and docs/walk, of the running product.

Everything is started as by `make run`, on a database of its own that is thrown away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from scripts import ports, walk
from scripts.children import Family
from scripts.palette import shrunk
from scripts.run import ROOT, Web, prepare
from scripts.test import CHROMIUM, chromium

PICTURES = ROOT / "docs" / "screenshots"
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 400, "height": 800}
# Until every name can be drawn with the fonts that a plain machine has, and Ana has a hand free.
LEGIBLE = r"""() => !/[\u3000-\u9fff]/.test(document.body.innerText)
  && document.querySelectorAll(".consultation").length < 2"""
SETTLING = 20_000  # milliseconds until the simulated people are on the phone


def logged_in(browser: Browser, web: Web, username: str, *, dark: bool, size: ViewportSize) -> Page:
    from transfers.management.commands.demo import PEOPLE

    password = next(person.password for person in PEOPLE if person.username == username)
    page = browser.new_page(
        base_url=web.url,
        viewport=size,
        color_scheme="dark" if dark else "light",
        locale="en-GB",
    )
    page.goto("/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def manage(*arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout


def transfer_one() -> None:
    """So that there is a receipt to see: somebody from outside is sent to Dave."""
    calls = json.loads(manage("calls", "Head office", "--json"))["calls"]
    for call in calls:
        outside = call["caller"]["number"].startswith("+")
        if outside and call["state"] == "talking" and "blind" in call["actions"]:
            words = ["--kind", "blind", "--to", "1004", "--leaves", "callee", "--user", "ana"]
            manage("transfer", "Head office", call["id"], *words, "--wait", "15")
            return


def take(browser: Browser, web: Web) -> None:
    board = logged_in(browser, web, "ana", dark=False, size=WIDE)
    board.wait_for_timeout(SETTLING)
    transfer_one()
    board.wait_for_function(LEGIBLE, timeout=120_000)
    board.screenshot(path=PICTURES / "switchboard.png")
    dark = logged_in(browser, web, "ana", dark=True, size=WIDE)
    dark.wait_for_timeout(2000)
    dark.screenshot(path=PICTURES / "switchboard-dark.png")
    narrow = logged_in(browser, web, "ana", dark=False, size=NARROW)
    narrow.wait_for_timeout(2000)
    narrow.screenshot(path=PICTURES / "switchboard-narrow.png")
    root = logged_in(browser, web, "root", dark=False, size=WIDE)
    for name in ("connections", "log"):
        root.goto(f"/{name}/")
        root.wait_for_timeout(1000)
        root.screenshot(path=PICTURES / f"{name}.png")


def shrink(page: Page) -> None:
    for picture in (*PICTURES.glob("*.png"), *walk.PICTURES.glob("*.png")):
        picture.write_bytes(shrunk(page, picture.read_bytes()))


def main() -> int:
    if not chromium():
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    family = Family()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PBXADMIN_DATABASE"] = f"sqlite:///{Path(folder)}/screenshots.sqlite3"
        web = Web("127.0.0.1", ports.pick(8001))
        try:
            simulator, _ = prepare(family, web)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM, chromium_sandbox=os.geteuid() != 0
                )
                page = logged_in(browser, web, "ana", dark=False, size=walk.SIZE)
                walk.take(page, simulator)  # before the board is full of traffic
                page.close()
                walk.traffic(simulator)
                take(browser, web)
                shrink(browser.new_page())
        finally:
            family.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
