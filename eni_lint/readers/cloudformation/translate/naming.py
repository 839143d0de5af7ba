"""What stacks are supposed to be called where no input tells, and what would tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.readers.cloudformation.resolve import Scenario
from eni_lint.readers.cloudformation.tree import written
from eni_lint.readers.cloudformation.values import Known, Resource, Text, Unknown


class Supposition(Struct, frozen=True):
    """A stack that bears the name under which others import from it, in words, and as values that make it so."""

    exporter: str
    importers: frozenset[str]
    says: str
    values: Mapping[str, Known | Unknown | Text]


class Naming(Struct, frozen=True):
    """The suppositions about some stacks, and what would decide each import that is open, by its name."""

    supposed: tuple[Supposition, ...] = ()
    deciding: Mapping[str, str] = {}

    def within(self, names: Iterable[str]) -> Naming:
        """Leave out the suppositions about other stacks than these."""
        known = set(names)
        return replace(self, supposed=tuple(each for each in self.supposed if each.exporter in known))

    def tied(self, imports: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
        """Add the stacks that each one is supposed to import from."""
        found = dict(imports)
        for each in self.supposed:
            for importer in each.importers:
                found[importer] = found.get(importer, frozenset()) | {each.exporter}
        return found

    def under(self, scenario: Scenario) -> Scenario:
        """Suppose the names in one case of the conditions."""
        values = {key: _in_case(value, scenario) for each in self.supposed for key, value in each.values.items()}
        label = ", ".join(filter(None, (scenario.label, " and ".join(each.says for each in self.supposed))))
        return Scenario(label, scenario.conditions, {**values, **scenario.values})


NOTHING = Naming()


def may_name_a_stack(text: str) -> bool:
    """Tell whether a text can be a part of the name of a stack.

    >>> may_name_a_stack("network-1"), may_name_a_stack("/network"), may_name_a_stack("")
    (True, False, False)
    """
    return text.replace("-", "a").isalnum()


def _in_case(name: Known | Unknown | Text, scenario: Scenario) -> Known | Unknown | Text:
    """Give a name with the parameters that are known in a case, where a stack can be called that."""
    parts = name.parts if isinstance(name, Text) else (name,)
    known = tuple(_part_in_case(part, scenario) for part in parts)
    return known[0] if len(known) == 1 and not isinstance(known[0], Resource) else Text(known)


def _part_in_case(part: Known | Resource | Unknown, scenario: Scenario) -> Known | Resource | Unknown:
    match scenario.values.get(part.key) if isinstance(part, Unknown) else None:
        case Known(value) if may_name_a_stack(written(value)):
            return Known(value)
        case _:
            return part
