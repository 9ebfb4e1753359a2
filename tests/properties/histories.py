"""Random histories of a few deals: loaded, amended, moved to another day or person, cancelled or deleted, month by
month, with what was posted in between."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from compengine.engine.run import Outcome, calculate
from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.diagnostic import Failed
from compengine.source.text import Text
from compengine.values.frames import to_rows
from compengine.values.periods import Window
from compengine.values.rows import Credit, Posted
from properties.companies import company
from properties.generated_plans import plan

PERIODS = ("2026-01", "2026-02", "2026-03", "2026-04")
PEOPLE = ("p0", "p1", "p2")
DAYS = [date(2025, 12, 20) + n * timedelta(days=1) for n in range(142)]
"""From before the plans begin to after the last period."""
BEGIN = date(2026, 1, 1)

PLAN = """\
plan: {name}
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.level > 0%
late: {late}
credits:
  sold: {{from: deals, when: deal.type != "lost", date: deal.close_date, amount: deal.acv, to: deal.owner}}
  shared:
    from: deals
    each: deal.splits
    when: deal.type != "lost"
    date: deal.close_date
    amount: deal.acv
    to: split.payee
    share: split.percent
    shares_total: at most 100%
  team_sold:
    from: sold
    date: credit.date
    amount: credit.amount
    to: managers(credit.payee, 1 to 2)
    shares_total: overlay
  earned:
    from: commission
    date: earning.date
    amount: earning.amount
    to: earning.payee
measures:
  so_far: sum(sold, year to date)
  how_many: count(sold, year to date)
  team_so_far: sum(team_sold, quarter to date)
earn:
  commission:
    per: credit of sold
    of: credit.amount
    rate: {{position: so_far, mode: marginal, bands: {{0 USD: 5%, 20_000 USD: 10%, 45_000 USD: 12.5%}}}}
    limit: [first 3 per year, at most 2_000 USD per credit, at most 4_000 USD per month]
  override: {{per: credit of team_sold, of: credit.amount, rate: 1%}}
  part: {{per: credit of shared, when: credit.share > 10%, of: credit.amount, rate: 2%}}
  bonus: {{per: credit of earned, of: credit.amount, rate: 3%}}
  monthly:
    per: month
    pay: max(sum(team_sold, month), 0 USD) * 0.5%
settle: {{negative: carry}}
"""
"""The same rules under two names: one plan keeps late rows out of closed periods, the other restates them."""
CLAWBACK = """clawback:
  cancelled: {{of: sold, when: deal.cancelled_on is not empty, date: deal.cancelled_on, policy: {policy}}}
  refunded: {{of: sold, from: refunds, date: refund.date, share: refund.part, policy: {policy}}}
"""

OTHER = """\
plan: on-top
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.level > 0%
late: {late}
credits:
  made: {{from: paid-once.commission, date: earning.date, amount: earning.amount, to: earning.payee}}
earn:
  more: {{per: credit of made, of: credit.amount, rate: 10%}}
settle: {{negative: carry}}
"""

Rows = dict[str, list[dict[str, Any]]]
Change = Callable[[Random, Rows, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Closing:
    """A period about to be posted: what is known then, what was posted before, and what the engine makes of it."""

    program: Program
    snapshot: Snapshot
    period: Window
    posted: Posted | None
    outcome: Outcome

    @property
    def after(self) -> Posted:
        """What the next period is compared with, once this one is posted."""
        name = self.program.plans[0].calendar.name
        return Posted({name: self.period.end}, to_rows(Credit, self.outcome.credits))


def history(workspace: Workspace, seed: int) -> Iterator[Closing]:
    """Four periods, closed one after the other."""
    random = Random(f"late {seed}")
    policy = random.choice(("scale", "recompute", ""))
    changes = (*CHANGES, _delete, *[_cancel] * 4, _refund) if policy else (*CHANGES, _delete)
    program = program_of(workspace, random, policy)
    rows: Rows = {**_people(random), "deals": [], "splits": [], "refunds": []}
    posted: Posted | None = None
    for label in PERIODS:
        rows = _changed(random, rows, changes)
        snapshot = from_rows(workspace, rows, partial=True)
        period = program.plans[0].calendar.period(label)
        closing = Closing(program, snapshot, period, posted, calculate(program, snapshot, period, posted))
        yield closing
        posted = closing.after


def program_of(workspace: Workspace, random: Random, policy: str) -> Program:
    clawback = CLAWBACK.format(policy=policy) if policy else ""
    texts = [
        PLAN.format(name="paid-once", late="current_period") + clawback,
        PLAN.format(name="restated", late="restate") + clawback,
        OTHER.format(late=random.choice(("restate", "current_period"))),
    ]
    program, diagnostics = check([Text(f"{n}.yaml", text) for n, text in enumerate(texts)], workspace)
    assert program is not None, diagnostics
    return program


def _people(random: Random) -> Rows:
    def person(n: int) -> dict[str, Any]:
        return {"id": PEOPLE[n], "level": "100%", "manager": PEOPLE[random.randrange(n)] if n else ""}

    return {"payees": [person(n) for n in range(len(PEOPLE))]}


def _changed(random: Random, rows: Rows, changes: tuple[Change, ...]) -> Rows:
    """New deals, and something done to some of the old ones."""
    after = copy.deepcopy(rows)
    if random.random() < 0.2:
        after.update(_people(random))
    for deal in list(after["deals"]):
        if random.random() < 0.6:
            random.choice(changes)(random, after, deal)
    for _ in range(random.choice((2, 3, 4))):
        _new_deal(random, after)
    return after


def _new_deal(random: Random, rows: Rows) -> None:
    name = f"d{len(rows['deals']) + 10 * random.randrange(90)}@{random.choice(('x', '2026-01'))}"
    if any(deal["id"] == name for deal in rows["deals"]):
        return
    day = str(random.choice(DAYS))
    deal = {"id": name, "type": "new", "currency": "USD", "cancelled_on": "", "close_date": day}
    rows["deals"].append(deal)
    for change in (_amend, _hand_over):
        change(random, rows, deal)
    _share(random, rows, deal)


def _amend(random: Random, rows: Rows, deal: dict[str, Any]) -> None:
    deal["acv"] = f"{random.choice((0, 5_000, 10_000, 20_000, 25_000, 33_333.33, -4_000))} USD"


def _move(random: Random, rows: Rows, deal: dict[str, Any]) -> None:
    """To another day; what was sold before the plan stays before it, and is returned afterwards."""
    before = deal["close_date"] < str(BEGIN)
    deal["close_date"] = str(random.choice([day for day in DAYS if (day < BEGIN) == before]))
    if deal["cancelled_on"]:
        deal["cancelled_on"] = max(deal["cancelled_on"], deal["close_date"])
    for refund in rows["refunds"]:
        if refund["deal"] == deal["id"]:
            refund["date"] = max(refund["date"], deal["close_date"])


def _hand_over(random: Random, rows: Rows, deal: dict[str, Any]) -> None:
    deal["owner"] = random.choice(PEOPLE)


def _share(random: Random, rows: Rows, deal: dict[str, Any]) -> None:
    sharing = random.sample(PEOPLE, random.choice((1, 2, 3)))
    rows["splits"] = [split for split in rows["splits"] if split["deal"] != deal["id"]]
    rows["splits"] += [{"deal": deal["id"], "payee": p, "percent": f"{random.randint(1, 33)}%"} for p in sharing]


def _lose(random: Random, rows: Rows, deal: dict[str, Any]) -> None:
    deal["type"] = "new" if deal["type"] == "lost" else "lost"


def _cancel(random: Random, rows: Rows, deal: dict[str, Any]) -> None:
    deal["cancelled_on"] = "" if deal["cancelled_on"] else _later(random, deal)


def _refund(random: Random, rows: Rows, deal: dict[str, Any]) -> None:
    name = f"r{len(rows['refunds'])}"
    part = f"{random.choice((10, 50, 100))}%"
    rows["refunds"].append({"id": name, "deal": deal["id"], "date": _later(random, deal), "part": part})


def _later(random: Random, deal: dict[str, Any]) -> str:
    return max(str(deal["close_date"]), str(random.choice(DAYS)))


def _delete(random: Random, rows: Rows, deal: dict[str, Any]) -> None:
    rows["deals"].remove(deal)
    for table in ("splits", "refunds"):
        rows[table] = [row for row in rows[table] if row["deal"] != deal["id"]]


CHANGES: tuple[Change, ...] = (_amend, _amend, _move, _move, _hand_over, _share, _lose)


def generated_history(workspace: Workspace, seed: int) -> Iterator[Closing]:
    """A plan nobody wrote by hand, with a company whose deals change; ends where the plan cannot be calculated."""
    random = Random(f"late {seed}")
    text = plan(random)
    while "original_lines" in text:  # not together with what follows
        text = plan(random)
    text = text.replace("\ntables:\n", "\nlate: current_period\ntables:\n")
    program, diagnostics = check([Text("generated.yaml", text)], workspace)
    assert program is not None, diagnostics
    rows: Rows = company(random)
    calendar, posted = program.plans[0].calendar, None
    for day in ENDS:
        snapshot, period = from_rows(workspace, rows), calendar.window("period", day)
        try:
            outcome = calculate(program, snapshot, period, posted)
        except Failed:
            return
        closing = Closing(program, snapshot, period, posted, outcome)
        yield closing
        posted, rows = closing.after, _company_changed(random, rows)


ENDS = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 5, 15))


def _company_changed(random: Random, rows: Rows) -> Rows:
    after = copy.deepcopy(rows)
    for deal in after["deals"]:
        if random.random() < 0.4:
            random.choice((_amend, _hand_over, _other_type, _move))(random, after, deal)
    return after


def _other_type(random: Random, rows: Rows, deal: dict[str, Any]) -> None:
    deal["type"] = random.choice(("new", "renewal", "expansion"))
