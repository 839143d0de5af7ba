"""The report for people: each finding with its places, AWS's own words and a fix, then how much was judged."""

from __future__ import annotations

from collections.abc import Iterator

from click import style

from eni_lint.finding import Finding, Forecast, Judged, Problem, Severity, Verdict
from eni_lint.report.printable import one_line
from eni_lint.report.snippet import Paint, drawn, margin_of
from eni_lint.report.view import (
    Facts,
    View,
    counted,
    facts,
    listed,
    message_of,
    only,
    open_facts,
    shown,
    sources_of,
    totals,
    without_functions,
)

COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
EVIDENCE_SHOWN = 6
FACTS_SHOWN = 10
INPUTS_SHOWN = 10
NETWORKS_SHOWN = 8
# Between the names of stacks that are judged together.
JOINED = " and "
IN_FULL = 3
IN_ONE_LINE = 10


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict as text, the findings first and the totals last."""
    blocks = [] if view.quiet else [block for group in _alike(shown(verdict, view)) for block in _group(group, view)]
    return "\n\n".join([*blocks, "\n".join(_summary(verdict, view))]) + "\n"


def _alike(findings: list[Finding]) -> list[list[Finding]]:
    """Put findings together that say the same of other subjects."""
    groups: dict[tuple[Severity, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.rule, finding.case), []).append(finding)
    return list(groups.values())


def _group(group: list[Finding], view: View) -> Iterator[str]:
    """Show the first findings of a group in full and the next in a line each, so that many stay readable."""
    in_full = len(group) if len(group) <= IN_FULL + 1 else IN_FULL
    yield from (_finding(finding, view) for finding in group[:in_full])
    rest = group[in_full:]
    if rest:
        paint = _painter(rest[0].severity, view)
        head = paint(f"{rest[0].severity.word}[{rest[0].rule}]", "main")
        lines = [f"{head}: {paint(f'the same of {len(rest)} more', 'head')}"]
        lines.extend(f"  {paint('-->', 'frame')} {_position(one)}: {message_of(one)}" for one in rest[:IN_ONE_LINE])
        if len(rest) > IN_ONE_LINE:
            lines.append(f"      and {len(rest) - IN_ONE_LINE} more; --format concise lists them all")
        yield "\n".join(lines)


def _position(finding: Finding) -> str:
    span = next((place.span for place in finding.places if place.span.precise), None)
    return finding.source if span is None else f"{span.file}:{span.line}:{span.column}"


def _finding(finding: Finding, view: View) -> str:
    paint = _painter(finding.severity, view)
    head = paint(f"{finding.severity.word}[{finding.rule}]", "main")
    pad = " " * margin_of(finding)
    lines = [f"{head}: {paint(message_of(finding), 'head')}", *drawn(finding, paint)]
    margin = f"{pad} {paint('=', 'frame')} "
    lines.extend(margin + note for note in _notes(finding))
    lines.extend(f"{pad}        {line}".rstrip() for line in finding.fix.text.splitlines())
    lines.append(f"{margin}more: eni-lint explain {finding.rule}")
    return "\n".join(lines)


def _notes(finding: Finding) -> Iterator[str]:
    for because in finding.evidence[:EVIDENCE_SHOWN]:
        yield one_line(because.says)
    if len(finding.evidence) > EVIDENCE_SHOWN:
        yield f"and {counted(len(finding.evidence) - EVIDENCE_SHOWN, 'more reason')}"
    if finding.error:
        yield f"aws: {one_line(finding.error)}"
    yield f"fix: {one_line(finding.fix.summary)}"


def _summary(verdict: Verdict, view: View) -> Iterator[str]:
    yield from (_problem(problem, view) for problem in verdict.errors)
    yield from verdict.notes
    yield from _inputs(verdict)
    yield from _forecasts(verdict)
    if verdict.judged or verdict.findings:
        yield from _totals(verdict, view)


def _problem(problem: Problem, view: View) -> str:
    head = _painter(Severity.ERROR, view)("error", "main")
    place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part)
    return f"{head}: {place}: {one_line(problem.message)}" if place else f"{head}: {one_line(problem.message)}"


def _inputs(verdict: Verdict) -> Iterator[str]:
    """Tell how much of each input was judged, and last in one line in which there was nothing to judge."""
    busy = [judged for judged in verdict.judged if judged.functions]
    several = len(busy) > INPUTS_SHOWN + 1
    sources = [judged.source for judged in busy]
    for judged in busy[:INPUTS_SHOWN] if several else busy:
        named = sources.count(judged.source) > 1 or JOINED in judged.name
        yield _judged(judged, f"{judged.source} ({judged.name})" if named else judged.source)
    if several:
        rest = busy[INPUTS_SHOWN:]
        functions, in_vpc = sum(one.functions for one in rest), sum(one.in_vpc for one in rest)
        whole = sum(one.whole for one in rest)
        yield f"and {len(rest)} more inputs: {counted(functions, 'function')}, {in_vpc} in a VPC, {whole} judged whole"
    if idle := without_functions(verdict):
        yield f"{listed(idle)}: no Lambda functions, nothing to judge"


def _judged(judged: Judged, source: str) -> str:
    line = f"{source}: {counted(judged.functions, 'function')}, {judged.in_vpc} in a VPC"
    if judged.in_vpc:
        line += f", {judged.whole} of them judged whole"
    if judged.cases > 1:
        line += f", in each of {judged.cases} cases"
    return line + (f"; incomplete: {judged.incomplete}" if judged.incomplete else "")


def _forecasts(verdict: Verdict) -> Iterator[str]:
    """Tell the interfaces of each network in a line per input, those that change first where there are many."""
    ordered = list(verdict.forecast)
    if len(ordered) > NETWORKS_SHOWN:
        ordered.sort(key=lambda line: line.before == line.after)
    more = len(ordered[NETWORKS_SHOWN:])
    by_source: dict[str, list[str]] = {}
    for line in ordered[:NETWORKS_SHOWN]:
        by_source.setdefault(line.source, []).append(_forecast(line))
    several = len(sources_of(verdict)) > 1
    for source, lines in by_source.items():
        rest = [f"and {counted(more, 'more network')}"] if more and source == [*by_source][-1] else []
        yield f"network interfaces{f' of {source}' if several else ''}: {' · '.join([*lines, *rest])}"


def _forecast(line: Forecast) -> str:
    after = str(line.after) if line.after_at_most == line.after else f"{line.after} to {line.after_at_most or '?'}"
    if line.before is None:
        return f"{line.vpc} {after}{only(line.when)}"
    difference = line.after - line.before
    between = f", {line.between} in between" if line.between and line.between > max(line.before, line.after) else ""
    return f"{line.vpc} {line.before} → {after} ({difference:+d}{between}){only(line.when)}"


def _totals(verdict: Verdict, view: View) -> Iterator[str]:
    groups = facts(verdict)
    parts = [totals(verdict)]
    if verdict.suppressed:
        parts.append(f"{len(verdict.suppressed)} suppressed")
    if groups:
        parts.append(f"{open_facts(groups)}:")
    yield " · ".join(parts)
    limit = len(groups) if view.show_undecided or len(groups) <= FACTS_SHOWN + 1 else FACTS_SHOWN
    for one in groups[:limit]:
        yield from _facts(one, view)
    if len(groups) > limit:
        yield f"  and {sum(len(one.keys) for one in groups[limit:])} more; --show-undecided lists them all"
    hidden = sum(finding.severity < view.min_severity for finding in verdict.findings)
    if hidden:
        yield f"{counted(hidden, 'finding')} below --min-severity {view.min_severity.word} not shown"


def _facts(group: Facts, view: View) -> Iterator[str]:
    like = group.like
    keys = ", ".join(group.keys) if view.show_undecided else listed(group.keys)
    yield f"  {keys} ({like.why}): {', '.join(like.rules)} undecided for {group.asked_for}"
    if like.decided_by:
        yield f"      {like.decided_by}"
    if view.show_undecided:
        yield from (f"      {subject}" for subject in like.subjects)


def _painter(severity: Severity, view: View) -> Paint:
    if not view.color:
        return lambda text, _: text
    colors = {"head": None, "main": COLORS[severity], "other": "blue", "frame": "blue"}
    return lambda text, part: style(text, fg=colors[part], bold=True)
