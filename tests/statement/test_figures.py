"""Numbers are written with all their digits, and charts are the same twice."""

import re
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from statement_samples import ALL, crossing, negative

from compengine.statement import charts, figures
from compengine.statement.build import build
from compengine.statement.language import language
from compengine.statement.view import Figure, YearRow, YearToDate
from compengine.values.exact import exact

ENGLISH = language("en-GB")


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("1234567.5", "USD", "1,234,567.50"),
        ("-0.10", "USD", "−0.10"),
        ("-0", "USD", "0.00"),
        ("33333.333333333333", "USD", "33,333.333333333333"),
        ("1200", "JPY", "1,200"),
        ("1.5", "KWD", "1.500"),
        ("12345678901234567890123456.123456789012", "USD", "12,345,678,901,234,567,890,123,456.123456789012"),
    ],
)
def test_money_keeps_every_digit(value: str, currency: str, text: str) -> None:
    assert figures.money(ENGLISH, exact(value), currency) == text


@pytest.mark.parametrize(
    ("value", "text"), [("0.05", "5%"), ("0.0625", "6.25%"), ("-0.5", "−50%"), ("1.5", "150%"), ("0", "0%")]
)
def test_percent(value: str, text: str) -> None:
    assert figures.percent(ENGLISH, exact(value)) == text


@pytest.mark.parametrize(
    ("value", "text", "german"),
    [
        ("0.665", "66.5%", "66,5\xa0%"),
        ("-0.661111111111", "−119/180 (−66.11%)", "−119/180 (−66,11\xa0%)"),
        ("0.333333333333", "1/3 (33.33%)", "1/3 (33,33\xa0%)"),
        ("-0.688888888889", "−31/45 (−68.89%)", "−31/45 (−68,89\xa0%)"),
        ("-0.583333333333", "−7/12 (−58.33%)", "−7/12 (−58,33\xa0%)"),
        ("0.123457", "12.3457%", "12,3457\xa0%"),
        ("0.123456789123", "12.3456789123%", "12,3456789123\xa0%"),
    ],
)
def test_a_share_can_be_multiplied_by_on_a_pocket_calculator(value: str, text: str, german: str) -> None:
    assert figures.share(ENGLISH, exact(value)) == text
    assert figures.share(language("de-DE"), exact(value)) == german


def test_a_period_that_is_no_month_stands_as_the_calendar_writes_it() -> None:
    assert [figures.period(ENGLISH, x) for x in ("2026-01", "2026-Q1", "2026-13", "2026-W09")] == [
        "January 2026",
        "2026-Q1",
        "2026-13",
        "2026-W09",
    ]


@pytest.mark.parametrize("name", ALL)
def test_charts_are_well_formed_titled_and_the_same_twice(name: str) -> None:
    for shown in build(ALL[name]()).performance:
        if shown.tiers:
            picture = charts.ladder(ENGLISH, shown)
            assert picture == charts.ladder(ENGLISH, shown)
            root = ElementTree.fromstring(picture)
            assert [child.tag.split("}")[1] for child in root][:2] == ["title", "desc"]


@pytest.mark.parametrize(
    ("value", "to_next", "shown"),
    [
        ("0.804649165470", "0.195350834530", ("80.46%", "19.54%")),
        ("0.804650000000", "0.195350000000", ("80.47%", "19.53%")),
        ("0.999949999999", "0.000050000001", ("99.99%", "0.01%")),
        ("0.999990000000", "0.000010000000", ("99.99%", "0.01%")),
    ],
)
def test_a_position_is_rounded_but_to_no_tier_that_is_not_reached(
    value: str, to_next: str, shown: tuple[str, str]
) -> None:
    (stand,) = build(crossing()).performance
    at = replace(stand, value=Figure(exact(value), "%"), to_next=Figure(exact(to_next), "%"))
    assert (charts.guide(ENGLISH, at), charts.away(ENGLISH, at)) == shown
    assert charts.away(ENGLISH, stand) == "USD 9,500.00"


def test_a_position_above_all_tiers_is_rounded_half_up() -> None:
    (stand,) = build(crossing()).performance
    at = replace(stand, value=Figure(exact("1.504170833333"), "%"), to_next=None)
    assert charts.guide(ENGLISH, at) == "150.42%"


def test_a_marker_never_leaves_the_drawing() -> None:
    (stand,) = build(crossing()).performance
    for value in ("0", "-3", "1", "99999"):
        far = type(stand)(stand.plan, stand.label, type(stand.value)(exact(value), "%"), tiers=stand.tiers)
        xs = [int(e.attrib["x"]) for e in ElementTree.fromstring(charts.ladder(ENGLISH, far)) if "x" in e.attrib]
        assert all(0 <= x <= charts.WIDTH for x in xs)


def test_names_in_a_chart_are_text() -> None:
    (stand,) = build(negative()).performance
    evil = type(stand)(stand.plan, "<script>x</script>&", stand.value, tiers=stand.tiers)
    assert "<script>" not in charts.ladder(ENGLISH, evil)


@pytest.mark.parametrize("totals", [("5", "-3", "0"), ("0", "0"), ("-1",), ()])
def test_bars_of_a_year_with_negative_and_empty_months(totals: tuple[str, ...]) -> None:
    rows = tuple(YearRow(f"2026-0{n + 1}", (), Decimal(t), Decimal(t), n == 0) for n, t in enumerate(totals))
    picture = charts.year_bars(ENGLISH, YearToDate("USD", (), rows, YearRow("", (), Decimal(0), Decimal(0), False)))
    if rows:
        ElementTree.fromstring(picture)
    else:
        assert picture == ""


def test_a_bar_of_the_year_is_labelled_with_the_nearest_whole_number() -> None:
    rows = tuple(
        YearRow(f"2026-0{at}", (), Decimal(amount), Decimal(0), False)
        for at, amount in enumerate(("5403.86", "120.49", "-0.50"), 1)
    )
    picture = charts.year_bars(ENGLISH, YearToDate("USD", (), rows, YearRow("", (), Decimal(0), Decimal(0), False)))
    assert re.findall(r">([−\d][\d,]*)</text>", picture) == ["5,404", "120", "−1"]
