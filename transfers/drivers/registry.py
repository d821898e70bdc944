"""Which vendors there are. Lazy: a driver is imported when it is first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from transfers.drivers.base import Driver, Scope

VENDORS: dict[str, str] = {
    "ozeki": "transfers.drivers.ozeki.driver.OzekiDriver",
    "voipnow": "transfers.drivers.voipnow.driver.VoipNowDriver",
    "genesys": "transfers.drivers.genesys.driver.GenesysDriver",
    "asterisk": "transfers.drivers.asterisk.driver.AsteriskDriver",
}


@cache
def driver_class(vendor: str) -> type[Driver]:
    """The driver of a vendor word; KeyError when there is none."""
    module, name = VENDORS[vendor].rsplit(".", 1)
    found: type[Driver] = getattr(import_module(module), name)
    return found


def choices() -> list[tuple[str, str]]:
    return [(vendor, driver_class(vendor).label) for vendor in VENDORS]


@cache
def agent_scoped() -> frozenset[str]:
    """The vendors of which each agent's login lists that agent's calls only."""
    return frozenset(vendor for vendor in VENDORS if driver_class(vendor).scope is Scope.AGENT)


@cache
def pushing() -> frozenset[str]:
    """The vendors whose drivers yield what the PBX pushes."""
    return frozenset(vendor for vendor in VENDORS if driver_class(vendor).pushes)


@cache
def leaving_alone() -> frozenset[str]:
    """The vendors whose PBX brings nobody back when a consultation ends by itself."""
    return frozenset(vendor for vendor in VENDORS if driver_class(vendor).leaves_held_alone)


@cache
def guarding() -> frozenset[str]:
    """The vendors whose PBX refuses to forward a call that was answered meanwhile."""
    return frozenset(vendor for vendor in VENDORS if driver_class(vendor).forwards_ringing_only)
