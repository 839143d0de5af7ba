"""Suppressions in JSON: metadata of a resource in a template, a member `//` of a block in Terraform source."""

from __future__ import annotations

import json
from typing import Any

from eni_lint.ignoring.text import Insertion, Text
from eni_lint.readers.cloudformation.marks import Node, Place
from eni_lint.readers.directives import parted

# How many names lead to a resource, by the section that it stands in.
LABELS_OF_TEMPLATES = {"Resources": 1}
LABELS_OF_TERRAFORM = {"resource": 2, "data": 2, "module": 1}
COMMENT = "//"


def is_json(text: str) -> bool:
    """Tell whether a text is JSON, whatever its file is called."""
    try:
        return text.lstrip()[:1] == "{" and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def owner_of(root: Node, spot: tuple[int, int], terraform: bool) -> Node | None:
    """Give the object of the resource or block that a spot is in, None where that is part of a loop."""
    place = (spot[0] - 1, spot[1] - 1)
    section, node = _around(root, place)
    for _ in range((LABELS_OF_TERRAFORM if terraform else LABELS_OF_TEMPLATES)[section.text]):
        node = _around(_item(node, place), place)[1]
    return _item(node, place) if terraform or node.keys else None


def _around(node: Node, place: Place) -> tuple[Node, Node]:
    """Give the member of an object that a place is in."""
    pairs = zip(node.keys, node.children, strict=True)
    return next((key, value) for key, value in pairs if key.start <= place < value.end)


def _item(node: Node, place: Place) -> Node:
    """Give the object of a list of blocks that a place is in, the first where it is in none; an object is itself."""
    while not node.keys and node.children:
        node = next((child for child in node.children if child.start <= place < child.end), node.children[0])
    return node


def with_member(text: Text, owner: Node, rules: set[str], reason: str, terraform: bool) -> Insertion:
    """Give what suppresses rules at a resource."""
    return _comment(text, owner, rules, reason) if terraform else _metadata(text, owner, rules, reason)


def _comment(text: Text, owner: Node, rules: set[str], reason: str) -> Insertion:
    says = f"eni-lint: ignore[{', '.join(sorted(rules))}] {reason}"
    earlier = _member(owner, COMMENT)
    if earlier is None:
        return _appended(text, owner, f'"{COMMENT}": ', says)
    # Several comments of one block are lines of one member.
    return _offset(text, earlier.end) - 1, json.dumps(f"\n{says}", ensure_ascii=False)[1:-1]


def _metadata(text: Text, owner: Node, rules: set[str], reason: str) -> Insertion:
    says, until = parted(reason)
    stated = {"reason": says, "until": until} if until else {"reason": says}
    entries = [{"id": rule, **stated} for rule in sorted(rules)]
    metadata = _member(owner, "Metadata")
    if metadata is None:
        return _appended(text, owner, '"Metadata": ', {"eni-lint": {"ignore": entries}})
    ours = _member(metadata, "eni-lint")
    if ours is None:
        return _appended(text, metadata, '"eni-lint": ', {"ignore": entries})
    ignored = _member(ours, "ignore")
    if ignored is None:
        return _appended(text, ours, '"ignore": ', entries)
    return _appended(text, ignored, "", *entries)


def _member(node: Node, name: str) -> Node | None:
    return next((value for key, value in zip(node.keys, node.children, strict=True) if key.text == name), None)


def _appended(text: Text, node: Node, key: str, *values: Any) -> Insertion:
    """Give what stands behind the last part of an object or list, laid out as the parts before it."""
    if not node.children:
        return _offset(text, node.start) + 1, ", ".join(key + json.dumps(each, ensure_ascii=False) for each in values)
    first, at = (node.keys or node.children)[0].start, _offset(text, node.children[-1].end)
    if first[0] > node.start[0]:
        indent, outer = text.indent_at(_offset(text, first)), text.indent_at(_offset(text, node.start))
        step, start = indent.removeprefix(outer) or "  ", f",\n{indent}"
        laid_out = (json.dumps(each, indent=step, ensure_ascii=False).replace("\n", f"\n{indent}") for each in values)
        return at, "".join(f"{start}{key}{each}" for each in laid_out)
    blank = "" if _is_tight(text, node) else " "
    separators = (f",{blank}", f":{blank}")
    in_line = (json.dumps(each, separators=separators, ensure_ascii=False) for each in values)
    return at, "".join(f",{blank}{key.rstrip()}{blank if key else ''}{each}" for each in in_line)


def _is_tight(text: Text, node: Node) -> bool:
    """Tell whether nothing stands behind the first colon or comma of an object or list in one line."""
    end = _offset(text, (node.keys or node.children)[0].end)
    return text.text[end : end + 1] in (":", ",") and not text.text[end + 1].isspace()


def _offset(text: Text, place: Place) -> int:
    line, column = place
    return text.lines[line] + column
