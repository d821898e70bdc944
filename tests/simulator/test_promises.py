"""What the package promises: it stands alone, and its page tells of everything it can."""

from __future__ import annotations

import ast
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from simulator.control import VERBS
from simulator.faults import JSON_KINDS, KINDS
from simulator.ozeki import Switches
from simulator.ozeki.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "simulator.md").read_text()
MODULES = sorted((ROOT / "simulator").rglob("*.py"))
VENDOR_FREE = (
    *("calls", "phones", "engine", "exchange", "traffic"),
    *("web", "demo", "setting", "faults", "face", "json_damage"),
)


def imported(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_it_imports_the_standard_library_and_itself(module):
    tops = {name.partition(".")[0] for name in imported(module)}
    assert tops <= set(sys.stdlib_module_names) | {"simulator"}


@pytest.mark.parametrize("name", VENDOR_FREE)
def test_the_model_knows_no_vendor(name):
    module = ROOT / "simulator" / f"{name}.py"
    text = module.read_text().lower()
    assert not [word for word in ("ozeki", "voipnow", "genesys") if word in text]


@pytest.mark.parametrize("verb", [*VERBS, "traffic"])
def test_the_page_tells_every_verb(verb):
    assert f"`{verb}`" in PAGE


@pytest.mark.parametrize("switch", [field.name for field in fields(Switches)])
def test_the_page_tells_every_switch(switch):
    assert f"`{switch}`" in PAGE


@pytest.mark.parametrize("kind", sorted({*KINDS, *JSON_KINDS}))
def test_the_page_tells_every_fault(kind):
    assert f"`{kind}`" in PAGE


DOCUMENTED = {
    1: "Call SendAlarmNotification SendEmail SendSms AttendedTransfer BlindTransfer Forward Hangup "
    "Hold ListActiveCalls Play Record SendDTMF Speak Unhold AddConfig GetConfig ModifyConfig "
    "RemoveConfig ListExtensions ListExtensionTypes GetCallHistory GenerateSecurityToken",
    2: "Call SendSms AttendedTransfer BlindTransfer ForwardCall Hangup Hold ListActiveCalls Play "
    "Record SendDTMF Speak Unhold ListExtensions ListCallHistory Request ReceiveMessage "
    "SendMessage ListAddressbook",
}


@pytest.mark.parametrize("generation", [1, 2])
def test_every_documented_command_is_known(generation):
    known = {command.name for command in COMMANDS[generation].values()}
    assert set(DOCUMENTED[generation].split()) <= known
