"""The plan and the folder of one configuration give the same findings, wherever the folder can know."""

from __future__ import annotations

import pytest
from cases import Fixture, fixtures, standing_in, verdict_of

from eni_lint.engine import judge
from eni_lint.finding import Finding, Verdict
from eni_lint.pack import shipped
from eni_lint.readers.detect import read
from eni_lint.settings import Settings

# What is applied before the plan is made is not in the folder.
GROUND = ("before", "elsewhere", "destroy")
ALL = [
    fixture
    for fixture in fixtures()
    if fixture.dialect == "terraform" and not any((fixture.home / name).exists() for name in GROUND)
]
# Each costs an evaluation: all that find something, and some of the others.
FINDING = [fixture for fixture in ALL if fixture.expectation.findings]
CASES = [*FINDING, *[fixture for fixture in ALL if not fixture.expectation.findings][::4]]
# What only the provider's configuration tells, which is no part of these folders.
REGION = {"iam003_denied_interface_permission/good-denied-elsewhere/terraform"}


def of_folder(fixture: Fixture) -> Verdict:
    rules = {card.id for card in shipped() if card.default} | {fixture.expectation.rule} - {"all"}
    with standing_in(fixture.home):
        return judge(read(["main.tf"]), Settings(select=tuple(sorted(rules))))


def known(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule, finding.case, finding.subject.address, finding.fingerprint


def undecided(verdict: Verdict) -> set[tuple[str, str]]:
    return {(rule, subject) for one in verdict.undecided for rule in one.rules for subject in one.subjects}


def test_there_are_cases_enough() -> None:
    assert len(CASES) > 80


@pytest.mark.parametrize("fixture", CASES, ids=lambda fixture: fixture.name)
def test_a_folder_gives_the_findings_of_its_plan(fixture: Fixture) -> None:
    plan, folder = verdict_of(fixture), of_folder(fixture)
    planned, found = set(map(known, plan.findings)), set(map(known, folder.findings))
    open_rules = {rule for rule, _ in undecided(folder)}

    assert folder.errors == ()
    assert found <= planned
    assert {one for one in planned - found if one[0] not in open_rules} == set()
    if fixture.name not in REGION:
        assert undecided(folder) <= undecided(plan)
