"""Bytes of a template become a tree, with a place for each of its parts.

`cfnlint.decode` gives the same trees and is the oracle in the tests; it is not used here because importing it takes
longer than the whole of a lint.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any

import msgspec
import yaml
from yaml.constructor import SafeConstructor

from eni_lint.readers.cloudformation.marks import MERGE, Marks, Node, Place, function_name, index_json, merged
from eni_lint.readers.cloudformation.tree import Tree
from eni_lint.readers.errors import ReadError

MAX_DEPTH = 100
MAX_NODES = 250_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTRUCTOR = SafeConstructor()
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONGEST_NUMBER = 100
_PREFIX = "tag:yaml.org,2002:"
_TEXTS = frozenset(_PREFIX + name for name in ("str", "timestamp", "value", "binary")) | {MERGE}
_SCALARS: dict[str, Callable[[SafeConstructor, yaml.ScalarNode], Any]] = {
    _PREFIX + "null": SafeConstructor.construct_yaml_null,
    _PREFIX + "bool": SafeConstructor.construct_yaml_bool,
    _PREFIX + "int": SafeConstructor.construct_yaml_int,
    _PREFIX + "float": SafeConstructor.construct_yaml_float,
}


class Note(msgspec.Struct, frozen=True):
    """A remark about an input that could be read all the same."""

    message: str
    file: str
    line: int = 0
    column: int = 0


class Document(msgspec.Struct, frozen=True, eq=False):
    """A decoded text: what it says, where it says it, and what was odd about it."""

    file: str
    tree: Tree
    marks: Marks
    notes: tuple[Note, ...]


def decode(data: bytes, file: str = "") -> Document:
    """Read JSON or YAML with CloudFormation's short tags; raise `ReadError` and nothing else.

    >>> decode(b"Vpc: !GetAtt Network.Outputs.Vpc").tree
    {'Vpc': {'Fn::GetAtt': ['Network', 'Outputs.Vpc']}}
    """
    text = _text(data, file)
    document = _json(text, file) if text.lstrip()[:1] in ("{", "[") else _yaml(text, file)
    _refuse_huge(document.tree, file)
    return document


def _text(data: bytes, file: str) -> str:
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(f"not a text in UTF-8 or UTF-16: byte {error.start} cannot be read", file) from None


def _json(text: str, file: str) -> Document:
    import json

    notes: list[Note] = []

    def mapping(pairs: list[tuple[str, Tree]]) -> dict[str, Tree]:
        tree = dict(pairs)
        if len(tree) < len(pairs):
            keys = [key for key, _ in pairs]
            notes.extend(_duplicate(key, file, 0, 0) for key in tree if keys.count(key) > 1)
        return tree

    try:
        tree = json.loads(text, object_pairs_hook=mapping, parse_constant=str)
    except RecursionError:
        raise _too_deep(file) from None
    except ValueError:
        return _yaml(text, file)  # flow-style YAML begins like JSON
    if _SURROGATE.search(text):
        _refuse_broken_characters(tree, file)
    return Document(file, tree, Marks(partial(index_json, text)), tuple(notes))


def _refuse_broken_characters(tree: Tree, file: str) -> None:
    import json

    try:
        json.dumps(tree, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ReadError("half of a surrogate pair is not a character", file) from None


def _yaml(text: str, file: str) -> Document:
    notes: list[Note] = []
    try:
        root = _compose(text, file, notes)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        raise ReadError(f"not valid YAML or JSON: {error.problem or error.context}", file, *place) from None
    except yaml.reader.ReaderError as error:
        raise ReadError(f"not valid YAML or JSON: {error.reason} (character {error.position})", file) from None
    return Document(file, root.tree, Marks(lambda: root), tuple(notes))


def _compose(text: str, file: str, notes: list[Note]) -> Node:
    """Build the nodes from events: libyaml's own composer recurses, and a deep text makes it crash the process."""
    loader: Any = _LOADER(text)
    anchors: dict[str, Node] = {}
    starts: list[Any] = []
    siblings: list[list[Node]] = [[]]
    while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
        match event:
            case yaml.AliasEvent():
                siblings[-1].append(_aliased(event, anchors, file))
            case yaml.ScalarEvent():
                siblings[-1].append(node := _scalar(event, loader, file))
                if event.anchor:
                    anchors[event.anchor] = node
            case yaml.CollectionStartEvent():
                if len(starts) == MAX_DEPTH:
                    raise _too_deep(file)
                starts.append(event)
                siblings.append([])
            case yaml.CollectionEndEvent():
                start, nodes = starts.pop(), tuple(siblings.pop())
                compose = _mapping if isinstance(start, yaml.MappingStartEvent) else _sequence
                siblings[-1].append(node := compose(start, event, nodes, file, notes))
                if start.anchor:
                    anchors[start.anchor] = node
            case yaml.DocumentStartEvent() if siblings[0]:
                raise _at(event, file, "more than one YAML document in one file")
    if not siblings[0]:
        raise ReadError("the file is empty", file)
    return siblings[0][0]


def _aliased(event: Any, anchors: dict[str, Node], file: str) -> Node:
    # An anchor counts once its value is complete, so no value can contain itself.
    if event.anchor not in anchors:
        raise _at(event, file, f"the alias *{event.anchor} has no finished anchor before it")
    return anchors[event.anchor]


def _scalar(event: Any, loader: Any, file: str) -> Node:
    tag = event.tag if event.tag not in (None, "!") else _resolved(event, loader)
    tree: Tree = event.value
    if tag == "!GetAtt":
        tree = {"Fn::GetAtt": list(event.value.split(".", 1))}
    elif tag.startswith("!"):
        tree = {function_name(tag): event.value}
    elif tag in _SCALARS:
        tree = _typed(tag, event, file)
    elif tag not in _TEXTS:
        raise _at(event, file, f"unknown tag {tag}")
    return Node(_place(event.start_mark), _place(event.end_mark), tag, event.value, tree=tree)


def _resolved(event: Any, loader: Any) -> str:
    """Tell the type of a plain scalar by its looks; most begin like nothing but a text, which is quickly seen."""
    if not event.implicit[0] or event.value[:1] not in _LOADER.yaml_implicit_resolvers:
        return _PREFIX + "str"
    return str(loader.resolve(yaml.ScalarNode, event.value, event.implicit))


def _typed(tag: str, event: Any, file: str) -> Tree:
    if len(event.value) > _LONGEST_NUMBER:
        return str(event.value)
    try:
        value: Tree = _SCALARS[tag](_CONSTRUCTOR, yaml.ScalarNode(tag, event.value))
    except (ValueError, KeyError, IndexError, OverflowError):
        raise _at(event, file, f"not a value of the kind {tag.removeprefix(_PREFIX)}") from None
    return value


def _sequence(start: Any, end: Any, nodes: tuple[Node, ...], file: str, _notes: list[Note]) -> Node:
    tag = _collection_tag(start, "seq", file)
    tree = _in_function(tag, [node.tree for node in nodes])
    return Node(_place(start.start_mark), _end(start, end, nodes), tag, children=nodes, tree=tree)


def _mapping(start: Any, end: Any, nodes: tuple[Node, ...], file: str, notes: list[Note]) -> Node:
    tag = _collection_tag(start, "map", file)
    bare = Node(_place(start.start_mark), _end(start, end, nodes), tag, keys=nodes[::2], children=nodes[1::2])
    own: dict[str, Tree] = {}
    for key, value in zip(bare.keys, bare.children, strict=True):
        if key.children or key.tag.startswith("!"):
            raise ReadError("a key must be a text (was this template rendered?)", file, *_from_one(key.start))
        if key.text in own:
            notes.append(_duplicate(key.text, file, *_from_one(key.start)))
        if key.tag != MERGE:
            # Keys are text in CloudFormation: an account number or NO must not become a number or a boolean.
            own[key.text] = value.tree
    return msgspec.structs.replace(bare, tree=_in_function(tag, _inherited(bare, file) | own))


def _inherited(node: Node, file: str) -> dict[str, Tree]:
    tree: dict[str, Tree] = {}
    for source in reversed(list(merged(node)) if MERGE in (key.tag for key in node.keys) else []):
        if not isinstance(source.tree, dict) or source.tag.startswith("!"):
            raise ReadError("a merge key (<<) needs a mapping or a list of them", file, *_from_one(source.start))
        tree |= source.tree
    return tree


def _collection_tag(start: Any, kind: str, file: str) -> str:
    if start.tag in (None, "!", _PREFIX + kind):
        return ""
    if start.tag.startswith("!"):
        return str(start.tag)
    raise _at(start, file, f"unknown tag {start.tag}")


def _in_function(tag: str, tree: Tree) -> Tree:
    return {function_name(tag): tree} if tag else tree


def _end(start: Any, end: Any, nodes: tuple[Node, ...]) -> Place:
    # libyaml ends a block collection where the next token begins, which may be many comment lines below.
    return _place(end.end_mark) if start.flow_style or not nodes else nodes[-1].end


def _place(mark: Any) -> Place:
    return mark.line, mark.column


def _from_one(place: Place) -> Place:
    return place[0] + 1, place[1] + 1


def _refuse_huge(tree: Tree, file: str) -> None:
    """Aliases let a few lines stand for millions of values; count them without making them."""
    level = [tree] if isinstance(tree, dict | list) else []
    nodes = depth = 0
    while level:
        depth += 1
        nodes += sum(map(len, level))
        if nodes > MAX_NODES:
            raise ReadError(f"more than {MAX_NODES} values once aliases are expanded", file)
        if depth > MAX_DEPTH:
            raise _too_deep(file)
        children = chain.from_iterable(node.values() if isinstance(node, dict) else node for node in level)
        level = [child for child in children if isinstance(child, dict | list)]


def _duplicate(key: str, file: str, line: int, column: int) -> Note:
    return Note(f"the key {key!r} stands twice in one mapping; the last one counts", file, line, column)


def _too_deep(file: str) -> ReadError:
    return ReadError(f"nested deeper than {MAX_DEPTH} levels", file)


def _at(event: Any, file: str, message: str) -> ReadError:
    return ReadError(message, file, *_from_one(_place(event.start_mark)))
