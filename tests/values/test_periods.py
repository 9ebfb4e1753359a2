"""Windows cover every day once, in every kind of calendar; months and years are counted as people count them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compengine.values.periods import (
    DAY,
    UNITS,
    Calendar,
    Kind,
    NoWindow,
    Window,
    add_months,
    anniversary_year,
    months_between,
)

LISTED = Calendar(
    "listed",
    Kind.DATES,
    date(2026, 1, 1),
    starts=tuple(add_months(date(2026, 1, 5), n) for n in range(24)),
    ends=date(2028, 1, 4),
    per_year=12,
)
CALENDARS = [
    Calendar("monthly", Kind.MONTHS, date(2026, 1, 1), 15),
    Calendar("fiscal", Kind.MONTHS, date(2026, 2, 1)),
    Calendar("from the 26th", Kind.MONTHS, date(2026, 1, 26)),
    Calendar("halves", Kind.HALF_MONTHS, date(2026, 4, 1)),
    Calendar("weeks", Kind.WEEKS, date(2026, 1, 3)),
    Calendar("retail", Kind.FOUR_FOUR_FIVE, date(2026, 2, 1), long_years=frozenset({2023, 2028})),
    Calendar("tax", Kind.YEARS, date(2026, 4, 6)),
    LISTED,
]
BY_NAME = {c.name: c for c in CALENDARS}
DAYS = st.dates(date(2026, 1, 5), date(2028, 1, 4))
EVERY = [(c, unit) for c in CALENDARS for unit in UNITS]


@pytest.mark.parametrize(("calendar", "unit"), EVERY, ids=lambda x: x if isinstance(x, str) else x.name)
def test_every_day_is_in_one_window(calendar: Calendar, unit: str) -> None:
    found = calendar.between(unit, date(2026, 1, 5), date(2028, 1, 4))
    assert found[0].start <= date(2026, 1, 5) and found[-1].end >= date(2028, 1, 4)
    for window, following in pairwise(found):
        assert following.start == window.end + DAY
    for window in found:
        assert window.days >= 1
        for day in (window.start, window.end, window.start + window.days // 2 * DAY):
            assert calendar.window(unit, day) == window and day in window
        assert calendar.named(unit, window.label) == window
    assert len({w.label for w in found}) == len(found)


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda c: c.name)
def test_periods_do_not_cross_quarters_and_years_unless_they_are_weeks(calendar: Calendar) -> None:
    if calendar.kind in (Kind.WEEKS, Kind.YEARS):
        return
    for period in calendar.between("period", date(2026, 1, 5), date(2028, 1, 4)):
        for unit in ("quarter", "year"):
            assert calendar.window(unit, period.start) == calendar.window(unit, period.end)


@given(DAYS)
def test_the_window_before_ends_the_day_before(day: date) -> None:
    for calendar in CALENDARS[:-1]:
        for unit in UNITS:
            assert calendar.previous(unit, day).end + DAY == calendar.window(unit, day).start


LABELS = [
    ("monthly", "period", "2028-02-29", "2028-02", "2028-02-01", "2028-02-29"),
    ("monthly", "quarter", "2026-05-15", "2026-Q2", "2026-04-01", "2026-06-30"),
    ("fiscal", "quarter", "2026-01-31", "2025-Q4", "2025-11-01", "2026-01-31"),
    ("fiscal", "year", "2027-01-31", "2026", "2026-02-01", "2027-01-31"),
    ("from the 26th", "period", "2026-02-25", "2026-01", "2026-01-26", "2026-02-25"),
    ("from the 26th", "period", "2028-03-01", "2028-02", "2028-02-26", "2028-03-25"),
    ("halves", "period", "2028-02-29", "2028-02-H2", "2028-02-16", "2028-02-29"),
    ("halves", "period", "2026-02-15", "2026-02-H1", "2026-02-01", "2026-02-15"),
    ("halves", "year", "2026-03-31", "2025", "2025-04-01", "2026-03-31"),
    ("weeks", "period", "2026-01-09", "2026-W01", "2026-01-03", "2026-01-09"),
    ("weeks", "year", "2026-12-31", "2026", "2026-01-01", "2026-12-31"),
    ("weeks", "quarter", "2026-12-31", "2026-Q4", "2026-10-01", "2026-12-31"),
    ("retail", "period", "2026-02-28", "2026-P01", "2026-02-01", "2026-02-28"),
    ("retail", "period", "2026-05-02", "2026-P03", "2026-03-29", "2026-05-02"),
    ("retail", "quarter", "2026-05-03", "2026-Q2", "2026-05-03", "2026-08-01"),
    ("retail", "year", "2028-12-01", "2028", "2028-01-30", "2029-02-03"),
    ("retail", "period", "2029-02-03", "2028-P12", "2028-12-24", "2029-02-03"),
    ("retail", "year", "2024-02-03", "2023", "2023-01-29", "2024-02-03"),
    ("tax", "period", "2026-04-05", "2025", "2025-04-06", "2026-04-05"),
    ("tax", "month", "2026-04-06", "2026-04", "2026-04-06", "2026-05-05"),
    ("listed", "period", "2026-02-04", "2026-P01", "2026-01-05", "2026-02-04"),
    ("listed", "quarter", "2027-01-05", "2027-Q1", "2027-01-05", "2027-04-04"),
    ("listed", "year", "2028-01-04", "2027", "2027-01-05", "2028-01-04"),
]


@pytest.mark.parametrize(("name", "unit", "day", "label", "start", "end"), LABELS)
def test_windows_by_name(name: str, unit: str, day: str, label: str, start: str, end: str) -> None:
    expected = Window(date.fromisoformat(start), date.fromisoformat(end), label)
    assert BY_NAME[name].window(unit, date.fromisoformat(day)) == expected


def test_retail_years_are_52_weeks_or_53() -> None:
    years = BY_NAME["retail"].between("year", date(2020, 1, 1), date(2030, 12, 31))
    assert {y.label for y in years if y.days == 53 * 7} == {"2023", "2028"}
    assert {y.days for y in years} == {52 * 7, 53 * 7}
    weeks = [p.days // 7 for p in BY_NAME["retail"].between("period", date(2028, 1, 30), date(2029, 2, 3))]
    assert weeks == [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 6]


@pytest.mark.parametrize(
    "label", ["2026-13", "2026-1", "2026-00", "", "x", "2026-01-01", "9999-01", "2026-Q5", "20२६-01"]
)
def test_an_unknown_label_is_no_window(label: str) -> None:
    for calendar in CALENDARS:
        with pytest.raises(NoWindow):
            calendar.period(label)


def test_no_period_outside_the_list() -> None:
    for day in (date(2026, 1, 4), date(2028, 1, 5)):
        with pytest.raises(NoWindow):
            LISTED.window("period", day)
    assert LISTED.between("period", date(2020, 1, 1), date(2030, 1, 1))[-1].end == date(2028, 1, 4)


def test_pay_date_counts_from_the_end() -> None:
    monthly = BY_NAME["monthly"]
    assert monthly.pay_date(monthly.period("2028-02")) == date(2028, 3, 15)


MONTHS = [
    ("2026-01-31", "2026-02-28", 1),
    ("2028-01-31", "2028-02-29", 1),
    ("2028-01-31", "2028-02-28", 0),
    ("2026-02-28", "2026-03-28", 1),
    ("2026-01-15", "2026-02-14", 0),
    ("2026-03-31", "2026-02-28", -1),
    ("2028-02-29", "2029-02-28", 12),
    ("2026-01-01", "2026-01-01", 0),
]


@pytest.mark.parametrize(("first", "second", "months"), MONTHS)
def test_completed_months(first: str, second: str, months: int) -> None:
    assert months_between(date.fromisoformat(first), date.fromisoformat(second)) == months


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_completed_months_are_the_most_that_fit(first: date, second: date) -> None:
    n = months_between(first, second)
    assert add_months(first, n) <= second < add_months(first, n + 1)


def test_an_anniversary_on_leap_day_falls_on_the_28th() -> None:
    hired = date(2024, 2, 29)
    assert anniversary_year(hired, date(2025, 2, 27)).start == hired
    assert anniversary_year(hired, date(2025, 2, 28)) == Window(date(2025, 2, 28), date(2026, 2, 27), "2025-02-28/P1Y")
    assert anniversary_year(hired, date(2028, 2, 28)).start == date(2027, 2, 28)
    assert anniversary_year(hired, date(2028, 2, 29)).start == date(2028, 2, 29)


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.dates(date(1990, 1, 1), date(2040, 12, 31)))
def test_anniversary_years_cover_every_day_once(hired: date, day: date) -> None:
    year = anniversary_year(hired, day)
    assert day in year and year.days in (365, 366)
    assert anniversary_year(hired, year.end + timedelta(days=1)).start == year.end + DAY


@given(
    st.dates(date(2025, 12, 1), date(2026, 3, 1)),
    st.integers(-3, 60),
    st.frozensets(st.integers(0, 6)),
    st.frozensets(st.dates(date(2025, 12, 20), date(2026, 1, 20))),
)
def test_working_days_are_those_that_are_worked(
    first: date, length: int, weekend: frozenset[int], holidays: frozenset[date]
) -> None:
    calendar = Calendar("c", Kind.MONTHS, date(2026, 1, 1), weekend=weekend, holidays=holidays)
    days = [first + n * DAY for n in range(length)]
    assert calendar.working_days(first, first + (length - 1) * DAY) == sum(calendar.is_worked(day) for day in days)


def test_new_year_and_two_weekends_are_not_worked() -> None:
    calendar = Calendar("c", Kind.MONTHS, date(2026, 1, 1), holidays=frozenset({date(2026, 1, 1)}))
    assert calendar.working_days(date(2026, 1, 1), date(2026, 1, 11)) == 6
