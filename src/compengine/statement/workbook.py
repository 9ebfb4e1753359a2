"""View → XLSX: the statement's rows as numbers, recomputed beside what was printed, and every sum as a formula.

A workbook calculates in binary with some fifteen digits; the printed amounts beside the formulas are the exact ones.
The same view gives the same bytes.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from compengine.statement import figures
from compengine.statement.downline import Downline
from compengine.statement.language import Language, language, say
from compengine.statement.rows import Row, details, rows
from compengine.statement.view import Bridge, Conversion, StatementView
from compengine.values.exact import plain
from compengine.values.money import EXPONENTS, is_currency

HEADS = (
    ("section", 11), ("plan", 18), ("component", 22), ("for.period", 10), ("source", 16), ("details", 34),
    ("date", 11), ("line", 20), ("basis", 15), ("unit", 6), ("rate", 11), ("exact", 18), ("printed", 14),
    ("currency", 8), ("recomputed", 14), ("difference", 11), ("paid", 6), ("note", 50),
    ("original.statement", 18), ("original.line", 22), ("own.amount", 14), ("own.currency", 8), ("own.rate", 14),
    ("downline.through", 14),
)  # fmt: skip
"""Columns of the sheet of rows, by their words in the catalogue, and how wide they are in characters."""
AT = {name: at for at, (name, _) in enumerate(HEADS)}
LETTER = {name: chr(ord("A") + at) for name, at in AT.items()}
SUMMARY_SHEET, SUMS_SHEET, ROWS_SHEET = "sheet.summary", "sheet.sums", "sheet.rows"
BELOW_SHEET = "sheet.below"
FIRST = 1
"""The row (from 0) of the first line below the heads."""
MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""What a workbook of a run without a time says of its making; never the machine's clock."""


@dataclass(frozen=True, slots=True)
class Book:
    """An open workbook of `count` rows: `style` gives the format of a number pattern, made once each."""

    file: xlsxwriter.Workbook
    words: Language
    count: int
    style: Callable[[str, bool], Format]


def workbook(view: StatementView) -> bytes:
    """The summary with its sums as formulas, the rows recomputed, the components' sums, and of a manager the people
    below, each a sheet."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    file = xlsxwriter.Workbook(target, options)
    made = view.audit.approved_at or view.audit.calculated_at or MADE
    file.set_properties(
        {"title": view.number, "author": view.payer, "created": made.astimezone(UTC).replace(tzinfo=None)}
    )
    lines, words = rows(view), language(view.locale)
    book = Book(file, words, len(lines), lru_cache(maxsize=None)(lambda pattern, bold: _format(file, pattern, bold)))
    summary, sums, detail = (file.add_worksheet(say(words, name)) for name in (SUMMARY_SHEET, SUMS_SHEET, ROWS_SHEET))
    _summary(book, summary, view)
    _sums(book, sums, view)
    _rows(book, detail, view, lines)
    if view.downlines:
        _below(book, file.add_worksheet(say(words, BELOW_SHEET)), view)
    file.close()
    return target.getvalue()


def _format(file: xlsxwriter.Workbook, pattern: str, bold: bool) -> Format:
    return file.add_format({"num_format": pattern, "bold": bold, "valign": "top"})


def pattern(value: Decimal, unit: str) -> str:
    """The number format that shows all digits: at least the places of a currency; a share as per cent."""
    percent = unit == "%"
    exponent = (value * 100 if percent else value).normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a finite number"
    places = max(EXPONENTS[unit] if is_currency(unit) else 0, -exponent)
    digits = "#,##0" if not percent else "0"
    return digits + ("." + "0" * places if places else "") + ("%" if percent else "")


def _number(book: Book, sheet: Worksheet, at: tuple[int, int], value: Decimal, unit: str, bold: bool = False) -> None:
    sheet.write_number(*at, float(value), book.style(pattern(value, unit), bold))


def _text(book: Book, sheet: Worksheet, at: tuple[int, int], words: str, bold: bool = False) -> None:
    """Always a text, whatever it looks like: `@` keeps it one when somebody edits the cell."""
    sheet.write_string(*at, words[:32767], book.style("@", bold))


def _formula(book: Book, sheet: Worksheet, at: tuple[int, int], formula: str, unit: str, value: Decimal) -> None:
    """`value` is what a reader sees that does not calculate."""
    sheet.write_formula(*at, f"={formula}", book.style(pattern(Decimal(0), unit), False), float(value))


def _heads(book: Book, sheet: Worksheet, names: Sequence[tuple[str, int]]) -> None:
    for at, (name, width) in enumerate(names):
        sheet.set_column(at, at, width)
        _text(book, sheet, (0, at), say(book.words, name), bold=True)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


# --- rows


def _rows(book: Book, sheet: Worksheet, view: StatementView, lines: Sequence[Row]) -> None:
    _heads(book, sheet, HEADS)
    modes = {p.name: p.rounding for p in view.plans}
    for number, row in enumerate(lines, FIRST):
        _row(book, sheet, number, row, modes[row.plan])
    if lines:
        sheet.autofilter(0, 0, len(lines), len(HEADS) - 1)


def _row(book: Book, sheet: Worksheet, number: int, row: Row, mode: str) -> None:
    for name, words in (
        ("section", say(book.words, f"section.{row.section}")),
        ("plan", row.plan),
        ("component", row.component),
        ("for.period", row.for_period),
        ("source", row.source),
        ("details", details(row.details)),
        ("line", row.label or row.part),
        ("unit", row.basis.unit),
        ("currency", row.currency),
        ("paid", say(book.words, "paid.yes" if row.paid else "paid.no")),
        ("note", row.note),
        ("original.statement", row.origin.statement if row.origin is not None else ""),
        ("original.line", row.origin.line if row.origin is not None else ""),
        ("downline.through", row.through),
    ):
        _text(book, sheet, (number, AT[name]), words)
    if row.date is not None:
        sheet.write_datetime(number, AT["date"], row.date, book.style("yyyy-mm-dd", False))
    if row.product:
        _number(book, sheet, (number, AT["basis"]), row.basis.value, row.basis.unit)
        _number(book, sheet, (number, AT["rate"]), row.rate.value, row.rate.unit)
    if row.exchange is not None:
        own = row.exchange.own
        _number(book, sheet, (number, AT["own.amount"]), own.value, own.unit)
        _text(book, sheet, (number, AT["own.currency"]), own.unit)
        _number(book, sheet, (number, AT["own.rate"]), row.exchange.fx, "")
    _number(book, sheet, (number, AT["exact"]), row.unrounded, row.currency)
    _number(book, sheet, (number, AT["printed"]), row.amount, row.currency)
    if row.product and not row.whole:
        product = f"{LETTER['basis']}{number + 1}*{LETTER['rate']}{number + 1}"
        again = rounded(product, EXPONENTS[row.currency], mode)
        _formula(book, sheet, (number, AT["recomputed"]), again, row.currency, row.amount)
        left = f"{LETTER['printed']}{number + 1}-{LETTER['recomputed']}{number + 1}"
        _formula(book, sheet, (number, AT["difference"]), _clean(left, row.currency), row.currency, Decimal(0))


def rounded(product: str, places: int, mode: str) -> str:
    """A formula that rounds as the plan does; a workbook's own ROUND breaks ties away from zero."""
    up = f"ROUND({product},{places})"
    if mode == "half-up":
        return up
    scaled = f"ROUND(ABS({product})*10^{places},8)"
    tie = f"AND({scaled}-TRUNC({scaled})=0.5,ISEVEN(TRUNC({scaled})))"
    return f"{up}-IF({tie},SIGN({product})*10^-{places},0)"


def _clean(difference: str, currency: str) -> str:
    """Without the dust of binary numbers."""
    return f"ROUND({difference},{EXPONENTS[currency]})"


# --- sums


def _column(book: Book, name: str) -> str:
    letter = LETTER[name]
    return f"'{say(book.words, ROWS_SHEET)}'!${letter}${FIRST + 1}:${letter}${FIRST + max(book.count, 1)}"


def _sum_of(book: Book, what: str, **wanted: str) -> str:
    """`SUMIFS` over the rows; a wanted value is a cell or a text in quotes."""
    tests = "".join(f",{_column(book, name)},{value}" for name, value in wanted.items())
    return f"SUMIFS({_column(book, what)}{tests})"


def _quoted(book: Book, key: str) -> str:
    return _literal(say(book.words, key))


def _literal(text: str) -> str:
    """A text within a formula: a mark of its own ends it nowhere."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


SUMS = (
    ("plan", 20), ("component", 26), ("printed", 16), ("currency", 10), ("sum.of.rows", 16), ("difference", 12),
    ("rounded.whole", 20), ("difference", 12),
)  # fmt: skip


def _sums(book: Book, sheet: Worksheet, view: StatementView) -> None:
    """Per component: the printed subtotal, the sum of its rows, and the sum before rounding, rounded once."""
    _heads(book, sheet, SUMS)
    whole = {p.name: p.rounding for p in view.plans if p.per_component}
    for number, component in enumerate(view.components, FIRST):
        cell = number + 1
        _text(book, sheet, (number, 0), component.plan)
        _text(book, sheet, (number, 1), component.name)
        _number(book, sheet, (number, 2), component.subtotal, component.currency)
        _text(book, sheet, (number, 3), component.currency)
        mine = {"plan": f"$A{cell}", "component": f"$B{cell}", "section": _quoted(book, "section.earned")}
        _formula(book, sheet, (number, 4), _sum_of(book, "printed", **mine), component.currency, component.subtotal)
        _formula(
            book, sheet, (number, 5), _clean(f"C{cell}-E{cell}", component.currency), component.currency, Decimal(0)
        )
        if component.plan in whole:
            places = EXPONENTS[component.currency]
            again = rounded(_sum_of(book, "exact", **mine), places, whole[component.plan])
            _formula(book, sheet, (number, 6), again, component.currency, component.subtotal)
            left = _clean(f"C{cell}-G{cell}", component.currency)
            _formula(book, sheet, (number, 7), left, component.currency, Decimal(0))


# --- people below

BELOW = (
    ("plan", 20), ("downline.through", 16), ("downline.person", 26), ("downline.deals", 8), ("downline.credited", 16),
    ("unit", 8), ("printed", 16), ("currency", 10), ("recomputed", 16), ("difference", 12),
)  # fmt: skip


def _below(book: Book, sheet: Worksheet, view: StatementView) -> None:
    """Per person directly below: what was earned through them as printed, and the sum of the rows through them; then
    the rest, and the sum of all."""
    _heads(book, sheet, BELOW)
    number = FIRST
    for table in view.downlines:
        first = number + 1
        for one in table.people:
            _through(book, sheet, number, table, (one.id, one.name, one.credited, one.earned))
            _number(book, sheet, (number, 3), Decimal(one.deals), "")
            again = "+".join(_earned_through(book, number + 1, name) for name in table.components) or "0"
            _again(book, sheet, number, again, one.earned, table.currency)
            number += 1
        own = ("", say(book.words, "downline.own"), table.own_credited, table.own_earned)
        other = ("", say(book.words, "downline.other"), Decimal(0), table.other)
        for rest in (own, other):
            _through(book, sheet, number, table, rest)
            number += 1
        _through(book, sheet, number, table, ("", table.title, table.credited, table.earned))
        every = "+".join(f"G{cell}" for cell in range(first, number + 1))
        _again(book, sheet, number, every, table.earned, table.currency)
        number += 2


def _through(
    book: Book, sheet: Worksheet, number: int, table: Downline, line: tuple[str, str, Decimal, Decimal]
) -> None:
    """`line`: id, name, credited and earned."""
    id, name, credited, earned = line
    for at, text in ((0, table.plan), (1, id), (2, name), (5, table.unit), (7, table.currency)):
        _text(book, sheet, (number, at), text)
    _number(book, sheet, (number, 4), credited, table.unit)
    _number(book, sheet, (number, 6), earned, table.currency)


def _again(book: Book, sheet: Worksheet, number: int, formula: str, value: Decimal, currency: str) -> None:
    _formula(book, sheet, (number, 8), formula, currency, value)
    left = _clean(f"G{number + 1}-I{number + 1}", currency)
    _formula(book, sheet, (number, 9), left, currency, Decimal(0))


def _earned_through(book: Book, cell: int, component: str) -> str:
    mine = {"plan": f"$A{cell}", "downline.through": f"$B{cell}", "component": _literal(component)}
    return _sum_of(book, "printed", section=_quoted(book, "section.earned"), **mine)


# --- summary


def _summary(book: Book, sheet: Worksheet, view: StatementView) -> None:
    for at, width in enumerate((44, 18, 8, 18, 12, 60)):
        sheet.set_column(at, at, width)
    words = book.words
    shown = figures.period(words, view.period.label)
    days = (figures.day(words, view.period.start), figures.day(words, view.period.end))
    head = (
        (say(words, "title"), f"{view.number} · {say(words, f'status.{view.status.lower()}')}"),
        (say(words, "payer"), view.payer),
        (say(words, "payee"), f"{view.person.id} · {view.person.name}"),
        (say(words, "period"), say(words, "period.days", period=shown, start=days[0], end=days[1])),
        (say(words, "payable"), say(words, "payable.on", day=figures.day(words, view.pay_date))),
        (say(words, "run"), view.audit.run),
        (say(words, "data"), view.audit.snapshot),
        *((say(words, "plan.digest", plan=p.name), p.digest) for p in view.plans),
    )
    for number, (label, said) in enumerate(head):
        _text(book, sheet, (number, 0), label, bold=True)
        _text(book, sheet, (number, 1), said)
    row = len(head) + 1
    for bridge in view.bridges:
        row = _bridge(book, sheet, bridge, row, {p.name: p.rounding for p in view.plans})


def _bridge(book: Book, sheet: Worksheet, bridge: Bridge, row: int, mode: Mapping[str, str]) -> int:
    """Lines below a head, each total recomputed from the lines above it; returns the first free row after it. `mode` is
    how each plan rounds."""
    for at, name in enumerate(("step", "printed", "currency", "recomputed", "difference", "note")):
        _text(book, sheet, (row, at), say(book.words, name), bold=True)
    first = row + 1
    steps: list[str] = []
    for number, line in enumerate(bridge.lines, first):
        cell = number + 1
        _text(book, sheet, (number, 0), line.label, bold=line.total)
        _number(book, sheet, (number, 1), line.amount, bridge.currency, bold=line.total)
        _text(book, sheet, (number, 2), bridge.currency)
        _text(book, sheet, (number, 5), line.note)
        if line.key == "earned":
            again = _sum_of(book, "printed", currency=f"$C{cell}", paid=_quoted(book, "paid.yes"))
        elif line.total:
            again = "+".join(steps) or "0"
        else:
            steps.append(f"B{cell}")
            continue
        _formula(book, sheet, (number, 3), again, bridge.currency, line.amount)
        left = _clean(f"B{cell}-D{cell}", bridge.currency)
        _formula(book, sheet, (number, 4), left, bridge.currency, Decimal(0))
    row = first + len(bridge.lines)
    for number, one in enumerate(bridge.conversions, row):
        _conversion(book, sheet, one, number, mode[one.plan])
    return row + len(bridge.conversions) + 1


def _conversion(book: Book, sheet: Worksheet, one: Conversion, row: int, mode: str) -> None:
    """What is paid, and basis × rate again beside it; the note gives both."""
    unit = one.paid.unit
    _text(book, sheet, (row, 0), f"{say(book.words, 'paid.in', currency=unit)} · {one.plan}", bold=True)
    _number(book, sheet, (row, 1), one.paid.value, unit, bold=True)
    _text(book, sheet, (row, 2), unit)
    said = figures.named(book.words, one.basis)
    if one.fx is not None:
        rate = figures.number(book.words, one.fx)
        said += f" × {say(book.words, 'paid.rate', rate=rate, paid=unit, currency=one.basis.unit)}"
        product = f"{plain(one.basis.value)}*{plain(one.fx)}"
        again = rounded(product, EXPONENTS[unit], mode)
        _formula(book, sheet, (row, 3), again, unit, one.paid.value)
        _formula(book, sheet, (row, 4), _clean(f"B{row + 1}-D{row + 1}", unit), unit, Decimal(0))
    _text(book, sheet, (row, 5), said)
