"""Suppressions as entries of a configuration file, for what is written nowhere by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml
from msgspec import Struct
from msgspec.structs import replace

from eni_lint.config import load
from eni_lint.ignoring.text import Insertion, Text, opened
from eni_lint.settings import SettingsError, Suppression

SECTION = "suppress"


class Entry(Struct, frozen=True):
    """A suppression that is to be written: rules by id, at one address."""

    rules: tuple[str, ...]
    address: str
    reason: str
    until: str = ""

    @property
    def stated(self) -> dict[str, str]:
        """Give its settings, written so that YAML and TOML read them alike."""
        rules = ", ".join(f'"{rule}"' for rule in self.rules)
        words = {"address": self.address, "reason": self.reason}
        if self.until:
            words["until"] = self.until
        return {"rules": f"[{rules}]", **{name: json.dumps(word, ensure_ascii=False) for name, word in words.items()}}


def configured(path: Path, entries: Sequence[Entry]) -> int:
    """Add suppressions to a configuration and return their number: 0 where its form leaves no room for them.

    What the file said before, it says afterwards too; where adding would change that, it is left as it was.
    """
    before, data = load(path), path.read_bytes()
    text = opened(data)
    addition = _in_toml(text, path, entries) if path.suffix == ".toml" else _in_yaml(text, entries)
    added = tuple(_read(each) for each in entries)
    if addition is not None:
        path.write_bytes(text.with_insertions((addition,)))
        try:
            if load(path) == replace(before, suppress=(*before.suppress, *added)):
                return len(entries)
        except SettingsError:
            pass
        path.write_bytes(data)
    return 0


def _read(entry: Entry) -> Suppression:
    until = date.fromisoformat(entry.until) if entry.until else None
    return Suppression(entry.rules, entry.reason, entry.address, until=until)


def _in_toml(text: Text, path: Path, entries: Sequence[Entry]) -> Insertion:
    table = f"tool.eni-lint.{SECTION}" if path.name == "pyproject.toml" else SECTION
    tables = (
        f"\n[[{table}]]\n" + "".join(f"{name} = {value}\n" for name, value in entry.stated.items()) for entry in entries
    )
    return len(text.text), _ended(text) + "".join(tables)


def _in_yaml(text: Text, entries: Sequence[Entry]) -> Insertion | None:
    root = yaml.compose(text.text, yaml.SafeLoader)
    if root is None:
        return len(text.text), f"{_ended(text)}{SECTION}:\n{_items(entries, '  ')}"
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    section = next((value for key, value in root.value if key.value == SECTION), None)
    if section is None:
        return len(text.text), f"{_ended(text)}{SECTION}:\n{_items(entries, '  ')}"
    if not isinstance(section, yaml.SequenceNode) or section.flow_style:
        return None
    items = _items(entries, " " * section.start_mark.column)
    rows = text.text.split("\n")
    end = section.end_mark.line + (1 if section.end_mark.column else 0)
    last = max(row for row in range(end) if rows[row].strip() and not rows[row].lstrip().startswith("#"))
    return (text.lines[last + 1], items) if last + 1 < len(text.lines) else (len(text.text), f"\n{items}")


def _items(entries: Sequence[Entry], indent: str) -> str:
    return "".join(
        f"{indent}{' ' if number else '-'} {name}: {value}\n"
        for entry in entries
        for number, (name, value) in enumerate(entry.stated.items())
    )


def _ended(text: Text) -> str:
    """Give the line break that a text lacks at its end."""
    return "" if text.text.endswith("\n") or not text.text else "\n"
