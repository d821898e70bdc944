"""The directory, as somebody types in it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.rows import listed


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
