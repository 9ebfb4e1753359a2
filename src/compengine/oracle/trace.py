"""The recorder: what an evaluation did, as a tree of expressions and their values."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from compengine.source.text import Span

Shown = Any
"""A value of an expression: a Decimal, text, date, bool, Duration, or None where it is empty."""


@dataclass(frozen=True, slots=True)
class Line:
    """One of the credits or rows behind a sum."""

    source: str
    payee: str
    date: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Tree:
    """An expression, its value, and what it was made from. `lines` are the first few of `count` rows behind a sum."""

    text: str
    value: Shown
    place: Span | None
    children: tuple["Tree", ...] = ()
    count: int = 0
    lines: tuple[Line, ...] = ()


@dataclass(slots=True)
class Growing:
    """A tree whose value is not known yet."""

    text: str
    place: Span | None
    children: list[Tree] = field(default_factory=list)
    count: int = 0
    lines: tuple[Line, ...] = ()


@dataclass(slots=True)
class Recorder:
    """Trees under construction, the innermost last; finished ones at the top in `done`."""

    open: list[Growing] = field(default_factory=list)
    done: list[Tree] = field(default_factory=list)

    def enter(self, text: str, place: Span | None) -> None:
        self.open.append(Growing(text, place))

    def leave(self, value: Shown) -> None:
        growing = self.open.pop()
        tree = Tree(growing.text, value, growing.place, tuple(growing.children), growing.count, growing.lines)
        (self.open[-1].children if self.open else self.done).append(tree)

    def behind(self, count: int, lines: tuple[Line, ...]) -> None:
        """The rows behind the innermost sum."""
        if self.open:
            self.open[-1].count = count
            self.open[-1].lines = lines
