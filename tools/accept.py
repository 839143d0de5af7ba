"""Rewrite what is generated: the index of the cards, what users see of each case that still holds, and the pages."""

from __future__ import annotations

import sys

import cards
import pages
import schema
from cases import Fixture, faults, fixtures, text_of, verdict_of


def main(words: list[str]) -> int:
    """Accept the output of every case whose path holds one of the words; refuse where a case does not hold."""
    cards.main()
    schema.main()
    refused = 0
    for fixture in fixtures():
        if words and not any(word in fixture.name for word in words):
            continue
        refused += accept(fixture)
    pages.main()
    return 1 if refused else 0


def accept(fixture: Fixture) -> bool:
    """Write what a user sees of a case, unless the case does not hold; tell whether it was refused."""
    verdict = verdict_of(fixture)
    wrong = faults(fixture, verdict)
    if wrong:
        print(f"refused {fixture.name}", *(f"  {fault}" for fault in wrong), sep="\n")
        return True
    text = text_of(verdict)
    if not fixture.out.exists() or fixture.out.read_text("utf-8") != text:
        fixture.out.write_text(text, "utf-8")
        print(f"wrote {fixture.name}")
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
