from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.conftest import PBX_PASSWORD
from transfers.models import AuditEvent, Claim, Feed, PbxConnection, Seat, Transfer
from transfers.services.people import own_feed

pytestmark = pytest.mark.django_db

SECRET = "environment-s3cret"
ADD = ["add", "Warehouse", "--vendor", "ozeki", "--url", "http://10.0.0.7:7780/"]


def run(*args: str) -> str:
    out = StringIO()
    call_command("connection", *args, stdout=out)
    return out.getvalue()


def refused(*args: str) -> str:
    with pytest.raises(CommandError) as refusal:
        run(*args)
    return str(refusal.value)


class TestAdd:
    def test_with_everything(self, root, monkeypatch):
        monkeypatch.setenv("PBX_PASSWORD", SECRET)
        login = ["--username", "console", "--password-env", "PBX_PASSWORD", "--user", "root"]
        out = run(*ADD, *login, "--option", "method=get", "--option", "generation=gen2")
        assert "Warehouse is added." in out
        assert SECRET not in out
        made = PbxConnection.objects.get()
        assert (made.username, made.enabled) == ("console", True)
        assert made.secrets == {"password": SECRET}
        assert made.options == {"method": "get", "generation": "gen2"}
        assert AuditEvent.objects.get().actor == root

    def test_by_nobody_in_particular(self):
        run(*ADD)
        assert AuditEvent.objects.get().actor_name == "system"
        assert PbxConnection.objects.get().secret_blob == ""

    def test_has_no_argument_for_a_password(self):
        """Nor is --password taken for --password-env, as argparse would."""
        assert "unrecognized arguments" in refused(*ADD, "--password", SECRET)

    def test_passwords_may_not_hide_in_the_address(self):
        ADDRESS = f"http://u:{SECRET}@pbx/"
        text = refused("add", "X", "--vendor", "ozeki", "--url", ADDRESS)
        assert text.startswith("--url: Leave the user name and the password out")
        assert SECRET not in text

    @pytest.mark.parametrize("value", [None, ""])
    def test_a_variable_that_is_not_there(self, monkeypatch, value):
        monkeypatch.delenv("PBX_PASSWORD", raising=False)
        if value is not None:
            monkeypatch.setenv("PBX_PASSWORD", value)
        assert "PBX_PASSWORD is not set" in refused(*ADD, "--password-env", "PBX_PASSWORD")

    def test_a_taken_name(self, head_office):
        text = refused("add", "Head office", "--vendor", "ozeki", "--url", "http://pbx/")
        assert text == "NAME: There is a connection named “Head office” already."

    @pytest.mark.parametrize("option", ["method", "colour=blue"])
    def test_an_unknown_option_names_the_known_ones(self, option):
        text = refused(*ADD, "--option", option)
        assert "generation, method, transferor_party" in text

    def test_a_wrong_value_of_an_option(self):
        assert refused(*ADD, "--option", "method=pigeon").startswith("--option method: Select")

    def test_an_unknown_vendor_names_the_known_ones(self):
        assert "ozeki" in refused("add", "X", "--vendor", "nobody", "--url", "http://pbx/")

    def test_a_ca_file(self, tmp_path):
        assert "--ca-file cannot be read" in refused(*ADD, "--ca-file", str(tmp_path / "no.pem"))
        (tmp_path / "ca.pem").write_text("hello")
        assert "BEGIN CERTIFICATE" in refused(*ADD, "--ca-file", str(tmp_path / "ca.pem"))
        assert not PbxConnection.objects.exists()


class TestUser:
    def test_only_an_administrator(self, ana):
        assert "ana is not an administrator." in refused(*ADD, "--user", "ana")
        assert not PbxConnection.objects.filter(name="Warehouse").exists()

    def test_only_an_active_one(self, root):
        root.is_active = False
        root.save()
        assert "root" in refused(*ADD, "--user", "root")

    def test_for_every_verb_that_leaves_a_trace(self, ana, head_office):
        for verb in ("test", "remove"):
            assert "ana is not" in refused(verb, "Head office", "--user", "ana")
        assert PbxConnection.objects.exists()


class TestList:
    def test_words(self, head_office):
        assert run("list") == "Head office  ozeki  http://127.0.0.1:9/  waiting\n"

    def test_json(self, head_office):
        (row,) = json.loads(run("list", "--json"))["connections"]
        assert row == {
            "name": "Head office",
            "vendor": "ozeki",
            "url": "http://127.0.0.1:9/",
            "username": "console",
            "has_password": True,
            "options": {},
            "enabled": True,
            "health": "waiting",
            "error": "",
            "calls": 0,
            "read_at": None,
            "agents": None,
        }

    def test_where_each_agent_has_a_login(self, centre, ana, ben, eve):
        for user in (ana, ben):
            own_feed(Seat.objects.create(user=user, connection=centre, username=user.username))
        Seat.objects.create(user=eve, connection=centre)
        now = timezone.now()
        hers = Feed.objects.filter(seat__user=ana)
        hers.update(taken_at=now, watched_until=now + timedelta(minutes=1))
        words = "1 agent live, 1 not looking, 1 without a login"
        assert run("list").splitlines()[0].endswith(words)
        row = json.loads(run("list", "--json"))["connections"][0]
        counts = {"live": 1, "in_trouble": 0, "not_read_yet": 0, "not_looking": 1}
        assert row["agents"] == counts | {"without_a_login": 1}
        assert row["health"] == "live"

    def test_nothing(self):
        assert run("list") == ""
        assert json.loads(run("list", "--json")) == {"connections": []}


class TestTest:
    def test_words(self, head_office, pbx):
        PbxConnection.objects.update(url=pbx.url)
        out = run("test", "Head office")
        assert "ok         Login: Accepted as console." in out
        assert "saved      API generation:" in out
        assert PBX_PASSWORD not in out

    def test_json(self, root, head_office, pbx):
        PbxConnection.objects.update(url=pbx.url)
        result = json.loads(run("test", "Head office", "--json", "--user", "root"))
        assert result["connection"] == "Head office"
        assert result["ok"] is True
        assert {"name": "Address", "ok": True, "text": "The PBX answers."} in result["checks"]
        assert set(result["learned"]) == {"generation"}
        assert AuditEvent.objects.get().actor == root

    def test_a_failure_is_printed_and_is_an_error(self, head_office):
        out = StringIO()
        with pytest.raises(CommandError, match="Not everything works at Head office"):
            call_command("connection", "test", "Head office", "--json", stdout=out)
        assert json.loads(out.getvalue())["ok"] is False

    def test_an_unknown_name_names_the_known_ones(self, head_office):
        assert "There are: Head office." in refused("test", "Nowhere")


class TestRemove:
    def test_works(self, root, head_office):
        assert "Head office is removed" in run("remove", "Head office", "--user", "root")
        assert not PbxConnection.objects.exists()
        assert AuditEvent.objects.get().verb == "connection.deleted"

    def test_an_unknown_name(self):
        assert "There is no connection “Nowhere”" in refused("remove", "Nowhere")

    def test_waits_for_a_running_transfer(self, ana, head_office):
        row = Transfer.objects.create(
            user=ana,
            user_name="Ana",
            connection=head_office,
            connection_name="Head office",
            kind="hold",
            call_id="a",
        )
        Claim.objects.create(connection=head_office, call_id="a", transfer=row)
        assert "A transfer is running" in refused("remove", "Head office")
        assert PbxConnection.objects.exists()
