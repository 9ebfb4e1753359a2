"""Late rows over random histories: both engines agree, closed periods stay, and all is credited once."""

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

import pytest

from compengine.engine.run import calculate
from compengine.values.exact import ZERO
from compengine.values.frames import to_rows
from compengine.values.periods import DAY
from compengine.values.rows import Credit, Earning
from properties.agreement import differences
from properties.generated import the_workspace
from properties.histories import Closing, generated_history, history
from properties.planted import LATE_FAULTS, Fault, planted

SEEDS, GENERATED = range(30), range(10)
CLOSED, OPEN = "paid-once", "restated"


@cache
def closings(seed: int) -> tuple[Closing, ...]:
    return tuple(history(the_workspace(), seed))


def compared(at: Closing) -> list[str]:
    return differences(at.program, at.snapshot, at.period, (), at.posted)


def credits(rows: Iterable[Credit], plan: str) -> list[Credit]:
    return [row for row in rows if row.plan == plan]


def totals(rows: Iterable[Credit]) -> dict[tuple[str, str], Decimal]:
    """What is drawn from deals, by stream and payee."""
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        if row.stream != "earned":
            sums[row.stream, row.payee] = sums.get((row.stream, row.payee), ZERO) + row.amount
    return {key: amount for key, amount in sums.items() if amount}


@pytest.mark.parametrize("seed", SEEDS)
def test_engine_and_oracle_agree_on_late_rows(seed: int) -> None:
    for at in closings(seed):
        found = compared(at)
        assert not found, f"seed {seed}, {at.period.label}\n" + "\n".join(found[:6])


@pytest.mark.parametrize("seed", GENERATED)
def test_engine_and_oracle_agree_on_late_rows_of_generated_plans(seed: int) -> None:
    for at in generated_history(the_workspace(), seed):
        found = compared(at)
        assert not found, f"seed {seed}, {at.period.label}\n" + "\n".join(found[:6])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_posted_stays_and_nothing_new_is_dated_before_the_open_period(seed: int) -> None:
    before: Closing | None = None
    for at in closings(seed):
        if before is not None:
            stood, now = credits(before.after.credits, CLOSED), credits(at.after.credits, CLOSED)
            assert Counter(row for row in now if row.date <= before.period.end) == Counter(stood)
            assert earned(at, before) == earned(before, before)
        before = at


def earned(at: Closing, until: Closing) -> Counter[Earning]:
    """What the plan with closed periods earned in the periods up to that closing."""
    rows = (row for row in to_rows(Earning, at.outcome.earnings) if row.plan == CLOSED)
    return Counter(row for row in rows if row.date <= until.period.end)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_is_credited_once_in_the_end(seed: int) -> None:
    """The totals are those that restating gives."""
    for at in closings(seed):
        rows = at.after.credits
        assert totals(credits(rows, CLOSED)) == totals(credits(rows, OPEN)), at.period.label


@pytest.mark.parametrize("seed", SEEDS)
def test_calculating_again_right_after_posting_gives_no_difference(seed: int) -> None:
    for at in closings(seed):
        following = at.program.plans[0].calendar.window("period", at.period.end + DAY)
        again = to_rows(Credit, calculate(at.program, at.snapshot, following, at.after).credits)
        plans = {plan.name for plan in at.program.plans if plan.late == "current_period"}
        stood, now = (Counter(row for row in rows if row.plan in plans) for rows in (at.after.credits, again))
        assert not stood - now
        further = {name_of(row) for row in now - stood if row.source.endswith(f"@{following.label}")}
        assert further <= with_days_after(at)


def name_of(row: Credit) -> str:
    """The deal that the credit is for."""
    found = re.match(r"d\d+@(x|2026-01)", row.source)
    assert found is not None, row.source
    return found.group()


def with_days_after(at: Closing) -> set[str]:
    """Deals of which something is dated after the period: it is not known in it, and is in the next."""
    deals, refunds = at.snapshot.frame("deals"), at.snapshot.frame("refunds")
    days = [*deals.select("id", "close_date").iter_rows(), *deals.select("id", "cancelled_on").iter_rows()]
    days += refunds.select("deal", "date").iter_rows()
    return {deal for deal, day in days if day is not None and day > at.period.end}


def test_the_histories_have_what_they_are_for() -> None:
    """Further credits of every stream, upwards, downwards and of reversals, and new ones that came late."""
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        for at in closings(seed):
            for row in credits(at.after.credits, CLOSED):
                if row.source.endswith(f"@{at.period.label}") and row.date == at.period.start:
                    seen.update((row.stream, "more" if row.amount > 0 else "less", "~" * ("~" in row.source)))
                elif row.date == at.period.start:
                    seen["new"] += 1
    names = ("sold", "shared", "team_sold", "more", "less", "~", "new")
    assert {name: count for name in names if (count := seen[name]) < 3} == {}


@pytest.mark.parametrize("fault", LATE_FAULTS, ids=lambda fault: fault.name)
def test_a_fault_planted_in_late_rows_is_found(fault: Fault) -> None:
    """In a program that mixes plans with both policies."""
    assert compared(closings(fault.seed)[-1]) == []
    with planted(fault):
        try:
            found = [line for at in closings(fault.seed) for line in compared(at)]
        except AssertionError as error:  # the engine's own checks may be first
            found = [str(error)]
    assert found
