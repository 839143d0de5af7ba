"""What ids denote: tokens for single things, members for the sets that a link leads to.

`==` on these records is structural and serves storage. Whether two ids denote one thing is the three-valued
question `same`.
"""

from __future__ import annotations

from typing import final

from msgspec import Struct

from eni_lint.model.answer import Answer, Because, No, Unknown, Why, Yes


@final
class Managed(Struct, frozen=True):
    """A resource that this deployment states, by its address (data sources included)."""

    address: str


@final
class Literal(Struct, frozen=True):
    """Something that lives elsewhere, by its literal id, name or ARN."""

    value: str


@final
class Symbol(Struct, frozen=True):
    """One thing whose id the input leaves open; equal unknowns denote one thing."""

    unknown: Unknown


Token = Managed | Literal | Symbol


def label(token: Token) -> str:
    """Name what a token denotes, in the user's own words.

    >>> label(Literal("subnet-0a1b"))
    'subnet-0a1b'
    """
    match token:
        case Managed(address):
            return address
        case Literal(value):
            return value
        case Symbol(unknown):
            return unknown.key


def same(one: Token, other: Token) -> Answer:
    """Answer whether two tokens of one kind denote the same thing.

    Readers map the id of every resource that they know to its `Managed` token, so a literal beside a managed
    resource is something else.

    >>> same(Literal("sg-1"), Literal("sg-2"))
    No(because=())
    """
    if one == other:
        return Yes()
    for token in (one, other):
        if isinstance(token, Symbol):
            return token.unknown
    return No()


@final
class Members(Struct, frozen=True):
    """The set that a link leads to.

    `sure` are certainly members, `maybe` are candidates of which some (or none) are, and `rest` says why there
    may be others that nobody sees; None means that nothing else can be a member. `at_least` and `at_most` bound
    the size of the whole set as far as something beyond the tokens tells it (an opaque list of subnets: 1 to 16).
    `stated_by` identifies the expression that states an open set: two open sets that different expressions state
    are never taken for equal. It is empty for sets that are known whole.
    """

    sure: tuple[Token, ...] = ()
    maybe: tuple[Token, ...] = ()
    rest: Unknown | None = None
    at_least: int = 0
    at_most: int | None = None
    stated_by: str = ""

    @property
    def exact(self) -> bool:
        """Tell whether the set is known member by member (a member may itself be a symbol)."""
        return not self.maybe and self.rest is None

    @property
    def seen(self) -> tuple[Token, ...]:
        """List every token that is or may be a member."""
        return self.sure + self.maybe


NOBODY = Members()


def members(*tokens: Token) -> Members:
    """Make the set of exactly these tokens.

    >>> members(Literal("subnet-1")).exact
    True
    """
    return Members(sure=tuple(dict.fromkeys(tokens)))


def unknown_members(unknown: Unknown, at_least: int = 0, at_most: int | None = None) -> Members:
    """Make the set of which nothing is known but why."""
    return Members(rest=unknown, at_least=at_least, at_most=at_most)


def openness(group: Members) -> Unknown | None:
    """Say why a set is not known whole, or None when it is."""
    if group.rest is not None:
        return group.rest
    if group.maybe:
        candidates = " or ".join(label(token) for token in group.maybe)
        return Unknown(Why.CONDITION, f"which of {candidates}")
    return None


def only(group: Members) -> Token | Unknown:
    """Give the one member of a single-valued link, or say why it is open.

    An empty exact set has no member; callers ask `is_empty` first where that can be.
    """
    if len(group.sure) == 1:
        return group.sure[0]
    opened = openness(group)
    if opened is not None:
        return opened
    return Unknown(Why.NOT_SHOWN, "a link without a target")


def named(group: Members) -> str:
    """Name the members of a set in their alphabetical order, and what stands for those that nobody sees.

    >>> named(members(Literal("sg-2"), Literal("sg-1")))
    'sg-1, sg-2'
    """
    names = sorted(label(token) for token in group.seen)
    return ", ".join(names if group.rest is None else [*names, group.rest.key])


def is_empty(group: Members) -> Answer:
    """Answer whether a set has no members."""
    if group.sure or group.at_least:
        return No(tuple(Because(f"it has {label(token)}") for token in group.sure[:1]))
    opened = openness(group)
    return Yes() if opened is None else opened


def contains(group: Members, token: Token) -> Answer:
    """Answer whether a token is a member of a set."""
    unknown: Unknown | None = None
    for member in group.sure:
        match same(member, token):
            case Yes():
                return Yes()
            case Unknown() as open_identity:
                unknown = open_identity
            case No():
                pass
    for member in group.maybe:
        if not isinstance(same(member, token), No):
            unknown = openness(group)
    if group.rest is not None:
        unknown = group.rest
    return No() if unknown is None else unknown


def equal(one: Members, other: Members) -> Answer:
    """Answer whether two sets have the same members.

    Sets that are stated by the same open expression are equal although nobody knows their members.
    """
    if _canonical(one) == _canonical(other):
        return Yes()
    if one.exact and other.exact:
        return _equal_exact(one, other)
    for left, right in ((one, other), (other, one)):
        if right.exact:
            missing = [token for token in left.sure if isinstance(contains(right, token), No)]
            if missing:
                return No((Because(f"{label(missing[0])} is in one of them only"),))
        elif right.rest is None:
            strangers = [t for t in left.sure if all(isinstance(same(t, member), No) for member in right.seen)]
            if strangers:
                return No((Because(f"{label(strangers[0])} is in one of them only"),))
    opened = openness(one) if openness(one) is not None else openness(other)
    return opened if opened is not None else Unknown(Why.NOT_SHOWN, "whether two sets are equal")


def _canonical(group: Members) -> tuple[frozenset[Token], frozenset[Token], str | None, str]:
    rest = None if group.rest is None else group.rest.key
    return frozenset(group.sure), frozenset(group.maybe), rest, group.stated_by


def _equal_exact(one: Members, other: Members) -> Answer:
    left, right = set(one.sure), set(other.sure)
    only_left, only_right = left - right, right - left
    symbols = [t for t in only_left | only_right if isinstance(t, Symbol)]
    definite_left = [t for t in only_left if not isinstance(t, Symbol)]
    definite_right = [t for t in only_right if not isinstance(t, Symbol)]
    symbols_left, symbols_right = len(only_left) - len(definite_left), len(only_right) - len(definite_right)
    if len(definite_left) > symbols_right or len(definite_right) > symbols_left:
        odd = (definite_left if len(definite_left) > symbols_right else definite_right)[0]
        return No((Because(f"{label(odd)} is in one of them only"),))
    return symbols[0].unknown
