"""What one source file says: blocks, arguments and comments, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType, field

from eni_lint.readers.terraform.hcl.traversals import Traversal, references_of
from eni_lint.readers.terraform.shapes import Shape

Constant: TypeAlias = "bool | int | float | str | list[Constant] | dict[str, Constant] | None"


class Span(Struct, frozen=True):
    """A stretch of a file; lines and columns count from one, the end is the place behind the last character."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class Expression(Struct, frozen=True):
    """The value of an argument: its text, what it refers to, and what it is where it refers to nothing.

    `traversals` are the references as written, in the order of the text; names bound by a `for` are no references.
    `constant` is unset where the value depends on anything but the text, be it only an operator or a function.
    `reads` are the attributes that are read from what is computed, `calls` the functions, `literals` the texts that
    stand in it on their own. `weighed` are those references of which more counts than whether they are null.
    """

    text: str
    span: Span
    traversals: tuple[Traversal, ...] = ()
    constant: Constant | UnsetType = UNSET
    reads: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    shape: Shape = Shape.CHOSEN
    literals: tuple[str, ...] = ()
    weighed: frozenset[Traversal] = frozenset()

    @property
    def references(self) -> tuple[str, ...]:
        """What the expression refers to, as the `references` of a plan list it."""
        return tuple(form for traversal in self.traversals for form in references_of(traversal))


class Attribute(Struct, frozen=True):
    """One argument: `name = value`; `name_span` is the place of the name alone."""

    name: str
    name_span: Span
    value: Expression


class Block(Struct, frozen=True):
    """One block: `header` is the place of its type and labels, `span` the whole.

    In JSON syntax nothing tells a block from an argument: there an object is both.
    """

    type: str
    labels: tuple[str, ...]
    header: Span
    span: Span
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()

    @property
    def address(self) -> str:
        """The name by which the rest of the module refers to the block, or "" where it has none."""
        match self.type, self.labels:
            case "resource", (kind, name):
                return f"{kind}.{name}"
            case "variable", (name,):
                return f"var.{name}"
            case "data" | "ephemeral", (kind, name):
                return f"{self.type}.{kind}.{name}"
            case "module" | "output", (name,):
                return f"{self.type}.{name}"
            case _:
                return ""

    def of_type(self, name: str) -> Iterator[Block]:
        """The blocks of one type directly inside this one, as written (`dynamic` blocks apart)."""
        return (block for block in self.blocks if block.type == name)


class Comment(Struct, frozen=True):
    """One comment with its markers; `alone` tells that nothing but blanks stands before it in its line."""

    line: int
    column: int
    text: str
    alone: bool = True


class File(Struct, frozen=True):
    """One file as written; `attributes` are top-level arguments, as files of variables have them.

    `text` is what its places count in.
    """

    name: str
    blocks: tuple[Block, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    comments: tuple[Comment, ...] = ()
    text: str = ""
