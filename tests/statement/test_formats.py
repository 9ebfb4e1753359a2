"""The same rows as CSV and as a workbook: exact, harmless, and recomputed by an evaluation of the formulas."""

import csv
import io
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import openpyxl
import pytest
from hostile_texts import everywhere, filled
from statement_samples import ALL, component, crossing, facts, hostile, manager, plan, row, settlement, true_up
from test_decided import adjusted, by_hand

from compengine.statement.build import build
from compengine.statement.html import render_html
from compengine.statement.identities import _line
from compengine.statement.rows import BELOW, COLUMNS, rows_csv, written
from compengine.statement.templates import load_template
from compengine.statement.view import Figure, StatementView, total
from compengine.statement.workbook import pattern, rounded, workbook
from compengine.values.exact import exact
from compengine.values.rounding import Rounding, round_to

SAMPLES = ALL | {"adjusted": lambda: adjusted(by_hand("250"))}
NAMES = sorted(SAMPLES)
FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1+1", ' "=1', '=HYPERLINK("http://x","y")')


def table(view: StatementView) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(rows_csv(view).decode(), newline="")))


def book(view: StatementView) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(view)))


@pytest.mark.parametrize("name", NAMES)
def test_paid_rows_add_up_to_what_was_earned(name: str) -> None:
    view = build(SAMPLES[name]())
    for bridge in view.bridges:
        paid = [Decimal(r["amount"]) for r in table(view) if r["paid"] == "yes" and r["currency"] == bridge.currency]
        assert total(paid) == _line(bridge, "earned")


@pytest.mark.parametrize("name", NAMES)
def test_every_posted_row_is_one_line_with_its_exact_product(name: str) -> None:
    given = SAMPLES[name]()
    lines = table(build(given))
    assert len([line for line in lines if line["section"] != BELOW]) == len(given.rows)
    for line in lines:
        if line["kind"] in ("rate", "claw"):
            whole = 100 if line["rate_unit"] == "%" else 1
            assert Decimal(line["basis"]) * Decimal(line["rate"]) / whole == Decimal(line["unrounded"])


def test_csv_figures_are_in_their_unit_and_money_has_its_places() -> None:
    fixed = row("D2", "450", "1", part="pay", kind="flat", amount="450")
    view = build(facts([row("D1", "1000", "0.045"), fixed], settlement("495"), plan(component("commission"))))
    first, second = table(view)
    names = ("basis", "rate", "rate_unit", "unrounded", "amount")
    assert [first[name] for name in names] == ["1000.00", "4.5", "%", "45.00", "45.00"]
    assert [second[name] for name in names] == ["450.00", "", "", "450.00", "450.00"]
    assert written(Figure(exact("1234"), "JPY")) == "1234" and written(Figure(exact("-0.5"), "KWD")) == "-0.500"
    assert written(Figure(exact("3.14159"), "USD")) == "3.14159" and written(Figure(exact("1"), "%")) == "100"


def test_a_deal_in_another_currency_has_its_own_amount_and_rate_in_every_format() -> None:
    """D1002 is of this period, and comes late in the second statement."""
    now = true_up()
    late = tuple(
        replace(p, row=replace(p.row, for_period="2026-02")) if p.row.source == "D1002" else p for p in now.rows
    )
    for given in (now, replace(now, rows=late)):
        view = build(given)
        lines = [line for line in table(view) if line["source"] == "D1002"]
        assert lines
        for line in lines:
            assert (line["own_amount"], line["own_currency"]) == ("62111.80", "EUR")
            assert line["exchange_rate"] == "1.073333333333"
        sheet = book(view)["Rows"]
        heads = [cell.value for cell in sheet[1]]
        at = heads.index("Own amount")
        own = [[c.value for c in line[at : at + 3]] for line in sheet.iter_rows(min_row=2) if line[4].value == "D1002"]
        assert own and all(each == [62111.8, "EUR", 1.073333333333] for each in own)
        page = " ".join(render_html(view, load_template()).replace("\u00a0", " ").split())
        assert "credited at 60%, EUR 62,111.80 at 1.073333333333 of 28 Mar 2026" in page
    assert not any(line["own_currency"] for line in table(build(crossing())))


def test_the_people_below_a_manager_are_in_every_format_and_add_up_from_the_rows() -> None:
    view = build(manager())
    people = [line for line in table(view) if line["section"] == BELOW]
    assert [(p["source"], p["details"], p["basis"], p["amount"], p["paid"]) for p in people] == [
        ("ben", "Ben Adeyemi-Wójcik", "50000.00", "1000.00", "no"),
        ("cleo", "Cleo สมชาย", "40000.00", "800.00", "no"),
    ]
    for person in people:
        through = [x for x in table(view) if x["section"] == "earned" and x["through"] == person["source"]]
        assert total(Decimal(x["amount"]) for x in through) == Decimal(person["amount"]) > 0
    file = book(view)
    printed = [[cell.value for cell in line[1:7]] for line in file["People"].iter_rows(min_row=2)]
    assert printed == [
        ["ben", "Ben Adeyemi-Wójcik", 2, 50000, "USD", 1000],
        ["cleo", "Cleo สมชาย", 1, 40000, "USD", 800],
        ["", "Your own", None, 5000, "USD", 100],
        ["", "Limits and what was carried", None, 0, "USD", -100],
        ["", "Bookings", None, 95000, "USD", 1800],
    ]
    assert set(differences(file)) == {0}
    file["People"]["G2"].value += 1
    assert len([left for left in differences(file) if left]) == 2  # the person and the sum
    assert "People" not in book(build(crossing())).sheetnames


def test_csv_has_its_columns_and_line_ends() -> None:
    content = rows_csv(build(crossing()))
    assert content.decode().split("\r\n")[0] == ",".join(COLUMNS)
    assert content.count(b"\r\n") == 1 + len(crossing().rows) and content.endswith(b"\r\n")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_csv_can_be_a_formula(text: str) -> None:
    named, full = build(hostile(text)), everywhere(filled(build(crossing())), text)
    assert all(any(text in cell for line in table(view) for cell in line.values()) for view in (named, full))
    for line in (*table(named), *table(full)):
        for name, cell in line.items():
            start = cell.lstrip(' "')[:1]
            assert start not in tuple("=+@\t\r＝＋＠－") or cell.startswith("'"), (name, cell)
            assert start != "-" or re.fullmatch(r"-?[0-9.]+", cell), (name, cell)


@pytest.mark.parametrize("text", FORMULAS)
def test_only_our_own_formulas_are_in_a_workbook(text: str) -> None:
    ours = re.compile(r"=[-+A-Z0-9$!(),:*^&.\"]*(?:\"[a-z]+\"[),:$A-Z0-9!]*)*")
    full, doubled = everywhere(filled(build(crossing())), text), text.replace('"', '""')
    for sheet in (*book(build(hostile(text))), *book(full)):
        for line in sheet.iter_rows():
            for cell in line:
                if cell.data_type == "f":
                    told = cell.value.replace("'Rows'!", "").replace(f'"{doubled}"', '"text"')
                    assert ours.fullmatch(told), cell.value
                    assert "HYPERLINK" not in told
                elif isinstance(cell.value, str):
                    assert cell.data_type == "s"


def test_numbers_are_numbers_and_ids_are_texts() -> None:
    view = build(facts([row("00123", "1000.5", "0.075")], settlement("75.04"), plan(component("commission"))))
    sheet = book(view)["Rows"]
    line = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (line["Source"].value, line["Source"].data_type) == ("00123", "s")
    assert (line["Basis"].value, line["Rate"].value, line["Printed"].value) == (1000.5, 0.075, 75.04)
    formats = [line[name].number_format for name in ("Basis", "Rate", "Printed", "Source")]
    assert formats == ["#,##0.00", "0.0%", "#,##0.00", "@"]


def test_the_same_view_gives_the_same_workbook() -> None:
    view = build(true_up())
    assert workbook(view) == workbook(view)


@pytest.mark.parametrize(
    ("value", "unit", "meant"),
    [
        ("1234", "JPY", "#,##0"),
        ("1234", "USD", "#,##0.00"),
        ("1.5", "KWD", "#,##0.000"),
        ("0.0825", "%", "0.00%"),
        ("1.23456", "USD", "#,##0.00000"),
    ],
)
def test_a_number_shows_the_places_of_its_currency_or_all_it_has(value: str, unit: str, meant: str) -> None:
    assert pattern(exact(value), unit) == meant


# --- the formulas, evaluated as a spreadsheet does: binary numbers, rounding by fifteen digits


def excel_round(value: float, places: int) -> float:
    shown = Decimal(f"{value:.15g}")
    return float(shown.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP))


def sumifs(values: list[Any], *tests: Any) -> float:
    pairs = list(zip(tests[::2], tests[1::2], strict=True))
    return sum(v or 0 for at, v in enumerate(values) if all(column[at] == wanted for column, wanted in pairs))


def evaluate(file: Any, sheet: str, formula: str) -> Any:
    def cell(name: str) -> Any:
        value = file[sheet][name.replace("$", "")].value
        return evaluate(file, sheet, value) if isinstance(value, str) and value.startswith("=") else value

    def column(first: str, last: str) -> list[Any]:
        return [line[0].value for line in file["Rows"][f"{first}:{last}".replace("$", "")]]

    one = r"\$?[A-Z]\$?[0-9]+"
    words = re.compile(rf'"[^"]*"|\'Rows\'!({one}):({one})|{one}|(?<![<>])=|\^')

    def python(found: re.Match[str]) -> str:
        text = found[0]
        if text.startswith('"'):
            return text
        if text.startswith("'"):
            return f"column({found[1]!r}, {found[2]!r})"
        return {"=": "==", "^": "**"}.get(text, f"cell({text!r})")

    names = {
        "cell": cell,
        "column": column,
        "ROUND": excel_round,
        "SUMIFS": sumifs,
        "ABS": abs,
        "TRUNC": int,
        "ISEVEN": lambda n: int(n) % 2 == 0,
        "AND": lambda *tests: all(tests),
        "IF": lambda test, yes, no: yes if test else no,
        "SIGN": lambda n: (n > 0) - (n < 0),
    }
    return eval(words.sub(python, formula.removeprefix("=")), names)


def differences(file: Any) -> list[float]:
    """What every column of differences comes to, and that there are some."""
    found: list[float] = []
    for sheet in file:
        heads: dict[int, str] = {}
        for line in sheet.iter_rows():
            heads = {c.column: c.value for c in line if c.value == "Difference"} or heads
            found += [evaluate(file, sheet.title, c.value) for c in line if c.column in heads and c.data_type == "f"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_of_a_workbook_comes_to_what_is_printed(name: str) -> None:
    found = differences(book(build(SAMPLES[name]())))
    assert found and set(found) == {0}


def test_a_component_that_is_rounded_as_a_whole_is_recomputed_as_one() -> None:
    one = plan(component("commission"), per_component=True)
    given = [row("D1", "0.33", "0.5", amount="0.17"), row("D2", "0.33", "0.5", amount="0.16")]
    file = book(build(facts(given, settlement("0.33"), one)))
    assert file["Sums"]["G2"].value.startswith("=ROUND(SUMIFS(")
    assert [cell.value for cell in file["Rows"]["O"][1:]] == [None, None]
    assert set(differences(file)) == {0}


@pytest.mark.parametrize("sheet", ["Rows", "Sums", "Summary"])
def test_a_changed_amount_shows_as_a_difference(sheet: str) -> None:
    file = book(build(crossing()))
    changed = {"Rows": "M2", "Sums": "C2", "Summary": "B14"}[sheet]
    assert isinstance(file[sheet][changed].value, int | float)
    file[sheet][changed].value += 0.01
    assert any(abs(left) == 0.01 for left in differences(file))


@pytest.mark.parametrize("mode", list(Rounding))
@pytest.mark.parametrize("value", ["0.125", "0.135", "-0.125", "-0.135", "1.005", "2.675", "0.1249", "0.0", "33.3335"])
def test_a_workbook_rounds_as_the_plan_does(mode: Rounding, value: str) -> None:
    meant = round_to(exact(value), Decimal("0.01"), mode)
    assert evaluate({}, "Rows", rounded(f"({value})", 2, mode.value)) == pytest.approx(float(meant), abs=1e-9)


def test_a_half_even_plan_is_recomputed_half_even() -> None:
    even = plan(component("commission"), rounding=Rounding.HALF_EVEN)
    given = replace(row("D1", "1.25", "0.1"), amount=exact("0.12"))
    file = book(build(facts([given], settlement("0.12"), even)))
    assert set(differences(file)) == {0}
