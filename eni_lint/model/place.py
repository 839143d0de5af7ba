"""Where things are written: origins are pointers, spans are what a reader makes of them for hits only."""

from __future__ import annotations

from msgspec import Struct


class Origin(Struct, frozen=True):
    """A pointer into an input: which source, and what in it (an address, or a path of keys).

    `link` narrows it to one field of the model record that stands there, such as `role` or `subnets`; only the
    reader knows which attribute of its dialect that is.
    """

    source: str
    pointer: str = ""
    link: str = ""


class Call(Struct, frozen=True):
    """One step of the chain of module calls that leads to a place."""

    module: str
    file: str
    line: int


class Span(Struct, frozen=True):
    """A finished place: 1-based lines and columns, the text of its lines, and the calls that lead there.

    `precise` is False where no source is known: then the file is the input as given and the line is 1.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    text: str = ""
    precise: bool = False
    calls: tuple[Call, ...] = ()


class Scope(Struct, frozen=True):
    """Where resources can meet: one provider configuration (or account) in one region; nothing crosses it.

    An empty `region` is an unknown one, which may be any.
    """

    account: str = ""
    region: str = ""
