"""Minimums, caps, what caps carry, and `first N` (section 10, limits)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from compengine.oracle.book import Book, Draft, Rule, Subject, end_of_day, key_of, window_scene
from compengine.oracle.evaluate import evaluate, required, rounded
from compengine.oracle.faults import Fault
from compengine.oracle.rows import written
from compengine.plan.typed import Limit
from compengine.values.exact import ZERO, add, subtract
from compengine.values.periods import DAY, Window, anniversary_year
from compengine.values.rows import Earning


@dataclass(slots=True)
class Running:
    """The uncapped total U of a scope, and what the limit has let through of it, C."""

    uncapped: Decimal = ZERO
    through: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Totals:
    """The running totals of one limit, by payee, scope and value of `by`."""

    limit: Limit
    running: dict[tuple[str, Any, Any], Running] = field(default_factory=dict)
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


def apply_limits(of: Rule, limits: tuple[Limit, ...], drafts: list[Draft]) -> None:
    """Each limit in file order adds a row where what it lets through moves otherwise than the total."""
    for limit, part in zip(limits, part_names(limits), strict=True):
        if limit.kind == "first":
            continue
        totals = Totals(limit)
        drafts.sort(key=lambda draft: draft.subject.key)
        for draft in drafts:
            if draft.carried and limit.scope.kind == "credit":
                continue
            try:
                amount = _moved(totals, draft.subject, draft.amount)
            except Fault as fault:
                of.failed(fault, draft.subject)
                continue
            if not amount.is_zero():
                _add_row(of, draft, part, draft.amount, amount)
        if limit.carry:
            _pay_carried(of, totals, part, drafts)


def _add_row(of: Rule, draft: Draft, part: str, basis: Decimal, amount: Decimal) -> None:
    plan, subject = of.book.plan, draft.subject
    draft.rows.append(
        Earning(
            plan.name, of.name, subject.payee, subject.for_period, subject.date, subject.source, part,
            part.partition(":")[0], basis, plan.currency, ZERO, "", amount, plan.currency, of.paid,
        )
    )  # fmt: skip


def _moved(totals: Totals, subject: Subject, amount: Decimal) -> Decimal:
    """What the limit adds to a subject whose rows so far come to `amount`: what C moved minus what U moved.

    A reversal's row under `per credit` is limited as the mirror image of its original.
    """
    limit = totals.limit
    bound = _bound(limit, subject)
    running = totals.running.setdefault(_key(limit, subject), Running())
    running.uncapped = add(running.uncapped, amount)
    if limit.scope.kind == "credit" and subject.item is not None and subject.item.of is not None:
        through = subtract(ZERO, _through(limit, bound, subtract(ZERO, running.uncapped)))
    else:
        through = _through(limit, bound, running.uncapped)
    step = subtract(through, running.through)
    running.through = through
    return subtract(step, amount)


def _through(limit: Limit, bound: Decimal, uncapped: Decimal) -> Decimal:
    return max(uncapped, bound) if limit.kind == "at least" else min(uncapped, bound)


def _bound(limit: Limit, subject: Subject) -> Decimal:
    """M: evaluated for each row and rounded; with `carry` that of the whole window (section 10, carry)."""
    if limit.carry:
        return _carry_bound(limit, subject.scene.book, subject.payee, _window(limit, subject))
    return rounded(required(limit.value, subject.scene), subject.scene)


def among_first(totals: Totals, subject: Subject) -> bool:
    """Whether a subject is among the first N of its scope; counts it."""
    limit = totals.limit
    key = _key(limit, subject)
    totals.counts[key] += 1
    return bool(totals.counts[key] <= required(limit.value, subject.scene))


def _key(limit: Limit, subject: Subject) -> tuple[str, Any, Any]:
    """Payee (not `across plan`), the scope's window that holds the earning's date, and the value of `by`."""
    match limit.scope.kind:
        case "credit":
            scope: Any = subject.item.id if subject.item is not None else subject.source
        case "life":
            scope = None
        case _:
            scope = _window(limit, subject)
    by = evaluate(limit.by, subject.scene) if limit.by is not None else None
    return ("" if limit.across_plan else subject.payee, scope, by)


def _window(limit: Limit, subject: Subject) -> Window:
    """The window of the scope that holds the earning's date."""
    book = subject.scene.book
    if limit.scope.anchor is not None:
        by_row = required(limit.scope.anchor, subject.scene) if not limit.carry else None
        return anniversary_year(by_row or _origin(limit, book, subject.payee), subject.date)
    return book.window(limit.scope.kind, subject.date, limit.span)


# --- carry


def _pay_carried(of: Rule, totals: Totals, part: str, drafts: list[Draft]) -> None:
    """What a window takes away is paid in the windows after it, as far as they have room.

    For each closed window, with its total T before the limit and K carried into it: min(T + K, M) − min(T, M) is
    paid, max(0, T + K − M) goes on.
    """
    limit, book = totals.limit, of.book
    for payee, by in dict.fromkeys((payee, by) for payee, _, by in totals.running):
        carried = ZERO
        for window in _closed_windows(limit, book, payee):
            running = totals.running.get((payee, window, by))
            if running is None and carried.is_zero():
                continue
            total = running.uncapped if running is not None else ZERO
            bound = _carry_bound(limit, book, payee, window)
            paid = subtract(min(add(total, carried), bound), min(total, bound))
            if not paid.is_zero():
                name = part.replace("cap", "carried", 1) + (f":{written(by)}" if limit.by is not None else "")
                _add_row(of, _draft_of(of, drafts, payee, window), name, carried, paid)
            carried = max(ZERO, subtract(add(total, carried), bound))


def _closed_windows(limit: Limit, book: Book, payee: str) -> list[Window]:
    """Those whose last day lies in `effective` and is not after P, and on a day of which the payee is on the plan."""
    if limit.scope.anchor is None:
        found = book.closed(limit.scope.kind, limit.span)
    else:
        found, last = [], min(book.plan.end, book.calculation.horizon.end)
        origin = _origin(limit, book, payee)
        window = anniversary_year(origin, book.plan.start)
        while window.end <= last:
            found.append(window)
            window = anniversary_year(origin, window.end + DAY)
    return [window for window in found if book.on_plan_in(payee, window)]


def _carry_bound(limit: Limit, book: Book, payee: str, window: Window) -> Decimal:
    """M of the whole window, as in a rule for it: on its last day, or at the end of P while it is open."""
    scene = window_scene(book, payee, window, min(window.end, book.calculation.horizon.end))
    return rounded(required(limit.value, scene), scene)


def _origin(limit: Limit, book: Book, payee: str) -> date:
    """The date years are counted from, read once per payee: on their last day on the plan up to the end of P."""
    assert limit.scope.anchor is not None
    last = book.calculation.horizon.end
    origin: date = required(limit.scope.anchor, window_scene(book, payee, Window(date.min, last, "")))
    return origin


def _draft_of(of: Rule, drafts: list[Draft], payee: str, window: Window) -> Draft:
    """What is paid for the window already, where the rule has such a window of its own; else a draft for it alone."""
    for draft in drafts:
        if draft.subject.item is None and (draft.subject.payee, draft.subject.source) == (payee, window.label):
            return draft
    book = of.book
    own = bool(of.unit) and book.plan.calendar.window(of.unit, window.end) == window
    place = (window.end, window.label, of.name, payee)
    key = key_of(*place) if own else end_of_day(*place)
    scene = window_scene(book, payee, window)
    period = book.period(window.end, None).label
    drafts.append(Draft(Subject(payee, window.label, window.end, key, scene, None, period), [], ZERO, True, own))
    return drafts[-1]
