"""The rungs every administrator's view stands on; its own file adds "works" and what it does."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest

HTMX = {"HX-Request": "true"}


def english(text: str) -> str:
    """Without the brackets of the invented language, in JSON too."""
    return re.sub(r"[⟦⟧]|\\u27e6|\\u27e7", "", text)


class AdministratorsOnly:
    """Subclasses say `path` ({pk} is the connection's) and the methods the view answers."""

    path: ClassVar[str]
    methods: ClassVar[tuple[str, ...]]

    @pytest.fixture
    def url(self, head_office):
        return self.path.format(pk=head_office.pk)

    def test_wrong_method(self, as_user, root, url):
        for method in {"get", "post", "put", "delete"} - set(self.methods):
            assert getattr(as_user(root), method)(url).status_code == 405, method

    def test_anonymous(self, client, url):
        for method in self.methods:
            response = getattr(client, method)(url)
            assert response.status_code == 302, method
            assert response["Location"].startswith("/login/")

    def test_anonymous_fragment_is_no_login_page(self, client, url):
        for method in self.methods:
            response = getattr(client, method)(url, headers=HTMX)
            assert response.status_code == 403, method
            assert b"<form" not in response.content

    @pytest.mark.parametrize("name", ["ana", "ben", "eve"])
    def test_no_access(self, request, as_user, url, name):
        for method in self.methods:
            response = getattr(as_user(request.getfixturevalue(name)), method)(url)
            assert response.status_code == 403, method

    def test_csrf(self, as_user, root, url):
        if "post" in self.methods:
            assert as_user(root, csrf=True).post(url).status_code == 403

    def test_unknown_connection(self, as_user, root):
        if "{pk}" in self.path:
            for method in self.methods:
                found = getattr(as_user(root), method)(self.path.format(pk=999_999))
                assert found.status_code == 404, method


class AtOneCall:
    """What an open page posts about one call, without a form to fill in. Subclasses say `verbs`."""

    verbs: ClassVar[tuple[str, ...]]

    @pytest.fixture
    def urls(self, head_office):
        return [f"/calls/{head_office.pk}/{verb}/" for verb in self.verbs]

    def test_wrong_method(self, as_user, ana, urls):
        for method in ("get", "put", "delete"):
            assert {getattr(as_user(ana), method)(url).status_code for url in urls} == {405}

    def test_anonymous(self, client, urls):
        for url in urls:
            assert client.post(url, {"call": "1"}).status_code == 302
            assert client.post(url, {"call": "1"}, headers=HTMX).status_code == 403

    def test_no_access(self, as_user, eve, urls):
        assert {as_user(eve).post(url, {"call": "1"}).status_code for url in urls} == {404}

    def test_csrf(self, as_user, ana, urls):
        client = as_user(ana, csrf=True)
        assert {client.post(url, {"call": "1"}).status_code for url in urls} == {403}


def text(response) -> str:
    return response.content.decode()


def typed(**changes) -> dict[str, str]:
    """What a browser sends for a filled-in connection form."""
    return {
        "name": "Warehouse",
        "vendor": "ozeki",
        "url": "http://10.0.0.7:7780/",
        "username": "console",
        "password": "",
        "poll_seconds": "2",
        "enabled": "on",
        "ca_pem": "",
        "option-generation": "auto",
        "option-method": "post",
        "option-transferor_party": "leaves",
        "option-timezone": "",
        "option-send_both_spellings": "no",
    } | changes
