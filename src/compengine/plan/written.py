"""A plan as written: the rules of one file, every value parsed, nothing resolved.

A key that is absent is None; a value that could not be read is None or `Broken` and has been reported.
"""

from dataclasses import dataclass, field
from datetime import date

from compengine.plan import syntax as s
from compengine.source.text import Span, Text
from compengine.source.yaml import Mapping, Scalar


@dataclass(frozen=True, slots=True)
class Table:
    """`entries` is the mapping under `steps`, `curve` or `cumulative`; `kind` says which."""

    name: Scalar
    by: tuple[Scalar, ...]
    kind: str
    entries: Mapping | None
    boundary: str


@dataclass(frozen=True, slots=True)
class Credit:
    name: Scalar
    source: Scalar | None
    each: s.Related | None
    when: s.Expression | None
    date: s.Expression | None
    amount: s.Expression | None
    to: s.ToPayee | s.ToMatching | None
    share: s.Expression | None
    shares_total: str
    shares_total_said: bool
    convert: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What the plan says of a quota of the workspace."""

    name: Scalar
    spread: s.Expression | None
    share: s.Expression | None


@dataclass(frozen=True, slots=True)
class Measure:
    name: Scalar
    value: s.Expression


@dataclass(frozen=True, slots=True)
class Scale:
    """`bands` are pairs of a lower bound (its key in the file) and a rate."""

    span: Span
    position: s.Expression | None
    mode: str
    boundary: str
    bands: tuple[tuple[Scalar, s.Band], ...]


@dataclass(frozen=True, slots=True)
class Prize:
    prize: s.Expression
    when: s.Expression | None


@dataclass(frozen=True, slots=True)
class Rank:
    """`ties` is a word, or `tiebreak` a list of measures."""

    span: Span
    by: s.Expression | None
    among: Scalar | None
    ties: str
    tiebreak: tuple[s.Expression, ...]
    ties_said: bool
    prizes: tuple[Prize, ...]


@dataclass(frozen=True, slots=True)
class Release:
    span: Span
    each: s.Related | None
    share: s.Expression | None
    on: s.Expression | None


@dataclass(frozen=True, slots=True)
class Component:
    """`keys` are the keys the file has, with their places, whether they could be read or not."""

    name: Scalar
    terms: str
    per: s.PerCredit | s.PerWindow | None
    when: s.Expression | None
    of: s.Expression | None
    rate: s.Expression | Scale | None
    pay: s.Expression | Rank | None
    multiply: tuple[tuple[Scalar, s.Expression], ...]
    limits: tuple[s.Limit, ...]
    release: tuple[Release, ...]
    paid: bool
    keys: dict[str, Span]


@dataclass(frozen=True, slots=True)
class Clawback:
    name: Scalar
    terms: str
    of: Scalar | None
    reversals: Scalar | None
    when: s.Expression | None
    date: s.Expression | None
    share: s.Expression | None
    policy: str
    attainment: str
    keys: dict[str, Span]


@dataclass(frozen=True, slots=True)
class Draw:
    span: Span
    kind: str
    amount: s.Expression | None
    when: s.Expression | None
    recover: s.Expression | None
    recover_when: s.Expression | None
    owed_limit: s.Expression | None
    at_end: str
    keys: dict[str, Span]


@dataclass(frozen=True, slots=True)
class Settle:
    span: Span
    negative: str
    limits: tuple[s.Limit, ...]
    minimum: s.Expression | None
    pay_in: s.Expression | None
    convert: str
    order: tuple[str, ...]
    draw: Draw | None
    keys: dict[str, Span]


@dataclass(frozen=True, slots=True)
class Shared:
    """What a file may share with others: the three sections of `use`."""

    tables: tuple[Table, ...] = ()
    credits: tuple[Credit, ...] = ()
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`words` holds the plan's own choices by key, defaults filled in; `keys` the places of the keys present."""

    text: Text
    name: Scalar | None
    title: str
    currency: Scalar | None
    effective: tuple[date, date] | None
    pay_period: Scalar | None
    payees: s.Expression | None
    words: dict[str, str]
    quotas: tuple[Quota, ...]
    use: tuple[Scalar, ...]
    own: Shared
    earn: tuple[Component, ...]
    clawback: tuple[Clawback, ...]
    settle: Settle | None
    keys: dict[str, Span] = field(default_factory=dict)
