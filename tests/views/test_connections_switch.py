from __future__ import annotations

from tests.views.ladder import AdministratorsOnly, text
from transfers.models import AuditEvent, PbxConnection
from transfers.services import forwards


class TestDisableLadder(AdministratorsOnly):
    path = "/connections/{pk}/disable/"
    methods = ("post",)

    def test_works(self, as_user, root, url):
        response = as_user(root).post(url, follow=True)
        assert "Head office is disabled." in text(response)
        assert not PbxConnection.objects.get().enabled
        assert AuditEvent.objects.get().verb == "connection.disabled"


class TestEnableLadder(AdministratorsOnly):
    path = "/connections/{pk}/enable/"
    methods = ("post",)

    def test_works(self, as_user, root, url):
        PbxConnection.objects.update(enabled=False)
        response = as_user(root).post(url, follow=True)
        assert "Head office is enabled." in text(response)
        assert PbxConnection.objects.get().enabled
        assert AuditEvent.objects.get().verb == "connection.enabled"


def test_what_a_phone_may_still_do_is_said(as_user, root, head_office, monkeypatch):
    monkeypatch.setattr(forwards, "release", lambda *_, **__: ["Calls for 1001 may still go."])
    response = as_user(root).post(f"/connections/{head_office.pk}/disable/", follow=True)
    assert "Calls for 1001 may still go." in text(response)
