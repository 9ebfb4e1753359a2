"""One run: everything all plans of a program come to, up to the end of the open period."""

from dataclasses import dataclass

from compengine.inputs.snapshot import Snapshot
from compengine.oracle import people
from compengine.oracle.book import EVERYBODY, Book, Calculation, ComponentResult, Scene, StreamResult, window_scene
from compengine.oracle.credit import stream_result
from compengine.oracle.decided import due_by_hand, earned_by_hand, not_held
from compengine.oracle.earn import component_result
from compengine.oracle.evaluate import evaluate, holds
from compengine.oracle.faults import Fault
from compengine.oracle.plan_limit import plan_limits
from compengine.oracle.rows import Tables, all_rows
from compengine.plan.typed import Grain, Known, Plan, Program, Unit
from compengine.source.diagnostic import Failed
from compengine.values.decided import NOTHING, Decided
from compengine.values.periods import NoWindow, Window
from compengine.values.rows import Credit, Earning, Exclusion, Measure, Payable, Posted


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rows of a run."""

    credits: list[Credit]
    measures: list[Measure]
    earnings: list[Earning]
    payables: list[Payable]
    exclusions: list[Exclusion]


def calculate(
    program: Program, snapshot: Snapshot, horizon: Window, posted: Posted | None = None, decided: Decided = NOTHING
) -> Outcome:
    """Everything up to the last day of `horizon`, the open pay period; `posted` is what late rows are compared with,
    `decided` what people decided by hand.
    Raises `Failed` with every fault found."""
    calculation = begin(program, snapshot, horizon, posted)
    for task in program.order:
        book = calculation.books[task.plan]
        (book.stream if task.kind == "stream" else book.component)(task.name)
    limited = [plan_limits(book) for book in calculation.books.values()]
    measures = [m for book in calculation.books.values() for m in _measures(book)]
    if calculation.faults:
        raise Failed(calculation.faults)
    _report_strangers(calculation)
    earnings = [e for book in calculation.books.values() for e in _earnings(book)]
    paid = [p for book in calculation.books.values() for c in book.components.values() for p in c.payables]
    for rows, due in limited:
        earnings += rows
        paid += due
    by_hand = earned_by_hand(calculation.books.values(), decided.adjustments)
    earnings, paid = earnings + by_hand, not_held([*paid, *due_by_hand(by_hand)], decided)
    return Outcome(
        [c for book in calculation.books.values() for c in _credits(book)],
        sorted(measures, key=lambda m: (m.plan, m.measure, m.payee.encode())),
        earnings,
        paid,
        list(dict.fromkeys(calculation.exclusions)),
    )


# --- the start


def begin(program: Program, snapshot: Snapshot, horizon: Window, posted: Posted | None) -> Calculation:
    """People, and who is on which plan when; nothing else is computed yet."""
    tables = Tables(program.workspace, snapshot)
    everybody = people.people_of(program.workspace, all_rows(tables, "payees"))
    calculation = Calculation(program, tables, everybody, horizon, posted, _compute)
    stays = {plan.id: _stays(calculation, plan) for plan in program.plans}
    by_name: dict[str, dict[str, list[people.Stay]]] = {}
    for plan in program.plans:
        merged = by_name.setdefault(plan.name, {})
        for payee, parts in stays[plan.id].items():
            merged[payee] = people.joined([*merged.get(payee, []), *parts])
    for plan in program.plans:
        others: dict[str, dict[str, list[people.Stay]]] = {}
        for name, of_plan in by_name.items():
            if name != plan.name:
                for payee, parts in of_plan.items():
                    others.setdefault(payee, {})[name] = parts
        calculation.books[plan.id] = Book(calculation, plan, stays[plan.id], by_name[plan.name], others)
    if calculation.faults:
        raise Failed(calculation.faults)
    return calculation


def _stays(calculation: Calculation, plan: Plan) -> dict[str, list[people.Stay]]:
    """`payees` is asked for each version of each payee, as of its first day within `effective` (section 7)."""
    asking = Book(calculation, plan, {}, {}, {})

    def on_plan(payee: str, version: people.Version) -> bool:
        day = max(version.start, plan.start)
        here = Window(day, day, "")
        scene = Scene(asking, {}, payee, day, day, day, day, None, here)
        try:
            return holds(plan.payees, scene)
        except Fault as fault:
            calculation.note(fault, "payees", payee, payee)
            return False

    return people.plan_stays(plan, calculation.people, on_plan)


def _compute(book: Book, kind: str, name: str) -> None:
    """Work out one stream or component and keep it."""
    try:
        if kind == "stream":
            book.streams[name] = stream_result(book, book.plan.streams[name])
        else:
            book.components[name] = component_result(book, book.plan.components[name])
    except Fault as fault:
        book.calculation.note(fault, "", "", "")
        if kind == "stream":
            book.streams[name] = StreamResult([], [], {EVERYBODY})
        else:
            book.components[name] = ComponentResult([], [], [], {}, {EVERYBODY})


# --- the rows that come out


def _credits(book: Book) -> list[Credit]:
    """Credits dated within `effective`; earlier ones only count in measures."""
    items = [item for result in book.streams.values() for item in result.items]
    within = [item for item in items if book.plan.start <= item.credit.date <= book.plan.end]
    return [item.credit for item in sorted(within, key=lambda item: item.key)]


def _earnings(book: Book) -> list[Earning]:
    found: list[Earning] = []
    for component in book.components.values():
        found += [row for draft in component.drafts for row in draft.rows]
        found += [claw for _, claw in component.claws]
    return found


def _report_strangers(calculation: Calculation) -> None:
    """Credits of people who are on no plan at all that day."""
    parts: dict[str, list[people.Stay]] = {}
    for book in calculation.books.values():
        for payee, stays in book.stays.items():
            parts.setdefault(payee, []).extend(stays)
    anywhere = {payee: people.joined(stays) for payee, stays in parts.items()}
    for book in calculation.books.values():
        for credit in _credits(book):
            if not people.holds_on(anywhere.get(credit.payee, ()), credit.date):
                by = f"on no plan on {credit.date}"
                found = Exclusion(credit.plan, credit.stream, credit.source, credit.payee, by)
                calculation.exclusions.append(found)


def pays_in(plan: Plan, horizon: Window) -> Window | None:
    """The plan's period that ends with the horizon, where its calendar has one."""
    try:
        period = plan.calendar.window("period", horizon.end)
    except NoWindow:
        return None
    return period if period.end == horizon.end else None


def _measures(book: Book) -> list[Measure]:
    """Each measure at the end of P for everybody on the plan in P, where it can be computed and its windows close."""
    plan = book.plan
    period = pays_in(plan, book.calculation.horizon)
    if period is None or not plan.start <= period.end <= plan.end:
        return []
    found = []
    for rule in plan.measures.values():
        kind = rule.value.type
        if kind.grain is Grain.ROW or kind.unit not in (Unit.MONEY, Unit.NUMBER, Unit.PERCENT):
            continue
        if not _closed(plan, kind.known, period):
            continue
        unit = {Unit.MONEY: plan.currency, Unit.PERCENT: "%"}.get(kind.unit, "")
        for payee, stays in book.stays.items():
            if not people.days_within(stays, period.start, period.end):
                continue
            try:
                value = evaluate(rule.value, window_scene(book, payee, period))
            except Fault:
                continue
            if value is not None:
                found.append(Measure(plan.name, rule.name, payee, period.label, value, unit))
    return found


def _closed(plan: Plan, known: Known, period: Window) -> bool:
    """Whether the longest full window a measure looks through closes with the period."""
    unit = {Known.MONTH: "month", Known.QUARTER: "quarter", Known.YEAR: "year"}.get(known)
    if unit is None:
        return True
    try:
        return plan.calendar.window(unit, period.end).end == period.end
    except NoWindow:
        return False
