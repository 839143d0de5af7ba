"""What a function's environment tells about the calls that it makes. Values are read for hosts, and never printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eni_lint.analysis.needs.hosts import WEB, bare_host, is_amazon, is_public, urls_in
from eni_lint.analysis.needs.names import configures_sdk, is_address, is_proxy, is_shown, lies_inside
from eni_lint.analysis.needs.need import INTERNET, Need
from eni_lint.data.endpoints import endpoints_of, service_of_host
from eni_lint.model.answer import Because, Unknown
from eni_lint.model.compute import Endpointed, Function, Variable
from eni_lint.model.identity import Literal, Symbol, Token, label

# Services whose resources are clusters with addresses inside of a VPC, and keys, which other services use for us.
NOT_CALLED = frozenset(
    {"rds", "es", "kafka", "mq", "elasticache", "memorydb", "redshift", "neptune-db", "kms", "ecr", "iam", "ec2"}
)
# What a variable is called that names a thing behind a service.
KINDS = {
    "dynamodb": "TABLE", "s3": "BUCKET", "sqs": "QUEUE", "sns": "TOPIC", "secretsmanager": "SECRET",
    "kinesis": "STREAM", "firehose": "STREAM", "states": "STATE_MACHINE", "events": "BUS", "ssm": "PARAM",
}  # fmt: skip


def needs_of(function: Function, endpointed: Mapping[str, Endpointed]) -> Iterator[Need]:
    """List what the environment of a function tells about its calls."""
    if isinstance(function.environment, Unknown):
        return
    for variable in function.environment:
        for service, tier, says in _things(variable, endpointed):
            if service not in NOT_CALLED:
                yield _need(function, service, tier, f"{variable.name} {says}")
        yield from _named(function, variable)


def _things(variable: Variable, endpointed: Mapping[str, Endpointed]) -> Iterator[tuple[str, int, str]]:
    """List the services of the queues, tables and the like that a variable leads to, each with its tier."""
    for token in variable.refers_to:
        service = service_of(token, endpointed)
        if service:
            yield service, 3, f"refers to {label(token)}"
    if isinstance(variable.value, Unknown) or variable.refers_to:
        return
    service = service_of(Literal(variable.value), {})
    if service and endpoints_of(service) is not None:
        yield service, 2, f"holds an ARN of {service}"
    for stated in endpointed.values():
        if stated.name == variable.value and KINDS.get(stated.service, "-") in variable.name.upper():
            yield stated.service, 3, f"names {stated.address}"


def unread(function: Function) -> Unknown | None:
    """Say why a function's environment may hold addresses that nobody sees, or None where all of it is read."""
    if isinstance(function.environment, Unknown):
        return function.environment
    for variable in function.environment:
        opened = [token.unknown for token in variable.refers_to if isinstance(token, Symbol)]
        if isinstance(variable.value, Unknown) and not variable.refers_to and not _tells(variable.name):
            opened = [variable.value]
        if opened:
            return opened[0]
    return None


def proxy_of(function: Function) -> str:
    """Name the variable that makes a function call through a proxy, empty where none does."""
    if isinstance(function.environment, Unknown):
        return ""
    named = (v.name for v in function.environment if is_proxy(v.name.upper()) and v.value != "")
    return next(named, "")


def service_of(token: Token, endpointed: Mapping[str, Endpointed]) -> str:
    """Give the IAM prefix of the service behind a queue, a table and the like, empty where that is not known."""
    stated = endpointed.get(label(token))
    if stated is not None:
        return stated.service
    parts = token.value.split(":") if isinstance(token, Literal) else []
    return parts[2] if len(parts) > 5 and parts[0] == "arn" else ""


def _tells(name: str) -> bool:
    """Tell whether a variable's name alone says whose value it is; an address may be anybody's."""
    upper = name.upper()
    return configures_sdk(upper) or is_proxy(upper) or lies_inside(upper)


def _named(function: Function, variable: Variable) -> Iterator[Need]:
    name = variable.name.upper()
    if is_proxy(name) or variable.value == "":
        return
    if isinstance(variable.value, str):
        found = list(_hosts(function, variable, variable.value))
        yield from found
        if found or any(urls_in(variable.value)) or bare_host(variable.value):
            return
    if configures_sdk(name):
        yield _need(function, INTERNET, 2, f"{variable.name} configures a client of a public service")
    elif is_address(name) and not lies_inside(name) and not variable.refers_to:
        yield _need(function, INTERNET, 1, f"{variable.name} is named like an address")


def _hosts(function: Function, variable: Variable, value: str) -> Iterator[Need]:
    shown = is_shown(variable.name.upper())
    for scheme, host in urls_in(value):
        service = service_of_host(host)
        if service is not None:
            yield _need(function, service, 1 if shown else 3, f"{variable.name} names a host of {service}")
        elif is_public(host) and not is_amazon(host):
            tier = 3 if scheme in WEB and not shown else 1
            yield _need(function, INTERNET, tier, f"{variable.name} names a public host")
    host = bare_host(value)
    if host and is_public(host) and is_address(variable.name.upper()):
        service = service_of_host(host)
        if service is not None or not is_amazon(host):
            yield _need(function, service or INTERNET, 1 if shown else 2, f"{variable.name} names a public host")


def _need(function: Function, service: str, tier: int, says: str) -> Need:
    return Need(service, tier, (Because(says, function.address, "environment", tier),))
