"""What each payee gets in a run: one line per plan, from earned to payable, that adds up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compengine.actions.figures import Money, summed
from compengine.values.rows import Earning, Payable, Settlement

Signed = tuple[Earning, int]
Key = tuple[str, str, str, str, str, str]

MOVES = (
    ("brought", "brought", 1),
    ("draw", "draw", 1),
    ("guarantee", "guarantee", 1),
    ("recovered", "recovered", -1),
    ("negative taken", "carried_recovered", -1),
    ("carried", "carried", 1),
    ("collected", "collected", 1),
    ("forgiven", "forgiven", 1),
    ("waiting", "waiting", -1),
)
"""What settlement does: the name of the step, the column of `values.rows.Settlement`, and its sign."""
STEPS = ("held", "released", *(name for name, _, _ in MOVES))
"""The names of all steps, in order."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way; negative where it takes away."""

    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PayeeLine:
    """What one payee gets on one plan: `earned` for the run's own period, `corrections` of earlier ones, and `steps`
    that are not nothing; all of them add up to `payable`. `paid` is the same in the currency it is paid in."""

    payee: str
    name: str
    plan: str
    earned: Money
    corrections: Money
    steps: tuple[Step, ...]
    payable: Money
    paid: Money

    def step(self, name: str) -> Money | None:
        return next((step.amount for step in self.steps if step.name == name), None)


def payee_lines(
    rows: Sequence[Signed],
    settlements: Iterable[Settlement],
    payables: Iterable[Payable],
    period: tuple[str, date],
    names: Mapping[str, str],
) -> tuple[PayeeLine, ...]:
    """One line for each settlement that moves anything, largest payment first. `period` is the label and the last day,
    `payables` those of the run."""
    label, end = period
    groups: dict[tuple[str, str], list[Signed]] = {}
    for row, sign in rows:
        if row.paid:
            groups.setdefault((row.payee, row.plan), []).append((row, sign))
    held = _held(payables, end)
    lines = []
    for s in settlements:
        mine = groups.get((s.payee, s.plan), [])
        earned = summed([_amount(r) for r in mine if r[0].for_period == label])
        corrections = summed([_amount(r) for r in mine if r[0].for_period != label])
        steps = _steps(s, summed([earned, corrections]), _kept(mine, held))
        if mine or steps or s.due or s.payable:
            own, earlier = Money(earned, s.currency), Money(corrections, s.currency)
            told = tuple(Step(name, Money(amount, s.currency)) for name, amount in steps)
            payable, paid = Money(s.payable, s.currency), Money(s.paid, s.pay_currency)
            lines.append(PayeeLine(s.payee, names.get(s.payee, ""), s.plan, own, earlier, told, payable, paid))
    return tuple(sorted(lines, key=lambda x: (-x.payable.amount, x.payee, x.plan)))


def _amount(signed: Signed) -> Decimal:
    row, sign = signed
    return row.amount if sign > 0 else -row.amount


def _steps(settlement: Settlement, earned: Decimal, kept: Decimal) -> list[tuple[str, Decimal]]:
    found = [("held", -kept), ("released", summed([settlement.due, -earned, kept]))]
    for name, column, sign in MOVES:
        amount: Decimal = getattr(settlement, column)
        found.append((name, amount if sign > 0 else -amount))
    return [(name, amount) for name, amount in found if amount]


def _held(payables: Iterable[Payable], end: date) -> dict[Key, list[Decimal]]:
    """What the period's end has not reached, by the row that it is a part of."""
    found: dict[Key, list[Decimal]] = {}
    for p in payables:
        if p.on is None or p.on > end:
            found.setdefault(_key(p), []).append(p.amount)
    return found


def _kept(rows: Collection[Signed], held: Mapping[Key, list[Decimal]]) -> Decimal:
    """How much of the rows that are given is not payable yet."""
    return summed([amount for row, sign in rows if sign > 0 for amount in held.get(_key(row), ())])


def _key(row: Earning | Payable) -> Key:
    return row.plan, row.component, row.payee, row.for_period, row.source, row.part
