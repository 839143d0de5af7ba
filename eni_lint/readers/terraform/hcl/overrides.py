"""How override files change what the other files of a module say.

https://developer.hashicorp.com/terraform/language/files/override
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import structs

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.records import Block

Identity: TypeAlias = tuple[str, tuple[str, ...], object]

_ADDED = frozenset(("terraform", "moved", "import", "removed", "check"))


def override(blocks: Iterable[Block], overriding: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks of a module after its override files; an override without something to change is an error."""
    merged = list(blocks)
    for change in overriding:
        if change.type in _ADDED:
            merged.append(change)
        elif change.type == "locals":
            merged = _with_locals(merged, change)
        else:
            place = _place_of(change, merged)
            merged[place] = _merged(merged[place], change)
    return tuple(merged)


def _place_of(change: Block, blocks: list[Block]) -> int:
    identity = _identity(change)
    for place, block in enumerate(blocks):
        if _identity(block) == identity:
            return place
    name = " ".join([change.type, *(f'"{label}"' for label in change.labels)])
    raise ReadError(f"nothing to override: there is no {name}", *_start(change))


def _identity(block: Block) -> Identity:
    alias = block.attributes.get("alias") if block.type == "provider" else None
    return block.type, block.labels, None if alias is None else alias.value.text


def _merged(block: Block, change: Block) -> Block:
    if "depends_on" in change.attributes:
        raise ReadError("depends_on cannot be overridden", *_start(change))
    replaced = {_makes(inner) for inner in change.blocks}
    before = next(block.of_type("lifecycle"), None)
    added = [
        _merged(before, inner) if inner.type == "lifecycle" and before is not None else inner for inner in change.blocks
    ]
    return structs.replace(
        block,
        attributes={**block.attributes, **change.attributes},
        blocks=(*(inner for inner in block.blocks if _makes(inner) not in replaced), *added),
    )


def _makes(block: Block) -> str:
    """The type of the blocks that a nested block stands for."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _with_locals(blocks: list[Block], change: Block) -> list[Block]:
    known = {name for block in blocks if block.type == "locals" for name in block.attributes}
    for name, attribute in change.attributes.items():
        if name not in known:
            place = attribute.name_span
            raise ReadError(f"nothing to override: there is no local.{name}", place.file, place.line, place.column)
    return [_with_changed(block, change) if block.type == "locals" else block for block in blocks]


def _with_changed(block: Block, change: Block) -> Block:
    changed = {name: change.attributes.get(name, attribute) for name, attribute in block.attributes.items()}
    return structs.replace(block, attributes=changed)


def _start(block: Block) -> tuple[str, int, int]:
    return block.header.file, block.header.line, block.header.column
