"""Roles, policies and the grants between them, in all the shapes that templates have for them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from eni_lint.model.answer import ABSENT, Absent, Unknown
from eni_lint.model.identity import Literal, Managed, Members, Token, members
from eni_lint.model.policy import AwsManaged, Document, Grant, Policy, Role
from eni_lint.readers.cloudformation import values
from eni_lint.readers.cloudformation.translate.documents import document_at, document_of
from eni_lint.readers.cloudformation.translate.families import POLICY, ROLE
from eni_lint.readers.cloudformation.translate.functions import name_of
from eni_lint.readers.cloudformation.translate.links import Linker
from eni_lint.readers.cloudformation.translate.stage import Declared, value_at

OF_AWS = ":iam::aws:policy/"
# Policies that are resources of their own, each with the property that lists its roles.
APART = {"AWS::IAM::Policy": "Roles", "AWS::IAM::RolePolicy": "RoleName"}


def roles(linker: Linker, generated: str) -> Iterator[Role]:
    """Yield every role; one without a name of its own gets one at each creation, which `generated` stands for."""
    for declared in linker.stage.of("AWS::IAM::Role"):
        stated = declared.states("RoleName")
        yield Role(
            address=declared.address,
            scope=declared.scope,
            name=name_of(linker, declared, "RoleName") if stated else f"{declared.address} ({generated})",
            trust=document_at(linker, declared, "AssumeRolePolicyDocument"),
            boundary=_boundary(linker, declared),
        )


def policies(linker: Linker) -> Iterator[Policy]:
    """Yield every customer-managed policy."""
    for declared in linker.stage.of("AWS::IAM::ManagedPolicy"):
        yield Policy(
            address=declared.address,
            scope=declared.scope,
            name=name_of(linker, declared, "ManagedPolicyName"),
            document=document_at(linker, declared, "PolicyDocument"),
        )


def grants(linker: Linker) -> Iterator[Grant]:
    """Yield every policy on every role."""
    for declared in linker.stage.of("AWS::IAM::Role"):
        yield from _inline(linker, declared)
        yield from _attached(linker, declared)
    for kind, property_name in APART.items():
        for declared in linker.stage.of(kind):
            if declared.states(property_name):
                owners = linker.many(declared, property_name, family=ROLE)
                document = document_at(linker, declared, "PolicyDocument")
                yield Grant(declared.address, declared.scope, owners, document, attribute="PolicyDocument")
    for declared in linker.stage.of("AWS::IAM::ManagedPolicy"):
        if declared.states("Roles"):
            owners = linker.many(declared, "Roles", family=ROLE)
            yield Grant(declared.address, declared.scope, owners, members(Managed(declared.address)), attribute="Roles")


def is_aws_managed(arn: str) -> bool:
    """Tell whether an ARN names a policy of AWS, in any partition.

    >>> is_aws_managed("arn:${AWS::Partition}:iam::aws:policy/Execute"), is_aws_managed("arn:aws:iam::1:policy/x")
    (True, False)
    """
    return OF_AWS in arn


def _plain(token: Token) -> AwsManaged | Members:
    """Give what a link to a policy means: the ARN of an AWS-managed one needs no looking up."""
    if isinstance(token, Literal) and is_aws_managed(token.value):
        return AwsManaged(f"arn:aws{OF_AWS}{token.value.partition(OF_AWS)[2]}")
    return members(token)


def _boundary(linker: Linker, declared: Declared) -> Document | AwsManaged | Members | Absent | Unknown:
    value = declared.get("PermissionsBoundary")
    return ABSENT if isinstance(value, values.Absent) else _plain(linker.token(value, POLICY))


def _attached(linker: Linker, declared: Declared) -> Iterator[Grant]:
    owner, attribute = members(Managed(declared.address)), "ManagedPolicyArns"
    group = linker.many(declared, attribute, family=POLICY)
    for number, token in enumerate(group.sure):
        yield Grant(
            declared.address, declared.scope, owner, _plain(token), inside=True, attribute=f"{attribute}/{number}"
        )
    if not group.exact:
        others = replace(group, sure=(), at_least=0)
        yield Grant(declared.address, declared.scope, owner, others, inside=True, attribute=attribute)


def _inline(linker: Linker, declared: Declared) -> Iterator[Grant]:
    owner, attribute = members(Managed(declared.address)), "Policies"
    stated = declared.get(attribute)
    items = stated.items if isinstance(stated, values.Items) else (stated,)
    for number, item in enumerate(items):
        match item:
            case values.Absent():
                continue
            case values.Object():
                policy = document_of(linker, declared, value_at(item, "PolicyDocument"))
            case _:
                policy = linker.noted(linker.wording.whole(item))
        yield Grant(declared.address, declared.scope, owner, policy, inside=True, attribute=f"{attribute}/{number}")
