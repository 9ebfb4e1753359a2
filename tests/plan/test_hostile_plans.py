"""No text crashes the checker or holds it up: it gives a program, or diagnostics with places inside the file."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_world import HEAD, SAMPLE, WORKSPACE, check_text, scalar

from compengine.plan import parse
from compengine.plan.check import check
from compengine.source.diagnostic import Failed
from compengine.source.render import render
from compengine.source.text import Text

FILES = sorted((Path(__file__).parents[1] / "plans" / "good").glob("*.yaml"))
GOOD = [path.read_text(encoding="utf-8") for path in FILES]
PLACES = ("measure", "rate", "when", "pay", "to")
VOCABULARY = """
if then else and or not in between is empty default where to sum count max quota before after managers
deal.value credit.amount payee.target bookings attainment 5 5% 5_USD 2026-01-01 2026-Q1 quarter year period plan
reports same ( ) ( ) , . + - * / == != < >= = "a" 5 USD 90 days true life rolling month previous last from date lookup
"""
WORDS = VOCABULARY.split()


def assert_told(content: str) -> None:
    """A verdict in time, each diagnostic renderable and inside its file."""
    started = time.perf_counter()
    text = Text("plan.yaml", content)
    program, diagnostics = check([text], WORKSPACE)
    assert time.perf_counter() - started < 2
    assert (program is None) == bool(diagnostics)
    lines = content.splitlines() or [""]
    for d in diagnostics:
        assert d.place.span is not None
        assert 1 <= d.place.span.line <= len(lines) + 1
        assert render(d, {"plan.yaml": text})
        assert d.message.strip() and "None" not in d.message


@settings(max_examples=150, deadline=2000)
@given(st.text(max_size=300))
def test_any_text_gets_a_verdict(content: str) -> None:
    assert_told(content)


@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_row_of_words_parses_or_is_told(words: list[str]) -> None:
    try:
        value = scalar(" ".join(words))
        parse.expression(value)
    except Failed as failed:
        assert failed.diagnostics
    except AssertionError:
        return


@settings(max_examples=200, deadline=3000)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.sampled_from(PLACES))
def test_any_row_of_words_in_a_plan_gets_a_verdict(words: list[str], place: str) -> None:
    source = "\n        ".join(["|", " ".join(words)])
    rule = {"rate": "of: credit.amount\n    rate", "pay": "pay", "when": "pay: 5 USD\n    when"}.get(place, "pay")
    if place == "measure":
        assert_told(SAMPLE.replace("  half: 0.5", f"  half: {source}"))
    elif place == "to":
        assert_told(SAMPLE.replace("to: deal.owner", f"to: {source}"))
    else:
        assert_told(f"{SAMPLE}  extra:\n    per: credit of bookings\n    {rule}: {source}\n")


@settings(max_examples=250, deadline=3000)
@given(st.sampled_from(GOOD), st.data())
def test_a_good_plan_with_a_stretch_changed_gets_a_verdict(content: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 30)))
    piece = data.draw(st.one_of(st.sampled_from(WORDS), st.text(max_size=5), st.just("")))
    assert_told(content[:start] + piece + content[end:])


@settings(max_examples=150, deadline=3000)
@given(st.sampled_from(GOOD), st.data())
def test_a_good_plan_with_lines_moved_gets_a_verdict(content: str, data: st.DataObject) -> None:
    lines = content.splitlines(keepends=True)
    a, b = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    lines[a], lines[b] = lines[b], lines[a]
    assert_told("".join(lines))


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000 + "1" + ")" * 5000,
        " + ".join(["1"] * 2000),
        "-" * 3000 + "1",
        "not " * 900 + "true",
        "if true then 1 else " * 190 + "1",
        "1" * 4000,
        "a." * 1900 + "b",
        "max(" * 40 + "1",
        "1 default " * 300 + "1",
        '"' + "x" * 4000 + '"',
        "9" * 14 + "." + "9" * 400,
        "a" * 4096,
    ],
)
def test_a_hostile_expression_is_told_within_a_tenth_of_a_second(source: str) -> None:
    value = scalar("|\n  " + source)
    started = time.perf_counter()
    try:
        parse.expression(value)
    except Failed as failed:
        assert failed.diagnostics[0].code in ("E201", "E212")
    assert time.perf_counter() - started < 0.1


def test_a_long_chain_of_rules_is_no_deeper_than_a_short_one() -> None:
    measures = "".join(f"  m{n}: m{n + 1} + 1\n" for n in range(400)) + "  m400: 1\n"
    program, diagnostics = check_text(f"{HEAD}measures:\n{measures}earn:\n  a: {{per: month, pay: 5 USD * m0}}\n")
    assert diagnostics == ()
    assert program is not None


def test_measures_that_double_each_time_do_not_explode() -> None:
    measures = "".join(f"  m{n}: m{n + 1} + m{n + 1}\n" for n in range(40)) + "  m40: sum(bookings, year to date)\n"
    credits = "credits:\n  bookings: {from: deals, date: deal.closed_on, amount: deal.value, to: deal.owner}\n"
    rule = "{per: credit of bookings, of: credit.amount, rate: {position: m0, mode: marginal, bands: {0 USD: 5%}}}"
    started = time.perf_counter()
    check_text(f"{HEAD}{credits}measures:\n{measures}earn:\n  a: {rule}\n")
    assert time.perf_counter() - started < 5
