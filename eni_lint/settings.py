"""What the user wants of a run: which rules, what is shown, what fails, and the figures that rules take."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from eni_lint.finding import Confidence, Finding, Severity
from eni_lint.pack import Card, shipped


class Suppression(Struct, frozen=True, forbid_unknown_fields=True):
    """Findings that a configuration hides: rules by id or prefix, at addresses and paths by glob.

    `reason` is required; after `until` the suppression no longer holds.
    """

    rules: tuple[str, ...]
    reason: str
    address: str = "*"
    path: str = "*"
    until: date | None = None


class PathSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Settings for inputs whose path matches a glob: rules that are not asked there, and options of rules."""

    path: str
    ignore: tuple[str, ...] = ()
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)


class Settings(Struct, frozen=True):
    """The effective configuration of one run.

    `select` and `ignore` are rule ids, prefixes of ids (`NET`) or slugs; an empty `select` means the rules that are
    on by default. `rules` holds options by rule id. `fail_on` None means that findings never fail. `root` is the
    folder that the globs of paths begin at, beside the one that a run is in.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_severity: Severity = Severity.WARNING
    fail_on: Severity | None = Severity.ERROR
    strict: bool = False
    show_undecided: bool = False
    changed_only: bool = False
    baseline: str = ""
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    paths: tuple[PathSettings, ...] = ()
    suppress: tuple[Suppression, ...] = ()
    root: str = ""


class SettingsError(Exception):
    """A setting that cannot be: one line for the user."""


def selected(settings: Settings) -> list[Card]:
    """List the cards of the rules that a run asks; raise `SettingsError` for a word that names no rule."""
    cards = [card for card in shipped() if not card.deprecated]
    for word in settings.select + settings.ignore:
        if not any(names(word, card) for card in cards):
            raise SettingsError(unknown_rule(word))
    return [
        card
        for card in cards
        if (any(names(word, card) for word in settings.select) if settings.select else card.default)
        and not any(names(word, card) for word in settings.ignore)
    ]


def unknown_rule(word: str) -> str:
    """Say that a word names no rule, and which one it nearly names."""
    close = nearest(word.upper(), [card.id for card in shipped()]) or nearest(word, [card.slug for card in shipped()])
    return f"no rule is called '{word}'{close or '; see eni-lint rules'}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest of the words that exist, nothing where none is near.

    >>> nearest("ingore", ["select", "ignore"])
    "; did you mean 'ignore'?"
    """
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def names(word: str, card: Card) -> bool:
    """Tell whether a word names a rule: its id, a prefix of it, its slug, or `all`."""
    lower = word.lower()
    return lower == "all" or card.id.lower().startswith(lower) or lower == card.slug


def at_path(settings: Settings, path: str) -> Settings:
    """Give the settings that hold for one input."""
    for one in settings.paths:
        if lies_at(path, one.path, settings.root):
            rules = {**settings.rules}
            for rule, options in one.rules.items():
                rules[rule] = {**rules.get(rule, {}), **options}
            settings = replace(settings, ignore=settings.ignore + one.ignore, rules=rules)
    return settings


def lies_at(file: str, glob: str, root: str = "") -> bool:
    """Tell whether a file matches a glob, as it was named or as seen from a folder; a folder stands for all in it.

    >>> lies_at("./infra/plan.json", "infra"), lies_at("/shop/infra/plan.json", "infra/*.json", "/shop")
    (True, True)
    """
    path = PurePath(file)
    names = {path.as_posix()}
    if root:
        whole = Path(path).resolve()
        names |= {whole.relative_to(root).as_posix()} if whole.is_relative_to(root) else set()
    wanted = glob.removeprefix("./").rstrip("/")
    return any(matches(name, wanted) or matches(name, f"{wanted}/*") for name in names)


def matches(text: str, glob: str) -> bool:
    """Tell whether a path or address matches a glob, in which brackets are what they are in an address.

    >>> matches('module.fn["a"].aws_iam_role.r[0]', 'module.fn["a"].*')
    True
    """
    return fnmatchcase(text, glob.replace("[", "[[]"))


def fails(finding: Finding, settings: Settings) -> bool:
    """Tell whether a finding makes the run fail: severe enough, and not of low confidence."""
    if settings.fail_on is None:
        return False
    return finding.severity >= settings.fail_on and finding.confidence > Confidence.LOW
