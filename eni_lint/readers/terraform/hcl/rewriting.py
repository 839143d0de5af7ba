"""Source is rewritten where the evaluator would misunderstand it, and laid out as `terraform init` leaves modules.

tfparse 0.6 takes an input of a module for the output of the same name, does not merge override files, reads the files
that OpenTofu passes over, stops at a type that is none, and loses blocks that are made from a collection where others
follow them. Written otherwise, all of it means the same to Terraform.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from msgspec import Struct

from eni_lint.readers.terraform.hcl.files import is_source
from eni_lint.readers.terraform.hcl.modules import Module, ModulePath, Tree
from eni_lint.readers.terraform.hcl.records import Block

# An output by its module and name.
Output: TypeAlias = tuple[ModulePath, str]

_TYPES = frozenset(("any", "bool", "list", "map", "number", "set", "string"))
_SUFFIX = "-of-module"


class Rewritten(Struct, frozen=True):
    """The files of every module, and the outputs that are no longer named like an input."""

    files: Mapping[ModulePath, Mapping[str, str]]
    renamed: frozenset[Output]


def rewritten(tree: Tree) -> Rewritten | None:
    """Rewrite a tree of modules, None where it can be evaluated as it is."""
    renamed = frozenset(output for module in tree.modules.values() for output in _ambiguous_outputs(tree, module))
    if not renamed and not any(_is_misread(module) for module in tree.modules.values()):
        return None
    return Rewritten({path: _files(module, renamed) for path, module in tree.modules.items()}, renamed)


def misread(tree: Tree) -> str:
    """Say why a tree would be misunderstood even though it is rewritten, or ""."""
    return next(filter(None, map(_ambiguity, filter(_is_json, tree.modules.values()))), "")


def write(source: Rewritten, tree: Tree, folder: Path) -> Path:
    """Write the modules out, each into a folder of its own beside whatever else lies with it; give the root's."""
    root, manifest = folder / "root", []
    for path, files in source.files.items():
        module = tree.modules[path]
        place = PurePosixPath(".terraform", "modules", ".".join(path), "module") if path else PurePosixPath()
        (root / place).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (root / place / name).write_text(text, "utf-8")
        home = Path(os.path.realpath(module.folder))
        _link_others(home, root / place)
        if any("../" in file.text for file in module.files):
            _link_others(home.parent, (root / place).parent)
        manifest.append({"Key": ".".join(path), "Source": "", "Dir": str(place)})
    (root / ".terraform" / "modules").mkdir(parents=True, exist_ok=True)
    (root / ".terraform" / "modules" / "modules.json").write_text(json.dumps({"Modules": manifest}), "utf-8")
    return root


def _link_others(home: Path, place: Path) -> None:
    taken = {entry.name for entry in place.iterdir()}
    for entry in home.iterdir() if home.is_dir() else ():
        if not is_source(entry.name) and entry.name not in taken and entry.name != ".terraform":
            # Only functions that read files look there, and what they cannot read is open.
            with contextlib.suppress(OSError):
                (place / entry.name).symlink_to(os.path.realpath(entry))


def _ambiguous_outputs(tree: Tree, module: Module) -> Iterator[Output]:
    """Yield the outputs of a called module that have the name of an input and another value."""
    if not module.path or _is_json(module) or _is_json(tree.modules[module.path[:-1]]):
        return
    inputs = {block.labels for block in module.blocks if block.type == "variable"}
    for block in module.blocks:
        if block.type == "output" and block.labels in inputs and "value" in block.attributes:
            (name,) = block.labels
            if block.attributes["value"].value.text != f"var.{name}":
                yield module.path, name


def _ambiguity(module: Module) -> str:
    written = (block for file in module.files if not file.name.endswith(".json") for block in file.blocks)
    losing = (block.address for block in written if _loses_blocks(block))
    return module.ambiguous or next((f"{address} has blocks behind its dynamic blocks" for address in losing), "")


def _is_misread(module: Module) -> bool:
    if _is_json(module):
        return False
    return bool(module.ambiguous) or any(_has_odd_type(block) or _loses_blocks(block) for block in module.blocks)


def _loses_blocks(block: Block) -> bool:
    """Tell whether a block written out follows a dynamic one: for each that does, one that is made gets lost."""
    kinds = [_is_dynamic(inner) for inner in block.blocks]
    return kinds != sorted(kinds) or any(map(_loses_blocks, block.blocks))


def _is_dynamic(block: Block) -> bool:
    return block.type == "dynamic"


def _is_json(module: Module) -> bool:
    return any(file.name.endswith(".json") for file in module.files)


def _has_odd_type(block: Block) -> bool:
    stated = block.attributes.get("type") if block.type == "variable" else None
    return stated is not None and any(steps[0] not in _TYPES for steps in stated.value.traversals)


def _files(module: Module, renamed: frozenset[Output]) -> Mapping[str, str]:
    if _is_json(module):
        return {Path(file.name).name: file.text for file in module.files}
    passed_over = {Path(file.name).name: file.text for file in module.files if not file.blocks}
    own = {name for path, name in renamed if path == module.path}
    called = {(path[-1], name) for path, name in renamed if path[:-1] == module.path and path}
    whole = "".join(_block(block, own, tuple(map(_reference, sorted(called)))) for block in module.blocks)
    return {**passed_over, "main.tf": whole}


def _block(block: Block, outputs: set[str], references: tuple[re.Pattern[str], ...]) -> str:
    labels = block.labels
    if block.type == "output" and outputs.intersection(labels):
        labels = tuple(label + _SUFFIX for label in labels)
    head = " ".join([block.type, *(f'"{label}"' for label in labels)])
    lines = [f"{head} {{\n"]
    for name, attribute in block.attributes.items():
        text = "any" if name == "type" and _has_odd_type(block) else attribute.value.text
        for reference in references:
            text = reference.sub(rf"\g<0>{_SUFFIX}", text)
        lines.append(f"{name} = {text}\n")
    lines += [_block(inner, set(), references) for inner in sorted(block.blocks, key=_is_dynamic)]
    return "".join([*lines, "}\n"])


def _reference(output: tuple[str, str]) -> re.Pattern[str]:
    call, name = map(re.escape, output)
    return re.compile(rf"\bmodule\s*\.\s*{call}\s*(?:\[[^\[\]]*\]\s*)?\.\s*{name}(?![\w-])")
