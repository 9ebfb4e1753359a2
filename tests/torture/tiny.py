"""The smallest company worth breaking: a folder with a workspace, one plan and its data."""

from collections.abc import Mapping
from pathlib import Path

WORKSPACE = """\
workspace: tiny
timezone: UTC
currencies: {base: USD}
controls: {act_as: yes}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01, pay_date: period.end + 15 days}
tables:
  payees: {row: payee, key: id, columns: {id: payee, name: text}}
  deals: {row: deal, key: id, columns: {id: text, owner: payee, amount: money, close_date: date}}
"""
PLAN = """\
plan: tiny
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.id != ""
credits:
  bookings: {from: deals, date: deal.close_date, amount: deal.amount, to: deal.owner}
earn:
  commission: {per: credit of bookings, of: credit.amount, rate: 5%}
settle: {negative: carry}
"""


def write(folder: Path, data: Mapping[str, str]) -> Path:
    """The workspace with these files of data beside it; the folder."""
    for name, text in {"compengine.yaml": WORKSPACE, "plans/tiny.yaml": PLAN, **data}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder
