"""Which names stacks are supposed to bear: those under which others import from them.

Exports are mostly named after their stack, `${AWS::StackName}-SubnetA`, and imports after a parameter or outright,
`${NetworkStack}-SubnetA`. Nothing in the templates says that the two are one, so it is supposed and never a fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.readers.cloudformation.resolve import Resolver
from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.translate.naming import NOTHING, Naming, Supposition, may_name_a_stack
from eni_lint.readers.cloudformation.tree import find, functions_in, written
from eni_lint.readers.cloudformation.values import Known, Reason, Resource, Text, Unknown, Value, key_of

STACK_NAME = "AWS::StackName"
PARAMETERS = (Reason.PARAM, Reason.PARAM_DEFAULT)
# The longest name that an export can have, and more parts than people make one of.
LONGEST, MOST_PARTS = 255, 20
# More candidates than these are counted.
MOST_NAMED = 3

Part: TypeAlias = "Known | Unknown"
Name: TypeAlias = "tuple[Part, ...]"
Ending: TypeAlias = "tuple[str, ...]"


class Taken(Struct, frozen=True):
    """The names that exports and stacks have for certain."""

    exports: frozenset[str]
    stacks: frozenset[str]


class Wanted(Struct, frozen=True):
    """An import that nothing among the inputs exports by its name, and what its name may end with.

    `matches` are the beginnings that leave the ending of an export, the shortest first, with who exports that.
    """

    importer: str
    key: str
    name: Name
    matches: tuple[tuple[Name, tuple[str, ...]], ...]

    @property
    def candidates(self) -> tuple[str, ...]:
        """The stacks that may export it."""
        return tuple(dict.fromkeys(exporter for _, exporters in self.matches for exporter in exporters))


def naming_of(resolver: Resolver) -> Naming:
    """Suppose of each stack the one name that fits all who import from it; none where several stacks or names may."""
    stacks = resolver.stacks
    nameless = Resolver({name: replace(stack, stack_name="") for name, stack in stacks.items()})
    endings = {name: tuple(_endings(nameless, stack)) for name, stack in stacks.items() if not stack.parent}
    offers: dict[Ending, list[str]] = {}
    for exporter, own in endings.items():
        for rest in own:
            offers.setdefault(_ending(rest), []).append(exporter)
    if not offers:
        return NOTHING
    taken = Taken(frozenset(_exported(resolver)), frozenset(stack.stack_name for stack in stacks.values()))
    wanted = list(_wanted(resolver, offers, taken.exports))
    supposed = [
        each
        for exporter, called in _names(wanted).items()
        for each in _suppositions(stacks, exporter, called, endings[exporter], taken)
    ]
    deciding = {each.key: _deciding(stacks, each) for each in wanted if each.matches}
    return Naming(tuple(supposed), deciding)


# What stacks export


def _endings(nameless: Resolver, stack: Stack) -> Iterator[Name]:
    """Yield what follows the name of the stack in its exports, whether that name is known or not."""
    for declared in stack.section("Outputs").values():
        export = find(declared, "Export", "Name")
        name = () if export is None else _parts(nameless.resolve(stack.name, export))
        match name:
            case (Unknown(reason=Reason.PSEUDO, detail="AWS::StackName"), Known(), *_):
                yield name[1:]
            case _:
                pass


def _ending(rest: Name) -> Ending:
    first, *others = rest
    return (key_of(first), *map(key_of, others))


def _exported(resolver: Resolver) -> Iterator[str]:
    for name, stack in resolver.stacks.items():
        for declared in stack.section("Outputs").values():
            export = find(declared, "Export", "Name")
            if export is not None:
                yield key_of(resolver.resolve(name, export))


# What others import


def _wanted(resolver: Resolver, offers: Mapping[Ending, list[str]], taken: frozenset[str]) -> Iterator[Wanted]:
    for importer, stack in resolver.stacks.items():
        seen: set[str] = set()
        root = _root(resolver.stacks, importer)
        for function, argument in functions_in(stack.template):
            if function != "Fn::ImportValue":
                continue
            value = resolver.resolve(importer, argument)
            key = key_of(value)
            if key in seen or key in taken:
                continue
            seen.add(key)
            name = _parts(value)
            matches = (
                (beginning, tuple(_exporters(resolver.stacks, offers.get(ending, ()), root, beginning)))
                for beginning, ending in _cuts(name)
            )
            yield Wanted(root, key, name, tuple(match for match in matches if match[1]))


def _root(stacks: Mapping[str, Stack], name: str) -> str:
    while stacks[name].parent:
        name = stacks[name].parent
    return name


def _parts(value: Value) -> Name:
    """Give the parts of a name; of one that no export has, none."""
    match value:
        case Text(parts) if len(parts) <= MOST_PARTS:
            name = tuple(part for part in parts if not isinstance(part, Resource))
            whole = len(name) == len(parts)
        case Known() | Unknown():
            name, whole = (value,), True
        case _:
            return ()
    short = sum(len(written(part.value)) for part in name if isinstance(part, Known)) <= LONGEST
    return name if whole and short else ()


def _exporters(stacks: Mapping[str, Stack], offering: Iterable[str], importer: str, beginning: Name) -> Iterator[str]:
    """Yield the other stacks that may bear a name: one that is called something already bears no other."""
    for each in dict.fromkeys(offering):
        if each != importer and (_is_open(beginning) or not stacks[each].stack_name):
            yield each


def _cuts(name: Name) -> Iterator[tuple[Name, Ending]]:
    """Yield every way to part a name into that of a stack and what follows, the shortest of the first before others."""
    for index, part in enumerate(name):
        if isinstance(part, Known):
            text, rest = written(part.value), tuple(map(key_of, name[index + 1 :]))
            for cut in range(len(text)):
                beginning = (*name[:index], *((Known(text[:cut]),) if cut else ()))
                if beginning and all(map(_may_name_a_stack, beginning)):
                    yield beginning, (text[cut:], *rest)


def _may_name_a_stack(part: Part) -> bool:
    return isinstance(part, Unknown) or may_name_a_stack(written(part.value))


# Who is called what


def _names(wanted: Sequence[Wanted]) -> dict[str, dict[str, list[Name]]]:
    """Give the names that the stacks which import from a stack have for it, by exporter and importer."""
    fitting = _fitting(wanted)
    found: dict[str, dict[str, list[Name]]] = {}
    for each in wanted:
        if each.matches and len(fitting[each.matches[0][0]]) == 1:
            name = each.matches[0][0]
            (exporter,) = fitting[name]
            called = found.setdefault(exporter, {}).setdefault(each.importer, [])
            if name not in called:
                called.append(name)
    return found


def _fitting(wanted: Sequence[Wanted]) -> dict[Name, set[str]]:
    """Give the stacks that export all that is imported by the same beginning."""
    found: dict[Name, set[str]] = {}
    for each in wanted:
        if each.matches:
            name, exporters = each.matches[0]
            sure = set(exporters) if set(each.candidates) <= set(exporters) else set()
            found[name] = found.get(name, sure) & sure
    for each in wanted:
        if not each.matches:
            for name, (text, *_) in _cuts(each.name):
                if name in found and (not isinstance(name[-1], Known) or not text[0].isalnum()):
                    found[name] = set()
    return found


def _suppositions(
    stacks: Mapping[str, Stack], exporter: str, called: Mapping[str, list[Name]], endings: Sequence[Name], taken: Taken
) -> Iterator[Supposition]:
    """Suppose that a stack bears the one name that all have for it, where there is such a name."""
    stack = stacks[exporter]
    if any(len(names) > 1 for names in called.values()):
        return
    names = [names[0] for names in called.values()]
    if stack.stack_name:
        names.append((Known(stack.stack_name),))
    name, *others = sorted(dict.fromkeys(names), key=_is_open)
    if not all(_agree(name, other) for other in others):
        return
    values = {key: value for other in (name, *others) for key, value in _bound(name, other)}
    if stack.stack_name:
        says = " and ".join(dict.fromkeys(f"{_told(other)} is {_says(name)}" for other in others))
        yield Supposition(exporter, frozenset(called), says, values)
    elif key_of(Text(name)) not in taken.stacks and taken.exports.isdisjoint(_made(name, endings)):
        values[f"{exporter}/{STACK_NAME}"] = _value(name)
        yield Supposition(exporter, frozenset(called), f"{stack.file} is deployed as {_says(name)}", values)


def _made(name: Name, endings: Iterable[Name]) -> Iterator[str]:
    return (key_of(Text((*name, *ending))) for ending in endings)


def _is_open(name: Name) -> bool:
    return any(isinstance(part, Unknown) for part in name)


def _is_given(part: Part) -> bool:
    """Tell whether whoever deploys a stack says what a part of a name is."""
    return isinstance(part, Unknown) and part.reason in PARAMETERS


def _agree(name: Name, other: Name) -> bool:
    """Tell whether parameters of a name can be such that it is the same as another one."""
    if len(other) == 1 and _is_given(other[0]):
        return True
    return len(name) == len(other) and all(one == two or _is_given(two) for one, two in zip(name, other, strict=True))


def _bound(name: Name, other: Name) -> Iterator[tuple[str, Known | Unknown | Text]]:
    """Yield what the parameters of a name are, so that it is the same as the first."""
    pairs = zip(other, name, strict=True) if len(name) == len(other) else [(other[0], _value(name))]
    for part, value in pairs:
        if isinstance(part, Unknown) and part.reason in PARAMETERS:
            yield part.key, value


def _value(name: Name) -> Known | Unknown | Text:
    return name[0] if len(name) == 1 else Text(name)


def _says(name: Name) -> str:
    return "".join(f"${{{part.detail}}}" if isinstance(part, Unknown) else written(part.value) for part in name)


def _told(name: Name) -> str:
    return name[0].detail if len(name) == 1 and isinstance(name[0], Unknown) else _says(name)


# What would tell


def _deciding(stacks: Mapping[str, Stack], wanted: Wanted) -> str:
    """Say what decides an import that stacks here may export: what they are called, and what its name begins with."""
    name = wanted.matches[0][0]
    opened = [part for part in name if isinstance(part, Unknown)]
    nameless = [stacks[each].file for each in wanted.candidates if not stacks[each].stack_name]
    given = dict.fromkeys(part.detail for part in opened if _is_given(part))
    others = dict.fromkeys(part.detail for part in opened if not _is_given(part))
    flags = [_flags(nameless, "…" if opened else _says(name))] if nameless else []
    flags += [f"--parameters with {' and '.join(given)}"] if given else []
    told = [f"pass {' and '.join(flags)}"] if flags else []
    told += [f"it hangs on {' and '.join(others)}"] if others else []
    return ", and ".join(told)


def _flags(files: Sequence[str], called: str) -> str:
    shown = " or ".join(f"--stack-name {file}={called}" for file in files[:MOST_NAMED])
    return shown if len(files) <= MOST_NAMED else f"{shown} or that of {len(files) - MOST_NAMED} more"
