"""Where the links of resources lead: values become tokens, sets of them, texts and switches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.identity import NOBODY, Literal, Managed, Members, Symbol, Token, members
from eni_lint.readers.cloudformation import values
from eni_lint.readers.cloudformation.translate.families import DEFAULT_GROUP, GROUP, Family
from eni_lint.readers.cloudformation.translate.stage import Declared, Stage
from eni_lint.readers.cloudformation.translate.unknowns import Wording
from eni_lint.readers.cloudformation.tree import written
from eni_lint.readers.cloudformation.values import Reason, Value
from eni_lint.readers.cloudformation.worlds import LookedUpVpc

MOST = 16


class Linker:
    """Follows the links of the resources of one moment.

    `physical` are the ids that resources have already, `lookups` networks that were looked up in an account; `opened`
    collects what was found open, by key.
    """

    def __init__(
        self,
        stage: Stage,
        wording: Wording,
        physical: Mapping[str, str] | None = None,
        lookups: tuple[LookedUpVpc, ...] = (),
    ) -> None:
        self.stage = stage
        self.wording = wording
        self.lookups = lookups
        self.opened: dict[str, Unknown] = {}
        self._physical = physical or {}
        self._names: dict[str, dict[str, str]] = {}
        self._looked_up = frozenset(subnet.subnet_id for vpc in lookups for subnet in vpc.subnets)

    # What a property holds

    def one(self, declared: Declared, *path: str, family: Family) -> Members:
        """Give what a link leads to that has one end; nobody where the property is not given."""
        value = declared.get(*path)
        match value:
            case values.Absent():
                return NOBODY
            case values.Items((only,)):
                return members(self.token(only, family))
            case _:
                return members(self.token(value, family))

    def many(self, declared: Declared, *path: str, family: Family, at_least: int = 0, at_most: int = MOST) -> Members:
        """Give what a list of links leads to."""
        value = declared.get(*path)
        match value:
            case values.Absent():
                return NOBODY
            case values.Items(items):
                return self._listed(items, value, family, at_least, at_most)
            case values.ListOf() | values.Unknown():
                return self._listed((_as_list(value),), value, family, at_least, at_most)
            case _:
                return members(self.token(value, family))

    def _listed(
        self,
        items: Iterable[Value],
        whole: Value,
        family: Family,
        at_least: int,
        at_most: int,
    ) -> Members:
        sure: dict[Token, None] = {}
        maybe: dict[Token, None] = {}
        rest: Unknown | None = None
        for item in _flat(items):
            match item:
                case values.ListOf(of):
                    rest = self.open(of) if rest is None else rest
                case values.Unknown(reason=Reason.IF) | values.Unknown(reason=Reason.OPAQUE_LIST):
                    rest = self.open(item) if rest is None else rest
                case values.Unknown(reason=Reason.CDK_DUMMY):
                    maybe[self.token(item, family)] = None
                case _:
                    sure[self.token(item, family)] = None
        if rest is None and not maybe:
            return Members(tuple(sure))
        return Members(
            tuple(sure),
            tuple(maybe),
            rest,
            at_least=max(at_least, len(sure)),
            at_most=None if rest is None else max(at_most, len(sure)),
            stated_by=self.wording.text(whole),
        )

    def text(self, declared: Declared, *path: str) -> str | Unknown:
        """Give a text: empty where it is not given, or why it is not known."""
        value = declared.get(*path)
        return "" if isinstance(value, values.Absent) else self.text_of(value)

    def text_of(self, value: Value) -> str | Unknown:
        """Give a value as text; what only the place of the deployment decides stays as `${AWS::…}` in it."""
        match value:
            case values.Known(known):
                return written(known)
            case values.Text() if self.is_placed(value):
                return self.wording.text(value)
            case values.Unknown():
                return self.open(value)
            case _:
                return self.noted(self.wording.whole(value))

    def flag(self, declared: Declared, *path: str, default: bool = False) -> bool | Unknown:
        """Give a switch, or why it is not known; one that is not given has its default."""
        value = declared.get(*path)
        match value:
            case values.Absent():
                return default
            case values.Known(known):
                return written(known).lower() == "true"
            case _:
                return self.noted(self.wording.whole(value))

    def number(self, value: Value) -> int | Unknown:
        """Give a number, 0 where it is not given or none."""
        match value:
            case values.Absent():
                return 0
            case values.Known(known):
                return _integer(written(known))
            case _:
                return self.noted(self.wording.whole(value))

    # What a value means

    def token(self, value: Value, family: Family) -> Token:
        """Give the one thing that a value names."""
        match value:
            case values.Known(known):
                return self.literal(written(known), family)
            case values.Resource():
                return self._resource(value, family)
            case values.Text():
                return self._joined(value, family)
            case values.Unknown():
                return Symbol(self.open(value))
            case _:
                return Symbol(self.noted(self.wording.whole(value)))

    def mentioned(self, value: Value, family: Family) -> Iterator[Token]:
        """Yield the managed things of a family that a value mentions anywhere."""
        for part in resources_in(value):
            token = self._resource(part, family)
            if isinstance(token, Managed):
                yield token

    def literal(self, text: str, family: Family) -> Token:
        """Give what a literal name, id or ARN denotes: a resource that bears it, or something elsewhere."""
        if text in self._looked_up:
            return Managed(text)
        owner = self.owner_of(text)
        if owner and self.stage.by_address[owner].kind in family.types:
            return Managed(owner)
        found = self._by_name(family).get(tail_of(text)) if family.named else None
        return Literal(text) if found is None else Managed(found)

    def owner_of(self, text: str) -> str:
        """Give the address of the resource that bears a physical id or ARN, empty where none does."""
        owner = self._physical.get(text) or self._physical.get(tail_of(text), "")
        return owner if owner in self.stage.by_address else ""

    def open(self, value: values.Unknown) -> Unknown:
        """Say what is open about a value."""
        return self.noted(self.wording.unknown(value))

    def noted(self, unknown: Unknown) -> Unknown:
        """Remember that something was found open."""
        self.opened.setdefault(unknown.key, unknown)
        return unknown

    @staticmethod
    def is_placed(value: values.Text) -> bool:
        """Tell whether a text is open only in what the place of the deployment decides."""
        parts = [part for part in value.parts if not isinstance(part, values.Known)]
        return all(isinstance(part, values.Unknown) and part.reason is Reason.PSEUDO for part in parts)

    def _resource(self, value: values.Resource, family: Family, steps: int = 3) -> Token:
        declared = self.stage.at(value.stack, value.logical_id)
        if declared is None:
            return Symbol(self.noted(Unknown(Why.DANGLING, self.wording.text(value))))
        if family.admits(declared.kind, value.attribute):
            return Managed(declared.address)
        if family is GROUP and (declared.kind, value.attribute) == ("AWS::EC2::VPC", "DefaultSecurityGroup"):
            return Managed(declared.address + DEFAULT_GROUP)
        if declared.kind in family.through:
            match declared.get(family.through[declared.kind]):
                case values.Resource() as further if steps:
                    return self._resource(further, family, steps - 1)
                case values.Known(known):
                    return self.literal(written(known), family)
                case _:
                    pass
        return Symbol(self.noted(Unknown(Why.COMPUTED, self.wording.text(value))))

    def _joined(self, value: values.Text, family: Family) -> Token:
        """Give what a joined text names: an ARN that is made with the name of a resource is that resource."""
        for token in self.mentioned(value, family):
            return token
        if self.is_placed(value):
            return self.literal(self.wording.text(value), family)
        return Symbol(self.noted(self.wording.whole(value)))

    def _by_name(self, family: Family) -> dict[str, str]:
        if family.named not in self._names:
            self._names[family.named] = {
                written(name.value): declared.address
                for declared in self.stage.of(*family.types)
                if isinstance(name := declared.get(family.named), values.Known)
            }
        return self._names[family.named]


def resources_in(value: Value) -> Iterator[values.Resource]:
    """Yield every resource that a value mentions.

    >>> [part.logical_id for part in resources_in(values.Items((values.Resource("net", "A"),)))]
    ['A']
    """
    match value:
        case values.Resource():
            yield value
        case values.Text(parts):
            yield from (part for part in parts if isinstance(part, values.Resource))
        case values.Items(items):
            for item in items:
                yield from resources_in(item)
        case values.Object(fields):
            for each in fields.values():
                yield from resources_in(each)
        case _:
            pass


def tail_of(arn: str) -> str:
    """Give the name at the end of an ARN, or a plain name as it is.

    >>> tail_of("arn:aws:iam::123456789012:role/service/orders"), tail_of("orders")
    ('orders', 'orders')
    """
    return arn.rpartition(":")[2].rpartition("/")[2]


def _flat(items: Iterable[Value]) -> Iterator[Value]:
    for item in items:
        if isinstance(item, values.Items):
            yield from _flat(item.items)
        elif not isinstance(item, values.Absent) and item != values.Known(""):
            yield item


def _as_list(value: values.ListOf | values.Unknown) -> values.ListOf:
    return value if isinstance(value, values.ListOf) else values.ListOf(value)


def _integer(text: str) -> int:
    """Give the number that a text states, 0 where it is none.

    >>> _integer("443"), _integer("-1"), _integer("https")
    (443, -1, 0)
    """
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else 0
