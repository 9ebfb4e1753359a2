"""What an approver should look at: pay of nothing, negative, or far above what is usual; large deals; held amounts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from compengine.actions.figures import Money, said, summed
from compengine.ledger.queries import Opening
from compengine.ledger.runs import Run
from compengine.ledger.states import State
from compengine.values.exact import divide, exact, multiply
from compengine.values.money import is_currency, minor_unit
from compengine.values.periods import DAY, Window
from compengine.values.rounding import Rounding, round_to
from compengine.values.rows import Payable, Settlement

TIMES = Decimal(3)
FEWEST = 10
"""So many credits of a stream must be known before one of them can be unusual."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind`: `warning`, `zero pay`, `negative`, `above average`, `large deal` or `held`."""

    kind: str
    payee: str
    name: str
    plan: str
    about: str
    amount: Money | None
    said: str


def standing_findings(run: Run, opening: Opening) -> list[Finding]:
    """Where the ledger is not as the run expects it: then it cannot be posted. Nothing of a run that is posted."""
    if run.event(State.POSTED) is not None:
        return []
    record, found = run.record, []
    if opening.last_end is not None and record.period.end <= opening.last_end:
        found.append(f"{record.period.label} is posted, by another run")
    elif opening.last_end is not None and record.period.start != opening.last_end + DAY:
        found.append(f"{record.period.label} is not the open period: the last one posted ends on {opening.last_end}")
    elif record.opening != opening.digest:
        found.append("the ledger has moved since the run was calculated: calculate again")
    return [Finding("warning", "", "", "", run.id, None, one) for one in found]


def pay_findings(
    now: Iterable[Settlement], before: Sequence[Iterable[Settlement]], names: Mapping[str, str], times: Decimal
) -> list[Finding]:
    """`before` are the settlements of each posted period before."""
    ours, earlier = _payable(now), [_payable(each) for each in before]
    found = []
    for (payee, currency), settlements in sorted(ours.items()):
        amount = summed([s.payable for s in settlements])
        money, plans = Money(amount, currency), ", ".join(sorted({s.plan for s in settlements}))
        about = (payee, names.get(payee, ""), plans, "")
        below = [s for s in settlements if s.due < 0 or s.carried or s.collected or s.forgiven]
        if below:
            due = Money(summed([s.due for s in below]), currency)
            found.append(Finding("negative", *about, due, _fate(below, currency)))
        if not amount:
            found.append(Finding("zero pay", *about, money, _why_nothing(settlements, currency)))
        usual = _average([summed([s.payable for s in e[payee, currency]]) for e in earlier if (payee, currency) in e])
        if usual and amount > multiply(usual, times):
            beside = f"{_ratio(amount, usual)} times {said(_money(usual, currency))} a period"
            found.append(Finding("above average", *about, money, beside))
    return sorted(found, key=lambda f: (f.kind, f.payee))


def _payable(settlements: Iterable[Settlement]) -> dict[tuple[str, str], list[Settlement]]:
    groups: dict[tuple[str, str], list[Settlement]] = {}
    for s in settlements:
        groups.setdefault((s.payee, s.currency), []).append(s)
    return groups


def _fate(settlements: Sequence[Settlement], currency: str) -> str:
    sums = {name: summed([getattr(s, name) for s in settlements]) for name in ("carried", "collected", "forgiven")}
    fates = [f"{said(Money(amount, currency))} {name}" for name, amount in sums.items() if amount]
    return ", ".join(fates) or "covered by other plans or a draw"


def _why_nothing(settlements: Sequence[Settlement], currency: str) -> str:
    names = ("recovered", "carried_recovered", "waiting")
    sums = {name: summed([getattr(s, name) for s in settlements]) for name in names}
    causes = [f"{said(Money(amount, currency))} {name.replace('_', ' ')}" for name, amount in sums.items() if amount]
    return ", ".join(causes) or ("nothing due" if all(not s.due for s in settlements) else "a negative result")


def _average(amounts: Sequence[Decimal]) -> Decimal:
    return divide(summed(list(amounts)), exact(len(amounts))) if amounts else Decimal(0)


def _ratio(amount: Decimal, usual: Decimal) -> str:
    return f"{round_to(divide(amount, usual), Decimal('0.1'), Rounding.HALF_UP):.1f}"


def large_deals(
    credits: pl.DataFrame, earnings: pl.DataFrame, before: pl.DataFrame | None, period: Window, times: Decimal
) -> list[Finding]:
    """Of the credits that earned something: those that the last posted run did not have (without one: of the period),
    above so many times the average of their stream. One for each deal, the largest; largest first."""
    paying = credits.join(earnings.filter(pl.col("paid")), on=["plan", "payee", "source"], how="semi")
    averages = {
        (plan, stream, unit): _average([abs(x) for x in amounts])
        for plan, stream, unit, amounts in paying.group_by("plan", "stream", "unit").agg("amount").iter_rows()
        if len(amounts) >= FEWEST and is_currency(unit)
    }
    if before is not None:
        new = paying.join(before, on=["plan", "stream", "payee", "source"], how="anti")
    else:
        new = paying.filter(pl.col("date").is_between(period.start, period.end))
    found: dict[str, Finding] = {}
    largest = new.sort(pl.col("amount").abs(), "payee", descending=[True, False])
    for row in largest.iter_rows(named=True):
        amount, unit, deal = row["amount"], row["unit"], row["source"].split("/")[0]
        usual = averages.get((row["plan"], row["stream"], unit))
        if usual and deal not in found and abs(amount) > multiply(usual, times):
            shown, average = (_money(x, unit) for x in (amount, usual))
            beside = f"{_ratio(abs(amount), usual)} times {said(average)} a credit of {row['stream']}"
            found[deal] = Finding("large deal", row["payee"], "", row["plan"], row["source"], shown, beside)
    return list(found.values())


def _money(amount: Decimal, currency: str) -> Money:
    """To the minor unit: for averages and credits, which may be finer."""
    return Money(round_to(amount, minor_unit(currency), Rounding.HALF_UP), currency)


def held(payables: Iterable[Payable], end: date, names: Mapping[str, str]) -> list[Finding]:
    """What is earned and not due by the end of the period, by payee, plan and component."""
    groups: dict[tuple[str, str, str, str], list[Payable]] = {}
    for p in payables:
        if p.on is None or p.on > end:
            groups.setdefault((p.payee, p.plan, p.component, p.currency), []).append(p)
    found = []
    for (payee, plan, component, currency), mine in sorted(groups.items()):
        amount = summed([p.amount for p in mine])
        days = sorted(p.on for p in mine if p.on is not None)
        undated = len(mine) - len(days)
        when = [f"{len(days)} due {days[0]}" + (f" to {days[-1]}" if days[-1] != days[0] else "")] if days else []
        when += [f"{undated} without a date yet"] if undated else []
        if amount:
            about = (payee, names.get(payee, ""), plan, component)
            found.append(Finding("held", *about, Money(amount, currency), ", ".join(when)))
    return found
