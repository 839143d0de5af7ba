"""Findings that somebody chose not to see: by a word in the source, by configuration, or because they are not new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from eni_lint.finding import Finding, Suppressed
from eni_lint.model.deployment import Directive
from eni_lint.settings import SettingsError, Suppression, lies_at, matches

VERSION = 1


class Entry(Struct, frozen=True):
    """One finding of a baseline, by what does not change with edits; the words are for people."""

    fingerprint: str
    rule: str
    subject: str
    message: str = ""


class Baseline(Struct, frozen=True, forbid_unknown_fields=True):
    """The findings that stood when a baseline was written."""

    version: int
    findings: tuple[Entry, ...]


class Sifted(Struct, frozen=True):
    """What is left of findings, what was taken out, and words about suppressions that did nothing."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    notes: tuple[str, ...]


def sift(
    findings: Iterable[Finding],
    directives: Iterable[Directive],
    configured: Iterable[Suppression],
    baseline: Baseline | None,
    root: str = "",
) -> Sifted:
    """Take the suppressed findings out, and report suppressions that are expired or match nothing.

    `root` is the folder that configured globs of paths begin at.
    """
    today = date.today()
    directives, configured = tuple(directives), tuple(configured)
    known = {} if baseline is None else {entry.fingerprint: entry for entry in baseline.findings}
    left: list[Finding] = []
    taken: list[Suppressed] = []
    used: set[int] = set()
    for finding in findings:
        by = _suppressed_by(finding, directives, configured, known, today, used, root)
        if by is None:
            left.append(finding)
        else:
            taken.append(by)
    notes = [*_idle(directives, configured, used, today)]
    stale = known.keys() - {one.finding.fingerprint for one in taken if one.by == "baseline"}
    if stale:
        notes.append(f"baseline: stale entries: {len(stale)} of {len(known)}; --write-baseline drops them")
    return Sifted(tuple(left), tuple(taken), tuple(notes))


def _suppressed_by(
    finding: Finding,
    directives: tuple[Directive, ...],
    configured: tuple[Suppression, ...],
    known: dict[str, Entry],
    today: date,
    used: set[int],
    root: str,
) -> Suppressed | None:
    named = {finding.subject.address, *(place.address for place in finding.places)}
    for directive in directives:
        if directive.address in named and _covers(directive.rules, finding.rule):
            used.add(id(directive))
            if directive.reason and not _expired(directive.until, today):
                return Suppressed(finding, "directive", directive.reason)
    for one in configured:
        there = one.path == "*" or any(lies_at(place.span.file, one.path, root) for place in finding.places)
        if there and _covers(one.rules, finding.rule) and any(matches(address, one.address) for address in named):
            used.add(id(one))
            if one.until is None or one.until >= today:
                return Suppressed(finding, "configuration", one.reason)
    if finding.fingerprint in known:
        return Suppressed(finding, "baseline", "stood when the baseline was written")
    return None


def _covers(rules: tuple[str, ...], rule: str) -> bool:
    return any(rule.upper().startswith(word.upper()) for word in rules)


def _expired(until: str, today: date) -> bool:
    return bool(until) and until < today.isoformat()


def _idle(
    directives: tuple[Directive, ...], configured: tuple[Suppression, ...], used: set[int], today: date
) -> Iterable[str]:
    # One comment may stand for many instances of a block; it is of use when one of them needs it.
    useful = {_comment(directive) for directive in directives if id(directive) in used}
    for directive in {_comment(directive): directive for directive in directives}.values():
        if directive.rules:
            where = directive.address if directive.origin is None else f"{directive.origin.source}: {directive.address}"
            if not directive.reason:
                yield f"{where}: ignore[{', '.join(directive.rules)}] has no reason, so it suppresses nothing"
                continue
            yield from _word(where, directive.rules, directive.until, _comment(directive) in useful, today)
    for one in configured:
        until = "" if one.until is None else one.until.isoformat()
        yield from _word(f"configuration: {one.address}", one.rules, until, id(one) in used, today)


def _comment(directive: Directive) -> tuple[object, ...]:
    """Tell what a directive stands in: its place, and the address where that is not known."""
    place = directive.address if directive.origin is None else directive.origin
    return place, directive.rules, directive.reason, directive.until


def _word(where: str, rules: tuple[str, ...], until: str, used: bool, today: date) -> Iterable[str]:
    if not used:
        yield f"{where}: ignore[{', '.join(rules)}] suppresses nothing"
    elif _expired(until, today):
        yield f"{where}: ignore[{', '.join(rules)}] expired on {until}"


def read_baseline(path: Path) -> Baseline:
    """Read a baseline; raise `SettingsError` where the file is none."""
    try:
        baseline = msgspec.json.decode(path.read_bytes(), type=Baseline)
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such baseline; --write-baseline makes one") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise SettingsError(f"{path}: is not a baseline ({error})") from None
    if baseline.version != VERSION:
        raise SettingsError(f"{path}: baseline version {baseline.version} is not known")
    return baseline


def write_baseline(findings: Iterable[Finding], path: Path) -> int:
    """Write the findings that stand now as a baseline, in a stable order; return their number.

    Raises `SettingsError` where the file cannot be written.
    """
    entries = sorted(
        {Entry(f.fingerprint, f.rule, f.subject.address, f.message) for f in findings},
        key=lambda entry: (entry.rule, entry.subject, entry.fingerprint),
    )
    encoded = msgspec.json.format(msgspec.json.encode(Baseline(VERSION, tuple(entries))), indent=1)
    try:
        path.write_bytes(encoded + b"\n")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
    return len(entries)
