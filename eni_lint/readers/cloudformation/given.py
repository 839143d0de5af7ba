"""What a stack is given from outside: its parameters and pseudo parameters."""

from __future__ import annotations

from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.texts import split
from eni_lint.readers.cloudformation.tree import Tree, text, written
from eni_lint.readers.cloudformation.values import Absent, Known, ListOf, Reason, Value, key_of, unknown

# The type of a parameter that stands for a member of a collection which is not known.
LOOP_MEMBER = "Fn::ForEach"

_SSM = "AWS::SSM::Parameter::Value<"
_PARTITIONS = {"cn": ("aws-cn", "amazonaws.com.cn"), "us-gov": ("aws-us-gov", "amazonaws.com")}


def pseudo(stack: Stack, name: str) -> Value:
    """A pseudo parameter: known as far as the environment is."""
    region = stack.environment.region
    partition, suffix = next((found for part, found in _PARTITIONS.items() if region.startswith(f"{part}-")), ("", ""))
    known = {
        "AWS::AccountId": stack.environment.account,
        "AWS::Region": region,
        "AWS::StackName": stack.stack_name,
        "AWS::Partition": region and (partition or "aws"),
        "AWS::URLSuffix": region and (suffix or "amazonaws.com"),
    }
    if name == "AWS::NoValue":
        return Absent()
    if known.get(name):
        return Known(known[name])
    shared = name in ("AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix")
    found = unknown(Reason.PSEUDO, f"{stack.environment.key if shared else stack.name}/{name}", name)
    return ListOf(found) if name == "AWS::NotificationARNs" else found


def _is_list(kind: str) -> bool:
    return "List" in kind


def open_parameter(key: str, name: str, declared: dict[str, Tree]) -> Value:
    """A parameter that nobody gives a value: what its declaration tells."""
    kind = text(declared.get("Type"))
    if kind == LOOP_MEMBER:
        return unknown(Reason.OPAQUE_LIST, key, name)
    if kind.startswith(_SSM):
        hidden = unknown(Reason.SSM_PARAM, key, written(declared.get("Default", name)))
        return ListOf(hidden) if _is_list(kind) else hidden
    if _is_list(kind):
        return ListOf(unknown(Reason.PARAM_LIST, key, name))
    return unknown(Reason.PARAM_DEFAULT if "Default" in declared else Reason.PARAM, key, name)


def given_parameter(stack: Stack, declared: dict[str, Tree], value: Value) -> Value:
    """A parameter that has a value: lists are cut, and the name of a stored parameter is not what it holds."""
    kind = text(declared.get("Type"))
    if kind.startswith(_SSM):
        path = key_of(value)
        hidden = unknown(Reason.SSM_PARAM, f"{stack.environment.key}/ssm:{path}", path)
        return ListOf(hidden) if _is_list(kind) else hidden
    return split(value, ",", trim=True) if _is_list(kind) else value
