"""The resources of one moment, by address, by block and by id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Raw

from eni_lint.model.answer import Unknown
from eni_lint.readers.terraform.addresses import Key, Path, module_path
from eni_lint.readers.terraform.decode import NULL, decoded
from eni_lint.readers.terraform.values import is_empty, merged


class Resource:
    """One instance of a managed resource or data source at one moment; its values are decoded when asked for.

    `values` are given instead where they are known already. `deferred` marks a data source that is read only during
    the apply.
    """

    __slots__ = ("_raw", "_values", "address", "data", "deferred", "key", "module", "name", "type")

    def __init__(
        self,
        address: str,
        type_: str,
        name: str,
        raw: Raw = NULL,
        *,
        unknown: Raw = NULL,
        values: dict[str, Any] | None = None,
        module: str = "",
        key: Key = None,
        data: bool = False,
        deferred: bool = False,
    ) -> None:
        self.address = address
        self.module = module
        self.type = type_
        self.name = name
        self.key = key
        self.data = data
        self.deferred = deferred
        self._raw = (raw, unknown)
        self._values = values

    @property
    def values(self) -> dict[str, Any]:
        """Give every attribute, with `HIDDEN` for what is known only after the apply."""
        if self._values is None:
            raw, unknown = self._raw
            value = merged(decoded(raw), decoded(unknown))
            self._values = value if isinstance(value, dict) else {}
        return self._values

    @property
    def block(self) -> str:
        """Give the address of the resource's block inside of its module."""
        return f"data.{self.type}.{self.name}" if self.data else f"{self.type}.{self.name}"

    @property
    def path(self) -> Path:
        """Give the names of the calls that lead to the resource's module."""
        return module_path(self.module)

    def get(self, name: str) -> Any:
        """Give an attribute: a value, `HIDDEN`, or None where it says as much as nothing."""
        value = self.values.get(name)
        return None if is_empty(value) else value

    def own_region(self) -> str | None:
        """Give the region that the resource itself names, without decoding those that name none."""
        return self.text("region") if self._raw[0] == NULL or b'"region":' in bytes(self._raw[0]) else None

    def text(self, name: str) -> str | None:
        """Give an attribute that is a known text."""
        value = self.values.get(name)
        return value if isinstance(value, str) and value else None


Open = Mapping[tuple[Path, str], Unknown]


class Stage:
    """The resources of one moment.

    `uncounted` are blocks, by module and name, of whose instances nobody knows how many there are.
    """

    def __init__(self, resources: Iterable[Resource], uncounted: Open | None = None) -> None:
        self.uncounted = {} if uncounted is None else uncounted
        self.by_address: dict[str, Resource] = {}
        self._by_type: dict[str, list[Resource]] = {}
        self._by_block: dict[tuple[str, str], list[Resource]] = {}
        self._by_module: dict[tuple[str, str], list[Resource]] = {}
        for resource in sorted(resources, key=_in_order):
            self.by_address[resource.address] = resource
            kind = f"data.{resource.type}" if resource.data else resource.type
            self._by_type.setdefault(kind, []).append(resource)
            self._by_block.setdefault((resource.module, resource.block), []).append(resource)
            self._by_module.setdefault((resource.module, kind), []).append(resource)

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these types; those of data sources begin with `data.`."""
        for type_ in types:
            yield from self._by_type.get(type_, ())

    def instances(self, module: str, block: str) -> list[Resource]:
        """List the instances of one block in one module instance."""
        return self._by_block.get((module, block), [])

    def unseen(self, module: str, block: str) -> Unknown | None:
        """Say why there may be instances of a block that are not listed, None where there are none."""
        return self.uncounted.get((module_path(module), block)) if self.uncounted else None

    def in_module(self, module: str, type_: str) -> list[Resource]:
        """List the resources of one type in one module instance."""
        return self._by_module.get((module, type_), [])

    @property
    def is_empty(self) -> bool:
        """Tell whether no managed resource stands."""
        return all(resource.data for resource in self.by_address.values())


def _in_order(resource: Resource) -> tuple[str, str, int, str]:
    number = resource.key if isinstance(resource.key, int) else -1
    return resource.module, resource.block, number, resource.address


def fact(resource: Resource, name: str) -> str:
    """Name an attribute of a resource as a fact that is missing."""
    return f"{resource.address}.{name}"
