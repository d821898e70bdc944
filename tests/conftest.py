"""People and PBXs of the tests: ana is a receptionist, ben may only read, eve has no access,
root is the administrator. `head_office` is a connection that nothing answers."""

from __future__ import annotations

from pathlib import Path

import pytest
import time_machine
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, settings

from simulator.server import SimulatorServer
from tests.stage import Stage
from transfers import append_only
from transfers.models import Feed, PbxConnection, Seat, User

# The same examples in every run of `make test`; `make fuzz` looks for new ones.
settings.register_profile("default", derandomize=True, deadline=None)
settings.register_profile(
    "fuzz", max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck)
)

PASSWORD = "correct horse battery"
PBX_PASSWORD = "pbx-s3cret-word"

HERE = Path(__file__).parent
WAIT = (HERE / "real", HERE / "browser")  # for phones and pages, more than they compute


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits longest comes first: no worker shall be left alone with it at the end."""
    items.sort(key=lambda item: [folder not in item.path.parents for folder in WAIT])


@pytest.fixture
def head_office(db) -> PbxConnection:
    connection = PbxConnection.objects.create(
        name="Head office", vendor="ozeki", url="http://127.0.0.1:9/", username="console"
    )
    connection.secrets = {"password": PBX_PASSWORD}
    connection.save()
    Feed.objects.create(connection=connection)
    return connection


@pytest.fixture
def centre(db) -> PbxConnection:
    """A PBX where each agent has a login of her own and lists her own calls; nothing answers."""
    connection = PbxConnection.objects.create(
        name="Contact centre", vendor="genesys", url="http://127.0.0.1:9/api/v2"
    )
    Feed.objects.create(connection=connection)
    return connection


@pytest.fixture(autouse=True, scope="session")
def flush_may_empty_the_log():
    """A test that commits ends with a flush: only there the log's triggers step aside."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def aside(operations, sql_list):
        append_only.remove(operations.connection)
        try:
            flush(operations, sql_list)
        finally:
            append_only.install(operations.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", aside)
        yield


@pytest.fixture(autouse=True)
def usual_language():
    """A request leaves its language behind."""
    with translation.override(None):
        yield


def person(name: str, role: str, *, first: str = "", last: str = "") -> User:
    return User.objects.create_user(
        name, password=PASSWORD, role=role, first_name=first, last_name=last
    )


@pytest.fixture
def ana(db, head_office) -> User:
    user = person("ana", "receptionist", first="Ana", last="Kovács")
    Seat.objects.create(user=user, connection=head_office, extensions="1001", sees="all")
    return user


@pytest.fixture
def ben(db, head_office) -> User:
    user = person("ben", "readonly", first="Ben", last="Okafor")
    Seat.objects.create(user=user, connection=head_office, extensions="1002", sees="all")
    return user


@pytest.fixture
def eve(db) -> User:
    return person("eve", "receptionist")


@pytest.fixture
def root(db) -> User:
    return person("root", "administrator")


@pytest.fixture
def as_user():
    """as_user(ana) is a client logged in as ana; as_user(ana, csrf=True) checks CSRF tokens."""

    def login(user: User, *, csrf: bool = False) -> Client:
        client = Client(enforce_csrf_checks=csrf)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return login


@pytest.fixture(params=["ozeki-gen1", "ozeki-gen2"])
def pbx(request):
    """A scripted PBX on a real socket, one for each generation of its API."""
    with SimulatorServer(face=request.param, username="console", password=PBX_PASSWORD) as server:
        for number in ("1001", "1002", "1003", "1004"):
            server.exchange.add(number, answers_after=None)
        yield server


@pytest.fixture
def stage(head_office, pbx):
    """`head_office` with that PBX behind it, and a clock that stands still until told."""
    head_office.url = pbx.url
    head_office.save()
    # Far ahead: what the fixtures make before it is due by then, whenever the tests run.
    with time_machine.travel("2096-11-21 10:00:00 +01:00", tick=False) as clock:
        yield Stage(pbx, head_office, clock)
