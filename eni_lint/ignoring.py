"""Write suppressions into sources: one comment line above a resource, and nothing else of the file changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eni_lint.finding import Finding, Verdict
from eni_lint.model.place import Span

COMMENTED = (".tf", ".tofu", ".yaml", ".yml", ".template")


def add_ignores(verdict: Verdict, reason: str) -> Iterator[str]:
    """Write a suppression above the main place of every finding, and say what was written and what could not be."""
    wanted: dict[str, dict[int, set[str]]] = {}
    for finding in verdict.findings:
        span = _commentable(finding)
        if span is None:
            where = f"{finding.rule} at {finding.subject.address}"
            yield f"{where}: no source line to write at; suppress it in the configuration"
        else:
            wanted.setdefault(span.file, {}).setdefault(span.line, set()).add(finding.rule)
    for file, lines in sorted(wanted.items()):
        _write(Path(file), lines, " ".join(reason.split()))
        yield f"{file}: {len(lines)} suppressions written"


def _commentable(finding: Finding) -> Span | None:
    """Give the first line of the resource that a finding is about, where its file takes comments."""
    for place in finding.places:
        if place.span.precise and place.span.file.endswith(COMMENTED) and not place.span.calls:
            return place.span
    return None


def _write(path: Path, lines: dict[int, set[str]], reason: str) -> None:
    data = path.read_bytes()
    ending = b"\r\n" if b"\r\n" in data else b"\n"
    rows = data.split(b"\n")
    for line in sorted(lines, reverse=True):
        row = rows[line - 1]
        indent = row[: len(row) - len(row.lstrip())]
        comment = f"# eni-lint: ignore[{', '.join(sorted(lines[line]))}] {reason}".encode()
        rows.insert(line - 1, indent + comment + ending.removesuffix(b"\n"))
    path.write_bytes(b"\n".join(rows))
