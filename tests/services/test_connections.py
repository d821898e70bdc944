from __future__ import annotations

import dataclasses
import logging

import pytest
from django.db import connection as database
from django.utils import timezone

from tests.conftest import PBX_PASSWORD
from tests.rows import listed
from transfers.domain import Check, Probe
from transfers.models import AuditEvent, Claim, Feed, PbxConnection, Seat, Transfer
from transfers.phonebook import Contact
from transfers.services import connections as service
from transfers.services.connections import Draft, NotDone

SECRET = "another-s3cret"


def draft(**changes) -> Draft:
    values = Draft(name="Warehouse", vendor="ozeki", url="http://10.0.0.7:7780/", username="api")
    return dataclasses.replace(values, **changes)


def same(connection, **changes) -> Draft:
    names = ("name", "vendor", "url", "username", "options", "ca_pem", "poll_seconds", "enabled")
    return Draft(**{name: getattr(connection, name) for name in names} | changes)


def events() -> list[tuple[str, str, str]]:
    return [(e.actor_name, e.verb, e.object_text) for e in AuditEvent.objects.order_by("pk")]


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("pk").last()


@pytest.fixture
def stopped(head_office):
    """A feed whose polling ended because the PBX refused the login."""
    Feed.objects.update(
        error_code="auth_failed",
        error_text="No.",
        failing_since=timezone.now(),
        failures=3,
        version=7,
    )
    return head_office


@pytest.fixture
def reachable(head_office, pbx):
    head_office.url = pbx.url
    head_office.save()
    return head_office


def is_awake(connection) -> bool:
    feed = Feed.objects.get(connection=connection)
    return not (feed.error_code or feed.error_text or feed.failing_since or feed.failures)


class TestAdd:
    def test_makes_the_connection_its_feed_and_the_event(self, root):
        made = service.add(root, draft(password=SECRET, options={"method": "get"}))
        made.refresh_from_db()
        assert made.secrets == {"password": SECRET}
        assert made.options == {"method": "get"}
        assert made.feed.version == 0
        assert events() == [("root", "connection.added", "Warehouse")]

    def test_without_a_password_stores_no_blob(self, root):
        assert service.add(root, draft()).secret_blob == ""

    def test_a_taken_name_changes_nothing(self, root, head_office):
        with pytest.raises(NotDone, match="Head office") as refusal:
            service.add(root, draft(name="Head office"))
        assert refusal.value.field == "name"
        assert PbxConnection.objects.count() == Feed.objects.count() == 1
        assert events() == []

    def test_by_the_system(self, db):
        service.add(None, draft())
        assert events()[0][0] == "system"


class TestEdit:
    def test_records_names_of_changes_and_no_values(self, root, head_office):
        changes = {"name": "Main office", "password": SECRET, "options": {"method": "get"}}
        changed = service.edit(root, head_office, same(head_office, **changes))
        assert changed == ["name", "option method", "password"]
        event = last_event()
        assert (event.verb, event.object_text) == ("connection.edited", "Main office")
        assert event.data == {"changed": changed}
        head_office.refresh_from_db()
        assert head_office.secrets == {"password": SECRET}

    def test_no_password_typed_keeps_the_stored_one(self, root, head_office):
        service.edit(root, head_office, same(head_office, username="other"))
        head_office.refresh_from_db()
        assert head_office.secrets == {"password": PBX_PASSWORD}

    def test_an_empty_password_removes_it(self, root, head_office):
        assert service.edit(root, head_office, same(head_office, password="")) == ["password"]
        head_office.refresh_from_db()
        assert head_office.secret_blob == ""

    def test_does_not_tell_whether_a_typed_password_is_the_stored_one(self, root, head_office):
        again = same(head_office, password=PBX_PASSWORD)
        assert service.edit(root, head_office, again) == ["password"]

    def test_nothing_changed_is_no_event(self, root, head_office):
        assert service.edit(root, head_office, same(head_office)) == []
        assert events() == []

    def test_wakes_a_stopped_feed(self, root, stopped):
        service.edit(root, stopped, same(stopped, password=SECRET))
        assert is_awake(stopped)
        feed = Feed.objects.get()
        assert feed.version == 8
        assert feed.due_at <= timezone.now()

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.2:9/", "http://127.0.0.1:10/", "https://127.0.0.1:9/"]
    )
    def test_the_stored_password_goes_to_no_other_host(self, root, head_office, url):
        with pytest.raises(NotDone, match="Type the password again") as refusal:
            service.edit(root, head_office, same(head_office, url=url))
        assert refusal.value.field == "password"
        head_office.refresh_from_db()
        assert head_office.url == "http://127.0.0.1:9/"

    @pytest.mark.parametrize("password", [SECRET, ""])
    def test_another_host_with_a_decision_about_the_password(self, root, head_office, password):
        moved = same(head_office, url="http://127.0.0.2:9/", password=password)
        assert service.edit(root, head_office, moved) == ["url", "password"]

    def test_the_default_port_is_the_same_port(self, root, head_office):
        head_office.url = "http://pbx/"
        head_office.save()
        service.edit(root, head_office, same(head_office, url="http://pbx:80/api"))

    def test_another_address_forgets_what_the_old_pbx_showed(self, root, head_office):
        Feed.objects.update(calls='{"schema": 1, "calls": []}', taken_at=timezone.now())
        service.edit(root, head_office, same(head_office, url="http://127.0.0.1:9/api"))
        feed = Feed.objects.get()
        assert (feed.calls, feed.directory, feed.taken_at) == ("[]", "[]", None)

    def test_a_read_that_began_before_is_discarded(self, root, head_office):
        before = timezone.now()
        service.edit(root, head_office, same(head_office))
        assert Feed.objects.get().read_after >= before


class TestTest:
    def test_reports_records_and_learns(self, root, reachable, pbx):
        tested = service.test(root, reachable)
        assert tested.probe.ok
        assert {"Address", "Login", "Calls"} <= {check.name for check in tested.probe.checks}
        generation = "gen2" if pbx.face_name == "ozeki-gen2" else "gen1"
        assert tested.learned == {"generation": generation}
        reachable.refresh_from_db()
        assert reachable.options == {"generation": generation}
        event = last_event()
        assert (event.verb, event.data["ok"]) == ("connection.tested", True)
        assert event.data["about"] == {"learned": {"generation": generation}}

    def test_keeps_an_option_that_was_set(self, root, reachable, pbx):
        other = "gen1" if pbx.face_name == "ozeki-gen2" else "gen2"
        reachable.options = {"generation": other}
        reachable.save()
        assert service.test(root, reachable).learned == {}
        reachable.refresh_from_db()
        assert reachable.options == {"generation": other}

    def test_success_wakes_a_stopped_feed(self, root, stopped, reachable):
        service.test(root, reachable)
        assert is_awake(stopped)

    def test_a_failure_that_does_not_matter_to_reading_wakes_it_too(
        self, root, stopped, reachable, monkeypatch
    ):
        wrong_clock = Probe((Check("Clock", False, "The PBX's clock is 90 s ahead of ours."),))
        monkeypatch.setattr(service, "_probe", lambda _build: wrong_clock)
        service.test(root, reachable)
        assert is_awake(stopped)

    def test_failure_leaves_it_stopped(self, root, stopped, reachable, pbx):
        pbx.faults.add("wrong_login")
        assert not service.test(root, reachable).probe.ok
        assert not is_awake(stopped)
        assert last_event().data["ok"] is False

    def test_an_edit_in_between_is_not_overwritten(self, root, reachable, monkeypatch):
        """The test ran on the old settings: it says nothing about the new ones."""

        def meanwhile(build):
            PbxConnection.objects.update(username="changed")
            return Probe((Check("Address", True, "The PBX answers."),), {"generation": "gen1"})

        monkeypatch.setattr(service, "_probe", meanwhile)
        assert service.test(root, reachable).learned == {}
        reachable.refresh_from_db()
        assert (reachable.username, reachable.options) == ("changed", {})

    def test_a_deletion_in_between_is_borne(self, root, reachable, monkeypatch):
        def meanwhile(build):
            PbxConnection.objects.all().delete()
            return Probe((Check("Address", True, "The PBX answers."),))

        monkeypatch.setattr(service, "_probe", meanwhile)
        assert service.test(root, reachable).probe.ok

    def test_unreadable_credentials_are_a_failed_check(self, root, head_office):
        PbxConnection.objects.update(secret_blob="gAAAAA-not-ours")
        head_office.refresh_from_db()
        (check,) = service.test(root, head_office).probe.checks
        assert check.ok is False
        assert "PBXADMIN_ENCRYPTION_KEYS" in check.text

    def test_an_unknown_vendor_is_a_failed_check(self, root, head_office):
        PbxConnection.objects.update(vendor="gone")
        head_office.refresh_from_db()
        (check,) = service.test(root, head_office).probe.checks
        assert "no driver for “gone”" in check.text


class TestTryOut:
    def test_saves_nothing_but_the_event(self, root, pbx):
        tried = draft(name="", url=pbx.url, username="console", password=PBX_PASSWORD)
        tested = service.try_out(root, tried, None)
        assert tested.probe.ok
        assert set(tested.learned) == {"generation"}
        assert not PbxConnection.objects.exists()
        event = last_event()
        assert (event.verb, event.object_text) == ("connection.tested", pbx.url)
        assert event.data["about"] == {"unsaved": True, "address": pbx.url}

    def test_uses_the_stored_password_at_the_same_host(self, root, reachable, pbx):
        tested = service.try_out(root, same(reachable), reachable)
        assert tested.probe.ok
        assert pbx.requests[0].params["Password"] == PBX_PASSWORD

    def test_never_sends_it_elsewhere(self, root, head_office, pbx):
        with pytest.raises(NotDone):
            service.try_out(root, same(head_office, url=pbx.url), head_office)
        assert pbx.count() == 0

    def test_a_removed_password_is_not_sent(self, root, reachable, pbx):
        service.try_out(root, same(reachable, password=""), reachable)
        assert PBX_PASSWORD not in str(pbx.requests)

    def test_unreadable_credentials_are_said(self, root, head_office):
        head_office.secret_blob = "gAAAAA-not-ours"
        with pytest.raises(NotDone, match="PBXADMIN_ENCRYPTION_KEYS"):
            service.try_out(root, same(head_office), head_office)


class TestSwitch:
    def test_off_and_on(self, root, stopped):
        service.set_enabled(root, stopped, False)
        stopped.refresh_from_db()
        assert not stopped.enabled
        service.set_enabled(root, stopped, True)
        stopped.refresh_from_db()
        assert stopped.enabled
        assert is_awake(stopped)
        assert [verb for _, verb, _ in events()] == ["connection.disabled", "connection.enabled"]

    def test_twice_is_once(self, root, head_office):
        service.set_enabled(root, head_office, True)
        assert events() == []


class TestDelete:
    def make_row(self, connection, user) -> Transfer:
        return Transfer.objects.create(
            user=user,
            user_name=user.title,
            connection=connection,
            connection_name=connection.name,
            kind="blind",
            call_id="a1",
        )

    def test_takes_seats_and_contacts_and_keeps_the_log(self, root, ana, head_office):
        listed("Carol", "1003", on=head_office)
        row = self.make_row(head_office, ana)
        service.delete(root, head_office)
        assert not PbxConnection.objects.exists()
        assert not Feed.objects.exists()
        assert not Seat.objects.exists()
        assert not Contact.objects.exists()
        row.refresh_from_db()
        assert (row.connection_id, row.connection_name) == (None, "Head office")
        event = last_event()
        assert (event.verb, event.object_text) == ("connection.deleted", "Head office")
        assert event.data == {"seats": 1, "contacts": 1}

    def test_is_refused_while_a_call_is_being_moved(self, root, ana, head_office):
        row = self.make_row(head_office, ana)
        Claim.objects.create(connection=head_office, call_id="a1", transfer=row)
        with pytest.raises(NotDone, match="A transfer is running on Head office"):
            service.delete(root, head_office)
        assert PbxConnection.objects.exists()
        assert events() == []


class TestSecretsLeaveNoTrace:
    def test_in_audit_logs_reprs_and_errors(self, root, pbx, caplog):
        caplog.set_level(logging.DEBUG)
        typed = draft(url=pbx.url, username="console", password=SECRET)
        made = service.add(root, typed)
        service.edit(root, made, same(made, password=SECRET + "2"))
        service.test(root, made)
        refused = service.try_out(root, typed, made)
        said = [repr(typed), str(typed), repr(made), repr(refused), caplog.text]
        said += [str(event.data) + event.object_text for event in AuditEvent.objects.all()]
        assert SECRET not in "".join(said)
        assert refused.probe.checks

    def test_in_any_table(self, root, pbx):
        made = service.add(root, draft(url=pbx.url, password=SECRET))
        service.test(root, made)
        with database.cursor() as cursor:
            for table in database.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")  # noqa: S608
                assert SECRET not in str(cursor.fetchall()), table


@pytest.mark.parametrize(
    ("url", "kept"),
    [("http://127.0.0.1:9/other", True), ("http://10.0.0.8:9/api/v2", False)],
)
def test_agents_passwords_go_to_no_other_host(root, ana, centre, url, kept):
    seat = Seat(user=ana, connection=centre, username="ana")
    seat.secrets = {"password": "hers"}
    seat.save()
    service.edit(root, centre, same(centre, url=url))
    seat.refresh_from_db()
    assert seat.secrets == ({"password": "hers"} if kept else {})
    assert last_event().data.get("agents_passwords_removed") == (None if kept else 1)
