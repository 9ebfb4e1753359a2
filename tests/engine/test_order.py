"""Rows in order by one number: the same order as sorting by the columns themselves."""

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from compengine.engine.order import as_stream, assembled, in_order, number
from compengine.values.rows import Exclusion

BY = ["who", "day", "step"]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "a", "a:b", "a1", "b", "é", "𝒳"]),
        st.dates(date(2025, 12, 30), date(2026, 1, 2)),
        st.integers(-3, 3),
    ),
    unique=True,
)
CREDIT = {"source": pl.String, "payee": pl.String, "date": pl.Date}


def the_frame(rows: list[tuple[str, date, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"who": pl.String, "day": pl.Date, "step": pl.Int32}, orient="row")


@settings(deadline=None)
@given(ROWS)
def test_rows_are_sorted_as_their_columns_are(rows: list[tuple[str, date, int]]) -> None:
    frame = the_frame(rows)
    assert in_order(frame, BY).equals(frame.sort(BY))


@settings(deadline=None)
@given(ROWS)
def test_only_equal_rows_have_the_same_number(rows: list[tuple[str, date, int]]) -> None:
    frame = the_frame(rows + rows)
    assert number(frame, BY).n_unique() == len(rows)


def test_a_number_that_would_be_too_long_is_replaced_by_its_rank() -> None:
    far = [0, 2**40, 2**50]
    frame = pl.DataFrame([(a, b) for a in far for b in far], schema={"a": pl.Int64, "b": pl.Int64}, orient="row")
    assert in_order(frame.reverse(), ["a", "b"]).equals(frame)


def test_a_stream_knows_the_place_of_each_source_among_all() -> None:
    january, may = date(2026, 1, 31), date(2026, 5, 2)
    rows = [("D2", "bo", january), ("D10", "bo", may), ("D2", "ana", january), ("D1", "ana", may)]
    made = as_stream(pl.DataFrame(rows, schema=CREDIT, orient="row"))
    assert made.select("@n", "@id", "source", "payee").rows() == [
        (0, 2, "D2", "ana"),
        (1, 2, "D2", "bo"),
        (2, 0, "D1", "ana"),
        (3, 1, "D10", "bo"),
    ]


def excluded(plan: str, rule: str, sources: list[str], ids: list[int] | None) -> pl.DataFrame:
    frame = pl.DataFrame({"source": sources}).select(
        pl.lit(plan).alias("plan"),
        pl.lit(rule).alias("rule"),
        "source",
        pl.lit("").alias("payee"),
        pl.lit("").alias("by"),
    )
    return frame if ids is None else frame.with_columns(pl.Series("@id", ids, dtype=pl.UInt32))


def test_pieces_of_one_rule_are_put_together_by_their_sources_whatever_their_places_say() -> None:
    pieces = [
        excluded("b", "x", ["D1"], [7]),
        excluded("a", "y", ["D3", "D1"], [1, 0]),
        excluded("a", "x", ["D2", "D9"], [0, 1]),
        excluded("a", "x", ["D10", "D3"], None),
    ]
    found = assembled(Exclusion, pieces, ["plan", "rule"], ["@rule", "@id", "payee", "by"])
    assert found.select("plan", "rule", "source").rows() == [
        ("a", "x", "D10"),
        ("a", "x", "D2"),
        ("a", "x", "D3"),
        ("a", "x", "D9"),
        ("a", "y", "D1"),
        ("a", "y", "D3"),
        ("b", "x", "D1"),
    ]
    assert assembled(Exclusion, [], ["plan", "rule"], ["@rule"]).is_empty()
