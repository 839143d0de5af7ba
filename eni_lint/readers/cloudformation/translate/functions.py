"""Functions and what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.model.answer import ABSENT, Absent, Unknown, Why
from eni_lint.model.compute import Attachment, Endpointed, Function, Variable, Version
from eni_lint.model.identity import NOBODY, Managed, Token
from eni_lint.readers.cloudformation import values
from eni_lint.readers.cloudformation.translate.families import (
    FUNCTION,
    GROUP,
    NAMED_BY,
    ROLE,
    SERVICE,
    SERVICES,
    SUBNET,
)
from eni_lint.readers.cloudformation.translate.links import Linker
from eni_lint.readers.cloudformation.translate.stage import Declared, value_at
from eni_lint.readers.cloudformation.tree import find, sequence, text, written
from eni_lint.readers.cloudformation.values import Value

NEEDS_TAG = "eni-lint:needs"
# Types of parameters whose values are no addresses, and what one is taken for: variables are read for hosts only.
NO_ADDRESSES = ("Number", "AWS::EC2::", "AWS::Route53::HostedZone::Id")
NO_ADDRESS = "0"
# What the attributes are called that may be hosts, and the kinds whose hosts lie inside of a VPC.
ADDRESS_WORDS = ("address", "dns", "domain", "endpoint", "host", "ip", "uri", "url")
RESIDENT = (
    "AWS::AmazonMQ::Broker", "AWS::DAX::", "AWS::DocDB::", "AWS::EFS::", "AWS::ElastiCache::", "AWS::MSK::",
    "AWS::MemoryDB::", "AWS::Neptune::", "AWS::RDS::", "AWS::Redshift::",
)  # fmt: skip
INSIDE = "somewhere.internal"
MOST_GROUPS = 5
DELIVERING = ("AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping")
DESTINATIONS = tuple(("DestinationConfig", outcome, "Destination") for outcome in ("OnSuccess", "OnFailure"))
# Some place: values of variables are read for hosts only, and a host is no other in another region.
SOMEWHERE = {"AWS::Region": "us-east-1", "AWS::URLSuffix": "amazonaws.com", "AWS::Partition": "aws"}


def functions(linker: Linker) -> Iterator[Function]:
    """Yield every function."""
    destinations = _destinations(linker)
    for declared in linker.stage.of("AWS::Lambda::Function"):
        letters = linker.one(declared, "DeadLetterConfig", "TargetArn", family=SERVICE).seen
        yield Function(
            address=declared.address,
            scope=declared.scope,
            name=name_of(linker, declared, "FunctionName"),
            role=linker.one(declared, "Role", family=ROLE),
            attachment=_attachment(linker, declared),
            environment=_environment(linker, declared),
            layers=_layers(linker, declared),
            encrypts_with_own_key=declared.states("KmsKeyArn"),
            targets=tuple(dict.fromkeys((*letters, *destinations.get(declared.address, ())))),
            own_instances=isinstance(declared.get("CapacityProviderConfig"), values.Object),
            needs=_needs(declared),
        )


def versions(linker: Linker) -> Iterator[Version]:
    """Yield every published version."""
    for declared in linker.stage.of("AWS::Lambda::Version"):
        function = linker.one(declared, "FunctionName", family=FUNCTION)
        yield Version(declared.address, declared.scope, function, declared.is_retained)


def endpointed(linker: Linker) -> Iterator[Endpointed]:
    """Yield every resource behind a service API."""
    for kind, service in SERVICES.items():
        for declared in linker.stage.of(kind):
            name = name_of(linker, declared, NAMED_BY.get(kind, "Name"))
            yield Endpointed(declared.address, declared.scope, service, name)


def name_of(linker: Linker, declared: Declared, name: str) -> str | Unknown:
    """Give the physical name of a resource; one that is not stated is made up by the deployment."""
    if declared.states(name):
        return linker.text(declared, name)
    return Unknown(Why.COMPUTED, f"{declared.address}.{name}")


def _attachment(linker: Linker, declared: Declared) -> Attachment | Absent | Unknown:
    stated = declared.get("VpcConfig")
    match stated:
        case values.Absent():
            return ABSENT
        case values.Object():
            pass
        case _:
            return linker.noted(linker.wording.whole(stated))
    subnets = linker.many(declared, "VpcConfig", "SubnetIds", family=SUBNET, at_least=1)
    groups = linker.many(declared, "VpcConfig", "SecurityGroupIds", family=GROUP, at_least=1, at_most=MOST_GROUPS)
    if subnets == groups == NOBODY:
        return ABSENT
    return Attachment(subnets, groups, linker.flag(declared, "VpcConfig", "Ipv6AllowedForDualStack"))


def _environment(linker: Linker, declared: Declared) -> tuple[Variable, ...] | Unknown:
    stated = declared.get("Environment", "Variables")
    match stated:
        case values.Absent():
            return ()
        case values.Object(fields):
            return tuple(_variable(linker, name, value) for name, value in fields.items())
        case _:
            return linker.noted(linker.wording.whole(stated))


def _variable(linker: Linker, name: str, value: Value) -> Variable:
    refers = tuple(dict.fromkeys(linker.mentioned(value, SERVICE)))
    match value:
        case values.Unknown(reason=values.Reason.PARAM | values.Reason.PARAM_DEFAULT) if _never_an_address(
            linker, value
        ):
            return Variable(name, NO_ADDRESS)
        case values.Known(known):
            token = linker.literal(written(known), SERVICE)
            return Variable(name, written(known), (token,) if isinstance(token, Managed) else ())
        case values.Resource() if _is_id(linker, value):
            return Variable(name, NO_ADDRESS, refers)
        case _ if (placed := _placed(linker, value)) is not None:
            return Variable(name, placed, refers)
        case _:
            return Variable(name, linker.noted(linker.wording.whole(value)), refers)


def _never_an_address(linker: Linker, value: values.Unknown) -> bool:
    """Tell whether the declaration of an open parameter says that it is nothing that is called: a number, a stage."""
    stack, _, name = value.key.rpartition("/")
    declared = linker.stage.resolver.stacks[stack].section("Parameters").get(name)
    allowed = [written(each) for each in sequence(find(declared, "AllowedValues"))]
    if not allowed:
        return text(find(declared, "Type")).startswith(NO_ADDRESSES)
    return not any(mark in each for each in allowed for mark in ".:/") and not any(
        stated.name in allowed for stated in endpointed(linker)
    )


def _is_id(linker: Linker, value: values.Resource) -> bool:
    """Tell whether a value is the name, the id or the ARN of a resource of AWS's, and so no host."""
    declared = linker.stage.at(value.stack, value.logical_id)
    named_like_address = any(word in value.attribute.lower() for word in ADDRESS_WORDS)
    return declared is not None and declared.kind.startswith("AWS::") and not named_like_address


def _placed(linker: Linker, value: Value) -> str | None:
    """Write a value out as it would read in some region, with an address inside of a VPC for what lies there."""
    parts = value.parts if isinstance(value, values.Text) else (value,)
    written_out = [_part(linker, part) for part in parts]
    return None if None in written_out else "".join(part for part in written_out if part is not None)


def _part(linker: Linker, part: Value) -> str | None:
    match part:
        case values.Known(known):
            return written(known)
        case values.Unknown(reason=values.Reason.PSEUDO, key=key, detail=name) if key.endswith(f"/{name}"):
            return SOMEWHERE.get(name, NO_ADDRESS)
        case values.Resource(stack, logical_id, attribute):
            declared = linker.stage.at(stack, logical_id)
            resident = declared is not None and declared.kind.startswith(RESIDENT)
            return INSIDE if resident or attribute.startswith("Private") else None
        case _:
            return None


def _layers(linker: Linker, declared: Declared) -> tuple[str | Unknown, ...]:
    stated = declared.get("Layers")
    match stated:
        case values.Absent():
            return ()
        case values.Items(items):
            return tuple(linker.text_of(item) for item in items)
        case _:
            return (linker.text_of(stated),)


def _destinations(linker: Linker) -> dict[str, tuple[Token, ...]]:
    """Collect where Lambda itself delivers the results of each function, and the batches that it could not handle."""
    found: dict[str, tuple[Token, ...]] = {}
    for declared in linker.stage.of(*DELIVERING):
        outcomes = [linker.one(declared, *path, family=SERVICE) for path in DESTINATIONS]
        tokens = tuple(token for link in outcomes for token in link.seen)
        for owner in linker.one(declared, "FunctionName", family=FUNCTION).sure:
            if isinstance(owner, Managed):
                found[owner.address] = (*found.get(owner.address, ()), *tokens)
    return found


def _needs(declared: Declared) -> tuple[str, ...] | None:
    """Give what the user says that a function calls: in its metadata, else in a tag."""
    stated = find(declared.body, "Metadata", "eni-lint", "needs")
    if isinstance(stated, str):
        return tuple(stated.replace(",", " ").lower().split())
    if isinstance(stated, list):
        return tuple(text(each).lower() for each in sequence(stated) if text(each))
    tags = declared.get("Tags")
    if isinstance(tags, values.Items):
        for tag in tags.items:
            if value_at(tag, "Key") == values.Known(NEEDS_TAG) and isinstance(
                value := value_at(tag, "Value"), values.Known
            ):
                return tuple(written(value.value).replace(",", " ").lower().split())
    return None
