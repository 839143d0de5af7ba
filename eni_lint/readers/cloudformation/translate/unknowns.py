"""What a template leaves open, in words for people: equal words mean one value."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from eni_lint.model.answer import Unknown, Why
from eni_lint.readers.cloudformation import values
from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.values import Reason, Value, key_of, unknowns_in

TOGETHER = "lint it together with the stack that exports it"
PARAMETERS = "pass --parameters"
SHOWN_WITH = "save the change set with --include-property-values"
LOOKUPS = "run cdk synth with access to the account"

_WRAPPED = re.compile(r"(?:split|join)\('[^']*',(.*)\)((?:\[\d+\])*)", re.DOTALL)
_SELECTED = re.compile(r"(?:\[\d+\])+$")


class Words(Struct, frozen=True):
    """How one reason is put: the model's word for it, what stands before the name, and what would decide it."""

    why: Why
    before: str = ""
    decided_by: str = ""


WORDS = {
    Reason.PARAM: Words(Why.PARAMETER, "parameter ", PARAMETERS),
    Reason.PARAM_DEFAULT: Words(Why.DEFAULT, "parameter ", PARAMETERS),
    Reason.PARAM_LIST: Words(Why.PARAMETER, "parameter ", PARAMETERS),
    Reason.SSM_PARAM: Words(Why.PARAMETER, "stored parameter "),
    Reason.DYNAMIC: Words(Why.DYNAMIC_REFERENCE),
    Reason.IMPORT: Words(Why.IMPORT, "import ", TOGETHER),
    Reason.NESTED_OUTPUT: Words(Why.NESTED_OUTPUT, "", "lint it where the nested template lies"),
    Reason.IF: Words(Why.CONDITION, "condition ", PARAMETERS),
    Reason.DANGLING: Words(Why.DANGLING, "", "lint it together with what declares it"),
    Reason.MODULE: Words(Why.MODULE, "module "),
    Reason.MACRO: Words(Why.MACRO, "macro "),
    Reason.CDK_DUMMY: Words(Why.DUMMY_ID, "the lookup that answered ", LOOKUPS),
    Reason.PSEUDO: Words(Why.PSEUDO),
    Reason.OPAQUE_LIST: Words(Why.OPAQUE_LIST),
    Reason.COMPUTED: Words(Why.COMPUTED),
    Reason.MALFORMED: Words(Why.UNSUPPORTED),
    Reason.NOT_SHOWN: Words(Why.NOT_SHOWN, "", SHOWN_WITH),
}
# What stands in the keys of values that all stacks of one environment share.
_SHARED = {"import:": "import ", "ssm:": "stored parameter ", "AWS::": "AWS::", "{{resolve:": "{{resolve:"}
# Whose value cannot be a resource that the same stack makes.
OUTSIDE = frozenset(
    {
        Why.PARAMETER,
        Why.DEFAULT,
        Why.IMPORT,
        Why.DYNAMIC_REFERENCE,
        Why.NESTED_OUTPUT,
        Why.DANGLING,
        Why.DUMMY_ID,
        Why.PSEUDO,
    }
)


class Wording:
    """Puts values into words.

    `prefixes` are the names of the stacks as people see them, `deciding` is what decides imports, by their names.
    """

    def __init__(
        self, stacks: Mapping[str, Stack], prefixes: Mapping[str, str], deciding: Mapping[str, str] | None = None
    ) -> None:
        self._prefixes = prefixes
        self._deciding = deciding or {}
        marked = {f"{mark}{name}/": prefix for name, prefix in prefixes.items() for mark in "@?"}
        places = {stacks[name].environment.key for name in prefixes}
        shared = {f"?{place}/{kind}": word for place in places for kind, word in _SHARED.items()}
        # A longer name first: one stack's may begin like another's.
        self._replaced = sorted({**marked, **shared}.items(), key=lambda pair: -len(pair[0]))

    def unknown(self, value: values.Unknown) -> Unknown:
        """Say what is open, and what would decide it."""
        return Unknown(WORDS[value.reason].why, self._named(value), self._decided_by(value))

    def whole(self, value: Value) -> Unknown:
        """Say of a value that is made of several parts what keeps it open."""
        parts = [part for part in unknowns_in(value) if part.reason is not Reason.PSEUDO]
        if not parts:
            return Unknown(Why.COMPUTED, self.text(value))
        return Unknown(WORDS[parts[0].reason].why, self.text(value), self._decided_by(parts[0]))

    def _decided_by(self, value: values.Unknown) -> str:
        usual = WORDS[value.reason].decided_by
        return self._deciding.get(value.detail, usual) if value.reason is Reason.IMPORT else usual

    def text(self, value: Value) -> str:
        """Write a value out, with `${…}` around what is not known."""
        match value:
            case values.Resource(stack, logical_id, attribute):
                return self._prefixes.get(stack, f"{stack}/") + logical_id + (f".{attribute}" if attribute else "")
            case values.Unknown():
                return self._named(value)
            case values.ListOf(of):
                return self._named(of)
            case _:
                return self._plain(key_of(value))

    def _named(self, value: values.Unknown) -> str:
        """Name an unknown: what it is a part of, and which part."""
        key, selected = _split_off(value.key)
        while wrapped := _WRAPPED.fullmatch(key):
            key, inner = _split_off(wrapped[1])
            selected = inner + selected
        words = WORDS[value.reason]
        match value.reason:
            case Reason.SSM_PARAM | Reason.PSEUDO | Reason.CDK_DUMMY | Reason.DYNAMIC | Reason.NOT_SHOWN:
                return words.before + self._plain(value.detail) + selected
            case Reason.IMPORT:
                return words.before + self._plain(key.partition("/import:")[2]) + selected
            case _:
                return words.before + self._plain(f"?{key}") + selected

    def _plain(self, key: str) -> str:
        """Take the marks of a key away that are for comparing only."""
        for marked, plain in self._replaced:
            if marked in key:
                key = key.replace(marked, plain)
        return key.removeprefix("?")


def _split_off(key: str) -> tuple[str, str]:
    """Part a key from what selects one of a list.

    >>> _split_off("app/Subnets[0]")
    ('app/Subnets', '[0]')
    """
    found = _SELECTED.search(key)
    return (key, "") if found is None else (key[: found.start()], found[0])
