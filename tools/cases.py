"""The cases of fixtures/: what each shows, which findings it must give, and what a user sees."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct, convert, field

from eni_lint.engine import judge
from eni_lint.finding import Finding, Severity, Verdict
from eni_lint.pack import shipped
from eni_lint.readers.detect import read
from eni_lint.readers.options import Options
from eni_lint.report import render
from eni_lint.report.view import View
from eni_lint.settings import Settings

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
INPUTS = {
    "terraform": "plan.json",
    "cloudformation": "template.yaml",
    "sam": "template.yaml",
    "cdk": "cdk.out",
    "changeset": "changeset.json",
}
# Rules that speak of Terraform alone, and why.
TERRAFORM_ONLY = {
    "DEP002": "CloudFormation makes the replacement of a group or subnet first",
    "DEP008": "CloudFormation updates the rules that name a group before it deletes the group",
    "ROLE002": "CloudFormation waits for the interfaces when it deletes a function",
}
# What stands before a change, where the input itself does not tell it.
BEFORE = {"cloudformation": "before.yaml", "sam": "before.yaml", "cdk": "cdk.before"}


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    """One finding that a case must give: `at` is an address that it names, one or one per dialect.

    `only` are the dialects that must give it, where engines differ; all where it is empty.
    """

    case: str
    severity: str
    at: str | dict[str, str] = ""
    rule: str = ""
    only: list[str] = field(default_factory=list)


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """One open fact that a case must name: a part of its key, one or one per dialect."""

    about: str | dict[str, str]


class Expectation(Struct, frozen=True, forbid_unknown_fields=True):
    """What a case shows, about which rule (`all` for every rule), and what must come of it."""

    shows: str
    rule: str
    findings: list[Expected] = field(default_factory=list)
    undecided: list[About] = field(default_factory=list)


class Fixture(Struct, frozen=True):
    """One case in one dialect."""

    folder: Path
    dialect: str
    expectation: Expectation

    @property
    def name(self) -> str:
        """Name the case as its path below fixtures/."""
        return f"{self.folder.relative_to(FIXTURES)}/{self.dialect}"

    @property
    def home(self) -> Path:
        """Give the folder in which a user would stand."""
        return self.folder / self.dialect

    @property
    def options(self) -> Options:
        """Give how the case is to be read: with what stood before it and the saved plan, where they lie beside it."""
        before = BEFORE.get(self.dialect, "")
        return Options(
            before=before if before and (self.home / before).exists() else "",
            saved_plan="tfplan" if (self.home / "tfplan").exists() else "",
        )

    @property
    def out(self) -> Path:
        """Give the file that holds what a user sees."""
        return self.home / "expected.out"


def fixtures() -> list[Fixture]:
    """List every case in every dialect that it is written in."""
    found = []
    for path in sorted(FIXTURES.glob("*/*/expect.yaml")):
        expectation = convert(yaml.safe_load(path.read_text("utf-8")), Expectation)
        for dialect, wanted in INPUTS.items():
            if (path.parent / dialect / wanted).exists():
                found.append(Fixture(path.parent, dialect, expectation))
    return found


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    """Stand in a folder for a while, as a user would."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def verdict_of(fixture: Fixture) -> Verdict:
    """Judge a case with every rule that is on by default, and the one that it is about."""
    rules = {card.id for card in shipped() if card.default}
    if fixture.expectation.rule != "all":
        rules.add(fixture.expectation.rule)
    with standing_in(fixture.home):
        return judge(read((INPUTS[fixture.dialect],), fixture.options), Settings(select=tuple(sorted(rules))))


def text_of(verdict: Verdict) -> str:
    """Render a verdict as a user sees it who wants to see everything."""
    return render(verdict, "text", View(min_severity=Severity.INFO, show_undecided=True))


def faults(fixture: Fixture, verdict: Verdict) -> list[str]:
    """List where a verdict is not what its case expects."""
    expected = fixture.expectation
    said = [f for f in verdict.findings if expected.rule in ("all", f.rule)]
    open_facts = [one for one in verdict.undecided if expected.rule == "all" or expected.rule in one.rules]
    found = [f"cannot be read: {problem.message}" for problem in verdict.errors]
    unmet = list(said)
    for wanted in expected.findings:
        if wanted.only and fixture.dialect not in wanted.only:
            continue
        match = next((f for f in unmet if _meets(f, wanted, fixture)), None)
        if match is None:
            found.append(f"missing: {wanted.rule or expected.rule} {wanted.case} {wanted.severity} at {wanted.at}")
        else:
            unmet.remove(match)
    found.extend(f"too much: {f.rule} {f.case} {f.severity.word}: {f.message}" for f in unmet)
    for about in expected.undecided:
        part = _for(fixture, about.about)
        if not any(part in one.key for one in open_facts):
            found.append(f"should be open: {part}")
    if not expected.undecided:
        found.extend(f"should be decided: {one.key} ({', '.join(one.rules)})" for one in open_facts)
    return found


def _meets(finding: Finding, wanted: Expected, fixture: Fixture) -> bool:
    if (finding.case, finding.severity.word) != (wanted.case, wanted.severity):
        return False
    if finding.rule != (wanted.rule or fixture.expectation.rule):
        return False
    at = _for(fixture, wanted.at)
    return not at or at in {finding.subject.address, *(place.address for place in finding.places)}


def _for(fixture: Fixture, stated: str | dict[str, Any]) -> str:
    return stated if isinstance(stated, str) else str(stated.get(fixture.dialect, ""))
