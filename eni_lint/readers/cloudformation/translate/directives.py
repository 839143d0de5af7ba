"""Words to the linter that stand in templates: in comments at resources, and in their metadata."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from eni_lint.model.deployment import Directive
from eni_lint.model.place import Origin
from eni_lint.readers.cloudformation.decode import Document
from eni_lint.readers.cloudformation.translate.places import Lines, Templates, Written
from eni_lint.readers.cloudformation.translate.scenes import Group
from eni_lint.readers.cloudformation.tree import Tree, find, mapping, sequence
from eni_lint.readers.directives import MARK, directives_in, directives_of

METADATA = "eni-lint"


def stated_directives(group: Group, places: Templates, source: str) -> tuple[Directive, ...]:
    """Give the directives of all resources of some stacks, whichever of them stand.

    What is said about a resource holds for all that a transform makes of it.
    """
    written = {
        prefix + logical_id: places.by_pointer[f"{name}/{logical_id}"]
        for name, prefix in group.prefixes.items()
        for logical_id in group.stacks[name].section("Resources")
    }
    found = (*_in_metadata(written, source), *_in_comments(written, places.lines, source))
    # A suppression that does nothing is reported at the last that it stands for: the resource that is written.
    return (*_passed_on(found, written), *found) if found else ()


def _passed_on(found: Iterable[Directive], written: Mapping[str, Written]) -> Iterator[Directive]:
    made: dict[str, list[str]] = {}
    for address, place in written.items():
        if not place.is_written_out:
            made.setdefault(f"{place.stack}/{place.stem}", []).append(address)
    for directive in found:
        for address in made.get(written[directive.address].pointer, ()):
            yield replace(directive, address=address)


def _in_metadata(written: Mapping[str, Written], source: str) -> Iterator[Directive]:
    for address, place in written.items():
        stated = find(place.document.tree, *place.path, "Metadata", METADATA)
        if stated is not None:
            yield from directives_of(_legible(stated), address, Origin(source, place.pointer))


def _legible(stated: Tree) -> Tree:
    """Give metadata without what is written in no known way."""
    known = mapping(stated)
    needs = known.get("needs")
    return {
        "ignore": [each for each in sequence(known.get("ignore")) if isinstance(each, dict)],
        "needs": needs if isinstance(needs, str) else [each for each in sequence(needs) if isinstance(each, str)],
    }


def _in_comments(written: Mapping[str, Written], lines: Lines, source: str) -> Iterator[Directive]:
    """Yield what comments say: one in a resource is about it, and so is one above it."""
    for document, own in _by_document(written).values():
        found = [(number, line) for number, line in enumerate(lines.of(document.file), 1) if _is_comment(line)]
        if found:
            ranges = sorted(_range(document, address, place) for address, place in own.items())
            for number, line in found:
                address = _meant(ranges, number)
                if address:
                    yield from directives_in(line[line.index("#") :], address, Origin(source, written[address].pointer))


def _is_comment(line: str) -> bool:
    return MARK in line and "#" in line.partition(MARK)[0]


def _by_document(written: Mapping[str, Written]) -> dict[str, tuple[Document, dict[str, Written]]]:
    found: dict[str, tuple[Document, dict[str, Written]]] = {}
    for address, place in written.items():
        if place.is_written_out:
            found.setdefault(place.document.file, (place.document, {}))[1][address] = place
    return found


def _range(document: Document, address: str, place: Written) -> tuple[int, int, str]:
    return document.marks.key(place.path).line, document.marks.value(place.path).end_line, address


def _meant(ranges: list[tuple[int, int, str]], number: int) -> str:
    """Give the resource that a comment in a line is about: the one around it, else the next, else none."""
    index = bisect_right(ranges, (number, 1 << 30, ""))
    if index and number <= ranges[index - 1][1]:
        return ranges[index - 1][2]
    return ranges[index][2] if index < len(ranges) else ""
