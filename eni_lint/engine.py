"""The middle of the line: rules look at the subjects of deployments, and their hits become findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from msgspec import Struct, convert
from msgspec.structs import replace

from eni_lint.analysis.case import Case
from eni_lint.finding import (
    Confidence,
    Finding,
    Fix,
    Forecast,
    Hit,
    Judged,
    Open,
    Place,
    Severity,
    Subject,
    Undecided,
    Verdict,
)
from eni_lint.model.answer import ABSENT
from eni_lint.model.deployment import TERRAFORM, Action, Deployment
from eni_lint.model.identity import label
from eni_lint.model.place import Origin, Span
from eni_lint.pack import Card, CardFix
from eni_lint.readers.reading import Reading, Sources
from eni_lint.readers.terraform.patches import filled
from eni_lint.settings import Settings, at_path, selected
from eni_lint.suppress import Baseline, Sifted, sift

# The field of a function that leads to what a finding is about.
LINKS_OF_FUNCTIONS = {
    "role": "role",
    "subnet": "subnets",
    "subnets": "subnets",
    "services": "subnets",
    "nat": "subnets",
    "group": "groups",
    "groups": "groups",
    "network": "attachment",
}
IDLE = (Action.NOTHING, Action.READ)


class Struck(Struct, frozen=True):
    """A hit with what it was found on."""

    card: Card
    subject: Subject
    hit: Hit

    @property
    def about(self) -> Subject:
        """Give what the finding is about: the cause that subjects share, else the subject."""
        return self.hit.cause if self.hit.cause is not None else self.subject

    @property
    def level(self) -> tuple[Severity, Confidence]:
        """Rank the hit: harm first, then how sure we are."""
        return self.card.cases[self.hit.case].level, self.hit.confidence


def judge(reading: Reading, settings: Settings, baseline: Baseline | None = None) -> Verdict:
    """Ask every selected rule about every deployment of a reading, and take out what is suppressed."""
    cases: dict[tuple[str, str], list[Verdict]] = {}
    for deployment in reading.deployments:
        verdict = _judge_one(deployment, reading.sources, settings)
        cases.setdefault((deployment.source, deployment.name), []).append(verdict)
    verdicts = [_folded(verdicts) for verdicts in cases.values()]
    sifted = _sifted(tuple(f for verdict in verdicts for f in verdict.findings), reading, settings, baseline)
    return Verdict(
        findings=sifted.findings,
        suppressed=sifted.suppressed,
        undecided=tuple(o for verdict in verdicts for o in verdict.undecided),
        errors=reading.errors,
        notes=(*reading.notes, *dict.fromkeys(_gaps(reading)), *sifted.notes),
        judged=tuple(j for verdict in verdicts for j in verdict.judged),
        forecast=tuple(f for verdict in verdicts for f in verdict.forecast),
    )


def _gaps(reading: Reading) -> Iterator[str]:
    """Say of what seems to hold no functions that some may be missing; with functions the gap stands beside them."""
    for one in reading.deployments:
        if one.incomplete and not one.after.functions and (one.before is None or not one.before.functions):
            yield f"{one.source}: no Lambda functions are seen in {one.name}, but it is incomplete: {one.incomplete}"


def _sifted(findings: tuple[Finding, ...], reading: Reading, settings: Settings, baseline: Baseline | None) -> Sifted:
    directives = [directive for deployment in reading.deployments for directive in deployment.directives]
    if baseline is None and not directives and not settings.suppress:
        return Sifted(findings, (), ())
    return sift(findings, directives, settings.suppress, baseline, settings.root)


def _judge_one(deployment: Deployment, sources: Sources, settings: Settings) -> Verdict:
    settings = at_path(settings, deployment.source)
    cards = selected(settings)
    case = Case(deployment)
    struck: list[Struck] = []
    undecided: list[tuple[Card, Subject, Undecided]] = []
    for card in cards:
        for subject, outcome in _ask(case, card, settings):
            match outcome:
                case Hit():
                    struck.append(Struck(card, subject, outcome))
                case Undecided():
                    undecided.append((card, subject, outcome))
        undecided.extend((card, Subject("part", part), Undecided(why)) for part, why in deployment.unseen.items())
    if deployment.supposed:
        undecided = []
    struck = _strongest_per_cause(struck, case)
    if settings.changed_only:
        struck = [s for s in struck if _touched(s, deployment)]
    findings = [_finding(group, case, sources) for group in _grouped(struck)]
    return Verdict(
        findings=tuple(sorted(findings, key=_reading_order)),
        undecided=_by_missing_fact(undecided, deployment),
        judged=(_judged(case, undecided),),
        forecast=_forecast(case),
    )


def _ask(case: Case, card: Card, settings: Settings) -> Iterator[tuple[Subject, Hit | Undecided]]:
    subjects = case.subjects(card.subject)
    if not subjects:
        return
    module = import_module(f"eni_lint.checks.{card.stem}")
    options = _options(module, card, settings)
    for subject in subjects:
        try:
            for outcome in module.check(case, subject, options):
                yield subject, outcome
        except Exception as crash:
            crash.add_note(f"while {card.id} looked at {subject.address} in {case.deployment.source}")
            raise


def _options(module: Any, card: Card, settings: Settings) -> object:
    options = getattr(module, "Options", None)
    return None if options is None else convert({**card.options, **settings.rules.get(card.id, {})}, options)


def _strongest_per_cause(struck: list[Struck], case: Case) -> list[Struck]:
    """Drop what a stronger rule says already about the same subject, cause or functions."""
    by_rule: dict[str, list[Struck]] = {}
    for one in struck:
        by_rule.setdefault(one.card.id, []).append(one)
    dropped: set[int] = set()
    for strong in struck:
        for weaker in strong.card.supersedes:
            for weak in by_rule.get(weaker, ()):
                if _one_cause(strong, weak, case.functions):
                    dropped.add(id(weak))
    return [one for one in struck if id(one) not in dropped]


def _one_cause(strong: Struck, weak: Struck, functions: frozenset[str]) -> bool:
    if strong.level[0] < weak.level[0]:
        return False
    if strong.subject == weak.subject or strong.about == weak.about:
        return True
    concerned = _named(weak) & functions
    return bool(concerned) and concerned <= _named(strong)


def _named(struck: Struck) -> set[str]:
    return {struck.subject.address, struck.about.address} | {address for address, _ in struck.hit.about}


def _touched(struck: Struck, deployment: Deployment) -> bool:
    """Tell whether the change touches something that a hit names; without a change everything counts as new."""
    if not deployment.changes:
        return True
    changed = {address for address, change in deployment.changes.items() if change.action not in IDLE}
    return bool(_named(struck) & changed)


def _grouped(struck: list[Struck]) -> Iterable[list[Struck]]:
    """Group hits of one rule by what they are about, the strongest first."""
    groups: dict[tuple[str, Subject], list[Struck]] = {}
    for one in struck:
        groups.setdefault((one.card.id, one.about), []).append(one)
    for group in groups.values():
        yield sorted(group, key=lambda one: (-one.level[0], -one.level[1], one.subject.address))


def _finding(group: list[Struck], case: Case, sources: Sources) -> Finding:
    lead = group[0]
    stated = lead.card.cases[lead.hit.case]
    places = tuple(_places(group, case, sources))
    error = stated.error or lead.card.error
    language = case.deployment.procedure.dialect
    return Finding(
        rule=lead.card.id,
        case=lead.hit.case,
        severity=_capped(stated.level, lead, case.deployment),
        confidence=lead.hit.confidence,
        subject=lead.about,
        message=f"{_subjects_of(group)} {lead.hit.says}",
        places=places,
        evidence=lead.hit.because,
        error=error,
        fix=_fix(stated.fix or lead.card.fix, language, lead.hit.names),
        when=case.deployment.scenario,
        identity=_identity(lead),
        source=case.deployment.source,
        why=lead.card.why,
        numbers=lead.hit.numbers,
    )


def _subjects_of(group: list[Struck]) -> str:
    addresses = list(dict.fromkeys(one.subject.address for one in group))
    return addresses[0] if len(addresses) == 1 else f"{addresses[0]} and {len(addresses) - 1} more"


def _capped(level: Severity, lead: Struck, deployment: Deployment) -> Severity:
    """Cap what is inferred, or latent in code that the user cannot edit, at info, and what is supposed at warning."""
    if deployment.supposed:
        level = min(level, Severity.WARNING)
    if lead.hit.confidence == Confidence.LOW:
        return Severity.INFO
    main = lead.hit.at[0] if lead.hit.at is not None else lead.subject.address
    if level == Severity.WARNING and main in deployment.uneditable:
        return Severity.INFO
    return level


def _places(group: list[Struck], case: Case, sources: Sources) -> Iterator[Place]:
    lead, deployment = group[0], case.deployment
    links = _links(group, case)
    seen: set[str] = set()

    def place(role: str, address: str, says: str = "") -> Iterator[Place]:
        if address and address not in seen and role != "deployment":
            seen.add(address)
            span = _span(address, links.get(address, ""), deployment, sources)
            yield Place(role, address, span, says, _change(address, deployment))

    main = lead.subject.address if lead.hit.at is None else lead.hit.at[0]
    yield from place("deployment" if main == deployment.name else "subject", main)
    for one in group:
        yield from place(one.subject.kind, one.subject.address)
    for one in group:
        for address, says in one.hit.about:
            yield from place("about", address, says)
    if lead.hit.cause is not None and lead.hit.cause.address in deployment.origins:
        yield from place("cause", lead.hit.cause.address)


def _links(group: list[Struck], case: Case) -> dict[str, str]:
    """Give the field of each resource that matters: what evidence names, or how a function leads to the cause."""
    lead = group[0]
    links = {b.address: b.attribute for one in group for b in reversed(one.hit.because) if b.attribute}
    if lead.about.kind in LINKS_OF_FUNCTIONS:
        named = {address for one in group for address in (one.subject.address, *dict(one.hit.about))}
        links.update(dict.fromkeys(named & case.functions, LINKS_OF_FUNCTIONS[lead.about.kind]))
    if lead.hit.at is not None and lead.hit.at[1]:
        links.update((lead.hit.at,))
    return links


def _span(address: str, link: str, deployment: Deployment, sources: Sources) -> Span:
    origin = deployment.origins.get(address)
    if origin is None:
        return Span(file=deployment.source)
    return sources.locate(Origin(origin.source, origin.pointer, link))


def _change(address: str, deployment: Deployment) -> str:
    change = deployment.changes.get(address)
    return "" if change is None or change.action in IDLE else change.action.value


def _fix(fix: CardFix, language: str, names: dict[str, str]) -> Fix:
    text = fix.text(language)
    text = filled(text, names) if language == TERRAFORM.dialect else _filled(text, names)
    return Fix(language, _filled(fix.summary, names), text.rstrip())


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"@{name}@", value)
    return text


def _identity(lead: Struck) -> str:
    keys = sorted({because.address for because in lead.hit.because if because.address})
    return "\n".join([lead.card.id, lead.hit.case, lead.about.kind, lead.about.address, *keys])


def _reading_order(finding: Finding) -> tuple[int, str, str]:
    return -finding.severity, finding.rule, finding.subject.address


def _by_missing_fact(undecided: list[tuple[Card, Subject, Undecided]], deployment: Deployment) -> tuple[Open, ...]:
    """Make one line of all the questions that wait for one fact."""
    groups: dict[str, list[tuple[Card, Subject, Undecided]]] = {}
    for one in undecided:
        groups.setdefault(one[2].unknown.key, []).append(one)
    return tuple(
        Open(
            key=key,
            why=group[0][2].unknown.why.value,
            decided_by=next((u.unknown.decided_by for _, _, u in group if u.unknown.decided_by), ""),
            rules=tuple(sorted({card.id for card, _, _ in group})),
            subjects=tuple(sorted({subject.address for _, subject, _ in group})),
            source=deployment.source,
        )
        for key, group in sorted(groups.items())
    )


def _judged(case: Case, undecided: list[tuple[Card, Subject, Undecided]]) -> Judged:
    deployment = case.deployment
    open_subjects = {subject.address for _, subject, _ in undecided}
    standing: dict[str, Any] = {}
    for moment in case.moments:
        standing.update(moment.world.functions)
    in_vpc = [f for f in standing.values() if f.attachment != ABSENT or _was_attached(case, f.address)]
    whole = [
        f for f in in_vpc if f.address not in open_subjects and not any(label(t) in open_subjects for t in f.role.seen)
    ]
    networks = {network.address for moment in case.moments for network in moment.interfaces.networks}
    return Judged(
        source=deployment.source,
        name=deployment.name,
        functions=len(standing),
        in_vpc=len(in_vpc),
        whole=len(whole),
        vpcs=len(networks),
        incomplete=deployment.incomplete,
    )


def _was_attached(case: Case, address: str) -> bool:
    if case.before is None:
        return False
    function = case.before.world.functions.get(address)
    return function is not None and function.attachment != ABSENT


def _forecast(case: Case) -> tuple[Forecast, ...]:
    from eni_lint.analysis.interfaces import forecast

    return tuple(
        Forecast(
            source=case.deployment.source,
            vpc=line.network,
            before=line.before,
            after=line.after,
            after_at_most=line.after_at_most,
            between=line.between,
            shared=line.shared,
            when=case.deployment.scenario,
        )
        for line in forecast(case)
    )


def _folded(cases: list[Verdict]) -> Verdict:
    """Make one verdict of those about the cases in which one deployment may stand."""
    if len(cases) == 1:
        (case,) = cases
        return replace(
            case,
            findings=tuple(replace(finding, when="") for finding in case.findings),
            forecast=tuple(replace(line, when="") for line in case.forecast),
        )
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in (finding for case in cases for finding in case.findings):
        groups.setdefault((finding.identity, finding.case), []).append(finding)
    opened: dict[str, list[Open]] = {}
    for one in (one for case in cases for one in case.undecided):
        opened.setdefault(one.key, []).append(one)
    return Verdict(
        findings=tuple(sorted((_in_cases(group, len(cases)) for group in groups.values()), key=_reading_order)),
        undecided=tuple(_asked_by_all(group) for _, group in sorted(opened.items())),
        judged=_judged_in_all([one for case in cases for one in case.judged]),
        forecast=tuple(_forecast_in_cases([line for case in cases for line in case.forecast], len(cases))),
    )


def _forecast_in_cases(lines: list[Forecast], cases: int) -> Iterator[Forecast]:
    """Say in which cases a network looks like this, nothing where it does in all of them."""
    labels: dict[Forecast, dict[str, None]] = {}
    for line in lines:
        labels.setdefault(replace(line, when=""), {})[line.when] = None
    for line, alike in labels.items():
        yield line if len(alike) == cases else replace(line, when=" or ".join(alike))


def _in_cases(group: list[Finding], cases: int) -> Finding:
    """Say in which cases a finding holds, nothing where it holds in all of them or whatever the case."""
    labels = list(dict.fromkeys(finding.when for finding in group))
    if "" in labels or len(group) == cases:
        return replace(group[0], when="")
    confidence = min(group[0].confidence, Confidence.MEDIUM)
    return replace(group[0], when=" or ".join(labels), confidence=confidence)


def _asked_by_all(group: list[Open]) -> Open:
    return replace(
        group[0],
        rules=tuple(sorted({rule for one in group for rule in one.rules})),
        subjects=tuple(sorted({subject for one in group for subject in one.subjects})),
    )


def _judged_in_all(cases: list[Judged]) -> tuple[Judged, ...]:
    """Count what stands in some case, and as judged whole what is in every case in which it stands."""
    in_vpc = max(one.in_vpc for one in cases)
    return (
        replace(
            cases[0],
            functions=max(one.functions for one in cases),
            in_vpc=in_vpc,
            whole=in_vpc - max(one.in_vpc - one.whole for one in cases),
            vpcs=max(one.vpcs for one in cases),
            cases=len(cases),
        ),
    )
