"""The shape of decoded text: what JSON can say, and paths into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

Tree: TypeAlias = "bool | int | float | str | list[Tree] | dict[str, Tree] | None"
Path: TypeAlias = tuple[str | int, ...]


def mapping(tree: Tree) -> dict[str, Tree]:
    """The mapping that a tree is, or an empty one where something else was written.

    >>> mapping({"a": 1}), mapping("text")
    ({'a': 1}, {})
    """
    return tree if isinstance(tree, dict) else {}


def sequence(tree: Tree) -> list[Tree]:
    """The list that a tree is, or an empty one where something else was written.

    >>> sequence([1]), sequence({"a": 1})
    ([1], [])
    """
    return tree if isinstance(tree, list) else []


def text(tree: Tree) -> str:
    """The text that a tree is, or an empty one where something else was written.

    >>> text("a"), text(["a"])
    ('a', '')
    """
    return tree if isinstance(tree, str) else ""


def find(tree: Tree, *path: str | int) -> Tree:
    """The part of a tree at a path, or None where the path leads nowhere.

    >>> find({"a": [{"b": 1}]}, "a", 0, "b"), find({"a": []}, "a", 0)
    (1, None)
    """
    for step in path:
        match tree, step:
            case dict(), str():
                tree = tree.get(step)
            case list(), int() if step < len(tree):
                tree = tree[step]
            case _:
                return None
    return tree


def function_of(tree: Tree) -> tuple[str, Tree]:
    """The name and argument of an intrinsic function, or an empty name for any other tree.

    >>> function_of({"Ref": "Vpc"}), function_of({"Key": "Ref"})
    (('Ref', 'Vpc'), ('', None))
    """
    if isinstance(tree, dict) and len(tree) == 1:
        ((name, argument),) = tree.items()
        if name in ("Ref", "Condition") or name.startswith("Fn::"):
            return name, argument
    return "", None


def functions_in(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Every intrinsic function in a tree, outermost first."""
    name, argument = function_of(tree)
    if name:
        yield name, argument
    for child in children(tree):
        yield from functions_in(child)


def children(tree: Tree) -> Iterable[Tree]:
    """The values directly inside a mapping or a list; a scalar has none.

    >>> list(children({"a": 1})), list(children([2])), list(children("a"))
    ([1], [2], [])
    """
    if isinstance(tree, dict):
        return tree.values()
    return tree if isinstance(tree, list) else ()


def written(value: Tree) -> str:
    """A scalar as CloudFormation passes it on: every parameter and key is text there.

    >>> written(True), written(1), written("a"), written(None)
    ('true', '1', 'a', '')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
