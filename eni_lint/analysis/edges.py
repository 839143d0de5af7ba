"""Walk what resources need: whether one thing is made only after another."""

from __future__ import annotations

from collections.abc import Mapping

from eni_lint.model.deployment import Edge


def closure(edges: Mapping[str, tuple[Edge, ...]], start: str) -> frozenset[str]:
    """Give everything that an address needs, directly or through others, without the address itself.

    >>> sorted(closure({"function": (Edge("role"),), "role": (Edge("policy"),)}, "function"))
    ['policy', 'role']
    """
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for edge in edges.get(waiting.pop(), ()):
            if edge.to not in found:
                found.add(edge.to)
                waiting.append(edge.to)
    return frozenset(found - {start})


def reaches(edges: Mapping[str, tuple[Edge, ...]], start: str, goal: str) -> bool:
    """Tell whether one address needs another, directly or through others."""
    return goal in closure(edges, start)
