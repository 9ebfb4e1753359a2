"""Whose pay moved between two periods, and by which parts of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from compengine.actions.figures import Money, share_of, summed
from compengine.values.exact import divide, multiply
from compengine.values.money import is_currency, minor_unit
from compengine.values.rounding import Rounding, round_to
from compengine.values.rows import Earning, Settlement

Signed = tuple[Earning, int]
Key = tuple[str, str]
"""A payee and a currency of plans."""

LIMITS = ("minimum", "cap", "carried")


@dataclass(frozen=True, slots=True)
class PaidPeriod:
    """What one run posts, or has posted, in its period. Rows that are computed and not paid are no part of it."""

    run: str
    label: str
    rows: tuple[Signed, ...]
    settlements: tuple[Settlement, ...]

    def of(self, key: Key) -> "PaidPeriod":
        payee, currency = key
        return PaidPeriod(
            self.run,
            self.label,
            tuple(r for r in self.rows if (r[0].payee, r[0].currency) == (payee, currency)),
            tuple(s for s in self.settlements if (s.payee, s.currency) == (payee, currency)),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One reason of a change. `credits`: more or less basis, at the rate of before; `rate`: another rate, on the basis
    of now. `before` and `after` are what moved, in words. The amounts of all parts add up to the change."""

    kind: str
    about: str
    before: str
    after: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Mover:
    """`percent` is None where nothing was paid before."""

    payee: str
    name: str
    now: Money
    last: Money
    change: Money
    percent: Decimal | None
    parts: tuple[Part, ...]


def signed(row: Earning, sign: int) -> Decimal:
    return row.amount if sign > 0 else -row.amount


def payable(period: PaidPeriod) -> Decimal:
    return summed([s.payable for s in period.settlements])


def by_key(period: PaidPeriod) -> dict[Key, PaidPeriod]:
    """The same, by payee and currency."""
    rows: dict[Key, list[Signed]] = {}
    settlements: dict[Key, list[Settlement]] = {}
    for row in period.rows:
        rows.setdefault((row[0].payee, row[0].currency), []).append(row)
    for s in period.settlements:
        settlements.setdefault((s.payee, s.currency), []).append(s)
    return {
        key: PaidPeriod(period.run, period.label, tuple(rows.get(key, ())), tuple(settlements.get(key, ())))
        for key in sorted({*rows, *settlements})
    }


def movers(now: PaidPeriod, last: PaidPeriod, names: dict[str, str]) -> tuple[Mover, ...]:
    """Everybody whose payable amount is another, the largest change first."""
    ours, theirs = by_key(now), by_key(last)
    found = []
    for key in sorted({*ours, *theirs}):
        mine = ours.get(key, PaidPeriod(now.run, now.label, (), ()))
        before = theirs.get(key, PaidPeriod(last.run, last.label, (), ()))
        change = summed([payable(mine), -payable(before)])
        if change:
            payee, currency = key
            paid, was = Money(payable(mine), currency), Money(payable(before), currency)
            percent, why = share_of(change, was.amount), parts(mine, before, currency)
            found.append(Mover(payee, names.get(payee, ""), paid, was, Money(change, currency), percent, why))
    return tuple(sorted(found, key=lambda m: (-abs(m.change.amount), m.payee)))


def parts(now: PaidPeriod, last: PaidPeriod, currency: str) -> tuple[Part, ...]:
    """Why the payable amount of one payee is another, largest part first; parts of nothing are left out."""
    ours, theirs = (_earned(p) for p in (now, last))
    found: list[Part] = []
    for key in sorted({*ours, *theirs}):
        found += _earned_parts(key, ours.get(key, ()), theirs.get(key, ()), currency)
    others = {name: (take(now), take(last)) for name, take in _OTHERS.items()}
    for name, (after, before) in others.items():
        found.append(_part(name, "", before, after, currency))
    moved = [part for part in found if part.amount.amount]
    return tuple(sorted(moved, key=lambda p: (-abs(p.amount.amount), p.kind, p.about)))


def _earned(period: PaidPeriod) -> dict[tuple[str, str, str, str], tuple[Signed, ...]]:
    """Rows of the period itself, by plan, component, kind and unit of the basis."""
    groups: dict[tuple[str, str, str, str], list[Signed]] = {}
    for row, sign in period.rows:
        if row.for_period == period.label:
            groups.setdefault((row.plan, row.component, row.kind, row.basis_unit), []).append((row, sign))
    return {key: tuple(rows) for key, rows in groups.items()}


def _earned_parts(
    key: tuple[str, str, str, str], ours: Sequence[Signed], theirs: Sequence[Signed], currency: str
) -> list[Part]:
    plan, component, kind, unit = key
    about = f"{plan} {component}"
    after, before = (summed([signed(*r) for r in rows]) for rows in (ours, theirs))
    if kind != "rate":
        name = "limit" if kind in LIMITS else "clawback" if kind == "claw" else kind
        return [_part(name, about, before, after, currency)]
    bases = [summed([r.basis if sign > 0 else -r.basis for r, sign in rows]) for rows in (ours, theirs)]
    said = [_figure(basis, unit) for basis in bases]
    change = summed([after, -before])
    if not all(bases) or not theirs or not ours:
        return [Part("credits", about, said[1], said[0], Money(change, currency))]
    was = divide(before, bases[1])
    volume = round_to(multiply(summed([bases[0], -bases[1]]), was), minor_unit(currency), Rounding.HALF_UP)
    return [
        Part("credits", about, said[1], said[0], Money(volume, currency)),
        Part(
            "rate", about, _rate(before, bases[1]), _rate(after, bases[0]), Money(summed([change, -volume]), currency)
        ),
    ]


def _figure(value: Decimal, unit: str) -> str:
    if is_currency(unit):
        return str(Money(round_to(value, minor_unit(unit), Rounding.HALF_UP), unit))
    shown = format(round_to(value, Decimal("0.01"), Rounding.HALF_UP).normalize() + 0, "f")
    return f"{shown} {unit}".rstrip()


def _rate(amount: Decimal, basis: Decimal) -> str:
    """What all rows together come to, to a hundredth of a percent: a guide, never calculated with."""
    return f"{round_to(multiply(divide(amount, basis), Decimal(100)), Decimal('0.01'), Rounding.HALF_UP):.2f}%"


def _part(kind: str, about: str, before: Decimal, after: Decimal, currency: str) -> Part:
    change = Money(summed([after, -before]), currency)
    return Part(kind, about, str(Money(before, currency)), str(Money(after, currency)), change)


def corrected(period: PaidPeriod) -> Decimal:
    return summed([signed(*r) for r in period.rows if r[0].for_period != period.label])


def earned(period: PaidPeriod) -> Decimal:
    return summed([signed(*r) for r in period.rows if r[0].for_period == period.label])


def released(period: PaidPeriod) -> Decimal:
    """What was earned before and is due now, less what is earned now and is held."""
    return summed([*_sums(period, "due"), -earned(period), -corrected(period)])


def drawn(period: PaidPeriod) -> Decimal:
    taken = [-x for x in _sums(period, "recovered")]
    return summed([*_sums(period, "draw"), *_sums(period, "guarantee"), *taken])


def negative(period: PaidPeriod) -> Decimal:
    """A negative result moved away, less one of before that is taken now."""
    taken = [-x for x in _sums(period, "carried_recovered")]
    return summed([*_sums(period, "carried"), *_sums(period, "collected"), *_sums(period, "forgiven"), *taken])


def waiting(period: PaidPeriod) -> Decimal:
    return summed([*_sums(period, "brought"), *(-x for x in _sums(period, "waiting"))])


def _sums(period: PaidPeriod, column: str) -> Iterable[Decimal]:
    return [getattr(s, column) for s in period.settlements]


_OTHERS = {
    "corrections": corrected,
    "released": released,
    "draw": drawn,
    "negative": negative,
    "minimum": waiting,
}
STEPS = {"earned": earned, **_OTHERS, "payable": payable}
"""The way from what is earned to what is payable, by name."""
