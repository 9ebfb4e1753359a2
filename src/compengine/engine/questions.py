"""Where a plan asks for the rule that fits best: each `match` of it, of which rows, and under which conditions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

from compengine.engine.credit import conjuncts
from compengine.plan.typed import (
    Aggregate,
    And,
    Component,
    Default,
    Expr,
    GroupAggregate,
    If,
    Lookup,
    Match,
    Node,
    Or,
    PerCredit,
    Plan,
    Rank,
    RelatedAggregate,
    Scale,
    ShareOf,
    Stream,
    ToManagers,
    ToPayee,
)


@dataclass(frozen=True, slots=True)
class Guard:
    """The question is asked only of rows for which `condition` is `holds`."""

    condition: Expr
    holds: bool


@dataclass(frozen=True, slots=True)
class Question:
    """`rule` is the stream, component or measure that asks. `rows` says of what: `source` (the rows of `stream`),
    `credit` (the credits of `stream`) or `payee`. `defaulted`: a `default` answers where no rule fits."""

    rule: str
    rows: str
    stream: str
    node: Match
    guards: tuple[Guard, ...]
    defaulted: bool


def questions(plan: Plan) -> Iterator[Question]:
    """Those that differ from row to row inside a sum, a group or related rows are left out: they are asked of rows
    that no rule is about."""
    for stream in plan.streams.values():
        yield from _of_stream(stream)
    for component in plan.components.values():
        yield from _of_component(component)
    for measure in plan.measures.values():
        yield from _asked(measure.name, "payee", "", (measure.value,), ())


def _of_stream(stream: Stream) -> Iterator[Question]:
    to = (stream.to.payee,) if isinstance(stream.to, ToPayee | ToManagers) else ()
    yield from _of_condition(stream.name, "source", stream.name, stream.when)
    passed = (Guard(stream.when, True),) if stream.when is not None else ()
    values = (stream.date, stream.amount, *to, stream.share)
    yield from _asked(stream.name, "source", stream.name, values, passed)


def _of_component(component: Component) -> Iterator[Question]:
    rows, stream = ("credit", component.per.stream) if isinstance(component.per, PerCredit) else ("payee", "")
    yield from _of_condition(component.name, rows, stream, component.when)
    passed = (Guard(component.when, True),) if component.when is not None else ()
    rate = [band.rate for band in component.rate.bands] if isinstance(component.rate, Scale) else [component.rate]
    pay = component.pay.by if isinstance(component.pay, Rank) else component.pay
    factors = [factor for _, factor in component.multiply]
    limits = [limit.value for limit in component.limits]
    values = [v for v in (component.of, *rate, pay, *factors, *limits) if v is not None]
    yield from _asked(component.name, rows, stream, values, passed)


def _of_condition(rule: str, rows: str, stream: str, condition: Expr | None) -> Iterator[Question]:
    """A part of a condition is asked of rows that pass the parts before it, and all those that ask for no rule."""
    parts = conjuncts(condition) if condition is not None else []
    plain = [not any(True for _ in _within(part, (), False)) for part in parts]
    for at, part in enumerate(parts):
        others = [Guard(p, True) for n, p in enumerate(parts) if n < at or (plain[n] and n != at)]
        yield from _asked(rule, rows, stream, (part,), tuple(others))


def _asked(rule: str, rows: str, stream: str, values: Iterable[Expr], guards: tuple[Guard, ...]) -> Iterator[Question]:
    for value in values:
        for node, conditions, defaulted in _within(value, guards, False):
            yield Question(rule, rows, stream, node, conditions, defaulted)


def _within(value: Expr, guards: tuple[Guard, ...], defaulted: bool) -> Iterator[tuple[Match, tuple[Guard, ...], bool]]:
    match value:
        case Aggregate() | GroupAggregate() | RelatedAggregate() | ShareOf():
            return
        case Match():
            yield value, guards, defaulted
        case Default(value=inner, fallback=fallback):
            yield from _within(inner, guards, True)
            yield from _within(fallback, guards, False)
            return
        case If(condition=condition, then=then, otherwise=otherwise):
            yield from _within(condition, guards, False)
            yield from _within(then, (*guards, Guard(condition, True)), False)
            yield from _within(otherwise, (*guards, Guard(condition, False)), False)
            return
        case And(left=left, right=right) | Or(left=left, right=right):
            yield from _within(left, guards, False)
            yield from _within(right, (*guards, Guard(left, isinstance(value, And))), False)
            return
    for part in _parts(value):
        yield from _within(part, guards, False)


def _parts(value: Expr) -> Iterator[Expr]:
    """The expressions that one is made of; keys of a `lookup` or `match` stand in pairs with their columns."""
    if isinstance(value, Lookup | Match):
        yield from (key for _, key in value.keys)
        return
    for entry in fields(value):
        content = getattr(value, entry.name)
        for item in content if isinstance(content, tuple) else (content,):
            if isinstance(item, Node):
                yield item  # type: ignore[misc]
