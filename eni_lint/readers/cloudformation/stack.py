"""One stack as it will be deployed: its template, and what surrounds it."""

from __future__ import annotations

import msgspec

from eni_lint.readers.cloudformation.tree import Tree, mapping


class Environment(msgspec.Struct, frozen=True):
    """Where a stack is deployed; empty fields are not known, an assembly is deployed as one."""

    account: str = ""
    region: str = ""
    assembly: str = ""

    @property
    def key(self) -> str:
        """What tells this environment from others in the identity of a value."""
        return f"{self.assembly}/{self.account}/{self.region}"


class Stack(msgspec.Struct, frozen=True, eq=False):
    """A template in plain CloudFormation, with its parameters, its parent and its nested stacks by logical id."""

    name: str
    template: dict[str, Tree]
    file: str = ""
    stack_name: str = ""
    environment: Environment = Environment()
    parameters: dict[str, str] = {}
    parent: str = ""
    arguments: dict[str, Tree] = {}
    nested: dict[str, str] = {}
    dummies: frozenset[str] = frozenset()
    opaque: bool = False

    def section(self, name: str) -> dict[str, Tree]:
        """A top-level section of the template; one that is missing is empty."""
        return mapping(self.template.get(name))

    def resource(self, logical_id: str) -> dict[str, Tree]:
        """A resource of the template; one that is missing is empty."""
        return mapping(self.section("Resources").get(logical_id))
