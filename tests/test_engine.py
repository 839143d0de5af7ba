"""The engine merges, caps, drops and folds as the laws of the model say."""

from __future__ import annotations

from msgspec.structs import replace

from eni_lint import engine
from eni_lint.analysis.case import Case
from eni_lint.finding import Confidence, Hit, Judged, Severity, Subject
from eni_lint.model.deployment import TERRAFORM, Deployment, World
from eni_lint.pack import Card, CardCase, CardFix
from eni_lint.readers.reading import Reading
from eni_lint.report.view import without_functions
from eni_lint.settings import Settings


def card(rule: str, severity: str = "error", supersedes: tuple[str, ...] = ()) -> Card:
    return Card(
        id=rule,
        stem=f"{rule.lower()}_made_up",
        subject="function",
        cases={"bad": CardCase(severity), "worse": CardCase("error")},
        summary="",
        why="",
        error="",
        fix=CardFix("mend it"),
        references=(),
        supersedes=supersedes,
    )


def struck(rule: Card, address: str, cause: str = "", case: str = "bad", confidence: Confidence = Confidence.HIGH):
    about = Subject("subnets", cause) if cause else None
    return engine.Struck(rule, Subject("function", address), Hit(case, "is wrong", cause=about, confidence=confidence))


DEPLOYMENT = Deployment("root module", "plan.json", TERRAFORM, World())


def test_hits_with_one_cause_are_one_group_led_by_the_strongest() -> None:
    rule = card("NET901", "warning")
    hits = [struck(rule, "f", "a, b"), struck(rule, "g", "a, b", case="worse"), struck(rule, "h", "c")]

    groups = list(engine._grouped(hits))

    assert [[one.subject.address for one in group] for group in groups] == [["g", "f"], ["h"]]


def test_a_stronger_rule_silences_a_weaker_one_about_the_same_subject() -> None:
    strong, weak = card("NET901", supersedes=("NET902",)), card("NET902", "warning")

    left = engine._strongest_per_cause([struck(strong, "f"), struck(weak, "f"), struck(weak, "g")], Case(DEPLOYMENT))

    assert [(one.card.id, one.subject.address) for one in left] == [("NET901", "f"), ("NET902", "g")]


def test_a_milder_finding_never_silences_a_graver_one() -> None:
    strong, weak = card("NET901", "info", supersedes=("NET902",)), card("NET902", "error")

    left = engine._strongest_per_cause([struck(strong, "f"), struck(weak, "f")], Case(DEPLOYMENT))

    assert len(left) == 2


def test_low_confidence_is_info() -> None:
    hit = struck(card("NET901"), "f", confidence=Confidence.LOW)

    assert engine._capped(Severity.ERROR, hit, DEPLOYMENT) is Severity.INFO


def test_a_warning_in_code_that_the_user_only_calls_is_info_and_an_error_stays() -> None:
    deployment = replace(DEPLOYMENT, uneditable=frozenset({"module.x.f"}))
    hit = struck(card("NET901"), "module.x.f")

    assert engine._capped(Severity.WARNING, hit, deployment) is Severity.INFO
    assert engine._capped(Severity.ERROR, hit, deployment) is Severity.ERROR


def test_an_identity_depends_on_rule_case_and_subject_only() -> None:
    one = struck(card("NET901"), "f", "a, b")
    same = struck(card("NET901"), "g", "a, b")
    other = struck(card("NET901"), "f", "a, b", case="worse")

    assert engine._identity(one) == engine._identity(same) != engine._identity(other)


def test_functions_that_do_not_stand_in_every_case_are_judged_whole_all_the_same() -> None:
    everywhere, nowhere = Judged("s", "", 2, 2, 2, 1), Judged("s", "", 0, 0, 0, 0)
    open_in_one = Judged("s", "", 2, 2, 1, 1)

    assert engine._judged_in_all([everywhere, nowhere])[0].whole == 2
    assert engine._judged_in_all([everywhere, open_in_one, nowhere])[0].whole == 1


def test_what_is_only_supposed_is_a_warning_at_most() -> None:
    hit = struck(card("NET901"), "f")

    assert engine._capped(Severity.ERROR, hit, replace(DEPLOYMENT, supposed=True)) is Severity.WARNING
    assert engine._capped(Severity.INFO, hit, replace(DEPLOYMENT, supposed=True)) is Severity.INFO


def test_an_input_that_may_hide_functions_is_not_passed_over() -> None:
    partial = replace(DEPLOYMENT, after=World(), incomplete="the plan covers only a part of the configuration")

    verdict = engine.judge(Reading((partial,)), Settings())

    assert [note.partition("incomplete: ")[2] for note in verdict.notes] == [partial.incomplete]
    assert without_functions(verdict) == ()
