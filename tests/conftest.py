"""People and PBXs of the tests: ana is a receptionist, ben may only read, eve has no access,
root is the administrator. `head_office` is a connection that nothing answers."""

from __future__ import annotations

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client

from transfers import append_only
from transfers.models import Feed, PbxConnection, Seat, User

PASSWORD = "correct horse battery"


@pytest.fixture
def head_office(db) -> PbxConnection:
    connection = PbxConnection.objects.create(
        name="Head office", vendor="ozeki", url="http://127.0.0.1:9/", username="console"
    )
    connection.secrets = {"password": "pbx-s3cret-word"}
    connection.save()
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
