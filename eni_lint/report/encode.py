"""Reports for machines as JSON."""

from __future__ import annotations

from typing import Any

import msgspec


def encoded(report: Any) -> str:
    """Write a report as indented JSON, even where the name of a file is not text."""
    try:
        plain = msgspec.json.encode(report)
    except UnicodeEncodeError:
        import json

        plain = json.dumps(report).encode()
    return msgspec.json.format(plain, indent=2).decode() + "\n"
