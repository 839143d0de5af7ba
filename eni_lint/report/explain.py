"""Cards as text: the catalogue on one screen, and one rule in full."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from eni_lint.pack import LANGUAGES, Card, shipped


def explained(card: Card) -> str:
    """Tell everything that a card says."""
    return "\n".join(_explained(card))


def _explained(card: Card) -> Iterator[str]:
    state = "" if card.default else " (off by default: --select to ask it)"
    yield f"{card.id} {card.slug}{state}"
    yield ""
    yield card.summary
    yield ""
    yield card.why
    yield ""
    yield "It speaks about each " + card.subject + ", in these cases:"
    for name, case in card.cases.items():
        yield f"  {case.severity:8} {name.replace('_', ' ')}"
    yield ""
    yield f"AWS says: {card.error}"
    yield ""
    yield f"Fix: {card.fix.summary}"
    for language in LANGUAGES:
        text = getattr(card.fix, language)
        if text:
            yield ""
            yield f"  {language}"
            yield from (f"    {line}".rstrip() for line in text.splitlines())
    if card.options:
        yield ""
        yield "Options:"
        yield from (f"  {name}: {value}" for name, value in card.options.items())
    yield ""
    yield "References:"
    yield from (f"  {reference}" for reference in card.references)


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
