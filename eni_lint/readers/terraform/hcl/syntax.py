"""The text of one file in the HCL language, or its JSON form, becomes blocks and arguments with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.dynamic import without_iterator
from eni_lint.readers.terraform.hcl.expressions import extent, node_of
from eni_lint.readers.terraform.hcl.grammar import end_of, parts, syntax_tree, tokens
from eni_lint.readers.terraform.hcl.json_syntax import parse_json
from eni_lint.readers.terraform.hcl.nodes import expression_of
from eni_lint.readers.terraform.hcl.records import Attribute, Block, Comment, File
from eni_lint.readers.terraform.hcl.source_text import SourceText, source_text

if TYPE_CHECKING:
    from lark import Token
    from lark import Tree as LarkTree

    Tree: TypeAlias = LarkTree[Token]

MAX_BYTES = 32 * 1024 * 1024
# What is written by hand is smaller; more would take minutes. The JSON form is what programs write.
MAX_TEXT = 4 * 1024 * 1024

_COMMENT = re.compile(r"(?:#|//)[^\n]*|(?s:/\*.*?\*/)")


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
    if len(text) > MAX_TEXT:
        raise ReadError(f"larger than {MAX_TEXT >> 20} MiB", name)
    source = source_text(text, name)
    tree = syntax_tree(text, source)
    attributes, blocks = _body(parts(tree)[0], source)
    return File(name, blocks, attributes, tuple(_comments(tree, source)), text)


def _body(body: Tree, source: SourceText) -> tuple[Mapping[str, Attribute], tuple[Block, ...]]:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for part in parts(body):
        if part.data == "block":
            blocks.append(_block(part, source))
            continue
        attribute = _attribute(part, source)
        if attribute.name in attributes:
            source.fail(f"`{attribute.name}` is set a second time", part.meta.start_pos)
        attributes[attribute.name] = attribute
    return attributes, tuple(blocks)


def _attribute(tree: Tree, source: SourceText) -> Attribute:
    name, value = parts(tree)
    place = extent(value, source)
    expression = expression_of(node_of(value, source), source.between(*place), source.span(*place))
    return Attribute(source.between(*extent(name, source)), source.span(*extent(name, source)), expression)


def _block(tree: Tree, source: SourceText) -> Block:
    *names, body = parts(tree)
    kind, *labels = (source.between(*extent(name, source)) for name in names)
    start, end = tree.meta.start_pos, end_of(names[-1])
    attributes, blocks = _body(body, source)
    block = Block(
        type=kind,
        labels=tuple(label.strip('"') for label in labels),
        header=source.span(start, end),
        span=source.span(start, end_of(tree)),
        attributes=attributes,
        blocks=blocks,
    )
    return without_iterator(block) if kind == "dynamic" else block


def _comments(tree: Tree, source: SourceText) -> Iterator[Comment]:
    """The comments, which stand where nothing else does."""
    end = 0
    for token in tokens(tree):
        yield from _comments_between(source, end, token.start_pos or 0)
        end = token.end_pos or 0
    yield from _comments_between(source, end, len(source.text))


def _comments_between(source: SourceText, start: int, end: int) -> Iterator[Comment]:
    for found in _COMMENT.finditer(source.text, start, end):
        place = source.span(*found.span())
        before = source.between(source.lines[place.line - 1], found.start())
        yield Comment(place.line, place.column, found[0].rstrip(), not before.strip())
