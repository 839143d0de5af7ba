"""The grammar of HCL, which is that of python-hcl2: texts become its trees, whose places are those of the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.repairs import Stumble, complaint, repaired, rewritten
from eni_lint.readers.terraform.hcl.source_text import SourceText

if TYPE_CHECKING:
    from lark import Token, Tree

    Node: TypeAlias = "Tree[Token]"
    Branch: TypeAlias = "Token | Tree[Token]"

MAX_DEPTH = 60
MAX_REPAIRS = 200

_LINE = "NL_OR_COMMENT"
_LINES = "new_line_or_comment"
_DEEPER = frozenset(
    (
        "block", "braces_index", "conditional", "for_object_expr", "for_tuple_expr", "function_call", "interpolation",
        "object", "template_for_start", "template_if_start", "tuple",
    )
)  # fmt: skip
_OTHER_PACKAGE = (
    "python-hcl2 is needed to read Terraform source, and another package (checkov brings bc-python-hcl2) has taken its "
    "place: install eni-lint into an environment of its own"
)


def syntax_tree(text: str, source: SourceText) -> Node:
    """The tree of a text; where there is none, the source complains about the place."""
    tree = _parsed(rewritten(text), source)
    deepest = MAX_DEPTH >> source.level
    for token, depth in _walk(tree):
        if depth > deepest:
            source.fail("nested too deeply", token.start_pos or 0)
    return tree


def value_tree(text: str, source: SourceText) -> Node:
    """The tree of the value in a text that is one argument."""
    attribute = parts(parts(syntax_tree(text, source))[0])[0]
    return parts(attribute)[-1]


def parts(tree: Node) -> list[Node]:
    """The trees directly inside of a tree, line ends and comments apart."""
    return [child for child in tree.children if not isinstance(child, str) and child.data != _LINES]


def end_of(tree: Node) -> int:
    """The place behind the last character of a tree; a line end or comment behind it is not part of it."""
    node: Branch = tree
    while not isinstance(node, str):
        node = next(child for child in reversed(node.children) if isinstance(child, str) or child.data != _LINES)
    return node.end_pos or 0


def tokens(tree: Node) -> Iterator[Token]:
    """The words and signs of a tree in the order of the text, line ends and comments apart."""
    return (token for token, _ in _walk(tree) if token.type != _LINE)


def _walk(tree: Node) -> Iterator[tuple[Token, int]]:
    """The tokens of a tree, and how deep they lie: hostile trees are too deep for functions that call themselves."""
    waiting: list[tuple[Branch, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, str):
            yield node, depth
            continue
        in_parentheses = node.data == "expr_term" and len(node.children) > 1
        depth += in_parentheses or node.data in _DEEPER
        waiting += ((child, depth) for child in reversed(node.children))


def _parsed(text: str, source: SourceText) -> Node:
    parse = _parser()
    from lark.exceptions import UnexpectedInput, UnexpectedToken

    for _ in range(MAX_REPAIRS):
        try:
            return parse(text)
        except UnexpectedInput as error:
            is_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
            place: int = error.pos_in_stream  # type: ignore[assignment]  # lark declares it as None
            at = len(text) if is_end else place
            stumble = Stumble(text, at, tuple(error.interactive_parser.parser_state.value_stack))
        text = repaired(stumble)
        if text == stumble.text:
            break
    return source.fail(*complaint(stumble, is_template=source.level > 0))


def _parser() -> Callable[[str], Node]:
    # Its import and that of its grammar take longer than the rest of a run.
    try:
        from hcl2 import parses_to_tree
    except ImportError:
        # No file is to blame, so that it is said once, however many there are.
        raise ReadError(_OTHER_PACKAGE) from None
    return parses_to_tree
