"""Derive which AWS managed policies grant the network-interface actions, from moto's copy of the policies."""

import ast
import json
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from derive.packages import Wheel

Statement = dict[str, Any]


def managed_policies(moto: Wheel, actions: Sequence[str]) -> dict[str, Any]:
    """Return every known policy by path and name, with its version and one letter per granted action."""
    policies = {}
    for name, policy in _documents(moto).items():
        statements = _listed(policy["Document"]["Statement"])
        letters = "".join(_grant(statements, action.lower()) for action in actions)
        silent = set(letters) == {"-"}
        policies[policy["Path"] + name] = policy["DefaultVersionId"] + ("" if silent else f" {letters}")
    return {"actions": list(actions), "policies": dict(sorted(policies.items()))}


def newest_update(moto: Wheel) -> str:
    """Return the day of the newest policy in the copy: the age of the whole table."""
    newest: str = max(policy["UpdateDate"] for policy in _documents(moto).values())
    return newest[:10]


def _documents(moto: Wheel) -> dict[str, Any]:
    module = ast.parse(moto.read("moto/iam/aws_managed_policies.py"))
    (text,) = (node.value for node in module.body if isinstance(node, ast.Assign))
    policies: dict[str, Any] = json.loads(ast.literal_eval(text))
    return policies


def _grant(statements: Iterable[Statement], action: str) -> str:
    """Say with one letter what a document does with an action: d(enied), a(ll), s(coped) or - for nothing."""
    about = [statement for statement in statements if _names(statement, action)]
    allows = [_is_unlimited(statement) for statement in about if statement["Effect"] == "Allow"]
    denies = [_is_unlimited(statement) for statement in about if statement["Effect"] == "Deny"]
    if any(denies):
        return "d"
    if not allows:
        return "-"
    return "a" if any(allows) and not denies else "s"


def _names(statement: Statement, action: str) -> bool:
    patterns = _listed(statement.get("Action", statement.get("NotAction")))
    named = any(fnmatchcase(action, pattern.lower()) for pattern in patterns)
    return named == ("Action" in statement)


def _is_unlimited(statement: Statement) -> bool:
    return "*" in _listed(statement.get("Resource", [])) and not statement.get("Condition")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
