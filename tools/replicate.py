"""Make large inputs of small real ones: every resource again, with ids and names of its own."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

IDENTITIES = ("id", "arn", "name", "function_name", "allocation_id", "association_id", "default_route_table_id")


def replicate(plan: dict[str, Any], times: int) -> dict[str, Any]:
    """Repeat a plan as `module.copyNNNN`, with its configuration, so that links resolve within each copy."""
    left = ("resource_changes", "configuration", "prior_state", "planned_values", "resource_drift")
    large = {key: value for key, value in plan.items() if key not in left}
    calls = {f"copy{n:04}": {"source": "./copy", "module": plan["configuration"]["root_module"]} for n in range(times)}
    large["configuration"] = {
        "provider_config": plan["configuration"].get("provider_config", {}),
        "root_module": {"module_calls": calls},
    }
    identities = identities_of(plan)
    large["resource_changes"] = [
        _moved(change, name, identities) for name in calls for change in plan["resource_changes"]
    ]
    modules = [
        {"address": f"module.{name}", "resources": [_moved(r, name, identities) for r in _prior(plan)]}
        for name in calls
    ]
    large["prior_state"] = {"format_version": "1.0", "values": {"root_module": {"child_modules": modules}}}
    return large


def replicate_template(template: str, resources: int) -> str:
    """Repeat the resources of a template in YAML under further logical ids, until there are so many."""
    head, section, body = template.partition("Resources:\n")
    blocks = re.split(r"(?m)^(?=  \w+:$)", body)[1:]
    names = re.compile(r"\b(" + "|".join(re.findall(r"(?m)^  (\w+):$", body)) + r")\b")
    copies = [names.sub(rf"\1Copy{number // len(blocks)}", blocks[number % len(blocks)]) for number in range(resources)]
    return head + section + "".join(copies)


def identities_of(plan: dict[str, Any]) -> frozenset[str]:
    """Collect the ids and names of a plan's resources: the texts that must differ between copies."""
    values = [change["change"][side] or {} for change in plan["resource_changes"] for side in ("before", "after")]
    values.extend(resource["values"] for resource in _prior(plan))
    stated = (value.get(name) for value in values for name in IDENTITIES)
    return frozenset(text for text in stated if isinstance(text, str) and text)


def _prior(plan: dict[str, Any]) -> list[dict[str, Any]]:
    resources: list[dict[str, Any]] = (
        plan.get("prior_state", {}).get("values", {}).get("root_module", {}).get("resources", [])
    )
    return resources


def _moved(resource: dict[str, Any], name: str, identities: frozenset[str]) -> dict[str, Any]:
    """Give a resource or change the address and the ids of a copy."""
    moved: dict[str, Any] = _renamed(resource, f"-{name}", identities)
    moved["address"] = f"module.{name}.{resource['address']}"
    moved["name"] = resource["name"]
    if "module_address" in resource or "change" in resource:
        inner = resource.get("module_address")
        moved["module_address"] = f"module.{name}.{inner}" if inner else f"module.{name}"
    if "depends_on" in resource:
        moved["depends_on"] = [f"module.{name}.{needed}" for needed in resource["depends_on"]]
    return moved


def _renamed(value: Any, suffix: str, identities: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, suffix, identities) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, suffix, identities) for item in value]
    return value + suffix if isinstance(value, str) and value in identities else value


if __name__ == "__main__":
    source, times = sys.argv[1:]
    json.dump(replicate(json.loads(Path(source).read_text("utf-8")), int(times)), sys.stdout)
