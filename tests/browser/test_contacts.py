"""The directory, as somebody types in it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.rows import listed
from transfers.phonebook import Contact

RENEWAL = re.compile("page=")
RENEWED = """() => {
  window.renewed = new Promise((done) => document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.sourceElement.id === "people-again") done();
  }));
}"""


def test_it_narrows_as_one_types_and_stars_stay(page: Page, login):
    for name, number in (("Carol Weiss", "+36 1 555-0142"), ("Szőke Ágnes", "203")):
        listed(name, number)
    login(page, "ana")
    page.goto("/contacts/")
    search = page.get_by_label("Search", exact=True)
    search.press_sequentially("szoke")
    expect(page.get_by_text("Carol Weiss")).to_have_count(0)
    star = page.get_by_role("button", name="Favourite: Szőke Ágnes")
    star.focus()
    page.keyboard.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    search.fill("0615550142")
    expect(page.get_by_text("Carol Weiss")).to_be_visible()
    search.fill("")
    page.get_by_label("Favourites only").check()
    expect(page.get_by_text("Carol Weiss")).to_have_count(0)
    expect(page.get_by_text("Szőke Ágnes")).to_be_visible()


def test_who_is_free_is_never_told_of_what_was_searched_before(new_page, login):
    """The list is renewed from time to time; on a slow line somebody types meanwhile."""
    page = new_page(wound=True)
    for name, number in (("Carol Weiss", "1003"), ("Szőke Ágnes", "203")):
        listed(name, number)
    login(page, "ana")
    page.goto("/contacts/")
    waiting: list[Route] = []
    page.route(RENEWAL, lambda route: route.continue_() if waiting else waiting.append(route))
    with page.expect_request(RENEWAL):
        page.clock.run_for(10_000)
    page.get_by_label("Search", exact=True).fill("szoke")
    page.clock.run_for(1000)
    page.evaluate(RENEWED)
    waiting[0].continue_()
    page.evaluate("renewed")
    expect(page.get_by_text("Carol Weiss")).to_have_count(0)
    expect(page.get_by_text("Szőke Ágnes")).to_be_visible()


def test_a_file_is_looked_at_before_it_is_imported(page: Page, login, axe, tmp_path: Path):
    listed("Carol Weiss", "203", department="Sales")
    file = tmp_path / "people.csv"
    file.write_bytes(
        "Név;Osztály;Mellék\nCarol Weiss;Legal;203\nŐri Béla;;204\n;;5\n".encode("cp1250")
    )
    login(page, "root")
    page.goto("/contacts/import/")
    page.get_by_label("CSV or vCard file").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_label("Encoding")).to_have_value("cp1250")
    page.get_by_label("Encoding").select_option("cp1252")
    page.get_by_role("button", name="Show it so").click()
    expect(page.get_by_text("Õri Béla")).to_be_visible()
    page.get_by_label("Encoding").select_option("cp1250")
    page.get_by_role("button", name="Show it so").click()
    expect(page.get_by_text("Őri Béla")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("2 contacts would be written")).to_be_visible()
    expect(page.get_by_text("department Sales → Legal")).to_be_visible()
    expect(page.get_by_text("It has no name.")).to_be_visible()
    axe(page)
    assert Contact.objects.count() == 1
    page.get_by_role("button", name="Import 2 contacts").click()
    expect(page.get_by_text("2 contacts written.")).to_be_visible()
    assert Contact.objects.get(name="Carol Weiss").department == "Legal"
