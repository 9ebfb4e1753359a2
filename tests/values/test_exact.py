"""The number type: exact sums, half-even products and quotients, and the same in columns."""

from decimal import Decimal, DivisionByZero
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compengine.values import exact
from compengine.values.exact import OutOfRange
from compengine.values.frames import EXACT

NUMBERS = st.integers(-(10**25), 10**25).map(exact.from_scaled)
SMALL = st.integers(-(10**20), 10**20).map(exact.from_scaled)


def half_even(value: Fraction) -> Decimal:
    """`value` at the twelfth place, by integers alone."""
    scaled = value * 10**12
    return exact.from_scaled(round(scaled))


@given(NUMBERS, NUMBERS)
def test_sums_are_exact(a: Decimal, b: Decimal) -> None:
    assert Fraction(exact.add(a, b)) == Fraction(a) + Fraction(b)
    assert Fraction(exact.subtract(a, b)) == Fraction(a) - Fraction(b)


@given(SMALL, SMALL)
def test_products_and_quotients_round_half_even(a: Decimal, b: Decimal) -> None:
    assert exact.multiply(a, b) == half_even(Fraction(a) * Fraction(b))
    if b:
        assert exact.divide(a, b) == half_even(Fraction(a) / Fraction(b))


def test_a_tie_goes_to_the_even_digit() -> None:
    last = Decimal("0.000000000001")
    assert exact.multiply(last, Decimal("0.5")) == 0
    assert exact.multiply(3 * last, Decimal("0.5")) == 2 * last
    assert exact.divide(last, Decimal(2)) == 0
    assert exact.divide(-3 * last, Decimal(2)) == -2 * last


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=20))
def test_columns_calculate_the_same(pairs: list[tuple[Decimal, Decimal]]) -> None:
    frame = pl.DataFrame(pairs, schema={"a": EXACT, "b": EXACT}, orient="row")
    frame = frame.select(
        (pl.col("a") + pl.col("b")).alias("sum"),
        (pl.col("a") * pl.col("b")).alias("product"),
        (pl.col("a") / pl.when(pl.col("b") != pl.lit(0, dtype=EXACT)).then("b")).alias("quotient"),
    )
    assert set(frame.schema.values()) == {EXACT}
    for (a, b), (total, product, quotient) in zip(pairs, frame.iter_rows(), strict=True):
        assert total == exact.add(a, b) and product == exact.multiply(a, b)
        assert quotient == (exact.divide(a, b) if b else None)


def test_what_does_not_fit_raises() -> None:
    largest = exact.CONTEXT.subtract(exact.LIMIT, exact.QUANTUM)
    assert exact.exact(largest) == largest
    for too_large in (lambda: exact.exact(exact.LIMIT), lambda: exact.add(largest, exact.QUANTUM)):
        with pytest.raises(OutOfRange):
            too_large()
    with pytest.raises(OutOfRange):
        exact.multiply(Decimal(10) ** 13, Decimal(10) ** 13)
    with pytest.raises(DivisionByZero):
        exact.divide(Decimal(1), Decimal(0))


def test_a_hundred_million_input_numbers_cannot_reach_the_limit() -> None:
    assert exact.AMOUNT_LIMIT * 10**8 * 1000 < exact.LIMIT


def test_zero_has_no_sign() -> None:
    assert str(exact.exact("-0.00")) == str(exact.ZERO) == str(exact.multiply(Decimal(-1), Decimal(0)))


@given(NUMBERS)
def test_text_and_scaled_forms_lead_back(value: Decimal) -> None:
    assert Decimal(exact.text(value)) == value and len(exact.text(value).split(".")[1]) == 12
    assert Decimal(exact.plain(value)) == value
    assert exact.from_scaled(exact.to_scaled(value)) == value


@pytest.mark.parametrize(
    ("value", "shown"), [("0.05", "0.05"), ("100", "100"), ("1200.50", "1200.5"), ("0", "0"), ("-3.10", "-3.1")]
)
def test_plain_text_has_no_zeros_to_spare(value: str, shown: str) -> None:
    assert exact.plain(exact.exact(value)) == shown
