"""Plans made by hand, as short as what a test is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from eni_lint.model.deployment import Deployment
from eni_lint.readers.terraform.addresses import steps_of
from eni_lint.readers.terraform.plan import read_plan

Json = dict[str, Any]


def refers(*references: str) -> Json:
    """Give an expression that is a bag of references."""
    return {"references": list(references)}


def change(
    address: str,
    *actions: str,
    after: Json | None = None,
    unknown: Json | None = None,
    before: Json | None = None,
    **more: Any,
) -> Json:
    """Give what a plan does to one resource; it is created unless something else is said."""
    steps = list(steps_of(address))
    key = steps.pop()[0] if isinstance(steps[-1], tuple) else None
    data = "data" in steps
    name, type_ = str(steps.pop()), str(steps.pop())
    module = address.partition(("data." if data else "") + f"{type_}.")[0].rstrip(".")
    actions = actions or ("create",)
    gone = actions in (("delete",), ("forget",))
    return {
        "address": address,
        **({"module_address": module} if module else {}),
        "mode": "data" if data else "managed",
        "type": type_,
        "name": name,
        **({} if key is None else {"index": key}),
        "change": {
            "actions": list(actions),
            "before": before,
            "after": None if gone else before if after is None else after,
            "after_unknown": unknown or {},
        },
        **more,
    }


def module(
    blocks: Mapping[str, Json],
    *,
    calls: Mapping[str, Json] | None = None,
    outputs: Mapping[str, Json] | None = None,
    variables: Mapping[str, Json] | None = None,
) -> Json:
    """Give the configuration of a module: its blocks by address, each with its expressions."""
    resources = []
    for address, expressions in blocks.items():
        own = {name: value for name, value in expressions.items() if name in ("for_each", "count", "depends_on")}
        resources.append(
            {
                "address": address,
                "mode": "data" if address.startswith("data.") else "managed",
                "type": address.split(".")[-2],
                "provider_config_key": "aws",
                "expressions": {name: value for name, value in expressions.items() if name not in own},
                **({"for_each_expression": own["for_each"]} if "for_each" in own else {}),
                **({"count_expression": own["count"]} if "count" in own else {}),
                **({"depends_on": own["depends_on"]} if "depends_on" in own else {}),
            }
        )
    return {
        "resources": resources,
        "module_calls": dict(calls or {}),
        "outputs": {name: {"expression": expression} for name, expression in (outputs or {}).items()},
        "variables": dict(variables or {}),
    }


def call(called: Json, *, source: str = "./called", for_each: Json | None = None, **arguments: Json) -> Json:
    """Give a call of a module."""
    repeated = {} if for_each is None else {"for_each_expression": for_each}
    return {"source": source, "expressions": arguments, "module": called, **repeated}


def plan(changes: list[Json], root: Json | None = None, **more: Any) -> Json:
    """Give a plan."""
    return {
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
            "root_module": root or {},
        },
        **more,
    }


def read(made: Json) -> Deployment:
    """Read a plan."""
    return read_plan(json.dumps(made).encode(), "plan.json")


def function(address: str = "aws_lambda_function.f", **more: Any) -> Json:
    """Give a function that is created in a VPC, with nothing known of its links."""
    after = {"function_name": "f", "vpc_config": [{"ipv6_allowed_for_dual_stack": False}], **more}
    unknown = {"role": True, "vpc_config": [{"subnet_ids": True, "security_group_ids": True}]}
    return change(address, after=after, unknown=unknown)


def new(*addresses: str) -> list[Json]:
    """Give resources that are created, and their networks too, with ids that are known after the apply."""
    return [change(address, after={}, unknown={"id": True, "arn": True, "vpc_id": True}) for address in addresses]


def in_vpc(subnets: Json, groups: Json | None = None) -> Json:
    """Give the expressions of a function in a VPC."""
    return {"vpc_config": [{"subnet_ids": subnets, "security_group_ids": groups or refers("aws_security_group.g.id")}]}
