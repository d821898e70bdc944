"""A file of contacts, from the form to the directory, with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import SOON
from tests.browser.hands import no_mouse, press, tab_to
from tests.views.test_imports import FILE
from transfers.phonebook import Contact


def use(page: Page, button: str) -> None:
    tab_to(page, page.get_by_role("button", name=button))
    press(page, "Enter")


def test_a_file_is_read_compared_and_only_then_imported(page, login):
    login(no_mouse(page), "root")
    page.goto("/contacts/import/")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.locator("input[type=file]").set_input_files(file)  # the browser's own dialog
    use(page, "Read the file")
    use(page, "Check the file")
    button = page.get_by_role("button", name="Import 1 contact")
    expect(button).to_be_visible(timeout=SOON)
    assert not Contact.objects.exists()
    use(page, "Import 1 contact")
    expect(page.locator("main")).to_contain_text("Imported", timeout=SOON)
    assert Contact.objects.get().name == "Anna"
