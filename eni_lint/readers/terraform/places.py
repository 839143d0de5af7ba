"""Where resources and their links are written: an address becomes a stretch of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from msgspec import Struct

from eni_lint.model.place import Call, Origin, Span
from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.changes import node_of
from eni_lint.readers.terraform.hcl.dynamic import nested
from eni_lint.readers.terraform.hcl.files import select
from eni_lint.readers.terraform.hcl.modules import ModulePath, Sources
from eni_lint.readers.terraform.hcl.records import Attribute, Block, File
from eni_lint.readers.terraform.hcl.records import Span as Stretch
from eni_lint.readers.terraform.hcl.syntax import decode, parse

LOCAL = ("./", "../")
# The argument or block that states a field of the model; a field that is missing here is called the same in Terraform.
WRITTEN_AS: dict[tuple[str, str], tuple[str, ...]] = {
    ("aws_lambda_function", "attachment"): ("vpc_config",),
    ("aws_lambda_function", "subnets"): ("vpc_config", "subnet_ids"),
    ("aws_lambda_function", "groups"): ("vpc_config", "security_group_ids"),
    ("aws_lambda_function", "dual_stack"): ("vpc_config", "ipv6_allowed_for_dual_stack"),
    ("aws_lambda_function", "name"): ("function_name",),
    ("aws_iam_role", "trust"): ("assume_role_policy",),
    ("aws_iam_role", "boundary"): ("permissions_boundary",),
    ("aws_iam_role", "document"): ("inline_policy",),
    ("aws_iam_role_policy", "document"): ("policy",),
    ("aws_iam_policy", "document"): ("policy",),
    ("aws_iam_role_policy_attachment", "policy"): ("policy_arn",),
    ("aws_iam_policy_attachment", "policy"): ("policy_arn",),
    ("aws_vpc", "dns_support"): ("enable_dns_support",),
    ("aws_vpc", "dns_hostnames"): ("enable_dns_hostnames",),
    ("aws_vpc", "dedicated"): ("instance_tenancy",),
    ("aws_vpc", "cidrs"): ("cidr_block",),
    ("aws_subnet", "vpc"): ("vpc_id",),
    ("aws_subnet", "cidr"): ("cidr_block",),
    ("aws_nat_gateway", "subnet"): ("subnet_id",),
    ("aws_nat_gateway", "allocation"): ("allocation_id",),
    ("aws_nat_gateway", "public"): ("connectivity_type",),
    ("aws_internet_gateway", "vpc"): ("vpc_id",),
    ("aws_route_table", "routes"): ("route",),
    ("aws_default_route_table", "routes"): ("route",),
    ("aws_route_table_association", "table"): ("route_table_id",),
    ("aws_route_table_association", "subnet"): ("subnet_id",),
    ("aws_route", "table"): ("route_table_id",),
    ("aws_vpc_endpoint", "kind"): ("vpc_endpoint_type",),
    ("aws_vpc_endpoint", "service"): ("service_name",),
    ("aws_vpc_endpoint", "private_dns"): ("private_dns_enabled",),
    ("aws_vpc_endpoint", "tables"): ("route_table_ids",),
    ("aws_vpc_endpoint", "subnets"): ("subnet_ids",),
    ("aws_vpc_endpoint", "groups"): ("security_group_ids",),
    ("aws_security_group", "vpc"): ("vpc_id",),
}


class Step(Struct, frozen=True):
    """A module in its place: its folder, and the calls that lead there; the folder is empty where it is not at hand."""

    folder: str | None
    calls: tuple[Block, ...] = ()


class Written:
    """Finds places in the source behind one input, and parses only the files that they are in.

    What is not written there has the input as given; `files` are parsed already.
    """

    def __init__(self, sources: Sources, root: str, files: dict[str, File]) -> None:
        self._sources = sources
        self._steps: dict[ModulePath, Step] = {(): Step(root)}
        self._texts: dict[str, dict[str, str]] = {}
        self._files = files

    def locate(self, origin: Origin) -> Span:
        """Give the place of a resource or of one of its links.

        Inside of a module that others own, or that is not at hand, it is that of its call.
        """
        path, owner = node_of(origin.pointer)
        step = self._step(path)
        for depth, call in enumerate(step.calls):
            unseen = step.folder is None and depth == len(step.calls) - 1
            if unseen or not source_of(call).startswith(LOCAL):
                return self._span(call.header, step.calls[:depth])
        block = None if step.folder is None else self._block(step.folder, owner)
        return Span(origin.source) if block is None else self._span(_part(block, origin.link), step.calls)

    def _step(self, path: ModulePath) -> Step:
        if path not in self._steps:
            outer = self._step(path[:-1])
            call = None if outer.folder is None else self._block(outer.folder, f"module.{path[-1]}")
            if call is None or outer.folder is None:
                self._steps[path] = Step(None, outer.calls)
            else:
                folder = self._sources.find(path, source_of(call), outer.folder)
                self._steps[path] = Step(folder, (*outer.calls, call))
        return self._steps[path]

    def _block(self, folder: str, address: str) -> Block | None:
        name = address.rpartition(".")[2]
        for file, text in self._texts_in(folder).items():
            if f'"{name}"' in text or f" {name} " in text:
                for block in self._parsed(file, text).blocks:
                    if block.address == address:
                        return block
        return None

    def _texts_in(self, folder: str) -> dict[str, str]:
        if folder not in self._texts:
            self._texts[folder] = dict(self._read(folder))
        return self._texts[folder]

    def _read(self, folder: str) -> Iterator[tuple[str, str]]:
        with suppress(ReadError):
            for name in select(self._sources.names(folder)).primary:
                with suppress(ReadError):
                    file, data = self._sources.read(folder, name)
                    yield file, decode(data, file)

    def _parsed(self, file: str, text: str) -> File:
        if file not in self._files:
            self._files[file] = File(file)
            with suppress(ReadError):
                self._files[file] = parse(text, file)
        return self._files[file]

    def _span(self, place: Stretch, calls: tuple[Block, ...]) -> Span:
        lines = self._files[place.file].text.splitlines()
        return Span(
            file=place.file,
            line=place.line,
            column=place.column,
            end_line=place.end_line,
            end_column=place.end_column,
            text="\n".join(lines[place.line - 1 : place.end_line]),
            precise=True,
            calls=tuple(
                Call(_named(calls[: depth + 1]), call.header.file, call.header.line) for depth, call in enumerate(calls)
            ),
        )


def source_of(call: Block) -> str:
    """Give the source of a module call as written, empty where it is no plain text."""
    source = call.attributes.get("source")
    stated = None if source is None else source.value.constant
    return stated if isinstance(stated, str) else ""


def _named(calls: tuple[Block, ...]) -> str:
    return ".".join(call.address for call in calls)


def _part(block: Block, link: str) -> Stretch:
    """Give the place of what states a link: an argument or a nested block, else the head of the whole block."""
    if not link:
        return block.header
    name, *further = link.split("/")
    type_ = block.labels[0] if block.labels else ""
    steps = WRITTEN_AS.get((type_, name), (name,))
    number = int(further[0]) if further and further[0].isdigit() else 0
    for length in range(len(steps), 0, -1):
        *outer, last = steps[:length]
        for found in nested(block, *outer):
            if last in found.content.attributes:
                return _stated(found.content.attributes[last])
        inner = list(nested(block, *steps[:length]))
        if inner:
            return inner[min(number, len(inner) - 1)].content.header
    return block.header


def _stated(attribute: Attribute) -> Stretch:
    """Give the place of a value, or from its name on where it takes several lines."""
    value = attribute.value.span
    if value.line == value.end_line:
        return value
    name = attribute.name_span
    return Stretch(name.file, name.line, name.column, value.end_line, value.end_column)
