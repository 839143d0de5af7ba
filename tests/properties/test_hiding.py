"""Hiding a value never turns a hit into silence, nor silence into a hit: what is not known stays open."""

from __future__ import annotations

from random import Random

from hypothesis import given, note, settings
from hypothesis import strategies as st

from eni_lint.model.answer import Unknown, Why
from properties.hiding import hidings
from properties.stacks import stack
from properties.verdicts import flips, verdicts

RANDOMS = st.integers(0, 2**32 - 1).map(Random)
HIDDEN_PER_STACK = 10


def hidden(number: int) -> Unknown:
    return Unknown(Why.VARIABLE, f"var.hidden_{number}", f"a value for var.hidden_{number}")


@settings(deadline=None, derandomize=True, max_examples=200)
@given(RANDOMS)
def test_one_hidden_value_leaves_a_verdict_or_opens_it(random: Random) -> None:
    stated = stack(random)
    known = verdicts(stated)
    every = list(hidings(stated, hidden(0)))

    for one in random.sample(every, HIDDEN_PER_STACK):
        note(one.where)
        assert flips(known, verdicts(one.value)) == [], one.where


@settings(deadline=None, derandomize=True, max_examples=150)
@given(RANDOMS, st.integers(2, 6))
def test_several_hidden_values_leave_a_verdict_or_open_it(random: Random, several: int) -> None:
    stated = less = stack(random)
    wheres = []
    for number in range(several):
        one = random.choice(list(hidings(less, hidden(number))))
        less, wheres = one.value, [*wheres, one.where]

    assert flips(verdicts(stated), verdicts(less)) == [], wheres
