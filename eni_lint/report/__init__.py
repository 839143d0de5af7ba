"""Verdicts become text: one pure function per format; no file is opened here."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from eni_lint.finding import Verdict
from eni_lint.report.view import View

FORMATS = ("text", "json")


def render(verdict: Verdict, form: str, view: View) -> str:
    """Render a verdict in one of `FORMATS`."""
    return cast(str, import_module(f"eni_lint.report.{form}").render(verdict, view))
