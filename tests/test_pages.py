"""The pages of the rules say what the cards and the cases say now."""

from __future__ import annotations

from pathlib import Path

import pages
import pytest
from cases import Fixture, fixtures

from eni_lint.pack import Card, shipped

MADE = pages.pages()


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.stem)
def test_a_page_is_current(path: Path) -> None:
    assert path.exists(), "make accept writes it"
    assert path.read_text("utf-8") == MADE[path], "stale: make accept"


def test_every_rule_has_a_page_and_no_page_is_left_over() -> None:
    written = {path.stem for path in pages.PAGES.glob("*.md")}

    assert written == {card.stem for card in shipped()} | {"index"}


@pytest.mark.parametrize("card", shipped(), ids=lambda card: card.id)
def test_a_page_says_all_that_its_card_says(card: Card) -> None:
    page = MADE[pages.PAGES / f"{card.stem}.md"]

    assert page.splitlines()[2] == f"# {card.id} {card.slug}"
    assert card.error in page
    assert all(f"| {name.replace('_', ' ')} | {case.severity} |" in page for name, case in card.cases.items())
    assert all(f"- <{reference}>" in page for reference in card.references)
    assert all(f"    {option}: {value}\n" in page for option, value in card.options.items())
    assert f"ignore[{card.id}]" in page


@pytest.mark.parametrize("card", shipped(), ids=lambda card: card.id)
def test_a_page_shows_a_real_finding_of_its_rule(card: Card) -> None:
    case = pages.example_of(card, _cases_of(card))

    assert case is not None
    finding, summary = pages.seen(card, case.out.read_text("utf-8"))
    assert f"[{card.id}]: " in finding
    assert f"{finding}\n{summary}" in MADE[pages.PAGES / f"{card.stem}.md"]


def test_what_an_output_says_besides_is_left_out_visibly() -> None:
    card = next(card for card in shipped() if card.id == "IAM001")
    ours = "error[IAM001]: two\n   = fix: three\n          a\n\n          b\n   = more: eni-lint explain IAM001"
    end = "plan.json: 1\n2 errors, 1 info"

    assert pages.seen(card, f"{ours}\n\n{end}\n") == (ours, f"\n{end}")
    assert pages.seen(card, f"error[NET001]: one\n\n{ours}\n\ninfo[IAM001]: four\n\n{end}\n  more\n") == (
        f"…\n\n{ours}",
        f"\n…\n\n{end}\n…",
    )


def _cases_of(card: Card) -> list[Fixture]:
    return [case for case in fixtures() if case.folder.parent.name == card.stem]
