"""Write eni_lint/data/cards.json, the index of rules/*.yaml that ships with the package."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml

from eni_lint.pack import Card, card_from

ROOT = Path(__file__).parent.parent
INDEX = ROOT / "eni_lint" / "data" / "cards.json"


def cards() -> list[Card]:
    """Read every card of the tree, in the order of their ids."""
    paths = sorted((ROOT / "rules").glob("*.yaml"))
    return sorted((card_from(p.stem, yaml.safe_load(p.read_text("utf-8"))) for p in paths), key=lambda card: card.id)


def index() -> bytes:
    """Make the index of the tree's cards."""
    return msgspec.json.format(msgspec.json.encode(cards()), indent=1) + b"\n"


def main() -> None:
    """Write the index where it is stale."""
    made = index()
    if not INDEX.exists() or INDEX.read_bytes() != made:
        INDEX.write_bytes(made)
        print(f"wrote {INDEX.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
