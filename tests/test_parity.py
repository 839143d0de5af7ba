"""One stack gives the same findings in whatever language it is written, but for what its engine does otherwise."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from cases import FIXTURES, TERRAFORM_ONLY, Fixture, fixtures, verdict_of
from msgspec import Struct

from eni_lint.finding import Finding
from eni_lint.pack import shipped

LANGUAGES = ("terraform", "cloudformation", "sam", "cdk")
# Words that say what a thing is; one language puts them into its name, another beside it.
KINDS = re.compile(r"(Function|Role|Vpc|Group|Subnet|Table|Endpoint|Nat|Gateway|Policy|Route|Block|Service)(?![a-z])")
HASH = re.compile(r"[0-9A-F]{8}$")
SYNTHETIC = re.compile(r" \((main route table|default security group)\)")
BETWEEN = re.compile(r", | and | from ")


class Said(Struct, frozen=True, order=True):
    """A finding as all languages have it: the subject by its name alone."""

    rule: str
    case: str
    severity: str
    kind: str
    names: tuple[str, ...]


class Difference(Struct, frozen=True):
    """What CloudFormation does otherwise than Terraform, and what comes of it."""

    reason: str
    terraform: tuple[str, str, str]
    others: tuple[str, str, str]


# The engines' procedures: what Terraform brings about, and what the same change brings about in CloudFormation.
DIFFERENCES = (
    Difference(
        "Terraform destroys before it updates, unless its state says otherwise; CloudFormation cleans up afterwards",
        ("DEP001", "maybe_destroyed_first", "warning"),
        ("DEP001", "cleanup_blocked", "warning"),
    ),
    Difference(
        "CloudFormation makes a replacement first and deletes the old role in its clean-up",
        ("ROLE003", "replaced", "error"),
        ("ROLE003", "replaced_create_first", "warning"),
    ),
    Difference(
        "only Terraform's provider removes the interfaces itself while it deletes a group or subnet",
        ("ROLE001", "delete_provider_cleans_up", "info"),
        ("ROLE001", "delete_unwaited", "warning"),
    ),
)
# Findings that only one side has, by case and language, each with its reason.
ALONE: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("dep002_network_replaced_under_function/good-new-group-first", "cloudformation"): (
        "CloudFormation deletes the replaced group in its clean-up, while Lambda still holds its interfaces",
        ("DEP001",),
    ),
    ("dep002_network_replaced_under_function/good-new-group-first", "sam"): (
        "CloudFormation deletes the replaced group in its clean-up, while Lambda still holds its interfaces",
        ("DEP001",),
    ),
    ("dep001_network_removed_before_release/bad-group-removed-with-detach", "sam"): (
        "SAM takes the permission out of the role that it makes as soon as the function leaves its VPC",
        ("ROLE001",),
    ),
}


def said(finding: Finding) -> Said:
    """Bring a finding into the form that all languages share."""
    names = () if finding.subject.kind == "deployment" else tuple(map(plain, BETWEEN.split(finding.subject.address)))
    return Said(finding.rule, finding.case, finding.severity.word, finding.subject.kind, tuple(sorted(names)))


def plain(address: str) -> str:
    """Give the name in an address, without its type, its stack and the hash that the CDK adds."""
    last = SYNTHETIC.sub("", address).rpartition("/")[2]
    if last.startswith("aws_"):
        key = re.search(r'\["?([^"\]]+)"?\]$', last)
        last = key[1] if key else last.rpartition(".")[2]
    else:
        last = KINDS.sub("", HASH.sub("", last))
    return re.sub(r"[^a-z0-9]", "", last.lower())


def in_cloudformation(one: Said) -> Said:
    """Say what a finding about Terraform is called where CloudFormation does the same change."""
    for difference in DIFFERENCES:
        if (one.rule, one.case, one.severity) == difference.terraform:
            return Said(*difference.others, one.kind, one.names)
    return one


def _stacks() -> dict[Path, dict[str, Fixture]]:
    found: dict[Path, dict[str, Fixture]] = {}
    for fixture in fixtures():
        if fixture.dialect in LANGUAGES:
            found.setdefault(fixture.folder, {})[fixture.dialect] = fixture
    return {folder: languages for folder, languages in found.items() if "terraform" in languages and len(languages) > 1}


STACKS = _stacks()
PAIRS = [(languages["terraform"], one) for languages in STACKS.values() for one in languages.values()]
OTHERS = [pair for pair in PAIRS if pair[1].dialect != "terraform"]


@pytest.mark.parametrize(("terraform", "other"), OTHERS, ids=[other.name for _, other in OTHERS])
def test_a_stack_gives_the_same_findings_in_every_language(terraform: Fixture, other: Fixture) -> None:
    expected = Counter(in_cloudformation(said(finding)) for finding in verdict_of(terraform).findings)
    found = Counter(said(finding) for finding in verdict_of(other).findings)
    case = str(other.folder.relative_to(FIXTURES))
    _, excused = ALONE.get((case, other.dialect), ("", ()))

    assert sorted(one for one in (expected - found) + (found - expected) if one.rule not in excused) == []


def test_every_excuse_is_needed() -> None:
    for (case, language), (_, rules) in ALONE.items():
        languages = STACKS[FIXTURES / case]
        expected = Counter(in_cloudformation(said(f)) for f in verdict_of(languages["terraform"]).findings)
        found = Counter(said(f) for f in verdict_of(languages[language]).findings)

        assert {one.rule for one in (expected - found) + (found - expected)} == set(rules)


def test_ten_stacks_are_written_in_all_languages_and_seven_of_them_are_bad() -> None:
    whole = [folder for folder, languages in STACKS.items() if set(languages) == set(LANGUAGES)]

    assert len(whole) >= 10
    assert sum(folder.name.startswith("bad-") for folder in whole) >= 7


def test_every_rule_that_both_engines_have_is_compared() -> None:
    compared = {
        finding.rule
        for languages in STACKS.values()
        for language, fixture in languages.items()
        if language != "terraform" and fixture.folder.name.startswith("bad-")
        for finding in verdict_of(fixture).findings
    }

    assert {card.id for card in shipped()} - compared == set(TERRAFORM_ONLY)
