"""Suppressions as comments, in Terraform source and in YAML: a line above the line that a finding is at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eni_lint.ignoring.text import Insertion, Text


def commented(text: Text, spots: Mapping[tuple[int, int], set[str]], reason: str) -> Iterator[Insertion]:
    """Yield a comment for every line that something is at, as far to the right as the line."""
    by_line: dict[int, set[str]] = {}
    for (line, _), rules in spots.items():
        by_line.setdefault(line, set()).update(rules)
    for line, rules in by_line.items():
        start = text.lines[line - 1]
        yield start, f"{text.indent_at(start)}# eni-lint: ignore[{', '.join(sorted(rules))}] {reason}\n"
