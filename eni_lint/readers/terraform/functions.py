"""Functions and what belongs to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from eni_lint.model.answer import ABSENT, Absent, Unknown, Why
from eni_lint.model.compute import Attachment, Endpointed, Function, Variable, Version
from eni_lint.model.identity import Managed, Token, members
from eni_lint.readers.terraform.addresses import within
from eni_lint.readers.terraform.families import FUNCTION, GROUP, ROLE, SERVICE, SERVICES, SUBNET
from eni_lint.readers.terraform.links import DECIDED_BY, NO_VALUE, Linker
from eni_lint.readers.terraform.resources import Resource, fact
from eni_lint.readers.terraform.roles import name_of
from eni_lint.readers.terraform.values import HIDDEN, Hidden, blocks, is_empty, text_of, texts

NEEDS_TAG = "eni-lint:needs"
MOST_SUBNETS = 16
MOST_GROUPS = 5
# Where Lambda itself delivers what became of events.
DELIVERING: dict[str, tuple[tuple[str | int, ...], ...]] = {
    "aws_lambda_event_source_mapping": (("destination_config", 0, "on_failure", 0, "destination_arn"),),
    "aws_lambda_function_event_invoke_config": (
        ("destination_config", 0, "on_success", 0, "destination"),
        ("destination_config", 0, "on_failure", 0, "destination"),
    ),
}


MARK = re.compile(r"\$\{([^{}]*)\}")
# What they give are names, and addresses inside of a network.
PLAIN = frozenset(("id", "name", "bucket", "port", "db_name", "username", "key_id", "identifier"))
WITHIN = ("aws_db_", "aws_docdb_", "aws_efs_", "aws_elasticache_", "aws_memorydb_", "aws_neptune_", "aws_rds_")


def functions(linker: Linker) -> Iterator[Function]:
    """Yield every function."""
    destinations = _destinations(linker)
    for resource in linker.stage.of("aws_lambda_function"):
        letters = linker.mentioned(resource, "dead_letter_config", 0, "target_arn", family=SERVICE)
        yield Function(
            address=resource.address,
            scope=linker.scope(resource),
            name=name_of(resource, "function_name"),
            role=linker.one(resource, "role", family=ROLE),
            attachment=_attachment(linker, resource),
            environment=_environment(linker, resource),
            layers=_layers(resource),
            encrypts_with_own_key=_own_key(resource),
            targets=tuple(dict.fromkeys((*letters, *destinations.get(resource.address, ())))),
            own_instances=not is_empty(resource.values.get("capacity_provider_config")),
            needs=_needs(resource),
        )


def versions(linker: Linker) -> Iterator[Version]:
    """Yield the published versions of functions that publish; Terraform removes none of them."""
    for resource in linker.stage.of("aws_lambda_function"):
        if resource.values.get("publish") is True:
            owner = members(Managed(resource.address))
            address = f"{resource.address} (published versions)"
            yield Version(address, linker.scope(resource), owner, retained=True)


def endpointed(linker: Linker) -> Iterator[Endpointed]:
    """Yield every resource behind a service API."""
    for type_, service in SERVICES.items():
        for resource in linker.stage.of(type_, f"data.{type_}"):
            attribute = "bucket" if type_ == "aws_s3_bucket" else "name"
            yield Endpointed(resource.address, linker.scope(resource), service, name_of(resource, attribute))


def flag(resource: Resource, name: str, *, default: bool = False) -> bool | Unknown:
    """Give a switch, or why it is not known.

    An absent switch has its default.
    """
    value = resource.values.get(name)
    if isinstance(value, Hidden):
        return Unknown(Why.COMPUTED, fact(resource, name))
    return value if isinstance(value, bool) else default if is_empty(value) else text_of(value) == "true"


def _attachment(linker: Linker, resource: Resource) -> Attachment | Absent | Unknown:
    stated = blocks(resource.values.get("vpc_config"))
    if isinstance(stated, Hidden):
        return Unknown(Why.DYNAMIC_BLOCK, fact(resource, "vpc_config"), DECIDED_BY)
    if not stated:
        return ABSENT
    subnets = linker.many(resource, "vpc_config", 0, "subnet_ids", family=SUBNET, at_least=1, at_most=MOST_SUBNETS)
    groups = linker.many(resource, "vpc_config", 0, "security_group_ids", family=GROUP, at_least=1, at_most=MOST_GROUPS)
    if subnets.exact and groups.exact and not (subnets.sure or groups.sure):
        return ABSENT
    dual = stated[0].get("ipv6_allowed_for_dual_stack")
    unknown = Unknown(Why.COMPUTED, fact(resource, "vpc_config.ipv6_allowed_for_dual_stack"))
    return Attachment(subnets, groups, unknown if isinstance(dual, Hidden) else dual is True)


def _environment(linker: Linker, resource: Resource) -> tuple[Variable, ...] | Unknown:
    stated = blocks(resource.values.get("environment"))
    unknown = Unknown(Why.COMPUTED, fact(resource, "environment"), DECIDED_BY)
    if isinstance(stated, Hidden):
        return unknown
    variables: Any = stated[0].get("variables") if stated else {}
    if isinstance(variables, Hidden):
        told = linker.told_texts(resource, "environment", 0, "variables")
        return unknown if told is None else tuple(_variable(linker, resource, *each) for each in told.items())
    found: list[Variable] = []
    for name, value in variables.items() if isinstance(variables, dict) else ():
        if isinstance(value, Hidden):
            key = fact(resource, f"environment.variables.{name}")
            found.append(Variable(name, Unknown(Why.COMPUTED, key, DECIDED_BY)))
        else:
            token = linker.literal(text_of(value), SERVICE, resource)
            refers = (token,) if isinstance(token, Managed) else ()
            found.append(Variable(name, text_of(value), refers))
    return tuple(found)


def _variable(linker: Linker, resource: Resource, name: str, text: str) -> Variable:
    """Give a variable as the source states it: a reference tells whose address it is, be that not known yet."""
    marks = MARK.findall(text)
    if not marks:
        token = linker.literal(text, SERVICE, resource)
        return Variable(name, text, (token,) if isinstance(token, Managed) else ())
    referred = [_referred(linker, resource, mark) for mark in marks]
    unknown = Unknown(Why.COMPUTED, fact(resource, f"environment.variables.{name}"))
    if (variable := next((mark for mark in marks if mark.startswith("var.")), "")) and not resource.module:
        unknown = Unknown(Why.VARIABLE, variable, NO_VALUE)
    return Variable(name, unknown, tuple(chain(*referred)) if all(referred) else ())


def _referred(linker: Linker, resource: Resource, mark: str) -> tuple[Token, ...]:
    """List what an open part of a text refers to: something behind a service, or something that has no address."""
    found = linker.follow(resource.module, mark, SERVICE)
    type_, _, rest = mark.partition(".")
    attribute = rest.rpartition(".")[2]
    within_network = type_.startswith(WITHIN) and "secret" not in attribute
    if found or not type_.startswith("aws_") or not (attribute in PLAIN or within_network):
        return found
    return (Managed(within(resource.module, f"{type_}.{rest.partition('.')[0]}")),)


def _managed(tokens: tuple[Token, ...]) -> Iterator[Token]:
    for token in tokens:
        if isinstance(token, Managed):
            yield token


def _layers(resource: Resource) -> tuple[str | Unknown, ...]:
    values = texts(resource.values.get("layers"))
    unknown = Unknown(Why.COMPUTED, fact(resource, "layers"))
    return (unknown,) if isinstance(values, Hidden) else tuple(unknown if v == HIDDEN else str(v) for v in values)


def _own_key(resource: Resource) -> bool | Unknown:
    key = resource.get("kms_key_arn")
    return Unknown(Why.COMPUTED, fact(resource, "kms_key_arn")) if isinstance(key, Hidden) else key is not None


def _destinations(linker: Linker) -> dict[str, tuple[Token, ...]]:
    found: dict[str, tuple[Token, ...]] = {}
    for resource in linker.stage.of(*DELIVERING):
        tokens: tuple[Token, ...] = ()
        for path in DELIVERING[resource.type]:
            tokens += linker.mentioned(resource, *path, family=SERVICE)
        for owner in linker.one(resource, "function_name", family=FUNCTION).sure:
            if isinstance(owner, Managed):
                found[owner.address] = (*found.get(owner.address, ()), *tokens)
    return found


def _needs(resource: Resource) -> tuple[str, ...] | None:
    for attribute in ("tags_all", "tags"):
        tags = resource.values.get(attribute)
        stated = tags.get(NEEDS_TAG) if isinstance(tags, dict) else None
        if isinstance(stated, str):
            return tuple(stated.replace(",", " ").lower().split())
    return None
