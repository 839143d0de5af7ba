"""JUnit XML, for the test pages of CI systems: a suite per file, a case per finding."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from msgspec import Struct

from eni_lint.finding import Finding, Problem, Suppressed, Verdict
from eni_lint.report.places import lead, repository_path
from eni_lint.report.printable import one_line
from eni_lint.report.view import View, listed_suppressed, message_of, shown

COUNTERS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


class Case(Struct, frozen=True):
    """One case of a suite: what became of it (nothing when it passed), of which type, and the words on it."""

    suite: str
    classname: str
    name: str
    outcome: str = ""
    type: str = ""
    message: str = ""
    text: str = ""


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict as JUnit XML; a clean run has a passing case, for a page without cases reads as a failure."""
    cases = [*_cases(verdict, view)] or [*_passing(verdict, view)]
    root = Element("testsuites", name="eni-lint", tests=str(len(cases)))
    for counter in ("failures", "errors"):
        root.set(counter, _count(cases, counter))
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    for name, members in suites.items():
        suite = SubElement(root, "testsuite", name=name, tests=str(len(members)))
        for counter in COUNTERS:
            suite.set(counter, _count(members, counter))
        for case in members:
            _append(suite, case)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _count(cases: list[Case], counter: str) -> str:
    return str(sum(case.outcome == COUNTERS[counter] for case in cases))


def _append(suite: Element, case: Case) -> None:
    element = SubElement(suite, "testcase", classname=case.classname, name=case.name)
    if case.outcome:
        outcome = SubElement(element, case.outcome, type=case.type, message=case.message)
        outcome.text = case.text or None


def _cases(verdict: Verdict, view: View) -> Iterator[Case]:
    yield from (_unreadable(problem, view) for problem in verdict.errors)
    yield from (_failed(finding, view) for finding in shown(verdict, view))
    yield from (_skipped(one, view) for one in listed_suppressed(verdict, view))


def _passing(verdict: Verdict, view: View) -> Iterator[Case]:
    sources = dict.fromkeys(repository_path(judged.source, view) for judged in verdict.judged)
    yield from (Case(source, "eni-lint", "no findings") for source in sources or ("eni-lint",))


def _unreadable(problem: Problem, view: View) -> Case:
    suite = repository_path(problem.file, view) if problem.file else "eni-lint"
    return Case(suite, "eni-lint", "readable", "error", "unreadable", one_line(problem.message))


def _failed(finding: Finding, view: View) -> Case:
    place = lead(finding)
    suite = repository_path(place.span.file or finding.source, view)
    return Case(
        suite=suite,
        classname=f"eni-lint.{finding.rule}",
        name=f"{one_line(finding.subject.address)}: {finding.case.replace('_', ' ')}",
        outcome="failure",
        type=finding.severity.word,
        message=message_of(finding),
        text="\n".join(_says(finding, f"{suite}:{place.span.line}" if place.span.precise else suite)),
    )


def _says(finding: Finding, place: str) -> Iterator[str]:
    yield f"{place}: {message_of(finding)}"
    yield from (one_line(because.says) for because in finding.evidence)
    if finding.error:
        yield f"aws: {one_line(finding.error)}"
    yield f"fix: {one_line(finding.fix.summary)}"
    yield from finding.fix.text.splitlines()


def _skipped(one: Suppressed, view: View) -> Case:
    failed = _failed(one.finding, view)
    return Case(failed.suite, failed.classname, failed.name, "skipped", one.by, one_line(one.reason or one.by))
