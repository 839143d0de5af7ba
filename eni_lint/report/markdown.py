"""A pull request comment: what changes in the networks, what is wrong, and the details folded away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from eni_lint.finding import Finding, Forecast, Judged, Problem, Verdict
from eni_lint.report.explain import fence_of
from eni_lint.report.places import where
from eni_lint.report.printable import one_line, printable
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
)

MARKER = "<!-- eni-lint -->"
# GitHub refuses a comment of more than 65,536 characters; bytes are at least as many.
ROOM = 65_000
ROOM_PER_LIST = 6_000
SPECIAL = re.compile(r"([\\`*_\[\]|~#])")


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict as a comment that finds its own earlier version by a hidden marker, and fits into one."""
    head = "\n".join(_head(verdict, view))
    end = "\n".join(_end(verdict))
    body = "\n".join(_findings(shown(verdict, view), ROOM - _size(head) - _size(end), view))
    return "\n\n".join(part for part in (head, body, end) if part) + "\n"


def _size(text: str) -> int:
    return len(text.encode(errors="replace"))


def _fitted(lines: Iterable[str], noun: str) -> Iterator[str]:
    """Give the lines that one list of the comment has room for, and how many there are more."""
    room, left_out = ROOM_PER_LIST, 0
    for line in lines:
        room -= _size(line) + 1
        if room >= 0:
            yield line
        else:
            left_out += 1
    if left_out:
        yield f"\nand {counted(left_out, f'more {noun}')}"


def _head(verdict: Verdict, view: View) -> Iterator[str]:
    yield MARKER
    yield f"## eni-lint: {totals(verdict)}\n"
    yield from _fitted((_problem(problem) for problem in verdict.errors), "unreadable input")
    if verdict.forecast:
        yield from _forecast(verdict.forecast, len(sources_of(verdict)) > 1)
    hidden = sum(finding.severity < view.min_severity for finding in verdict.findings)
    if hidden:
        yield f"\n{counted(hidden, 'finding')} below {view.min_severity.word} not shown."


def _problem(problem: Problem) -> str:
    place = f"<code>{_html(problem.file)}</code>: " if problem.file else ""
    return f"- **cannot judge** {place}{_text(problem.message)}"


def _forecast(forecast: tuple[Forecast, ...], several: bool) -> Iterator[str]:
    yield f"\n**Hyperplane ENIs: {_sum(forecast)}**\n"
    yield "| network | before | after | difference | while both stand |\n| --- | ---: | ---: | ---: | ---: |"
    ordered = sorted(forecast, key=lambda line: line.before == line.after)
    yield from _fitted((_network(line, several) for line in ordered), "network")


def _sum(forecast: tuple[Forecast, ...]) -> str:
    before = [line.before for line in forecast if line.before is not None]
    after = sum(line.after for line in forecast)
    if any(line.after_at_most != line.after for line in forecast):
        return f"{after} or more"
    return f"{sum(before)} → {after} ({after - sum(before):+d})" if len(before) == len(forecast) else str(after)


def _network(line: Forecast, several: bool) -> str:
    source = f"{line.source}: " if several else ""
    difference = "" if line.before is None else f"{line.after - line.before:+d}"
    between = "" if line.between is None else line.between
    cells = ("" if line.before is None else line.before, _after(line), difference, between)
    return f"| {_text(f'{source}{line.vpc}{only(line.when)}')} | {' | '.join(str(cell) for cell in cells)} |"


def _after(line: Forecast) -> str:
    if line.after_at_most == line.after:
        return str(line.after)
    return f"{line.after} or more" if line.after_at_most is None else f"{line.after} to {line.after_at_most}"


def _findings(findings: list[Finding], room: int, view: View) -> Iterator[str]:
    """Show findings with their details while these fill half of the room, then in a line each, then their number."""
    used = 0
    in_full = True
    for number, finding in enumerate(findings):
        piece = _folded(finding, view) if in_full else _row(finding, view)
        if in_full and used + _size(piece) > room // 2:
            in_full, piece = False, _row(finding, view)
        used += _size(piece) + 1
        if used + 100 > room:
            yield f"\nand {counted(len(findings) - number, 'more finding')} in the full report of this run"
            return
        yield piece


def _folded(finding: Finding, view: View) -> str:
    """Fold a finding away under its message."""
    lines = [
        f"<details><summary><b>{finding.severity.word}</b> <code>{finding.rule}</code> "
        f"{_html(message_of(finding))}</summary>",
        "",
        f"<code>{_html(where(finding, view))}</code>",
        "",
        *(f"- {_text(because.says)}" for because in finding.evidence),
        *([f"- AWS says: {_text(finding.error)}"] if finding.error else []),
        f"- **Fix:** {_text(finding.fix.summary)}",
        *_patch(finding),
        "",
        "</details>",
        "",
    ]
    return "\n".join(lines)


def _patch(finding: Finding) -> list[str]:
    text = printable(finding.fix.text)
    if not text:
        return []
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return ["", f"{fence}{fence_of(finding.fix.language)}", text, fence]


def _row(finding: Finding, view: View) -> str:
    place = f"<code>{_html(where(finding, view))}</code>"
    return f"- **{finding.severity.word}** <code>{finding.rule}</code> {_text(message_of(finding))} ({place})"


def _end(verdict: Verdict) -> Iterator[str]:
    if groups := facts(verdict):
        yield f"<details><summary>{open_facts(groups)}</summary>\n"
        yield from _fitted((_fact(group) for group in groups), "open fact")
        yield "\n</details>\n"
    yield from _fitted((f"{_text(note)}\n" for note in verdict.notes), "note")
    yield from _fitted((_judged(judged) for judged in verdict.judged), "input")
    if verdict.suppressed:
        yield f"\n{counted(len(verdict.suppressed), 'finding')} suppressed."


def _fact(group: Facts) -> str:
    like = group.like
    decided_by = f"; {like.decided_by}" if like.decided_by else ""
    asked = f"{listed(like.rules, 10)} undecided for {group.asked_for}"
    return f"- {_text(f'{listed(group.keys)} ({like.why}): {asked}{decided_by}')}"


def _judged(judged: Judged) -> str:
    functions = f"{counted(judged.functions, 'function')}, {judged.in_vpc} in a VPC, {judged.whole} judged whole"
    return f"- <code>{_html(judged.source)}</code>: {functions}"


def _text(text: str) -> str:
    """Write text so that Markdown shows it as it is, and nobody and no issue is mentioned by it.

    >>> _text("a_b [1] | <x>")
    'a\\\\_b \\\\[1\\\\] \\\\| &lt;x&gt;'
    """
    return SPECIAL.sub(r"\\\1", _html(text))


def _html(text: str) -> str:
    # A zero-width space keeps @name from being told.
    return escape(one_line(text), quote=False).replace("@", "@\u200b")
