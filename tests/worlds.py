"""Roles and policies to lint, made of model records: one function in a VPC whose role is known whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace
from networks import HERE, function, role, to

from eni_lint.analysis.case import Case
from eni_lint.finding import Hit, Undecided
from eni_lint.model.answer import Unknown
from eni_lint.model.compute import Function
from eni_lint.model.deployment import TERRAFORM, Deployment, Edge, Kind, World
from eni_lint.model.policy import AwsManaged, Condition, Document, Grant, Policy, Role, Statement

VPC_ACCESS = AwsManaged("/service-role/AWSLambdaVPCAccessExecutionRole")
SIX = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeSubnets",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


def allow(*actions: str | Unknown, on: Iterable[str | Unknown] = ("*",), where: Iterable[Condition] = ()) -> Statement:
    """Allow actions on resources, under conditions."""
    return Statement(True, actions, resources=tuple(on), conditions=tuple(where))


def deny(*actions: str | Unknown, on: Iterable[str | Unknown] = ("*",), where: Iterable[Condition] = ()) -> Statement:
    """Deny actions on resources, under conditions."""
    return Statement(False, actions, resources=tuple(on), conditions=tuple(where))


def condition(operator: str, key: str, *values: str | Unknown) -> Condition:
    """State one condition."""
    return Condition(operator, key, values)


def carries(*statements: Statement, address: str = "policy.orders", **fields: Any) -> Grant:
    """Give the role an inline policy of these statements, or whatever `policy` says."""
    return Grant(address, HERE, **{"roles": to("role.orders"), "policy": Document(statements), **fields})


def world(*things: Function | Role | Policy | Grant, whole: Iterable[str] = ("role.orders",)) -> World:
    """Make the world of these things; the role and the function are added where none is given."""

    def every(kind: type[Any], *default: Any) -> dict[str, Any]:
        return {thing.address: thing for thing in ([t for t in things if isinstance(t, kind)] or default)}

    return World(
        functions=every(Function, function()),
        roles=every(Role, role()),
        policies=every(Policy),
        grants=tuple(thing for thing in things if isinstance(thing, Grant)),
        complete=frozenset((Kind.GRANTS, address) for address in whole),
    )


def deployed(after: World, edges: dict[str, Iterable[str]] | None = None, **fields: Any) -> Case:
    """Make the case of a deployment that leads to a world."""
    needs = {address: tuple(map(Edge, others)) for address, others in (edges or {}).items()}
    return Case(
        Deployment(
            **{"name": "stack", "source": "plan.json", "procedure": TERRAFORM, **fields}, after=after, edges=needs
        )
    )


def ask(rule: Any, case: Case, kind: str = "role") -> list[Hit | Undecided]:
    """Give what a rule says about every subject of a kind."""
    return [outcome for subject in case.subjects(kind) for outcome in rule.check(case, subject, None)]


def hidings(stated: World, unknown: Unknown) -> Iterator[World]:
    """Hide one value of the roles' policies after the other."""
    for number, grant in enumerate(stated.grants):
        for hidden in _hidden_grants(grant, unknown):
            yield replace(stated, grants=(*stated.grants[:number], hidden, *stated.grants[number + 1 :]))
    for address, one in stated.roles.items():
        for fields in ({"boundary": unknown}, {"trust": unknown}):
            yield replace(stated, roles={**stated.roles, address: replace(one, **fields)})
    for address, one in stated.functions.items():
        yield replace(stated, functions={**stated.functions, address: replace(one, attachment=unknown)})


def _hidden_grants(grant: Grant, unknown: Unknown) -> Iterator[Grant]:
    yield replace(grant, policy=unknown)
    if not isinstance(grant.policy, Document):
        return
    yield replace(grant, policy=replace(grant.policy, rest=unknown))
    statements = grant.policy.statements
    for number, statement in enumerate(statements):
        for hidden in _hidden_statements(statement, unknown):
            yield replace(grant, policy=Document((*statements[:number], hidden, *statements[number + 1 :])))


def _hidden_statements(statement: Statement, unknown: Unknown) -> Iterator[Statement]:
    for name in ("actions", "not_actions", "resources", "not_resources"):
        elements = getattr(statement, name)
        for number in range(len(elements)):
            yield replace(statement, **{name: (*elements[:number], unknown, *elements[number + 1 :])})
    for number, one in enumerate(statement.conditions):
        hidden = replace(one, values=tuple(unknown for _ in one.values))
        yield replace(
            statement, conditions=(*statement.conditions[:number], hidden, *statement.conditions[number + 1 :])
        )
