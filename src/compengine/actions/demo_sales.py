"""What the demo company sells in six months: deals, splits, payments, and the quotas they are measured against.

All amounts are whole cents until they are written; every choice is drawn from one seeded generator.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from compengine.actions.demo_files import MONTHS, START, Files, cents
from compengine.actions.demo_people import ACCOUNTS, DAY, ENTERPRISE, EUROPE, MANAGER, MID_MARKET, Person

LAST_DAY = date(2026, 6, 30)
SETBACK = ("cyrus", date(2026, 2, 17), date(2026, 4, 14), 28_000_000)
"""One large deal is booked, paid and cancelled two months later; little else is sold in the month of that."""

SHAPES: dict[str, tuple[int, int, int, int]] = {
    ENTERPRISE: (3, 1_500_000, 16_000_000, 5_000),
    MID_MARKET: (25, 120_000, 1_800_000, 5_000),
    ACCOUNTS: (42, 30_000, 500_000, 1),
    EUROPE: (20, 100_000, 1_600_000, 2_500),
}
"""By title: deals in a usual month, the smallest and the largest amount, and what amounts are rounded to (cents)."""

SEASON = {1: 85, 2: 95, 3: 120, 4: 85, 5: 95, 6: 120}
"""Percent of a usual month: quarters end busy."""

QUARTERS = (
    (date(2026, 1, 1), date(2026, 3, 31), 22),
    (date(2026, 4, 1), date(2026, 6, 30), 25),
    (date(2026, 7, 1), date(2026, 9, 30), 25),
    (date(2026, 10, 1), date(2026, 12, 31), 28),
)
"""First day, last day, percent of the annual quota."""

PRODUCTS = ("Core", "Core", "Core", "Insight", "Connect")
TYPES = ("new", "new", "new", "expansion", "expansion", "renewal")
SHARES = ((50, 50), (60, 40), (70, 30), (80, 20), (50, 30, 20))
FIRST = [
    "Amber",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Fjord",
    "Grove",
    "Harbor",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Lagoon",
    "Maple",
    "North",
]
SECOND = [
    "Bakeries",
    "Clinics",
    "Foundry",
    "Freight",
    "Hotels",
    "Labs",
    "Mills",
    "Optics",
    "Press",
    "Robotics",
    "Schools",
    "Works",
]


@dataclass(frozen=True, slots=True)
class Deal:
    id: str
    customer: str
    owner: str
    stage: str
    type: str
    product: str
    cents: int
    currency: str
    term_months: int
    closed: date
    shares: tuple[tuple[str, int], ...]
    arrives: int
    cancelled: date | None = None

    @property
    def won(self) -> bool:
        return self.stage == "Closed Won"

    def row(self) -> dict[str, str]:
        return {
            "id": self.id,
            "customer": self.customer,
            "owner": self.owner,
            "stage": self.stage,
            "type": self.type,
            "product": self.product,
            "acv": cents(self.cents),
            "currency": self.currency,
            "term_months": str(self.term_months),
            "close_date": str(self.closed),
            "cancelled_on": str(self.cancelled or ""),
        }


@dataclass(slots=True)
class Sales:
    """`booked`: won cents by (payee, title), `by_team`: by (manager, quarter), dollars and euro alike."""

    deals: list[Deal] = field(default_factory=list)
    booked: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    by_team: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))


def sell(random: Random, files: Files, everyone: list[Person]) -> Sales:
    """Six months of deals of everybody who sells, with what becomes of them."""
    sales = Sales()
    pace = {person.id: random.randint(70, 130) for person in everyone}
    for month in range(1, MONTHS + 1):
        for person in everyone:
            for closed in _closings(random, person, month, pace[person.id]):
                number = len(sales.deals) + 1
                deal = _deal(random, f"D{number:05}", person, closed, everyone)
                _record(random, files, sales, deal, everyone)
    who, closed, cancelled, amount = SETBACK
    large = Deal(
        id=f"D{len(sales.deals) + 1:05}",
        customer="Harbor Foundry 1",
        owner=who,
        stage="Closed Won",
        type="new",
        product="Core",
        cents=amount,
        currency="USD",
        term_months=12,
        closed=closed,
        shares=((who, 100),),
        arrives=closed.month,
    )
    _count(sales, large, everyone)
    for state in (large, replace(large, cancelled=cancelled, arrives=cancelled.month)):
        files.put(state.arrives, "deals", state.row())
    files.put(large.arrives, "splits", {"deal": large.id, "payee": who, "percent": "100%"})
    return sales


def _closings(random: Random, person: Person, month: int, pace: int) -> list[date]:
    """The days on which somebody closes a deal in a month: business days on which they sell, late ones more often."""
    first = date(2026, month, 1)
    days = [first + n * DAY for n in range(31) if (first + n * DAY).month == month]
    open_days = [d for d in days if d.weekday() < 5 and (stint := person.on(d)) and stint.title in SHAPES]
    if not open_days:
        return []
    stint = person.on(open_days[-1])
    assert stint is not None
    usual = SHAPES[stint.title][0] * SEASON[month] * pace * len(open_days)
    weekdays = sum(1 for d in days if d.weekday() < 5)
    number = (usual + random.randrange(10_000 * weekdays)) // (10_000 * weekdays)
    if person.id == SETBACK[0] and month == SETBACK[2].month:
        number = 1
    return [open_days[max(random.randrange(len(open_days)), random.randrange(len(open_days)))] for _ in range(number)]


def _deal(random: Random, id: str, person: Person, closed: date, everyone: list[Person]) -> Deal:
    stint = person.on(closed)
    assert stint is not None
    _, low, high, step = SHAPES[stint.title]
    size = low + (high - low) * random.randrange(1_000) ** 3 // 1_000**3
    quiet = person.id == SETBACK[0] and closed.month == SETBACK[2].month
    late = closed.month < MONTHS and (closed + 5 * DAY).month != closed.month and random.randrange(5) == 0
    return Deal(
        id=id,
        customer=f"{random.choice(FIRST)} {random.choice(SECOND)} {random.randint(1, 40)}",
        owner=person.id,
        stage="Closed Lost" if random.randrange(16) == 0 and not quiet else "Closed Won",
        type="new" if quiet else _type(random, stint.title),
        product=random.choice(PRODUCTS),
        cents=low if quiet else size // step * step,
        currency="USD" if stint.title != EUROPE or random.randrange(4) == 0 else "EUR",
        term_months=random.choice((12, 12, 12, 24, 36)),
        closed=closed,
        shares=_shares(random, person, closed, everyone),
        arrives=closed.month + late,
    )


def _type(random: Random, title: str) -> str:
    return "renewal" if title == ACCOUNTS and random.randrange(2) else random.choice(TYPES)


def _shares(random: Random, owner: Person, closed: date, everyone: list[Person]) -> tuple[tuple[str, int], ...]:
    """Every fifth deal of those who share is shared within the team; the parts add up to 100."""
    stint = owner.on(closed)
    assert stint is not None
    team = [
        p.id
        for p in everyone
        if p is not owner and (s := p.on(closed)) and (s.title, s.team) == (stint.title, stint.team)
    ]
    if stint.title not in (ENTERPRISE, MID_MARKET) or random.randrange(5) or len(team) < 2:
        return ((owner.id, 100),)
    shares = random.choice(SHARES)
    random.shuffle(team)
    return tuple(zip((owner.id, *team), shares, strict=False))


def _record(random: Random, files: Files, sales: Sales, deal: Deal, everyone: list[Person]) -> None:
    """A deal as it arrives, and as it changes later: amended, or cancelled while all who share it are still there."""
    sales.deals.append(deal)
    states = [deal]
    shared_out = (
        deal.currency == "USD" and deal.won and _title(deal.owner, deal.closed, everyone) in (ENTERPRISE, MID_MARKET)
    )
    if shared_out and random.randrange(50) == 0:
        amended = deal.cents * random.randint(80, 125) // 100 // 5_000 * 5_000
        states.append(replace(states[-1], cents=amended, arrives=deal.arrives + random.randint(1, 2)))
    if shared_out and random.randrange(30) == 0:
        cancelled = deal.closed + random.randint(5, 150) * DAY
        people = [person for person in everyone if person.id in {who for who, _ in deal.shares}]
        if cancelled <= LAST_DAY and all(person.on(cancelled) for person in people):
            arrives = max(cancelled.month, states[-1].arrives)
            states.append(replace(states[-1], cancelled=cancelled, arrives=arrives))
    known = [state for state in states if state.arrives <= MONTHS]
    for state in known:
        files.put(state.arrives, "deals", state.row())
    _count(sales, known[-1], everyone)
    for who, share in deal.shares:
        files.put(deal.arrives, "splits", {"deal": deal.id, "payee": who, "percent": f"{share}%"})
    if deal.won and _title(deal.owner, deal.closed, everyone) == ACCOUNTS:
        _collect(random, files, deal)


def _count(sales: Sales, deal: Deal, everyone: list[Person]) -> None:
    if not deal.won:
        return
    for who, share in deal.shares:
        title = _title(who, deal.closed, everyone)
        if title != ENTERPRISE or deal.type != "renewal":  # renewals retire no enterprise quota
            sales.booked[who, title] += deal.cents * share // 100
    owner = next(person for person in everyone if person.id == deal.owner).on(deal.closed)
    assert owner is not None
    sales.by_team[owner.manager, (deal.closed.month - 1) // 3] += deal.cents


def _title(who: str, day: date, everyone: list[Person]) -> str:
    stint = next(person for person in everyone if person.id == who).on(day)
    assert stint is not None
    return stint.title


def _collect(random: Random, files: Files, deal: Deal) -> None:
    """The customer pays in one to three parts that add up to the deal, or, rarely, not at all."""
    if random.randrange(20) == 0:
        return
    parts, left, day = random.choice((1, 1, 2, 3)), deal.cents, deal.closed
    for part in range(1, parts + 1):
        amount = left if part == parts else deal.cents // parts
        left -= amount
        day += random.randint(8, 40) * DAY
        if day <= LAST_DAY:
            row = {"id": f"{deal.id}-{part}", "deal": deal.id, "date": str(day), "amount": f"{cents(amount)} USD"}
            files.put(max(day.month, deal.arrives), "payments", row)


# --- quotas


def set_quotas(random: Random, files: Files, everyone: list[Person], sales: Sales) -> None:
    """Quotas such that people stand at 60 to 140 percent of their pace, two of them far ahead, teams at 70 to 125."""
    sellers = sorted(sales.booked)
    paces = [60 + 80 * n // (len(sellers) - 1) for n in range(len(sellers))]
    random.shuffle(paces)
    paces[sellers.index(("joana", MID_MARKET))] = 250
    paces[sellers.index(("adam", ENTERPRISE))] = 245
    for (who, title), pace in zip(sellers, paces, strict=True):
        person = next(person for person in everyone if person.id == who)
        weights = [_worked(person, title, first, last) * weight for first, last, weight in QUARTERS[:2]]
        annual = sales.booked[who, title] * 100 * 100 * 1_000 // (pace * sum(weights))
        for first, last, weight in QUARTERS:
            if _worked(person, title, first, last):
                _quota(files, who, "bookings", first, last, annual * weight // 100, person.currency)
    for person in everyone:
        pace = random.randint(85, 105)
        for number, (first, last, _) in enumerate(QUARTERS):
            if _worked(person, MANAGER, first, last):
                booked = sales.by_team[person.id, min(number, 1)]
                swing = random.choice((-15, -5, 0, 10, 20))
                _quota(files, person.id, "team", first, last, booked * 100 // (pace + swing), person.currency)


def _worked(person: Person, title: str, first: date, last: date) -> int:
    """Thousandths of a quarter in which somebody holds a title."""
    days = (last - first).days + 1
    held = sum(1 for n in range(days) if (stint := person.on(first + n * DAY)) and stint.title == title)
    return held * 1_000 // days


def _quota(files: Files, who: str, quota: str, first: date, last: date, amount: int, currency: str) -> None:
    rounded = max(amount // 100_000, 1) * 1_000
    row = {"payee": who, "quota": quota, "from": str(first), "to": str(last), "amount": f"{rounded} {currency}"}
    files.put(START, "quotas", row)
