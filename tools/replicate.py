"""Make a large plan of a small real one: every module and resource again under further addresses."""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any


def replicate(plan: dict[str, Any], times: int) -> dict[str, Any]:
    """Repeat a plan as `module.copyNNN`, with its configuration, so that links resolve in each copy."""
    large = {
        key: value for key, value in plan.items() if key not in ("resource_changes", "configuration", "prior_state")
    }
    calls = {f"copy{n:04}": {"source": "./copy", "module": plan["configuration"]["root_module"]} for n in range(times)}
    large["configuration"] = {
        "provider_config": plan["configuration"].get("provider_config", {}),
        "root_module": {"module_calls": calls},
    }
    large["resource_changes"] = [_moved(change, name) for name in calls for change in plan["resource_changes"]]
    large["prior_state"] = {"format_version": "1.0", "values": {"root_module": {}}}
    return large


def _moved(change: dict[str, Any], name: str) -> dict[str, Any]:
    copy = deepcopy(change)
    copy["address"] = f"module.{name}.{change['address']}"
    inner = change.get("module_address")
    copy["module_address"] = f"module.{name}.{inner}" if inner else f"module.{name}"
    return copy


if __name__ == "__main__":
    source, times = sys.argv[1:]
    json.dump(replicate(json.loads(Path(source).read_text("utf-8")), int(times)), sys.stdout)
