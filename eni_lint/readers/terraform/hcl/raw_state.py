"""State as Terraform stores it: what was recorded about each instance that `terraform show` leaves out."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.addresses import indexed

VERSION = 4


class Recorded(Struct, frozen=True):
    """One object in state: `dependencies` are addresses without keys, `deposed` names one that waits for its end.

    `attributes` stay undecoded: they may hold secrets, and most are never needed.
    """

    address: str
    type: str
    is_managed: bool
    dependencies: tuple[str, ...]
    create_before_destroy: bool
    deposed: str
    attributes: Raw


class _Instance(Struct, frozen=True):
    index_key: int | str | None = None
    dependencies: tuple[str, ...] = ()
    create_before_destroy: bool = False
    deposed: str = ""
    attributes: Raw = Raw(b"{}")


class _Resource(Struct, frozen=True):
    mode: str
    type: str
    name: str
    module: str = ""
    instances: tuple[_Instance, ...] = ()


class _State(Struct, frozen=True):
    resources: tuple[_Resource, ...] = ()


class _Head(Struct, frozen=True):
    version: int = 0
    format_version: str = ""


def read_raw_state(data: bytes, file: str) -> tuple[Recorded, ...]:
    """Read what `terraform state pull` prints, or a state file."""
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format_version:
            raise ReadError("this is what `terraform show -json` prints; give it as an input of its own", file)
        if head.version != VERSION:
            raise ReadError(f"not a Terraform state of version {VERSION}", file)
        state = msgspec.json.decode(data, type=_State)
    except msgspec.DecodeError as error:
        raise ReadError(f"not a Terraform state: {error}", file) from None
    except RecursionError:
        raise ReadError("nested too deeply", file) from None
    return tuple(recorded for resource in state.resources for recorded in _recorded(resource))


def _recorded(resource: _Resource) -> Iterator[Recorded]:
    is_managed = resource.mode == "managed"
    name = f"{resource.type}.{resource.name}" if is_managed else f"{resource.mode}.{resource.type}.{resource.name}"
    for instance in resource.instances:
        yield Recorded(
            address=f"{resource.module}.{name}".removeprefix(".") + indexed(instance.index_key),
            type=resource.type,
            is_managed=is_managed,
            dependencies=instance.dependencies,
            create_before_destroy=instance.create_before_destroy,
            deposed=instance.deposed,
            attributes=instance.attributes,
        )
