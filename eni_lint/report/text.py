"""The report for people: each finding with its places, AWS's own words and a fix, then how much was judged."""

from __future__ import annotations

from collections.abc import Iterator

from click import style

from eni_lint.finding import Finding, Forecast, Judged, Open, Place, Severity, Verdict
from eni_lint.report.view import View, counted, shown, totals

COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
PLACES_SHOWN = 6
EVIDENCE_SHOWN = 6
SUBJECTS_SHOWN = 3


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict as text, the findings first and the totals last."""
    blocks = [] if view.quiet else [_finding(finding, view) for finding in shown(verdict, view)]
    summary = list(_summary(verdict, view))
    return "\n\n".join([*blocks, "\n".join(summary)]) + "\n"


def _finding(finding: Finding, view: View) -> str:
    head = _paint(f"{finding.severity.word}[{finding.rule}]", view, COLORS[finding.severity])
    lines = [f"{head}: {_paint(finding.message, view)}"]
    if finding.when:
        lines[0] += f" (when {finding.when})"
    lines.extend(_places(finding))
    margin = "   = "
    lines.extend(f"{margin}{because.says}" for because in finding.evidence[:EVIDENCE_SHOWN])
    if finding.error:
        lines.append(f"{margin}aws: {finding.error}")
    lines.append(f"{margin}fix: {finding.fix.summary}")
    lines.extend(f"          {line}".rstrip() for line in finding.fix.text.splitlines())
    lines.append(f"{margin}more: eni-lint explain {finding.rule}")
    return "\n".join(lines)


def _places(finding: Finding) -> Iterator[str]:
    precise = [place for place in finding.places if place.span.precise]
    if not precise:
        listed = ", ".join(_address(place) for place in finding.places[:PLACES_SHOWN])
        more = len(finding.places) - PLACES_SHOWN
        yield f"  --> {finding.source}: {listed}" + (f" and {more} more" if more > 0 else "")
        return
    for number, place in enumerate(precise[:PLACES_SHOWN]):
        yield from _snippet(place, first=number == 0)
    if len(precise) > PLACES_SHOWN:
        yield f"  ::: and {counted(len(precise) - PLACES_SHOWN, 'more place')}"


def _address(place: Place) -> str:
    return f"{place.address} ({place.change})" if place.change else place.address


def _snippet(place: Place, first: bool) -> Iterator[str]:
    span = place.span
    arrow = "-->" if first else ":::"
    change = f"  ({place.change} by this change)" if place.change else ""
    yield f"  {arrow} {span.file}:{span.line}:{span.column}{change}"
    for call in span.calls:
        yield f"      called from {call.module} at {call.file}:{call.line}"
    text = span.text.splitlines()[0] if span.text else ""
    if not text:
        return
    number = str(span.line)
    blank = " " * len(number)
    end = span.end_column if span.end_line == span.line else len(text) + 1
    marks = ("^" if first else "-") * max(1, min(end, len(text) + 1) - span.column)
    yield f"   {blank} |"
    yield f"   {number} | {text}"
    yield f"   {blank} | {' ' * (span.column - 1)}{marks} {place.says or place.address}".rstrip()


def _summary(verdict: Verdict, view: View) -> Iterator[str]:
    for problem in verdict.errors:
        place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part)
        yield _paint("error", view, "red") + f": {place}: {problem.message}" if place else f"error: {problem.message}"
    yield from verdict.notes
    for judged in verdict.judged:
        yield _judged(judged)
    if verdict.forecast:
        yield "network interfaces: " + " · ".join(_forecast(line) for line in verdict.forecast)
    if not verdict.judged:
        return
    total = totals(verdict)
    if verdict.undecided:
        total += f" · {counted(len(verdict.undecided), 'open fact')}:"
    yield total
    for one in verdict.undecided:
        yield from _open(one, view)
    if any(finding.severity < view.min_severity for finding in verdict.findings):
        hidden = sum(finding.severity < view.min_severity for finding in verdict.findings)
        yield f"{counted(hidden, 'finding')} below --min-severity {view.min_severity.word} not shown"


def _judged(judged: Judged) -> str:
    if not judged.functions:
        return f"{judged.source}: no Lambda functions, nothing to judge"
    line = f"{judged.source}: {counted(judged.functions, 'function')}, {judged.in_vpc} in a VPC"
    if judged.in_vpc:
        line += f", {judged.whole} of them judged whole"
    return line + (f"; incomplete: {judged.incomplete}" if judged.incomplete else "")


def _forecast(line: Forecast) -> str:
    after = str(line.after) if line.after_at_most == line.after else f"{line.after} to {line.after_at_most or '?'}"
    if line.before is None:
        return f"{line.vpc} {after}"
    difference = line.after - line.before
    between = f", {line.between} in between" if line.between and line.between > max(line.before, line.after) else ""
    return f"{line.vpc} {line.before} → {after} ({difference:+d}{between})"


def _open(one: Open, view: View) -> Iterator[str]:
    subjects = ", ".join(one.subjects[:SUBJECTS_SHOWN])
    more = len(one.subjects) - SUBJECTS_SHOWN
    who = f"{subjects} and {more} more" if more > 0 else subjects
    yield f"  {one.key} ({one.why}): {', '.join(one.rules)} undecided for {who}"
    if one.decided_by:
        yield f"      {one.decided_by}"
    if view.show_undecided:
        for subject in one.subjects:
            yield f"      {subject}"


def _paint(text: str, view: View, color: str | None = None) -> str:
    return style(text, fg=color, bold=True) if view.color else text
