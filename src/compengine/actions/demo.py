"""Workspaces made from nothing: a made-up company with half a year of data, and a small one to start from."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

from compengine.actions.demo_files import MONTHS, START, Files, cents
from compengine.actions.demo_people import DAY, DEVELOPMENT, SUCCESS, Person, people
from compengine.actions.demo_sales import LAST_DAY, Sales, sell, set_quotas
from compengine.actions.shipped import shipped
from compengine.source.diagnostic import Diagnostic, Failed, Place

PLANS = (
    "account-executive-marginal", "account-manager-cash", "csm", "emea-ae", "enterprise-ae", "sales-manager", "sdr",
)  # fmt: skip
"""The shipped plans that the company has."""
WORKSPACE = Path(__file__).parent / "demo_workspace" / "compengine.yaml"
STARTER = Path(__file__).parent / "starter"
IGNORED = """\
# What compengine keeps and makes. The ledger and the stored inputs belong into a backup, not into git.
.compengine/
ledger.db*
pay/
statements/[0-9]*/
"""
FIRST_RATE = 11_650
"""US dollars for one euro on the last business day of 2025, in ten-thousandths."""


def write_demo(folder: Path, seed: int) -> None:
    """A company of 57 people on seven of the shipped plans, with the data that arrives month by month in 2026.

    `data/start` holds people and quotas, `data/2026-01` to `data/2026-06` what is new or changed at each month's end.
    The same seed gives the same bytes. Raises `Failed` (E707) where `folder` already holds something.
    """
    _must_be_free(folder)
    for name in PLANS:
        shutil.copytree(shipped("plans") / name, folder / "plans" / name)
    _write(folder / "compengine.yaml", WORKSPACE.read_text(encoding="utf-8"))
    _write(folder / ".gitignore", IGNORED)
    demo_data(seed).write(folder / "data")


def write_starter(folder: Path) -> None:
    """Four people, two plans, some twenty deals: small enough to be followed by hand.

    Raises `Failed` (E707) where `folder` already holds something.
    """
    _must_be_free(folder)
    for path in sorted(STARTER.rglob("*")):
        if path.is_file():
            _write(folder / path.relative_to(STARTER), path.read_text(encoding="utf-8"))
    _write(folder / ".gitignore", IGNORED)


def _must_be_free(folder: Path) -> None:
    """An empty repository counts as free: a workspace is meant to live in one."""
    if folder.exists() and (not folder.is_dir() or any(path.name != ".git" for path in folder.iterdir())):
        message = f"{folder} already exists and is not empty"
        raise Failed([Diagnostic("E707", message, Place(), "choose another folder, or remove this one")])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def demo_data(seed: int) -> Files:
    """Every file of the demo company."""
    random, files, everyone = Random(seed), Files(), people()
    for person in everyone:
        _introduce(files, person)
    sales = sell(random, files, everyone)
    set_quotas(random, files, everyone, sales)
    _meet(random, files, everyone, sales)
    _renew(random, files, everyone)
    _exchange(random, files)
    return files


def _introduce(files: Files, person: Person) -> None:
    for stint in person.stints:
        row = {
            "id": person.id,
            "name": person.name,
            "title": stint.title,
            "manager": stint.manager,
            "team": stint.team,
            "hired_on": str(person.hired_on),
            "target_incentive": f"{person.target} {person.currency}",
            "pay_currency": person.pay_currency,
            "from": str(stint.start),
            "to": str(stint.end or ""),
        }
        files.put(START, "payees", row)


def _meet(random: Random, files: Files, everyone: list[Person], sales: Sales) -> None:
    """Meetings of the SDRs: booked, then mostly held, and some become a deal, known when the deal is."""
    free = [deal for deal in sales.deals if deal.won and deal.type == "new"]
    number = 0
    for person in everyone:
        for day in _days_as(person, DEVELOPMENT):
            for _ in range(random.choice((0, 1, 1, 1, 1, 2))):
                number += 1
                row = {"id": f"M{number:04}", "sdr": person.id, "booked_on": str(day), "held_on": "", "deal": ""}
                files.put(day.month, "meetings", row)
                held = day + random.randint(1, 9) * DAY
                if held not in _days_as(person, DEVELOPMENT) or random.randrange(12) == 0:
                    continue
                row = {**row, "held_on": str(held)}
                files.put(held.month, "meetings", row)
                later = [d for d in free if d.closed >= held + 5 * DAY and person.on(d.closed)]
                if later and random.randrange(7) == 0:
                    deal = random.choice(later)
                    free.remove(deal)
                    files.put(max(held.month, deal.arrives), "meetings", {**row, "deal": deal.id})


def _days_as(person: Person, title: str) -> list[date]:
    """The business days of the half-year on which somebody holds a title."""
    first = date(2026, 1, 1)
    days = [first + n * DAY for n in range((LAST_DAY - first).days + 1)]
    return [d for d in days if d.weekday() < 5 and (stint := person.on(d)) and stint.title == title]


def _renew(random: Random, files: Files, everyone: list[Person]) -> None:
    """Contracts of the CSMs that come up for renewal: most stay whole, some shrink or go, some grow."""
    number = 0
    for person in everyone:
        if person.stints[0].title != SUCCESS:
            continue
        care = random.randint(5, 11)
        for month in range(1, MONTHS + 1):
            for _ in range(random.randint(5, 8)):
                number += 1
                opening = random.randint(16, 120) * 50_000
                fate = random.randrange(care * 3)
                renewed = 0 if fate == 0 else opening * random.randint(5, 9) // 10 if fate <= 3 else opening
                growth = (
                    opening * random.randint(5, 60) // 100 if renewed == opening and random.randrange(3) == 0 else 0
                )
                row = {
                    "id": f"A{number:04}",
                    "csm": person.id,
                    "renews_on": str(date(2026, month, random.randint(1, 28))),
                    "opening_arr": f"{cents(opening)} USD",
                    "renewed_arr": f"{cents(renewed)} USD",
                    "expansion_arr": f"{cents(growth)} USD",
                }
                files.put(month, "book", row)


def _exchange(random: Random, files: Files) -> None:
    """Dollars for one euro on every business day, a walk by chance."""
    day, rate = date(2025, 12, 31), FIRST_RATE
    while day <= LAST_DAY:
        if day.weekday() < 5:
            load = day.month if day.year == 2026 else 1
            row = {"from": "EUR", "to": "USD", "date": str(day), "rate": str(Decimal(rate).scaleb(-4))}
            files.put(load, "fx", row)
            rate += random.randint(-60, 60)
        day += DAY
