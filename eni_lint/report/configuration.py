"""The configuration that holds, as a file that would say it: every value with where it comes from behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from eni_lint.config import Effective
from eni_lint.finding import Severity
from eni_lint.pack import shipped
from eni_lint.settings import Settings

DEFAULT = "default"
WIDEST = 60
ENDLESS = 1 << 20

Row = tuple[str, str]
"""A line of YAML, and where what it says comes from; empty where lines above or below tell."""


def configured(effective: Effective) -> str:
    """Write an effective configuration as YAML that says the same when it is read as a file."""
    rows = [*_rows(effective)]
    width = max(len(text) for text, origin in rows if origin and len(text) <= WIDEST)
    lines = [f"{text:{width}}  # {origin}" if origin else text for text, origin in rows]
    return "\n".join((f"# {effective.file or 'no configuration file'}", *lines)) + "\n"


def _rows(effective: Effective) -> Iterator[Row]:
    for name, origin in effective.origins.items():
        key, value = name.replace("_", "-"), getattr(effective.settings, name)
        if name == "rules":
            yield from _rules(effective.settings, origin)
        elif value and isinstance(value[0] if isinstance(value, tuple) else value, msgspec.Struct):
            yield f"{key}:", origin
            yield from ((line, "") for one in value for line in _item(one))
        else:
            yield f"{key}: {_written(value)}", origin


def _rules(settings: Settings, origin: str) -> Iterator[Row]:
    """Yield the options of every rule that has some."""
    yield "rules:", ""
    for card in shipped():
        if card.options:
            yield f"  {card.id}:", ""
        stated = settings.rules.get(card.id, {})
        for option, value in {**card.options, **stated}.items():
            yield f"    {option}: {_written(value)}", origin if option in stated else DEFAULT


def _item(one: msgspec.Struct) -> Iterator[str]:
    stated = {name: value for name, value in msgspec.to_builtins(one).items() if value}
    for number, (name, value) in enumerate(stated.items()):
        yield f"  {' ' if number else '-'} {name}: {_written(value)}"


def _written(value: Any) -> str:
    if value is None:
        return "never"
    if isinstance(value, Severity):
        return value.word
    plain = msgspec.to_builtins(value)
    text = yaml.safe_dump(plain, default_flow_style=True, width=ENDLESS, allow_unicode=True, sort_keys=False)
    return text.removesuffix("...\n").strip()
