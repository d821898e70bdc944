"""The connection of a thread that asks again and again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, connections

from transfers.board import database
from transfers.board.database import kept_connection
from transfers.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def thread():
    """One thread beside the test's own, whose connection is another."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda action: pool.submit(action).result(timeout=10)
        pool.submit(connection.close)


def asked():
    """The connection that a question went through."""
    with kept_connection():
        assert not User.objects.exists()
        return connection.connection


def test_it_is_open_the_next_time(thread):
    assert thread(asked) is thread(asked)


def test_not_for_ever(thread, monkeypatch):
    monkeypatch.setattr(database, "KEPT", -1)
    first = thread(asked)
    assert thread(lambda: connection.connection) is None
    assert thread(asked) is not first


def test_a_broken_one_is_not_kept(thread, monkeypatch):
    monkeypatch.setattr(type(connections["default"]), "is_usable", lambda _: False)

    def broken():
        with kept_connection():
            User.objects.exists()
            connection.errors_occurred = True

    thread(broken)
    assert thread(lambda: connection.connection) is None


def test_an_error_leaves_it_as_it_was(thread):
    def fails():
        with kept_connection():
            User.objects.exists()
            raise OperationalError

    with pytest.raises(OperationalError):
        thread(fails)
    assert thread(asked) is thread(asked)
