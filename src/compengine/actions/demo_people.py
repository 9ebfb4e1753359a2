"""The people of the demo company. All of them are made up."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

DAY = timedelta(days=1)

ENTERPRISE, MID_MARKET, ACCOUNTS = "Enterprise AE", "Account Executive", "Account Manager"
EUROPE, MANAGER, DEVELOPMENT, SUCCESS = "Account Executive EMEA", "Sales Manager", "SDR", "CSM"

ROSTER = """
clara | Chief Revenue Officer | -      | Sales      | 2019-02-04 | 240000
edith | Sales Manager         | clara  | Enterprise | 2020-06-01 | 120000
earl  | Sales Manager         | clara  | East       | 2021-03-01 | 100000
walt  | Sales Manager         | clara  | West       | 2020-09-14 | 100000
wendy | Sales Manager         | clara  | West       | 2026-04-01 | 100000
agnes | Sales Manager         | clara  | Accounts   | 2022-01-10 | 90000
elsa  | Sales Manager         | clara  | EMEA       | 2021-10-04 | 100000
dora  | SDR Lead              | clara  | SDR        | 2022-05-02 | 60000
sonja | CS Lead               | clara  | Success    | 2021-07-05 | 60000
adam  | Enterprise AE         | edith  | Enterprise | 2021-04-06 | 130000
bella | Enterprise AE         | edith  | Enterprise | 2022-02-14 | 130000
cyrus | Enterprise AE         | edith  | Enterprise | 2020-11-02 | 130000
dana  | Enterprise AE         | edith  | Enterprise | 2023-08-21 | 130000
emil  | Enterprise AE         | edith  | Enterprise | 2024-01-15 | 130000
fiona | Enterprise AE         | edith  | Enterprise | 2025-12-01 | 130000
gita  | Enterprise AE         | edith  | Enterprise | 2025-11-03 | 130000
hugo  | Enterprise AE         | edith  | Enterprise | 2026-02-02 | 130000
ivan  | Account Executive     | earl   | East       | 2022-03-07 | 80000
joana | Account Executive     | earl   | East       | 2023-05-02 | 80000
karl  | Account Executive     | earl   | East       | 2021-06-14 | 80000
lilia | Account Executive     | earl   | East       | 2024-02-05 | 80000
marek | Account Executive     | earl   | East       | 2023-09-18 | 80000
nadia | Account Executive     | earl   | East       | 2025-03-03 | 80000
otis  | Account Executive     | earl   | East       | 2026-01-05 | 80000
paula | Account Executive     | walt   | West       | 2022-08-01 | 80000
quinn | Account Executive     | walt   | West       | 2023-01-16 | 80000
rosa  | Account Executive     | walt   | West       | 2021-11-08 | 80000
silas | Account Executive     | walt   | West       | 2024-06-10 | 80000
tessa | Account Executive     | walt   | West       | 2024-10-07 | 80000
ulf   | Account Executive     | walt   | West       | 2025-05-12 | 80000
viola | Account Executive     | walt   | West       | 2026-03-02 | 80000
abel  | Account Manager       | agnes  | Accounts   | 2022-04-04 | 50000
berta | Account Manager       | agnes  | Accounts   | 2021-02-15 | 50000
cecil | Account Manager       | agnes  | Accounts   | 2023-03-20 | 50000
delia | Account Manager       | agnes  | Accounts   | 2023-10-02 | 50000
elmo  | Account Manager       | agnes  | Accounts   | 2024-05-13 | 50000
flora | Account Manager       | agnes  | Accounts   | 2024-09-02 | 50000
gregor | Account Manager      | agnes  | Accounts   | 2025-01-13 | 50000
hedda | Account Manager       | agnes  | Accounts   | 2025-06-02 | 50000
ines  | Account Executive EMEA | elsa  | EMEA       | 2022-09-05 | 75000
janek | Account Executive EMEA | elsa  | EMEA       | 2023-02-06 | 75000
katja | Account Executive EMEA | elsa  | EMEA       | 2023-11-13 | 75000
luca  | Account Executive EMEA | elsa  | EMEA       | 2024-03-11 | 75000
maeve | Account Executive EMEA | elsa  | EMEA       | 2024-08-19 | 75000
nils  | Account Executive EMEA | elsa  | EMEA       | 2026-04-01 | 75000
olga  | SDR                   | dora   | SDR        | 2024-07-01 | 30000
piet  | SDR                   | dora   | SDR        | 2024-11-04 | 30000
rhea  | SDR                   | dora   | SDR        | 2025-02-03 | 30000
sven  | SDR                   | dora   | SDR        | 2025-04-14 | 30000
thea  | SDR                   | dora   | SDR        | 2025-08-18 | 30000
uma   | SDR                   | dora   | SDR        | 2025-10-06 | 30000
vito  | SDR                   | dora   | SDR        | 2026-02-16 | 30000
wanda | CSM                   | sonja  | Success    | 2022-06-13 | 40000
xenia | CSM                   | sonja  | Success    | 2023-04-03 | 40000
yusuf | CSM                   | sonja  | Success    | 2024-01-08 | 40000
zelda | CSM                   | sonja  | Success    | 2024-12-02 | 40000
alvin | CSM                   | sonja  | Success    | 2025-09-01 | 40000
"""

SURNAMES = [
    "Testwell",
    "Sampleton",
    "Mockford",
    "Placehold",
    "Demoray",
    "Fictura",
    "Examplar",
    "Dummont",
    "Prototti",
    "Specimen",
    "Trialdotter",
    "Stubbs",
    "Pretendo",
    "Simulacre",
    "Draftsson",
    "Makebelieve",
    "Instancia",
    "Notreal",
    "Fabricant",
    "Illustra",
]

CHANGES: tuple[tuple[str, date, dict[str, str]], ...] = (
    ("karl", date(2026, 4, 1), {"title": ENTERPRISE, "manager": "edith", "team": "Enterprise"}),  # promoted
    ("rhea", date(2026, 4, 1), {"title": MID_MARKET, "manager": "earl", "team": "East"}),  # promoted
    ("marek", date(2026, 5, 11), {"manager": "wendy", "team": "West"}),  # moves in mid-month
    ("paula", date(2026, 4, 1), {"manager": "wendy"}),  # walt leaves, wendy takes over his team
    ("quinn", date(2026, 4, 1), {"manager": "wendy"}),
    ("rosa", date(2026, 4, 1), {"manager": "wendy"}),
    ("silas", date(2026, 4, 1), {"manager": "wendy"}),
    ("tessa", date(2026, 4, 1), {"manager": "wendy"}),
    ("ulf", date(2026, 4, 1), {"manager": "wendy"}),
    ("viola", date(2026, 4, 1), {"manager": "wendy"}),
)
LAST_DAYS = {
    "walt": date(2026, 3, 31),
    "sven": date(2026, 3, 31),
    "silas": date(2026, 4, 17),
    "emil": date(2026, 5, 29),
}
PAID_IN_DOLLARS = ("luca",)
"""Sells in Europe in euro and is paid in dollars."""


@dataclass(frozen=True, slots=True)
class Stint:
    """What somebody was from `start` to `end`, both included."""

    start: date
    end: date | None
    title: str
    manager: str
    team: str

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    hired_on: date
    target: int
    currency: str
    pay_currency: str
    stints: tuple[Stint, ...]

    def on(self, day: date) -> Stint | None:
        return next((stint for stint in self.stints if day in stint), None)


def people() -> list[Person]:
    """Everybody, with what they were from when to when."""
    found = []
    for number, line in enumerate(ROSTER.strip().splitlines()):
        id, title, manager, team, hired, target = (part.strip() for part in line.split("|"))
        hired_on = date.fromisoformat(hired)
        first = Stint(hired_on, LAST_DAYS.get(id), title, manager.strip("-"), team)
        currency = "EUR" if title == EUROPE else "USD"
        name = f"{id.capitalize()} {SURNAMES[number * 7 % len(SURNAMES)]}"
        paid_in = "USD" if id in PAID_IN_DOLLARS else currency
        found.append(Person(id, name, hired_on, int(target), currency, paid_in, _stints(id, first)))
    return found


def _stints(id: str, first: Stint) -> tuple[Stint, ...]:
    stints = [first]
    for who, day, change in CHANGES:
        if who == id:
            last = stints.pop()
            title, manager = change.get("title", last.title), change.get("manager", last.manager)
            after = Stint(day, last.end, title, manager, change.get("team", last.team))
            stints += [replace(last, end=day - DAY), after]
    return tuple(stints)
