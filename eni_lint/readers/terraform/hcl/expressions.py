"""Expressions and templates: the trees of python-hcl2 become nodes.

Operators lose their precedence: it changes neither which references an expression has nor their order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias

from eni_lint.readers.terraform.hcl.grammar import MAX_DEPTH, end_of, parts, value_tree
from eni_lint.readers.terraform.hcl.nodes import Computed, Items, Literal, Node, Pairs, Reference
from eni_lint.readers.terraform.hcl.source_text import SourceText, source_text
from eni_lint.readers.terraform.hcl.templates import has_code, in_quotes, plain_text, quoted_text, without_indent

if TYPE_CHECKING:
    from lark import Token
    from lark import Tree as LarkTree

    Tree: TypeAlias = LarkTree[Token]

MAX_STEPS = 200

Read: TypeAlias = Callable[[SourceText, int, int], str]

_NUMBER = re.compile(r"-?\d+(?P<fraction>\.\d+)?(?P<exponent>[eE][+-]?\d+)?")
_PLAIN_KEY = re.compile(r'"(?:[^"\\$%]|\\.|[$%](?!\{))*"|[0-9]+')
_KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_WORDS = frozenset(("identifier", "keyword", "literal_value", "int_lit", "float_lit"))
_STEPPED = frozenset(("get_attr_expr_term", "index_expr_term", "attr_splat_expr_term", "full_splat_expr_term"))
_SPLATS = frozenset(("attr_splat", "full_splat"))
# What stands before a template so that it is an argument.
_ARGUMENT = "x = "


def parse_expression(text: str, file: str) -> Node:
    """Read a text that is one expression."""
    text = _ARGUMENT + text
    source = source_text(text, file)
    return node_of(value_tree(text, source), source)


def parse_template(text: str, file: str) -> Node:
    """Read a text that is a template as a whole, as the strings of the JSON syntax are."""
    return _unquoted(text, source_text(text, file), 0)


def node_of(tree: Tree, source: SourceText) -> Node:
    """What an expression is made of."""
    inner = parts(tree)
    match str(tree.data):
        case "expr_term":
            # What stands in parentheses is no longer the beginning of a reference.
            node = node_of(inner[0], source)
            return node if len(tree.children) == 1 else Computed((node,))
        case "identifier":
            return Reference((_text(tree, source),))
        case "literal_value":
            return Literal(_KEYWORDS[_text(tree, source)])
        case "int_lit" | "float_lit":
            return _number(_text(tree, source))
        case "string":
            return _template(inner, source, quoted_text)
        case "heredoc_template" | "heredoc_template_trim":
            return _heredoc(tree, source)
        case "tuple":
            return Items(tuple(node_of(item, source) for item in inner))
        case "object":
            return Pairs(tuple((_key(pair, source), node_of(parts(pair)[1], source)) for pair in inner))
        case "function_call":
            names = [_text(name, source) for name in inner if name.data == "identifier"]
            arguments = (node_of(item, source) for call in inner if call.data == "arguments" for item in parts(call))
            return Computed((Computed(tuple(arguments)),), call="::".join(names))
        case "for_tuple_expr" | "for_object_expr":
            collection, binds = _loop(parts(inner[0]), source)
            return Computed((collection, *(node_of(part, source) for part in inner[1:])), binds)
        case "unary_op":
            return _signed(tree, source)
        case "conditional":
            return Computed(tuple(node_of(part, source) for part in _branches(tree)))
        case "binary_op":
            operands = [node_of(part, source) for part in _operands(tree)]
            followers = [*operands[1:], Computed(())]
            return Computed(tuple(map(_compared, operands, followers)))
        case kind if kind in _STEPPED:
            return _stepped(tree, source)
        case _:
            return Computed(tuple(node_of(part, source) for part in inner))


def extent(tree: Tree, source: SourceText) -> tuple[int, int]:
    """Where the text of a tree begins and ends; the line end behind a heredoc is not part of it."""
    start = tree.meta.start_pos
    return start, start + len(source.between(start, end_of(tree)).rstrip())


def _text(tree: Tree, source: SourceText) -> str:
    return source.between(*extent(tree, source))


def _number(text: str) -> Node:
    found = _NUMBER.fullmatch(text)
    if found is None:
        # python-hcl2 takes `-1-2.5` for one number.
        return Computed(())
    # Python refuses to convert digits without end.
    is_whole = found["fraction"] is None and found["exponent"] is None and len(text) <= 100
    return Literal(int(text) if is_whole else float(text))


def _signed(tree: Tree, source: SourceText) -> Node:
    (operand,) = parts(tree)
    sign = source.between(tree.meta.start_pos, operand.meta.start_pos).rstrip()
    match sign, node_of(operand, source):
        case "-", Literal(int() | float() as number):
            return Literal(-number)
        case _, node:
            return Computed((node,))


def _branches(tree: Tree) -> Iterator[Tree]:
    """The conditions and values of an if, with those of the ifs in its else."""
    while tree.data == "conditional":
        condition, value, tree = parts(tree)
        yield from (condition, value)
    yield tree


def _operands(tree: Tree) -> list[Tree]:
    """What the operators of one level stand between: python-hcl2 nests them, one below the other."""
    found = []
    while tree.data == "binary_op":
        tree, term = parts(tree)
        found.append(parts(term)[1])
    return [tree, *reversed(found)]


def _compared(operand: Node, follower: Node) -> Node:
    """An operand; of what is compared with null, it counts only whether it is there."""
    return Computed((operand,), asks_only=True) if follower == Literal(None) else operand


def _loop(intro: list[Tree], source: SourceText) -> tuple[Node, frozenset[str]]:
    """The collection of a `for`, and the names that it binds."""
    *names, collection = intro
    return node_of(collection, source), frozenset(_text(name, source) for name in names)


def _key(pair: Tree, source: SourceText) -> Node:
    """The key of an object: a word stands for itself."""
    key = _bare(parts(parts(pair)[0])[0])
    return Literal(_text(key, source)) if key.data in _WORDS else node_of(key, source)


def _bare(tree: Tree) -> Tree:
    """A term without what only wraps it."""
    while tree.data == "expr_term" and len(tree.children) == 1:
        tree = parts(tree)[0]
    return tree


def _stepped(tree: Tree, source: SourceText) -> Node:
    """A term with the attributes, keys and splats behind it; a reference grows as long as they are literal."""
    term, steps = _steps(tree)
    if len(steps) > MAX_STEPS:
        source.fail("a reference of too many steps", tree.meta.start_pos)
    node = node_of(term, source)
    written = [_step(step, source) for step in steps]
    literal = tuple(takewhile(bool, written)) if isinstance(node, Reference) else ()
    if isinstance(node, Reference):
        node = Reference(node.steps + literal)
    if len(literal) == len(steps):
        return node
    computed = (step for step, text in zip(steps, written, strict=True) if step.data == "braces_index" and not text)
    keys = (node_of(parts(step)[0], source) for step in computed)
    return Computed((node, *keys), read=tuple(text[1:] for text in written[len(literal) :] if text.startswith(".")))


def _steps(tree: Tree) -> tuple[Tree, list[Tree]]:
    """A term and the steps behind it, in the order of the text."""
    found: list[Tree] = []
    tree = _bare(tree)
    while tree.data in _STEPPED:
        term, step = parts(tree)
        found += (*reversed(parts(step)), step) if step.data in _SPLATS else (step,)
        tree = _bare(term)
    return tree, found[::-1]


def _step(step: Tree, source: SourceText) -> str:
    """A step as Terraform lists it, or "" where it is not literal."""
    match str(step.data):
        case "get_attr":
            return "." + _text(parts(step)[0], source)
        case "short_index":
            return f"[{step.children[1]}]"
        case "braces_index":
            key = _text(_bare(parts(step)[0]), source)
            return f"[{key}]" if _PLAIN_KEY.fullmatch(key) else ""
        case _:
            return ""


def _template(pieces: list[Tree], source: SourceText, read: Read) -> Node:
    """A template; `read` gives the text between interpolations. What stands in a `for` directive knows its names."""
    found: list[Node] = []
    loops: list[tuple[Tree, list[Node]]] = []
    for piece in pieces:
        code = piece.children[0]
        if isinstance(code, str):
            found.append(Literal(read(source, piece.meta.start_pos, piece.meta.end_pos)))
        elif code.data == "template_for_start":
            loops.append((code, found))
            found = []
            if len(loops) > MAX_DEPTH:
                source.fail("nested too deeply", piece.meta.start_pos)
        elif code.data == "template_endfor":
            if not loops:
                source.fail("`endfor` without a `for`", piece.meta.start_pos)
            (start, before), inside = loops.pop(), found
            collection, binds = _loop(parts(start), source)
            found = [*before, Computed((collection, *inside), binds)]
        else:
            found.append(Computed(tuple(node_of(part, source) for part in parts(code))))
    if loops:
        source.fail("a `for` directive does not end", loops[-1][0].meta.start_pos)
    texts = [str(part.value) for part in found if isinstance(part, Literal)]
    if len(texts) == len(found):
        return Literal("".join(texts))
    codes = (piece.children[0] for piece in pieces)
    return Computed(tuple(found), is_text=all(isinstance(code, str) or code.data == "interpolation" for code in codes))


def _heredoc(tree: Tree, source: SourceText) -> Node:
    start, end = extent(tree, source)
    text = source.between(start, end)
    body = text.index("\n") + 1
    node = _unquoted(text[body : text.rindex("\n") + 1], source, start + body)
    if text.startswith("<<-") and isinstance(node, Literal):
        return Literal(without_indent(str(node.value)))
    return node


def _unquoted(template: str, source: SourceText, start: int) -> Node:
    """A template without quotes; python-hcl2 reads what stands in it where it is a string."""
    if not has_code(template):
        return Literal(plain_text(source, start, start + len(template)))
    inner = source.inside(start - len(_ARGUMENT) - 1)
    (string,) = parts(value_tree(_ARGUMENT + in_quotes(template), inner))
    return _template(parts(string), inner, plain_text)
