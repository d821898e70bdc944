"""docs/walk.md: the switchboard's main jobs, told in pictures of the running product.

Nothing happens by chance: the simulated telephones do what this script says, and each picture waits
until the screen shows what it is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import requests
from playwright.sync_api import Locator, Page, ViewportSize, expect

from scripts.run import ROOT, Simulator

PICTURES = ROOT / "docs" / "walk"
SIZE: ViewportSize = {"width": 1280, "height": 800}
SOON = 15_000  # milliseconds for what the PBX is read for
STILL = 400  # until the people fit the call and nothing moves any more
BACK = 60_000  # until a lost PBX is tried again
HEAD_OFFICE, BUDAPEST, TRAVEL = "head-office", "budapest", "contact"
GABOR, ELODIE, PRIYA = "Szabó Gábor", "Élodie Fournier", "Priya Nair"
INTRODUCTION = """# A walk through the switchboard

Pictures of the running product, taken by `make screenshots`. The telephones are simulated and do
what `scripts/walk.py` tells them; everything on the screen is the product's own doing.
"""


@dataclass
class Walk:
    """Ana's switchboard, the telephones behind it, and what was told so far."""

    page: Page
    control: str
    told: list[str] = field(default_factory=lambda: [INTRODUCTION])
    number: int = 0

    def order(self, pbx: str, do: object, **more: object) -> str:
        """Have the simulator do it; the call it is about, if any."""
        order = {"pbx": pbx, "do": do, **more}
        reply = requests.post(f"{self.control}/control", json=order, timeout=10)
        reply.raise_for_status()
        return str(reply.json().get("call", ""))

    def answer(self, pbx: str, callee: str) -> None:
        """Whoever rings there now picks up."""
        state = requests.get(f"{self.control}/state", timeout=10).json()[pbx]
        ringing = [c for c in state["calls"] if c["callee"] == callee and c["state"] == "ringing"]
        self.order(pbx, "answer", call=ringing[-1]["id"])

    def hang_up(self, pbx: str) -> None:
        """Everybody; "clear" tells nobody, and who waits for events would look for long."""
        for call in requests.get(f"{self.control}/state", timeout=10).json()[pbx]["calls"]:
            order = {"pbx": pbx, "do": "hangup", "call": call["id"]}
            requests.post(f"{self.control}/control", json=order, timeout=10)  # or it just ended

    def pick_up(self, name: str, call: str) -> None:
        """Ana lifts the receiver at Head office."""
        self.order(HEAD_OFFICE, "answer", call=call)
        expect(self.row(name)).to_contain_text("Talking", timeout=SOON)

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("listitem", name=re.compile(f": .*{name}"))

    def receipt(self) -> Locator:
        return (
            self.page.get_by_role("region", name="Your last actions").get_by_role("listitem").first
        )

    def consultation(self) -> Locator:
        return self.page.get_by_role("region", name=re.compile("^Consultation"))

    def choose(self, name: str, key: str, typed: str = "") -> None:
        """The call by name, the action by its key, and the person by what is typed."""
        expect(self.page.locator("#said")).to_be_hidden(timeout=SOON)  # of the scene before
        self.row(name).focus()
        self.page.keyboard.press(key)
        if not typed:
            return
        field = self.page.get_by_role("dialog").get_by_role("combobox")
        expect(field).to_be_focused()
        self.page.keyboard.type(typed)
        best = self.page.get_by_role("dialog").get_by_role("option", selected=True)
        expect(best).to_be_visible()
        self.page.keyboard.press("Enter")
        expect(field).not_to_have_value(typed)

    def send(self) -> None:
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("dialog")).to_be_hidden()

    def chapter(self, title: str) -> None:
        self.told.append(f"## {title}\n")

    def snap(self, name: str, says: str) -> None:
        self.page.wait_for_timeout(STILL)
        self.number += 1
        file = f"{self.number:02}-{name}.png"
        self.page.screenshot(path=PICTURES / file)
        self.told.append(f"{self.number}. {says}\n\n   ![{says}](walk/{file})\n")


def take(page: Page, simulator: Simulator) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.reload()
    walk = Walk(page, f"http://127.0.0.1:{simulator.control}")
    for pbx in simulator.pbxs:
        walk.order(pbx, do="traffic", on=False)
    expect(page.get_by_text("not read yet")).to_have_count(0, timeout=SOON)
    for pbx in simulator.pbxs:
        walk.hang_up(pbx)
    expect(walk.row("")).to_have_count(0, timeout=SOON)
    for scene in (blind, forward, attended, unknown, lost):
        scene(walk)
    if broken:
        raise RuntimeError(f"The page's scripts failed: {broken}")
    Path(ROOT / "docs" / "walk.md").write_text("\n".join(walk.told), encoding="utf-8")


def traffic(simulator: Simulator) -> None:
    """Life goes on as it pleases, where it is not all on Ana's own desk."""
    url = f"http://127.0.0.1:{simulator.control}/control"
    for pbx in (HEAD_OFFICE, BUDAPEST, TRAVEL):
        order = {"pbx": pbx, "do": "traffic", "on": True}
        requests.post(url, json=order, timeout=10).raise_for_status()


def gabor_rings(walk: Walk) -> str:
    call = walk.order(HEAD_OFFICE, "ring", caller="+36305550121", callee="1001", name=GABOR)
    expect(walk.row(GABOR)).to_contain_text("Rings", timeout=SOON)
    return call


def blind(walk: Walk) -> None:
    walk.chapter("A blind transfer")
    walk.order(HEAD_OFFICE, "behave", number="1003", answers_after=None)
    call = gabor_rings(walk)
    walk.snap("rings", "A call rings for Ana; every button shows its key.")
    walk.pick_up(GABOR, call)
    walk.choose(GABOR, "t", "carol")
    walk.snap(
        "blind", "T asks where to; a few letters find Carol. It says who is sent and who leaves."
    )
    walk.send()
    expect(walk.receipt()).to_contain_text("1003 is ringing", timeout=SOON)
    walk.snap("accepted", "The PBX has accepted it. That is not called done: Carol's phone rings.")
    walk.answer(HEAD_OFFICE, "1003")
    expect(walk.receipt()).to_contain_text("Arrived", timeout=SOON)
    walk.snap("arrived", "Carol has answered, and only now it has arrived.")
    walk.receipt().get_by_role("link").click()
    expect(walk.page.get_by_role("heading", level=1)).to_be_visible()
    walk.snap("receipt", "Its receipt: what was sent, what the PBX said, what was seen afterwards.")
    walk.page.go_back()
    walk.order(HEAD_OFFICE, "clear")
    expect(walk.row(GABOR)).to_have_count(0, timeout=SOON)


def forward(walk: Walk) -> None:
    walk.chapter("A forward, while it rings")
    walk.order(HEAD_OFFICE, "behave", number="1004", answers_after=None)
    walk.order(HEAD_OFFICE, "ring", caller="+442079460018", callee="1001", name=PRIYA)
    expect(walk.row(PRIYA)).to_contain_text("Rings", timeout=SOON)
    walk.choose(PRIYA, "f", "lindq")
    walk.snap("forward", "Nobody needs to answer it: F sends a ringing call on to Dave.")
    walk.send()
    expect(walk.receipt()).to_contain_text("1004 is ringing", timeout=SOON)
    walk.snap("rings-there", "It rings at Dave's now; Ana's phone is quiet.")
    walk.answer(HEAD_OFFICE, "1004")
    expect(walk.receipt()).to_contain_text("Arrived", timeout=SOON)
    walk.snap("forwarded", "Dave has answered.")
    walk.order(HEAD_OFFICE, "clear")
    expect(walk.row(PRIYA)).to_have_count(0, timeout=SOON)


def attended(walk: Walk) -> None:
    """At the travel desk, whose PBX consults by command. Ana's phone there must be picked up."""
    walk.chapter("An attended transfer")
    walk.order(TRAVEL, "behave", number="301", answers_after=0.5)
    walk.order(TRAVEL, "behave", number="303", answers_after=None)
    walk.order(TRAVEL, "ring", caller="+33199001234", callee="301", name=ELODIE)
    expect(walk.row(ELODIE)).to_contain_text("Talking", timeout=SOON)
    walk.choose(ELODIE, "c", "bruno")
    walk.snap("consult", "C asks somebody first: the caller waits on hold meanwhile.")
    walk.send()
    expect(walk.consultation()).to_contain_text("Bruno Costa’s phone rings", timeout=SOON)
    walk.snap("bruno-rings", "The bar says how it stands, and has every way out.")
    walk.answer(TRAVEL, "303")
    expect(walk.consultation()).to_contain_text("You talk to Bruno Costa", timeout=SOON)
    walk.snap("talks", "Ana talks to Bruno; Élodie Fournier is on hold. Cancel goes back to her.")
    walk.order(TRAVEL, "behave", number="303", answers_after=1)
    walk.page.keyboard.press("b")
    expect(walk.consultation()).to_have_count(0, timeout=SOON)
    expect(walk.receipt()).to_contain_text("Arrived", timeout=SOON)
    walk.snap("completed", "Complete has brought both together, and Ana is out of the call.")
    walk.order(TRAVEL, "clear")
    expect(walk.row(ELODIE)).to_have_count(0, timeout=SOON)


def unknown(walk: Walk) -> None:
    walk.chapter("An unknown that becomes known")
    walk.order(HEAD_OFFICE, "behave", number="1005", answers_after=1)
    call = gabor_rings(walk)
    walk.pick_up(GABOR, call)
    walk.order(HEAD_OFFICE, "switch", effect_delay_seconds=8)
    walk.order(HEAD_OFFICE, "fault", kind="drop_after", command="BlindTransfer")
    walk.choose(GABOR, "t", "ines")
    walk.send()
    expect(walk.receipt()).to_contain_text("Unknown")
    walk.snap(
        "unknown", "The line is cut before the PBX answers. Nobody says done or sends it anew."
    )
    expect(walk.receipt()).to_contain_text("Arrived", timeout=2 * SOON)
    walk.snap("known", "The calls themselves show the truth a moment later: it has arrived.")
    walk.order(HEAD_OFFICE, "fault", kind="none")
    walk.order(HEAD_OFFICE, "switch", effect_delay_seconds=0)
    walk.order(HEAD_OFFICE, "clear")
    expect(walk.row(GABOR)).to_have_count(0, timeout=SOON)


def lost(walk: Walk) -> None:
    walk.chapter("A PBX that is lost and comes back")
    call = gabor_rings(walk)
    walk.pick_up(GABOR, call)
    walk.order(HEAD_OFFICE, "refuse")
    expect(walk.page.get_by_text("unreachable since")).to_be_visible(timeout=SOON)
    walk.order(BUDAPEST, "ring", caller="+33199001234", callee="201", name=ELODIE)
    expect(walk.row(ELODIE)).to_contain_text("Rings", timeout=SOON)
    walk.snap("lost", "Head office is lost: its call is shown as last seen and cannot be moved.")
    walk.order(HEAD_OFFICE, "hangup", call=call)
    walk.order(HEAD_OFFICE, "listen")
    expect(walk.page.get_by_text("unreachable since")).to_have_count(0, timeout=BACK)
    expect(walk.row(GABOR)).to_have_count(0, timeout=SOON)
    walk.snap(
        "back",
        "It is back; the call that ended meanwhile is gone. Budapest went on.",
    )
    walk.order(BUDAPEST, "clear")
