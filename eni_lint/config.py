"""Configuration files: found nearest upwards, refused where a key is not known, each value with its origin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from eni_lint.finding import Severity
from eni_lint.pack import shipped
from eni_lint.settings import PathSettings, Settings, SettingsError, Suppression, nearest

NAMES = (".eni-lint.yaml", ".eni-lint.yml", "eni-lint.toml", "pyproject.toml")


class Configuration(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What a configuration file may hold; everything may be left out."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    min_severity: str | None = None
    fail_on: str | None = None
    strict: bool | None = None
    show_undecided: bool | None = None
    changed_only: bool | None = None
    baseline: str | None = None
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    paths: tuple[PathSettings, ...] = ()
    suppress: tuple[Suppression, ...] = ()


class Effective(Struct, frozen=True):
    """The settings of a run, for each of their names where its value comes from, and the file that was read."""

    settings: Settings
    origins: Mapping[str, str]
    file: str = ""


def find(start: Path) -> Path | None:
    """Find the configuration file that is nearest to a folder, going upwards."""
    for folder in (start, *start.parents):
        for name in NAMES:
            path = folder / name
            if path.is_file() and (name != "pyproject.toml" or _is_ours(path)):
                return path
    return None


def load(path: Path) -> Configuration:
    """Read a configuration file; raise `SettingsError` with its place where it is not one."""
    stated = _stated(path)
    try:
        configuration = msgspec.convert(stated, Configuration)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {_explained(error, stated)}") from None
    _check_rules(configuration, path)
    return configuration


def effective(flags: Mapping[str, Any], path: Path | None, said: Mapping[str, str] | None = None) -> Effective:
    """Join defaults, a configuration file and flags, the later over the earlier; a flag that is None says nothing.

    `said` tells where a flag comes from, where that is not the command line.
    """
    values: dict[str, Any] = {} if path is None else {"root": str(path.parent.resolve())}
    origins = {name: "default" for name in Settings.__struct_fields__ if name != "root"}
    if path is not None:
        stated = {name: v for name, v in msgspec.structs.asdict(load(path)).items() if v not in (None, (), {}, "")}
        values.update(_leveled(stated, str(path)))
        origins.update(dict.fromkeys(stated, str(path)))
    given = {name: value for name, value in flags.items() if value is not None and value != ()}
    values.update(_leveled(given, "command line"))
    origins.update({name: (said or {}).get(name, "command line") for name in given})
    if path is not None and "baseline" in values and "baseline" not in given:
        values["baseline"] = str(path.parent / values["baseline"])
    return Effective(Settings(**values), origins, "" if path is None else str(path))


def _leveled(values: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Turn the words for severities into severities."""
    leveled = dict(values)
    for name in ("min_severity", "fail_on"):
        if isinstance(word := leveled.get(name), str):
            never = name == "fail_on" and word == "never"
            if not never and word.upper() not in Severity.__members__:
                choices = "error, warning or info" + (" or never" if name == "fail_on" else "")
                raise SettingsError(f"{origin}: {name.replace('_', '-')} is '{word}'; it can be {choices}")
            leveled[name] = None if never else Severity[word.upper()]
    return leveled


def _stated(path: Path) -> dict[str, Any]:
    text = path.read_text("utf-8-sig")
    if path.suffix == ".toml":
        import tomllib

        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{path}: {error}") from None
        found = table if path.name != "pyproject.toml" else table.get("tool", {}).get("eni-lint", {})
    else:
        found = _yaml(text, path)
    if not isinstance(found, dict):
        raise SettingsError(f"{path}: a configuration is a map of settings")
    return found


def _yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}:{mark.column + 1}" if mark is not None else ""
        raise SettingsError(f"{path}{place}: {getattr(error, 'problem', None) or 'is not YAML'}") from None


def _is_ours(path: Path) -> bool:
    """Tell whether a pyproject.toml has a table for eni-lint, without reading it as TOML."""
    return b"[tool.eni-lint" in path.read_bytes()


def _explained(error: msgspec.ValidationError, stated: Mapping[str, Any]) -> str:
    """Say what is wrong, with a suggestion where a key is nearly one that exists."""
    says = str(error)
    if "unknown field" not in says:
        return says[0].lower() + says[1:]
    unknown = says.split("`")[1]
    known = [name.replace("_", "-") for name in Configuration.__struct_fields__]
    if unknown not in stated:
        known = [*PathSettings.__struct_encode_fields__, *Suppression.__struct_encode_fields__]
    return f"there is no setting '{unknown}'{nearest(unknown, known)}"


def _check_rules(configuration: Configuration, path: Path) -> None:
    """Refuse options of rules that do not exist or do not have them."""
    cards = {card.id: card for card in shipped()}
    for rule, options in configuration.rules.items():
        if rule not in cards:
            raise SettingsError(f"{path}: there is no rule '{rule}'{nearest(rule, cards)}")
        for option, value in options.items():
            known = cards[rule].options
            if option not in known:
                raise SettingsError(f"{path}: {rule} has no option '{option}'{nearest(option, known)}")
            if not isinstance(value, int | float) and isinstance(known[option], int | float):
                raise SettingsError(f"{path}: {rule}.{option} is a number, such as {known[option]}")
    for one in configuration.suppress:
        if not one.reason.strip():
            raise SettingsError(f"{path}: the suppression of {', '.join(one.rules)} has no reason")
