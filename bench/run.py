"""What is measured: the columnar engine beside the row-at-a-time one, and beside a plan written by hand in Polars.

`make bench` writes `build/bench.json`, a list of {"name", "value", "unit", "target", "met"}. Ratios are between figures
of one run, so they hold on other machines too; seconds do not, and have no target but those of a statement, which are
what a month end of ten thousand can bear. Targets are at most, unless they say at least: ratio and memory of a million
deals (`large.py`), what a statement costs (`statements.py`).
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import incremental
import statements
from large import measured

from compengine.engine.run import calculate
from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.workspace import read_workspace
from compengine.oracle.run import calculate as calculate_by_rows
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.text import Text

WORKSPACE = """
workspace: bench
timezone: UTC
currencies: {base: USD, rates: fx}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01}
hierarchy: payees.manager
quotas: {bookings: money}
tables:
  payees: {row: payee, key: id, columns: {id: payee, title: text, manager: optional payee}}
  deals: {row: deal, key: id, columns: {id: text, owner: payee, amount: money, close_date: date, kind: text}}
  fx: {row: rate, key: [from, to, date], columns: {from: currency, to: currency, date: date, rate: number}}
"""
PLAN = """
plan: bench
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.title in ("Rep", "Manager")
credits:
  bookings: {from: deals, date: deal.close_date, amount: deal.amount, to: deal.owner}
  team:
    from: bookings
    date: credit.date
    amount: credit.amount
    to: managers(credit.payee, 1 to 2)
    shares_total: overlay
measures:
  attainment: sum(bookings, year to date) / quota(bookings, year)
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate: {position: attainment, mode: marginal, bands: {0%: 5%, 50%: 8%, 100%: 12%, 150%: 15%}}
    limit: [at most 200_000 USD per year]
  kicker: {per: credit of bookings, when: deal.kind == "new", of: commission, rate: 10%}
  override: {per: credit of team, of: credit.amount, rate: 1%}
settle: {negative: carry}
"""


def company(workspace: Workspace, deals: int) -> Snapshot:
    """One manager for nine reps, two levels, a hundred deals a rep; the same for the same number."""
    random = Random(deals)
    reps = max(10, deals // 100)
    people = [{"id": "top", "title": "Manager", "manager": ""}]
    people += [{"id": f"m{n:05}", "title": "Manager", "manager": "top"} for n in range(reps // 9 + 1)]
    people += [{"id": f"r{n:05}", "title": "Rep", "manager": f"m{n // 9:05}"} for n in range(reps)]
    quotas = [
        {"payee": p["id"], "quota": "bookings", "from": "2026-01-01", "to": "2026-12-31", "amount": "1000000 USD"}
        for p in people
    ]
    rows = [
        {
            "id": f"d{n:07}",
            "owner": f"r{random.randrange(reps):05}",
            "amount": f"{random.randrange(100, 3_000_000) / 100:.2f}",
            "close_date": f"2026-{random.randint(1, 12):02}-{random.randint(1, 28):02}",
            "kind": random.choice(("new", "renewal")),
        }
        for n in range(deals)
    ]
    return from_rows(workspace, {"payees": people, "quotas": quotas, "deals": rows})


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def engines(program: Program, workspace: Workspace, deals: int, both: bool) -> list[dict[str, object]]:
    snapshot, period = company(workspace, deals), program.plans[0].calendar.period("2026-12")
    credits = len(calculate(program, snapshot, period).credits)
    fast = min(seconds(lambda: calculate(program, snapshot, period)) for _ in range(3))
    found = [entry(f"engine_credits_per_second_{deals}_deals", round(credits / fast), "credits/s")]
    if both:
        slow = seconds(lambda: calculate_by_rows(program, snapshot, period))
        found.append(entry(f"oracle_credits_per_second_{deals}_deals", round(credits / slow), "credits/s"))
        found.append(entry(f"engine_over_oracle_{deals}_deals", round(slow / fast, 1), "times"))
    return found


def million() -> list[dict[str, object]]:
    sides, rows = measured(1_000_000)
    ours, floor = sides["product"], sides["floor"]
    return [
        entry("calculate_1m_vs_floor", round(ours["seconds"] / floor["seconds"], 2), "times", target=3),
        entry("calculate_1m_mb", round(ours["mb"]), "MB", target=8000),
        entry("calculate_1m_seconds", round(ours["seconds"], 1), "s"),
        entry("floor_1m_seconds", round(floor["seconds"], 1), "s"),
        entry("floor_1m_mb", round(floor["mb"]), "MB"),
        entry("earning_rows_1m", rows, "rows"),
    ]


def again() -> list[dict[str, object]]:
    """One deal amended of 100,000: all of the command, and the engine alone with the search for whom it concerns; under
    the plan of the large company, and under one of twelve rules per month."""
    entries = []
    for plan, text in (("", incremental.PLAN), ("_monthly_rules", incremental.monthly(12))):
        found = incremental.measured(100_000, text)
        whole, engine = found["whole"], found["engine whole"]
        entries += [
            entry(f"incremental_vs_full{plan}", round(found["incremental"] / whole, 2), "times", target=0.3),
            entry(f"incremental_engine_vs_full{plan}", round(found["engine incremental"] / engine, 2), "times"),
            entry(f"incremental_seconds{plan}", round(found["incremental"], 1), "s"),
            entry(f"full_seconds{plan}", round(whole, 1), "s"),
        ]
    return entries


def printing() -> list[dict[str, object]]:
    """Seconds are of one core."""
    found = statements.measured()
    one, pool, long, batch = (found[what] for what in ("one", "pool", "long", "batch"))
    return [
        entry("statement_40_rows_seconds", round(one["seconds"], 3), "s", target=0.25),
        entry("statement_40_rows_kb", round(one["kb"]), "kB"),
        entry("statement_vs_plain_table", round(one["vs_plain"], 2), "times"),
        entry("statement_two_workers_speedup", round(pool["speedup"], 2), "times", target=1.8, at_least=True),
        entry("statements_per_second", round(pool["per_second"], 1), "statements/s"),
        entry("statement_5000_rows_seconds", round(long["seconds"], 1), "s", target=30),
        entry("statement_5000_rows_mb", round(long["mb"]), "MB", target=600),
        entry("statement_batch_mb", round(batch["mb"]), "MB"),
        entry("statement_batch_mb_growth", round(batch["percent"], 1), "%", target=5),
    ]


def entry(name: str, value: float, unit: str, target: float | None = None, at_least: bool = False) -> dict[str, object]:
    """Without a target: a figure to compare the next one with."""
    met = None if target is None else value >= target if at_least else value <= target
    return {"name": name, "value": value, "unit": unit, "target": target, "met": met}


def main() -> None:
    workspace = read_workspace(Text("compengine.yaml", WORKSPACE))
    program, diagnostics = check([Text("plan.yaml", PLAN)], workspace)
    if program is None:
        sys.exit("\n".join(d.message for d in diagnostics))
    found = million()  # first, while this process is small: its children start with its memory
    found += engines(program, workspace, 10_000, both=True) + engines(program, workspace, 200_000, both=False)
    found += again()
    found += printing()
    report = Path(__file__).parents[1] / "build" / "bench.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    for each in found:
        target = "" if each["target"] is None else f", target {each['target']:,}: {'met' if each['met'] else 'missed'}"
        print(f"{each['name']}: {each['value']:,} {each['unit']}{target}")


if __name__ == "__main__":
    main()
