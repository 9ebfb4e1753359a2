"""A small workspace for the tests of inputs."""

from compengine.inputs.schema import Workspace
from compengine.inputs.workspace import read_workspace
from compengine.source.text import Text

WORKSPACE = """\
workspace: acme
timezone: America/New_York
currencies: {base: USD, rates: fx}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01, pay_date: period.end + 15 days}
hierarchy: payees.manager
quotas: {bookings: money, meetings: number}
tables:
  payees:
    row: payee
    key: id
    effective: [from, to]
    columns: {id: payee, manager: optional payee, ramp: percent}
  deals:
    row: deal
    key: id
    columns:
      id: text
      owner: payee
      acv: money
      price: optional money
      currency: optional currency
      units: optional number
      close_date: date
      won: bool
    file: {Deal ID: id}
  splits: {row: split, key: [deal, payee], columns: {deal: ref deals, payee: payee, percent: percent}}
  fx: {row: rate, key: [from, to, date], columns: {from: currency, to: currency, date: date, rate: number}}
"""


def world(text: str = WORKSPACE) -> Workspace:
    return read_workspace(Text("compengine.yaml", text))
