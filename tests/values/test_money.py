"""Currencies and their minor units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compengine.values.money import EXPONENTS, fixed, from_minor, is_currency, minor_unit, to_minor


@pytest.mark.parametrize(
    ("currency", "unit", "minor", "shown"),
    [
        ("USD", "0.01", 123456, "1234.56"),
        ("JPY", "1", 1234, "1234"),
        ("KWD", "0.001", 1234567, "1234.567"),
        ("HUF", "0.01", -5, "-0.05"),
        ("ISK", "1", 0, "0"),
    ],
)
def test_minor_units(currency: str, unit: str, minor: int, shown: str) -> None:
    assert minor_unit(currency) == Decimal(unit)
    assert fixed(from_minor(minor, currency), currency) == shown


@given(st.sampled_from(sorted(EXPONENTS)), st.integers(-(10**15), 10**15))
def test_minor_units_lead_back(currency: str, minor: int) -> None:
    assert to_minor(from_minor(minor, currency), currency) == minor


def test_an_amount_between_two_units_is_refused() -> None:
    with pytest.raises(ValueError, match="whole number"):
        to_minor(Decimal("1.005"), "USD")
    with pytest.raises(ValueError, match="whole number"):
        to_minor(Decimal("0.5"), "JPY")


def test_codes() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)
    assert is_currency("EUR") and not is_currency("eur") and not is_currency("BTC") and not is_currency("")
    assert set(EXPONENTS.values()) == {0, 2, 3}
