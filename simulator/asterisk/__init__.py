"""Asterisk's manager interface over HTTP, as measured on 16.28 and 22.10."""

from simulator.asterisk.channels import uniqueids
from simulator.asterisk.face import build

__all__ = ["build", "uniqueids"]
