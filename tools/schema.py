"""Write eni_lint/data/config.schema.json, the JSON Schema of configuration files, for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from eni_lint.config import Configuration
from eni_lint.pack import shipped

SCHEMA = Path(__file__).parent.parent / "eni_lint" / "data" / "config.schema.json"
KINDS = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}


def schema() -> bytes:
    """Make the schema of what the reader of configuration accepts, with the options of every rule."""
    made: dict[str, Any] = msgspec.json.schema(Configuration)
    configuration = made["$defs"]["Configuration"]["properties"]
    options = {card.id: _options(card.options) for card in shipped()}
    rules = {"type": "object", "properties": options, "additionalProperties": False}
    configuration["rules"] = {**rules, "description": "Options of rules, by id."}
    made["$defs"]["PathSettings"]["properties"]["rules"] = rules
    for name, words in (
        ("min-severity", ["info", "warning", "error"]),
        ("fail-on", ["info", "warning", "error", "never"]),
    ):
        configuration[name] = {"enum": words}
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "eni-lint configuration", **made}
    return (json.dumps(made, indent=1) + "\n").encode()


def _options(options: dict[str, Any]) -> dict[str, Any]:
    properties = {name: {"type": KINDS[type(value)], "default": value} for name, value in options.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def main() -> None:
    """Write the schema where it is stale."""
    made = schema()
    if not SCHEMA.exists() or SCHEMA.read_bytes() != made:
        SCHEMA.write_bytes(made)
        print(f"wrote {SCHEMA.name}")
