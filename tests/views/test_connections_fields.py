from __future__ import annotations

from tests.views.ladder import AdministratorsOnly, text


class TestLadder(AdministratorsOnly):
    path = "/connections/fields/"
    methods = ("get",)

    def test_works(self, as_user, root):
        page = text(as_user(root).get("/connections/fields/", {"vendor": "ozeki"}))
        assert 'name="option-generation"' in page
        assert "<html" not in page
        assert 'hx-target="#id_url_helptext"' in page


def test_an_unknown_vendor_has_no_fields(as_user, root):
    response = as_user(root).get("/connections/fields/", {"vendor": "<nobody>"})
    assert response.status_code == 200
    assert "<input" not in text(response)
    assert "nobody" not in text(response)
