"""A root folder becomes the tree of its modules, as far as their sources are at hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec
from msgspec import Struct

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.files import select
from eni_lint.readers.terraform.hcl.forks import spread
from eni_lint.readers.terraform.hcl.overrides import override
from eni_lint.readers.terraform.hcl.records import Block, File
from eni_lint.readers.terraform.hcl.syntax import decode, parse, read_bytes

# The names of the calls that lead from the root to a module.
ModulePath: TypeAlias = tuple[str, ...]

MAX_MODULES = 5_000

_ALWAYS = ("module", "locals", "variable", "output", "provider", "terraform", "moved", "removed", "import")
_LOCAL = ("./", "../", ".\\", "..\\")


class Call(Struct, frozen=True):
    """One call of a module; `source` is as written, or "" where it is no plain text."""

    name: str
    source: str
    block: Block


class Module(Struct, frozen=True):
    """One module in its place in the tree; `calls` lead there from the root, outermost first.

    `blocks` are those of all files, override files merged. `ambiguous` says why other readers of the same folder
    may understand it differently, or is "".
    """

    path: ModulePath
    folder: str
    blocks: tuple[Block, ...]
    files: tuple[File, ...]
    calls: tuple[Call, ...] = ()
    ambiguous: str = ""


class Body(Struct, frozen=True):
    """What the files of one folder say, whoever calls it."""

    blocks: tuple[Block, ...] = ()
    files: tuple[File, ...] = ()
    errors: tuple[ReadError, ...] = ()
    ambiguous: str = ""


class Step(Struct, frozen=True):
    """A module that is still to be read, the calls that lead there and the real folders of their callers."""

    path: ModulePath
    folder: str
    calls: tuple[Call, ...] = ()
    above: tuple[str, ...] = ()


class Missing(Struct, frozen=True):
    """A module whose source is not at hand; `terraform init` would fetch it."""

    path: ModulePath
    calls: tuple[Call, ...]


class Tree(Struct, frozen=True):
    """All modules of one root by path; what could not be read is listed, and the rest is there all the same."""

    modules: Mapping[ModulePath, Module]
    missing: tuple[Missing, ...] = ()
    errors: tuple[ReadError, ...] = ()


class Sources(Protocol):
    """Where module sources come from: a disk, or a saved plan."""

    def names(self, folder: str) -> Iterable[str]:
        """List the files in a folder."""
        ...

    def read(self, folder: str, name: str) -> tuple[str, bytes]:
        """Give a file: what its places call it, and what is in it."""
        ...

    def find(self, path: ModulePath, source: str, caller: str) -> str | None:
        """Find the folder of a called module, None where it is not at hand."""
        ...


class Disk:
    """Module sources in folders, with what `terraform init` has left in `.terraform` of the root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._installed = _installed(root)

    def names(self, folder: str) -> Iterable[str]:
        """List the files in a folder."""
        try:
            with os.scandir(folder) as entries:
                return [entry.name for entry in entries if entry.is_file()]
        except OSError as error:
            raise ReadError(f"cannot be read: {error.strerror}", folder) from None

    def read(self, folder: str, name: str) -> tuple[str, bytes]:
        """Give a file and its path."""
        file = os.path.normpath(Path(folder) / name)
        return file, read_bytes(Path(file), file)

    def find(self, path: ModulePath, source: str, caller: str) -> str | None:
        """Find a module by its local source, or where it was installed."""
        if source.startswith(_LOCAL):
            folder = os.path.normpath(Path(caller) / source.replace("\\", "/"))
        elif installed := self._installed.get(".".join(path)):
            folder = os.path.normpath(self._root / installed)
        else:
            return None
        return folder if Path(folder).is_dir() else None


def read_tree(root: Path, types: frozenset[str] = frozenset()) -> Tree:
    """Read a root folder and the modules that it calls; see `tree_of`."""
    return tree_of(Disk(root), str(root), types)


def tree_of(sources: Sources, root: str, types: frozenset[str] = frozenset(), processes: int = 1) -> Tree:
    """Read all modules below a root folder; the files of a large one in some processes.

    Where `types` are given, files that name none of these resource types and hold nothing that links them
    (locals, variables, outputs, calls) are not parsed.
    """
    needed = _needed(types)
    modules: dict[ModulePath, Module] = {}
    missing: list[Missing] = []
    errors: list[ReadError] = []
    bodies: dict[str, Body] = {}
    waiting = [Step((), root)]
    while waiting:
        step = waiting.pop()
        if step.folder not in bodies:
            bodies[step.folder] = _body(sources, step.folder, needed, processes)
            errors += bodies[step.folder].errors
        body = bodies[step.folder]
        modules[step.path] = Module(step.path, step.folder, body.blocks, body.files, step.calls, body.ambiguous)
        for call in _calls(body.blocks):
            path, calls = (*step.path, call.name), (*step.calls, call)
            folder = sources.find(path, call.source, step.folder)
            if folder is None:
                missing.append(Missing(path, calls))
            elif os.path.realpath(folder) in (*step.above, os.path.realpath(step.folder)):
                errors.append(_at(call, f"module {'.'.join(path)} calls itself"))
            elif len(modules) + len(waiting) >= MAX_MODULES:
                return Tree(modules, tuple(missing), (*errors, _at(call, f"more than {MAX_MODULES} modules")))
            else:
                waiting.append(Step(path, folder, calls, (*step.above, os.path.realpath(step.folder))))
    return Tree(modules, tuple(missing), tuple(_each_once(errors)))


def installed_modules(text: bytes) -> dict[str, str]:
    """The folder of each installed module by its key, from the text of a `modules.json`.

    Terraform writes it as an object in a working folder, and as a bare list in a saved plan.

    >>> installed_modules(b'{"Modules": [{"Key": "net", "Source": "../net", "Dir": "../net"}]}')
    {'net': '../net'}
    """
    try:
        manifest = msgspec.json.decode(text, type=_Manifest | tuple[_Installed, ...])
    except (msgspec.DecodeError, RecursionError):
        return {}
    entries = manifest.modules if isinstance(manifest, _Manifest) else manifest
    return {entry.key: entry.dir for entry in entries}


class _Installed(Struct, frozen=True, rename="pascal"):
    key: str = ""
    dir: str = ""


class _Manifest(Struct, frozen=True, rename="pascal"):
    modules: tuple[_Installed, ...] = ()


def _installed(root: Path) -> dict[str, str]:
    manifest = root / ".terraform" / "modules" / "modules.json"
    return installed_modules(read_bytes(manifest, str(manifest))) if manifest.is_file() else {}


def _needed(types: frozenset[str]) -> re.Pattern[str]:
    """What a text contains if it is worth parsing."""
    if not types:
        return re.compile("")
    links = rf'(?:^|[{{,])[ \t]*"?(?:{"|".join(_ALWAYS)})\b'
    return re.compile(rf"{links}|\b(?:{'|'.join(map(re.escape, sorted(types)))})\b", re.MULTILINE)


def _body(sources: Sources, folder: str, needed: re.Pattern[str], processes: int) -> Body:
    try:
        selection = select(sources.names(folder))
    except ReadError as error:
        return Body(errors=(error,))
    names = (*selection.primary, *selection.overrides)
    results = spread(lambda name: _file(sources, folder, name, needed), names, processes)
    primary, overriding = results[: len(selection.primary)], results[len(selection.primary) :]
    errors = [result for result in results if isinstance(result, ReadError)]
    blocks = tuple(_blocks(primary))
    try:
        blocks = override(blocks, _blocks(overriding))
    except ReadError as error:
        errors.append(error)
    files = tuple(result for result in results if isinstance(result, File))
    replacing = (*selection.overrides, *selection.shadowed)
    return Body(blocks, files, tuple(errors), f"{replacing[0]} is not read like the others" if replacing else "")


def _file(sources: Sources, folder: str, name: str, needed: re.Pattern[str]) -> File | ReadError:
    """Parse a file, or give it without its content where nobody asks for it."""
    try:
        place, data = sources.read(folder, name)
        text = decode(data, place)
        return parse(text, place) if needed.search(text) else File(place, text=text)
    except ReadError as error:
        return error


def _blocks(results: Iterable[File | ReadError]) -> Iterator[Block]:
    return (block for result in results if isinstance(result, File) for block in result.blocks)


def _each_once(errors: Iterable[ReadError]) -> Iterable[ReadError]:
    """Give the errors without those that say the same of the same place: what no file is to blame for has none."""
    return {(each.message, each.file, each.line, each.column): each for each in errors}.values()


def _calls(blocks: Iterable[Block]) -> Iterator[Call]:
    for block in blocks:
        if block.type == "module" and block.labels:
            source = block.attributes.get("source")
            stated = None if source is None else source.value.constant
            yield Call(block.labels[0], stated if isinstance(stated, str) else "", block)


def _at(call: Call, message: str) -> ReadError:
    return ReadError(message, call.block.header.file, call.block.header.line, call.block.header.column)
