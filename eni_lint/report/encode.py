"""Reports for machines as JSON."""

from __future__ import annotations

from typing import Any

import msgspec


def encoded(report: Any) -> str:
    """Write a report as indented JSON, even where the name of a file is not text.

    >>> encoded({"file": "plan.json"})
    '{\\n  "file": "plan.json"\\n}\\n'
    """
    try:
        return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
    except UnicodeEncodeError:
        import json

        return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
