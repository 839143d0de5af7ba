"""What one statement of a policy says about one call: its actions, its resources and its conditions."""

from __future__ import annotations

from msgspec import Struct

from eni_lint.analysis.permissions.conditions import Request, holds, is_wide_place
from eni_lint.analysis.permissions.patterns import arn_fields, matches, undetermined
from eni_lint.data.actions import resource_types
from eni_lint.model.answer import Answer, No, Unknown, Why, Yes, all_of, any_of, negate
from eni_lint.model.policy import Condition, Statement

ANY = ""
EVERYTHING = "*/*"
_SAMPLE = {
    "network-interface": "network-interface/*",
    "subnet": "subnet/subnet-*",
    "security-group": "security-group/sg-*",
}


class Call(Struct, frozen=True):
    """One API call that Lambda makes with an execution role, as IAM judges it.

    An allowed call needs an Allow for each of `needs`; one denied of `touches` is enough to deny it. Both hold the
    last part of an ARN; `*` is a call that IAM judges without any resource, and `ANY` one whose resources are not
    judged here.
    """

    request: Request
    needs: tuple[str, ...]
    touches: tuple[str, ...]

    @property
    def action(self) -> str:
        """Name the action."""
        return self.request.action


def call_of(request: Request, ids: tuple[str, ...] = ()) -> Call:
    """Make the call of an action; `ids` are the subnets and the groups that it names, as far as all are known."""
    types = resource_types(request.action)
    if types is None:
        return Call(request, (ANY,), (ANY,))
    kinds = (*types.required, *types.optional)
    if not kinds:
        return Call(request, ("*",), ("*",))
    if request.action == "ec2:DeleteNetworkInterface":
        # Lambda tries the permission without naming an interface, so that a scope of interfaces does not help:
        # https://github.com/hashicorp/terraform-provider-aws/issues/20698
        return Call(request, (EVERYTHING,), (EVERYTHING, "network-interface/eni-*"))
    resources = tuple(target for kind in kinds for target in _targets(kind, ids))
    return Call(request, resources, resources)


def _targets(kind: str, ids: tuple[str, ...]) -> tuple[str, ...]:
    prefix = _SAMPLE[kind].removeprefix(f"{kind}/").rstrip("*")
    named = tuple(f"{kind}/{name}" for name in ids if prefix and name.startswith(prefix))
    return named or (_SAMPLE[kind],)


def acts(statement: Statement, call: Call) -> Answer:
    """Answer whether a statement is about the call's action."""
    if statement.not_actions:
        return negate(any_of(_names_action(pattern, call.action) for pattern in statement.not_actions))
    return any_of(_names_action(pattern, call.action) for pattern in statement.actions)


def covers(statement: Statement, target: str, call: Call) -> Answer:
    """Answer whether a statement is about one resource of the call."""
    if target == ANY:
        return Yes()
    if statement.not_resources:
        return negate(any_of(_names_resource(pattern, target, call) for pattern in statement.not_resources))
    return any_of(_names_resource(pattern, target, call) for pattern in statement.resources)


def conditions_hold(statement: Statement, call: Call) -> Answer:
    """Answer whether all conditions of a statement hold for the call."""
    return all_of(condition_holds(statement, condition, call) for condition in statement.conditions)


def condition_holds(statement: Statement, condition: Condition, call: Call) -> Answer:
    """Answer whether one condition of a statement holds for the call.

    An Allow on every resource that plainly asks for a VPC or subnet fails, since not every resource of the call
    has one: https://github.com/terraform-aws-modules/terraform-aws-lambda/issues/326
    """
    if statement.allows and is_wide_place(condition) and isinstance(covers(statement, EVERYTHING, call), Yes):
        return No()
    return holds(condition, call.request)


def touches(statement: Statement, call: Call) -> Answer:
    """Answer whether a statement is about the call's action on at least one of its resources, conditions aside."""
    return all_of((acts(statement, call), any_of(covers(statement, target, call) for target in call.touches)))


def resource_part(pattern: str | Unknown) -> str:
    """Name a resource pattern without its account.

    >>> resource_part("arn:aws:ec2:eu-west-1:123456789012:network-interface/*")
    'network-interface/*'
    """
    if isinstance(pattern, Unknown):
        return pattern.key
    return arn_fields(pattern)[-1] if ":" in pattern else pattern


def _names_action(pattern: str | Unknown, action: str) -> Answer:
    if isinstance(pattern, Unknown):
        return pattern
    return matches(pattern.lower(), action.lower())


def _names_resource(pattern: str | Unknown, target: str, call: Call) -> Answer:
    if isinstance(pattern, Unknown):
        return pattern
    if not pattern.strip("*"):
        return Yes()
    if target == "*":
        return undetermined(pattern) if pattern.startswith("${") else No()
    # A wildcard stays inside its field:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    _, _, service, region, account, resource = arn_fields(pattern)
    ours = (("ec2", service), (call.request.region, region), (call.request.account, account))
    if any(isinstance(matches(field, own), No) for own, field in ours if own and field):
        return No()
    return _names_id(resource, target)


def _names_id(resource: str, target: str) -> Answer:
    answer = matches(resource, target)
    if not isinstance(answer, No):
        return answer
    kind, _, _ = target.partition("/")
    single = target == EVERYTHING and resource.startswith("network-interface/") and "*" not in resource
    some = target.endswith("-*") and resource.startswith(f"{kind}/")
    if single or some:
        return Unknown(Why.NOT_SHOWN, f"whether {resource} is what Lambda uses")
    return No()
