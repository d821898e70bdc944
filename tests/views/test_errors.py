"""The pages for what went wrong."""

from __future__ import annotations

import re

from django.template.loader import get_template
from django.views.defaults import server_error


def text(response) -> str:
    return response.content.decode()


def test_403_says_why_and_what_to_do(as_user, ana):
    page = text(as_user(ana).get("/people/"))
    assert "Only an administrator may do this." in page
    assert "ask an administrator" in page
    assert "Log out" in page


def test_404_does_not_tell_whether_it_exists(as_user, ana, client):
    for page in (text(as_user(ana).get("/log/99999/")), text(client.get("/nowhere/"))):
        assert "There is nothing here" in page
        assert "nowhere" not in page


def test_csrf(as_user, ana):
    response = as_user(ana, csrf=True).post("/account/password/")
    assert response.status_code == 403
    assert "Nothing was done." in text(response)


def test_500_needs_nothing(rf):
    assert "Something broke on our side" in text(server_error(rf.get("/")))
    tags = re.findall(r"{% *(\w+)", get_template("500.html").template.source)
    assert set(tags) == {"get_current_language", "translate"}
