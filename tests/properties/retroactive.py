"""What happens to a company after a period is closed: rows amended, moved, handed over, cancelled, and new ones."""

import copy
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

from properties.companies import AMOUNTS, DAY, TITLES, TYPES, YEAR, Rows

Row = dict[str, Any]
Change = Callable[[Random, Rows], None]


def changed(rows: Rows, random: Random) -> Rows:
    """A company a while later: some things about its past, and some deals more."""
    after = copy.deepcopy(rows)
    for _ in range(random.choice((2, 4, 8))):
        random.choice(CHANGES)(random, after)
    return after


def _a_deal(random: Random, rows: Rows) -> Row:
    deal: Row = random.choice(rows["deals"])
    return deal


def _amended(random: Random, rows: Rows) -> None:
    deal = _a_deal(random, rows)
    deal[random.choice(("acv", "cost"))] = str(random.choice((*AMOUNTS, 777.77)))
    deal["units"], deal["type"] = str(random.randint(0, 5)), random.choice(TYPES)


def _moved(random: Random, rows: Rows) -> None:
    deal = _a_deal(random, rows)
    deal["close_date"] = str(random.choice(YEAR))
    if deal["cancelled_on"]:
        deal["cancelled_on"] = max(deal["cancelled_on"], deal["close_date"])
    for refund in rows["refunds"]:
        if refund["deal"] == deal["id"]:
            refund["date"] = max(refund["date"], deal["close_date"])


def _handed_over(random: Random, rows: Rows) -> None:
    deal = _a_deal(random, rows)
    ids = sorted({row["id"] for row in rows["payees"]})
    deal["owner"] = random.choice(ids)
    rows["splits"] = [row for row in rows["splits"] if row["deal"] != deal["id"]]
    sharing = random.sample(ids, random.choice((1, 2)))
    percents = {1: (100,), 2: (70, 30)}[len(sharing)]
    rows["splits"] += [
        {"deal": deal["id"], "payee": p, "percent": f"{n}%"} for p, n in zip(sharing, percents, strict=True)
    ]


def _cancelled(random: Random, rows: Rows) -> None:
    deal = _a_deal(random, rows)
    deal["cancelled_on"] = "" if deal["cancelled_on"] else str(_on_or_after(random, deal["close_date"]))


def _refunded(random: Random, rows: Rows) -> None:
    deal = _a_deal(random, rows)
    name = f"{deal['id']}-r{len(rows['refunds'])}"
    day = str(_on_or_after(random, deal["close_date"]))
    rows["refunds"].append({"id": name, "deal": deal["id"], "date": day, "part": f"{random.choice((25, 40, 100))}%"})


def _gone_live(random: Random, rows: Rows) -> None:
    deal = _a_deal(random, rows)
    deal["live_on"] = "" if deal["live_on"] else str(random.choice(YEAR))


def _new_quota(random: Random, rows: Rows) -> None:
    quota = random.choice([row for row in rows["quotas"] if row["quota"] == "bookings"])
    quota["amount"] = f"{random.choice((8_000, 20_000, 31_415.93))} USD"


def _promoted(random: Random, rows: Rows) -> None:
    """The last version of somebody ends, and another begins."""
    payee = random.choice(sorted({row["id"] for row in rows["payees"]}))
    last = max((row for row in rows["payees"] if row["id"] == payee), key=lambda row: row["from"])
    day = date(2026, random.choice((1, 2, 3)), random.choice((1, 10, 28)))
    if last["to"] or day <= date.fromisoformat(last["from"]):
        last["title"] = random.choice(TITLES)
        return
    last["to"] = str(day - DAY)
    rows["payees"].append({**last, "from": str(day), "to": "", "title": random.choice(TITLES)})


def _new_rate(random: Random, rows: Rows) -> None:
    row = random.choice(rows["fx"])
    row["rate"] = f"1.{random.randint(100, 999)}"


def _new_rule(random: Random, rows: Rows) -> None:
    table = random.choice(("rules", "rates"))
    if rows[table]:
        random.choice(rows[table])["percent"] = f"{random.randint(1, 9)}%"


def _one_more(random: Random, rows: Rows) -> None:
    """A deal nobody knew of, like one that is there."""
    like, name = _a_deal(random, rows), f"n{len(rows['deals'])}"
    rows["deals"].append({**like, "id": name, "close_date": str(random.choice(YEAR)), "cancelled_on": ""})
    rows["splits"] += [{**row, "deal": name} for row in rows["splits"] if row["deal"] == like["id"]]


def _on_or_after(random: Random, day: str) -> date:
    return random.choice([d for d in YEAR if str(d) >= day] or [date.fromisoformat(day)])


CHANGES: tuple[Change, ...] = (
    _amended, _amended, _moved, _handed_over, _cancelled, _refunded, _gone_live, _new_quota, _promoted, _new_rate,
    _new_rule, _one_more,
)  # fmt: skip
