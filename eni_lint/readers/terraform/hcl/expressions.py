"""Expressions and templates of the HCL language: what they refer to, and what they are if they refer to nothing.

The grammar is HashiCorp's, https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md. Operators are read without
their precedence: it changes neither which references an expression has nor their order.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeGuard

from msgspec import UNSET, Struct, UnsetType

from eni_lint.readers.terraform.hcl.cursor import Cursor
from eni_lint.readers.terraform.hcl.records import Constant, Expression, Span
from eni_lint.readers.terraform.hcl.traversals import Traversal

MAX_STEPS = 200

NAME = re.compile(r"[^\W\d][\w-]*")

_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
_OPERATOR = re.compile(r"==|!=|<=|>=|&&|\|\||[-+*%<>]|/(?![/*])")
_ATTRIBUTE = re.compile(r"\.(?!\.)\s*(?:(?P<name>[^\W\d][\w-]*)|(?P<number>\d+)|\*)")
_KEY = re.compile(r'\[\s*(?:(?P<number>\d+)|"(?P<text>(?:[^"\\$%\n]|\\.|[$%](?!\{))*)")\s*\]')
_SPLAT = re.compile(r"\[\s*\*\s*\]")
_CALL = re.compile(r"(?:::[^\W\d][\w-]*)*[ \t]*\(")
_FOR = re.compile(r"for\s+(?=[^\W\d])")
_IN = re.compile(r"in\b")
_IF = re.compile(r"if\b")
_COMMA = re.compile(r",")
_ELLIPSIS = re.compile(r"\.\.\.")
_EQUALS = re.compile(r"=(?![=>])|:(?!:)")
_NEXT_PAIR = re.compile(r",|(?=[}\n#]|//)")
_DIRECTIVE = re.compile(r"%\{~?\s*(if|else|endif|for|endfor)\b")
_CLOSE = re.compile(r"~?\}")
_HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t]*\r?\n")
_QUOTED_TEXT = re.compile(r'(?:[^"\\$%\n]|\\.|\$\$\{|%%\{|[$%](?!\{))++')
_LINE_TEXT = re.compile(r"(?:[^$%\n]|\$\$\{|%%\{|[$%](?!\{))*+\n?")
_PLAIN_TEXT = re.compile(r"(?:[^$%]|\$\$\{|%%\{|[$%](?!\{))++")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_TEMPLATE_ESCAPE = re.compile(r"([$%])\1\{")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class Literal(Struct, frozen=True):
    """A value that the text states."""

    value: bool | int | float | str | None


class Reference(Struct, frozen=True):
    """A name with the steps that follow it, as far as they are literal."""

    steps: Traversal


class Items(Struct, frozen=True):
    """A list."""

    items: tuple[Node, ...]


class Pairs(Struct, frozen=True):
    """An object."""

    pairs: tuple[tuple[Node, Node], ...]


class Computed(Struct, frozen=True):
    """Anything that is made from its parts.

    `binds` are names that mean something else in all but the first part; `call` is the function that is called;
    `read` are the attributes that are read from the result.
    """

    parts: tuple[Node, ...]
    binds: frozenset[str] = frozenset()
    call: str = ""
    read: tuple[str, ...] = ()


Node: TypeAlias = Literal | Reference | Items | Pairs | Computed


def expression_of(node: Node, text: str, span: Span) -> Expression:
    """The record of an expression that was read."""
    return Expression(
        text, span, tuple(traversals(node)), constant(node), frozenset(reads(node)), frozenset(calls(node))
    )


def traversals(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[Traversal]:
    """The references in an expression, in the order of the text, without the names that it binds itself."""
    match node:
        case Literal():
            return
        case Reference(steps):
            if steps[0] not in bound:
                yield steps
        case Items(items):
            for item in items:
                yield from traversals(item, bound)
        case Pairs(pairs):
            for key, value in pairs:
                yield from traversals(key, bound)
                yield from traversals(value, bound)
        case Computed(parts, binds):
            for number, part in enumerate(parts):
                yield from traversals(part, bound | binds if number else bound)


def reads(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """The attributes that an expression reads from what it computes: `id` in `[for s in aws_subnet.a : s.id]`."""
    match node:
        case Reference(steps):
            if steps[0] in bound:
                yield from (step[1:] for step in steps[1:] if step.startswith("."))
        case Computed(parts, binds, _, read):
            yield from read
            for number, part in enumerate(parts):
                yield from reads(part, bound | binds if number else bound)
        case _:
            for part in _parts(node):
                yield from reads(part, bound)


def calls(node: Node) -> Iterator[str]:
    """The functions that an expression calls."""
    if isinstance(node, Computed) and node.call:
        yield node.call
    for part in _parts(node):
        yield from calls(part)


def _parts(node: Node) -> Iterator[Node]:
    match node:
        case Literal() | Reference():
            return
        case Items(items):
            yield from items
        case Pairs(pairs):
            yield from (part for pair in pairs for part in pair)
        case Computed(parts):
            yield from parts


def constant(node: Node) -> Constant | UnsetType:
    """The value that an expression states, or unset where it has to be computed."""
    match node:
        case Literal(stated):
            return stated
        case Items(items):
            values = list(map(constant, items))
            return values if _is_stated(values) else UNSET
        case Pairs(pairs):
            names = [constant(key) for key, _ in pairs]
            values = [constant(value) for _, value in pairs]
            if _is_stated(values) and all(isinstance(name, str) for name in names):
                return dict(zip(map(str, names), values, strict=True))
            return UNSET
        case Reference() | Computed():
            return UNSET


def _is_stated(values: list[Constant | UnsetType]) -> TypeGuard[list[Constant]]:
    return UNSET not in values


def parse_expression(cursor: Cursor) -> Node:
    """Read one expression; the cursor's `end` is left behind its last character."""
    cursor.deepen()
    parts = [_operand(cursor)]
    while True:
        end = cursor.end
        cursor.skip()
        if cursor.take(_OPERATOR):
            parts.append(_operand(cursor))
        elif cursor.take_text("?"):
            parts.append(parse_expression(cursor))
            cursor.expect(":")
            parts.append(parse_expression(cursor))
        else:
            break
    cursor.end = end
    cursor.depth -= 1
    return parts[0] if len(parts) == 1 else Computed(tuple(parts))


def parse_template(text: str, file: str) -> Node:
    """Read a text that is a template as a whole, as the strings of the JSON syntax are."""
    cursor = Cursor(text, file)
    node = _template(cursor, _plain_text)
    if cursor.at < len(text):
        cursor.fail("an interpolation or directive does not end")
    return node


def _operand(cursor: Cursor) -> Node:
    cursor.skip()
    if cursor.take_text("-"):
        match _signed(cursor):
            case Literal(int() | float() as number):
                return Literal(-number)
            case operand:
                return Computed((operand,))
    if cursor.take_text("!"):
        return Computed((_signed(cursor),))
    return _steps(cursor, _term(cursor))


def _term(cursor: Cursor) -> Node:
    if number := cursor.take(_NUMBER):
        return Literal(_number(number))
    if name := cursor.take(NAME):
        if call := cursor.take(_CALL):
            arguments = _inside(cursor, _arguments)
            return Computed((arguments,), call=name[0] + call[0][:-1].strip())
        return Literal(_KEYWORDS[name[0]]) if name[0] in _KEYWORDS else Reference((name[0],))
    if cursor.take_text('"'):
        node = _template(cursor, _quoted_text)
        if not cursor.take_text('"'):
            cursor.fail("a string does not end in its line")
        return node
    if cursor.take_text("("):
        return _inside(cursor, _parenthesis)
    if cursor.take_text("["):
        return _inside(cursor, _list)
    if cursor.take_text("{"):
        return _object(cursor)
    if heredoc := cursor.take(_HEREDOC):
        return _heredoc(cursor, heredoc)
    return cursor.fail("expected an expression here")


def _number(found: re.Match[str]) -> int | float:
    # Python refuses to convert digits without end.
    return float(found[0]) if found[1] or found[2] or len(found[0]) > 100 else int(found[0])


def _signed(cursor: Cursor) -> Node:
    cursor.deepen()
    operand = _operand(cursor)
    cursor.depth -= 1
    return operand


def _inside(cursor: Cursor, read: Callable[[Cursor], Node]) -> Node:
    """Read something within which line ends do not count."""
    lines, cursor.lines = cursor.lines, False
    node = read(cursor)
    cursor.lines = lines
    return node


def _steps(cursor: Cursor, node: Node) -> Node:
    """Read the attributes, keys and splats behind a term; a reference grows as long as they are literal."""
    literal = [*node.steps] if isinstance(node, Reference) else []
    grows = bool(literal)
    read: list[str] = []
    keys: list[Node] = []
    is_stepped = False
    while True:
        cursor.skip()
        if found := cursor.take(_ATTRIBUTE) or cursor.take(_KEY):
            step = _literal_step(found)
            grows = grows and step != ""
            if grows:
                literal.append(step)
            elif step.startswith("."):
                read.append(step[1:])
        elif cursor.take(_SPLAT):
            grows = False
        elif cursor.take_text("["):
            grows = False
            keys.append(_inside(cursor, _key))
        else:
            break
        is_stepped = True
        if len(literal) + len(read) > MAX_STEPS:
            cursor.fail("a reference of too many steps")
    term = Reference(tuple(literal)) if literal else node
    return Computed((term, *keys), read=tuple(read)) if is_stepped and not grows else term


def _literal_step(found: re.Match[str]) -> str:
    groups = found.groupdict()
    if groups["number"]:
        return f"[{groups['number']}]"
    if groups.get("text") is not None:
        return f'["{groups["text"]}"]'
    return f".{groups['name']}" if groups.get("name") else ""


def _key(cursor: Cursor) -> Node:
    node = parse_expression(cursor)
    cursor.expect("]")
    return node


def _parenthesis(cursor: Cursor) -> Node:
    node = parse_expression(cursor)
    cursor.expect(")")
    # What stands in parentheses is no longer the beginning of a reference.
    return Computed((node,))


def _arguments(cursor: Cursor) -> Node:
    parts: list[Node] = []
    while True:
        cursor.skip()
        if cursor.take_text(")"):
            return Computed(tuple(parts))
        parts.append(parse_expression(cursor))
        cursor.skip()
        if not cursor.take(_COMMA) and not cursor.take(_ELLIPSIS) and not cursor.text.startswith(")", cursor.at):
            cursor.fail("expected `,` or `)` here")


def _list(cursor: Cursor) -> Node:
    cursor.skip()
    if cursor.take(_FOR):
        return _for(cursor, "]")
    items: list[Node] = []
    while True:
        cursor.skip()
        if cursor.take_text("]"):
            return Items(tuple(items))
        items.append(parse_expression(cursor))
        cursor.skip()
        if not cursor.take(_COMMA) and not cursor.text.startswith("]", cursor.at):
            cursor.fail("expected `,` or `]` here")


def _object(cursor: Cursor) -> Node:
    cursor.skip_lines()
    if cursor.take(_FOR):
        return _inside(cursor, lambda inner: _for(inner, "}"))
    lines, cursor.lines = cursor.lines, True
    pairs: list[tuple[Node, Node]] = []
    while True:
        cursor.skip_lines()
        if cursor.take_text("}"):
            cursor.lines = lines
            return Pairs(tuple(pairs))
        key = _object_key(cursor)
        cursor.skip()
        if not cursor.take(_EQUALS):
            cursor.fail("expected `=` or `:` here")
        pairs.append((key, parse_expression(cursor)))
        cursor.skip()
        if not cursor.take(_NEXT_PAIR):
            cursor.fail("expected `,`, `}` or the end of the line here")


def _object_key(cursor: Cursor) -> Node:
    start = cursor.at
    node = parse_expression(cursor)
    is_word = len(node.steps) == 1 if isinstance(node, Reference) else isinstance(node, Literal)
    text = cursor.text[start : cursor.end]
    return Literal(text) if is_word and text[0] not in '"<' else node


def _for(cursor: Cursor, closing: str) -> Node:
    collection, binds = _for_head(cursor)
    cursor.expect(":")
    parts = [collection, parse_expression(cursor)]
    if closing == "}":
        cursor.expect("=>")
        parts.append(parse_expression(cursor))
        cursor.skip()
        cursor.take(_ELLIPSIS)
    cursor.skip()
    if cursor.take(_IF):
        parts.append(parse_expression(cursor))
    cursor.expect(closing)
    return Computed(tuple(parts), binds)


def _for_head(cursor: Cursor) -> tuple[Node, frozenset[str]]:
    names = [_name(cursor)]
    cursor.skip()
    if cursor.take(_COMMA):
        names.append(_name(cursor))
        cursor.skip()
    if not cursor.take(_IN):
        cursor.fail("expected `in` here")
    return parse_expression(cursor), frozenset(names)


def _name(cursor: Cursor) -> str:
    cursor.skip()
    found = cursor.take(NAME)
    return found[0] if found is not None else cursor.fail("expected a name here")


def _template(cursor: Cursor, literal: Callable[[Cursor], str]) -> Node:
    """Read a template up to where its text ends; `literal` reads the text between interpolations."""
    parts = _template_parts(cursor, literal)
    texts = [str(part.value) for part in parts if isinstance(part, Literal)]
    return Literal("".join(texts)) if len(texts) == len(parts) else Computed(parts)


def _template_parts(cursor: Cursor, literal: Callable[[Cursor], str], in_loop: bool = False) -> tuple[Node, ...]:
    parts: list[Node] = []
    while True:
        if text := literal(cursor):
            parts.append(Literal(text))
        elif cursor.take_text("${"):
            parts.append(Computed((_inside(cursor, _interpolation),)))
        elif directive := cursor.take(_DIRECTIVE):
            if directive[1] == "endfor" and in_loop:
                _close(cursor)
                return tuple(parts)
            parts.append(_directive(cursor, directive[1], literal))
        elif in_loop:
            cursor.fail("a `for` directive does not end")
        else:
            return tuple(parts)


def _directive(cursor: Cursor, word: str, literal: Callable[[Cursor], str]) -> Node:
    cursor.deepen()
    node: Node = Computed(())
    if word == "if":
        node = Computed((_inside(cursor, _interpolation),))
    elif word == "for":
        lines, cursor.lines = cursor.lines, False
        collection, binds = _for_head(cursor)
        cursor.lines = lines
        _close(cursor)
        node = Computed((collection, *_template_parts(cursor, literal, in_loop=True)), binds)
    elif word == "endfor":
        cursor.fail("`endfor` without a `for`")
    else:
        _close(cursor)
    cursor.depth -= 1
    return node


def _interpolation(cursor: Cursor) -> Node:
    cursor.take_text("~")
    node = parse_expression(cursor)
    _close(cursor)
    return node


def _close(cursor: Cursor) -> None:
    lines, cursor.lines = cursor.lines, False
    cursor.skip()
    cursor.lines = lines
    if not cursor.take(_CLOSE):
        cursor.fail("expected `}` here")


def _quoted_text(cursor: Cursor) -> str:
    found = cursor.take(_QUOTED_TEXT)
    return _ESCAPE.sub(lambda escape: _unescaped(cursor, escape), found[0]) if found is not None else ""


def _unescaped(cursor: Cursor, escape: re.Match[str]) -> str:
    code = escape[1]
    if code is None:
        return escape[0][1:]
    if code in _ESCAPES:
        return _ESCAPES[code]
    number = int(code[1:], 16) if len(code) > 1 else sys.maxunicode + 1
    return chr(number) if number <= sys.maxunicode else cursor.fail(f"`\\{code}` is no escape sequence")


def _plain_text(cursor: Cursor) -> str:
    found = cursor.take(_PLAIN_TEXT)
    return _TEMPLATE_ESCAPE.sub(r"\1{", found[0]) if found is not None else ""


def _heredoc(cursor: Cursor, start: re.Match[str]) -> Node:
    closing = re.compile(rf"[ \t]*{re.escape(start[2])}(?=[ \t\r]*(?:\n|\Z))")

    def line(inner: Cursor) -> str:
        if inner.text[inner.at - 1] == "\n" and closing.match(inner.text, inner.at):
            return ""
        found = inner.take(_LINE_TEXT)
        return _TEMPLATE_ESCAPE.sub(r"\1{", found[0]) if found is not None else ""

    node = _template(cursor, line)
    if not cursor.take(closing):
        cursor.fail(f"the text that `{start[0].rstrip()}` begins does not end", start.start())
    if start[1] and isinstance(node, Literal):
        return Literal(_without_indent(str(node.value)))
    return node


def _without_indent(text: str) -> str:
    lines = text.splitlines(keepends=True)
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "".join(line[indent:] if line.strip() else line for line in lines)
