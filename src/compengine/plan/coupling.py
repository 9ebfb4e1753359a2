"""What the pay of one payee on a plan depends on besides their own rows: other payees, and rows that lead to others."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from compengine.inputs.schema import Workspace
from compengine.plan.typed import (
    Aggregate,
    Group,
    GroupAggregate,
    GroupKind,
    Hop,
    Limit,
    Lookup,
    Match,
    Plan,
    Rank,
    Read,
    RelatedAggregate,
    RelatedRows,
    ShareOf,
    SourceKind,
    Stream,
    ToMatching,
    Type,
)
from compengine.source.text import Span
from compengine.values.periods import Calendar


@dataclass(frozen=True, slots=True)
class Coupling:
    """A rule by which somebody's pay depends on that of others: everybody of the plan (`PLAN`), those below them
    (`REPORTS`, `DOWNLINE`), or those with the same value in `column` of `payees` (`SAME`). `said` names the rule."""

    kind: GroupKind
    column: str
    said: str


@dataclass(frozen=True, slots=True)
class Ways:
    """How rules get from one row to another: `up` are references followed, `down` those by which related rows are
    found, both as (table, column, table the column points at). `sought`: tables with rows looked for by value."""

    up: frozenset[tuple[str, str, str]]
    down: frozenset[tuple[str, str, str]]
    sought: frozenset[str]


def couplings(plan: Plan) -> tuple[Coupling, ...]:
    """Every coupling that an expression or a limit of a plan version makes."""
    found = []
    for rule, value in _rules(plan):
        for part, _ in _within(value, ""):
            match part:
                case Aggregate(group=Group() as group) | GroupAggregate(group=group) | ShareOf(group=group):
                    found.append(Coupling(group.kind, group.column, f"{rule} ({group.text})"))
                case Rank(among=group):
                    found.append(Coupling(group.kind, group.column, f"{rule} (rank among {group.text})"))
                case Limit(across_plan=True, text=text):
                    found.append(Coupling(GroupKind.PLAN, "", f"{rule} ({text})"))
    return tuple(dict.fromkeys(found))


def untold(plan: Plan) -> str:
    """What hides whom a source row concerns: a stream whose payees cannot be told from the row, or late rows, which are
    compared with credits to people whom the row no longer names; empty where nothing does."""
    hidden = [f"stream {stream.name}" for stream in plan.streams.values() if not follows_from_rows(stream)]
    late = [f"late: {plan.late}"] if plan.late == "current_period" else []
    return next(iter([*hidden, *late]), "")


def follows_from_rows(stream: Stream) -> bool:
    """Whether everybody that the stream may credit for a row can be told from the row and those it refers to."""
    source, to = stream.source.kind, stream.to
    if isinstance(to, ToMatching) or source is SourceKind.COMPONENT:
        return False
    if source is SourceKind.TABLE:
        return True
    match to.payee:
        case Read(root="credit", hops=(), column="payee"):
            return source is SourceKind.STREAM
    return False


def drawn_on(plan: Plan) -> frozenset[str]:
    """The other plans whose components the plan's streams come from."""
    sources = [stream.source for stream in plan.streams.values()]
    return frozenset(s.plan for s in sources if s.kind is SourceKind.COMPONENT) - {plan.name}


def ways(plan: Plan, workspace: Workspace) -> Ways:
    """Those of all expressions of a plan version."""
    rows = {table.row: name for name, table in workspace.tables.items()} | {"payee": "payees"}
    up: set[tuple[str, str, str]] = set()
    down: set[tuple[str, str, str]] = set()
    sought: set[str] = set()
    for _, value in _rules(plan):
        for part, other in _within(value, ""):
            match part:
                case Read(root=root, hops=hops):
                    up |= _steps(rows | {"other": other}, root, hops)
                case RelatedAggregate() | RelatedRows():
                    steps = _steps(rows | {"other": other}, part.root, part.hops)
                    up |= steps
                    last = part.hops[-1].table if part.hops else rows.get(part.root, other)
                    down.add((part.table, part.reference, last))
                case Lookup(table=table) | Match(table=table):
                    sought.add(table)
    return Ways(frozenset(up), frozenset(down), frozenset(sought))


def _steps(rows: dict[str, str], root: str, hops: tuple[Hop, ...]) -> set[tuple[str, str, str]]:
    """The references of a path. The payee of a credit or an earning is no row: who they are is known of the credit."""
    if root in ("credit", "earning"):
        table, hops = "payees", hops[1:]
    else:
        table = rows.get(root, "")
    found = set()
    for hop in hops:
        found.add((table, hop.column, hop.table))
        table = hop.table
    return found


def _rules(plan: Plan) -> Iterator[tuple[str, object]]:
    """Everything with expressions in it, by a name that people know it by."""
    yield "payees", plan.payees
    for kind, rules in (
        ("quota", plan.quotas),
        ("stream", plan.streams),
        ("measure", plan.measures),
        ("component", plan.components),
        ("clawback", plan.clawbacks),
    ):
        yield from ((f"{kind} {name}", rule) for name, rule in rules.items())
    yield "settle", plan.settle


def _within(value: object, other: str) -> Iterator[tuple[object, str]]:
    """Every part of a rule, with the table whose row is `other` there."""
    if isinstance(value, tuple):
        for item in value:
            yield from _within(item, other)
    elif is_dataclass(value) and not isinstance(value, Span | Calendar | Type):
        yield value, other
        inner = value.table if isinstance(value, RelatedAggregate) else other
        for entry in fields(value):
            yield from _within(getattr(value, entry.name), inner)
