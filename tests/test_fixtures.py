"""Every case of fixtures/ gives what it must, and what a user sees of it is what was accepted."""

from __future__ import annotations

import re

import pytest
from cases import FIXTURES, Fixture, faults, fixtures, text_of, verdict_of

from eni_lint.pack import shipped

CASES = fixtures()
PLACEHOLDER = re.compile(r"@[a-z_]+@")


@pytest.mark.parametrize("fixture", CASES, ids=lambda fixture: fixture.name)
def test_a_case_holds(fixture: Fixture) -> None:
    verdict = verdict_of(fixture)

    assert faults(fixture, verdict) == []
    assert text_of(verdict) == fixture.out.read_text("utf-8"), "changed: look at it, then make accept"


@pytest.mark.parametrize("card", shipped(), ids=lambda card: card.id)
def test_every_rule_has_bad_and_good_cases(card) -> None:
    names = {path.parent.name.partition("-")[0] for path in (FIXTURES / card.stem).glob("*/expect.yaml")}

    assert {"bad", "good"} <= names


@pytest.mark.parametrize("card", shipped(), ids=lambda card: card.id)
def test_every_placeholder_of_a_fix_is_filled(card) -> None:
    outs = [path.read_text("utf-8") for path in (FIXTURES / card.stem).glob("bad-*/*/expected.out")]

    assert outs
    assert not [line for out in outs for line in out.splitlines() if PLACEHOLDER.search(line)]
