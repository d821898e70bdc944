from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

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
    until = timezone.now() + timedelta(hours=1)
    row = forwards.set_up(root, head_office, "500", "102", until)
    row.phone, row.phone_said = "over", "No connection."
    monkeypatch.setattr(forwards, "release", lambda *_, **__: [row])
    page = text(as_user(root).post(f"/connections/{head_office.pk}/disable/", follow=True))
    words = "Calls for 500 may still go to 102: No connection. It is tried again when Head office"
    assert words in page
