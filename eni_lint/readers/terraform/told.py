"""What the evaluated source says of values that a plan hides, or that a folder shows no other way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from eni_lint.model.identity import Literal, Managed, Token
from eni_lint.readers.terraform.hcl.evaluation import Evaluation
from eni_lint.readers.terraform.hcl.trust import Link, Open, Value
from eni_lint.readers.terraform.values import IDENTITY, text_of


class Evaluated:
    """Answers from an evaluation that is made when the first question comes."""

    def __init__(self, evaluate: Callable[[], Evaluation]) -> None:
        self._evaluate = evaluate
        self.was_asked = False

    @cached_property
    def evaluation(self) -> Evaluation:
        """What the source evaluates to."""
        self.was_asked = True
        return self._evaluate()

    @cached_property
    def _instances(self) -> dict[str, Value]:
        return {instance.address: dict(instance.values) for instance in self.evaluation.instances}

    def tokens(self, address: str, path: tuple[str | int, ...]) -> tuple[Token, ...] | None:
        """Give the whole value of a link as resources and literal names, None where it is not known."""
        value = self._value(address, path)
        listed: list[Value] = value if isinstance(value, list) else [value]
        found = tuple(_tokens(listed))
        return found if len(found) == len(listed) else None

    def text(self, address: str, path: tuple[str | int, ...]) -> str | None:
        """Give a text with `${address}` where an identity stands in it, None where it is not known."""
        value = self._value(address, path)
        return value if isinstance(value, str) else None

    def texts(self, address: str, path: tuple[str | int, ...]) -> dict[str, str] | None:
        """Give a map of texts, each with `${reference}` where it is not known, None where the names are not known."""
        value = self._value(address, path)
        if not isinstance(value, dict) or any(isinstance(each, Link | Open) for each in value.values()):
            return None
        return {name: text_of(each) for name, each in value.items() if each is not None}

    def _value(self, address: str, path: tuple[str | int, ...]) -> Value:
        value = self._instances.get(address)
        for step in path:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            elif not (isinstance(value, dict) and step == 0):
                return None
        return value


def _tokens(values: list[Value]) -> Iterator[Token]:
    for value in values:
        if isinstance(value, Link):
            yield Managed(value.address)
        elif isinstance(value, str) and value and IDENTITY.search(value) is None:
            yield Literal(value)
