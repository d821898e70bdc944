"""The first page everybody meets: readable in any light, and usable with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.conftest import PASSWORD


def test_nothing_stands_in_anybodys_way(new_page, axe):
    page = new_page()
    page.goto("/login/")
    axe(page)


def test_it_fits_a_narrow_phone(new_page):
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto("/login/")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_logging_in_with_the_keyboard_alone(page, ana):
    page.goto("/login/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("ana")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    expect(page.get_by_text("Ana Kovács")).to_be_visible()


def test_a_wrong_password_is_said_and_the_name_is_kept(page, ana, axe):
    page.goto("/login/")
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is no such user name with this password")).to_be_visible()
    expect(page.get_by_label("Username")).to_have_value("ana")
    expect(page.get_by_label("Password")).to_have_value("")
    axe(page)


def test_logging_out_ends_it(page, login, page_errors):
    page_errors.expect("403")  # where the page asks once more before it is left
    login(page, "ana")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_an_inline_script_does_not_run_and_is_noticed(page, page_errors):
    page_errors.expect("Content Security Policy")
    page.goto("/login/")
    with page.expect_console_message():
        ran = page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.ran = true";
                document.body.append(script);
                return Boolean(window.ran);
            }"""
        )
    assert not ran
    assert len(page_errors.seen) == 1
