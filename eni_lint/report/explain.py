"""Cards as text: the catalogue on one screen, and one rule in full."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from eni_lint.pack import LANGUAGES, Card, shipped

PLACEHOLDER = re.compile(r"@(\w+)@")


def explained(card: Card) -> str:
    """Tell everything that a card says."""
    return PLACEHOLDER.sub(r"<\1>", "\n".join(_explained(card)))


def _explained(card: Card) -> Iterator[str]:
    yield f"{card.id} {card.slug}{_state(card)}"
    yield ""
    yield card.summary
    yield ""
    yield card.why
    yield ""
    yield f"It speaks about each {card.about}, in these cases:"
    for name, case in card.cases.items():
        yield f"  {case.severity:8} {name.replace('_', ' ')}"
    if card.error:
        yield ""
        yield f"AWS says: {card.error}"
    yield ""
    yield f"Fix: {card.fix.summary}"
    for language, patch in _patches(card):
        yield ""
        yield f"  {language}"
        yield from (f"    {line}".rstrip() for line in patch.splitlines())
    if card.options:
        yield ""
        yield "Options:"
        yield from (f"  {name}: {value}" for name, value in card.options.items())
    yield from (f"\n{line}" for line in _relations(card))
    yield ""
    yield "References:"
    yield from (f"  {reference}" for reference in card.references)


def _state(card: Card) -> str:
    if card.deprecated:
        return f" (withdrawn: {card.deprecated})"
    return "" if card.default else " (off by default: --select to ask it)"


def _patches(card: Card) -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        patch: str = getattr(card.fix, language)
        if patch:
            yield language, patch.rstrip()


def _relations(card: Card) -> Iterator[str]:
    if card.supersedes:
        yield f"Where it fires, it speaks for {', '.join(card.supersedes)} too."
    if card.cfnlint:
        yield f"In cfn-lint: {card.cfnlint}"


def fence_of(language: str) -> str:
    """Give the name by which Markdown knows the language of a patch.

    >>> fence_of("terraform"), fence_of("sam")
    ('hcl', 'yaml')
    """
    return {"terraform": "hcl", "cdk": "typescript"}.get(language, "yaml")


def explained_in_markdown(card: Card) -> str:
    """Tell what a card says to somebody who has a finding before them, as Markdown."""
    return "\n".join(_explained_in_markdown(card))


def _explained_in_markdown(card: Card) -> Iterator[str]:
    yield f"**{card.id} {card.slug}**: {card.summary}"
    yield ""
    yield card.why
    if card.error:
        yield ""
        yield f"AWS says: `{card.error.replace('`', '')}`"
    yield ""
    yield "**Fix:** " + PLACEHOLDER.sub(r"`<\1>`", card.fix.summary)
    for language, patch in _patches(card):
        yield ""
        yield f"```{fence_of(language)}"
        yield PLACEHOLDER.sub(r"<\1>", patch)
        yield "```"
    if card.references:
        yield ""
        yield from (f"- <{reference}>" for reference in card.references)


def listed(form: str) -> str:
    """List every rule, one line each or as JSON."""
    cards = shipped()
    if form == "json":
        rows = [
            {
                "id": card.id,
                "name": card.slug,
                "severity": card.severity.word,
                "default": card.default,
                "summary": card.summary,
            }
            for card in cards
        ]
        return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()
    width = max(len(card.slug) for card in cards)
    return "\n".join(
        f"{card.id:8} {card.slug:{width}}  {card.severity.word if card.default else 'off':8} {card.summary}"
        for card in cards
    )
