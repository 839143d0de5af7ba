"""Why an evaluator that has neither the cloud nor all sources may be wrong about a value.

An evaluator without them drops elements, picks the other branch or takes an input for an output, and does not tell.
What an expression depends on does.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType

from eni_lint.readers.terraform.hcl.modules import ModulePath, Tree
from eni_lint.readers.terraform.hcl.records import Block, Constant, Expression, Span
from eni_lint.readers.terraform.hcl.traversals import Traversal, subject_of

_MAX_DEPTH = 100
_IDENTITIES = frozenset(("id", "arn"))
# Data sources whose id names a thing of the cloud. That of others (an account, a region) is compared with texts.
_LOOKED_UP = frozenset(
    f"aws_{name}"
    for name in (
        "cloudwatch_log_group",
        "dynamodb_table",
        "efs_access_point",
        "iam_policy",
        "iam_policy_document",
        "iam_role",
        "internet_gateway",
        "kms_key",
        "lambda_function",
        "nat_gateway",
        "network_interface",
        "route_table",
        "s3_bucket",
        "security_group",
        "sns_topic",
        "sqs_queue",
        "subnet",
        "vpc",
        "vpc_endpoint",
    )
)
_DOCUMENT = frozenset(("json", "minified_json"))
# They leave the id that an evaluator has invented as it is, and change the one that there will be.
_ALTERS = frozenset(("lower", "regex", "replace", "substr", "title", "trim", "trimprefix", "trimsuffix", "upper"))
_NEVER_THE_SAME = frozenset(("timestamp", "plantimestamp", "uuid", "bcrypt"))
_PREFIXED = frozenset(("data", "ephemeral", "resource"))


class Kind(Enum):
    """What a doubt means for what comes out."""

    BLIND = "the value may be wrong and look right"
    IDENTITY = "the id of something that is yet to be made stands in the value, or decided it"
    CALL = "where nothing came out, there may be something: the function may have failed"


class Doubt(Struct, frozen=True):
    """One reason not to take a value as it comes."""

    why: str
    kind: Kind = Kind.BLIND


Reads: TypeAlias = frozenset[str]
NONE: frozenset[Doubt] = frozenset()


_DEFAULTED = Doubt("a variable that is not nullable turns null into its default", Kind.CALL)


class Doubts:
    """Follows what expressions refer to through a tree of modules, each at most once.

    `given` are the root's variables that have a value from outside, `renamed` the outputs, by module and name, that
    the evaluator knows by another name than an input of their module.
    """

    def __init__(
        self, tree: Tree, given: frozenset[str], renamed: frozenset[tuple[ModulePath, str]] = frozenset()
    ) -> None:
        self._tree = tree
        self._given = given
        self._renamed = renamed
        self._missing = {missing.path for missing in tree.missing}
        self._blocks = {(path, b.address): b for path, module in tree.modules.items() for b in module.blocks}
        self._locals = {
            (path, name): attribute
            for path, module in tree.modules.items()
            for block in module.blocks
            if block.type == "locals"
            for name, attribute in block.attributes.items()
        }
        self._known: dict[tuple[ModulePath, Span, Reads], frozenset[Doubt]] = {}
        self._open: set[tuple[ModulePath, Span, Reads]] = set()

    def of_value(
        self, path: ModulePath, owner: Block, value: Expression, reads: Reads = frozenset()
    ) -> frozenset[Doubt]:
        """The doubts about an expression that stands in a block."""
        reads |= value.reads
        key = (path, value.span, reads)
        if key in self._known:
            return self._known[key]
        if key in self._open:
            return frozenset((Doubt("it refers to itself"),))
        if len(self._open) > _MAX_DEPTH:
            return frozenset((Doubt("it is computed in too many steps"),))
        self._open.add(key)
        found = {Doubt(f"{call}() is called", _kind_of(call)) for call in value.calls}
        for steps in value.traversals:
            doubts = self._of_reference(path, owner, steps, reads)
            # What is yet to be made is there, whatever its id will be.
            found |= (
                doubts if steps in value.weighed else {doubt for doubt in doubts if doubt.kind is not Kind.IDENTITY}
            )
        if (altering := _ALTERS & value.calls) and reason(found, Kind.IDENTITY):
            found.add(Doubt(f"{min(altering)}() is called on what is known after the deployment"))
        self._open.remove(key)
        self._known[key] = frozenset(found)
        return self._known[key]

    def stated(self, path: ModulePath, steps: Traversal) -> Constant | UnsetType:
        """What a reference to a local value stands for, unset where its text does not tell."""
        attribute = self._locals.get((path, steps[1][1:])) if steps[0] == "local" and len(steps) == 2 else None
        return UNSET if attribute is None else attribute.value.constant

    def of_instances(self, path: ModulePath, block: Block) -> frozenset[Doubt]:
        """The doubts about how many instances a block has, those of the modules around it included."""
        calls = self._tree.modules[path].calls
        around = (self._of_repetition(path[:level], call.block) for level, call in enumerate(calls))
        return self._of_repetition(path, block).union(*around)

    def _of_repetition(self, path: ModulePath, block: Block, reads: Reads = frozenset()) -> frozenset[Doubt]:
        repeated = (block.attributes[name] for name in ("for_each", "count") if name in block.attributes)
        return NONE.union(*(self.of_value(path, block, attribute.value, reads) for attribute in repeated))

    def _of_reference(self, path: ModulePath, owner: Block, steps: Traversal, reads: Reads) -> frozenset[Doubt]:
        further = frozenset(step[1:] for step in steps[2:] if step.startswith("."))
        name = steps[1][1:] if len(steps) > 1 else ""
        match steps[0]:
            case "path" | "terraform" | "self":
                return NONE
            case "each" | "count":
                return self._of_repetition(path, owner, reads | further)
            case "var":
                return self._of_variable(path, name, reads | further)
            case "local":
                return self._of_local(path, owner, name, reads | further)
            case "module":
                return self._of_module(path, (*path, name), steps[2:], reads)
            case _:
                return self._of_object(path, steps, reads)

    def _of_variable(self, path: ModulePath, name: str, reads: Reads) -> frozenset[Doubt]:
        if not path and name in self._given:
            return NONE
        variable = self._blocks.get((path, f"var.{name}"))
        caller = self._tree.modules[path].calls[-1].block if path else None
        if caller is not None and name in caller.attributes:
            doubts = self.of_value(path[:-1], caller, caller.attributes[name].value, reads)
            return doubts | {_DEFAULTED} if variable is not None and "nullable" in variable.attributes else doubts
        if variable is not None and "default" in variable.attributes:
            return NONE
        return frozenset((Doubt(f"{_named(path, f'var.{name}')} has no value here"),))

    def _of_local(self, path: ModulePath, owner: Block, name: str, reads: Reads) -> frozenset[Doubt]:
        attribute = self._locals.get((path, name))
        if attribute is None:
            return frozenset((Doubt(f"{_named(path, f'local.{name}')} is not declared"),))
        return self.of_value(path, owner, attribute.value, reads)

    def _of_module(self, path: ModulePath, inner: ModulePath, steps: Traversal, reads: Reads) -> frozenset[Doubt]:
        call = self._blocks.get((path, f"module.{inner[-1]}"))
        if call is None or inner not in self._tree.modules:
            return frozenset((Doubt(f"the source of {_named(inner)} is not at hand"),))
        names = [step[1:] for step in steps if step.startswith(".")]
        outputs = names[:1] or [
            block.labels[0] for block in self._tree.modules[inner].blocks if block.type == "output" and block.labels
        ]
        found = (self._of_output(inner, name, reads.union(names[1:]), is_named=bool(names)) for name in outputs)
        return self._of_repetition(path, call).union(*found)

    def _of_output(self, path: ModulePath, name: str, reads: Reads, is_named: bool) -> frozenset[Doubt]:
        output = self._blocks.get((path, f"output.{name}"))
        if output is None or "value" not in output.attributes:
            return frozenset((Doubt(f"{_named(path, name)} is no output"),))
        value = output.attributes["value"].value
        doubts = self.of_value(path, output, value, reads)
        told_apart = is_named and (path, name) in self._renamed
        if (path, f"var.{name}") in self._blocks and value.text != f"var.{name}" and not told_apart:
            # tfparse 0.6 gives the input: its ids exist, and are still not those of the output.
            return doubts | {Doubt(f"{_named(path)} has an input and an output of the name {name}")}
        return doubts

    def _of_object(self, path: ModulePath, steps: Traversal, reads: Reads) -> frozenset[Doubt]:
        address = subject_of(steps).partition("[")[0]
        block = self._blocks.get((path, address))
        if block is None:
            return frozenset((Doubt(f"{_named(path, address)} is not declared"),)) if address else NONE
        names = [step[1:] for step in steps[2 + (steps[0] in _PREFIXED) :] if step.startswith(".")]
        if block.type == "data" and not names and not reads:
            return frozenset((Doubt(f"{_named(path, address)} is looked up when Terraform runs"),))
        found = (self._of_attribute(path, block, name, reads, is_certain=bool(names)) for name in names[:1] or reads)
        return self._of_repetition(path, block).union(*found)

    def _of_attribute(
        self, path: ModulePath, block: Block, name: str, reads: Reads, is_certain: bool
    ) -> frozenset[Doubt]:
        """The doubts about an attribute of a resource; of a whole one nobody knows whether it is what is read."""
        if name in block.attributes:
            return self.of_value(path, block, block.attributes[name].value, reads)
        where = _named(path, f"{block.address}.{name}")
        if _is_identity(block, name):
            return frozenset((Doubt(f"{where} is known after the deployment", Kind.IDENTITY),))
        if block.type == "data":
            return frozenset((Doubt(f"{where} is looked up when Terraform runs"),))
        return frozenset((Doubt(f"{where} is computed by the provider"),)) if is_certain else NONE


def _is_identity(block: Block, name: str) -> bool:
    if name in _DOCUMENT:
        return block.labels[0] == "aws_iam_policy_document"
    return name in _IDENTITIES and (block.type == "resource" or block.labels[0] in _LOOKED_UP)


def reason(doubts: Iterable[Doubt], *kinds: Kind) -> str:
    """One of the reasons of some kinds, or "" where there is none."""
    return min((doubt.why for doubt in doubts if doubt.kind in kinds), default="")


def _kind_of(call: str) -> Kind:
    return Kind.BLIND if call in _NEVER_THE_SAME else Kind.CALL


def _named(path: ModulePath, name: str = "") -> str:
    return ".".join([*(f"module.{call}" for call in path), *([name] if name else [])])
