"""Where in the text each part of a decoded tree is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TypeAlias

import msgspec

from eni_lint.readers.cloudformation.tree import Path, Tree

Place: TypeAlias = tuple[int, int]
MERGE = "tag:yaml.org,2002:merge"

_WRITTEN = r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]\n]|[^\s{}\[\]:,"]+'


class Span(msgspec.Struct, frozen=True):
    """A stretch of text; lines and columns count from one, the end is the place behind the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


class Node(msgspec.Struct, frozen=True, eq=False):
    """One value as written: what it says, where it starts and ends, and of what it is made.

    In a mapping `keys` and `children` go in step; a list has children only; `text` is a scalar as written.
    """

    start: Place
    end: Place
    tag: str = ""
    text: str = ""
    keys: tuple[Node, ...] = ()
    children: tuple[Node, ...] = ()
    tree: Tree = None


class Marks:
    """Answers for every path of a document where it stands, and makes the index only when first asked.

    A path that leads further than the text (a default, an expanded resource) is answered with its last written part.
    """

    def __init__(self, index: Callable[[], Node]) -> None:
        self._index = index
        self._by_key: dict[Node, dict[str, tuple[Node, Node]]] = {}

    @cached_property
    def _root(self) -> Node:
        return self._index()

    def value(self, path: Path) -> Span:
        """Where the value at a path is written."""
        return _span(self._find(path)[1])

    def key(self, path: Path) -> Span:
        """Where the key that a path ends with is written; for a list item, the item."""
        return _span(self._find(path)[0])

    def _find(self, path: Path) -> tuple[Node, Node]:
        key = node = self._root
        inside_tag = False
        for step in path:
            if node.tag.startswith("!") and not inside_tag:
                if step != function_name(node.tag):
                    break
                inside_tag = True
            elif (found := self._child(node, step)) is not None:
                inside_tag = False
                key, node = found
            else:
                break
        return key, node

    def _child(self, node: Node, step: str | int) -> tuple[Node, Node] | None:
        if isinstance(step, int):
            in_list = not node.keys and 0 <= step < len(node.children)
            return (node.children[step],) * 2 if in_list else None
        if not node.keys:
            return None
        own = self._by_key.get(node)
        if own is None:
            own = {key.text: (key, value) for key, value in zip(node.keys, node.children, strict=True)}
            self._by_key[node] = own
        found = own.get(step)
        return found or next((inner for source in merged(node) if (inner := self._child(source, step))), None)


def function_name(tag: str) -> str:
    """The intrinsic function that a short tag stands for.

    >>> function_name("!Sub"), function_name("!Ref")
    ('Fn::Sub', 'Ref')
    """
    name = tag[1:]
    return name if name in ("Ref", "Condition") else f"Fn::{name}"


def merged(mapping: Node) -> Iterator[Node]:
    """The values that the merge keys of a mapping bring in, strongest first."""
    for key, value in zip(reversed(mapping.keys), reversed(mapping.children), strict=True):
        if key.tag == MERGE:
            yield from (value,) if value.keys else value.children


def _span(node: Node) -> Span:
    (line, column), (end_line, end_column) = node.start, node.end
    return Span(line + 1, column + 1, end_line + 1, end_column + 1)


def index_json(text: str) -> Node:
    """The nodes of a text that is known to be JSON, for their places alone.

    YAML's scanner cannot do this: it refuses tabs, escaped slashes and surrogate pairs.
    """
    import json

    roots: list[Node] = []
    starts: list[Place] = []
    siblings = [roots]
    line = line_start = 0
    for token in re.finditer(_WRITTEN, text, re.DOTALL):
        # No token of JSON holds a line break, so both its ends stand in the same line.
        start, end = (line, token.start() - line_start), (line, token.end() - line_start)
        match token[0]:
            case "\n":
                line, line_start = line + 1, token.end()
            case "{" | "[":
                starts.append(start)
                siblings.append([])
            case "}":
                nodes = tuple(siblings.pop())
                siblings[-1].append(Node(starts.pop(), end, keys=nodes[::2], children=nodes[1::2]))
            case "]":
                nodes = tuple(siblings.pop())
                siblings[-1].append(Node(starts.pop(), end, children=nodes))
            case scalar:
                siblings[-1].append(Node(start, end, text=json.loads(scalar) if "\\" in scalar else scalar.strip('"')))
    return roots[0]
