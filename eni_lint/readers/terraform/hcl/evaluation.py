"""What a root module evaluates to, as far as that can be trusted.

tfparse evaluates in a process of its own. Its answer is then held against the source: a value counts only where
nothing that it depends on is out of the evaluator's sight.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.doubts import Doubts
from eni_lint.readers.terraform.hcl.modules import ModulePath, Tree
from eni_lint.readers.terraform.hcl.rewriting import misread, rewritten, write
from eni_lint.readers.terraform.hcl.traversals import parse_traversal
from eni_lint.readers.terraform.hcl.trust import Check, Value
from eni_lint.readers.terraform.hcl.variables import Variables, environment_file, given_names

_CHILD = "eni_lint.readers.terraform.hcl.evaluate"


class Instance(Struct, frozen=True):
    """One instance of a resource or data source: `owner` is its block's address in the module at `path`.

    A text in `values` may hold identities, written as `${address}`.
    """

    address: str
    path: ModulePath
    owner: str
    values: Mapping[str, Value]


class Uncounted(Struct, frozen=True):
    """A block of which nobody can tell how many instances there will be; those that are listed are a guess."""

    path: ModulePath
    owner: str
    why: str


class Evaluation(Struct, frozen=True):
    """The instances of a root module; `failure` says why there are none to tell, in one line.

    `refused` is a place in a file that is no source of Terraform, although it can be read.
    """

    instances: tuple[Instance, ...] = ()
    uncounted: tuple[Uncounted, ...] = ()
    failure: str = ""
    refused: ReadError | None = None


class Limits(Struct, frozen=True):
    """What one evaluation may cost."""

    seconds: int = 30
    memory: int = 4 << 30


NO_VARIABLES = Variables()
USUAL_LIMITS = Limits()


class Raw(Struct, frozen=True):
    """An instance as the evaluator tells it."""

    address: str
    values: dict[str, Any]


class Answer(Struct, frozen=True):
    """What the evaluator tells."""

    ids: dict[str, str] = {}
    instances: tuple[Raw, ...] = ()
    failure: str = ""
    refused: tuple[str, int, int, str] | None = None


def evaluate(
    tree: Tree,
    root: Path,
    types: frozenset[str],
    variables: Variables = NO_VARIABLES,
    workspace: str = "default",
    limits: Limits = USUAL_LIMITS,
) -> Evaluation:
    """Evaluate the resources and data sources of some types; what the evaluator cannot do is told in the result."""
    if why := misread(tree):
        return Evaluation(failure=f"not evaluated: {why}")
    given = given_names(variables)
    source = rewritten(tree)
    if source is None:
        answer = _ask(tree, root, types, variables, workspace, limits)
    else:
        with tempfile.TemporaryDirectory() as folder:
            answer = _ask(tree, write(source, tree, Path(folder)), types, variables, workspace, limits)
    if answer.refused:
        file, line, column, reason = answer.refused
        refused = ReadError(reason[:1].lower() + reason[1:], os.path.normpath(root / file), line, column)
        return Evaluation(failure=f"not evaluated: {refused}", refused=refused)
    if answer.failure:
        return Evaluation(failure=answer.failure)
    blocks = {
        (path, block.address): block
        for path, module in tree.modules.items()
        for block in module.blocks
        if block.type in ("resource", "data") and block.address and block.labels[0] in types
    }
    check = Check(answer.ids, Doubts(tree, given, frozenset() if source is None else source.renamed))
    instances: list[Instance] = []
    counted: dict[tuple[ModulePath, str], list[str]] = {place: [] for place in blocks}
    for raw in answer.instances:
        path, owner = place = _placed(raw.address)
        if place in blocks:
            instances.append(
                Instance(raw.address, path, owner, check.values_of(path, blocks[place], raw.values, _key(raw.address)))
            )
            counted[place].append(raw.address)
    uncounted = (
        Uncounted(*place, why)
        for place, addresses in counted.items()
        if (why := check.miscounts(tree, place[0], blocks[place], addresses))
    )
    return Evaluation(tuple(instances), tuple(uncounted))


def _ask(tree: Tree, root: Path, types: frozenset[str], variables: Variables, workspace: str, limits: Limits) -> Answer:
    folder = os.path.realpath(root)
    with tempfile.TemporaryDirectory() as temporary:
        environment, values = Path(temporary, "environment.tfvars"), Path(temporary, "values.tfvars.json")
        environment.write_text(environment_file(variables, tree.modules[()].blocks), "utf-8")
        values.write_bytes(msgspec.json.encode(variables.values))
        files = (environment, *variables.files, values)
        request = {
            "folder": folder,
            "workspace": workspace,
            # tfparse takes them relative to the folder, whatever they are.
            "variables": [os.path.relpath(os.path.realpath(file), folder) for file in files],
            "types": sorted(types),
            "memory": limits.memory,
            "seconds": limits.seconds,
        }
        return _run(msgspec.json.encode(request), limits.seconds)


def _run(request: bytes, seconds: int) -> Answer:
    try:
        # -P: what lies in the current folder must not be imported.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-m", _CHILD], input=request, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return Answer(failure=f"not evaluated: tfparse did not finish within {seconds} s")
    if done.returncode != 0:
        return Answer(failure=f"not evaluated: tfparse stopped: {_last_words(done.stderr)}")
    try:
        return msgspec.json.decode(done.stdout, type=Answer)
    except msgspec.DecodeError:
        return Answer(failure="not evaluated: tfparse gave no answer")


def _last_words(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("panic:", "fatal error:"))] or lines[-1:]
    return told[0][:200] if told else "without a word"


def _key(address: str) -> str:
    """The key of an instance that its block makes with `for_each`, or "".

    >>> _key('module.a["x"].aws_vpc.main["y"]'), _key('module.a["x"].aws_vpc.main'), _key("aws_vpc.main[0]")
    ('y', '', '')
    """
    last = parse_traversal(address)[-1]
    return msgspec.json.decode(last[1:-1], type=str) if last.startswith('["') else ""


def _placed(address: str) -> tuple[ModulePath, str]:
    """The module and the block that an instance comes from.

    >>> _placed('module.a["x"].module.b.data.aws_vpc.main[0]')
    (('a', 'b'), 'data.aws_vpc.main')
    """
    names = [step.removeprefix(".") for step in parse_traversal(address) if not step.startswith("[")]
    path: list[str] = []
    while names[:1] == ["module"]:
        path += names[1:2]
        del names[:2]
    return tuple(path), ".".join(names)
