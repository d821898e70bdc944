"""Keeps the secret of notify addresses out of log lines, ours and the web server's."""

from __future__ import annotations

import logging
import re

_TOKEN = re.compile(r"(/notify/)[\w%.~-]+")


def hidden(value: object) -> object:
    return _TOKEN.sub(r"\1•••", value) if isinstance(value, str) else value


class HideTokens(logging.Filter):
    """Lines about requests quote the path; everything else passes as it is."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = hidden(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(hidden(arg) for arg in record.args)
        return True
