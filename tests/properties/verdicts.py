"""What each rule says about each subject, asked alone: nothing that another rule finds takes a finding away."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from eni_lint import engine
from eni_lint.analysis.case import Case
from eni_lint.finding import Hit, Undecided
from eni_lint.model.deployment import Deployment
from eni_lint.pack import Card, shipped
from eni_lint.settings import Settings

# Figures that make the few interfaces of a drawn stack many.
SETTINGS = Settings(
    rules={
        "ENI001": {"excess_min": 2, "warn_excess": 3},
        "ENI002": {"quota": 6},
        "ENI003": {"quota": 7, "new_min": 3},
    }
)


class Verdict(Enum):
    """What a rule says about one subject, all in all."""

    SILENT = "silent"
    UNDECIDED = "undecided"
    HIT = "hit"


class Said(Struct, frozen=True):
    """One thing that a rule says about the subject at an address."""

    rule: str
    address: str
    outcome: Hit | Undecided


def said(deployment: Deployment) -> list[Said]:
    """Ask every shipped rule about every subject of a deployment."""
    case = Case(deployment)
    return [
        Said(card.id, subject.address, outcome)
        for card in shipped()
        for subject, outcome in engine._ask(case, card, SETTINGS)
    ]


def verdicts(deployment: Deployment) -> dict[tuple[str, str], Verdict]:
    """Give the verdict of every shipped rule about every subject."""
    case = Case(deployment)
    found = {
        (card.id, subject.address): Verdict.SILENT for card in shipped() for subject in case.subjects(card.subject)
    }
    for card in shipped():
        found.update(_spoken(case, card))
    return found


def _spoken(case: Case, card: Card) -> dict[tuple[str, str], Verdict]:
    spoken: dict[tuple[str, str], Verdict] = {}
    for subject, outcome in engine._ask(case, card, SETTINGS):
        key = card.id, subject.address
        if isinstance(outcome, Hit):
            spoken[key] = Verdict.HIT
        else:
            spoken.setdefault(key, Verdict.UNDECIDED)
    return spoken


class Flip(Struct, frozen=True):
    """A verdict that hiding a value turned round: a hit into silence, or silence into a hit."""

    rule: str
    address: str
    stated: Verdict
    hidden: Verdict


Verdicts = dict[tuple[str, str], Verdict]


def flips(stated: Verdicts, hidden: Verdicts) -> list[Flip]:
    """List the verdicts that hiding a value turned round.

    Roles and networks go by what leads to them: where hiding a link makes another subject of one, a word about
    that one will do.
    """
    lost = [
        Flip(rule, address, Verdict.HIT, Verdict.SILENT)
        for (rule, address), verdict in stated.items()
        if verdict is Verdict.HIT and _is_silent(rule, address, hidden, stated)
    ]
    made = [
        Flip(rule, address, Verdict.SILENT, Verdict.HIT)
        for (rule, address), verdict in hidden.items()
        if verdict is Verdict.HIT and _is_silent(rule, address, stated, hidden)
    ]
    return lost + made


def _is_silent(rule: str, address: str, told: Verdicts, other: Verdicts) -> bool:
    """Tell whether nothing is said about a subject that others speak of, or about any that took its place."""
    if (rule, address) in told:
        taken_over = [key for key in told if key not in other]
        found = [told[rule, address], *(told[key] for key in taken_over if key[0] == rule)]
    else:
        found = [verdict for key, verdict in told.items() if key[0] == rule]
    return all(verdict is Verdict.SILENT for verdict in found)
