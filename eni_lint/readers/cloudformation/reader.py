"""CloudFormation in all its forms as input: templates, assemblies, packages, change sets, and what stood before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from eni_lint.finding import Problem
from eni_lint.model.deployment import Deployment
from eni_lint.readers.cloudformation import worlds
from eni_lint.readers.cloudformation.decode import Document, Note, decode
from eni_lint.readers.cloudformation.stack import Environment
from eni_lint.readers.cloudformation.translate.deployments import Input, deployments_between, deployments_of
from eni_lint.readers.cloudformation.translate.places import Templates, places_of
from eni_lint.readers.cloudformation.worlds import NOTHING_KNOWN, Plan, Settings, World
from eni_lint.readers.errors import ReadError
from eni_lint.readers.options import PLAIN, Options
from eni_lint.readers.reading import Reading

if TYPE_CHECKING:
    from eni_lint.readers.cloudformation.parameters import ParameterSet

CDK = "cdk"
SUFFIXES = (".yaml", ".yml", ".json", ".template")
# What stands in every type of resource, in UTF-8 and in UTF-16.
IN_TYPES = (b"::", b":\0:")
# Directories in which copies of templates lie, or none that anybody deploys.
PASSED_OVER = frozenset({"node_modules", "cdk.out"})


Read = Callable[[Settings], World]


def read_side_by_side(given: Sequence[tuple[str, bytes]], options: Options = PLAIN) -> Reading:
    """Read templates that are deployed side by side, each with the nested stacks that lie beside it.

    What one exports, another may import; those that nothing ties together are judged apart. All are read once for
    each set of parameters.
    """
    documents: list[Document] = []
    errors: list[ReadError] = []
    for source, data in given:
        try:
            documents.append(decode(data, source))
        except ReadError as error:
            errors.append(error)

    def world(settings: Settings) -> World:
        alone = len(documents) == 1
        plans = [
            Plan(each.file, each, replace(settings.of(each.file, alone=alone), root=_root_of(each.file)))
            for each in documents
        ]
        return worlds.assemble([*errors, *plans], _root_of(given[0][0]))

    return _read(world, Input(""), options)


def read_templates(folder: str, files: Iterable[str], options: Options = PLAIN) -> Reading:
    """Read the templates of a directory, which are deployed side by side; those that nothing ties are judged apart."""
    known, root = tuple(files), _root_of(folder)
    return _read(lambda settings: worlds.read_templates(known, replace(settings, root=root)), Input(""), options)


def read_fragments(folder: str, options: Options = PLAIN) -> Reading:
    """Read the templates of a directory as parts of one stack."""
    root = _root_of(folder)

    def world(settings: Settings) -> World:
        return worlds.read_fragments(folder, replace(settings.of(folder, alone=True), root=root))

    return _read(world, Input(folder), options)


def read_package(folder: str, options: Options = PLAIN) -> Reading:
    """Read what the Serverless Framework packaged."""
    root = _root_of(folder)

    def world(settings: Settings) -> World:
        return worlds.read_serverless(folder, replace(settings.of(folder, alone=True), root=root))

    return _read(world, Input(folder), options)


def read_assembly(folder: str, options: Options = PLAIN) -> Reading:
    """Read a cloud assembly: all stacks of a CDK program, and before them those of an earlier one."""
    from eni_lint.readers.cloudformation import assembly

    world, given = assembly.read_assembly(folder), Input(folder, CDK)
    if not options.before:
        return _reading(deployments_of(world, given), [world])
    old = _before(options.before, Settings())
    return _reading(deployments_between(old, world, given), [old, world])


def read_change_sets(given: Sequence[tuple[str, bytes]]) -> Iterator[Reading]:
    """Read change sets, each with those of the stacks nested in it: what is given, or lies beside it."""
    from eni_lint.readers.cloudformation import changeset
    from eni_lint.readers.cloudformation.translate.changesets import deployment_of_changes, listed

    found: list[changeset.ChangeSet] = []
    for source, data in given:
        try:
            found.append(changeset.read_change_set(decode(data, source)))
        except ReadError as error:
            yield Reading(errors=(Problem(error.message, error.file, error.line, error.column),))
    found += changeset.beside(found)
    for family in changeset.families(found):
        notes = _noted(note for each in family.members.values() for note in each.notes)
        deployment = deployment_of_changes(family, family.root.document.file)
        yield Reading((deployment,), notes=notes, sources=listed(family))


def templates_in(folder: Path) -> tuple[str, ...]:
    """List the templates in a directory and below it, without those that tools leave behind."""
    return tuple(sorted(_templates_below(folder)))


def holds_templates(folder: Path) -> bool:
    """Tell whether there is any template in a directory or below it."""
    return any(True for _ in _templates_below(folder))


def _templates_below(folder: Path) -> Iterator[str]:
    for root, folders, names in os.walk(folder):
        folders[:] = filter(_is_own, folders)
        paths = (Path(root, name) for name in names if _is_own(name) and name.endswith(SUFFIXES))
        yield from (str(path) for path in paths if _is_template(path))


def is_template_in(path: Path, folder: Path) -> bool:
    """Tell whether a file is one of the templates in a directory or below it."""
    if not path.is_relative_to(folder) or not path.is_file() or path.suffix not in SUFFIXES:
        return False
    return all(map(_is_own, path.relative_to(folder).parts)) and _is_template(path)


def _is_own(name: str) -> bool:
    """Tell whether a file or folder is not one that tools leave behind."""
    return not name.startswith(".") and name not in PASSED_OVER


def _is_template(path: Path) -> bool:
    try:
        data = path.read_bytes()
        # Most JSON and YAML is something else, and need not be decoded.
        return any(mark in data for mark in IN_TYPES) and worlds.is_template(decode(data, str(path)).tree)
    except (OSError, ReadError):
        return False


def _read(world_of: Read, given: Input, options: Options) -> Reading:
    """Read stacks once for each set of parameters, each of which is a case of its own."""
    sets = parameter_sets(options.parameters) if options.parameters else ((NOTHING_KNOWN, ""),)
    found: list[Deployment] = []
    seen: list[World] = []
    for settings, label in sets:
        if options.stack_name:
            settings = _called(settings, options.stack_name)
        world = world_of(settings)
        seen.append(world)
        if options.before:
            old = _before(options.before, replace(settings, stack_name=_name_before(options.before, world)))
            seen.insert(0, old)
            made = deployments_between(old, world, given)
        else:
            made = deployments_of(world, given)
        found.extend(_labelled(deployment, label if len(sets) > 1 else "") for deployment in made)
    return _reading(found, seen)


def _called(settings: Settings, stated: Iterable[str]) -> Settings:
    """Give what is known with the names of stacks that a user states, which count before those of files."""
    from eni_lint.readers.cloudformation.stack_names import place_of, stack_names

    names = stack_names(stated)
    if names.only:
        return replace(settings, stack_name=names.only, stack_names={})
    by_file = {place_of(file): name for file, name in names.by_file.items()}
    return replace(settings, stack_names={**settings.stack_names, **by_file})


def _name_before(path: str, world: World) -> str:
    """Name the stack of an earlier template: that of the only later one, else of the one whose file is called alike."""
    roots = [stack for stack in world.stacks.values() if not stack.parent]
    alike = [stack for stack in roots if len(roots) == 1 or Path(stack.file).name == Path(path).name]
    return alike[0].stack_name if len(alike) == 1 else ""


def _labelled(deployment: Deployment, label: str) -> Deployment:
    """Say under which parameters a deployment stands, beside the case of its conditions.

    It is named after its file then, for what one environment calls the stack is not what the others call it.
    """
    if not label:
        return deployment
    name = Path(deployment.source).name
    return replace(deployment, name=name, scenario=", ".join(filter(None, (f"with {label}", deployment.scenario))))


def parameter_sets(files: Iterable[str]) -> tuple[tuple[Settings, str], ...]:
    """Read files of parameters: those of several files add up, and a file of several environments splits them.

    Each set comes with the name of its environment.
    """
    from eni_lint.readers.cloudformation.parameters import ParameterSet, read_parameters

    found: tuple[tuple[ParameterSet, dict[str, str]], ...] = ((ParameterSet({}), {}),)
    for file in files:
        try:
            sets = read_parameters(Path(file).read_bytes(), file)
        except OSError as error:
            raise ReadError(f"the file cannot be opened: {error.strerror}", file) from error
        found = tuple(
            (one.joined(other), {**names, **_own_name(other, file)}) for one, names in found for other in sets
        )
    return tuple((_settings(each, names), each.label) for each, names in found)


def _own_name(stated: ParameterSet, file: str) -> dict[str, str]:
    """Give the name of a stack by the template that it is for: the one that is stated beside it, else the usual one."""
    templates = (stated.template,) if stated.template else ("template.yaml", "template.yml", "template.json")
    folder = Path(file).resolve().parent
    return {str((folder / each).resolve()): stated.stack_name for each in templates if stated.stack_name}


def _settings(stated: ParameterSet, names: dict[str, str]) -> Settings:
    return Settings(stated.parameters, stated.stack_name, names, Environment(region=stated.region))


def _before(path: str, settings: Settings) -> World:
    """Read what stood before: an assembly, or a template with the parameters of the later one."""
    if Path(path).is_dir():
        from eni_lint.readers.cloudformation import assembly

        return assembly.read_assembly(path)
    return worlds.read_templates([path], replace(settings, root=_root_of(path)))


def _reading(deployments: Iterable[Deployment], seen: Iterable[World]) -> Reading:
    found, written = tuple(deployments), list(seen)
    return Reading(
        found,
        tuple(Problem(e.message, e.file, e.line, e.column) for world in written for e in world.errors),
        tuple(dict.fromkeys(note for world in written for note in _noted(world.notes))),
        Templates({pointer: each for world in written for pointer, each in places_of(world).by_pointer.items()}),
    )


def _noted(notes: Iterable[Note]) -> tuple[str, ...]:
    return tuple(f"{_place(note)}: {note.message}" for note in notes)


def _place(note: Note) -> str:
    return ":".join(str(part) for part in (note.file, note.line, note.column) if part)


def _root_of(source: str) -> str:
    """Give the directory that nested stacks must lie in: this one, or that of the input where it lies elsewhere."""
    path = Path(source).resolve()
    folder = path if path.is_dir() else path.parent
    return "." if folder.is_relative_to(Path.cwd()) else str(folder)
