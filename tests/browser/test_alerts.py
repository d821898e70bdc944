"""What stands out, what is read out, and what reaches somebody who looks elsewhere; and its end."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SOON
from tests.stage import CALLER
from transfers.services.preferences import Preferences, save

SECONDS = re.compile("^0:(0[3-9]|[1-5].)$")  # three and more, and no minute
# Sounds and notifications of the page, written down instead of made.
LISTENING = """
window.heard = [];
HTMLMediaElement.prototype.play = async function () { if (this.volume) heard.push("play"); };
HTMLMediaElement.prototype.pause = function () { heard.push("pause"); };
window.Notification = class extends EventTarget {
  static permission = "granted";
  static requestPermission() { heard.push("asked"); return Promise.resolve("granted"); }
  constructor(title, more) { super(); heard.push(`${title} ${more.body}`); }
  close() { heard.push("closed"); }
};
window.looks = false;
document.hasFocus = () => looks;
"""


@pytest.fixture
def listening(new_page: Callable[..., Page]) -> Page:
    page = new_page(wound=True)
    page.add_init_script(LISTENING)
    return page


def heard(page: Page) -> list[str]:
    found: list[str] = page.evaluate("heard")
    return found


def test_what_rings_or_is_held_too_long_stands_out(page, login, exchange, ana):
    save(ana, Preferences(ring_after=2, hold_after=3))
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    row = page.locator(".call", has_text="Kovács Júlia")
    expect(row).to_have_class(re.compile("late"), timeout=SOON)
    expect(page.locator("#news")).to_contain_text("Kovács Júlia still rings.")
    exchange.answer(call)
    expect(row).to_contain_text("Talking")
    expect(row).not_to_have_class(re.compile("late"))
    exchange.hold(call)
    expect(row).to_have_class(re.compile("late"), timeout=SOON)
    expect(page.locator("#news")).to_contain_text("Kovács Júlia is still on hold.")


def test_a_limit_of_zero_is_none(page, login, exchange, ana):
    save(ana, Preferences(ring_after=0))
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".time")).to_have_text(SECONDS)
    expect(page.locator(".late")).to_have_count(0)


@pytest.mark.parametrize(("minutes", "limit", "late"), [(5, 60, 0), (-5, 3, 1)])
def test_times_run_by_the_servers_clock(page, login, exchange, ana, minutes, limit, late):
    """Whatever the clock of her computer says: nothing is late at once, and nothing never."""
    save(ana, Preferences(ring_after=limit))
    ahead = f"(() => {{ const now = Date.now; Date.now = () => now() + {minutes} * 60e3; }})()"
    page.add_init_script(ahead)
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    login(page, "ana")
    expect(page.locator(".call .time")).to_have_text(SECONDS)
    expect(page.locator(".late")).to_have_count(late)


def test_arrivals_and_losses_are_read_out(page, login, exchange, pbx, ana):
    save(ana, Preferences(ring_after=0))
    login(page, "ana")
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    expect(page.locator("#news")).to_have_text("Kovács Júlia rings for you.")
    pbx.refuse()
    expect(page.locator("#news")).to_have_text("Head office cannot be read any more.", timeout=SOON)


def test_the_title_and_the_icon_count_what_rings_for_her(page, login, exchange):
    login(page, "ana")
    expect(page).to_have_title("Switchboard · pbxadmin")
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    exchange.ring(CALLER, "1002", "Somebody else's")
    expect(page.locator(".call")).to_have_count(2)
    expect(page).to_have_title("(1) Switchboard · pbxadmin")
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("^data:image/svg"))
    exchange.hangup(call)
    expect(page).to_have_title("Switchboard · pbxadmin")
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon.*svg$"))


def test_a_sound_and_a_notification_begin_and_end_with_the_ringing(listening, login, exchange, ana):
    save(ana, Preferences(sound=True, desktop=True))
    login(listening, "ana")
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    listening.wait_for_function("() => heard.filter((what) => what === 'play').length >= 2")
    assert "Kovács Júlia rings for 1001 · Head office" in heard(listening)
    exchange.answer(call)
    listening.wait_for_function("() => heard.includes('pause') && heard.includes('closed')")
    listening.evaluate("heard.length = 0")
    listening.clock.run_for(3000)  # longer than between two sounds
    assert set(heard(listening)) <= {"pause"}  # where no word came meanwhile it is ended once more


def test_they_end_in_a_tab_that_nobody_sees(listening, login, exchange, ana):
    """NethServer's users had a tab that went on ringing after somebody else had answered."""
    save(ana, Preferences(sound=True, desktop=True))
    login(listening, "ana")
    hide(listening)
    call = exchange.ring(CALLER, "1001", "Kovács Júlia")
    listening.wait_for_function("() => heard.includes('play')")
    exchange.answer(call)
    listening.wait_for_function("() => heard.includes('pause') && heard.includes('closed')")
    expect(listening).to_have_title("Switchboard · pbxadmin")


def hide(page: Page) -> None:
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


def test_they_end_when_the_server_is_not_heard_any_more(
    listening, login, exchange, ana, page_errors
):
    page_errors.expect("ERR_")
    page_errors.expect("htmx:")
    save(ana, Preferences(sound=True, desktop=True))
    listening.route(re.compile("/board/stream/"), lambda route: route.abort())
    login(listening, "ana")
    listening.clock.run_for(4000)
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    listening.wait_for_function("() => heard.includes('play')", timeout=SOON)
    listening.route(re.compile("/board/rows/"), lambda route: route.abort())
    listening.clock.run_for(6000)
    listening.wait_for_function("() => heard.includes('closed')", timeout=SOON)


def test_who_looks_away_while_it_rings_is_told(listening, login, exchange, ana):
    save(ana, Preferences(desktop=True))
    login(listening, "ana")
    listening.evaluate("looks = true")
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    expect(listening).to_have_title("(1) Switchboard · pbxadmin")
    assert heard(listening) == []
    listening.evaluate("looks = false; window.dispatchEvent(new Event('blur'))")
    assert heard(listening) == ["Kovács Júlia rings for 1001 · Head office"]


def test_a_browser_that_refuses_to_sound_is_told_of(page, login, ana):
    """Chromium's own refusal: a page that was loaded anew and not touched yet."""
    save(ana, Preferences(sound=True))
    login(page, "ana")
    page.reload()
    expect(page.get_by_text("No sound yet")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_text("No sound yet")).to_be_hidden()


def test_without_her_wish_nothing_is_heard(listening, login, exchange):
    login(listening, "ana")
    exchange.ring(CALLER, "1001", "Kovács Júlia")
    expect(listening).to_have_title("(1) Switchboard · pbxadmin")
    listening.wait_for_timeout(500)
    assert heard(listening) == []


def test_the_settings_ask_the_browser_once_and_by_a_click(listening, login):
    login(listening, "ana")
    listening.goto("/account/settings/")
    assert heard(listening) == []
    listening.get_by_label("A notification on the desktop").check()
    expect(listening.locator("#desktop-answer")).to_have_text("Your browser allows them.")
    listening.get_by_role("button", name="Hear it").click()
    assert heard(listening) == ["asked", "play"]
