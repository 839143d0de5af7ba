"""Whether a role's trust policy lets a service assume the role."""

from __future__ import annotations

from eni_lint.analysis.permissions.patterns import matches
from eni_lint.model.answer import Answer, No, Unknown, Why, Yes, all_of, any_of, negate
from eni_lint.model.policy import Condition, Document, Statement

ACTION = "sts:assumerole"
# Services fill these keys with what they act for; a policy that asks for them is taken to mean its own function:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
_OWN = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
_LEFT = Unknown(Why.UNSUPPORTED, "whom a NotPrincipal leaves")


def trusts(document: Document | Unknown, service: str) -> Answer:
    """Answer whether a trust policy lets a service such as `lambda.amazonaws.com` assume the role."""
    if isinstance(document, Unknown):
        return document
    rest: Answer = No() if document.rest is None else document.rest
    allowed = any_of((*(_speaks_to(s, service) for s in document.statements if s.allows), rest))
    denied = any_of((*(_speaks_to(s, service) for s in document.statements if not s.allows), rest))
    return all_of((allowed, negate(denied)))


def _speaks_to(statement: Statement, service: str) -> Answer:
    return all_of(
        (
            _about_assuming(statement),
            any_of(_names(principal, service) for principal in statement.principals or (_LEFT,)),
            all_of(_holds(condition) for condition in statement.conditions),
        )
    )


def _about_assuming(statement: Statement) -> Answer:
    if statement.not_actions:
        return negate(any_of(_is_assuming(pattern) for pattern in statement.not_actions))
    return any_of(_is_assuming(pattern) for pattern in statement.actions)


def _is_assuming(pattern: str | Unknown) -> Answer:
    return pattern if isinstance(pattern, Unknown) else matches(pattern.lower(), ACTION)


def _names(principal: str | Unknown, service: str) -> Answer:
    if isinstance(principal, Unknown):
        return principal
    everyone = principal in ("*", "AWS:*", "Service:*")
    return Yes() if everyone or principal.lower() == f"service:{service}" else No()


def _holds(condition: Condition) -> Answer:
    if condition.key.lower() in _OWN:
        return Yes()
    return Unknown(Why.UNSUPPORTED, f"whether {condition.operator} {condition.key} holds when Lambda assumes the role")
