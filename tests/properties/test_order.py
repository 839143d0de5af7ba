"""Neither the order of resources nor their names matter to what is found."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from eni_lint.engine import judge
from eni_lint.finding import Hit, Verdict
from eni_lint.model.deployment import Deployment
from eni_lint.pack import shipped
from eni_lint.readers.reading import Reading
from eni_lint.settings import Settings
from properties.rewriting import addresses, renamed, shuffled
from properties.stacks import stack
from properties.verdicts import SETTINGS, said

RANDOMS = st.integers(0, 2**32 - 1).map(Random)
NETWORKS = {card.id for card in shipped() if card.subject == "network"}
EVERY_RULE = Settings(select=tuple(card.id for card in shipped()), rules=SETTINGS.rules)


def judged(deployment: Deployment) -> Verdict:
    return judge(Reading((deployment,)), EVERY_RULE)


def told(verdict: Verdict) -> list[tuple[str, str, str]]:
    return sorted((found.fingerprint, found.severity.word, found.message) for found in verdict.findings)


def hits(deployment: Deployment, names: dict[str, str]) -> Counter[tuple[object, ...]]:
    """Count the hits by rule, subject and figures; a network of functions in two VPCs goes by either."""
    outcomes = [(one.rule, names.get(one.address, one.address), one.outcome) for one in said(deployment)]
    return Counter(
        (rule, "" if rule in NETWORKS else address, hit.case, tuple(sorted(hit.numbers.items())))
        for rule, address, hit in outcomes
        if isinstance(hit, Hit)
    )


@settings(deadline=None, derandomize=True, max_examples=150)
@given(RANDOMS)
def test_the_order_of_resources_never_matters(random: Random) -> None:
    stated = stack(random)

    assert told(judged(shuffled(stated, random))) == told(judged(stated))


@settings(deadline=None, derandomize=True, max_examples=100)
@given(RANDOMS)
def test_a_stack_in_a_module_has_the_same_findings(random: Random) -> None:
    stated = stack(random)
    within = renamed(stated, {address: f"module.shop.{address}" for address in addresses(stated)})

    messages = [found.message.replace("module.shop.", "") for found in judged(within).findings]
    assert sorted(messages) == sorted(found.message for found in judged(stated).findings)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(RANDOMS)
def test_names_never_matter(random: Random) -> None:
    stated = stack(random)
    known = sorted(set(addresses(stated)))
    names = {
        old: f"thing.{number:03}" for old, number in zip(known, random.sample(range(1000), len(known)), strict=True)
    }

    assert hits(renamed(stated, names), {}) == hits(stated, names)
