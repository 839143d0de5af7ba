"""The arguments that Terraform itself reads in a block: explicit dependencies and the lifecycle."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, Struct, UnsetType

from eni_lint.readers.terraform.hcl.expressions import parse_expression
from eni_lint.readers.terraform.hcl.nodes import Items, Literal, Reference
from eni_lint.readers.terraform.hcl.records import Attribute, Block, Expression
from eni_lint.readers.terraform.hcl.traversals import Traversal, parse_traversal, subject_of


class Lifecycle(Struct, frozen=True):
    """What a block says about its replacement; a flag is unset where it is not a plain true or false.

    `ignore_changes` and `replace_triggered_by` are references as written; `ignores_all` stands for `all`.
    """

    create_before_destroy: bool | UnsetType = False
    prevent_destroy: bool | UnsetType = False
    ignore_changes: tuple[str, ...] = ()
    ignores_all: bool = False
    replace_triggered_by: tuple[str, ...] = ()


def depends_on(block: Block) -> tuple[str, ...]:
    """The addresses that a block explicitly depends on, as the configuration of a plan lists them."""
    attribute = block.attributes.get("depends_on")
    listed = () if attribute is None else _static(attribute.value)
    return tuple(subject for steps in listed if (subject := subject_of(steps)))


def lifecycle(block: Block) -> Lifecycle:
    """The lifecycle of a resource, or the defaults where it states none."""
    stated = {name: attribute for inner in block.of_type("lifecycle") for name, attribute in inner.attributes.items()}
    ignored = _listed(stated, "ignore_changes")
    return Lifecycle(
        create_before_destroy=_flag(stated, "create_before_destroy"),
        prevent_destroy=_flag(stated, "prevent_destroy"),
        ignore_changes=tuple(name for name in ignored if name != "all"),
        ignores_all="all" in ignored,
        replace_triggered_by=_listed(stated, "replace_triggered_by"),
    )


def _flag(stated: dict[str, Attribute], name: str) -> bool | UnsetType:
    if name not in stated:
        return False
    value = stated[name].value.constant
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value), UNSET)


def _listed(stated: dict[str, Attribute], name: str) -> tuple[str, ...]:
    return tuple("".join(steps) for steps in _static(stated[name].value)) if name in stated else ()


def _static(value: Expression) -> Iterator[Traversal]:
    """The references that an argument lists, written plainly or, as of old and in JSON, as strings."""
    node = parse_expression(value.text, value.span.file)
    for item in node.items if isinstance(node, Items) else (node,):
        match item:
            case Reference(steps):
                yield steps
            case Literal(str() as text) if steps := parse_traversal(text):
                yield steps
