"""Words to the linter in Terraform source: comments at resources, and at calls for all that the module makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from eni_lint.model.compute import Function
from eni_lint.model.deployment import Deployment, Directive, World
from eni_lint.model.place import Origin
from eni_lint.readers.directives import MARK, directives_in
from eni_lint.readers.terraform.changes import Node, node_of
from eni_lint.readers.terraform.hcl.modules import Module, ModulePath, Tree
from eni_lint.readers.terraform.hcl.records import Block, Comment, File

COMMENTED = ("resource", "data", "module")

Nodes = Mapping[Node, list[str]]


def directed(deployment: Deployment, tree: Tree) -> Deployment:
    """Give a deployment the directives of its source, and its functions what those say of their calls."""
    if not any(MARK in file.text for module in tree.modules.values() for file in module.files):
        return deployment
    directives = tuple(directives_of(tree, deployment.origins))
    needs = {each.address: each.needs for each in directives if each.needs}
    before = None if deployment.before is None else _needing(deployment.before, needs)
    return replace(deployment, directives=directives, before=before, after=_needing(deployment.after, needs))


def _needing(world: World, needs: Mapping[str, tuple[str, ...]]) -> World:
    functions: dict[str, Function] = {
        address: replace(function, needs=needs[address]) if address in needs else function
        for address, function in world.functions.items()
    }
    return replace(world, functions=functions)


def directives_of(tree: Tree, addresses: Iterable[str]) -> Iterator[Directive]:
    """Yield the directives of every address whose block, or a call that leads there, has some."""
    nodes: dict[Node, list[str]] = {}
    for address in addresses:
        nodes.setdefault(node_of(address), []).append(address)
    for path, module in tree.modules.items():
        for file in module.files:
            if MARK in file.text:
                yield from _in_file(path, module, file, nodes)


def _in_file(path: ModulePath, module: Module, file: File, nodes: Nodes) -> Iterator[Directive]:
    there = [block for block in module.blocks if block.header.file == file.name and block.type in COMMENTED]
    above = _above(file)
    for comment in file.comments:
        if MARK not in comment.text:
            continue
        origin = Origin(f"{file.name}:{comment.line}")
        for block in there:
            if _holds(block, comment) or above.get(comment.line) == block.header.line:
                for address in _addresses(path, block, nodes):
                    yield from directives_in(comment.text, address, origin)


def _above(file: File) -> dict[int, int]:
    """Give the line below the comment lines that each comment line belongs to."""
    below: dict[int, int] = {}
    for comment in reversed(file.comments):
        if comment.alone:
            following = comment.line + comment.text.count("\n") + 1
            below[comment.line] = below.get(following, following)
    return below


def _holds(block: Block, comment: Comment) -> bool:
    span = block.span
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    trailing = not comment.alone and comment.line == span.end_line
    return start <= (comment.line, comment.column) < end or trailing


def _addresses(path: ModulePath, block: Block, nodes: Nodes) -> Iterator[str]:
    if block.type != "module":
        yield from nodes.get((path, block.address), ())
        return
    inside = (*path, *block.labels)
    for (place, _), addresses in nodes.items():
        if place[: len(inside)] == inside:
            yield from addresses
