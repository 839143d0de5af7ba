"""What reading gives: deployments, what could not be read, and where things are written."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from eni_lint.finding import Problem
from eni_lint.model.deployment import Deployment
from eni_lint.model.place import Origin, Span


class Sources(Protocol):
    """Leads an origin to the place where it is written; asked for hits only."""

    def locate(self, origin: Origin) -> Span:
        """Give the place of an origin, imprecise where the text is not known."""
        ...


class Inputs:
    """The places of inputs without sources: the file as it was given."""

    def locate(self, origin: Origin) -> Span:
        """Give the first line of the file that an origin stands in.

        >>> Inputs().locate(Origin("plan.json", "aws_vpc.main")).file
        'plan.json'
        """
        return Span(origin.source)


class Reading(Struct, frozen=True, eq=False):
    """All that was read: an input that could not be is an error beside the deployments of the others."""

    deployments: tuple[Deployment, ...] = ()
    errors: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    sources: Sources = Inputs()
