"""Where a finding is shown by readers with room for one place, and how paths are written for a repository."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath

from eni_lint.finding import Finding, Place
from eni_lint.model.place import Span
from eni_lint.report.view import View

STANDARD_INPUT = "stdin"


def lead(finding: Finding) -> Place:
    """Give the place that stands for a finding: the first that is written somewhere, else the input as given."""
    for place in finding.places:
        if place.span.precise:
            return place
    if finding.places:
        return finding.places[0]
    return Place("subject", finding.subject.address, Span(finding.source))


def extent(span: Span) -> tuple[int, int, int, int]:
    """Give a span's first line and column and its last line and the column after it, each 1 or more and in order.

    >>> extent(Span("main.tf", line=3, column=2))
    (3, 2, 3, 3)
    """
    line, column = max(1, span.line), max(1, span.column)
    if span.end_line < line or (span.end_line == line and span.end_column <= column):
        return line, column, line, column + 1
    return line, column, span.end_line, max(1, span.end_column)


def repository_path(file: str, view: View) -> str:
    """Write a path from the top of the repository, with forward slashes, wherever the command was run.

    A file outside of the repository keeps its own path, without what would lead out: no format's reader could
    follow `..` or the root of a disk.

    >>> view = View(root="/home/me/shop", here="/home/me/shop/infra")
    >>> repository_path("plan.json", view), repository_path("../main.tf", view)
    ('infra/plan.json', 'main.tf')
    >>> repository_path("../../other/plan.json", view), repository_path("/tmp/plan.json", view)
    ('other/plan.json', 'tmp/plan.json')
    """
    return STANDARD_INPUT if file in ("", "-") else _repository_path(file, view.root, view.here)


@lru_cache(maxsize=4096)
def _repository_path(file: str, root: str, here: str) -> str:
    top = _parts(root)
    parts = _parts(here, file)
    parts = parts[len(top) :] if parts[: len(top)] == top else _parts(file)
    anchor = PurePath(file).anchor
    return "/".join(part for part in parts if part != anchor) or "."


def _parts(*pieces: str) -> list[str]:
    """Split a path into its parts, without `..`."""
    path = PurePath(*pieces)
    parts: list[str] = []
    for part in path.parts:
        if part != "..":
            parts.append(part)
        elif parts and parts[-1] != path.anchor:
            parts.pop()
    return parts


def where(finding: Finding, view: View) -> str:
    """Name a finding's place in the repository: file and line where it is written, else the input."""
    span = lead(finding).span
    file = repository_path(span.file or finding.source, view)
    return f"{file}:{span.line}" if span.precise else file
