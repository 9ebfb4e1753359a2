"""What a statement refers to: the plans it was computed from, and lines of other statements."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PlanReference:
    """A plan version this statement was computed from; `note` says in one line how it rounds.

    `rounding` is how a tie is broken (`half-up`, `half-even`); `per_component` says that not each line is rounded but
    the component's total.
    """

    name: str
    title: str
    start: date
    end: date
    currency: str
    digest: str
    rounding: str
    per_component: bool
    note: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What is corrected: a statement's number, and its line as a dispute names it (`D1/rate`)."""

    statement: str
    line: str


@dataclass(frozen=True, slots=True)
class Reissue:
    """Of a corrected statement: the number of the one it stands for, why it was printed again, and on which day.

    Its amounts are those of the same posted rows.
    """

    supersedes: str
    reason: str
    day: date
