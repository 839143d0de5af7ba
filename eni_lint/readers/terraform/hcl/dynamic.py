"""Nested blocks, whether they are written one by one or made from a collection by `dynamic`."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from eni_lint.readers.terraform.hcl.records import Block, Expression


class Nested(Struct, frozen=True):
    """One nested block as written; `each` holds the collections that repeat it, outermost first.

    Without a collection the block is there exactly once.
    """

    content: Block
    each: tuple[Expression, ...] = ()


def nested(block: Block, *path: str) -> Iterator[Nested]:
    """The blocks at a path of block types, those of `dynamic` blocks included, in the order of the text."""
    if not path:
        yield Nested(block)
        return
    for inner, each in _direct(block, path[0]):
        for found in nested(inner, *path[1:]):
            yield Nested(found.content, each + found.each)


def without_iterator(dynamic: Block) -> Block:
    """A `dynamic` block whose content no longer refers to the name that stands for its current element."""
    name = "".join(dynamic.labels[:1])
    if (iterator := dynamic.attributes.get("iterator")) is not None:
        name = iterator.value.text.strip('"')
    blocks = tuple(_without(block, name) if block.type == "content" else block for block in dynamic.blocks)
    return structs.replace(dynamic, blocks=blocks)


def _direct(block: Block, name: str) -> Iterator[tuple[Block, tuple[Expression, ...]]]:
    for inner in block.blocks:
        if inner.type == name:
            yield inner, ()
        elif inner.type == "dynamic" and inner.labels == (name,):
            collection = inner.attributes.get("for_each")
            each = () if collection is None else (collection.value,)
            yield from ((content, each) for content in inner.of_type("content"))


def _without(block: Block, name: str) -> Block:
    attributes = {
        key: structs.replace(attribute, value=_unbound(attribute.value, name))
        for key, attribute in block.attributes.items()
    }
    return structs.replace(block, attributes=attributes, blocks=tuple(_without(inner, name) for inner in block.blocks))


def _unbound(value: Expression, name: str) -> Expression:
    mine = [steps for steps in value.traversals if steps[0] == name]
    return structs.replace(
        value,
        traversals=tuple(steps for steps in value.traversals if steps[0] != name),
        reads=value.reads.union(step[1:] for steps in mine for step in steps[2:] if step.startswith(".")),
    )
