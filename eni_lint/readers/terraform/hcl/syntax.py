"""The text of one file in the HCL language, or its JSON form, becomes blocks and arguments with their places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.cursor import Cursor
from eni_lint.readers.terraform.hcl.dynamic import without_iterator
from eni_lint.readers.terraform.hcl.expressions import NAME, expression_of, parse_expression
from eni_lint.readers.terraform.hcl.json_syntax import parse_json
from eni_lint.readers.terraform.hcl.records import Attribute, Block, Expression, File

MAX_BYTES = 32 * 1024 * 1024

_ASSIGN = re.compile(r"=(?![=>])")
_LABEL = re.compile(r'"((?:[^"\\$%\n]|\\.|[$%](?!\{))*)"|([^\W\d][\w-]*)')
_LINE_END = re.compile(r"(?=[\n}#]|//|\Z)")


def read_file(path: Path, name: str = "") -> File:
    """Read one source file; `name` is what its places call it."""
    name = name or str(path)
    return parse(decode(read_bytes(path, name), name), name)


def read_bytes(path: Path, name: str) -> bytes:
    """The bytes of a file of a sane size."""
    try:
        with path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}", name) from None
    if len(data) > MAX_BYTES:
        raise ReadError(f"larger than {MAX_BYTES >> 20} MiB", name)
    return data


def decode(data: bytes, name: str) -> str:
    """The text of a file, without the mark that some editors put before it."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(f"not a text in UTF-8: byte {error.start} cannot be read", name) from None


def parse(text: str, name: str) -> File:
    """Read the text of one file; a name that ends with `.json` means the JSON form of the language.

    >>> parse('a "b" "c" {\\n  d = e.f[0].g\\n}', "main.tf").blocks[0].attributes["d"].value.references
    ('e.f[0].g', 'e.f[0]', 'e.f')
    """
    text = text.removeprefix("\ufeff")
    if name.endswith(".json"):
        return parse_json(text, name)
    cursor = Cursor(text, name)
    attributes, blocks = _body(cursor)
    if cursor.at < len(text):
        cursor.fail("`}` without a `{`")
    return File(name, blocks, attributes, tuple(cursor.comments), text)


def _body(cursor: Cursor) -> tuple[Mapping[str, Attribute], tuple[Block, ...]]:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    cursor.deepen()
    while True:
        cursor.skip_lines()
        start = cursor.at
        name = cursor.take(NAME)
        if name is None:
            break
        cursor.skip()
        if not cursor.take(_ASSIGN):
            blocks.append(_block(cursor, name))
        elif name[0] in attributes:
            cursor.fail(f"`{name[0]}` is set a second time", start)
        else:
            attributes[name[0]] = Attribute(name[0], cursor.span(*name.span()), _value(cursor))
        cursor.skip()
        if not cursor.take(_LINE_END):
            cursor.fail("expected the end of the line here")
    if cursor.at < len(cursor.text) and cursor.text[cursor.at] != "}":
        cursor.fail("expected the name of an argument or a block here")
    cursor.depth -= 1
    return attributes, tuple(blocks)


def _value(cursor: Cursor) -> Expression:
    cursor.skip()
    start = cursor.at
    node = parse_expression(cursor)
    return expression_of(node, cursor.text[start : cursor.end], cursor.span(start, cursor.end))


def _block(cursor: Cursor, name: re.Match[str]) -> Block:
    labels: list[str] = []
    while label := cursor.take(_LABEL):
        labels.append(label[1] if label[2] is None else label[2])
        cursor.skip()
    header = cursor.span(name.start(), cursor.end)
    if not cursor.take_text("{"):
        cursor.fail("expected `=` or `{` here")
    attributes, blocks = _body(cursor)
    if not cursor.take_text("}"):
        cursor.fail(f"the block `{name[0]}` does not end", name.start())
    block = Block(name[0], tuple(labels), header, cursor.span(name.start(), cursor.end), attributes, blocks)
    return without_iterator(block) if name[0] == "dynamic" else block
