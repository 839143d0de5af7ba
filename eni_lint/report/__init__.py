"""Verdicts become text: one pure function per format; no file is opened here."""

from __future__ import annotations

import re
from importlib import import_module
from typing import cast

from eni_lint.finding import Verdict
from eni_lint.report.identity import told_apart
from eni_lint.report.view import View

FORMATS = ("text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown", "csv")

# What moves a terminal's cursor, turns the direction of writing around, or cannot stand in XML or UTF-8.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
UNPRINTABLE_BESIDE_COLORS = re.compile(f"\x1b(?!\\[[0-9;]*m)|(?!\x1b){UNPRINTABLE.pattern}")


def render(verdict: Verdict, form: str, view: View) -> str:
    """Render a verdict in one of `FORMATS`; inputs are not trusted to be printable."""
    rendered = cast(str, import_module(f"eni_lint.report.{form}").render(told_apart(verdict), view))
    return (UNPRINTABLE_BESIDE_COLORS if view.color else UNPRINTABLE).sub("\ufffd", rendered)
