"""Numbers per person: sums over credits, quotas, presence, groups (sections 5, 7 and 9)."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from compengine.oracle import people, rows, windows
from compengine.oracle.book import (
    EMPTY,
    EVERYBODY,
    Book,
    Column,
    Entry,
    Item,
    Scene,
    Subject,
    column_of,
    credit_scene,
    key_of,
)
from compengine.oracle.faults import Fault, Follows
from compengine.oracle.rows import Row
from compengine.oracle.trace import Line
from compengine.plan.typed import Aggregate, Expr, Group, GroupKind, Quota
from compengine.source.text import Span
from compengine.values.exact import ZERO, add, divide, exact, multiply, subtract

Holds = Callable[[Expr, Scene], bool]
BEHIND = 5
"""How many of the rows behind a sum an explanation lists."""


# --- whose `payee.`


def reading_day(scene: Scene) -> date | None:
    """The day as of which `payee.` is read: section 7, last paragraph but one of the rules."""
    if scene.payee_day is not None:
        return scene.payee_day
    at = ("reading", scene.payee, scene.window.start, scene.window.end, scene.day)
    values = scene.book.values
    if at not in values:
        stays = scene.book.plan_stays.get(scene.payee, [])
        found = people.last_within(stays, scene.window.start, min(scene.window.end, scene.day))
        known = people.known_stays(scene.book.calculation.people, scene.payee)
        values[at] = found if found is not None else people.last_within(known, date.min, scene.day)
    day: date | None = values[at]
    return day


def payee_row(scene: Scene) -> Row | None:
    """The version of the payee that `payee.` reads."""
    day = reading_day(scene)
    return people.on(scene.book.calculation.people, scene.payee, day) if day is not None else None


# --- groups


def members(scene: Scene, group: Group, span: Span) -> list[str]:
    """Who is in the group on the evaluation day t (section 7, groups)."""
    at = ("members", group, scene.payee, scene.day, _own_value(scene, group))
    values = scene.book.values
    if at not in values:
        values[at] = _members(scene, group, span)
    found: list[str] = values[at]
    return found


def _members(scene: Scene, group: Group, span: Span) -> list[str]:
    everybody, day = scene.book.calculation.people, scene.day
    match group.kind:
        case GroupKind.REPORTS:
            return people.reports(everybody, scene.payee, day)
        case GroupKind.DOWNLINE:
            return people.downline(everybody, scene.payee, day, span)
        case GroupKind.PLAN:
            return [p for p, stays in scene.book.plan_stays.items() if people.holds_on(stays, day)]
        case GroupKind.SAME:
            value = _own_value(scene, group)
            versions = ((p, people.on(everybody, p, day)) for p in everybody.versions)
            return [p for p, row in versions if row is not None and value is not None and row[group.column] == value]


def _own_value(scene: Scene, group: Group) -> Any:
    """What `same payee.COLUMN` compares with: this payee's value."""
    if group.kind is not GroupKind.SAME:
        return None
    row = payee_row(scene)
    return row[group.column] if row else None


def _holders_keys(book: Book, group: Group | None, payee: str, day: date, span: Span) -> list[Any]:
    """Under which keys a credit of `payee` dated `day` is found: membership is taken on the credit's date."""
    everybody = book.calculation.people
    match group.kind if group else None:
        case None:
            return [payee]
        case GroupKind.REPORTS:
            above = people.manager_of(everybody, payee, day)
            return [above] if above else []
        case GroupKind.DOWNLINE:
            return list(people.chain(everybody, payee, day, None, span))
        case GroupKind.PLAN:
            return [EVERYBODY] if people.holds_on(book.plan_stays.get(payee, ()), day) else []
        case GroupKind.SAME:
            assert group is not None
            row = people.on(everybody, payee, day)
            return [row[group.column]] if row and row[group.column] is not None else []


# --- sums over credits


def column_for(node: Aggregate, scene: Scene, holds: Holds, origin: date | None) -> tuple[Column, int, int]:
    """The amounts an aggregate looks at and the range of them in its window."""
    book = scene.book
    first, last = windows.for_sums(node.window, book.plan.calendar, scene.sum_day, origin)
    broken = (book.component if node.of_component else book.stream)(node.stream).broken
    if broken and (node.group is not None or scene.payee in broken or EVERYBODY in broken):
        raise Follows
    reset = node.group is None and not node.of_component and _transferred(scene, first, last, node)
    columns = _columns(node, book, holds, reset)
    match node.group.kind if node.group else None:
        case GroupKind.PLAN:
            key: Any = EVERYBODY
        case GroupKind.SAME:
            assert node.group is not None
            key = _own_value(scene, node.group)
        case _:
            key = scene.payee
    column = columns.get(key, EMPTY)
    return (column, *column.stretch(first, last, scene.cut))


def _columns(node: Aggregate, book: Book, holds: Holds, reset: bool) -> dict[Any, Column]:
    at = ("column", node.stream, node.of_component, node.group, id(node.where) if node.where else 0, reset)
    if at not in book.columns:
        found: dict[Any, list[Entry]] = {}
        for payee, day, entry, scene in _entries(node, book):
            if reset and not people.holds_on(book.plan_stays.get(payee, ()), day):
                continue
            if node.where is not None and not holds(node.where, scene()):
                continue
            for key in _holders_keys(book, node.group, payee, day, node.span):
                found.setdefault(key, []).append(entry)
        book.columns[at] = {key: column_of(entries) for key, entries in found.items()}
    return book.columns[at]


def _entries(node: Aggregate, book: Book) -> Iterable[tuple[str, date, Entry, Callable[[], Scene]]]:
    """Payee, date, amount, and the scene in which `where` is asked, of everything an aggregate may add."""

    def credit(item: Item) -> Callable[[], Scene]:
        return lambda: credit_scene(book, item, node.span)

    def row(subject: Subject) -> Callable[[], Scene]:
        return lambda: subject.scene

    if node.of_component:
        component = book.component(node.stream)
        for subject, earnings in zip(component.subjects, component.rows, strict=True):
            amount = component.figures[subject.payee, subject.source]
            if earnings:
                yield subject.payee, subject.date, Entry(subject.key, amount, True, True), row(subject)
        for subject, claw in component.claws:
            key = key_of(claw.date, claw.source, node.stream, claw.payee)
            yield claw.payee, claw.date, Entry(key, claw.amount, False, False), row(subject)
        return
    stream = book.stream(node.stream)
    for item in stream.items:
        entry = Entry(item.key, item.credit.amount, item.of is None, True)
        yield item.credit.payee, item.credit.date, entry, credit(item)
    for item, entry in stream.adjustments:
        yield item.credit.payee, entry.key[0], entry, credit(item)


def aggregate(node: Aggregate, scene: Scene, holds: Holds, origin: date | None) -> Decimal | None:
    """`sum`, `count`, `min`, `max`, `average` through a window; sum and count of nothing are 0 (section 5)."""
    column, low, high = column_for(node, scene, holds, origin)
    recorders = scene.book.calculation.recorders
    if recorders:
        recorders[-1].behind(high - low, tuple(map(_line, column.entries[low : min(high, low + BEHIND)])))
    return fold_column(node.function, column, low, high)


def _line(entry: Entry) -> Line:
    return Line(entry.key[1].decode(), entry.key[3].decode(), entry.key[0], entry.amount)


def fold_column(function: str, column: Column, low: int, high: int) -> Decimal | None:
    match function:
        case "sum":
            return subtract(column.sums[high], column.sums[low])
        case "count":
            return exact(column.counts[high] - column.counts[low])
        case "average":
            number = column.counts[high] - column.counts[low]
            return divide(subtract(column.sums[high], column.sums[low]), exact(number)) if number else None
        case _:
            ranked = [entry.amount for entry in column.entries[low:high] if entry.ranked]
            if not ranked:
                return None
            return min(ranked) if function == "min" else max(ranked)


def fold(function: str, amounts: list[Decimal]) -> Decimal | None:
    """The same over plain values: of a group's members, or of related rows."""
    match function:
        case "sum":
            found = ZERO
            for amount in amounts:
                found = add(found, amount)
            return found
        case "average":
            added = fold("sum", amounts)
            return divide(added, exact(len(amounts))) if amounts and added is not None else None
        case "min":
            return min(amounts, default=None)
        case "max":
            return max(amounts, default=None)
        case _:
            raise AssertionError(function)


def component_total(name: str, scene: Scene) -> Decimal:
    """A component named outside a rule per credit of its stream: the rows dated in the rule's window (section 4)."""
    book = scene.book
    component = book.component(name)
    if scene.payee in component.broken or EVERYBODY in component.broken:
        raise Follows
    at = ("total", name)
    if at not in book.columns:
        found: dict[Any, list[Entry]] = {}
        for subject in component.subjects:
            amount = component.figures[subject.payee, subject.source]
            found.setdefault(subject.payee, []).append(Entry(subject.key, amount, True, True))
        for _, claw in component.claws:
            key = key_of(claw.date, claw.source, name, claw.payee)
            found.setdefault(claw.payee, []).append(Entry(key, claw.amount, False, False))
        book.columns[at] = {payee: column_of(entries) for payee, entries in found.items()}
    column = book.columns[at].get(scene.payee, EMPTY)
    low, high = column.stretch(scene.window.start, scene.window.end, scene.cut)
    return subtract(column.sums[high], column.sums[low])


def _transferred(scene: Scene, first: date, last: date, node: Aggregate) -> bool:
    """Whether only the credits of the days on this plan count: somebody came from another plan inside the window
    and the plan says `reset`; without `on_transfer` the run stops (section 7, transfer)."""
    elsewhere = scene.book.other_stays.get(scene.payee)
    here = scene.book.plan_stays.get(scene.payee)
    if not elsewhere or not here:
        return False
    inside = [day for day in people.arrivals(here, elsewhere) if first < day <= min(last, scene.sum_day)]
    if not inside or scene.book.plan.on_transfer == "carry":
        return False
    if scene.book.plan.on_transfer == "reset":
        return True
    plans = ", ".join(name for name, stays in sorted(elsewhere.items()) if any(end < inside[-1] for _, end in stays))
    message = f"{scene.payee} came from {plans} on {inside[-1]}, inside the window {node.window.text}"
    raise Fault("E511", f"{message}; the plan must say on_transfer", node.span)


# --- quotas and presence


def presence(scene: Scene, first: date, last: date) -> list[people.Stay]:
    """The days on the plan (any version), of somebody not on it in the window the days `payees` knows them."""
    here = scene.book.plan_stays.get(scene.payee, [])
    if people.days_within(here, first, last):
        return here
    return people.joined(people.known_stays(scene.book.calculation.people, scene.payee))


def quota(node: Quota, scene: Scene, origin: date | None) -> Decimal:
    """Section 9, quota: amount × d ÷ n over the payee's rows of that name."""
    plan, calculation = scene.book.plan, scene.book.calculation
    first, last = windows.for_quota(node.window, plan.calendar, scene.sum_day, scene.day, origin)
    present = presence(scene, first, last)
    found: Decimal | None = None
    for row in rows.matching(calculation.tables, "quotas", ("payee", "quota"), (scene.payee, node.name)):
        amount = row["amount"]
        currency = row.get("amount@currency")
        if currency and currency != plan.currency:
            on, mode = row["from"], plan.rounding
            amount = rows.exchange(calculation.tables, amount, currency, plan.currency, on, mode, node.span).amount
        part = _quota_part(amount, row["from"], row["to"], (first, last), present, scene.book)
        if part is not None:
            found = part if found is None else add(found, part)
    if found is None:
        message = f"{scene.payee} has no quota {node.name} in {node.window.text}, on the days up to {last}"
        raise Fault("E502", message, node.span)
    return found


def _quota_part(
    amount: Decimal, start: date, end: date, window: windows.Days, present: list[people.Stay], book: Book
) -> Decimal | None:
    """What one row gives; None where d is zero. A row whole in the window and in the presence gives its amount."""
    first, last = max(start, window[0]), min(end, window[1])
    if first > last:
        return None
    days = (end - start).days + 1
    ignored = book.plan.prorate == "none"
    inside = (last - first).days + 1 if ignored else people.days_within(present, first, last)
    if inside == days:
        return amount
    if book.plan.prorate != "months":
        return divide(multiply(amount, exact(inside)), exact(days)) if inside else None
    ends = [month.end for month in book.plan.calendar.between("month", start, end) if month.end <= end]
    counted = [day for day in ends if first <= day <= last and people.holds_on(present, day)]
    return divide(multiply(amount, exact(len(counted))), exact(len(ends))) if counted else None


def days_in(first: date, last: date, scene: Scene, on_plan: bool) -> Decimal:
    """Calendar days of a window, or those on which the payee is on the plan (any version)."""
    if not on_plan:
        return exact((last - first).days + 1)
    return exact(people.days_within(scene.book.plan_stays.get(scene.payee, ()), first, last))
