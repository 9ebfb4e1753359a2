"""What is paid in the open period, per payee and plan (section 12, settlement)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compengine.inputs.snapshot import Snapshot
from compengine.oracle import people, rows
from compengine.oracle.book import Book, Scene, window_scene
from compengine.oracle.evaluate import holds, required, rounded
from compengine.oracle.faults import Fault
from compengine.oracle.run import begin, pays_in
from compengine.plan.typed import Draw, Program
from compengine.source.diagnostic import Failed
from compengine.values.exact import ONE, ZERO, add, multiply, subtract
from compengine.values.money import minor_unit
from compengine.values.periods import Window
from compengine.values.rounding import floor_to
from compengine.values.rows import Balance, Payable, Posted, Settlement


@dataclass(frozen=True, slots=True)
class Standing:
    """What stood before: everything released so far, what waited, and what the payee owes (both positive)."""

    released: Decimal
    waiting: Decimal
    owed: Decimal
    carried: Decimal

    @property
    def nothing(self) -> bool:
        """Whether no balance is left; what was released and settled long ago is none."""
        return not (self.waiting or self.owed or self.carried)


@dataclass(frozen=True, slots=True)
class Advance:
    """The draw of a period: what it guarantees, adds, takes back and forgives."""

    floor: Decimal = ZERO
    recovery_share: Decimal = ZERO
    added: Decimal = ZERO
    forgiven: Decimal = ZERO


def settle(
    program: Program,
    payables: Sequence[Payable],
    period: Window,
    opening: Sequence[Balance],
    snapshot: Snapshot,
    posted: Posted | None = None,
) -> list[Settlement]:
    """One row for everybody on a plan on a day of the period, or with anything that is not zero."""
    calculation = begin(program, snapshot, period, posted)
    found = []
    for book in _paying(list(calculation.books.values()), period):
        due = _released(book, payables, period)
        before = _opening(book, opening)
        nobody = Standing(ZERO, ZERO, ZERO, ZERO)
        present = {p for p, s in book.plan_stays.items() if people.days_within(s, period.start, period.end)}
        for payee in sorted({*present, *due, *before}, key=str.encode):
            standing = before.get(payee, nobody)
            amount = subtract(due.get(payee, ZERO), standing.released)
            if payee not in present and not amount and standing.nothing:
                continue
            try:
                found.append(_settlement(book, payee, period, amount, standing))
            except Fault as fault:
                calculation.note(fault, "", period.label, payee)
    if calculation.faults:
        raise Failed(calculation.faults)
    return found


def _paying(books: list[Book], period: Window) -> list[Book]:
    """One version of each plan whose calendar has the period: the one in force on its last day, else the latest."""
    found: dict[str, Book] = {}
    for book in sorted(books, key=lambda b: b.plan.start):
        own = pays_in(book.plan, period)
        if own is not None and (book.plan.name not in found or book.plan.start <= period.end):
            found[book.plan.name] = book
    return list(found.values())


def _released(book: Book, payables: Sequence[Payable], period: Window) -> dict[str, Decimal]:
    """Everything released up to the end of the period."""
    found: dict[str, Decimal] = {}
    for payable in payables:
        if payable.plan == book.plan.name and payable.on is not None and payable.on <= period.end:
            found[payable.payee] = add(found.get(payable.payee, ZERO), payable.amount)
    return found


def _opening(book: Book, opening: Sequence[Balance]) -> dict[str, Standing]:
    sums: dict[str, dict[str, Decimal]] = {}
    for balance in opening:
        if balance.plan == book.plan.name and balance.currency == book.plan.currency:
            accounts = sums.setdefault(balance.payee, {})
            accounts[balance.account] = add(accounts.get(balance.account, ZERO), balance.amount)
    return {
        payee: Standing(
            accounts.get("released", ZERO),
            accounts.get("waiting", ZERO),
            subtract(ZERO, accounts.get("owed", ZERO)),
            subtract(ZERO, accounts.get("carried", ZERO)),
        )
        for payee, accounts in sums.items()
    }


def _settlement(book: Book, payee: str, period: Window, due: Decimal, standing: Standing) -> Settlement:
    """The eight steps of section 12, in order."""
    plan = book.plan
    own = pays_in(plan, period)
    assert own is not None
    scene = window_scene(book, payee, own)
    base = add(due, standing.waiting)
    carried, collected, forgiven = _negative(book, payee, base)
    base = max(base, ZERO)
    draw = plan.settle.draw
    advance = _advance(draw, scene, base, standing) if draw is not None else Advance()
    left = max(ZERO, subtract(base, advance.floor))
    recovered, carried_recovered = _recovery(book, base, left, advance, standing)
    still_owed = subtract(standing.owed, recovered)
    on_account, guarantee = _owed_part(draw, advance.added, still_owed, scene)
    payable = subtract(add(base, advance.added), add(recovered, carried_recovered))
    minimum = rounded(required(plan.settle.minimum, scene), scene) if plan.settle.minimum is not None else ZERO
    waiting = payable if payable < minimum else ZERO
    payable = subtract(payable, waiting)
    currency, rate, on, paid = _paid(book, scene, own, payable)
    return Settlement(
        plan.name, payee, own.label, plan.currency, due, standing.waiting, on_account, guarantee, recovered,
        carried_recovered, carried, collected, forgiven, waiting, advance.forgiven, payable, currency, rate, on, paid,
    )  # fmt: skip


def _negative(book: Book, payee: str, base: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Step 2: a negative base is carried, collected or forgiven."""
    if base >= 0:
        return ZERO, ZERO, ZERO
    amount = subtract(ZERO, base)
    match book.plan.settle.negative:
        case "carry":
            return amount, ZERO, ZERO
        case "collect":
            return ZERO, amount, ZERO
        case "forgive":
            return ZERO, ZERO, amount
        case _:
            span = book.plan.settle.span or book.plan.payees.span
            raise Fault("E518", f"{payee} comes to less than nothing, and settle does not say `negative`", span)


def _advance(draw: Draw, scene: Scene, base: Decimal, standing: Standing) -> Advance:
    """Steps 3, 5 and 6: the floor while a draw is active, what it adds, and what becomes of it at its end."""
    stays = scene.book.plan_stays.get(scene.payee, [])
    here = people.days_within(stays, scene.window.start, scene.window.end) > 0
    active = here and (draw.when is None or holds(draw.when, scene))
    amount = rounded(required(draw.amount, scene), scene) if active else ZERO
    recovering = draw.recover_when is None or holds(draw.recover_when, scene)
    share: Decimal = required(draw.recover, scene) if recovering else ZERO
    if not active:
        forgiven = standing.owed if draw.at_end == "forgiven" else ZERO
        return Advance(recovery_share=ZERO if forgiven else share, forgiven=forgiven)
    if draw.kind == "top-up":
        return Advance(floor=amount, recovery_share=share, added=max(ZERO, subtract(amount, base)))
    return Advance(recovery_share=share, added=amount)


def _recovery(
    book: Book, base: Decimal, excess: Decimal, advance: Advance, standing: Standing
) -> tuple[Decimal, Decimal]:
    """Step 4: what is owed takes its share of the excess, a carried negative what is left of it, in `order`."""
    recovered = carried_recovered = ZERO
    left = excess
    for claim in book.plan.settle.order:
        if claim == "draw":
            share = floor_to(multiply(advance.recovery_share, excess), minor_unit(book.plan.currency))
            recovered = max(ZERO, min(standing.owed, share, left))
            left = subtract(left, recovered)
        elif claim == "negative":
            carried_recovered = max(ZERO, min(standing.carried, left))
            left = subtract(left, carried_recovered)
    return recovered, carried_recovered


def _owed_part(draw: Draw | None, added: Decimal, still_owed: Decimal, scene: Scene) -> tuple[Decimal, Decimal]:
    """Step 5: what a draw adds is owed, up to `owed_limit`; with `recover: 0%` nothing is: a guarantee."""
    if draw is None or added.is_zero():
        return ZERO, ZERO
    if required(draw.recover, scene).is_zero():
        return ZERO, added
    if draw.owed_limit is None:
        return added, ZERO
    room = max(ZERO, subtract(rounded(required(draw.owed_limit, scene), scene), still_owed))
    owed = min(added, room)
    return owed, subtract(added, owed)


def _paid(book: Book, scene: Scene, period: Window, payable: Decimal) -> tuple[str, Decimal, date | None, Decimal]:
    """Step 8: in the currency of `pay_in`, at the rate that `convert` says."""
    plan = book.plan
    if plan.settle.pay_in is None:
        return plan.currency, ONE, None, payable
    currency: str = required(plan.settle.pay_in, scene)
    if currency == plan.currency:
        return currency, ONE, None, payable
    tables, mode, span = book.calculation.tables, plan.rounding, plan.settle.pay_in.span
    if plan.settle.convert == "period_average":
        found = rows.average_exchange(tables, payable, plan.currency, currency, period, mode, span)
    else:
        day = plan.start if plan.settle.convert == "plan_rate" else plan.calendar.pay_date(period)
        found = rows.exchange(tables, payable, plan.currency, currency, day, mode, span)
    return currency, found.rate, found.on, found.amount
