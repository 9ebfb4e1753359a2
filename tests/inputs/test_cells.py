"""A cell has one meaning or none; whole columns are read to the same."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compengine.inputs.cells import Amount, Refusal, read_cell
from compengine.inputs.columns import read_column
from compengine.inputs.schema import ColumnType

ZONE = ZoneInfo("America/New_York")
N, P, M, D = ColumnType.NUMBER, ColumnType.PERCENT, ColumnType.MONEY, ColumnType.DATE
B, C, T = ColumnType.BOOL, ColumnType.CURRENCY, ColumnType.TEXT

READ = [
    (N, "12", Decimal("12")),
    (N, " -0.05 ", Decimal("-0.05")),
    (N, "1_234_567.123456789012", Decimal("1234567.123456789012")),
    (N, "-0.00", Decimal(0)),
    (N, "007", Decimal(7)),
    (N, "10000000000000", Decimal(10) ** 13),
    (N, "", None),
    (N, "  ", None),
    (P, "5%", Decimal("0.05")),
    (P, "0.05", Decimal("0.05")),
    (P, "5", Decimal(5)),
    (P, "-12.5%", Decimal("-0.125")),
    (M, "1200.5012", Amount(Decimal("1200.5012"), "")),
    (M, "1200.50 USD", Amount(Decimal("1200.5"), "USD")),
    (M, "EUR -3", Amount(Decimal(-3), "EUR")),
    (M, "3 eur", Amount(Decimal(3), "EUR")),
    (D, "2028-02-29", date(2028, 2, 29)),
    (D, "2026-02-01T04:30:00Z", date(2026, 1, 31)),
    (D, "2026-02-01T04:30:00.000+0000", date(2026, 1, 31)),
    (D, "2026-02-01T04:30:00-05:00", date(2026, 2, 1)),
    (D, "2026-02-01 00:00:00", date(2026, 2, 1)),
    (D, "2026-02-01T23:59", date(2026, 2, 1)),
    (D, "0001-01-01", date(1, 1, 1)),
    (D, "9999-12-31", date(9999, 12, 31)),
    (B, "TRUE", True),
    (B, "no", False),
    (B, "1", True),
    (C, "usd", "USD"),
    (C, "JPY", "JPY"),
    (T, "Cafe\u0301", "Caf\u00e9"),
    (T, " =1+1 ", "=1+1"),
    (T, "\u00a0x\u00a0", "x"),
    (T, "N/A", "N/A"),
    (T, "NULL", "NULL"),
]


@pytest.mark.parametrize(("kind", "text", "value"), READ)
def test_a_cell_that_can_be_read(kind: ColumnType, text: str, value: object) -> None:
    assert read_cell(kind, text, ZONE) == value


REFUSED = [
    (N, "1,234.56", "E403"),
    (N, "1.234,56", "E403"),
    (N, "1,5", "E403"),
    (N, "12-", "E403"),
    (N, "(12)", "E403"),
    (N, "+12", "E403"),
    (N, "1e5", "E403"),
    (N, "1E+05", "E403"),
    (N, ".5", "E403"),
    (N, "5.", "E403"),
    (N, "1__0", "E403"),
    (N, "_1", "E403"),
    (N, "１２", "E403"),
    (N, "−12", "E403"),
    (N, "NaN", "E403"),
    (N, "inf", "E403"),
    (N, "N/A", "E403"),
    (N, "#REF!", "E403"),
    (N, "=1+1", "E403"),
    (N, "5%", "E403"),
    (N, "1 000", "E403"),
    (N, "0.1234567890123", "E403"),
    (N, "10000000000000.01", "E408"),
    (N, "9999999999999999", "E408"),
    (N, "-99999999999999", "E408"),
    (P, "5 %", "E403"),
    (P, "%5", "E403"),
    (P, "1.23456789012%", "E403"),
    (M, "$5", "E403"),
    (M, "5 €", "E403"),
    (M, "USD 5 USD", "E403"),
    (M, "5USD", "E403"),
    (M, "5 XYZ", "E410"),
    (M, "5 Usd", "E410"),
    (M, "99999999999999 USD", "E408"),
    (D, "1/2/26", "E403"),
    (D, "31.01.2026", "E403"),
    (D, "2026-1-5", "E403"),
    (D, "2026-02-29", "E403"),
    (D, "0000-01-01", "E403"),
    (D, "20260131", "E403"),
    (D, "46053", "E403"),
    (D, "2026-01-31T25:00:00Z", "E403"),
    (D, "0001-01-01T00:00:00+14:00", "E403"),
    (D, "２０２６-01-01", "E403"),
    (B, "y", "E403"),
    (B, "2", "E403"),
    (C, "Usd", "E410"),
    (C, "US", "E410"),
    (C, "BTC", "E410"),
    (T, "a\x07b", "E411"),
    (T, "a\nb", "E411"),
    (T, "a\u202eb", "E411"),
    (T, "a\u200bb", "E411"),
]


@pytest.mark.parametrize(("kind", "text", "code"), REFUSED)
def test_a_cell_that_is_refused(kind: ColumnType, text: str, code: str) -> None:
    found = read_cell(kind, text, ZONE)
    assert isinstance(found, Refusal) and found.code == code


CELLS = st.one_of(
    st.text("0123456789.,_-+%eE() TZ:/", max_size=14),
    st.from_regex(r"-?[0-9_]{1,16}(\.[0-9]{0,13})?%?( (USD|EUR|usd|XYZ))?", fullmatch=True),
    st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9]:00(Z|[+-]0[0-9]:?00)?)?", fullmatch=True),
    st.dates().map(str),
    st.decimals(-(10**14), 10**14, places=4).map(str),
    st.sampled_from(["TRUE", "no", "USD", "eur", "Café", "Cafe\u0301", "x\u202ey", "\u00a0", "\x1c", "\u3000"]),
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(ColumnType)), st.lists(st.none() | CELLS, min_size=1, max_size=30))
def test_a_column_is_read_as_its_cells_are(kind: ColumnType, cells: list[str | None]) -> None:
    found = read_column(kind, pl.Series(cells, dtype=pl.String), ZONE)
    currencies = found.currencies if found.currencies is not None else pl.Series([None] * len(cells))
    for cell, value, currency, refused in zip(cells, found.values, currencies, found.refused, strict=True):
        expected = None if cell is None else read_cell(kind, cell, ZONE)
        if isinstance(expected, Refusal):
            assert refused and value is None
            assert cell is not None and found.reasons[strip(cell)] == expected
        elif isinstance(expected, Amount):
            assert (value, currency or "", refused) == (expected.value, expected.currency, False)
        else:
            assert (value, refused) == (expected, False)


def strip(cell: str) -> str:
    return str(pl.Series([cell]).str.strip_chars()[0])
