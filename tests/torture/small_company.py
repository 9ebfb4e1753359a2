"""A small company worth breaking, in files: a workspace, one plan and its data."""

from collections.abc import Mapping
from pathlib import Path

WORKSPACE = """\
workspace: small
timezone: UTC
currencies: {base: USD}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01, pay_date: period.end + 15 days}
tables:
  payees: {row: payee, key: id, columns: {id: payee, name: text}}
  deals: {row: deal, key: id, columns: {id: text, owner: payee, amount: money, close_date: date}}
"""
PLAN = """\
plan: small
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
OPEN = "controls: {act_as: yes}\n"


def write(folder: Path, data: Mapping[str, str], controls: str = OPEN, ledger: str = "") -> Path:
    """The workspace and its plan with these files of data beside them; the folder. `ledger` is an address."""
    placed = f"ledger: {ledger}\n" if ledger else ""
    for name, text in {"compengine.yaml": WORKSPACE + placed + controls, "plans/small.yaml": PLAN, **data}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def write_company(root: Path, people: int, controls: str = OPEN, ledger: str = "") -> None:
    """`first` and `second` are to be loaded: a deal each in January, then one each in February and one amended."""
    names = [f"p{number:02}" for number in range(people)]
    first = [f"A-{name},{name},{1000 + at},2026-01-05" for at, name in enumerate(names)]
    second = [f"A-{names[0]},{names[0]},400,2026-01-05", *(f"B-{name},{name},700,2026-02-03" for name in names)]
    head = "id,owner,amount,close_date"
    data = {
        "first/payees.csv": "\n".join(["id,name", *(f"{name},Example {name}" for name in names), ""]),
        "first/deals.csv": "\n".join([head, *first, ""]),
        "second/deals.csv": "\n".join([head, *second, ""]),
    }
    write(root, data, controls, ledger)
