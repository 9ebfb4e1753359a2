"""Small companies for one coupling each: a plan, what changes, and the fault that this change shows."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from compengine.actions.dirty import Side
from compengine.engine.run import calculate
from compengine.engine.work import Standing
from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.plan.check import check
from compengine.source.render import render
from compengine.source.text import Text
from compengine.values.decided import Adjustment, Decided, Hold
from compengine.values.exact import exact
from compengine.values.rows import Balance
from properties.companies import Rows
from properties.incremental import Again
from properties.planted import Fault

BOOKINGS = """credits:
  bookings: {from: deals, date: deal.close_date, amount: deal.acv, to: deal.owner}
"""
TEAM = """  team:
    from: deals
    date: deal.close_date
    amount: deal.acv
    to: managers(deal.owner, 1)
    shares_total: overlay
"""
SALES = """earn:
  main: {per: credit of bookings, of: credit.amount, rate: 5%}
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """`fault` is found when the inputs of `plans` change so. `rows`: what is another in the beginning."""

    fault: Fault
    plans: tuple[str, ...]
    change: Callable[[Rows], None]
    rows: Callable[[Rows], None] = lambda rows: None
    holds: tuple[Hold, ...] = ()
    adjusted: tuple[Adjustment, ...] = ()
    opening: tuple[Balance, ...] = ()
    late: Callable[[Rows], None] | None = None


def case(workspace: Workspace, shown: Shown) -> Again:
    """Of March; with `late` February is closed before that change, and late rows of March are compared with it."""
    texts = [Text(f"{n}.yaml", text) for n, text in enumerate(shown.plans)]
    program, found = check(texts, workspace)
    assert program is not None, "\n".join(render(d, {t.path: t for t in texts}) for d in found)
    calendar = program.plans[0].calendar
    rows = company()
    shown.rows(rows)
    posted = None
    if shown.late is not None:
        february = calendar.period("2026-02")
        credits = calculate(program, from_rows(workspace, rows), february).credits
        posted = Standing({calendar.name: february.end}, credits)
        shown.late(rows)
    before = Side(program, from_rows(workspace, rows), shown.opening, Decided())
    after = copy.deepcopy(rows)
    shown.change(after)
    second = replace(before, snapshot=from_rows(workspace, after), decided=Decided(shown.adjusted, shown.holds))
    return Again(0, calendar, (before, second), calendar.period("2026-03"), posted, shown.fault.name)


def plan(name: str, *sections: str, late: str = "restate") -> str:
    head = f"plan: {name}\ncurrency: USD\neffective: 2026-01-01 to 2026-12-31\npay_period: monthly\nlate: {late}\n"
    return head + "payees: payee.level > 0%\n" + "".join(sections) + "settle: {negative: carry}\n"


def company() -> Rows:
    """ann and ben below boss, who is below top; cho below nobody. One deal each of February."""
    return {
        "payees": [
            _payee("ann", "boss", "north"),
            _payee("ben", "boss", "north"),
            _payee("cho", "", "south"),
            _payee("boss", "top", "east"),
            _payee("top", "", "west"),
            _payee("other", "", "west"),
        ],
        "customers": [{"id": "c0", "since": "2025-01-01"}],
        "quotas": [],
        "rates": [{"type": "new", "team": "north", "percent": "7%", "from": "2020-01-01"}],
        "rules": [],
        "deals": [_deal("d1", "ann", "10_000"), _deal("d2", "ben", "20_000"), _deal("d3", "cho", "5_000")],
        "splits": [],
        "payments": [],
        "refunds": [],
        "fx": [{"from": "EUR", "to": "USD", "date": "2026-01-01", "rate": "1.1"}],
    }


def _payee(name: str, manager: str, team: str) -> dict[str, Any]:
    return {
        "id": name, "from": "2020-01-01", "to": "", "title": "Rep", "manager": manager, "team": team,
        "hired_on": "2024-01-01", "goal": "1000", "weight": "1", "ramp": "100%", "level": "100%", "pay_currency": "USD",
    }  # fmt: skip


def _deal(name: str, owner: str, amount: str) -> dict[str, Any]:
    return {
        "id": name, "customer": "c0", "owner": owner, "type": "new", "acv": amount.replace("_", ""), "cost": "0",
        "units": "1", "term": "12", "close_date": "2026-02-10", "live_on": "", "cancelled_on": "", "currency": "USD",
    }  # fmt: skip


def to(table: str, key: str, column: str, value: str) -> Callable[[Rows], None]:
    """One cell becomes another."""

    def change(rows: Rows) -> None:
        row = next(row for row in rows[table] if key == next(iter(row.values())))
        row[column] = value

    return change


def split(rows: Rows) -> None:
    """What ann owns goes to ben."""
    rows["splits"] = [
        {"deal": "d1", "payee": "ben", "percent": "100%"},
        {"deal": "d2", "payee": "ben", "percent": "100%"},
        {"deal": "d3", "payee": "cho", "percent": "100%"},
    ]


MORE = to("deals", "d1", "acv", "50000")

CASES = (
    Shown(
        Fault("a rank couples nobody", "plan.coupling", "case Rank(among=group):", "case Rank(among=None as group):", 0),
        (plan("p", BOOKINGS, "earn:\n  podium:\n    per: month\n    pay:\n      rank: sum(bookings, month)\n"
              "      among: plan\n      ties: share\n      prizes:\n        - {prize: 500 USD}\n        - {prize: 100 USD}\n"),),
        MORE,
    ),
    Shown(
        Fault("a pool couples nobody", "plan.coupling", " | ShareOf(group=group):", ":", 0),
        (plan("p", BOOKINGS, "earn:\n  pool:\n    per: year\n    pay: share_of(900 USD, payee.weight, plan)\n"
              "  pools:\n    per: month\n    pay: share_of(900 USD, payee.weight, plan)\n"),),
        to("payees", "ann", "weight", "2"),
    ),
    Shown(
        Fault("a value per person of a group couples nobody", "plan.coupling", " | GroupAggregate(group=group) | ", " | ", 0),
        (plan("p", BOOKINGS, "measures:\n  sold: sum(bookings, year to date)\n  best: max(sold, same payee.team) default 0 USD\n", SALES),),
        MORE,
    ),
    Shown(
        Fault("people of one team are not coupled", "actions.dirty", "if coupling.kind is GroupKind.SAME:", "if False:", 0),
        (plan("p", BOOKINGS, "measures:\n  of_team: sum(bookings, year to date, same payee.team)\n", SALES),),
        MORE,
    ),
    Shown(
        Fault("plans that draw on others stand alone", "actions.dirty", "linked = drawn_on(plan) | {plan.name}", "linked = {plan.name}", 0),
        (plan("p", BOOKINGS, SALES),
         plan("q", "credits:\n  drawn:\n    from: p.main\n    date: earning.date\n    amount: earning.amount\n"
              "    to: managers(earning.payee, 1)\n    shares_total: overlay\n",
              "earn:\n  override: {per: credit of drawn, of: credit.amount, rate: 10%}\n")),
        MORE,
    ),
    Shown(
        Fault("references are not followed", "actions.affected", "for way in up if way[2] in fresh]", "for way in () if way[2] in fresh]", 0),
        (plan("p", "credits:\n  bookings:\n    from: deals\n    each: deal.splits\n    date: deal.close_date\n"
              "    amount: deal.acv\n    to: split.payee\n    share: split.percent\n",
              'earn:\n  main:\n    per: credit of bookings\n    of: credit.amount\n    rate: if deal.owner.team == "north" then 5% else 1%\n'),),
        to("payees", "ann", "team", "south"),
        split,
    ),
    Shown(
        Fault("rows that are looked up do not count", "actions.dirty", "{table for way in all_ways for table in way.sought} | {workspace.rates}", "{workspace.rates}", 0),
        (plan("p", BOOKINGS, "earn:\n  main:\n    per: credit of bookings\n    of: credit.amount\n"
              "    rate: lookup(rates.percent, type = deal.type, team = payee.team) default 3%\n"),),
        to("rates", "new", "percent", "9%"),
    ),
    Shown(
        Fault("exchange rates do not count", "actions.dirty", " | {workspace.rates}", "", 0),
        (plan("p", BOOKINGS, SALES),),
        to("fx", "EUR", "rate", "1.2"),
        to("deals", "d2", "currency", "EUR"),
    ),
    Shown(
        Fault("who is above whom does not count", "actions.dirty", "differing(*(work.people.ancestors for work in works))", "differing(*(work.people.ancestors for work in works)).clear()", 0),
        (plan("p", BOOKINGS + TEAM.replace("owner, 1", "owner, 2"), SALES, "  override: {per: credit of team, of: credit.amount, rate: 1%}\n"),),
        to("payees", "boss", "manager", "other"),
    ),
    Shown(
        Fault("holds do not count", "actions.dirty", "{*before.decided.holds} ^ {*after.decided.holds}", "{*()}", 0),
        (plan("p", BOOKINGS, SALES),),
        lambda rows: None,
        holds=(Hold("H1", "ann"),),
    ),
    Shown(
        Fault("only people on the plan are paid by it", "actions.dirty", "for work in works), others])", "for work in works), others.clear()])", 0),
        (plan("p", BOOKINGS, SALES).replace("settle: {negative: carry}", "settle:\n  negative: carry\n  draw:\n    kind: additive\n    amount: 1 USD\n"
              "    recover: if sum(bookings, year to date, plan) > 1_000 USD then 100% else 10%\n    at_end: owed\n"),),
        lambda rows: None,
        to("payees", "other", "level", "0%"),
        adjusted=(Adjustment("A1", "other", "p", "2026-03", "FIX", exact(30), "USD"),),
        opening=(Balance("other", "p", "owed", "USD", exact(-40)),),
    ),
    Shown(
        Fault("rows of people who changed stay as they were", "actions.dirty", "affected = pl.concat([source, of_moved])", "affected = pl.concat([source, of_moved.clear()])", 0),
        (plan("p", BOOKINGS + TEAM, SALES),),
        to("payees", "cho", "manager", "boss"),
    ),
    Shown(
        Fault("managers are credited with nothing", "engine.trace", "if isinstance(stream.to, ToManagers) else []", "if False else []", 0),
        (plan("p", BOOKINGS + TEAM, SALES, "  override: {per: credit of team, of: credit.amount, rate: 1%}\n"),),
        MORE,
    ),
    Shown(
        Fault("streams of streams follow from nothing", "engine.trace", "elif stream.source.name in found:", "elif False:", 0),
        (plan("p", BOOKINGS + "  team:\n    from: bookings\n    date: credit.date\n    amount: credit.amount\n"
              "    to: managers(credit.payee, 1)\n    shares_total: overlay\n",
              SALES, "  override: {per: credit of team, of: credit.amount, rate: 1%}\n"),),
        MORE,
    ),
    Shown(
        Fault("late rows follow from their row", "plan.coupling", 'if plan.late == "current_period" else []', "if False else []", 0),
        (plan("p", BOOKINGS, 'earn:\n  main:\n    per: credit of bookings\n    of: credit.amount\n    rate: if deal.type == "new" then 5% else 1%\n',
              late="current_period"),),
        to("deals", "d1", "type", "renewal"),
        late=to("deals", "d1", "owner", "ben"),
    ),
    Shown(
        Fault("what earned nothing before still does", "actions.incremental", "gone = old.exclusions.filter(nobodys)", "gone = old.exclusions.clear()", 0),
        (plan("p", BOOKINGS + TEAM + "    when: deal.term >= 24\n", SALES),),
        to("deals", "d1", "term", "36"),
    ),
)  # fmt: skip
