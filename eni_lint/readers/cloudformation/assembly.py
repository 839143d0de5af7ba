"""A CDK cloud assembly: all its stacks, stages and nested stacks, under the names of the program that made them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path as File

import msgspec

from eni_lint.readers.cloudformation.decode import Document, Note
from eni_lint.readers.cloudformation.files import inside, read_document
from eni_lint.readers.cloudformation.stack import Environment
from eni_lint.readers.cloudformation.tree import Tree, children, find, mapping, sequence, text, written
from eni_lint.readers.cloudformation.worlds import (
    Construct,
    Frame,
    LookedUpSubnet,
    LookedUpVpc,
    Plan,
    Settings,
    World,
    assemble,
)
from eni_lint.readers.errors import ReadError

_FRAME = re.compile(r"(?:\(|^|\s)((?:[A-Za-z]:)?[^()\s:]+):(\d+):(\d+)\)?$")
# What a lookup answers before the CDK has asked the account.
# https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ec2/lib/vpc.ts (DUMMY_VPC_PROPS)
_DUMMY = re.compile(
    r"vpc-12345|[psi]-(12345|67890)|rtb-(12345|57890|67890)[psi]|sg-12345678|ami-1234|dummy1[a-f]|dummy-value-for-.*"
)
_VPC_LOOKUP = re.compile(r"vpc-provider:account=(\d*):.*region=([a-z0-9-]*)")


def is_manifest(tree: Tree) -> bool:
    """Whether a decoded file is the manifest of a cloud assembly."""
    return isinstance(find(tree, "artifacts"), dict) and isinstance(find(tree, "version"), str)


def read_assembly(directory: str) -> World:
    """Read a cdk.out directory; its stacks are named after their artifacts, with the stage in front."""
    root = File(directory)
    world = assemble(_found(root), directory)
    return msgspec.structs.replace(world, looked_up=tuple(_looked_up(root)))


def _found(root: File) -> Iterator[Plan | Note | ReadError]:
    """The stacks of an assembly and of the stages in it, with what its synthesis left open."""
    waiting = [(root, "")]
    seen: set[File] = set()
    while waiting:
        folder, stage = waiting.pop()
        if folder.resolve() in seen:
            continue
        seen.add(folder.resolve())
        try:
            manifest = _manifest(folder)
        except ReadError as error:
            yield error
            continue
        yield from _unanswered(manifest)
        yield from _plans(folder, stage, mapping(manifest.tree))
        waiting += _stages(root, folder, stage, mapping(manifest.tree))


def _manifest(folder: File) -> Document:
    manifest = read_document(str(folder / "manifest.json"))
    if is_manifest(manifest.tree):
        return manifest
    raise ReadError("not the manifest of a cloud assembly", manifest.file)


def _unanswered(manifest: Document) -> Iterator[Note]:
    for lookup in sequence(find(manifest.tree, "missing")):
        key = text(find(lookup, "key"))
        yield Note(f"the lookup {key} has no answer; run `cdk synth` with access to the account", manifest.file)


def _stages(root: File, folder: File, stage: str, manifest: dict[str, Tree]) -> Iterator[tuple[File, str]]:
    for name, artifact in mapping(manifest.get("artifacts")).items():
        if find(artifact, "type") == "cdk:cloud-assembly":
            below = inside(root, folder, text(find(artifact, "properties", "directoryName")))
            if below:
                yield File(below), f"{stage}{name}/"


def _plans(folder: File, stage: str, manifest: dict[str, Tree]) -> Iterator[Plan | ReadError]:
    dummies = bool(manifest.get("missing"))
    for name, artifact in mapping(manifest.get("artifacts")).items():
        if find(artifact, "type") == "aws:cloudformation:stack":
            yield _plan(folder, stage, name, mapping(artifact), dummies)


def _plan(root: File, stage: str, name: str, artifact: dict[str, Tree], lookups_missing: bool) -> Plan | ReadError:
    properties = mapping(artifact.get("properties"))
    template = inside(root, root, text(properties.get("templateFile")))
    if not template:
        return ReadError(f"the stack {name} has no template inside the assembly", str(root / "manifest.json"))
    settings = Settings(
        parameters={key: written(value) for key, value in mapping(properties.get("parameters")).items()},
        stack_name=text(properties.get("stackName")) or name,
        environment=_environment(stage, text(artifact.get("environment"))),
        root=str(root),
    )
    try:
        document, constructs = read_document(template), _constructs(root, artifact)
    except ReadError as error:
        return error
    dummies = frozenset(_dummies(document.tree)) if lookups_missing else frozenset()
    return Plan(f"{stage}{name}", document, settings, constructs=constructs, dummies=dummies)


def _environment(stage: str, url: str) -> Environment:
    account, _, region = url.removeprefix("aws://").partition("/")
    return Environment(account.removeprefix("unknown-account"), region.removeprefix("unknown-region"), stage)


def _dummies(tree: Tree) -> Iterator[str]:
    if isinstance(tree, str) and _DUMMY.fullmatch(tree):
        yield tree
    for child in children(tree):
        yield from _dummies(child)


# Names and lines


def _constructs(root: File, artifact: dict[str, Tree]) -> dict[str, Construct]:
    """The constructs of a stack by their path, and by logical id where that names only one."""
    metadata = dict(mapping(artifact.get("metadata")))
    beside = inside(root, root, text(artifact.get("additionalMetadataFile")))
    if beside:
        metadata |= mapping(read_document(beside).tree)
    found: dict[str, list[Construct]] = {}
    for path, entries in metadata.items():
        construct = Construct(path.strip("/").removesuffix("/Resource"), tuple(_frames(entries)))
        found.setdefault(path.strip("/"), []).append(construct)
        for logical_id in (text(find(entry, "data")) for entry in sequence(entries) if _is(entry, "logicalId")):
            found.setdefault(logical_id, []).append(construct)
    return {key: constructs[0] for key, constructs in found.items() if len(constructs) == 1}


def _frames(entries: Tree) -> Iterator[Frame]:
    """The lines of the user's program that made a construct, innermost first."""
    for entry in sequence(entries):
        lines = find(entry, "data") if _is(entry, "creationStack") else find(entry, "trace")
        for line in map(text, sequence(lines)):
            match = _FRAME.search(line)
            if match and "aws-cdk-lib" not in line and "node_modules" not in line and not match[1].startswith("node:"):
                yield Frame(match[1], int(match[2]), int(match[3]))


def _is(entry: Tree, kind: str) -> bool:
    return text(find(entry, "type")) == f"aws:cdk:{kind}"


# What lookups found


def _looked_up(root: File) -> Iterator[LookedUpVpc]:
    """The networks in the cdk.context.json next to the assembly, or in it."""
    for folder in (root, root.resolve().parent):
        if (folder / "cdk.context.json").is_file():
            context = mapping(read_document(str(folder / "cdk.context.json")).tree)
            for key, answer in context.items():
                if match := _VPC_LOOKUP.match(key):
                    yield _vpc(match[1], match[2], mapping(answer))


def _vpc(account: str, region: str, answer: dict[str, Tree]) -> LookedUpVpc:
    groups = [mapping(group) for group in sequence(answer.get("subnetGroups"))]
    subnets = tuple(
        LookedUpSubnet(
            text(find(subnet, "subnetId")),
            text(group.get("type")),
            text(find(subnet, "cidr")),
            text(find(subnet, "routeTableId")),
        )
        for group in groups
        for subnet in sequence(group.get("subnets"))
    )
    return LookedUpVpc(text(answer.get("vpcId")), account, region, subnets)
