"""The Terraform source of one root module: its tree, its text, and what it evaluates to."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from eni_lint.readers.terraform.families import TYPES
from eni_lint.readers.terraform.hcl.evaluation import Evaluation, evaluate
from eni_lint.readers.terraform.hcl.modules import Tree, read_tree
from eni_lint.readers.terraform.hcl.saved_plan import SavedPlan, read_saved_tree, unpack
from eni_lint.readers.terraform.hcl.variables import Variables


class Source(Struct, frozen=True, eq=False):
    """One root module: what is written, and how to evaluate it."""

    tree: Tree
    evaluate: Callable[[Variables], Evaluation]


def in_folder(root: Path, workspace: str) -> Source:
    """Give the source in a folder and below it, with the modules that were installed there."""
    tree = read_tree(root, TYPES)
    return Source(tree, lambda variables: evaluate(tree, root, TYPES, variables, workspace))


def in_saved_plan(saved: SavedPlan, home: Path, workspace: str) -> Source:
    """Give the source that a saved plan holds; `home` is the root module's folder, where its files may lie too."""
    tree = read_saved_tree(saved, TYPES, home)

    def evaluated(variables: Variables) -> Evaluation:
        with tempfile.TemporaryDirectory() as folder:
            unpack(saved, Path(folder))
            return evaluate(tree, Path(folder), TYPES, variables, workspace)

    return Source(tree, evaluated)
