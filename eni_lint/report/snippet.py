"""Source lines with what each place says written beneath them, as compilers show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from eni_lint.finding import Finding, Place
from eni_lint.report.printable import one_line
from eni_lint.report.view import listed

PLACES_SHOWN = 6
# A longer line is not written by hand: a template in one line, with values in it that are nobody's business.
LONGEST_LINE = 160
DONE = {"create": "created", "update": "updated", "delete": "deleted", "forget": "forgotten"}

Paint = Callable[[str, str], str]
"""Colours a text by its part: `head`, `main` (the first place), `other` (places) or `frame`."""


def margin_of(finding: Finding) -> int:
    """Count the columns that a finding's line numbers take, at least two."""
    return max([2, *(len(str(place.span.line)) for place in _written(finding))])


def drawn(finding: Finding, paint: Paint) -> Iterator[str]:
    """Draw the places of a finding: annotated lines of source, then the addresses of what is not written anywhere."""
    pad = " " * margin_of(finding)
    written = _written(finding)
    arrow = "-->"
    for places in _by_file(written):
        yield from _in_one_file(places, written[0], f"{pad}{paint(arrow, 'frame')}", pad, paint)
        arrow = ":::"
    hidden = sum(place.span.precise for place in finding.places) - len(written)
    if hidden:
        yield f"{pad}{paint(arrow, 'frame')} and {hidden} more"
    unwritten: dict[str, list[str]] = {} if finding.places else {finding.source: []}
    for place in finding.places:
        if not place.span.precise:
            unwritten.setdefault(place.span.file or finding.source, []).append(_address(place))
    for file, addresses in unwritten.items():
        named = f": {listed(tuple(addresses), PLACES_SHOWN)}" if addresses else ""
        yield f"{pad}{paint(arrow, 'frame')} {file}{named}"
        arrow = ":::"


def _written(finding: Finding) -> list[Place]:
    return [place for place in finding.places if place.span.precise][:PLACES_SHOWN]


def _address(place: Place) -> str:
    return f"{place.address} ({place.change})" if place.change else place.address


def _by_file(places: Iterable[Place]) -> Iterable[list[Place]]:
    """Put places together that one snippet can show: in one file, reached by the same module calls."""
    groups: dict[object, list[Place]] = {}
    for place in places:
        groups.setdefault((place.span.file, place.span.calls), []).append(place)
    return groups.values()


def _in_one_file(places: list[Place], main: Place, arrow: str, pad: str, paint: Paint) -> Iterator[str]:
    first = places[0].span
    yield f"{arrow} {first.file}:{first.line}:{first.column}{_change(places[0], '  ')}"
    for call in first.calls:
        yield f"{pad}    called from {call.module} at {call.file}:{call.line}"
    rows: dict[int, list[Place]] = {}
    for place in sorted(places, key=lambda place: (place.span.line, place.span.column)):
        if place.span.text:
            rows.setdefault(place.span.line, []).append(place)
    bar = f"{pad} {paint('|', 'frame')}"
    if rows:
        yield bar
    previous = min(rows, default=0)
    for line, at in rows.items():
        if line > previous + 1:
            yield paint("...", "frame")
        previous = line
        yield from _row(at, places[0], main, pad, paint)
    if rows:
        yield bar


def _row(at: list[Place], first: Place, main: Place, pad: str, paint: Paint) -> Iterator[str]:
    """Draw one line of source, and beneath it a line for each place in it."""
    text = at[0].span.text.splitlines()[0]
    long = len(text) > LONGEST_LINE
    number = f"{at[0].span.line:>{len(pad)}} |"
    bar = f"{pad} {paint('|', 'frame')}"
    yield f"{paint(number, 'frame')} {'…' if long else text}".rstrip()
    for place in at:
        label = one_line(place.says or place.address) + ("" if place is first else _change(place, " "))
        before, marks = ("", "") if long else _marks(place, text, "^" if place is main else "-")
        yield f"{bar} {before}{paint(f'{marks} {label}'.strip(), 'main' if place is main else 'other')}"


def _change(place: Place, space: str) -> str:
    return f"{space}({DONE.get(place.change, 'replaced')} by this change)" if place.change else ""


def _marks(place: Place, text: str, mark: str) -> tuple[str, str]:
    """Give what stands before a place's marks, and the marks: as wide as the text above them."""
    span = place.span
    start = max(0, span.column - 1)
    end = span.end_column - 1 if span.end_line == span.line else len(text)
    before = "".join("\t" if sign == "\t" else " " * _columns(sign) for sign in text[:start])
    return before, mark * max(1, _columns(text[start:end]))


def _columns(text: str) -> int:
    """Count the columns of a terminal that a text takes.

    >>> _columns("abc"), _columns("日本"), _columns("e\\u0301")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(sign) in "WF" else not combining(sign) for sign in text)
