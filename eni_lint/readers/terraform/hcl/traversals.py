"""The forms in which Terraform lists what an expression refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

# The root and its steps as text: ("aws_subnet", ".a", "[0]", ".id").
Traversal: TypeAlias = tuple[str, ...]

_ROOT = re.compile(r"[^\W\d][\w-]*")
_STEP = re.compile(r'\.[^\W\d][\w-]*|\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_STEPS = re.compile(rf"(?:{_STEP.pattern})*")
_ONE_ATTRIBUTE = frozenset(("var", "local", "count", "each", "path", "terraform"))
_RESERVED = frozenset(("template", "lazy", "arg"))


def references_of(traversal: Traversal) -> Iterator[str]:
    """The forms of one reference, longest first, as the configuration of a plan lists them.

    >>> list(references_of(("aws_subnet", ".a", "[0]", ".id")))
    ['aws_subnet.a[0].id', 'aws_subnet.a[0]', 'aws_subnet.a']
    >>> list(references_of(("module", ".net", ".ids", "[1]")))
    ['module.net.ids[1]', 'module.net.ids', 'module.net']
    """
    size = _subject_size(traversal)
    for end in range(len(traversal), size - 1, -1) if size else ():
        yield _written(traversal[:end])
    if size and (traversal[size - 1].startswith("[") or _is_output(traversal, size)):
        yield _written(traversal[: size - 1])


def subject_of(traversal: Traversal) -> str:
    """The thing that a reference is about, without what is read from it; "" for what is no reference.

    >>> subject_of(("aws_subnet", ".a", "[0]", ".id")), subject_of(("tags",))
    ('aws_subnet.a[0]', '')
    """
    return _written(traversal[: _subject_size(traversal)])


def parse_traversal(text: str) -> Traversal:
    """The steps of a reference that stands alone in a text, or nothing where the text is something else.

    >>> parse_traversal('aws_subnet.a["b"].id'), parse_traversal("a b")
    (('aws_subnet', '.a', '["b"]', '.id'), ())
    """
    root = _ROOT.match(text)
    if root is None or not _STEPS.fullmatch(text, root.end()):
        return ()
    return (root[0], *_STEP.findall(text, root.end()))


def _subject_size(traversal: Traversal) -> int:
    """How many steps make up the thing referred to; 0 for what is no reference of Terraform."""
    root = traversal[0]
    if root == "self":
        return 1
    if root in _RESERVED:
        return 0
    if root in _ONE_ATTRIBUTE:
        return 2 if _are_names(traversal[1:2], 1) else 0
    if root == "module":
        if not _are_names(traversal[1:2], 1):
            return 0
        keyed = 2 + _has_key(traversal, 2)
        return keyed + _are_names(traversal[keyed : keyed + 1], 1)
    size = 3 if root in ("data", "ephemeral", "resource") else 2
    return size + _has_key(traversal, size) if _are_names(traversal[1:size], size - 1) else 0


def _are_names(steps: Traversal, count: int) -> bool:
    return len(steps) == count and all(step.startswith(".") for step in steps)


def _has_key(traversal: Traversal, at: int) -> bool:
    return traversal[at : at + 1] != () and traversal[at].startswith("[")


def _is_output(traversal: Traversal, size: int) -> bool:
    return traversal[0] == "module" and size > 2 and traversal[size - 1].startswith(".")


def _written(traversal: Traversal) -> str:
    if not traversal:
        return ""
    # `resource.` only shields a type name that Terraform may one day use itself.
    return "".join(traversal[1:])[1:] if traversal[0] == "resource" else "".join(traversal)
