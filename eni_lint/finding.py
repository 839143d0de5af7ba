"""What rules yield and what reports get: hits, undecided questions and finished findings, all plain data."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import Literal

from msgspec import Struct, field

from eni_lint.model.answer import Because, Unknown
from eni_lint.model.place import Span
from eni_lint.model.subject import Subject as Subject


class Severity(IntEnum):
    """The harm if a finding is true, whatever our confidence."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """Name the severity as users write it."""
        return self.name.lower()


class Confidence(IntEnum):
    """How sure we are that a finding is true, whatever its harm."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        """Name the confidence as users write it."""
        return self.name.lower()


class Hit(Struct, frozen=True):
    """A rule's yes about one subject.

    `says` goes on after the subject's address: "cannot reach the internet: …". Where `cause` is set, hits with one
    cause are one finding about that cause, and the subjects become its places. `about` are further resources that
    take part, each with a word on its part (`("aws_iam_role_policy.eni", "the only grant of …")`). `at` narrows the
    main place: an address, and the field of its model record that matters (`role`, `subnets`, `groups`, …). `names`
    fill the card's fix. `numbers` are figures for machines.
    """

    case: str
    says: str
    because: tuple[Because, ...] = ()
    cause: Subject | None = None
    about: tuple[tuple[str, str], ...] = ()
    at: tuple[str, str] | None = None
    names: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    confidence: Confidence = Confidence.HIGH


class Undecided(Struct, frozen=True):
    """A rule's question about one subject that the input leaves open."""

    unknown: Unknown


class Place(Struct, frozen=True):
    """One resource that a finding names: its part, its address, its finished span, and what the change does to it.

    `role` is `subject` for the main place, `cause` or `about` for others that take part, else the subject's kind.
    """

    role: str
    address: str
    span: Span
    says: str = ""
    change: str = ""


class Fix(Struct, frozen=True):
    """A remedy that deploys, in the language of the input; `summary` says what to do."""

    language: str
    summary: str
    text: str = ""


class Finding(Struct, frozen=True):
    """One thing that will go wrong, finished for any report.

    `when` labels the scenarios in which it holds, empty for all. `identity` names rule, case, subject and the
    evidence's keys, a line each, so it survives unrelated edits.
    """

    rule: str
    case: str
    severity: Severity
    confidence: Confidence
    subject: Subject
    message: str
    places: tuple[Place, ...]
    evidence: tuple[Because, ...]
    error: str
    fix: Fix
    when: str
    identity: str
    source: str
    why: str = ""
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Give what baselines and trackers know the finding by: 32 hexadecimal digits."""
        return _hashed(self.identity)


class Open(Struct, frozen=True):
    """One missing fact and all the questions that wait for it."""

    key: str
    why: str
    decided_by: str
    rules: tuple[str, ...]
    subjects: tuple[str, ...]
    source: str


class Suppressed(Struct, frozen=True):
    """A finding that somebody chose not to see: by what, and for what reason."""

    finding: Finding
    by: Literal["directive", "configuration", "baseline"]
    reason: str


class Problem(Struct, frozen=True):
    """An input that could not be read: what is wrong and where, in one line."""

    message: str
    file: str = ""
    line: int = 0
    column: int = 0


class Judged(Struct, frozen=True):
    """How much was judged in one deployment, and in how many cases it was (environments, answers of conditions)."""

    source: str
    name: str
    functions: int
    in_vpc: int
    whole: int
    vpcs: int
    incomplete: str = ""
    cases: int = 1


class Forecast(Struct, frozen=True):
    """The interfaces of one VPC before and after, and while both sets stand; None where nothing is known.

    `when` labels the scenarios in which it holds, empty for all.
    """

    source: str
    vpc: str
    before: int | None
    after: int
    after_at_most: int | None
    between: int | None
    shared: int
    when: str = ""


class Verdict(Struct, frozen=True):
    """Everything that a report says: plain data that can cross a process."""

    findings: tuple[Finding, ...] = ()
    undecided: tuple[Open, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    errors: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    judged: tuple[Judged, ...] = ()
    forecast: tuple[Forecast, ...] = ()


@cache
def _hashed(identity: str) -> str:
    from hashlib import sha256

    return sha256(identity.encode()).hexdigest()[:32]
