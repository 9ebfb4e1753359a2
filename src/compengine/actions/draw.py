"""Which rows of a run an auditor looks at: drawn by strata, the same ones for everybody who draws again."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from decimal import Decimal

from compengine.actions.movers import Signed, signed
from compengine.values.digest import line_text
from compengine.values.rows import Earning

DOMAIN = "compengine sample 1"
Stratum = tuple[str, str, str, str]
"""Plan, component, kind, and the size of the amount: its digits before the point."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row, whether it is given or taken back, and why it was drawn."""

    row: Earning
    sign: int
    why: str
    stratum: Stratum
    ticket: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A stratum, how many rows it has, and how many of them are drawn, for whatever reason."""

    stratum: Stratum
    rows: int
    drawn: int


def ticket(row: Signed, content: str, seed: str) -> str:
    """What stands for chance: SHA-256 over the domain, the run's content, the seed and the row, separated by tabs."""
    earning, sign = row
    text = line_text([DOMAIN, content, seed, *astuple(earning), sign])
    return hashlib.sha256(text.encode()).hexdigest()


def stratum_of(row: Earning) -> Stratum:
    return row.plan, row.component, row.kind, size_of(row.amount)


def size_of(amount: Decimal) -> str:
    """`0`, `below 1`, `1 to 10`, `10 to 100`, …: the lower bound included, whatever the sign."""
    if not amount:
        return "0"
    digits = abs(amount).adjusted() + 1
    return f"{10 ** (digits - 1)} to {10**digits}" if digits > 0 else "below 1"


def draw(rows: Sequence[Signed], size: int, content: str, seed: str) -> tuple[Drawn, ...]:
    """In order: the largest row of each currency; of each kind that is not there yet the one with the lowest ticket;
    negative rows in rounds, of each stratum the largest first, up to a third of `size`; then in rounds the row with
    the lowest ticket, until there are `size`. A round takes a row of each stratum that has fewest so far, strata
    with more rows first. More than `size` only where the first two ask for it."""
    tickets = [ticket(row, content, seed) for row in rows]
    order = sorted(range(len(rows)), key=lambda at: (tickets[at], at))
    by_amount = sorted(order, key=lambda at: -abs(rows[at][0].amount))
    chosen: dict[int, str] = {}
    for currency in sorted({row.currency for row, _ in rows}):
        chosen[next(at for at in by_amount if rows[at][0].currency == currency)] = f"the largest in {currency}"
    for kind in sorted({row.kind for row, _ in rows} - {rows[at][0].kind for at in chosen}):
        chosen[next(at for at in order if rows[at][0].kind == kind)] = f"one of kind {kind}"
    negative = [at for at in by_amount if signed(*rows[at]) < 0]
    third = min(size // 3, size - len(chosen))
    chosen |= dict.fromkeys(_rounds(rows, negative, chosen, third), "negative")
    chosen |= dict.fromkeys(_rounds(rows, order, chosen, size - len(chosen)), "by lot from its stratum")
    return tuple(Drawn(*rows[at], why, stratum_of(rows[at][0]), tickets[at]) for at, why in chosen.items())


def _rounds(rows: Sequence[Signed], order: Sequence[int], chosen: Collection[int], count: int) -> list[int]:
    """Of those that `order` holds and `chosen` does not, in the order of their strata's rounds."""
    sizes: dict[Stratum, int] = {}
    for at in order:
        sizes[stratum_of(rows[at][0])] = sizes.get(stratum_of(rows[at][0]), 0) + 1
    taken: dict[Stratum, int] = {}
    for at in chosen:
        taken[stratum_of(rows[at][0])] = taken.get(stratum_of(rows[at][0]), 0) + 1
    dealt: list[tuple[int, int, Stratum, int]] = []
    for at in order:
        if at not in chosen:
            stratum = stratum_of(rows[at][0])
            taken[stratum] = taken.get(stratum, 0) + 1
            dealt.append((taken[stratum], -sizes[stratum], stratum, at))
    return [at for *_, at in sorted(dealt, key=lambda one: one[:3])][: max(0, count)]


def layers(rows: Sequence[Signed], drawn: Sequence[Drawn]) -> tuple[Layer, ...]:
    counts: dict[Stratum, int] = {}
    for row, _ in rows:
        counts[stratum_of(row)] = counts.get(stratum_of(row), 0) + 1
    taken: dict[Stratum, int] = {}
    for one in drawn:
        taken[one.stratum] = taken.get(one.stratum, 0) + 1
    return tuple(Layer(key, counts[key], taken.get(key, 0)) for key in sorted(counts))
