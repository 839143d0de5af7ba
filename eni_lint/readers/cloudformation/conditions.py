"""The logic of the Conditions section, in three values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from eni_lint.readers.cloudformation.tree import Tree, children, function_of, sequence
from eni_lint.readers.cloudformation.values import Truth


def evaluate(
    tree: Tree,
    equals: Callable[[Tree, Tree], Truth],
    named: Callable[[str], Truth],
    part: Callable[[Tree], Truth],
) -> Truth:
    """The answer of a condition, given how two operands compare, and what other conditions and its parts answer.

    >>> evaluate({"Fn::Not": [{"Condition": "A"}]}, lambda *_: Truth.MAYBE, lambda _: Truth.MAYBE, lambda _: Truth.TRUE)
    <Truth.FALSE: 'false'>
    """
    match function_of(tree):
        case "Fn::Equals", [left, right]:
            return equals(left, right)
        case "Condition", str(name):
            return named(name)
        case "Fn::Not", [inner]:
            return negation(part(inner))
        case "Fn::And", list(parts):
            return all_of(map(part, parts))
        case "Fn::Or", list(parts):
            return negation(all_of(negation(part(inner)) for inner in parts))
        case _:
            return Truth.MAYBE


def negation(answer: Truth) -> Truth:
    """What `Fn::Not` makes of an answer."""
    match answer:
        case Truth.TRUE:
            return Truth.FALSE
        case Truth.FALSE:
            return Truth.TRUE
        case Truth.MAYBE:
            return Truth.MAYBE


def all_of(answers: Iterable[Truth]) -> Truth:
    """What `Fn::And` makes of several answers: one that is false decides."""
    result = Truth.TRUE
    for answer in answers:
        match answer:
            case Truth.FALSE:
                return Truth.FALSE
            case Truth.MAYBE:
                result = Truth.MAYBE
            case Truth.TRUE:
                pass
    return result


def mentioned(tree: Tree) -> set[str]:
    """The conditions on which a part of a template depends: in `Fn::If`, and in `Condition` of resources and outputs.

    >>> sorted(mentioned({"Condition": "A", "Properties": {"Role": {"Fn::If": ["B", 1, {"Fn::If": ["C", 2, 3]}]}}}))
    ['A', 'B', 'C']
    """
    return {
        name for node in _mappings(tree) for name in (node.get("Condition"), *_tested(node)) if isinstance(name, str)
    }


def _tested(node: dict[str, Tree]) -> list[Tree]:
    return sequence(node.get("Fn::If"))[:1]


def _mappings(tree: Tree) -> Iterator[dict[str, Tree]]:
    if isinstance(tree, dict):
        yield tree
    for child in children(tree):
        yield from _mappings(child)
