"""The one number type: a decimal of 38 digits, 12 of them after the point.

`+` and `-` are exact; `*` and `/` round half-even at the twelfth place. Whatever does not fit raises.
The columnar engine gets the same arithmetic from `polars.Decimal(38, 12)`.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

DIGITS = 38
PLACES = 12
QUANTUM = Decimal(1).scaleb(-PLACES)
LIMIT = Decimal(10) ** (DIGITS - PLACES)
AMOUNT_LIMIT = Decimal(10) ** 13
"""Largest magnitude of an input number, so that no sum of 10^8 of them reaches `LIMIT`."""

CONTEXT = Context(prec=100, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
ZERO = Decimal(0).quantize(QUANTUM)
ONE = Decimal(1).quantize(QUANTUM)


class OutOfRange(ArithmeticError):
    """A result has more than 26 digits before the point."""


def exact(value: Decimal | int | str) -> Decimal:
    """`value` on the twelve-place grid, rounded half-even; raises `OutOfRange` where it does not fit."""
    result = CONTEXT.quantize(CONTEXT.create_decimal(value), QUANTUM)
    if result.copy_abs() >= LIMIT:  # `abs` would round to the 28 digits of Python's own context
        raise OutOfRange(f"{value} has more than {DIGITS - PLACES} digits before the point")
    return ZERO if result.is_zero() else result


def add(a: Decimal, b: Decimal) -> Decimal:
    return exact(CONTEXT.add(a, b))


def subtract(a: Decimal, b: Decimal) -> Decimal:
    return exact(CONTEXT.subtract(a, b))


def multiply(a: Decimal, b: Decimal) -> Decimal:
    return exact(CONTEXT.multiply(a, b))


def divide(a: Decimal, b: Decimal) -> Decimal:
    """`a / b`, correctly rounded half-even at the twelfth place; raises `DivisionByZero`."""
    if b.is_zero():
        raise DivisionByZero("division by zero")
    scaled_a, scaled_b = to_scaled(a), to_scaled(b)
    sign = -1 if (scaled_a < 0) != (scaled_b < 0) else 1
    quotient, rest = divmod(abs(scaled_a) * 10**PLACES, abs(scaled_b))
    twice = 2 * rest
    if twice > abs(scaled_b) or (twice == abs(scaled_b) and quotient % 2):
        quotient += 1
    return from_scaled(sign * quotient)


def to_scaled(value: Decimal) -> int:
    """The integer `value * 10^12`; `value` must be on the grid."""
    return int(CONTEXT.scaleb(value, PLACES).to_integral_exact(context=CONTEXT))


def from_scaled(value: int) -> Decimal:
    return exact(CONTEXT.scaleb(Decimal(value), -PLACES))


def text(value: Decimal) -> str:
    """Fixed notation with all twelve places: the form that is hashed."""
    return format(exact(value), "f")


def plain(value: Decimal) -> str:
    """Fixed notation without trailing zeros: the form that is read. `0.050000000000` is `0.05`."""
    shown = format(value, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
