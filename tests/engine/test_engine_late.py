"""Corners of late rows: names that look like another's, versions of a plan, two calendars, rows that are gone."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from compengine.engine.run import Outcome, calculate
from compengine.inputs.given import from_rows
from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.diagnostic import Failed
from compengine.source.text import Text
from compengine.values.exact import exact
from compengine.values.frames import to_rows
from compengine.values.rows import Credit, Posted

WORKSPACE = read_workspace(
    Text(
        "compengine.yaml",
        """\
workspace: late
timezone: UTC
currencies: {base: USD}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01}
  halves: {periods: half months, year_starts: 2026-01-01}
tables:
  payees: {row: payee, key: id, columns: {id: payee, title: text}}
  deals: {row: deal, key: id, columns: {id: text, owner: payee, value: money, close_date: date, product: text}}
  returns: {row: return, key: id, columns: {id: text, deal: ref deals, date: date}}
""",
    )
)
PLAN = """\
plan: sales
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: true
late: current_period
credits:
  sold: {from: deals, date: deal.close_date, amount: deal.value, to: deal.owner}
earn:
  commission: {per: credit of sold, of: credit.amount, rate: 10%}
"""
Deals = Sequence[dict[str, Any]]
ENDS = {"2026-01": date(2026, 1, 31), "2026-02": date(2026, 2, 28), "2026-03": date(2026, 3, 31)}


def program(*texts: str) -> Program:
    found, diagnostics = check([Text(f"{n}.yaml", text) for n, text in enumerate(texts)], WORKSPACE)
    assert found is not None, diagnostics
    return found


def deal(id_: str, value: int, close_date: str, owner: str = "ann", product: str = "new") -> dict[str, Any]:
    return {"id": id_, "owner": owner, "value": f"{value} USD", "close_date": close_date, "product": product}


def run(plans: Program, deals: Deals, label: str, posted: Posted | None = None, **tables: Deals) -> Outcome:
    rows = {"payees": [{"id": "ann", "title": "Rep"}, {"id": "ben", "title": "Rep"}], "deals": deals, **tables}
    snapshot = from_rows(WORKSPACE, rows)
    calendar = next(p.calendar for p in plans.plans if p.calendar.name == ("halves" if "H" in label else "monthly"))
    return calculate(plans, snapshot, calendar.period(label), posted)


def told(outcome: Outcome, *columns: str) -> list[tuple[str, ...]]:
    """Credits in the order of the result, as texts."""
    rows = outcome.credits.select(columns or ("source", "date", "amount")).iter_rows()
    return [tuple(f"{v.normalize():f}" if hasattr(v, "normalize") else str(v) for v in row) for row in rows]


def after(outcome: Outcome, label: str, **more: date) -> Posted:
    return Posted({"monthly": ENDS[label], **more}, to_rows(Credit, outcome.credits))


def test_nothing_is_compared_before_the_first_posting() -> None:
    plans, deals = program(PLAN), [deal("D1", 100, "2026-01-10")]
    assert told(run(plans, deals, "2026-02")) == [("D1", "2026-01-10", "100")]
    elsewhere = Posted({"halves": date(2025, 12, 31)}, ())
    assert told(run(plans, deals, "2026-02", elsewhere)) == [("D1", "2026-01-10", "100")]


def test_a_plan_that_was_not_there_at_the_last_posting_begins_in_the_open_period() -> None:
    posted = Posted({"monthly": ENDS["2026-01"]}, ())
    deals = [deal("D1", 100, "2026-01-10"), deal("D0", 50, "2025-12-10"), deal("D2", 70, "2026-02-10")]
    assert told(run(program(PLAN), deals, "2026-02", posted)) == [
        ("D1", "2026-02-01", "100"),
        ("D2", "2026-02-10", "70"),
    ]


def test_a_trial_of_a_later_period_puts_late_rows_into_the_open_one() -> None:
    plans = program(PLAN)
    posted = after(run(plans, [deal("D1", 100, "2026-01-10")], "2026-01"), "2026-01")
    deals = [deal("D1", 130, "2026-01-10"), deal("L", 20, "2026-01-15"), deal("M", 10, "2026-02-10")]
    assert told(run(plans, deals, "2026-04", posted)) == [
        ("D1", "2026-01-10", "100"),
        ("D1@2026-02", "2026-02-01", "30"),
        ("L", "2026-02-01", "20"),
        ("M", "2026-02-10", "10"),
    ]


def test_a_row_dated_after_the_period_is_gone_until_its_day_comes() -> None:
    plans = program(PLAN)
    january = after(run(plans, [deal("D1", 100, "2026-01-10")], "2026-01"), "2026-01")
    moved = [deal("D1", 100, "2026-03-05")]
    february = run(plans, moved, "2026-02", january)
    assert told(february) == [("D1", "2026-01-10", "100"), ("D1@2026-02", "2026-02-01", "-100")]
    march = run(plans, moved, "2026-03", after(february, "2026-02"))
    assert told(march)[-1] == ("D1@2026-03", "2026-03-01", "100")


def test_an_id_that_only_looks_like_a_further_credit_is_one_of_its_own() -> None:
    """Ids may hold any sign: a deal named like an address, one named after a month, and one with nothing before it."""
    plans = program(PLAN)
    deals = [deal(name, 100, "2026-02-01") for name in ("a@b.com", "D1@2026-02", "@2026-02")]
    posted = after(run(plans, deals, "2026-02"), "2026-02")
    assert told(run(plans, deals, "2026-03", posted)) == told(run(plans, deals, "2026-02"))
    changed = [{**row, "value": "90 USD"} for row in deals]
    assert [row for row in told(run(plans, changed, "2026-03", posted)) if row[1] == "2026-03-01"] == [
        ("@2026-02@2026-03", "2026-03-01", "-10"),
        ("D1@2026-02@2026-03", "2026-03-01", "-10"),
        ("a@b.com@2026-03", "2026-03-01", "-10"),
    ]


def test_two_credits_of_one_id_are_refused() -> None:
    plans = program(PLAN)
    posted = after(run(plans, [deal("D1", 100, "2026-01-10")], "2026-01"), "2026-01")
    with pytest.raises(Failed) as failed:
        run(plans, [deal("D1", 130, "2026-01-10"), deal("D1@2026-02", 5, "2026-02-20")], "2026-02", posted)
    (diagnostic,) = failed.value.diagnostics
    assert (diagnostic.code, diagnostic.place.row) == ("E506", "D1@2026-02")
    assert "as that of a further credit" in diagnostic.message


def test_a_later_version_is_credited_with_what_is_late_of_the_one_before() -> None:
    """The plan's second version holds the open period; what the first posted stays as it was."""
    first = PLAN.replace("2026-12-31", "2026-01-31")
    second = PLAN.replace("2026-01-01 to", "2026-02-01 to").replace("rate: 10%", "rate: 20%")
    plans = program(first, second)
    deals = [deal("D1", 100, "2026-01-10"), deal("D0", 40, "2025-12-31")]
    posted = after(run(plans, deals, "2026-01"), "2026-01")
    outcome = run(plans, [deal("D1", 130, "2026-01-10"), *deals[1:], deal("L", 20, "2026-01-15")], "2026-02", posted)
    assert told(outcome) == [
        ("D1", "2026-01-10", "100"),
        ("D1@2026-02", "2026-02-01", "30"),
        ("L", "2026-02-01", "20"),
    ]
    earned = outcome.earnings.sort("source").select("source", "for_period", "amount").iter_rows()
    assert list(earned) == [
        ("D1", "2026-01", exact("10")),
        ("D1@2026-02", "2026-02", exact("6")),
        ("L", "2026-02", exact("4")),
    ]


def test_what_is_late_when_the_plan_has_ended_is_paid_by_nobody() -> None:
    plans = program(PLAN.replace("2026-12-31", "2026-01-31"))
    posted = after(run(plans, [deal("D1", 100, "2026-01-10")], "2026-01"), "2026-01")
    late = [deal("D1", 130, "2026-01-10"), deal("L", 20, "2026-01-15")]
    outcome = run(plans, late, "2026-02", posted)
    assert told(outcome) == [("D1", "2026-01-10", "100")]
    assert told(run(plans, late, "2026-03", after(outcome, "2026-02"))) == [("D1", "2026-01-10", "100")]


HALF_MONTHLY = """\
plan: on-top
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: halves
payees: true
credits:
  made: {from: sales.commission, date: earning.date, amount: earning.amount, to: earning.payee}
earn:
  more: {per: credit of made, of: credit.amount, rate: 10%}
"""


def test_each_calendar_is_compared_with_its_own_posting() -> None:
    """The monthly plan is closed up to March and the half-monthly one, which draws on it, is not."""
    plans, known = program(PLAN, HALF_MONTHLY), [deal("D1", 100, "2026-01-10")]
    posted = after(run(plans, known, "2026-03"), "2026-03")
    late = [*known, deal("L", 20, "2026-02-15")]
    assert told(run(plans, late, "2026-04", posted), "stream", "source", "date") == [
        ("made", "D1:ann", "2026-01-10"),
        ("made", "L:ann", "2026-04-01"),
        ("sold", "D1", "2026-01-10"),
        ("sold", "L", "2026-04-01"),
    ]
    half = run(plans, late, "2026-02-H1", posted)
    assert told(half, "stream", "source", "date") == [("made", "D1:ann", "2026-01-10"), ("sold", "D1", "2026-01-10")]
    assert told(run(plans, late, "2026-02-H1"), "stream", "source", "date")[1] == ("made", "L:ann", "2026-02-15")


def test_a_row_that_is_gone_is_taken_back_and_cannot_be_read() -> None:
    plans = program(PLAN)
    posted = after(run(plans, [deal("D1", 100, "2026-01-10")], "2026-01"), "2026-01")
    outcome = run(plans, [], "2026-02", posted)
    assert told(outcome) == [("D1", "2026-01-10", "100"), ("D1@2026-02", "2026-02-01", "-100")]
    reading = program(PLAN.replace("rate: 10%", 'when: deal.product == "new", rate: 10%'))
    with pytest.raises(Failed) as failed:
        run(reading, [], "2026-02", posted)
    assert {d.code for d in failed.value.diagnostics} == {"E517"}


def test_a_rule_reads_the_row_as_it_is_now() -> None:
    plans = program(PLAN.replace("rate: 10%", 'when: deal.product == "new", rate: 10%'))
    posted = after(run(plans, [deal("D1", 100, "2026-01-10")], "2026-01"), "2026-01")
    outcome = run(plans, [deal("D1", 130, "2026-01-10", product="old")], "2026-02", posted)
    assert outcome.earnings.is_empty()
    assert outcome.exclusions["source"].to_list() == ["D1", "D1@2026-02"]


@pytest.mark.parametrize(("policy", "sources"), [("scale", ["D1", "D1~back/R1"]), ("recompute", ["D1"])])
def test_a_return_that_falls_away_is_known_as_one(policy: str, sources: list[str]) -> None:
    """Its further credit follows its original in a first-n limit, and is no deal in a count."""
    text = PLAN.replace("rate: 10%}", "rate: 10%, limit: [first 1 per year]}").replace(
        "earn:", "measures:\n  deals_sold: count(sold, year to date)\nearn:"
    )
    back = f"clawback:\n  back: {{of: sold, from: returns, date: return.date, policy: {policy}}}\n"
    plans, deals = program(text + back), [deal("D1", 100, "2026-01-10"), deal("D2", 50, "2026-01-11")]
    returned = [{"id": "R1", "deal": "D1", "date": "2026-01-20"}]
    january = run(plans, deals, "2026-01", returns=returned if policy == "scale" else [])
    further = run(plans, deals, "2026-02", after(january, "2026-01"), returns=[] if policy == "scale" else returned)
    assert further.earnings["source"].to_list() == [*sources, f"{sources[-1]}@2026-02"]
    assert further.measures["value"].to_list()[0] == exact("2")
