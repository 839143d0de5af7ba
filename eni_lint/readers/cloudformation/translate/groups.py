"""Security groups and their rules, written in the group or apart from it."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.identity import NOBODY, Managed, Members, Symbol, Token, members
from eni_lint.model.network import Group, GroupRule
from eni_lint.readers.cloudformation import values
from eni_lint.readers.cloudformation.translate.families import DEFAULT_GROUP, GROUP, PREFIX_LIST, VPC
from eni_lint.readers.cloudformation.translate.links import Linker
from eni_lint.readers.cloudformation.translate.stage import Declared, value_at
from eni_lint.readers.cloudformation.tree import written
from eni_lint.readers.cloudformation.values import Value

DEFAULT_VPC = Symbol(Unknown(Why.DEFAULT, "the default VPC"))
INLINE = {"SecurityGroupEgress": True, "SecurityGroupIngress": False}
APART = {"AWS::EC2::SecurityGroupEgress": True, "AWS::EC2::SecurityGroupIngress": False}
# Where a group is to let nothing out, the CDK writes a rule towards the first of these, people one towards the other.
NOWHERE = (values.Known("255.255.255.255/32"), values.Known("127.0.0.1/32"))
EVERYWHERE = "0.0.0.0/0"
# The custom resource with which the CDK empties default groups.
EMPTIES_DEFAULT_GROUP = "Custom::VpcRestrictDefaultSG"


def groups(linker: Linker) -> Iterator[Group]:
    """Yield every security group, the unseen default groups of VPCs among them."""
    shared = _shared(linker)
    for declared in linker.stage.of("AWS::EC2::SecurityGroup"):
        yield Group(
            address=declared.address,
            scope=declared.scope,
            vpc=linker.one(declared, "VpcId", family=VPC) if declared.states("VpcId") else members(DEFAULT_VPC),
            also_in=shared.get(declared.address, NOBODY),
        )
    for declared in linker.stage.of("AWS::EC2::VPC"):
        yield Group(
            declared.address + DEFAULT_GROUP,
            declared.scope,
            members(Managed(declared.address)),
            default=True,
            created_here=False,
        )


def _shared(linker: Linker) -> dict[str, Members]:
    """Collect the further VPCs that each group is associated with."""
    found: dict[str, Members] = {}
    for declared in linker.stage.of("AWS::EC2::SecurityGroupVpcAssociation"):
        link = linker.one(declared, "VpcId", family=VPC)
        for token in linker.one(declared, "GroupId", family=GROUP).seen:
            if isinstance(token, Managed):
                one = found.get(token.address, NOBODY)
                found[token.address] = Members(
                    (*one.sure, *link.sure), rest=link.rest if one.rest is None else one.rest
                )
    return found


def group_rules(linker: Linker) -> Iterator[GroupRule]:
    """Yield every rule, those that AWS adds by itself among them."""
    narrowed = _narrowed(linker)
    for declared in linker.stage.of("AWS::EC2::SecurityGroup"):
        owner = members(Managed(declared.address))
        for name, egress in INLINE.items():
            for value in _written(declared, name):
                if not _leads_nowhere(value) and isinstance(value, values.Object):
                    yield _rule(linker, declared, owner, value, egress=egress, inline=True)
        if not _written(declared, "SecurityGroupEgress") and Managed(declared.address) not in narrowed:
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html
            yield _open_egress(declared.address, declared, owner)
    for kind, egress in APART.items():
        for declared in linker.stage.of(kind):
            if not _leads_nowhere(declared.properties):
                owner = linker.one(declared, "GroupId", family=GROUP)
                yield _rule(linker, declared, owner, declared.properties, egress=egress, inline=False)
    yield from _of_default_groups(linker)


def open_directions(linker: Linker) -> Iterator[tuple[str, bool]]:
    """Yield the groups, and directions, with inline rules that nobody sees: an address and whether egress is meant."""
    for declared in linker.stage.of("AWS::EC2::SecurityGroup"):
        for name, egress in INLINE.items():
            if any(not isinstance(value, values.Object) for value in _written(declared, name)):
                yield declared.address, egress
    for declared in linker.stage.of(*APART):
        if not isinstance(declared.properties, values.Object):
            for token in linker.one(declared, "GroupId", family=GROUP).seen:
                if isinstance(token, Managed):
                    yield token.address, APART[declared.kind]


def _written(declared: Declared, name: str) -> tuple[Value, ...]:
    stated = declared.get(name)
    match stated:
        case values.Absent():
            return ()
        case values.Items(items):
            return items
        case _:
            return (stated,)


def _narrowed(linker: Linker) -> set[Token]:
    """Collect the groups with an egress rule of its own, which revokes AWS's rule that lets everything out.

    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_ec2.SecurityGroupImportOptions.html says so, and the
    permissions to create one hold ec2:RevokeSecurityGroupEgress.
    """
    rules = linker.stage.of("AWS::EC2::SecurityGroupEgress")
    return {token for declared in rules for token in linker.one(declared, "GroupId", family=GROUP).sure}


def _leads_nowhere(value: Value) -> bool:
    return value_at(value, "CidrIp") in NOWHERE


def _open_egress(address: str, declared: Declared, owner: Members) -> GroupRule:
    return GroupRule(address, declared.scope, owner, True, "-1", 0, 0, cidrs=(EVERYWHERE,))


def _of_default_groups(linker: Linker) -> Iterator[GroupRule]:
    emptied = {
        token
        for declared in linker.stage.of(EMPTIES_DEFAULT_GROUP)
        for token in linker.one(declared, "DefaultSecurityGroupId", family=GROUP).seen
    }
    for declared in linker.stage.of("AWS::EC2::VPC"):
        address = declared.address + DEFAULT_GROUP
        owner = members(Managed(address))
        if Managed(address) not in emptied:
            # https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
            yield _open_egress(address, declared, owner)
            yield GroupRule(address, declared.scope, owner, False, "-1", 0, 0, itself=True)


def _rule(linker: Linker, declared: Declared, owner: Members, value: Value, *, egress: bool, inline: bool) -> GroupRule:
    end = "Destination" if egress else "Source"
    protocol, first, last = _range(linker, value)
    return GroupRule(
        address=declared.address,
        scope=declared.scope,
        group=owner,
        egress=egress,
        protocol=protocol,
        from_port=first,
        to_port=last,
        cidrs=tuple(_cidrs(linker, value)),
        peers=_peer(linker, value, f"{end}SecurityGroupId", "SourceSecurityGroupName"),
        prefix_lists=_lists(linker, value, f"{end}PrefixListId"),
        inline=inline,
    )


def _range(linker: Linker, value: Value) -> tuple[str | Unknown, int | Unknown, int | Unknown]:
    stated = value_at(value, "IpProtocol")
    first = linker.number(value_at(value, "FromPort"))
    last = linker.number(value_at(value, "ToPort"))
    match stated:
        case values.Absent():
            return "-1", 0, 0
        case values.Known(known):
            name = written(known).lower()
            return ("-1", 0, 0) if name in ("-1", "all") else (name, first, last)
        case _:
            return linker.noted(linker.wording.whole(stated)), first, last


def _cidrs(linker: Linker, value: Value) -> Iterator[str | Unknown]:
    for name in ("CidrIp", "CidrIpv6"):
        stated = value_at(value, name)
        if not isinstance(stated, values.Absent):
            yield linker.text_of(stated)


def _peer(linker: Linker, value: Value, *names: str) -> Members:
    for name in names:
        stated = value_at(value, name)
        if not isinstance(stated, values.Absent):
            return members(linker.token(stated, GROUP))
    return NOBODY


def _lists(linker: Linker, value: Value, name: str) -> Members:
    stated = value_at(value, name)
    if isinstance(stated, values.Absent):
        return NOBODY
    return members(linker.token(stated, PREFIX_LIST))
