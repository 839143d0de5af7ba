"""What stacks are supposed to be called where no input tells, and what would tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.readers.cloudformation.resolve import Scenario
from eni_lint.readers.cloudformation.values import Known, Text, Unknown


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
        values = {key: value for each in self.supposed for key, value in each.values.items()}
        label = ", ".join(filter(None, (scenario.label, " and ".join(each.says for each in self.supposed))))
        return Scenario(label, scenario.conditions, {**values, **scenario.values})


NOTHING = Naming()
