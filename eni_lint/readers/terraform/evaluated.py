"""Evaluated source becomes the resources of one moment, in the form in which a plan shows them."""

from __future__ import annotations

from typing import Any

from msgspec import UnsetType

from eni_lint.model.answer import Unknown, Why
from eni_lint.readers.terraform.addresses import spelled, steps_of, within
from eni_lint.readers.terraform.families import TYPES
from eni_lint.readers.terraform.hcl.evaluation import Evaluation, Instance, Uncounted
from eni_lint.readers.terraform.hcl.modules import ModulePath, Tree
from eni_lint.readers.terraform.hcl.records import Block, Constant
from eni_lint.readers.terraform.hcl.trust import Link, Open, Value
from eni_lint.readers.terraform.resources import Resource, Stage
from eni_lint.readers.terraform.values import HIDDEN, IDENTITY, any_hidden

DOCUMENT = "aws_iam_policy_document"
# What the provider fills in where nobody states it, as far as it is looked at.
COMPUTED: dict[str, tuple[str, ...]] = {
    "aws_vpc": ("cidr_block",),
    "aws_default_vpc": ("cidr_block",),
    "aws_subnet": ("cidr_block",),
    "aws_default_subnet": ("cidr_block", "vpc_id"),
    "aws_default_route_table": ("vpc_id",),
    "aws_iam_role": ("name",),
    "aws_iam_policy": ("name",),
    "aws_iam_role_policy": ("name",),
}
NOT_GIVEN = "has no value here"


class LookedUp(dict[str, Any]):
    """The values of a data source that nobody has read: all that it does not state itself is hidden."""

    def get(self, key: str, default: Any = HIDDEN) -> Any:
        """Give a value, hidden where it is not stated."""
        return super().get(key, HIDDEN if default is None else default)


def stage_of(evaluation: Evaluation) -> Stage:
    """Give the resources that will stand; what cannot be counted is left out and named."""
    uncounted = {(each.path, each.owner): _uncounted(each) for each in evaluation.uncounted}
    counted = [each for each in evaluation.instances if (each.path, each.owner) not in uncounted]
    return Stage(map(_resource, counted), uncounted)


def _uncounted(each: Uncounted) -> Unknown:
    name = within(".".join(f"module.{call}" for call in each.path), each.owner)
    why = Why.VARIABLE if each.why.endswith(NOT_GIVEN) else Why.CONDITION
    return Unknown(why, f"how many {name} there are", each.why)


def _resource(instance: Instance) -> Resource:
    steps = list(steps_of(instance.address))
    key = steps.pop()[0] if isinstance(steps[-1], tuple) else None
    data, type_, name = _block_of(instance.owner)
    module = spelled(tuple(steps[: len(steps) - 2 - data]))
    values = {attribute: plain(value) for attribute, value in instance.values.items()}
    for environment in values["environment"] if isinstance(values.get("environment"), list) else ():
        # A plan does not show a map of texts of which one is hidden.
        if isinstance(environment, dict) and any_hidden(environment):
            environment["variables"] = HIDDEN
    if data and type_ != DOCUMENT:
        values = LookedUp(values)
    elif not data:
        values = {**dict.fromkeys(("id", "arn", *COMPUTED.get(type_, ())), HIDDEN), **values}
    return Resource(instance.address, type_, name, values=values, module=module, key=key, data=data, deferred=data)


def _block_of(owner: str) -> tuple[bool, str, str]:
    """Take the address of a block apart.

    >>> _block_of("data.aws_vpc.main"), _block_of("aws_vpc.main")
    ((True, 'aws_vpc', 'main'), (False, 'aws_vpc', 'main'))
    """
    data = owner.startswith("data.")
    type_, _, name = owner.removeprefix("data.").partition(".")
    return data, type_, name


def plain(value: Value) -> Any:
    """Give a value as a plan shows it: what is known only after the apply is hidden.

    >>> plain([Link("aws_vpc.a"), "x", 443.0, "${aws_vpc.a}/x"])
    [Hidden(), 'x', 443, Hidden()]
    """
    match value:
        case Link() | Open():
            return HIDDEN
        case str():
            return HIDDEN if IDENTITY.search(value) else value
        case list():
            return [plain(each) for each in value]
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case float():
            return int(value) if value.is_integer() else value
        case _:
            return value


def as_written(tree: Tree, why: str) -> Evaluation:
    """Give what source states without evaluating it: constants, and blocks that are there exactly once."""
    instances: list[Instance] = []
    uncounted: list[Uncounted] = []
    for path, module in tree.modules.items():
        around = [call.block for call in module.calls]
        for block in module.blocks:
            if block.type in ("resource", "data") and block.address and block.labels[0] in TYPES:
                if any(_is_repeated(each) for each in (*around, block)):
                    uncounted.append(Uncounted(path, block.address, why))
                else:
                    instances.append(Instance(_address(path, block), path, block.address, _stated(block, Open(why))))
    return Evaluation(tuple(instances), tuple(uncounted))


def _is_repeated(block: Block) -> bool:
    return any(name in block.attributes for name in ("count", "for_each"))


def _address(path: ModulePath, block: Block) -> str:
    return within(".".join(f"module.{call}" for call in path), block.address)


def _stated(block: Block, unknown: Open) -> dict[str, Value]:
    found = {name: _constant(attribute.value.constant, unknown) for name, attribute in block.attributes.items()}
    nested: dict[str, list[Value]] = {}
    for inner in block.blocks:
        if inner.type == "dynamic":
            found.update(dict.fromkeys(inner.labels, unknown))
        else:
            nested.setdefault(inner.type, []).append(_stated(inner, unknown))
    return {**nested, **found}


def _constant(value: Constant | UnsetType, unknown: Open) -> Value:
    match value:
        case UnsetType():
            return unknown
        case list():
            return [_constant(each, unknown) for each in value]
        case dict():
            return {name: _constant(each, unknown) for name, each in value.items()}
        case _:
            return value
