"""Generated worlds: one or more plans, in one or more versions, with people, deals and everything that hangs on them.

A seed gives a world. Its plans begin with those of `generated`; what is added draws from a source of its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.plan.typed import Plan, Program
from compengine.source.render import render
from compengine.source.text import Text
from compengine.values.exact import exact
from compengine.values.periods import DAY, Window
from properties.companies import Rows, company
from properties.generated_carry import carrying
from properties.generated_plans import plan
from properties.generated_quotas import foreign, ruled
from properties.generated_words import in_currency, late, with_periods, worded
from properties.thinning import thinned

CURRENCIES = ("USD", "EUR", "GBP", "KWD")
HORIZONS = (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 10))


@dataclass(frozen=True, slots=True)
class World:
    """`kind` says what is special about it; `rows` are the input tables as they stand first."""

    seed: int
    kind: str
    texts: tuple[Text, ...]
    program: Program
    rows: Rows

    @property
    def plan(self) -> Plan:
        return self.program.plans[0]

    def snapshot(self, rows: Rows) -> Snapshot:
        return from_rows(self.program.workspace, rows)

    def periods(self, count: int) -> list[Window]:
        """The first periods that are closed, one after the other."""
        calendar = self.plan.calendar
        found = [calendar.window("period", Random(f"horizon {self.seed}").choice(HORIZONS))]
        while len(found) < count:
            found.append(calendar.window("period", found[-1].end + DAY))
        return found


def the_workspace() -> Workspace:
    path = Path(__file__).parent / "worlds.yaml"
    return read_workspace(Text("worlds.yaml", path.read_text(encoding="utf-8")))


KINDS = ("one", "one", "versions", "transfers", "drawn", "calendar")


def world(
    workspace: Workspace, seed: int, *, changed: Callable[[str, Random], str] | None = None, people: int = 5
) -> World:
    """Every plan that is put together must be one that the checker takes. `changed` makes another text of each."""
    random = Random(f"world {seed}")
    kind = random.choice(KINDS)
    contents = _contents(seed, kind, random)
    if changed is not None:
        contents = [changed(content, Random(f"changed {seed} {at}")) for at, content in enumerate(contents)]
    if random.random() < 0.25:
        if kind == "versions":  # late rows are compared over versions, which credit alike
            contents[1] = _with(_with_other_rates(contents[0]), "effective", _value(contents[1], "effective"))
        contents = [late(content) for content in contents]
    home = random.choice(CURRENCIES) if random.random() < 0.4 else "USD"
    texts = tuple(Text(f"{n}.yaml", in_currency(content, home)) for n, content in enumerate(contents))
    program, diagnostics = check(list(texts), workspace)
    shown = {text.path: text for text in texts}
    assert program is not None, f"seed {seed}, {kind}\n" + "\n".join(render(d, shown) for d in diagnostics)
    return World(seed, kind, texts, program, _rows(seed, random, people))


def _contents(seed: int, kind: str, random: Random) -> list[str]:
    own = base(seed, "generated")
    calendar = _value(own, "pay_period")
    match kind:
        case "calendar":
            calendar = random.choice(("uneven", "uneven", "yearly"))
            return [_with(with_periods(own) if calendar == "uneven" else own, "pay_period", calendar)]
        case "versions":
            day = random.choice((date(2026, 1, 31), date(2026, 2, 15), date(2026, 3, 9)))
            later = _alike(base(seed, "generated", "later"), own)
            return [
                _with(own, "effective", f"2026-01-01 to {day}"),
                _with(later, "effective", f"{day + DAY} to 2026-12-31"),
            ]
        case "transfers" | "drawn":
            other = _with(base(seed, "other", "other"), "pay_period", calendar)
            first, second = _who(random)
            if kind == "drawn":
                other = other.replace("    from: main\n", "    from: generated.main\n")
            return [_with(own, "payees", first), _with(other, "payees", second)]
    return [own]


def base(seed: int, name: str, which: str = "") -> str:
    """The text of a generated plan; `which` tells one of a seed from its others."""
    at = f"{which} {seed}".strip()
    own = carrying(plan(Random(seed if not which else at), name), Random(f"carry {at}"))
    return thinned(worded(ruled(own, Random(f"quotas {at}")), Random(f"words {at}")), Random(f"thin {at}"))


def _alike(later: str, own: str) -> str:
    """Versions of one plan share the calendar and what a transfer does."""
    for key in ("pay_period", "on_transfer"):
        later = _with(later, key, _value(own, key))
    return later


def _with_other_rates(text: str) -> str:
    return re.sub(r"\brate: (\d+)%", r"rate: \g<1>.25%", text).replace("rate: 12.5%", "rate: 10%")


def _who(random: Random) -> tuple[str, str]:
    """Two conditions, of which nobody meets both, or some do."""
    return random.choice(
        (
            ('payee.title == "Rep"', 'payee.title != "Rep"'),
            ('payee.team == "north"', 'payee.team == "south"'),
            ('payee.title in ("Rep", "Senior")', 'payee.title in ("Senior", "Lead")'),
        )
    )


def _value(text: str, key: str) -> str:
    return next(line.removeprefix(f"{key}: ") for line in text.splitlines() if line.startswith(f"{key}: "))


def _with(text: str, key: str, value: str) -> str:
    return "\n".join(f"{key}: {value}" if line.startswith(f"{key}: ") else line for line in text.splitlines()) + "\n"


def _rows(seed: int, random: Random, people: int) -> Rows:
    rows = foreign(company(Random(f"company {seed}"), people), Random(f"quotas {seed}"))
    for deal in rows["deals"]:
        if random.random() < 0.15:
            deal["currency"] = random.choice(("GBP", "KWD"))
    for payment in rows["payments"]:
        payment["amount"] = _payment(random, rows, payment["deal"], payment["part"])
    rules = [
        {
            "id": f"u{n}",
            "type": random.choice(("", "new", "renewal", "Rep", "Lead")),
            "team": random.choice(("", "north", "south")),
            "customer": random.choice(("", "c0", "c1")),
            "percent": f"{random.randint(1, 9)}%",
            "fixed": f"{random.randint(1, 90)}.05 {random.choice(('USD', 'EUR'))}",
            "from": "2020-01-01" if random.random() < 0.8 else "2026-02-15",
        }
        for n in range(5)
    ]
    seen: dict[tuple[str, ...], None] = {}
    kept = [r for r in rules if (k := (r["type"], r["team"], r["customer"])) not in seen and not seen.update({k: None})]
    return {**rows, "rules": kept, "fx": _rates(random)}


def _payment(random: Random, rows: Rows, deal: str, part: str) -> str:
    """Part of the deal's value, in its currency, now and then in dollars."""
    row = next(row for row in rows["deals"] if row["id"] == deal)
    cents = int(exact(row["acv"]) * int(part.removesuffix("%")))
    currency = row["currency"] if random.random() < 0.85 else "USD"
    return f"{amount_of(cents)} {currency}"


def amount_of(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _rates(random: Random) -> list[dict[str, str]]:
    """One way or the other between all pairs, some in both; now and then there are none before March."""
    found = []
    for one in CURRENCIES:
        for other in CURRENCIES:
            if one < other:
                pairs = random.choice((((one, other),), ((other, one),), ((one, other), (other, one))))
                first = date(2024, 1, 1) if random.random() < 0.97 else date(2026, 3, 1)
                days = [first, *(date(2025, 12, 1) + n * 11 * DAY for n in range(24))]
                for a, b in pairs:
                    some = [day for day in days if day == first or random.random() < 0.7]
                    found += [
                        {"from": a, "to": b, "date": str(day), "rate": _rate(random)} for day in sorted(set(some))
                    ]
    return found


def _rate(random: Random) -> str:
    return f"{random.choice((0, 1))}.{random.randint(5001, 9999)}"
