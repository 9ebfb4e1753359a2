"""Room for the frames of a deep calculation.

CPython keeps the frames of Python functions in stretches of 16 kB. A function called at the end of one begins the next,
which is asked of the system at each call and given back at each return. Where a loop happens to stand there, as it does
some forty calls deep in the layout of a page, that takes a fifth of all time, and a line more anywhere above moves it.
"""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PLACES = 1 << 16
"""Of values in frames, 8 bytes each: the stretch that holds a frame so large is as large again behind it."""


def with_room(work: Callable[[], T]) -> T:
    """What `work` gives, with half a megabyte for the frames below it."""
    return work()


with_room.__code__ = with_room.__code__.replace(co_stacksize=PLACES)
