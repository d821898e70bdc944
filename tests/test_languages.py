"""Nothing that people read is missing in any language: collected anew, compared, compiled."""

from __future__ import annotations

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType
from lxml import html

from tests.test_house_rules import ROOT, name_of, python_files

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
CATALOGUES = [(language, domain) for language in LANGUAGES for domain in ("django", "djangojs")]
SAID = {"title", "aria-label", "placeholder", "alt", "aria-roledescription", "data-said"}
NAMES = {"pbxadmin", "PBX", "CSV", "vCard", "URL", "Esc", "Tab", "Enter", "Ctrl"}


def po(language: str, domain: str, root: Path = ROOT) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    """A copy of the source in which all texts were collected just now."""
    copy = tmp_path_factory.mktemp("source")
    for folder in ("transfers", "pbxadmin", "templates", "static", "locale"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", copy)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "pbxadmin.settings"}
    for domain in ("django", "djangojs"):
        command = [sys.executable, "manage.py", "makemessages", "--domain", domain]
        subprocess.run(command, cwd=copy, env=env, check=True, capture_output=True)  # noqa: S603
    return copy


def entries(path: Path) -> list[str]:
    """All of the file but its head, which has the hour in it."""
    return path.read_text().split("\n\n")[1:]


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_all_texts_are_collected(collected, language, domain):
    now, then = entries(po(language, domain, collected)), entries(po(language, domain))
    assert now == then, "run make messages, and translate what is new"


@pytest.mark.parametrize("kind", ["--untranslated", "--only-fuzzy", "--only-obsolete"])
@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_none_is_missing_or_a_guess(language, domain, kind):
    command = ["msgattrib", kind, str(po(language, domain))]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    assert re.findall(r'^msgid "(?!"$).*|^msgid ""\n(?:".*\n)+', found, re.MULTILINE)[1:] == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_what_is_compiled_is_what_is_written_with_the_same_placeholders(tmp_path, language, domain):
    source, fresh = po(language, domain), tmp_path / "fresh.mo"
    command = ["msgfmt", "--check", "-o", str(fresh), str(source)]
    subprocess.run(command, check=True)  # noqa: S603
    assert _texts(fresh) == _texts(source.with_suffix(".mo")), "run make messages"


def _texts(compiled: Path) -> dict[object, str]:
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]


def templates() -> Iterator[Path]:
    yield from sorted((ROOT / "templates").rglob("*.html"))


def bare_words(source: str) -> list[str]:
    """What a template says that no translator ever sees."""
    pieces, inside = [], False
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.split_contents()[0]
            inside = (inside or name in ("blocktranslate", "comment")) and not name.startswith(
                ("endblocktranslate", "endcomment")
            )
        elif token.token_type == TokenType.TEXT and not inside:
            pieces.append(token.contents)
    page = html.fromstring(f"<div>{''.join(pieces)}</div>")
    texts = [
        text
        for element in page.iter()
        if isinstance(element.tag, str) and element.tag not in ("script", "style", "svg")
        for text in (element.text, *(element.get(name) for name in SAID))
    ] + [element.tail for element in page.iter()]
    return [t.strip() for t in texts if t and set(re.findall(r"[^\W\d_]{2,}", t)) - NAMES]


@pytest.mark.parametrize("path", list(templates()), ids=name_of)
def test_a_template_has_no_words_of_its_own(path):
    assert bare_words(path.read_text()) == []


def test_bare_words_are_found():
    told = (
        '{% blocktranslate %}Said <b>so</b>{% endblocktranslate %}<p title="{% translate "x" %}">'
    )
    assert bare_words(told) == []
    assert bare_words(f'{told}<i title="Seen">heard</i> after') == ["heard", "Seen", "after"]


# Called with a text for people: the first argument, or all that are texts.
SPEAKERS = {"ValidationError", "HttpResponse", "Check", "success", "error", "warning", "info"}


def speakers() -> set[str]:
    """The classes of errors that people read, wherever they are."""
    bases = {"DriverError", "NotNow"}
    found = set(bases)
    for _ in range(4):
        for path in python_files("transfers"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    over = {b.id for b in node.bases if isinstance(b, ast.Name)}
                    found |= {node.name} if over & found else set()
    return found | SPEAKERS


def test_what_is_raised_or_answered_can_be_said_in_any_language():
    names, wrong = speakers(), []
    for path in python_files("transfers"):
        if "management" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _called(node) in names:
                wrong += [f"{name_of(path)}:{node.lineno}" for a in node.args if _is_bare(a)]
    assert wrong == []


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        of = function.value.id if isinstance(function.value, ast.Name) else ""
        return function.attr if of in ("messages", "forms") else ""
    return function.id if isinstance(function, ast.Name) else ""


def _is_bare(argument: ast.expr) -> bool:
    """A literal sentence, with values in it or not; one word is a code."""
    if isinstance(argument, ast.JoinedStr):
        literals = [v.value for v in argument.values if isinstance(v, ast.Constant)]
        return bool(re.search(r"[^\W\d_]{2,}", " ".join(map(str, literals))))
    return (
        isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and " " in argument.value.strip()
    )
