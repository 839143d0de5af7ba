"""CloudFormation in all its forms as input: templates, assemblies, packages, change sets, and what stood before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec.structs import replace

from eni_lint.finding import Problem
from eni_lint.model.deployment import Deployment
from eni_lint.readers.cloudformation import assembly, worlds
from eni_lint.readers.cloudformation.changeset import read_change_set as parse_change_set
from eni_lint.readers.cloudformation.decode import Note, decode
from eni_lint.readers.cloudformation.files import read_document
from eni_lint.readers.cloudformation.parameters import ParameterSet, read_parameters
from eni_lint.readers.cloudformation.stack import Environment
from eni_lint.readers.cloudformation.translate.changesets import deployment_of_changes, listed
from eni_lint.readers.cloudformation.translate.deployments import Input, deployments_between, deployments_of
from eni_lint.readers.cloudformation.translate.places import Templates, places_of
from eni_lint.readers.cloudformation.worlds import Plan, Settings, World
from eni_lint.readers.errors import ReadError
from eni_lint.readers.options import PLAIN, Options
from eni_lint.readers.reading import Reading

CDK = "cdk"
SUFFIXES = (".yaml", ".yml", ".json", ".template")
# Directories in which copies of templates lie, or none that anybody deploys.
PASSED_OVER = frozenset({"node_modules", "cdk.out"})


Read = Callable[[Settings], World]


def read_template(source: str, data: bytes, options: Options = PLAIN) -> Reading:
    """Read one template with the nested stacks that lie beside it, once for each set of parameters."""
    document = decode(data, source)

    def world(settings: Settings) -> World:
        within = replace(settings, root=_root_of(source))
        return worlds.assemble([Plan(source, document, within)], within.root)

    return _read(world, Input(source), options)


def read_templates(files: Iterable[str], options: Options = PLAIN) -> Reading:
    """Read templates that are deployed side by side; those that nothing ties together are judged apart."""
    known = tuple(files)
    return _read(lambda settings: worlds.read_templates(known, settings), Input(""), options)


def read_fragments(folder: str, options: Options = PLAIN) -> Reading:
    """Read the templates of a directory as parts of one stack."""
    return _read(lambda settings: worlds.read_fragments(folder, settings), Input(folder), options)


def read_package(folder: str, options: Options = PLAIN) -> Reading:
    """Read what the Serverless Framework packaged."""
    return _read(lambda settings: worlds.read_serverless(folder, settings), Input(folder), options)


def read_assembly(folder: str, options: Options = PLAIN) -> Reading:
    """Read a cloud assembly: all stacks of a CDK program, and before them those of an earlier one."""
    world, given = assembly.read_assembly(folder), Input(folder, CDK)
    if not options.before:
        return _reading(deployments_of(world, given), [world])
    old = _before(options.before, Settings())
    return _reading(deployments_between(old, world, given), [old, world])


def read_change_set(source: str, data: bytes) -> Reading:
    """Read a change set."""
    changes = parse_change_set(decode(data, source))
    return Reading((deployment_of_changes(changes, source),), notes=_noted(changes.notes), sources=listed(changes))


def templates_in(folder: Path) -> tuple[str, ...]:
    """List the templates in a directory and below it, without those that tools leave behind."""
    return tuple(
        sorted(str(path) for path in folder.rglob("*") if _may_be_template(path, folder) and _is_template(path))
    )


def _may_be_template(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return path.suffix in SUFFIXES and not any(part.startswith(".") or part in PASSED_OVER for part in parts)


def _is_template(path: Path) -> bool:
    try:
        return worlds.is_template(read_document(str(path)).tree)
    except ReadError:
        return False


def _read(world_of: Read, given: Input, options: Options) -> Reading:
    """Read stacks once for each set of parameters, each of which is a case of its own."""
    sets = _parameter_sets(options.parameters)
    found: list[Deployment] = []
    seen: list[World] = []
    for each in sets:
        settings = _settings(each)
        world = world_of(settings)
        seen.append(world)
        if options.before:
            old = _before(options.before, settings)
            seen.insert(0, old)
            made = deployments_between(old, world, given)
        else:
            made = deployments_of(world, given)
        label = each.label if len(sets) > 1 else ""
        found.extend(_labelled(deployment, label) for deployment in made)
    return _reading(found, seen)


def _labelled(deployment: Deployment, label: str) -> Deployment:
    """Say under which parameters a deployment stands, beside the case of its conditions."""
    if not label:
        return deployment
    return replace(deployment, scenario=", ".join(filter(None, (f"with {label}", deployment.scenario))))


def _before(path: str, settings: Settings) -> World:
    """Read what stood before: an assembly, or a template with the parameters of the later one."""
    if Path(path).is_dir():
        return assembly.read_assembly(path)
    return worlds.read_templates([path], replace(settings, root=_root_of(path)))


def _settings(parameters: ParameterSet) -> Settings:
    return Settings(
        parameters=parameters.parameters,
        stack_name=parameters.stack_name,
        environment=Environment(region=parameters.region),
    )


def _parameter_sets(files: Iterable[str]) -> tuple[ParameterSet, ...]:
    """Read the files of parameters; those of several files add up, and a file of several environments splits them."""
    found: tuple[ParameterSet, ...] = (ParameterSet({}),)
    for file in files:
        try:
            sets = read_parameters(Path(file).read_bytes(), file)
        except OSError as error:
            raise ReadError(f"the file cannot be opened: {error.strerror}", file) from error
        found = tuple(_together(one, other) for one in found for other in sets)
    return found


def _together(one: ParameterSet, other: ParameterSet) -> ParameterSet:
    return ParameterSet(
        {**one.parameters, **other.parameters},
        " and ".join(filter(None, (one.label, other.label))),
        other.stack_name or one.stack_name,
        other.region or one.region,
    )


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
    """Give the directory that the nested stacks of a template must lie in: this one, or its own where that is away."""
    folder = Path(source).resolve().parent
    return "." if folder.is_relative_to(Path.cwd()) else str(folder)
