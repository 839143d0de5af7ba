"""Folders of Terraform source become deployments: one for each root module."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct, json
from msgspec.structs import replace

from eni_lint.finding import Problem
from eni_lint.model.place import Origin, Span
from eni_lint.readers.errors import ReadError
from eni_lint.readers.options import Options
from eni_lint.readers.reading import Reading, Sources
from eni_lint.readers.terraform.addresses import heads
from eni_lint.readers.terraform.assembly import Configured, Mention, Standing, assembled
from eni_lint.readers.terraform.comments import directed
from eni_lint.readers.terraform.configured import OF_CALLS, configuration_of
from eni_lint.readers.terraform.evaluated import as_written, stage_of
from eni_lint.readers.terraform.hcl.evaluation import Evaluation
from eni_lint.readers.terraform.hcl.modules import Tree
from eni_lint.readers.terraform.hcl.roots import find_roots, roots_above
from eni_lint.readers.terraform.hcl.variables import Variables, find_variables, root_values
from eni_lint.readers.terraform.plan import QuietCollector
from eni_lint.readers.terraform.source import Source
from eni_lint.readers.terraform.told import Evaluated

LOCAL = ("./", "../")
SOURCE_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json")
# From this size of source on, a process of its own saves more time than its start takes.
WORTH_A_PROCESS = 100_000


def read_directories(paths: Sequence[str], options: Options) -> Reading:
    """Read the root modules that folders hold, and those to which files belong; each once."""
    roots = list(dict.fromkeys(str(root) for path in paths for root in _roots_of(Path(path))))
    readings = _each(roots, options)
    deployments = [deployment for reading in readings for deployment in reading.deployments]
    with_functions = [each for each in deployments if each.after.functions] if len(roots) > 1 else deployments
    passed_over = len(deployments) - len(with_functions)
    notes = [note for reading in readings for note in reading.notes]
    if passed_over:
        notes.append(f"{passed_over} of {len(roots)} root modules have no Lambda functions")
    return Reading(
        tuple(with_functions),
        tuple(dict.fromkeys(problem for reading in readings for problem in reading.errors)),
        tuple(notes),
        SourcesOfRoots({each.source: reading.sources for reading in readings for each in reading.deployments}),
    )


class SourcesOfRoots(Struct, frozen=True):
    """The places of several root modules, each found by the source of its own."""

    by_source: dict[str, Sources]

    def locate(self, origin: Origin) -> Span:
        """Give the place of an origin."""
        return self.by_source[origin.source].locate(origin)


def _roots_of(path: Path) -> Iterable[Path]:
    if path.is_dir():
        return find_roots(path) or (path,)
    return roots_above(path.parent)


def _each(roots: list[str], options: Options) -> list[Reading]:
    """Read every root; large ones at the same time, in processes of their own."""
    workers = min(len(roots), os.cpu_count() or 1)
    if workers < 2 or sum(map(_size, roots)) < WORTH_A_PROCESS:
        return [read_root(root, options) for root in roots]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda root: _in_process(root, options), roots))


def _size(root: str) -> int:
    return sum(entry.stat().st_size for entry in os.scandir(root) if entry.name.endswith(SOURCE_SUFFIXES))


def _in_process(root: str, options: Options) -> Reading:
    # -P: what lies in the current folder must not be imported.
    command = [sys.executable, "-P", "-m", __name__, root]
    done = subprocess.run(command, input=json.encode(options), capture_output=True, check=False)  # noqa: S603
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it stopped without a word"]
        return Reading(errors=(Problem(f"cannot be read: {words[-1]}", root),))
    reading: Reading = pickle.loads(done.stdout)  # noqa: S301  # our own words, from our own process
    return reading


def read_root(root: str, options: Options, processes: int | None = None) -> Reading:
    """Read one root module; what is wrong with it costs no other."""
    try:
        with QuietCollector():
            return _read_root(root, options, Source(Path(root), options.workspace, processes=processes))
    except ReadError as error:
        return Reading(errors=(Problem(error.message, error.file or root, error.line, error.column),))


def _read_root(root: str, options: Options, source: Source) -> Reading:
    tree = source.tree
    if tree.errors:
        problems = (Problem(each.message, each.file, each.line, each.column) for each in tree.errors)
        return Reading(errors=tuple(problems))
    variables = find_variables(Path(root), map(Path, options.var_files), os.environ)
    told = Evaluated(lambda: _evaluation(source, variables))
    configured = Configured(
        configuration=configuration_of(tree),
        variables=root_values(variables, tree.modules[()].blocks),
        told=told,
        leaking=tuple(_leaking(tree)),
        planned=False,
    )
    deployment = assembled(Standing(stage_of(told.evaluation)), configured, root)
    deployment = replace(deployment, incomplete=_incomplete(told.evaluation))
    notes = [f"{root}: {note}" for note in _notes(tree, told.evaluation)]
    if deployment.incomplete and not deployment.after.functions:
        # It would pass for a root module without functions.
        notes.append(f"{root}: {deployment.incomplete}")
    return Reading((directed(deployment, tree),), notes=tuple(notes), sources=source.places)


def _evaluation(source: Source, variables: Variables) -> Evaluation:
    evaluation = source.evaluate(variables)
    if evaluation.refused is not None:
        raise evaluation.refused
    if not evaluation.failure:
        return evaluation
    return replace(as_written(source.tree, evaluation.failure), failure=evaluation.failure)


def _notes(tree: Tree, evaluation: Evaluation) -> Iterator[str]:
    if evaluation.failure:
        yield evaluation.failure
    for missing in tree.missing:
        source = missing.calls[-1].source
        remedy = "there is no such folder" if source.startswith(LOCAL) else "terraform init fetches it"
        name = ".".join(f"module.{each}" for each in missing.path)
        yield f"{name} ({source or 'no plain source'}) is not at hand; {remedy}"


def _incomplete(evaluation: Evaluation) -> str:
    """Say which functions are left out because nobody can count them."""
    why = {each.owner: each.why for each in evaluation.uncounted if each.owner.startswith("aws_lambda_function.")}
    owner = next(iter(why), "")
    more = f" and {len(why) - 1} more" if len(why) > 1 else ""
    return f"how many {owner}{more} there are is not known: {why[owner]}" if why else ""


def _leaking(tree: Tree) -> Iterator[Mention]:
    """Yield what is passed to modules whose source is not at hand, with the module that passes it."""
    for missing in tree.missing:
        for name, attribute in missing.calls[-1].block.attributes.items():
            if name not in OF_CALLS:
                yield from ((missing.path[:-1], mention) for mention in heads(attribute.value.references))


def main() -> None:
    """Read the root module that is named on the command line, and write the reading to standard output."""
    # Others are read at the same time: all processors have their work.
    reading = read_root(sys.argv[1], json.decode(sys.stdin.buffer.read(), type=Options), processes=1)
    sys.stdout.buffer.write(pickle.dumps(reading))


if __name__ == "__main__":
    main()
