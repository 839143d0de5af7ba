"""Write suppressions where they belong: into the source, else into the configuration; nothing else changes there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from eni_lint.finding import Finding
from eni_lint.ignoring.comments import commented
from eni_lint.ignoring.entries import Entry, configured
from eni_lint.ignoring.members import is_json, owner_of, with_member
from eni_lint.ignoring.text import Insertion, Text, opened
from eni_lint.model.place import Span
from eni_lint.readers.cloudformation.marks import Node, Place, index_json
from eni_lint.readers.directives import parted
from eni_lint.report.view import counted

TERRAFORM = (".tf", ".tofu", ".tf.json", ".tofu.json")
TEMPLATES = (".yaml", ".yml", ".json", ".template")
# Who writes a suppression into what a tool has generated loses it with the next run of that tool.
GENERATED = (".serverless", ".aws-sam", "cdk.out")

Spot = tuple[int, int]
"""A line and a column."""


class Written(Struct, frozen=True):
    """What was written, in words, and how many findings have no place for a suppression."""

    says: tuple[str, ...]
    left: int


def add_ignores(findings: Iterable[Finding], reason: str, configuration: str) -> Written:
    """Write a suppression for every finding: at its resource where that is written by hand, else in a configuration.

    `configuration` is the file that holds here, empty where there is none; `until=` and a date in the reason is the
    last day. Raises `OSError` for what cannot be opened.
    """
    reason = " ".join(reason.split())
    wanted: dict[str, dict[Spot, list[Finding]]] = {}
    elsewhere: list[Finding] = []
    for finding in findings:
        spot = _spot(finding)
        if spot is None:
            elsewhere.append(finding)
        else:
            wanted.setdefault(spot.file, {}).setdefault((spot.line, spot.column), []).append(finding)
    says = []
    for file, spots in sorted(wanted.items()):
        path = Path(file)
        text = opened(path.read_bytes())
        insertions, without = _insertions(text, spots, reason, file.endswith(TERRAFORM))
        elsewhere += without
        if insertions:
            path.write_bytes(text.with_insertions(insertions))
            says.append(f"{file}: {counted(len(insertions), 'suppression')} written")
    if elsewhere and configuration:
        number = configured(Path(configuration), _entries(elsewhere, reason))
        if number:
            says.append(f"{configuration}: {counted(number, 'suppression')} written")
            elsewhere = []
    return Written(tuple(says), len(elsewhere))


def _spot(finding: Finding) -> Span | None:
    """Give where a suppression of a finding can stand: at a resource that is written by hand.

    A resource inside of a module is suppressed at the outermost call, which is the user's own.
    """
    for place in finding.places:
        span = place.span
        if span.precise and span.calls and span.file.endswith(TERRAFORM):
            span = Span(span.calls[0].file, span.calls[0].line, precise=True)
        if span.precise and span.file.endswith((*TERRAFORM, *TEMPLATES)) and _is_by_hand(Path(span.file)):
            return span
    return None


def _is_by_hand(path: Path) -> bool:
    generated = (path.parent / "manifest.json").exists() or not {*path.parts}.isdisjoint(GENERATED)
    return path.is_file() and not generated


def _insertions(
    text: Text, spots: dict[Spot, list[Finding]], reason: str, terraform: bool
) -> tuple[list[Insertion], list[Finding]]:
    """Give comments, in JSON members of the objects that the spots are in, and the findings that are in none."""
    rules = {spot: {finding.rule for finding in findings} for spot, findings in spots.items()}
    if not is_json(text.text):
        return [*commented(text, rules, reason)], []
    root = index_json(text.text)
    left: list[Finding] = []
    owners: dict[Place, tuple[Node, set[str]]] = {}
    for spot, findings in spots.items():
        owner = owner_of(root, spot, terraform)
        if owner is None:
            left += findings
        else:
            owners.setdefault(owner.start, (owner, set()))[1].update(rules[spot])
    return [with_member(text, owner, ids, reason, terraform) for owner, ids in owners.values()], left


def _entries(findings: list[Finding], reason: str) -> list[Entry]:
    rules: dict[str, set[str]] = {}
    for finding in findings:
        rules.setdefault(finding.subject.address, set()).add(finding.rule)
    says, until = parted(reason)
    return [Entry(tuple(sorted(of)), address, says, until) for address, of in rules.items()]
