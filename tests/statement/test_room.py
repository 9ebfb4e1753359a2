"""Room for frames: calls at the end of a stretch of the interpreter's memory ask the system for no more of it."""

import resource
import sys
from collections.abc import Callable

import pytest

from compengine.statement.room import with_room

CALLS = 300
DEPTHS = range(1, 160)


def faults() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def nothing() -> None:
    pass


nothing.__code__ = nothing.__code__.replace(co_stacksize=256)  # a frame that passes the end from many depths


def at_depth(depth: int) -> int:
    """Pages of memory that calls of a function that does nothing ask for, so many frames below."""
    if depth:
        return at_depth(depth - 1)
    before = faults()
    for _ in range(CALLS):
        nothing()
    return faults() - before


def most_asked_for() -> int:
    return max(at_depth(depth) for depth in DEPTHS)


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="about CPython's own frames")
def test_with_room_no_depth_asks_for_memory_at_each_call_and_without_one_does() -> None:
    assert most_asked_for() >= CALLS
    assert with_room(most_asked_for) < CALLS / 10


def test_what_the_work_gives_and_what_it_raises_come_through() -> None:
    def wrong() -> int:
        raise ValueError("so")

    works: list[Callable[[], int]] = [lambda: 7, wrong]
    assert with_room(works[0]) == 7
    with pytest.raises(ValueError, match="so"):
        with_room(works[1])
