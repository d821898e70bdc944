"""A report of a crash holds no password that somebody has just typed, whoever makes the report."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from django.core.signals import got_request_exception
from django.views.debug import ExceptionReporter, get_exception_reporter_filter

from tests.conftest import PASSWORD, PBX_PASSWORD
from tests.views.ladder import typed
from tests.views.test_people import of, posted
from transfers.services import audit, connections
from transfers.services import people as service

SECRET = "typed-s3cret-word"
SEAT = {"extensions": "1001", "sees": "all", "username": "ana", "password": SECRET}


@pytest.fixture
def reports() -> Iterator[list[str]]:
    """What Django writes about each crash, as a page and as text; and what it knows of the POST."""
    made: list[str] = []

    def make(request, **_: object) -> None:
        reporter = ExceptionReporter(request, *sys.exc_info())
        made.extend((reporter.get_traceback_html(), reporter.get_traceback_text()))
        assert getattr(request, "sensitive_post_parameters", None), "for other reporters"

    got_request_exception.connect(make)
    yield made
    got_request_exception.disconnect(make)


@pytest.fixture
def crash(monkeypatch):
    """crash(module, name): that function breaks, with all that it was given at hand."""

    def make(module, name: str) -> None:
        def broken(*args: object, **kwargs: object) -> None:
            typed_by_somebody = SECRET
            raise ZeroDivisionError(len(typed_by_somebody))

        monkeypatch.setattr(module, name, broken)

    return make


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("/connections/add/", (connections, "add")),
        ("/connections/{pbx}/", (connections, "edit")),
        ("/connections/try/", (connections, "try_out")),
        ("/connections/{pbx}/try/", (connections, "try_out")),
        ("/people/add/", (service, "add")),
        ("/people/{person}/", (service, "edit")),
        ("/account/password/", (audit, "record")),
    ],
)
def test_of_a_form(
    as_user, root, ana, head_office, centre, reports, crash, settings, path, broken, debug
):
    settings.DEBUG = debug
    seat = SEAT | {"connection": centre.pk}
    forms = {
        "connections": typed(password=SECRET),
        "people": of(ana, seats=[seat]) if "{" in path else posted([seat], password=SECRET),
        "account": {"old_password": PASSWORD, "new_password1": SECRET, "new_password2": SECRET},
    }
    forms["people"] |= {"password": SECRET, "again": SECRET}
    client = as_user(root)
    client.raise_request_exception = False
    crash(*broken)
    data = forms[path.split("/")[1]]
    response = client.post(path.format(pbx=head_office.pk, person=ana.pk), data)
    assert response.status_code == 500
    assert len(reports) == 2
    for report in [*reports, response.content.decode()]:
        for secret in (SECRET, PASSWORD, PBX_PASSWORD, client.session.session_key):
            assert secret not in report
    assert "ZeroDivisionError" in reports[1]


def test_without_a_request():
    assert get_exception_reporter_filter(None).get_post_parameters(None) == {}
