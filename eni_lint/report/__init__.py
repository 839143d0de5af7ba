"""Verdicts become text: one pure function per format; no file is opened here."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from eni_lint.finding import Verdict
from eni_lint.report.identity import told_apart
from eni_lint.report.printable import printable
from eni_lint.report.view import View

FORMATS = ("text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown", "csv")


def render(verdict: Verdict, form: str, view: View) -> str:
    """Render a verdict in one of `FORMATS`; inputs are not trusted to be printable."""
    rendered = cast(str, import_module(f"eni_lint.report.{form}").render(told_apart(verdict), view))
    return printable(rendered, view.color)
