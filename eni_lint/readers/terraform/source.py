"""The Terraform source of one root module: its tree, and what it evaluates to; each is made when asked for."""

from __future__ import annotations

import re
import tempfile
from functools import cached_property
from pathlib import Path

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.families import TYPES
from eni_lint.readers.terraform.hcl.evaluation import Evaluation, evaluate
from eni_lint.readers.terraform.hcl.files import is_source
from eni_lint.readers.terraform.hcl.forks import cores
from eni_lint.readers.terraform.hcl.modules import Disk, Sources, Tree, tree_of
from eni_lint.readers.terraform.hcl.saved_plan import Archive, SavedPlan, unpack
from eni_lint.readers.terraform.hcl.variables import Variables
from eni_lint.readers.terraform.places import Written


class Source:
    """One root module in a folder, or as a saved plan holds it; it is read in as many processes as are given."""

    def __init__(
        self, root: Path, workspace: str, saved: SavedPlan | None = None, processes: int | None = None
    ) -> None:
        self.modules: Sources = Disk(root) if saved is None else Archive(saved, root)
        self.folder = str(root) if saved is None else ""
        self._root = root
        self._saved = saved
        self._workspace = workspace
        self._processes = cores() if processes is None else processes

    @cached_property
    def tree(self) -> Tree:
        """What is written, in all modules."""
        return tree_of(self.modules, self.folder, TYPES, self._processes)

    @property
    def places(self) -> Written:
        """Where things are written."""
        modules = self.tree.modules.values() if "tree" in vars(self) else ()
        parsed = {file.name: file for module in modules for file in module.files if file.blocks}
        return Written(self.modules, self.folder, parsed)

    def says(self, pattern: re.Pattern[bytes]) -> bool:
        """Tell whether a file of the root module has a text that matches."""
        try:
            names = [name for name in self.modules.names(self.folder) if is_source(name)]
            return any(pattern.search(self.modules.read(self.folder, name)[1]) is not None for name in names)
        except ReadError:
            return True

    def evaluate(self, variables: Variables) -> Evaluation:
        """Evaluate the source."""
        if self._saved is None:
            return evaluate(self.tree, self._root, TYPES, variables, self._workspace)
        with tempfile.TemporaryDirectory() as folder:
            unpack(self._saved, Path(folder))
            return evaluate(self.tree, Path(folder), TYPES, variables, self._workspace)
