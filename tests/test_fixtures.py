"""Every case of fixtures/ gives what it must, and what a user sees of it is what was accepted."""

from __future__ import annotations

import re

import pytest
from cases import FIXTURES, TERRAFORM_ONLY, Fixture, faults, fixtures, text_of, verdict_of

from eni_lint.pack import shipped

CASES = fixtures()
DIALECTS = ("terraform", "cloudformation", "sam", "cdk")
# Rules that Terraform leaves no question to, and why.
NEVER_OPEN = {
    "DEP002": "a plan says what it replaces and in which order, and its state whom that serves",
    "DEP008": "a plan says what it destroys, and its state which rules name that",
}
PLACEHOLDER = re.compile(r"@[a-z_]+@")


@pytest.mark.parametrize("fixture", CASES, ids=lambda fixture: fixture.name)
def test_a_case_holds(fixture: Fixture) -> None:
    verdict = verdict_of(fixture)

    assert faults(fixture, verdict) == []
    assert text_of(verdict) == fixture.out.read_text("utf-8"), "changed: look at it, then make accept"


@pytest.mark.parametrize("card", shipped(), ids=lambda card: card.id)
def test_every_rule_is_bad_good_and_unknown_in_every_dialect_that_it_applies_to(card) -> None:
    own = [fixture for fixture in CASES if fixture.folder.parent.name == card.stem]
    shown = {(fixture.folder.name.partition("-")[0], fixture.dialect) for fixture in own}
    wanted = {(kind, dialect) for kind in ("bad", "good", "unknown") for dialect in DIALECTS}

    assert wanted - shown == not_applicable(card.id)


def not_applicable(rule: str) -> set[tuple[str, str]]:
    """Give the kinds of cases that a rule cannot have in a dialect."""
    found: set[tuple[str, str]] = set()
    if rule in TERRAFORM_ONLY:
        found |= {(kind, dialect) for kind in ("bad", "unknown") for dialect in DIALECTS[1:]}
    if rule in NEVER_OPEN:
        found.add(("unknown", "terraform"))
    return found


@pytest.mark.parametrize("card", shipped(), ids=lambda card: card.id)
def test_every_placeholder_of_a_fix_is_filled(card) -> None:
    outs = [path.read_text("utf-8") for path in (FIXTURES / card.stem).glob("bad-*/*/expected.out")]

    assert outs
    assert not [line for out in outs for line in out.splitlines() if PLACEHOLDER.search(line)]
