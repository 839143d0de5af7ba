"""Where resources and their links are written: an address becomes a stretch of a file."""

from __future__ import annotations

from functools import cached_property

from eni_lint.model.place import Call, Origin, Span
from eni_lint.readers.terraform.changes import node_of
from eni_lint.readers.terraform.hcl import records
from eni_lint.readers.terraform.hcl.dynamic import nested
from eni_lint.readers.terraform.hcl.modules import Call as ModuleCall
from eni_lint.readers.terraform.hcl.modules import ModulePath, Tree
from eni_lint.readers.terraform.hcl.records import Attribute, Block

LOCAL = ("./", "../")
# The argument or block that states a field of the model; a field that is missing here is called the same in Terraform.
WRITTEN_AS: dict[tuple[str, str], tuple[str, ...]] = {
    ("aws_lambda_function", "attachment"): ("vpc_config",),
    ("aws_lambda_function", "subnets"): ("vpc_config", "subnet_ids"),
    ("aws_lambda_function", "groups"): ("vpc_config", "security_group_ids"),
    ("aws_lambda_function", "dual_stack"): ("vpc_config", "ipv6_allowed_for_dual_stack"),
    ("aws_lambda_function", "name"): ("function_name",),
    ("aws_lambda_function", "publishes"): ("publish",),
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
    ("aws_subnet", "zone"): ("availability_zone",),
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


class Written:
    """Finds places in the source behind one input; what is not written there has the input as given."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def locate(self, origin: Origin) -> Span:
        """Give the place of a resource or of one of its links; inside of a module that others own, that of its call."""
        path, owner = node_of(origin.pointer)
        calls = self._calls(path)
        for depth, call in enumerate(calls):
            if not call.source.startswith(LOCAL):
                return self._span(call.block.header, calls[:depth])
        block = self._blocks.get((path, owner))
        if block is None:
            return Span(origin.source)
        return self._span(_part(block, origin.link), calls)

    def _calls(self, path: ModulePath) -> tuple[ModuleCall, ...]:
        for length in range(len(path), 0, -1):
            if path[:length] in self._called:
                return self._called[path[:length]]
        return ()

    @cached_property
    def _called(self) -> dict[ModulePath, tuple[ModuleCall, ...]]:
        found = {path: module.calls for path, module in self._tree.modules.items()}
        return found | {missing.path: missing.calls for missing in self._tree.missing}

    @cached_property
    def _blocks(self) -> dict[tuple[ModulePath, str], Block]:
        return {(path, b.address): b for path, module in self._tree.modules.items() for b in module.blocks if b.address}

    @cached_property
    def _lines(self) -> dict[str, list[str]]:
        files = (file for module in self._tree.modules.values() for file in module.files)
        return {file.name: file.text.splitlines() for file in files}

    def _span(self, place: records.Span, calls: tuple[ModuleCall, ...]) -> Span:
        lines = self._lines.get(place.file, [])
        return Span(
            file=place.file,
            line=place.line,
            column=place.column,
            end_line=place.end_line,
            end_column=place.end_column,
            text="\n".join(lines[place.line - 1 : place.end_line]),
            precise=True,
            calls=tuple(
                Call(_named(calls[: depth + 1]), call.block.header.file, call.block.header.line)
                for depth, call in enumerate(calls)
            ),
        )


def _named(calls: tuple[ModuleCall, ...]) -> str:
    return ".".join(f"module.{call.name}" for call in calls)


def _part(block: Block, link: str) -> records.Span:
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


def _stated(attribute: Attribute) -> records.Span:
    """Give the place of a value, or from its name on where it takes several lines."""
    value = attribute.value.span
    if value.line == value.end_line:
        return value
    name = attribute.name_span
    return records.Span(name.file, name.line, name.column, value.end_line, value.end_column)
