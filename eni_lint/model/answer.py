"""Three-valued answers with their evidence: what a question about a deployment is answered with.

An answer is one of three final classes and never a bool: a template never tells everything, and what it
leaves open must not turn into a guess on the way to a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, final

from msgspec import Struct


class Why(Enum):
    """Why a fact is not known: hints and statistics depend on it."""

    VARIABLE = "variable"
    PARAMETER = "parameter"
    DEFAULT = "default"
    IMPORT = "import"
    NESTED_OUTPUT = "nested output"
    LOCAL = "local"
    DYNAMIC_BLOCK = "dynamic block"
    DYNAMIC_REFERENCE = "dynamic reference"
    DATA_SOURCE = "data source"
    REMOTE_STATE = "remote state"
    COMPUTED = "computed"
    CONDITION = "condition"
    DUMMY_ID = "dummy id"
    PLACEHOLDER = "placeholder"
    DANGLING = "dangling"
    MODULE = "module"
    MACRO = "macro"
    PSEUDO = "pseudo parameter"
    OPAQUE_LIST = "opaque list"
    ELSEWHERE = "elsewhere"
    SENSITIVE = "sensitive"
    NOT_SHOWN = "not shown"
    UNSUPPORTED = "unsupported"


class Because(Struct, frozen=True):
    """One piece of evidence: what is stated, and the address of the resource that states it.

    `attribute` names the field of the model record that says so (`role`, `subnets`, `document`, …). `tier` is set where
    the evidence is an inference about need: 3 certain, 2 likely, 1 a hint.
    """

    says: str
    address: str = ""
    attribute: str = ""
    tier: int = 0


@final
class Yes(Struct, frozen=True):
    """The fact holds, for these reasons."""

    because: tuple[Because, ...] = ()

    if not TYPE_CHECKING:

        def __bool__(self):
            raise TypeError("an answer is not a bool: match on it")


@final
class No(Struct, frozen=True):
    """The fact does not hold, for these reasons."""

    because: tuple[Because, ...] = ()

    if not TYPE_CHECKING:

        def __bool__(self):
            raise TypeError("an answer is not a bool: match on it")


@final
class Unknown(Struct, frozen=True):
    """The input leaves the fact open: why, and the key of the missing fact.

    Two unknowns with one key are open for one reason and stand for one value. The key is written for people
    (`var.private_subnet_ids`, `the policies of arn:aws:iam::…:role/x`); `decided_by` says what would decide it.
    """

    why: Why
    key: str
    decided_by: str = ""
    address: str = ""

    if not TYPE_CHECKING:

        def __bool__(self):
            raise TypeError("an unknown is not a bool: match on it")


Answer = Yes | No | Unknown


@final
class Absent(Struct, frozen=True):
    """The input states that there is no such value: an attribute that is certainly not set."""

    if not TYPE_CHECKING:

        def __bool__(self):
            raise TypeError("an absent value is not a bool: match on it")


ABSENT = Absent()


def any_of(answers: Iterable[Answer]) -> Answer:
    """Answer whether one of these holds: the first yes; else the first unknown; else no, with all the evidence."""
    unknown: Unknown | None = None
    because: list[Because] = []
    for answer in answers:
        match answer:
            case Yes():
                return answer
            case Unknown():
                unknown = answer if unknown is None else unknown
            case No():
                because.extend(answer.because)
    return No(tuple(because)) if unknown is None else unknown


def all_of(answers: Iterable[Answer]) -> Answer:
    """Answer whether all of these hold: the first no; else the first unknown; else yes, with all the evidence."""
    unknown: Unknown | None = None
    because: list[Because] = []
    for answer in answers:
        match answer:
            case No():
                return answer
            case Unknown():
                unknown = answer if unknown is None else unknown
            case Yes():
                because.extend(answer.because)
    return Yes(tuple(because)) if unknown is None else unknown


def negate(answer: Answer) -> Answer:
    """Answer the opposite question, with the same evidence.

    >>> negate(Yes())
    No(because=())
    """
    match answer:
        case Yes(because):
            return No(because)
        case No(because):
            return Yes(because)
        case Unknown():
            return answer
