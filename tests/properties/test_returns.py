"""A deal booked and fully cancelled was never there; two parts of a deal climb the scale as the whole did."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from random import Random

import polars as pl
import pytest

from compengine.engine.run import Outcome, calculate
from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.ledger.posting import CONTENT, POSTED_EARNING, difference, fold
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.diagnostic import Failed
from compengine.source.text import Text
from compengine.values.exact import ZERO, exact
from compengine.values.frames import to_rows
from compengine.values.periods import DAY, Window
from compengine.values.rows import Earning
from properties.companies import Rows
from properties.seeds import blocks, place
from properties.thinning import without
from properties.worlds import World, amount_of, base, the_workspace, world

RECOMPUTED = """\
clawback:
  cancelled:
    of: bookings
    when: deal.cancelled_on is not empty
    date: deal.cancelled_on
    policy: recompute
"""
MARGINAL = """\
plan: marginal
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: {calendar}
payees: payee.level > 0%
rounding: {rounding} per row
credits:
  bookings: {{from: deals, date: deal.close_date, amount: deal.acv, to: deal.owner}}
measures:
  so_far: sum(bookings, {window} to date)
  attainment: sum(bookings, {window} to date) / quota(bookings, year)
earn:
  main:
    per: credit of bookings
    of: credit.amount
    rate:
      position: {position}
      mode: marginal
      boundary: {boundary}
      bands: {{{bands}}}
"""


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return the_workspace()


# --- booked and cancelled


@pytest.mark.parametrize("block", blocks(), ids=place)
def test_a_deal_booked_and_fully_cancelled_nets_to_zero_under_recompute(workspace: Workspace, block: range) -> None:
    seed = block[0]
    program, made = recomputed(workspace, seed), world(workspace, seed)
    first, second = made.periods(2)
    booked, cancelled = _with_one_more(made, first)
    plain = _runs(made, program, [(made.rows, first), (made.rows, second)])
    ours = _runs(made, program, [(booked, first), (cancelled, second)])
    if plain is None or ours is None:
        return  # some other deal cannot be calculated, or this one before it was cancelled
    for field in fields(Outcome):
        if field.name not in ("work", "exclusions"):
            assert getattr(ours[1], field.name).equals(getattr(plain[1], field.name)), f"seed {seed}: {field.name}"
    assert _posted(ours, first, second).equals(_posted(plain, first, second)), f"seed {seed}"


def test_the_deal_that_is_cancelled_was_paid_before(workspace: Workspace) -> None:
    """In nearly all worlds, so that what nets to zero was something."""
    paid = 0
    for seed in range(10):
        program, made = recomputed(workspace, seed), world(workspace, seed)
        booked, _ = _with_one_more(made, made.periods(1)[0])
        ours = _runs(made, program, [(booked, made.periods(1)[0])])
        paid += ours is not None and not ours[0].earnings.filter(pl.col("source").str.starts_with("extra")).is_empty()
    assert paid > 5


def recomputed(workspace: Workspace, seed: int) -> Program:
    """A generated plan in which everything comes of `bookings`, which returns recompute."""
    text = base(seed, "generated")
    lines = without(text, {"overlay", "sold"}).splitlines()
    kept = lines[: lines.index("clawback:")] if "clawback:" in lines else lines[: lines.index("settle:")]
    settle = lines[lines.index("settle:") :]
    whole = "\n".join([*kept, *RECOMPUTED.splitlines(), *settle]) + "\n"
    program, diagnostics = check([Text("recomputed.yaml", whole)], workspace)
    assert program is not None, f"seed {seed}\n{whole}\n{diagnostics}"
    return program


def _with_one_more(made: World, period: Window) -> tuple[Rows, Rows]:
    """The world with a deal more, and with the same deal cancelled later in the period."""
    random = Random(f"cancelled {made.seed}")
    like = random.choice(made.rows["deals"])
    day = random.choice((period.start, period.end, max(date(2026, 1, 1), period.start - 40 * DAY)))
    deal = {**like, "id": "extra", "acv": "12345.67", "cost": "0", "currency": "USD", "close_date": str(day)}
    deal |= {"live_on": "", "cancelled_on": ""}
    splits = [{"deal": "extra", "payee": p, "percent": "50%"} for p in ("p0", "p1")]
    booked = {
        **made.rows,
        "deals": [*made.rows["deals"], deal],
        "splits": [*made.rows["splits"], *splits],
    }
    later = str(max(day, period.end + DAY))
    return booked, {**booked, "deals": [*made.rows["deals"], {**deal, "cancelled_on": later}]}


def _runs(made: World, program: Program, known: list[tuple[Rows, Window]]) -> list[Outcome] | None:
    calendar = program.plans[0].calendar
    found = []
    for rows, period in known:
        try:
            found.append(calculate(program, made.snapshot(rows), calendar.window("period", period.end)))
        except Failed:
            return None
    return found


def _posted(runs: list[Outcome], *periods: Window) -> pl.DataFrame:
    """What stands after both periods are posted."""
    posted = POSTED_EARNING.to_frame()
    for run, period in zip(runs, periods, strict=True):
        posted = pl.concat([posted, difference(run.earnings, fold(posted), period.label)])
    return fold(posted).select(*CONTENT, "count")  # positions are evidence: those of the first posting may stand


# --- split in two


@pytest.mark.parametrize("block", blocks(), ids=place)
def test_splitting_a_deal_changes_no_marginal_total_beyond_the_rounding_of_its_rows(
    workspace: Workspace, block: range
) -> None:
    for seed in block:
        random = Random(f"split {seed}")
        text = _marginal(random)
        program, diagnostics = check([Text("marginal.yaml", text)], workspace)
        assert program is not None, diagnostics
        whole = _in_dollars(world(workspace, seed).rows)
        at = random.randrange(len(whole["deals"]))
        deal = whole["deals"][at]
        cents = int(exact(deal["acv"]) * 100)
        part = random.randint(min(0, cents), max(0, cents))
        halves = [
            {**deal, "id": f"{deal['id']}{end}", "acv": amount_of(n)} for end, n in (("-a", part), ("-b", cents - part))
        ]
        split = {**whole, "deals": [*whole["deals"][:at], *halves, *whole["deals"][at + 1 :]]}
        split |= {table: [] for table in ("splits", "payments", "refunds")}
        whole |= {table: [] for table in ("splits", "payments", "refunds")}
        one, two = (_earned(program, workspace, rows) for rows in (whole, split))
        own = [row for row in one if row.source == deal["id"]]
        parts = [row for row in two if row.source in {half["id"] for half in halves}]
        assert [row for row in one if row not in own] == [row for row in two if row not in parts], f"seed {seed}"
        apart = abs(sum((r.amount for r in own), ZERO) - sum((r.amount for r in parts), ZERO))
        assert apart <= Decimal("0.005") * (len(own) + len(parts)), f"seed {seed}: {apart}"


def _in_dollars(rows: Rows) -> Rows:
    """Without deals and quotas that need an exchange rate: parts converted one by one may come to another cent."""
    deals = [row for row in rows["deals"] if row["currency"] == "USD"]
    quotas = [{**row, "amount": row["amount"].replace("EUR", "USD")} for row in rows["quotas"]]
    return {**rows, "deals": deals, "quotas": quotas}


def _marginal(random: Random) -> str:
    ratio = random.random() < 0.5
    bounds = sorted(random.sample(range(60), 3))
    unit = "%" if ratio else " USD"
    bands = ", ".join(f"{b * (5 if ratio else 500)}{unit}: {random.randint(0, 20)}%" for b in bounds)
    return MARGINAL.format(
        calendar=random.choice(("monthly", "fiscal", "halves", "weekly", "retail")),
        rounding=random.choice(("half-up", "half-even")),
        window=random.choice(("year", "quarter", "life", "month")),
        position="attainment" if ratio else "so_far",
        boundary=random.choice(("upper", "lower")),
        bands=bands,
    )


def _earned(program: Program, workspace: Workspace, rows: Rows) -> list[Earning]:
    period = program.plans[0].calendar.window("period", date(2026, 6, 30))
    return to_rows(Earning, calculate(program, from_rows(workspace, rows), period).earnings)
