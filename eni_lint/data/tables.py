"""Read a table that tools/derive_tables.py wrote, and only that one."""

from pathlib import Path
from typing import TypeVar

import msgspec

Table = TypeVar("Table")


class Provenance(msgspec.Struct, frozen=True):
    """Say which packages the tables come from, which table from which, and how old their content is."""

    packages: dict[str, str]
    tables: dict[str, list[str]]
    as_of: dict[str, str]


def read(name: str, kind: type[Table]) -> Table:
    """Return one table, checked against its type."""
    return msgspec.json.decode(Path(__file__).with_name(f"{name}.json").read_bytes(), type=kind)


def provenance() -> Provenance:
    """Return where the tables come from."""
    return read("provenance", Provenance)
