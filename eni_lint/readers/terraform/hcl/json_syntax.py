"""The JSON form of the language: objects become blocks and arguments, strings are templates.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from msgspec import Struct

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.cursor import Cursor
from eni_lint.readers.terraform.hcl.dynamic import without_iterator
from eni_lint.readers.terraform.hcl.expressions import parse_template
from eni_lint.readers.terraform.hcl.nodes import Items, Literal, Node, Pairs, expression_of
from eni_lint.readers.terraform.hcl.records import Attribute, Block, Comment, File

_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"')
_WORD = re.compile(r"-?(?:0|[1-9]\d{0,99})(?:\.\d+)?(?:[eE][+-]?\d{1,4})?(?![\w.])|true\b|false\b|null\b")
_BLANKS = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_COMMENT_KEY = "//"
_LABELS = {
    "resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "check": 1,
    "locals": 0, "terraform": 0, "moved": 0, "import": 0, "removed": 0,
}  # fmt: skip
_INNER_LABELS = {"dynamic": 1, "backend": 1, "provisioner": 1, "provider_meta": 1}


Part = TypeVar("Part")


class Key(Struct, frozen=True):
    """The name of a member and where it stands."""

    name: str
    start: int
    end: int


class Value(Struct, frozen=True):
    """A value and where it stands; `members` are those of an object, `items` those of a list."""

    start: int
    end: int
    node: Node
    members: tuple[tuple[Key, Value], ...] = ()
    items: tuple[Value, ...] = ()


def parse_json(text: str, name: str) -> File:
    """Read the text of a file in JSON syntax."""
    cursor = Cursor(text, name)
    root = _value(cursor)
    if cursor.at < len(text):
        cursor.fail("not valid JSON: something follows the value")
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for key, value in _members(root):
        if key.name in _LABELS:
            blocks += _blocks(cursor, key, value, _LABELS[key.name])
        elif key.name != _COMMENT_KEY:
            attributes[key.name] = _attribute(cursor, key, value)
    return File(name, tuple(blocks), attributes, tuple(_comments(cursor, root)), text)


def _blocks(cursor: Cursor, key: Key, value: Value, label_count: int) -> Iterator[Block]:
    for path, body in _labelled((key,), value, label_count):
        attributes = {inner.name: _attribute(cursor, inner, item) for inner, item in _members(body)}
        block = Block(
            type=key.name,
            labels=tuple(label.name for label in path[1:]),
            header=cursor.span(path[-1].start, path[-1].end),
            span=cursor.span(path[-1].start, body.end),
            attributes=attributes,
            blocks=tuple(_inner_blocks(cursor, body)),
        )
        yield without_iterator(block) if key.name == "dynamic" else block


def _inner_blocks(cursor: Cursor, body: Value) -> Iterator[Block]:
    for key, value in _members(body):
        yield from _blocks(cursor, key, value, _INNER_LABELS.get(key.name, 0))


def _labelled(path: tuple[Key, ...], value: Value, label_count: int) -> Iterator[tuple[tuple[Key, ...], Value]]:
    """The bodies below a number of labels; at every level a list stands for its objects."""
    for one in value.items or (value,):
        if label_count:
            for key, inner in _members(one):
                yield from _labelled((*path, key), inner, label_count - 1)
        elif isinstance(one.node, Pairs):
            yield path, one


def _members(value: Value) -> Iterator[tuple[Key, Value]]:
    return ((key, inner) for key, inner in value.members if key.name != _COMMENT_KEY)


def _attribute(cursor: Cursor, key: Key, value: Value) -> Attribute:
    text = cursor.text[value.start : value.end]
    span = cursor.span(value.start, value.end)
    return Attribute(key.name, cursor.span(key.start, key.end), expression_of(value.node, text, span))


def _comments(cursor: Cursor, value: Value) -> Iterator[Comment]:
    """What the members named `//` say: the only comments that JSON has."""
    for key, inner in value.members:
        if key.name == _COMMENT_KEY and isinstance(inner.node, Literal):
            place = cursor.span(key.start, key.end)
            yield Comment(place.line, place.column, f"// {inner.node.value}")
        yield from _comments(cursor, inner)
    for item in value.items:
        yield from _comments(cursor, item)


def _value(cursor: Cursor) -> Value:
    cursor.deepen()
    cursor.take(_BLANKS)
    start = cursor.at
    if string := cursor.take(_STRING):
        value = Value(start, cursor.at, _string(cursor, string))
    elif word := cursor.take(_WORD):
        value = Value(start, cursor.at, Literal(json.loads(word[0])))
    elif cursor.take_text("{"):
        members = tuple(_parts(cursor, _member, "}"))
        node: Node = Pairs(tuple((Literal(key.name), inner.node) for key, inner in members))
        value = Value(start, cursor.at, node, members=members)
    elif cursor.take_text("["):
        items = tuple(_parts(cursor, _value, "]"))
        value = Value(start, cursor.at, Items(tuple(item.node for item in items)), items=items)
    else:
        cursor.fail("not valid JSON: expected a value here")
    cursor.depth -= 1
    cursor.take(_BLANKS)
    return value


def _parts(cursor: Cursor, read: Callable[[Cursor], Part], closing: str) -> Iterator[Part]:
    cursor.take(_BLANKS)
    if cursor.take_text(closing):
        return
    while True:
        yield read(cursor)
        if cursor.take_text(closing):
            return
        if not cursor.take_text(","):
            cursor.fail(f"not valid JSON: expected `,` or `{closing}` here")


def _member(cursor: Cursor) -> tuple[Key, Value]:
    cursor.take(_BLANKS)
    found = cursor.take(_STRING)
    if found is None:
        cursor.fail("not valid JSON: expected a name in double quotes here")
    cursor.take(_BLANKS)
    if not cursor.take_text(":"):
        cursor.fail("not valid JSON: expected `:` here")
    return Key(_decoded(cursor, found), *found.span()), _value(cursor)


def _decoded(cursor: Cursor, found: re.Match[str]) -> str:
    text: str = json.loads(found[0])
    if _SURROGATE.search(text):
        cursor.fail("half of a surrogate pair is not a character", found.start())
    return text


def _string(cursor: Cursor, found: re.Match[str]) -> Node:
    text = _decoded(cursor, found)
    if "${" not in text and "%{" not in text:
        return Literal(text)
    try:
        return parse_template(text, cursor.file)
    except ReadError as error:
        cursor.fail(error.message, found.start())
