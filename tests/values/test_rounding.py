"""Rounding is symmetric and never off by a unit; parts add up to the whole."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compengine.values.exact import from_scaled
from compengine.values.rounding import FINEST, Rounding, floor_to, round_to, split

CENT = Decimal("0.01")
UNITS = st.sampled_from([Decimal(1), CENT, Decimal("0.001"), Decimal(100), Decimal("0.05"), FINEST])
NUMBERS = st.integers(-(10**22), 10**22).map(from_scaled)
MODES = st.sampled_from(list(Rounding))


@pytest.mark.parametrize(
    ("value", "up", "even"),
    [("2.345", "2.35", "2.34"), ("2.335", "2.34", "2.34"), ("-2.345", "-2.35", "-2.34"), ("2.3449999", "2.34", "2.34"),
     ("0.005", "0.01", "0"), ("-0.005", "-0.01", "0")],
)  # fmt: skip
def test_ties(value: str, up: str, even: str) -> None:
    assert round_to(Decimal(value), CENT, Rounding.HALF_UP) == Decimal(up)
    assert round_to(Decimal(value), CENT, Rounding.HALF_EVEN) == Decimal(even)


@given(NUMBERS, UNITS, MODES)
def test_the_nearest_multiple(value: Decimal, unit: Decimal, mode: Rounding) -> None:
    found = round_to(value, unit, mode)
    assert (Fraction(found) / Fraction(unit)).denominator == 1
    assert abs(Fraction(found) - Fraction(value)) <= Fraction(unit) / 2
    assert round_to(-value, unit, mode) == -found
    assert round_to(found, unit, mode) == found


@given(NUMBERS, UNITS)
def test_floor_is_the_multiple_below(value: Decimal, unit: Decimal) -> None:
    found = floor_to(value, unit)
    assert found <= value < found + unit and (Fraction(found) / Fraction(unit)).denominator == 1


AMOUNTS = st.integers(-(10**12), 10**12).map(lambda cents: Decimal(cents).scaleb(-2))
WEIGHTS = st.lists(st.decimals(0, 100, places=4), min_size=1, max_size=7).filter(any)


@given(AMOUNTS, WEIGHTS, st.randoms(use_true_random=False))
def test_parts_add_up_and_are_fair(amount: Decimal, weights: list[Decimal], dice: random.Random) -> None:
    named = [(f"p{i}", weight) for i, weight in enumerate(weights)]
    parts = split(amount, named, CENT)
    assert sum(parts) == amount
    total = sum(Fraction(w) for w in weights)
    for part, weight in zip(parts, weights, strict=True):
        ideal = Fraction(amount) * Fraction(weight) / total
        assert abs(Fraction(part) - ideal) < Fraction(CENT) + Fraction(1, 10**10)
        assert weight or part == 0
        assert (Fraction(part) * 100).denominator == 1
    assert split(-amount, named, CENT) == [-part for part in parts]
    order = list(range(len(named)))
    dice.shuffle(order)
    assert split(amount, [named[i] for i in order], CENT) == [parts[i] for i in order]


@given(NUMBERS, WEIGHTS)
def test_finer_amounts_add_up_too(amount: Decimal, weights: list[Decimal]) -> None:
    assert sum(split(amount, [(str(i), w) for i, w in enumerate(weights)], CENT)) == amount


def test_a_part_carried_over_a_unit_by_the_twelfth_place_gives_it_back() -> None:
    amount = Decimal("2441406.249999995")
    assert split(amount, [("a", Decimal("0.0001"))], CENT) == [amount]
    assert split(-amount, [("a", Decimal("0.0001"))], CENT) == [-amount]


def test_sums_of_more_than_28_digits_stay_exact() -> None:
    amount = Decimal("123456789012345678901.23")
    parts = split(-amount, [("a", Decimal(1)), ("b", Decimal("0.000000000001"))], FINEST)
    assert sum(map(Fraction, parts)) == -Fraction(amount)
    assert round_to(amount, CENT, Rounding.HALF_UP) == amount and floor_to(amount, CENT) == amount


def test_units_left_over_go_to_the_largest_remainder_then_by_id() -> None:
    thirds = [(name, Decimal(1)) for name in ("c", "a", "b")]
    assert split(Decimal(100), thirds, CENT) == [Decimal("33.33"), Decimal("33.34"), Decimal("33.33")]
    uneven = [("a", Decimal("0.7")), ("b", Decimal("0.3"))]
    assert split(Decimal("0.05"), uneven, CENT) == [Decimal("0.04"), Decimal("0.01")]
    assert split(Decimal("10000"), [(n, Decimal(1)) for n in "abc"], CENT)[0] == Decimal("3333.34")
    assert split(Decimal(5), [("a", Decimal(2)), ("b", Decimal(0))], Decimal(1)) == [5, 0]


@pytest.mark.parametrize("weights", [[], [("a", Decimal(0))], [("a", Decimal(2)), ("b", Decimal(-1))]])
def test_weights_that_say_nothing_are_refused(weights: list[tuple[str, Decimal]]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(Decimal(1), weights, CENT)
