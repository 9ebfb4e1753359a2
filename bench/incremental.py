"""One deal amended among many: calculated from the run before, and computed as a whole.

Both are what `compengine calculate` does, ledger, objects and page included, from Parquet files on disk; each begins in
a workspace of its own that has the run before the change, and they take turns. They must give the same run.
"""

import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from company import PERIOD, PLAN
from large import prepare

from compengine.actions.calculate import calculate, the_period
from compengine.actions.computed import compute_all
from compengine.actions.dirty import Side, dirty
from compengine.actions.incremental import earlier_side
from compengine.actions.load import load, the_snapshot
from compengine.actions.opened import open_workspace
from compengine.actions.plans import the_program
from compengine.actions.runs import find_run, the_ledger
from compengine.inputs.load import Source
from compengine.values.decided import NOTHING

ROUNDS = 3
MONTHLY = """
plan: bench
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.title in ("Rep", "Manager")
credits:
  bookings: {from: deals, date: deal.close_date, amount: deal.amount, to: deal.owner}
measures:
  attainment: sum(bookings, year to date) / quota(bookings, year)
  new: sum(bookings where deal.kind == "new", quarter to date)
  renewed: sum(bookings where deal.kind == "renewal", quarter to date)
  trailing: sum(bookings, rolling 3 months)
  largest: max(bookings, year to date) default 0 USD
  typical: average(bookings, year to date) default 0 USD
  earlier: sum(bookings, previous month)
earn:
"""
RULE = """  bonus_{n}:
    per: month
    of: sum(bookings, month)
    when: largest > typical and trailing > earlier
    rate: if attainment > {n}% and new > renewed then {n}% else 0.5%
"""


def monthly(rules: int) -> str:
    """A plan of rules per month, each on seven measures."""
    return MONTHLY + "".join(RULE.format(n=n + 1) for n in range(rules)) + "settle: {negative: carry}\n"


def measured(deals: int, plan: str = PLAN) -> dict[str, float]:
    """The least seconds of `incremental` and of `whole`, and of the engine in each: `engine incremental` finds whom the
    deal concerns and computes them."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "before"
        root.mkdir()
        prepare(root, deals, plan)
        _calculated(root, incremental=False)
        _amend_one(root)
        times: dict[str, list[float]] = {"incremental": [], "whole": []}
        runs = set()
        for n in range(ROUNDS):
            for side in times:
                own = Path(folder) / f"{side}{n}"
                shutil.copytree(root, own)
                seconds, run = _calculated(own, incremental=side == "incremental")
                times[side].append(seconds)
                runs.add(run)
                shutil.rmtree(own)
        times |= _engine(root)
        if len(runs) != 1:
            sys.exit(f"an incremental run is another than a whole one: {runs}")
    return {side: min(found) for side, found in times.items()}


def _calculated(root: Path, *, incremental: bool) -> tuple[float, str]:
    began = time.perf_counter()
    done = calculate(open_workspace(root), PERIOD, "", "bench", datetime.now(UTC), incremental=incremental, rows=False)
    if incremental and not (done.taken is not None and done.taken.kept):
        sys.exit("nothing was taken over")
    return time.perf_counter() - began, done.view.run


def _engine(root: Path) -> dict[str, list[float]]:
    opened = open_workspace(root)
    program, _ = the_program(opened)
    calendar, period = the_period(program, PERIOD, "")
    after = Side(program, the_snapshot(opened), (), NOTHING)
    before = earlier_side(opened.objects, find_run(opened, the_ledger(opened), PERIOD).record, after)
    times: dict[str, list[float]] = {"engine incremental": [], "engine whole": []}
    for _ in range(ROUNDS):
        began = time.perf_counter()
        part = dirty(before, after, period).part
        compute_all(program, after.snapshot, calendar, period, (), part=part)
        between = time.perf_counter()
        compute_all(program, after.snapshot, calendar, period, ())
        times["engine incremental"].append(between - began)
        times["engine whole"].append(time.perf_counter() - between)
    return times


def _amend_one(root: Path) -> None:
    one = pl.read_parquet(root / "files" / "deals.parquet").head(1)
    amended = one.with_columns(pl.lit(777).cast(one.schema["amount"]).alias("amount"))
    amended.write_parquet(root / "files" / "one.parquet")
    if not load(open_workspace(root), [Source("deals", root / "files" / "one.parquet")], datetime.now(UTC)).loaded:
        sys.exit("the amended deal is refused")
