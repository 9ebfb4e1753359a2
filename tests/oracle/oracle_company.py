"""A small company for the tests of the second reading: one workspace, plans as text, rows as dicts."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.workspace import read_workspace
from compengine.oracle.run import Outcome, calculate
from compengine.oracle.settle import settle
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.text import Text
from compengine.values.rows import Balance, Settlement

WORKSPACE = """\
workspace: acme
timezone: UTC
currencies: {base: USD, rates: fx}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01, pay_date: period.end + 15 days}
  weekly: {periods: weeks, year_starts: 2026-01-03, pay_date: period.end + 7 days}
  worked: {periods: months, year_starts: 2026-01-01, weekend: [fri, sat], holidays: [2026-01-01, 2026-01-02]}
hierarchy: payees.manager
quotas: {bookings: money, meetings: number}
tables:
  payees:
    row: payee
    key: id
    effective: [from, to]
    columns:
      id: payee
      title: text
      manager: optional payee
      team: text
      region: text
      hired_on: date
      target: money
      weight: number
      ramp: percent
      level: percent
      pay_currency: currency
  deals:
    row: deal
    key: id
    columns:
      id: text
      owner: payee
      stage: text
      product: text
      acv: money
      close_date: date
      go_live_on: optional date
      cancelled_on: optional date
      term: number
  splits: {row: split, key: [deal, payee], columns: {deal: ref deals, payee: payee, percent: percent}}
  payments: {row: payment, key: id, columns: {id: text, deal: ref deals, date: date, amount: money}}
  policies:
    row: policy
    key: id
    columns: {id: text, agent: payee, issued_on: date, premium: money, lapsed_on: optional date, months: number}
  premiums: {row: premium, key: id, columns: {id: text, policy: ref policies, paid_on: date, month: number}}
  fx: {row: rate, key: [from, to, date], columns: {from: currency, to: currency, date: date, rate: number}}
  grids:
    row: grid
    key: [product, region]
    effective: [from, to]
    columns: {product: text, region: text, rate: percent}
  rules:
    row: rule
    key: id
    effective: [from, to]
    columns: {id: text, product: optional text, region: optional text, rate: percent}
"""

HEAD = """\
plan: {name}
currency: {currency}
effective: {effective}
pay_period: {calendar}
payees: {payees}
"""

BOOKINGS = """\
credits:
  bookings:
    from: deals
    when: deal.stage == "Won"
    date: deal.close_date
    amount: deal.acv
    to: deal.owner
"""

YEAR = "2026-01-01 to 2026-12-31"
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def workspace() -> Workspace:
    return read_workspace(Text("compengine.yaml", WORKSPACE))


def plan(
    body: str,
    name: str = "ae",
    currency: str = "USD",
    effective: str = YEAR,
    calendar: str = "monthly",
    payees: str = 'payee.title == "AE"',
) -> str:
    return HEAD.format(name=name, currency=currency, effective=effective, calendar=calendar, payees=payees) + body


def program(*texts: str) -> Program:
    found, diagnostics = check([Text(f"plan{n}.yaml", text) for n, text in enumerate(texts)], workspace())
    assert found is not None, [(d.code, d.message, str(d.place)) for d in diagnostics]
    return found


def snapshot(rows: Rows) -> Snapshot:
    return from_rows(workspace(), rows, partial=True)


def run(texts: str | Sequence[str], rows: Rows, period: str, calendar: str = "monthly") -> Outcome:
    texts = [texts] if isinstance(texts, str) else texts
    return calculate(program(*texts), snapshot(rows), workspace().calendars[calendar].period(period))


def person(payee: str, **more: Any) -> dict[str, Any]:
    return {"id": payee, "title": "AE", "from": "2020-01-01"} | more


def deal(key: str, owner: str, day: str, acv: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "owner": owner, "close_date": day, "acv": acv, "stage": "Won"} | more


def quota(
    payee: str, amount: str, first: str = "2026-01-01", last: str = "2026-12-31", name: str = "bookings"
) -> dict[str, Any]:
    return {"payee": payee, "quota": name, "from": first, "to": last, "amount": amount}


def rows_of(outcome: Outcome, component: str, payee: str | None = None) -> list[tuple[str, str, Decimal]]:
    """(source, part, amount) of a component's rows."""
    found = [e for e in outcome.earnings if e.component == component and payee in (None, e.payee)]
    return [(e.source, e.part, e.amount) for e in found]


def amounts(outcome: Outcome, component: str, payee: str | None = None) -> list[str]:
    """Amounts with two decimals, in the order of the rows."""
    return [f"{amount:.2f}" for _, _, amount in rows_of(outcome, component, payee)]


def earned(outcome: Outcome, component: str = "", payee: str = "") -> str:
    total = Decimal(0)
    for earning in outcome.earnings:
        if component in ("", earning.component) and payee in ("", earning.payee):
            total += earning.amount
    return f"{total:.2f}"


def settled(text: str, rows: Rows, period: str, opening: Sequence[Balance] = ()) -> dict[str, Settlement]:
    """Settlements of one period by payee."""
    window = workspace().calendars["monthly"].period(period)
    checked, frozen = program(text), snapshot(rows)
    outcome = calculate(checked, frozen, window)
    return {row.payee: row for row in settle(checked, outcome.payables, window, opening, frozen)}


def balance(payee: str, account: str, amount: str, name: str = "ae") -> Balance:
    return Balance(payee, name, account, "USD", Decimal(amount))


def day(text: str) -> date:
    return date.fromisoformat(text)
