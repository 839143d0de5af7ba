"""Whether a policy's condition holds for the calls that Lambda itself makes with an execution role.

Lambda manages network interfaces from outside of the function and of any VPC of the user's. So much about the
request is known: keys that only the function's code, a VPC or tags would fill are absent.
https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
"""

from __future__ import annotations

from msgspec import Struct

from eni_lint.analysis.permissions.patterns import matches
from eni_lint.model.answer import Answer, No, Unknown, Why, Yes, any_of, negate
from eni_lint.model.policy import Condition

PERIMETER = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcsourceip", "aws:sourceip"})
TAGS = ("aws:requesttag/", "aws:tagkeys")
INTERFACE_PLACE = frozenset({"ec2:vpc", "ec2:subnet"})

# aws:SourceArn and its kin are filled for service principals only, never for a role:
# https://github.com/aws-samples/data-perimeter-policy-examples/issues/4
_ABSENT = (PERIMETER - {"aws:sourceip"}) | {
    "lambda:sourcefunctionarn",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
}
_COMPARED = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "bool", "ipaddress"})


class Request(Struct, frozen=True):
    """What is known about the context of one call: the region and account (empty where unknown) and the action."""

    action: str
    region: str = ""
    account: str = ""

    @property
    def names_no_resource(self) -> bool:
        """Tell whether IAM judges the action without any resource, so that no resource's key is filled."""
        return self.action.lower().startswith("ec2:describe")


class Operator(Struct, frozen=True):
    """A condition operator taken apart: `StringNotEqualsIfExists` is the negated `stringequals` that forgives absence.

    >>> parse_operator("ForAnyValue:StringNotLikeIfExists")
    Operator(base='stringlike', negated=True, if_exists=True, quantifier='foranyvalue')
    """

    base: str
    negated: bool
    if_exists: bool
    quantifier: str


def parse_operator(text: str) -> Operator:
    """Take a condition operator apart."""
    quantifier, _, name = text.lower().rpartition(":")
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    return Operator(name.replace("not", "", 1), "not" in name, if_exists, quantifier)


def holds(condition: Condition, request: Request) -> Answer:
    """Answer whether a condition is true of one of Lambda's own calls."""
    operator = parse_operator(condition.operator)
    key = condition.key.lower()
    if not operator.base or not key:
        return _unjudged(condition)
    if _is_absent(key, request):
        return _holds_without_key(condition, operator)
    if operator.base == "null":
        return _unjudged(condition)
    known = _known_value(key, request)
    if known is None or operator.base not in _COMPARED:
        return _unjudged(condition)
    matched = any_of(_matches(value, known) for value in condition.values)
    return negate(matched) if operator.negated else matched


def is_wide_place(condition: Condition) -> bool:
    """Tell whether a condition asks plainly for a VPC or subnet, which not every resource of a request has."""
    operator = parse_operator(condition.operator)
    return condition.key.lower() in INTERFACE_PLACE and not operator.negated and not operator.if_exists


def describe(condition: Condition) -> str:
    """Name a condition by its operator and key."""
    return f"{condition.operator} {condition.key}"


def _is_absent(key: str, request: Request) -> bool:
    if key in _ABSENT or key.startswith(TAGS):
        return True
    return request.names_no_resource and key.startswith("ec2:") and key != "ec2:region"


def _holds_without_key(condition: Condition, operator: Operator) -> Answer:
    if operator.base == "null":
        return any_of(_says_true(value) for value in condition.values)
    if operator.quantifier == "foranyvalue":
        return No()
    forgiven = operator.if_exists or operator.negated or operator.quantifier == "forallvalues"
    return Yes() if forgiven else No()


def _says_true(value: str | Unknown) -> Answer:
    if isinstance(value, Unknown):
        return value
    return Yes() if value.lower() == "true" else No()


def _known_value(key: str, request: Request) -> str | None:
    """Give a key's value in the request; an address of Lambda's stands for what no range of the user's holds."""
    match key:
        case "aws:sourceip":
            return "an address of Lambda"
        case "aws:securetransport":
            return "true"
        case "aws:principaltype":
            return "AssumedRole"
        case "aws:principalisawsservice":
            return "false"
        case "aws:requestedregion" | "ec2:region":
            return request.region or None
        case "aws:principalaccount" | "aws:resourceaccount":
            return request.account or None
        case _:
            return None


def _matches(value: str | Unknown, known: str) -> Answer:
    if isinstance(value, Unknown):
        return value
    if value.endswith("/0"):
        return Yes()
    return matches(value.lower(), known.lower())


def _unjudged(condition: Condition) -> Unknown:
    for value in condition.values:
        if isinstance(value, Unknown):
            return value
    question = f"whether {describe(condition)} holds for Lambda's own calls"
    return Unknown(Why.UNSUPPORTED, question, "the IAM policy simulator, with the values of the account")
