"""The drawn stacks are worth asking about: every rule speaks and is silent, and hardly anything is left open."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random

import pytest

from eni_lint.pack import Card, shipped
from properties.stacks import stack
from properties.verdicts import Verdict, verdicts

STACKS = 400


@cache
def counted() -> Counter[tuple[str, Verdict]]:
    """Count the verdicts of every rule about the stacks of some seeds."""
    drawn = (stack(Random(seed)) for seed in range(STACKS))
    return Counter((rule, verdict) for one in drawn for (rule, _), verdict in verdicts(one).items())


@pytest.mark.parametrize("card", shipped(), ids=lambda card: card.id)
def test_a_rule_fires_and_is_silent(card: Card) -> None:
    assert counted()[card.id, Verdict.HIT] > 0
    assert counted()[card.id, Verdict.SILENT] > 0


def test_where_nothing_is_hidden_hardly_a_verdict_is_open() -> None:
    total = counted().total()

    undecided = sum(count for (_, verdict), count in counted().items() if verdict is Verdict.UNDECIDED)

    assert undecided <= 0.05 * total
