"""The lines of a posting: what moves between which accounts, and why.

Lines are pure data, before they get a number and a hash. All amounts are whole minor units.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from compengine.ledger.accounts import EARN, PAY, PAY_ABROAD, PAY_AWAY, RELEASE, SETTLE, Account, Move, Reason
from compengine.ledger.conservation import Side, broken, equal, not_negative
from compengine.ledger.posting import POSTED_EARNING
from compengine.ledger.store.tables import AMOUNT_BOUND
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.frames import require, to_rows
from compengine.values.money import to_minor
from compengine.values.periods import Window
from compengine.values.rows import Payable, Settlement


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What earned and released amounts are kept by."""

    payee: str
    plan: str
    component: str
    for_period: str
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a move. `component` is empty for what concerns a plan as a whole."""

    reason: str
    payee: str
    plan: str
    component: str
    for_period: str
    in_period: str
    account: str
    currency: str
    amount: int


_KEY = ("payee", "plan", "component", "for_period", "currency")
_ROW_BOUND = Decimal(AMOUNT_BOUND)


def run_lines(
    rows: pl.DataFrame,
    payables: pl.DataFrame,
    settlements: pl.DataFrame,
    released: Mapping[Key, int],
    period: Window,
) -> list[Line]:
    """The lines of a run: posted `rows`, what is released until the end of `period`, and how that is settled.

    `released` is what earlier postings released for each key. Raises `Failed`: E513 for an amount out of bounds; E609
    where the lines do not sum to zero, the payable of a settlement is not what the lines put on `payable`, or its due
    not what they release.
    """
    assert rows.schema == POSTED_EARNING, f"{rows.schema} are not posted rows"
    earned = _sums(
        rows.filter("paid").with_columns(amount=pl.when(pl.col("sign") < 0).then(-pl.col("amount")).otherwise("amount"))
    )
    due = _sums(require(Payable, payables).filter(pl.col("on") <= period.end))
    lines: list[Line] = []
    for key in sorted({*earned, *due, *released}):
        lines += _moved(EARN, key, period.label, earned.get(key, 0))
        lines += _moved(RELEASE, key, period.label, due.get(key, 0) - released.get(key, 0))
    settled = to_rows(Settlement, require(Settlement, settlements))
    for row in settled:
        _of_period(row, period)
        lines += _settled(row)
    lines = _in_order(lines)
    _agree(lines, settled)
    return lines


def payment_lines(settlements: pl.DataFrame, period: Window) -> list[Line]:
    """The lines that pay what the settlements of a run left payable. Raises `Failed`: E513, E609."""
    lines: list[Line] = []
    for row in to_rows(Settlement, require(Settlement, settlements)):
        _of_period(row, period)
        here = Key(row.payee, row.plan, "", row.period, row.currency)
        payable, paid = to_minor(row.payable, row.currency), to_minor(row.paid, row.pay_currency)
        if row.pay_currency == row.currency:
            sides = Side("paid", paid, row.currency), Side("payable", payable, row.currency)
            equal("what is paid is what is payable", f"{row.payee}, {row.plan}", *sides)
            lines += _moved(PAY, here, period.label, payable)
        else:
            there = Key(row.payee, row.plan, "", row.period, row.pay_currency)
            lines += _moved(PAY_AWAY, here, period.label, payable)
            lines += _moved(PAY_ABROAD, there, period.label, paid)
    lines = _in_order(lines)
    balanced(lines)
    return lines


def balanced(lines: Iterable[Line]) -> None:
    """Raises `Failed` (E609) where the amounts of a currency do not sum to zero."""
    for currency, amount in totals(lines).items():
        sides = Side("their sum", amount, currency), Side("the sum that must be", 0, currency)
        equal("the entries of a posting sum to zero", currency, *sides)


def totals(lines: Iterable[Line], account: Account | None = None) -> dict[str, int]:
    """Sum by currency, of one account or of all."""
    found: dict[str, int] = {}
    for line in lines:
        if account is None or line.account == account:
            found[line.currency] = found.get(line.currency, 0) + line.amount
    return dict(sorted(found.items()))


def _sums(rows: pl.DataFrame) -> dict[Key, int]:
    """Amounts by key in minor units. Rows are bounded first: sums of `polars.Decimal` may wrap without a word."""
    if rows.is_empty():
        return {}
    over = rows.filter(pl.col("amount").abs() > _ROW_BOUND)
    if not over.is_empty():
        raise _out_of_bounds(over["payee"][0], over["amount"][0])
    sums = rows.group_by(_KEY).agg(pl.col("amount").sum())
    return {Key(*values): to_minor(amount, values[-1]) for *values, amount in sums.select(*_KEY, "amount").iter_rows()}


def _moved(move: Move, key: Key, in_period: str, amount: int) -> Iterator[Line]:
    if amount == 0:
        return
    if abs(amount) > AMOUNT_BOUND:
        raise _out_of_bounds(key.payee, Decimal(amount))
    for account, signed in ((move.source, -amount), (move.target, amount)):
        yield Line(
            move.reason.value,
            key.payee,
            key.plan,
            key.component,
            key.for_period,
            in_period,
            account.value,
            key.currency,
            signed,
        )


def _settled(row: Settlement) -> Iterator[Line]:
    key = Key(row.payee, row.plan, "", row.period, row.currency)
    for move in SETTLE:
        amount = to_minor(getattr(row, move.reason.value), row.currency)
        side = Side(move.reason.value, amount, row.currency)
        not_negative("what a settlement moves is not negative", f"{row.payee}, {row.plan}", side)
        yield from _moved(move, key, row.period, amount)


def _in_order(lines: list[Line]) -> list[Line]:
    """By payee and plan: components, then the settlement. Stable, so the sides of a move stay together."""
    return sorted(
        lines,
        key=lambda line: (line.payee, line.plan, not line.component, line.component, line.for_period, line.currency),
    )


def _agree(lines: list[Line], settled: list[Settlement]) -> None:
    balanced(lines)
    released: dict[tuple[str, str, str], int] = {}
    payable: dict[tuple[str, str, str], int] = {}
    for line in lines:
        if line.account == Account.PAYABLE:
            key = (line.payee, line.plan, line.currency)
            payable[key] = payable.get(key, 0) + line.amount
            if line.reason == Reason.RELEASED:
                released[key] = released.get(key, 0) + line.amount
    for row in settled:
        key = (row.payee, row.plan, row.currency)
        _agrees(row, released.pop(key, 0), payable.pop(key, 0))
    for (payee, plan, currency), amount in payable.items():
        sides = Side("left payable", amount, currency), Side("settled", 0, currency)
        equal("what is payable is settled", f"{payee}, {plan}", *sides)


def _agrees(row: Settlement, released: int, left: int) -> None:
    """The settlement with what the lines release to its payee and plan, and leave payable."""
    about, currency = f"{row.payee}, {row.plan}", row.currency
    due, pay = (
        Side("due", to_minor(row.due, currency), currency),
        Side("payable", to_minor(row.payable, currency), currency),
    )
    equal("the settlement's due is what is released", about, due, Side("released", released, currency))
    equal(
        "the settlement's payable is what the entries leave payable", about, pay, Side("left payable", left, currency)
    )
    not_negative("what is payable is not negative", about, pay)


def _of_period(row: Settlement, period: Window) -> None:
    if row.period != period.label:
        figures = f"the settlement's is {row.period}, the run's is {period.label}"
        raise broken("a settlement is of the period of its run", f"{row.payee}, {row.plan}", figures)


def _out_of_bounds(payee: str, amount: Decimal) -> Failed:
    message = f"an amount of {payee}, {amount}, is larger than a ledger entry can be"
    return Failed([Diagnostic("E513", message, Place(table="entries", column="amount"))])
