"""Limits of a whole plan: `settle.limit`, on the period totals of its paid components (section 12, plan limits)."""

from decimal import Decimal

from compengine.oracle import people
from compengine.oracle.book import EVERYBODY, Book, Subject, key_of, window_scene
from compengine.oracle.faults import Fault, Follows
from compengine.oracle.limit import Totals, moved, part_names
from compengine.values.exact import ZERO, add
from compengine.values.periods import NoWindow, Window
from compengine.values.rows import Earning, Payable

COMPONENT = "settle"


def plan_limits(book: Book) -> tuple[list[Earning], list[Payable]]:
    """One row per payee, period and limit, dated on the period's last day and payable then."""
    plan, limits = book.plan, book.plan.settle.limits
    if not limits:
        return [], []
    try:
        subjects = _subjects(book)
    except (Fault, NoWindow) as error:
        fault = error if isinstance(error, Fault) else Fault("E704", str(error), plan.settle.span)
        book.calculation.note(fault, "", "", "")
        return [], []
    found: list[Earning] = []
    totals = {(subject.payee, subject.source): amount for subject, amount in subjects}
    for limit, part in zip(limits, part_names(limits), strict=True):
        running = Totals(limit)
        for subject, _ in subjects:
            so_far = totals[subject.payee, subject.source]
            try:
                amount = moved(running, subject, so_far)
            except Fault as fault:
                book.calculation.note(fault, "", subject.source, subject.payee)
                continue
            if amount.is_zero():
                continue
            found.append(
                Earning(
                    plan.name, COMPONENT, subject.payee, subject.source, subject.date, subject.source, part,
                    part.partition(":")[0], so_far, plan.currency, ZERO, "", amount, plan.currency, True,
                )
            )  # fmt: skip
            totals[subject.payee, subject.source] = add(so_far, amount)
    return found, [_payable(row) for row in found]


def _subjects(book: Book) -> list[tuple[Subject, Decimal]]:
    """Each payee's periods with what their paid components come to, in the total order.

    Periods are those with rows, and those that end within `effective` for everybody on the plan in them.
    """
    plan, horizon = book.plan, book.calculation.horizon
    periods: dict[str, Window] = {}
    totals: dict[tuple[str, str], Decimal] = {}
    for name, component in plan.components.items():
        result = book.component(name)
        if result.broken:
            raise Follows
        if not component.paid:
            continue
        for earning in [*(row for rows in result.rows for row in rows), *(claw for _, claw in result.claws)]:
            period = book.period(earning.date, component.span)
            periods[period.label] = period
            at = (earning.payee, period.label)
            totals[at] = add(totals.get(at, ZERO), earning.amount)
    last = min(plan.end, horizon.end)
    for period in plan.calendar.between("period", plan.start, last):
        for payee, stays in book.stays.items():
            if period.end <= last and people.days_within(stays, period.start, period.end):
                periods[period.label] = period
                totals.setdefault((payee, period.label), ZERO)
    found = []
    for (payee, label), amount in totals.items():
        period = periods[label]
        key = key_of(period.end, label, EVERYBODY, payee)
        scene = window_scene(book, payee, period)
        found.append((Subject(payee, label, period.end, key, scene, None, label), amount))
    return sorted(found, key=lambda pair: pair[0].key)


def _payable(row: Earning) -> Payable:
    return Payable(
        row.plan, row.component, row.payee, row.for_period, row.source, row.part, 0, row.date, row.amount, row.currency
    )
