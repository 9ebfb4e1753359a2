"""Looking up in numbered rows: sums between marks, and whether somebody was there on a day."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from compengine.engine.people import has_day
from compengine.engine.sums import ORDER, between
from compengine.values.frames import EXACT

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 9).map(lambda n: FIRST + timedelta(days=n))
KEYS = st.sampled_from(["ana", "bo", "bo:2"])
CREDITS = st.lists(st.tuples(KEYS, DAYS, st.integers(0, 1), st.integers(-9, 9)))
MARK = st.tuples(DAYS, st.integers(0, 3), st.integers(0, 4), st.integers(-1, 1))
MARKS = st.lists(st.tuples(st.one_of(KEYS, st.just("nobody"), st.none()), MARK, MARK))
TYPES = {"key": pl.String, "date": pl.Date, "phase": pl.Int8, "place": pl.UInt32, "side": pl.Int8}
Mark = tuple[date, int, int, int]


@settings(deadline=None)
@given(CREDITS, MARKS)
def test_a_sum_between_two_marks_is_that_of_the_credits_between_them(
    credits: list[tuple[str, date, int, int]], marks: list[tuple[str | None, Mark, Mark]]
) -> None:
    frame = pl.DataFrame(
        [(key, day, place, carried, Decimal(value)) for place, (key, day, carried, value) in enumerate(credits)],
        schema={"key": pl.String, "date": pl.Date, "place": pl.UInt32, "carried": pl.Int8, "value": EXACT},
        orient="row",
    )
    starts = pl.DataFrame([(key, *start) for key, start, _ in marks], schema=TYPES, orient="row")
    ends = pl.DataFrame([(key, *end) for key, _, end in marks], schema=TYPES, orient="row")
    found = between(frame, starts.select(ORDER), ends.select(ORDER), ["value"])["value"].to_list()

    def before(key: str | None, mark: Mark) -> int:
        stands = enumerate(credits)
        return sum(v for n, (k, day, carried, v) in stands if k == key and (day, carried + 1, n, 0) < mark)

    assert found == [before(key, end) - before(key, start) for key, start, end in marks]


@settings(deadline=None)
@given(st.lists(st.tuples(KEYS, DAYS, DAYS)), st.lists(st.tuples(KEYS, st.one_of(DAYS, st.none()))))
def test_somebody_has_a_day_if_any_of_their_intervals_holds_it(
    intervals: list[tuple[str, date, date]], asked: list[tuple[str, date | None]]
) -> None:
    spans = [(who, min(a, b), max(a, b)) for who, a, b in intervals]
    days = pl.DataFrame(spans, schema={"payee": pl.String, "first": pl.Date, "last": pl.Date}, orient="row")
    who, day = pl.Series([w for w, _ in asked], dtype=pl.String), pl.Series([d for _, d in asked], dtype=pl.Date)
    expected = [d is not None and any(w == p and a <= d <= b for p, a, b in spans) for w, d in asked]
    assert has_day(who, day, days).to_list() == expected


def test_the_first_and_the_last_day_there_are_belong_to_nobody_else() -> None:
    always = pl.DataFrame({"payee": ["ana", "bo"], "first": [date(1, 1, 1)] * 2, "last": [date(9999, 12, 31)] * 2})
    who = pl.Series(["ana", "ana", "bo", "bo", "cy"])
    ends = pl.Series([date(1, 1, 1), date(9999, 12, 31)] * 2 + [date(2026, 1, 1)])
    assert has_day(who, ends, always).to_list() == [True, True, True, True, False]
    assert has_day(who, ends, always.filter(pl.col("payee") == "bo")).to_list() == [False, False, True, True, False]
