"""The one place that rounds money, and the one place that divides it.

Both modes are symmetric: rounding a negated amount negates the rounded amount.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import reduce

from compengine.values.exact import (
    QUANTUM,
    ZERO,
    add,
    divide,
    exact,
    from_scaled,
    multiply,
    subtract,
    to_scaled,
)


class Rounding(StrEnum):
    """How a tie is broken: away from zero (`half-up`), or to the even digit."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"


def round_to(value: Decimal, unit: Decimal, mode: Rounding) -> Decimal:
    """`value` as a multiple of `unit` (0.01, 1, 0.001, 100 …)."""
    steps, rest = divmod(abs(to_scaled(value)), to_scaled(exact(unit)))
    twice, whole = 2 * rest, to_scaled(exact(unit))
    if twice > whole or (twice == whole and (mode is Rounding.HALF_UP or steps % 2)):
        steps += 1
    return from_scaled((-1 if value < 0 else 1) * steps * whole)


def floor_to(value: Decimal, unit: Decimal) -> Decimal:
    """The largest multiple of `unit` that is not above `value`."""
    step = to_scaled(exact(unit))
    return from_scaled(to_scaled(value) // step * step)


def split(amount: Decimal, weights: Sequence[tuple[str, Decimal]], unit: Decimal) -> list[Decimal]:
    """Parts of `amount` by weight, in the order given, which add up to it exactly (largest remainder).

    Each part is first cut down to whole units; the units left over go one each to the largest remainders, ties by
    the weight's id in byte order. What is left below one unit (only where `amount` itself is finer than `unit`)
    goes to the next in that order. Negative amounts are the mirror image. Weights must be non-negative and not all
    zero. Where the weights are shares of one (`0.6`, `0.4`), they may add up to less: then `amount` should already
    be the part to divide.
    """
    if not any(weight > 0 for _, weight in weights) or any(weight < 0 for _, weight in weights):
        raise ValueError("weights must not be negative, and not all zero")
    total = _sum(weight for _, weight in weights)
    whole = amount.copy_abs()
    ideal = [divide(multiply(whole, weight), total) for _, weight in weights]
    parts = [floor_to(x, unit) for x in ideal]
    left = subtract(whole, _sum(parts))
    order = sorted(
        (i for i in range(len(weights)) if weights[i][1] > 0),
        key=lambda i: (to_scaled(parts[i]) - to_scaled(ideal[i]), weights[i][0].encode()),
    )
    # below zero where the twelfth place of a product carried a part over a unit: then units are taken back, last first
    units = to_scaled(left) // to_scaled(exact(unit))
    each, more = divmod(units, len(order))
    for place, i in enumerate(order):
        parts[i] = add(parts[i], multiply(exact(each + (place < more)), exact(unit)))
    parts[order[more]] = add(parts[order[more]], subtract(left, multiply(exact(units), exact(unit))))
    return [exact(part.copy_negate()) if amount < 0 else part for part in parts]


def _sum(values: Iterable[Decimal]) -> Decimal:
    return reduce(add, values, ZERO)


FINEST = QUANTUM
"""The unit for dividing what is not money: the last of the twelve places."""
