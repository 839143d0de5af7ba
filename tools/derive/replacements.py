"""Derive which CloudFormation properties replace a resource, from the provider schemas that cfn-lint bundles."""

import json
from collections.abc import Iterable
from typing import Any

from derive.packages import Wheel

FAMILIES = ("AWS::EC2::", "AWS::EFS::", "AWS::IAM::", "AWS::Lambda::")
SCHEMAS = "cfnlint/data/schemas/"
REGION = "us-east-1"


def replacements(cfn_lint: Wheel) -> dict[str, Any]:
    """Return the properties of each type whose change replaces the resource, always or under a condition."""
    hashes: dict[str, str] = json.loads(cfn_lint.read(f"{SCHEMAS}providers/{REGION}.json"))
    table = {}
    for kind in sorted(kind for kind in hashes if kind.startswith(FAMILIES)):
        schema = json.loads(cfn_lint.read(f"{SCHEMAS}resources/{hashes[kind]}.json"))
        table[kind] = {
            "always": _properties(schema.get("createOnlyProperties", [])),
            "sometimes": _properties(schema.get("conditionalCreateOnlyProperties", [])),
        }
    return table


def schema_date(cfn_lint: Wheel) -> str:
    """Return the day of the bundled schemas: the age of the table."""
    date: str = json.loads(cfn_lint.read(f"{SCHEMAS}version.json"))["schema_date"]
    return date[:10]


def _properties(pointers: Iterable[str]) -> list[str]:
    """Shorten JSON pointers to property paths: `/properties/DnsOptions/X` becomes `DnsOptions/X`."""
    return sorted(pointer.removeprefix("/properties/") for pointer in pointers)
