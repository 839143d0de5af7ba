"""The default route of a function leads to a NAT or gateway that cannot carry its traffic to the internet."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.routes import Fault, Way, WayOut, Ways
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Answer, Because, No, Unknown, any_of
from eni_lint.model.compute import Function
from eni_lint.model.deployment import Action
from eni_lint.model.identity import Members, Symbol, Token, contains, label
from eni_lint.model.network import PublicAccessBlock

CASES = (Fault.LEADS_NOWHERE, Fault.PRIVATE, Fault.NO_ADDRESS, Fault.UNATTACHED, Fault.WRONG_TARGET)
LED = (Way.NAT, Way.OPEN, Way.BEYOND)


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Follow the default routes of a function's subnets to the internet."""
    function = case.after.world.functions.get(subject.address)
    if function is None:
        return
    ways = case.after.routes.ways_of(function)
    dead_ends = [way for _, way in ways.of(Way.DEAD_END)]
    broken = {way.at: _broken(fault, way) for fault in CASES for way in dead_ends if way.fault is fault}
    kept = [way for _, way in sorted(ways.sure, key=lambda pair: label(pair[0])) if way.kind in LED]
    deleted = {way.target: _deleted(way) for way in kept if _goes(case, way.target)}
    found = [*broken.values(), *deleted.values()]
    if not found:
        blocked = list(_blocked(case, function, ways))
        found = [one for one in blocked if isinstance(one, Hit)]
        yield from (one for one in blocked if isinstance(one, Undecided))
    yield from found
    if not found:
        goes = case.before is not None and any(_goes(case, nat) for nat in case.before.world.nats)
        lost = [way.towards for way in kept if goes and way.towards is not None]
        for unknown in dict.fromkeys((*lost, *ways.doubts(Way.DEAD_END))):
            yield Undecided(unknown)


def _broken(fault: Fault, way: WayOut) -> Hit:
    kind = {Fault.UNATTACHED: "gateway", Fault.WRONG_TARGET: "route"}.get(fault, "nat")
    return _hit(fault.value, way, Subject(kind, way.at), way.because)


def _deleted(way: WayOut) -> Hit:
    because = (*way.because, Because(f"{way.target} is deleted by this change", way.target))
    return _hit("nat_deleted", way, Subject("nat", way.target), because)


def _hit(case: str, way: WayOut, cause: Subject, because: tuple[Because, ...]) -> Hit:
    return Hit(
        case=case,
        says=f"cannot reach the internet: {_chain(because)}",
        because=because,
        cause=cause,
        about=((way.route, "the default route"),),
        at=(cause.address, "subnet" if cause.kind == "nat" else ""),
        names={"target": way.target, "at": cause.address, "table": way.table},
    )


def _chain(because: tuple[Because, ...]) -> str:
    """Tell a chain in one sentence, where each link begins with what the one before ends with."""
    told = because[0].says
    for one in because[1:]:
        first, _, rest = one.says.partition(" ")
        told += f", which {rest}" if told.endswith(f" {first}") else f"; {one.says}"
    return told


def _goes(case: Case, nat: str) -> bool:
    change = case.change(nat)
    return change is not None and change.action is Action.DELETE and not change.retained


def _blocked(case: Case, function: Function, ways: Ways) -> Iterator[Hit | Undecided]:
    """Look for a block that closes the internet gateway behind a function's NAT."""
    used = ways.of(Way.NAT)
    doubts = ways.doubts(Way.NAT)
    blocks = [block for block in case.after.world.public_access_blocks if block.scope == function.scope]
    for block in sorted(blocks, key=lambda one: one.address):
        if isinstance(block.mode, Unknown) and (used or doubts):
            yield Undecided(block.mode)
        if block.mode != "block-bidirectional":
            continue
        answers = [(way, _is_excluded(case, block, subnet, way)) for subnet, way in used]
        caught = [way for way, answer in answers if isinstance(answer, No)]
        if caught:
            because = Because(f"{block.address} blocks internet gateways in both directions", block.address, "mode")
            cause = Subject("block", block.address)
            yield _hit("public_access_blocked", caught[0], cause, (*caught[0].because, because))
            continue
        opened = [answer for _, answer in answers if isinstance(answer, Unknown)]
        yield from map(Undecided, dict.fromkeys((*opened, *doubts)))


def _is_excluded(case: Case, block: PublicAccessBlock, subnet: Token, way: WayOut) -> Answer:
    """Answer whether a block leaves alone the VPC of a subnet, or the subnet of the NAT that serves it."""
    nat = case.after.world.nats.get(way.target)
    within = nat.subnet.sure if nat is not None and isinstance(nat.subnet, Members) else ()
    vpc = case.after.routes.tables.vpc_of(subnet)
    places = (Symbol(vpc) if isinstance(vpc, Unknown) else vpc, *within)
    return any_of(contains(block.excluded, place) for place in places)
