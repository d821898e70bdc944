"""Hands on the keyboard. Each of these presses keys as a person does, and nothing else; a page
opened by `no_mouse` complains when something is clicked all the same."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from transfers.domain import Action
from transfers.services.keyboard import USUAL
from transfers.services.rules import WITH_TARGET

MOST = 80  # Tabs or arrows until something must have been reached
# Whether a row is below the focus; from nowhere, the first arrow leads to the first call.
LIES_BELOW = """row => {
  const all = [...document.querySelectorAll(".call")];
  return all.indexOf(row) > all.indexOf(document.activeElement);
}"""
NO_MOUSE = "addEventListener('pointerdown', () => console.error('This took a mouse.'), true)"


def no_mouse(page: Page) -> Page:
    """From its next page on; conftest's `page_errors` fails the test that clicks."""
    page.add_init_script(NO_MOUSE)
    return page


def press(page: Page, keys: str) -> None:
    """press(page, "j f Escape")"""
    for key in keys.split():
        page.keyboard.press(key)


def has_focus(wanted: Locator) -> bool:
    return bool(wanted.evaluate("element => element === document.activeElement"))


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    wanted.wait_for()
    for _ in range(MOST):
        if has_focus(wanted):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} never reaches {wanted}")


def choose(page: Page, row: Locator) -> None:
    """With the arrows to this call, once no dialog is open. The calls may move meanwhile."""
    expect(page.get_by_role("dialog")).to_be_hidden()
    row.wait_for()
    for _ in range(MOST):
        if has_focus(row):
            return
        page.keyboard.press("ArrowDown" if row.evaluate(LIES_BELOW) else "ArrowUp")
    raise AssertionError(f"no arrow reaches {row}")


def do(page: Page, row: Locator, action: Action, target: str = "1003") -> None:
    """The action on this call, by its key; the dialog is answered."""
    row.locator(f"[data-action={action}]").wait_for(state="attached")
    choose(page, row)
    press(page, USUAL[action])
    if action in WITH_TARGET:
        send_to(page, target)
    elif action is Action.HANGUP:
        confirm(page, "Hang up")


def send_to(page: Page, target: str) -> None:
    """In the dialog: the number, and Enter."""
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type(target)
    page.keyboard.press("Enter")


def confirm(page: Page, name: str) -> None:
    tab_to(page, page.get_by_role("dialog").get_by_role("button", name=name))
    page.keyboard.press("Enter")
