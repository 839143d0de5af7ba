"""One piece of work for many items, shared with copies of this process where they are cheap to make."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

# From this many items a process on, it saves more time than it takes.
SHARE = 25

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(work: Callable[[Item], Result], items: Sequence[Item], processes: int) -> list[Result]:
    """Do the work for every item and give the results in the order of the items.

    Every process takes each n-th item; what one of them cannot deliver is done here.
    """
    shares = min(processes, len(items) // SHARE) if can_fork() else 1
    if shares < 2:
        return [work(item) for item in items]
    # What the work loads first is there in all copies.
    results = [work(items[0])]
    rest = items[1:]
    children = [_child(work, rest[number::shares]) for number in range(1, shares)]
    own = [work(item) for item in rest[::shares]]
    found = [own, *(_delivered(*child, work, rest[number::shares]) for number, child in enumerate(children, 1))]
    return results + [found[place % shares][place // shares] for place in range(len(rest))]


def cores() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def can_fork() -> bool:
    """Tell whether this process can be copied: a copy has only one thread, and macOS libraries do not stand it."""
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1


def _child(work: Callable[[Item], Result], items: Sequence[Item]) -> tuple[int, int]:
    """Start a copy that does the work for some items; give its id and where its results can be read."""
    outlet, inlet = os.pipe()
    child = os.fork()
    if child:
        os.close(inlet)
        return child, outlet
    done = False
    try:
        os.close(outlet)
        with os.fdopen(inlet, "wb") as results:
            pickle.dump([work(item) for item in items], results, pickle.HIGHEST_PROTOCOL)
        done = True
    finally:
        # Nothing of what the original would do at its end happens twice; it does the work itself if this one failed.
        os._exit(0 if done else 1)


def _delivered(child: int, outlet: int, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    with os.fdopen(outlet, "rb") as results:
        data = results.read()
    _, status = os.waitpid(child, 0)
    if status:
        return [work(item) for item in items]
    found: list[Result] = pickle.loads(data)  # noqa: S301  # our own words, from our own process
    return found
