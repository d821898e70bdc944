"""The rules of the house that a machine can check: directions, sizes, words, documentation."""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from django.core.management import get_commands
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from transfers.drivers.registry import VENDORS

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ["transfers", "pbxadmin", "simulator", "scripts"]

# Who may know whom: a part may import itself, what is listed here, and nothing else of ours.
GROUND = {"transfers.domain", "transfers.errors", "transfers.sentences"}
HTTP = GROUND | {"transfers.http", "transfers.sockets"}
STORE = GROUND | {
    "transfers.models",
    "transfers.standing",
    "transfers.desk",
    "transfers.phonebook",
    "transfers.farewells",
    "transfers.sightings",
    "transfers.spelling",
    "transfers.imports",
    "transfers.append_only",
    "transfers.crypto",
    "transfers.fields",
    "transfers.trail",
    "transfers.access",
}
DRIVERS = HTTP | {"transfers.drivers"}
BOARD = DRIVERS | STORE | {"transfers.board"}
SERVICES = BOARD | {"transfers.services", "transfers.validators"}
VIEWS = SERVICES | {"transfers.forms", "transfers.views", "transfers.templatetags"}
MAY_KNOW = {
    "transfers.sentences": set(),
    "transfers.domain": {"transfers.sentences"},
    "transfers.errors": {"transfers.sentences"},
    "transfers.fields": {"transfers.sentences"},
    "transfers.validators": GROUND,
    "transfers.http": HTTP,
    "transfers.sockets": HTTP,
    "transfers.drivers": DRIVERS,
    "transfers.crypto": {"transfers.sentences"},
    "transfers.append_only": {"transfers.models"},
    "transfers.trail": {"transfers.append_only", "transfers.fields", "transfers.sentences"},
    "transfers.standing": {
        *("transfers.crypto", "transfers.fields", "transfers.sentences", "transfers.trail"),
    },
    "transfers.desk": set(),
    "transfers.sightings": {"transfers.append_only"},
    "transfers.farewells": {"transfers.crypto", "transfers.fields"},
    "transfers.imports": {"transfers.phonebook", "transfers.validators", "transfers.fields"},
    "transfers.spelling": {"transfers.domain"},
    "transfers.phonebook": {"transfers.spelling", "transfers.validators"},
    "transfers.models": STORE - {"transfers.access"},
    "transfers.access": STORE | DRIVERS,
    "transfers.board": BOARD,
    "transfers.services": SERVICES,
    "transfers.forms": SERVICES | {"transfers.forms"},
    "transfers.views": VIEWS,
    "transfers.templatetags": VIEWS,
    "transfers.management": SERVICES | {"transfers.forms", "transfers.management"},
    "transfers.checks": DRIVERS | {"transfers.crypto"},
    "transfers.apps": BOARD | SERVICES | {"transfers.checks"},
    "transfers.urls": VIEWS | {"transfers.urls"},
}
VENDOR_BLIND = ["transfers/views", "transfers/services", "transfers/board", "templates", "static"]
OTHER_VENDORS = {"ozeki", "ozml", "voipnow", "genesys", "asterisk", "freepbx"}
LONGEST_MODULE, LONGEST_FUNCTION, USUAL_FUNCTION = 350, 60, 30


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, as a dotted name; `from x import y` yields x.y too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(dotted: str) -> str:
    """The part of the house a name belongs to: transfers.board.lease is of transfers.board."""
    return ".".join(dotted.split(".")[:2])


def functions() -> dict[str, int]:
    """The length in lines of every function of the product."""
    lengths = {}
    for path in python_files(*PRODUCT):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno
                where = f"{name_of(path)}:{node.lineno} {node.name}"
                lengths[where] = node.end_lineno - node.lineno + 1
    return lengths


def test_imports_point_one_way():
    wrong = []
    for path in python_files("transfers"):
        mine = part(".".join(path.relative_to(ROOT).with_suffix("").parts))
        if mine == "transfers.__init__":
            continue
        assert mine in MAY_KNOW, f"{name_of(path)} has no place in the house: add it to MAY_KNOW"
        for dotted in imports(path):
            other = part(dotted)
            ours = other.split(".")[0] in ("transfers", "pbxadmin", "simulator", "scripts")
            if ours and other != mine and other not in MAY_KNOW[mine]:
                wrong.append(f"{name_of(path)} imports {dotted}")
    assert not wrong


def test_the_simulator_knows_nothing_of_the_product():
    wrong = [
        f"{name_of(path)} imports {dotted}"
        for path in python_files("simulator")
        for dotted in imports(path)
        if dotted.split(".")[0] in ("transfers", "pbxadmin", "scripts", "tests", "django")
    ]
    assert not wrong


def test_the_domain_needs_only_the_standard_library_and_our_sentences():
    names = {d for f in ("domain", "errors") for d in imports(module(f))}
    others = {d for d in names if not d.startswith("transfers.sentences")}
    assert {d.split(".")[0] for d in others} <= sys.stdlib_module_names


def module(name: str) -> Path:
    return ROOT / "transfers" / f"{name}.py"


def test_no_vendor_word_outside_the_drivers():
    words = re.compile("|".join(OTHER_VENDORS | set(VENDORS)), re.IGNORECASE)
    wrong = [
        f"{name_of(path)}: {match.group()}"
        for folder in VENDOR_BLIND
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".html", ".css", ".js", ".svg", ".txt", ".csv")
        for match in words.finditer(path.read_text())
    ]
    assert not wrong


def test_modules_are_short():
    long = {
        name_of(path): lines
        for path in python_files(*PRODUCT)
        if (lines := len(path.read_text().splitlines())) > LONGEST_MODULE
    }
    assert not long


def test_functions_are_short():
    lengths = functions()
    assert {where: n for where, n in lengths.items() if n > LONGEST_FUNCTION} == {}
    assert statistics.quantiles(lengths.values(), n=10)[8] <= USUAL_FUNCTION


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("unescaped output", r"\|\s*safe\b|autoescape\s+off|safeseq"),
        ("inline script", r"<script(?![^>]*\bsrc=)"),
        ("event handler", r"\son[a-z]+\s*="),
        ("htmx handler", r"\bhx-on\b|\bhx-vals=['\"]js:"),
        ("style attribute", r"\sstyle\s*="),
        ("style element", r"<style"),
        ("foreign address", r"(?:src|href|action)=['\"](?:https?:)?//"),
    ],
)
def test_templates_keep_the_content_security_policy(what, pattern):
    wrong = [
        f"{name_of(path)}: {what}: {match.group()}"
        for path in templates()
        for match in re.finditer(pattern, path.read_text(), re.IGNORECASE)
    ]
    assert not wrong


def test_what_is_asked_as_one_types_is_asked_for_what_was_typed_last():
    """By itself htmx lets the first that waits stay, and drops the others: decisions/008."""
    asking = [
        tag
        for path in templates()
        for tag in re.findall(r'<[^>]*hx-trigger="input[^>]*>', path.read_text())
    ]
    assert len(asking) > 3, "they are written in another way now"
    assert [tag for tag in asking if 'hx-sync="queue last"' not in tag] == []


def test_nothing_is_left_for_later():
    # In two halves, or this file would find itself.
    words = re.compile(
        "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error"])
    )
    marks = re.compile(r"pytest\.(?:mark\.)?(?:sk" + r"ip(?!if\(connection\.vendor)|xf" + r"ail)")
    left = [
        f"{name_of(path)}: {match.group()}"
        for path in python_files(*PRODUCT, "tests")
        for rule in (words, marks)
        for match in rule.finditer(path.read_text())
    ]
    assert not left


def test_no_merge_was_left_half_done():
    texts = (".py", ".js", ".css", ".html", ".md", ".toml", ".txt", ".sh")
    folders = [*PRODUCT, "tests", "static", "templates", "docs"]
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    half = [
        name_of(path)
        for path in [*files, *ROOT.glob("*.*"), ROOT / "Makefile"]
        if path.suffix in texts and re.search(r"^(<{7}|>{7}) ", path.read_text(), re.MULTILINE)
    ]
    assert not half


def test_every_setting_is_documented():
    operations = (ROOT / "docs/operations.md").read_text()
    code = "".join(path.read_text() for path in python_files("pbxadmin", "transfers"))
    names = set(re.findall(r"\bPBXADMIN_[A-Z_]+\b", code))
    assert {name for name in names if f"`{name}`" not in operations} == set()
    documented = set(re.findall(r"`(PBXADMIN_[A-Z_]+)`", operations))
    assert documented - names == set(), "documented, but not read"


def test_every_command_is_documented():
    operations = (ROOT / "docs/operations.md").read_text()
    commands = {path.stem for path in python_files("transfers/management/commands")}
    documented = set(re.findall(r"manage\.py (\w+)", operations))
    assert commands - {"__init__"} - documented == set()
    assert documented - set(get_commands()) == set(), "documented, but not there"


def test_every_verb_of_the_makefile_is_explained():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    explained = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert explained == set(phony.group(1).split())


def test_the_readme_is_short_and_its_links_lead_somewhere():
    readme = ROOT / "README.md"
    assert len(readme.read_text().splitlines()) <= 150
    broken = [
        f"{name_of(path)}: {link}"
        for path in [readme, *sorted((ROOT / "docs").rglob("*.md"))]
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text())
        if not (path.parent / link).exists()
    ]
    assert not broken


def pinned() -> set[str]:
    files = ["requirements.txt", "requirements-dev.txt", "constraints.txt"]
    lines = [line for file in files for line in (ROOT / file).read_text().splitlines()]
    return {canonicalize_name(m[1]) for line in lines if (m := re.match(r"([\w.-]+).*==", line))}


def needed(names: set[str]) -> set[str]:
    """These packages and all that they bring along on this machine, without optional extras."""
    found: set[str] = set()
    while names:
        name = names.pop()
        found.add(name)
        for text in metadata.requires(name) or []:
            requirement = Requirement(text)
            other = canonicalize_name(requirement.name)
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if applies and other not in found:
                names.add(other)
    return found


def test_every_package_is_pinned():
    assert needed(pinned()) - pinned() == set()
