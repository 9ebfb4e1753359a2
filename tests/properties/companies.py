"""Generated companies: people, deals and what hangs on them, small and full of edges.

Amounts are chosen to fall on bounds, to be zero and negative; dates fall on ends of months, quarters and leap days;
people change titles, managers and teams; some have several versions, some come and go.
"""

from datetime import date, timedelta
from random import Random
from typing import Any

Rows = dict[str, list[dict[str, Any]]]
DAY = timedelta(days=1)
YEAR = [date(2026, 1, 1) + n * DAY for n in range(212)]
EDGES = [date(2026, m, d) for m, d in ((1, 1), (1, 31), (2, 28), (3, 1), (3, 31), (4, 1), (4, 30), (6, 30), (7, 1))]
TITLES = ("Rep", "Senior", "Lead")
TEAMS = ("north", "south")
TYPES = ("new", "renewal", "expansion")
AMOUNTS = (0, 1000, 2500, 5000, 10_000, 12_500, 20_000, 25_000, 40_000)


def company(random: Random, people: int = 5, deals: int = 14) -> Rows:
    ids = [f"p{n}" for n in range(people)]
    rows: Rows = {
        "payees": [row for n, payee in enumerate(ids) for row in _versions(random, payee, ids[:n])],
        "customers": [{"id": f"c{n}", "since": _day(random)} for n in range(3)],
        "quotas": [row for payee in ids for row in _quotas(random, payee)],
        "fx": _fx(random),
        "rates": [
            {"type": kind, "team": team, "percent": f"{random.randint(1, 9)}%", "from": "2020-01-01"}
            for kind in TYPES
            for team in TEAMS
            if random.random() < 0.7
        ],
        "deals": [],
        "splits": [],
        "payments": [],
        "refunds": [],
    }
    for n in range(deals):
        _deal(random, f"d{n}", ids, rows)
    return rows


def _day(random: Random) -> str:
    return str(random.choice(EDGES) if random.random() < 0.3 else random.choice(YEAR))


def _amount(random: Random) -> str:
    if random.random() < 0.6:
        return str(random.choice(AMOUNTS))
    cents = random.randint(-300_000, 3_000_000)
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _versions(random: Random, payee: str, above: list[str]) -> list[dict[str, Any]]:
    """One to three versions; managers only among those before, so that nothing runs in a circle."""
    starts = sorted({date(2020, 1, 1) if random.random() < 0.95 else random.choice(YEAR)})
    for _ in range(random.choice((0, 0, 1, 2))):
        starts = sorted({*starts, random.choice(YEAR)})
    rows = []
    for n, start in enumerate(starts):
        last = starts[n + 1] - DAY if n + 1 < len(starts) else None
        if last is None and random.random() < 0.05:
            last = max(start, random.choice(YEAR))
        rows.append(
            {
                "id": payee,
                "from": str(start),
                "to": str(last) if last else "",
                "title": random.choice(TITLES),
                "manager": random.choice(above) if above and random.random() < 0.8 else "",
                "team": random.choice(TEAMS),
                "hired_on": random.choice(["2024-02-29", "2025-03-15", "2026-01-31"]),
                "goal": random.choice(["1000", "2500.55", "40000"]),
                "weight": random.choice(["1", "2", "0.5"]),
                "ramp": random.choice(["100%", "50%"]),
                "level": random.choice(["80%", "90%", "110%"]),
                "pay_currency": random.choice(["USD", "EUR"]),
            }
        )
    return rows


def _quotas(random: Random, payee: str) -> list[dict[str, Any]]:
    """Annual, quarterly or monthly spans of money, and a year of units; from 2025 on, so that no window is bare."""
    spans = {
        "year": [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-12-31")],
        "quarter": [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-12-31")],
        "month": [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-12-31")],
    }[random.choice(("year", "quarter", "month"))]
    rows = [
        {
            "payee": payee,
            "quota": "bookings",
            "from": a,
            "to": b,
            "amount": f"{random.choice((10_000, 25_000, 33_333))} USD",
        }
        for a, b in spans
    ]
    units = str(random.choice((3, 10)))
    return [*rows, {"payee": payee, "quota": "units", "from": "2025-01-01", "to": "2026-12-31", "amount": units}]


def _fx(random: Random) -> list[dict[str, Any]]:
    days = [date(2025, 12, 1) + n * 7 * DAY for n in range(36)]
    return [{"from": "EUR", "to": "USD", "date": str(day), "rate": f"1.{random.randint(500, 1999):04}"} for day in days]


def _deal(random: Random, name: str, ids: list[str], rows: Rows) -> None:
    closed = _day(random)
    rows["deals"].append(
        {
            "id": name,
            "customer": f"c{random.randint(0, 2)}",
            "owner": random.choice(ids),
            "type": random.choice(TYPES),
            "acv": _amount(random),
            "cost": str(random.randint(0, 3000)),
            "units": str(random.randint(0, 4)),
            "term": str(random.choice((6, 12, 24, 36))),
            "close_date": closed,
            "live_on": _day(random) if random.random() < 0.6 else "",
            "cancelled_on": max(closed, _day(random)) if random.random() < 0.25 else "",
            "currency": "EUR" if random.random() < 0.2 else "USD",
        }
    )
    sharing = random.sample(ids, random.choice((1, 1, 2, 3)))
    parts = {1: [100], 2: random.choice([[60, 40], [50, 50], [1, 99]]), 3: [33, 33, 34]}[len(sharing)]
    rows["splits"] += [{"deal": name, "payee": p, "percent": f"{s}%"} for p, s in zip(sharing, parts, strict=True)]
    left = 100
    for n in range(random.choice((0, 0, 1, 2, 3))):
        part = random.randint(1, max(1, left))
        left -= part
        if left < 0:
            break
        rows["payments"].append({"id": f"{name}-y{n}", "deal": name, "date": _day(random), "part": f"{part}%"})
    if random.random() < 0.2:
        rows["refunds"].append(
            {"id": f"{name}-r", "deal": name, "date": max(closed, _day(random)), "part": f"{random.randint(1, 100)}%"}
        )
