"""Minimums, caps and `first N` (section 10, limits)."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from compengine.oracle.book import Scene, Subject
from compengine.oracle.evaluate import evaluate, required, rounded
from compengine.oracle.faults import Fault
from compengine.plan.typed import Limit
from compengine.source.text import Span
from compengine.values.exact import ZERO, add, subtract
from compengine.values.periods import NoWindow, anniversary_year


@dataclass(slots=True)
class Running:
    """The uncapped total U of a scope, and what the limit has let through of it, C."""

    uncapped: Decimal = ZERO
    through: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Totals:
    """The running totals of one limit, by payee, scope and value of `by`."""

    limit: Limit
    running: dict[Any, Running] = field(default_factory=dict)
    counts: Counter[Any] = field(default_factory=Counter)


def part_names(limits: tuple[Limit, ...]) -> list[str]:
    """`cap:SCOPE`, `minimum:SCOPE`; the second of the same with `#2`. A `first` limit makes no rows."""
    seen: Counter[str] = Counter()
    names = []
    for limit in limits:
        name = f"{'minimum' if limit.kind == 'at least' else 'cap'}:{limit.scope.text}"
        seen[name] += limit.kind != "first"
        names.append(name if seen[name] <= 1 else f"{name}#{seen[name]}")
    return names


def moved(totals: Totals, subject: Subject, amount: Decimal) -> Decimal:
    """What the limit adds to a subject whose rows so far come to `amount`: what C moved minus what U moved."""
    limit, scene = totals.limit, subject.scene
    bound = rounded(required(limit.value, scene), scene)
    if limit.scope.kind == "credit" and subject.item is not None and subject.item.of is not None:
        mirrored = _through(limit, bound, subtract(ZERO, amount))
        return subtract(subtract(ZERO, mirrored), amount)
    running = totals.running.setdefault(_key(limit, subject), Running())
    running.uncapped = add(running.uncapped, amount)
    through = _through(limit, bound, running.uncapped)
    step = subtract(through, running.through)
    running.through = through
    return subtract(step, amount)


def _through(limit: Limit, bound: Decimal, uncapped: Decimal) -> Decimal:
    return max(uncapped, bound) if limit.kind == "at least" else min(uncapped, bound)


def among_first(totals: Totals, subject: Subject) -> bool:
    """Whether a subject is among the first N of its scope; counts it."""
    limit = totals.limit
    key = _key(limit, subject)
    totals.counts[key] += 1
    return bool(totals.counts[key] <= required(limit.value, subject.scene))


def _key(limit: Limit, subject: Subject) -> tuple[Any, ...]:
    """Payee (not `across plan`), the scope's window that holds the earning's date, and the value of `by`."""
    by = evaluate(limit.by, subject.scene) if limit.by is not None else None
    return ("" if limit.across_plan else subject.payee, _scope(limit, subject, subject.scene), by)


def _scope(limit: Limit, subject: Subject, scene: Scene) -> Any:
    match limit.scope.kind:
        case "credit":
            return subject.source
        case "life":
            return None
        case "anniversary":
            assert limit.scope.anchor is not None
            return anniversary_year(required(limit.scope.anchor, scene), subject.date).start
        case unit:
            return window_start(subject, unit, limit.span)


def window_start(subject: Subject, unit: str, span: Span) -> Any:
    try:
        return subject.scene.book.plan.calendar.window(unit, subject.date).start
    except NoWindow as error:
        raise Fault("E704", str(error), span) from None
