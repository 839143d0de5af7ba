"""Resources of one or two moments and a configuration become a deployment, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from msgspec import Struct

from eni_lint.model.deployment import TERRAFORM, Deployment
from eni_lint.model.place import Origin
from eni_lint.readers.terraform.addresses import Path, heads
from eni_lint.readers.terraform.changes import Blocks, Dependencies, delays
from eni_lint.readers.terraform.closed import exported_tokens
from eni_lint.readers.terraform.decode import Configuration, ConfiguredModule
from eni_lint.readers.terraform.families import DEFAULT_GROUP, MAIN_TABLE
from eni_lint.readers.terraform.links import Linker, Told
from eni_lint.readers.terraform.names import Names
from eni_lint.readers.terraform.references import ConfigurationReferences
from eni_lint.readers.terraform.resources import Resource, Stage
from eni_lint.readers.terraform.scopes import Scopes
from eni_lint.readers.terraform.world import Moments, world_of

NAME = "root module"
PUBLISHED = " (published versions)"
# What a resource brings along that has no block of its own.
UNSEEN = {"aws_vpc": (MAIN_TABLE, DEFAULT_GROUP), "aws_lambda_function": (PUBLISHED,)}


# A reference and the module that it stands in.
Mention: TypeAlias = tuple[Path, str]


class Configured(Struct, frozen=True):
    """What is configured: blocks and their references, and the values of root variables.

    `told` is what somebody else says of hidden values, `put_out` what outputs are seen to show, `leaking` what is
    passed to modules that nobody sees. `planned` tells that a hidden value will be known after the apply only: without
    a plan it may as well be a literal.
    """

    configuration: Configuration = Configuration()
    variables: dict[str, Any] = {}
    told: Told | None = None
    put_out: tuple[str, ...] = ()
    leaking: tuple[Mention, ...] = ()
    planned: bool = True


class Standing(Struct, frozen=True):
    """What stands before and after, and what a change removes that literals may still name."""

    after: Stage
    before: Stage | None = None
    former: tuple[Resource, ...] = ()

    @property
    def moments(self) -> tuple[Stage, ...]:
        """Give the stages, the earlier first."""
        return (self.after,) if self.before is None else (self.before, self.after)


def assembled(standing: Standing, configured: Configured, source: str, incomplete: str = "") -> Deployment:
    """Make the deployment; what only a plan or a state tells is added by their readers."""
    configuration, variables = configured.configuration, configured.variables
    references = ConfigurationReferences(configuration)
    before, after, moments_in_order = standing.before, standing.after, standing.moments
    scopes = Scopes(configuration, references, variables, moments_in_order)
    earlier = None
    if before is not None:
        earlier = Linker(before, references, variables, Names(before, (), scopes.of), scopes.of)
    names = Names(after, standing.former, scopes.of)
    later = Linker(after, references, variables, names, scopes.of, earlier, configured.told, planned=configured.planned)
    moments = Moments(later) if earlier is None else Moments(earlier, later)
    dependencies = Dependencies(references, Blocks(moments_in_order), after)
    outside = _uneditable(configuration, moments_in_order)
    leaving = (*(((), mention) for mention in _exported(configuration, references)), *configured.leaking)
    exported = exported_tokens(later, leaving, configured.put_out)
    stood = before is not None and not before.is_empty
    return Deployment(
        name=NAME,
        source=source,
        procedure=TERRAFORM,
        after=world_of(later, moments, exported, whole=not incomplete),
        before=world_of(earlier, moments, exported, whole=True) if stood and earlier is not None else None,
        edges=dependencies.edges,
        open_edges=dependencies.open_edges,
        delays=delays(moments_in_order),
        origins=_origins(moments_in_order, source),
        incomplete=incomplete,
        uneditable=outside,
        kept=frozenset(_kept(after, references)),
    )


def _kept(after: Stage, references: ConfigurationReferences) -> Iterator[str]:
    for address, resource in after.by_address.items():
        block = None if resource.data else references.resource(resource.path, resource.block)
        if block is not None and block.kept:
            yield address


def _origins(moments: Iterable[Stage], source: str) -> dict[str, Origin]:
    found: dict[str, Origin] = {}
    for stage in moments:
        for address, resource in stage.by_address.items():
            found[address] = Origin(source, address)
            if not resource.data:
                for suffix in UNSEEN.get(resource.type, ()):
                    found[address + suffix] = Origin(source, address)
    return found


def _exported(configuration: Configuration, references: ConfigurationReferences) -> tuple[str, ...]:
    """List what the outputs of the root module mention."""
    found: dict[str, None] = {}
    for name in configuration.root_module.outputs:
        expression = references.expression((), f"output.{name}")
        found.update(dict.fromkeys(() if expression is None else heads(expression.references)))
    return tuple(found)


def _uneditable(configuration: Configuration, stages: Iterable[Stage]) -> frozenset[str]:
    """Give the addresses inside modules that come from a registry or repository: users only call those."""
    outside = frozenset(foreign_modules(configuration))
    if not outside:
        return frozenset()
    return frozenset(
        address for stage in stages for address, resource in stage.by_address.items() if resource.path in outside
    )


def foreign_modules(configuration: Configuration) -> Iterator[Path]:
    """Yield the modules that come from a registry or repository, and those in them."""
    yield from _foreign((), configuration.root_module, inherited=False)


def _foreign(path: Path, module: ConfiguredModule, *, inherited: bool) -> Iterator[Path]:
    for name, call in module.module_calls.items():
        foreign = inherited or (bool(call.source) and not call.source.startswith(("./", "../")))
        if foreign:
            yield (*path, name)
        if call.module is not None:
            yield from _foreign((*path, name), call.module, inherited=foreign)
