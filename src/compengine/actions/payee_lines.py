"""What each payee gets in a run: one line per plan, from earned to payable, that adds up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from compengine.actions.figures import Money, summed
from compengine.values.exact import ZERO
from compengine.values.rows import Settlement

_KEY = ["plan", "component", "payee", "for_period", "source", "part"]

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
    rows: pl.DataFrame,
    settlements: Iterable[Settlement],
    held: pl.DataFrame,
    period: str,
    names: Mapping[str, str],
) -> tuple[PayeeLine, ...]:
    """One line for each settlement that moves anything, largest payment first. `rows` are posted or to be posted
    (`ledger.posting.POSTED_EARNING`), `held` the payables of the run that its `period`, a label, does not reach."""
    groups = _groups(rows.filter(pl.col("paid")), held, period)
    lines = []
    for s in settlements:
        mine = groups.get((s.payee, s.plan))
        earned, corrections, kept = mine or (ZERO, ZERO, ZERO)
        steps = _steps(s, summed([earned, corrections]), kept)
        if mine or steps or s.due or s.payable:
            own, earlier = Money(earned, s.currency), Money(corrections, s.currency)
            told = tuple(Step(name, Money(amount, s.currency)) for name, amount in steps)
            payable, paid = Money(s.payable, s.currency), Money(s.paid, s.pay_currency)
            lines.append(PayeeLine(s.payee, names.get(s.payee, ""), s.plan, own, earlier, told, payable, paid))
    return tuple(sorted(lines, key=lambda x: (-x.payable.amount, x.payee, x.plan)))


def signed() -> pl.Expr:
    """What a posted row adds: less than nothing where it takes back."""
    return pl.when(pl.col("sign") > 0).then("amount").otherwise(-pl.col("amount"))


def _groups(
    rows: pl.DataFrame, held: pl.DataFrame, period: str
) -> dict[tuple[str, str], tuple[Decimal, Decimal, Decimal]]:
    """By payee and plan: what is earned for the period and for earlier ones, and how much of the rows that are given is
    not payable yet."""
    waiting = held.group_by(_KEY).agg(pl.col("amount").sum().alias("held"))
    kept = rows.filter(pl.col("sign") > 0).join(waiting, on=_KEY).group_by("payee", "plan").agg(pl.col("held").sum())
    own = pl.col("for_period") == period
    sums = rows.group_by("payee", "plan").agg(
        signed().filter(own).sum().alias("earned"), signed().filter(~own).sum().alias("corrections")
    )
    both = sums.join(kept, on=["payee", "plan"], how="left").with_columns(pl.col("held").fill_null(ZERO))
    return {(row[0], row[1]): row[2:5] for row in both.iter_rows()}


def _steps(settlement: Settlement, earned: Decimal, kept: Decimal) -> list[tuple[str, Decimal]]:
    found = [("held", -kept), ("released", summed([settlement.due, -earned, kept]))]
    for name, column, sign in MOVES:
        amount: Decimal = getattr(settlement, column)
        found.append((name, amount if sign > 0 else -amount))
    return [(name, amount) for name, amount in found if amount]
