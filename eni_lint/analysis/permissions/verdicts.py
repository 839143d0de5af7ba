"""How a role stands to a permission: given, missing, given too narrowly, or taken away; and how that is judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import final

from msgspec import Struct

from eni_lint.analysis.permissions.conditions import PERIMETER, describe
from eni_lint.analysis.permissions.statements import (
    Call,
    acts,
    condition_holds,
    conditions_hold,
    covers,
    resource_part,
    touches,
)
from eni_lint.model.answer import Answer, No, Unknown, Yes, all_of, any_of
from eni_lint.model.policy import Condition, Document, Statement


class Source(Struct, frozen=True):
    """A policy document that a role carries: the address of what carries it, and whether it is certain that it does."""

    address: str
    document: Document | Unknown
    certain: Answer = Yes()


@final
class Granted(Struct, frozen=True):
    """The role's policies allow the action; `by` carry the statements that do."""

    action: str
    by: tuple[str, ...]


@final
class Missing(Struct, frozen=True):
    """No statement of the role's policies allows the action."""

    action: str


@final
class Scoped(Struct, frozen=True):
    """The action is allowed, but not on all resources that the call needs.

    `by` carry the statements, `seen` are the resources that they name, `unmet` what the call needs beyond them.
    """

    action: str
    by: tuple[str, ...]
    seen: tuple[str, ...]
    unmet: tuple[str, ...]


@final
class Conditioned(Struct, frozen=True):
    """The action is allowed under a condition that Lambda's own call does not meet."""

    action: str
    by: str
    condition: Condition


@final
class Denied(Struct, frozen=True):
    """A Deny takes the action away.

    `conditions` hold for Lambda's own calls, and `perimeter` tells that one of them ties the Deny to a network which
    those calls do not come from; `open` are further conditions of which nobody can tell whether they hold.
    """

    action: str
    by: str
    sid: str
    conditions: tuple[str, ...]
    perimeter: bool
    open: tuple[str, ...] = ()


@final
class OutOfBounds(Struct, frozen=True):
    """The permissions boundary does not allow the action."""

    action: str
    by: str


Standing = Granted | Missing | Scoped | Conditioned | Unknown
Refusal = Denied | OutOfBounds | Unknown | No


def standing(call: Call, sources: Iterable[Source], unseen: Unknown | None = None) -> Standing:
    """Judge whether policies allow a call, whatever denies it; `unseen` says why there may be more of them."""
    sources = tuple(sources)
    stated = [(source, statement) for source, statement in _statements(sources) if statement.allows]
    met = {target: any_of(_allows(*one, target, call) for one in stated) for target in call.needs}
    match all_of(met.values()):
        case Yes():
            return Granted(call.action, _granting(stated, call))
        case Unknown() as unknown:
            return unknown
        case No():
            hidden = _hidden(sources)
            hidden = unseen if hidden is None else hidden
            return _fault(call, stated, met) if hidden is None else hidden


def named(call: Call, sources: Iterable[Source]) -> Answer:
    """Answer whether a statement allows the action of a call by name, whatever its resources and conditions."""
    return any_of(
        all_of((acts(statement, call), source.certain))
        for source, statement in _statements(sources)
        if statement.allows
    )


def refusal(call: Call, sources: Iterable[Source], boundary: Source | None, unseen: Unknown | None = None) -> Refusal:
    """Judge whether a Deny or the permissions boundary takes a call away."""
    everything = (*sources, boundary) if boundary is not None else tuple(sources)
    denials = [(source, statement) for source, statement in _statements(everything) if not statement.allows]
    judged = [_denial(*one, call) for one in sorted(denials, key=lambda one: (one[0].address, one[1].sid))]
    definite = [one for one in judged if isinstance(one, Denied) and not one.open]
    if definite:
        return min(definite, key=lambda one: one.perimeter)
    bounded = No() if boundary is None else _out_of_bounds(call, boundary)
    if isinstance(bounded, OutOfBounds):
        return bounded
    possible = next((one for one in judged if isinstance(one, Denied)), None)
    if possible is not None:
        return possible
    opened = [one for one in (bounded, *judged, _hidden(everything), unseen) if isinstance(one, Unknown)]
    return opened[0] if opened else No()


def _statements(sources: Iterable[Source]) -> Iterator[tuple[Source, Statement]]:
    for source in sources:
        if isinstance(source.document, Document):
            for statement in source.document.statements:
                yield source, statement


def _hidden(sources: Iterable[Source]) -> Unknown | None:
    """Say why there may be statements that nobody sees."""
    for source in sources:
        match source.document:
            case Unknown() as unknown:
                return unknown
            case Document(rest=Unknown() as unknown):
                return unknown
            case Document():
                pass
    return None


def _allows(source: Source, statement: Statement, target: str, call: Call) -> Answer:
    about = acts(statement, call)
    if isinstance(about, No):
        return about
    return all_of((about, covers(statement, target, call), conditions_hold(statement, call), source.certain))


def _granting(stated: list[tuple[Source, Statement]], call: Call) -> tuple[str, ...]:
    """List what carries a part of the grant."""
    carriers = [
        source.address for source, s in stated if any(isinstance(_allows(source, s, t, call), Yes) for t in call.needs)
    ]
    return tuple(dict.fromkeys(carriers))


def _fault(
    call: Call, stated: list[tuple[Source, Statement]], met: dict[str, Answer]
) -> Missing | Scoped | Conditioned | Unknown:
    """Say how a call fails that is certainly not allowed; open where nobody knows whether a statement is about it."""
    acting = [(source, statement) for source, statement in stated if isinstance(acts(statement, call), Yes)]
    unmet = [target for target, answer in met.items() if isinstance(answer, No)]
    conditioned = [
        Conditioned(call.action, source.address, condition)
        for source, statement in acting
        for condition in statement.conditions
        if isinstance(condition_holds(statement, condition, call), No)
        and any(isinstance(covers(statement, target, call), Yes) for target in unmet)
    ]
    if conditioned:
        return min(conditioned, key=lambda one: (one.by, describe(one.condition)))
    if not acting:
        perhaps = (acts(statement, call) for _, statement in stated)
        return next((answer for answer in perhaps if isinstance(answer, Unknown)), Missing(call.action))
    by = {source.address for source, _ in acting}
    seen = {resource_part(pattern) for _, statement in acting for pattern in statement.resources}
    seen |= {f"all but {resource_part(pattern)}" for _, statement in acting for pattern in statement.not_resources}
    return Scoped(call.action, tuple(sorted(by)), tuple(sorted(seen)), tuple(unmet))


def _denial(source: Source, statement: Statement, call: Call) -> Denied | Unknown | No:
    """Judge one Deny statement."""
    touched = all_of((touches(statement, call), source.certain))
    judged = [(condition, condition_holds(statement, condition, call)) for condition in statement.conditions]
    holding = [condition for condition, answer in judged if isinstance(answer, Yes)]
    perimeter = any(condition.key.lower() in PERIMETER for condition in holding)
    match all_of((touched, *(answer for _, answer in judged))):
        case No() as harmless:
            return harmless
        case Unknown() as unknown if not perimeter or isinstance(touched, Unknown):
            return unknown
        case _:
            pass
    return Denied(
        call.action,
        source.address,
        statement.sid,
        tuple(describe(condition) for condition in holding),
        perimeter,
        tuple(describe(condition) for condition, answer in judged if isinstance(answer, Unknown)),
    )


def _out_of_bounds(call: Call, boundary: Source) -> OutOfBounds | Unknown | No:
    match standing(call, (boundary,)):
        case Granted():
            return No()
        case Unknown() as unknown:
            return unknown
        case Missing() | Scoped() | Conditioned():
            return OutOfBounds(call.action, boundary.address)
