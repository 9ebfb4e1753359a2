"""Numbers per person: sums over credits, quotas, presence, groups (sections 5, 7 and 9)."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from compengine.oracle import people, windows
from compengine.oracle.book import (
    EMPTY,
    EVERYBODY,
    LAST,
    Book,
    Column,
    Entry,
    Scene,
    Subject,
    column_of,
    credit_scene,
    end_of_day,
    key_of,
    total_of,
)
from compengine.oracle.faults import Fault, Follows
from compengine.oracle.rows import Row
from compengine.oracle.trace import Line
from compengine.plan.typed import Aggregate, Expr, Group, GroupKind
from compengine.source.text import Span
from compengine.values.exact import divide, exact, subtract

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
            if node.where is not None and (scene is None or not holds(node.where, scene())):
                continue
            for key in _holders_keys(book, node.group, payee, day, node.span):
                found.setdefault(key, []).append(entry)
        book.columns[at] = {key: column_of(entries) for key, entries in found.items()}
    return book.columns[at]


Asked = Callable[[], Scene]
"""The scene in which `where` is asked of an entry."""


def _entries(node: Aggregate, book: Book) -> Iterable[tuple[str, date, Entry, Asked | None]]:
    """Payee, date, amount, and the scene of `where`, of everything an aggregate may add; `where` leaves out what has
    none."""
    if node.of_component:
        yield from component_entries(book, node.stream)
        return
    stream = book.stream(node.stream)
    for item in stream.items:
        entry = Entry(item.key, item.credit.amount, item.counted, True)
        yield (item.credit.payee, item.credit.date, entry, partial(credit_scene, book, item, node.span))
    for item, entry in stream.adjustments:
        yield (item.credit.payee, entry.key[0], entry, partial(credit_scene, book, item, node.span))


def component_entries(book: Book, name: str) -> Iterable[tuple[str, date, Entry, Asked | None]]:
    """What was earned for each credit or window counts once; clawed and carried rows apart, the latter after all
    credits of their day (sections 5 and 10)."""
    component = book.component(name)
    for draft in component.drafts:
        subject = draft.subject
        earned = [row.amount for row in draft.rows if not draft.carried and row.kind != "carried"]
        if earned:
            entry = Entry(subject.key, total_of(earned), True, True)
            yield subject.payee, subject.date, entry, partial(_scene_of, subject)
        for row in draft.rows:
            if draft.carried or row.kind == "carried":
                key = end_of_day(row.date, row.source, name, row.payee)
                yield row.payee, row.date, Entry(key, row.amount, False, False), None
    for subject, claw in component.claws:
        key = key_of(claw.date, claw.source, name, claw.payee)
        yield (claw.payee, claw.date, Entry(key, claw.amount, False, False), partial(_scene_of, subject))


def _scene_of(subject: Subject) -> Scene:
    return subject.scene


def aggregate(node: Aggregate, scene: Scene, holds: Holds, origin: date | None) -> Decimal | None:
    """`sum`, `count`, `min`, `max`, `average` through a window; sum and count of nothing are 0 (section 5)."""
    column, low, high = column_for(node, scene, holds, origin)
    recorders = scene.book.calculation.recorders
    if recorders:
        recorders[-1].behind(high - low, tuple(map(_line, column.entries[low : min(high, low + BEHIND)])))
    return fold_column(node.function, column, low, high)


def _line(entry: Entry) -> Line:
    return Line(entry.key[1].removeprefix(LAST).decode(), entry.key[3].decode(), entry.key[0], entry.amount)


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
            return total_of(amounts)
        case "average":
            return divide(total_of(amounts), exact(len(amounts))) if amounts else None
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
        for payee, _, entry, _ in component_entries(book, name):
            found.setdefault(payee, []).append(entry)
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


# --- presence


def presence(scene: Scene, first: date, last: date) -> list[people.Stay]:
    """The days on the plan (any version), of somebody not on it in the window the days `payees` knows them."""
    here = scene.book.plan_stays.get(scene.payee, [])
    if people.days_within(here, first, last):
        return here
    return people.joined(people.known_stays(scene.book.calculation.people, scene.payee))


def days_in(first: date, last: date, scene: Scene, on_plan: bool) -> Decimal:
    """Calendar days of a window, or those on which the payee is on the plan (any version)."""
    if not on_plan:
        return exact((last - first).days + 1)
    return exact(people.days_within(scene.book.plan_stays.get(scene.payee, ()), first, last))
