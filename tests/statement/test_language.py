"""Every language has every word, no word is left over or English by accident, and figures are the same in all."""

import io
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import yaml
from statement_samples import ALL, crossing, facts, row, settlement, true_up

from compengine.statement import figures
from compengine.statement.build import COLUMNS, build
from compengine.statement.data import to_json
from compengine.statement.facts import Facts
from compengine.statement.html import render_html
from compengine.statement.language import LOCALES, catalogue, counted, language, say
from compengine.statement.templates import Template, load_template
from compengine.statement.view import Figure, StatementView
from compengine.statement.wording import OWN, WINDOWS
from compengine.statement.workbook import workbook
from compengine.values.exact import exact

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = sorted({tag.partition("-")[0] for tag in LOCALES})
ENGLISH = catalogue("en")
TEMPLATE = load_template()
SAME = {
    ("de", "plan"), ("de", "person"), ("de", "plan.digest"), ("de", "held.part"), ("fr", "plan"), ("fr", "plan.digest"),
    ("fr", "part.prize"), ("fr", "held.part"), ("pt", "held.part"), ("de", "column.team"),
    ("de", "labelled"), ("de", "also"), ("de", "sentence"), ("fr", "sentence"),
    ("pt", "labelled"), ("pt", "also"), ("pt", "sentence"), ("pt", "quoted"),
}  # fmt: skip
"""Words that are spelt, and marks that are set, as in English, and are meant so."""
FAMILIES = {
    "status": ("preview", "final", "corrected"),
    "move": ("held", "unearned", "released", "advanced", "recovered", "forgiven", "forward", "taken", "waits", "added",
             "collected", "statement", "paid"),
    "step": ("withheld", "withheld.note", "unearned", "unearned.note", "released", "released.note", "brought", "draw",
             "guarantee", "recovered", "carried_recovered", "carried", "collected", "forgiven", "waiting"),
    "policy": ("top-up", "additive"), "fate": ("owed", "forgiven"), "mode": ("half-up", "half-even"),
    "part": ("flat", "share", "minimum", "cap", "claw"),
    "unit": ("period", "month", "quarter", "year", "credit", "life"),
    "units": ("period", "month", "quarter", "year", "credit", "life"), "once": ("quarter", "year"),
    "window": (*WINDOWS, "rolling days", "rolling months"),
    "limit": ("at least", "at most", "first"), "column": COLUMNS,
    "change": ("re-rated", "restated", "new", "gone"), "after": ("days", "months", "years"),
    "adjustment": ("bonus", "correction", "exception", "recovery", "dispute"),
    "dispute": ("opened", "reviewed", "accepted", "refused", "withdrawn"),
    "name": OWN,
    "section": ("earned", "correction", "clawback", "adjustment"),
}  # fmt: skip
"""Keys whose last part comes from what they speak of: a plan's words, a row's kind."""


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def said_somewhere() -> set[str]:
    """Every quoted text of the sources and templates, and the families."""
    files = [*(ROOT / "src/compengine/statement").glob("*.py"), *(ROOT / "statements").glob("*/*.html")]
    quoted = {text for f in files for text in re.findall(r"""["']([a-z][a-z._ -]*)["']""", f.read_text("utf-8"))}
    return quoted | {f"{family}.{last}" for family, members in FAMILIES.items() for last in members}


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_language_has_the_same_words_and_places_in_them(name: str) -> None:
    words = catalogue(name)
    assert list(words) == list(ENGLISH)
    for key, text in words.items():
        english = ENGLISH[key]
        if isinstance(english, str):
            assert isinstance(text, str) and text.strip() == text and text and places(text) == places(english), key
        else:
            assert not isinstance(text, str) and "other" in text, key
            assert all(places(form) == places(english["other"]) for form in text.values()), key


@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "en"])
def test_no_word_is_english_by_accident(name: str) -> None:
    same = {(name, key) for key, text in catalogue(name).items() if text == ENGLISH[key]}
    assert same == {pair for pair in SAME if pair[0] == name}


def test_every_word_of_the_catalogue_is_used_and_every_family_is_whole() -> None:
    assert set(ENGLISH) - said_somewhere() == set()
    assert {f"{family}.{last}" for family, members in FAMILIES.items() for last in members} - set(ENGLISH) == set()


def test_a_word_that_nobody_says_is_found() -> None:
    assert "never.said.anywhere" not in said_somewhere()


def test_every_key_that_a_template_or_module_says_is_in_the_catalogue() -> None:
    files = [*(ROOT / "src/compengine/statement").glob("*.py"), *(ROOT / "statements").glob("*/*.html")]
    said = {
        key
        for f in files
        for key in re.findall(
            r"""(?:say|marked|counted)\((?:(?:book\.)?words, )?["']([a-z._-]+)["'][,)]""", f.read_text("utf-8")
        )
    }
    assert len(said) > 100 and said - set(ENGLISH) == set()


def test_no_key_is_written_twice() -> None:
    for name in LANGUAGES:
        lines = (ROOT / "statements" / "languages" / f"{name}.yaml").read_text("utf-8").splitlines()
        keys = [line.partition(":")[0] for line in lines if re.match(r"[a-z]", line)]
        assert len(keys) == len(set(keys)) == len(yaml.safe_load("\n".join(lines)))


def test_templates_hold_no_words_of_their_own() -> None:
    for path in (ROOT / "statements").glob("*/*.html"):
        bare = re.sub(
            r"<style.*?</style>|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>", " ", path.read_text("utf-8"), flags=re.DOTALL
        )
        assert not re.findall(r"[A-Za-z]{2,}", bare), path


# --- pages


def text_of(view: StatementView, template: Template = TEMPLATE) -> str:
    return re.sub(r"<style.*?</style>|<[^>]*>", " ", render_html(view, template), flags=re.DOTALL)


def words_of(name: str) -> set[str]:
    return {
        word.lower()
        for text in catalogue(name).values()
        for form in ([text] if isinstance(text, str) else text.values())
        for word in re.findall(r"[^\W\d_]{4,}", re.sub(r"\{\w+\}", " ", form))
    }


def texts(value: object) -> list[str]:
    """Every text of the facts, and no field's name."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return [text for f in fields(value) for text in texts(getattr(value, f.name))]
    if isinstance(value, Mapping):
        return [text for pair in value.items() for text in texts(pair)]
    return [text for one in value for text in texts(one)] if isinstance(value, tuple | list | frozenset) else []


def english_left(given: Facts, tag: str, template: Template = TEMPLATE) -> set[str]:
    """Words of the English catalogue alone that are on a page in another language and in none of its data."""
    data = " ".join(texts(given)).lower()
    only_english = words_of("en") - words_of(tag.partition("-")[0])
    page = text_of(build(replace(given, locale=tag)), template)
    return {w for w in re.findall(r"[^\W\d_]{4,}", page.lower()) if w in only_english and w not in data}


@pytest.mark.parametrize("name", sorted(ALL))
@pytest.mark.parametrize("tag", [tag for tag in LOCALES if not tag.startswith("en")])
def test_no_label_or_sentence_of_a_page_stays_english(tag: str, name: str) -> None:
    assert english_left(ALL[name](), tag) == set()


def test_an_english_label_on_a_german_page_is_found() -> None:
    wrong = replace(TEMPLATE, html=TEMPLATE.html.replace('{{ say("clawbacks") }}', "Clawbacks"))
    assert english_left(true_up(), "de-DE", wrong) == {"clawbacks"}


@pytest.mark.parametrize("name", sorted(ALL))
def test_figures_are_the_same_in_every_language(name: str) -> None:
    def figures_of(view: StatementView) -> list[str]:
        return re.findall(
            r'"(?:value|amount|basis|unrounded|closing|opening|fx|paid)":"(-?[0-9.]+)"', to_json(view).decode()
        )

    given = ALL[name]()
    english = figures_of(build(given))
    assert len(english) > 5
    for tag in LOCALES:
        assert figures_of(build(replace(given, locale=tag))) == english


@pytest.mark.parametrize("tag", LOCALES)
def test_a_workbook_speaks_the_language_of_its_statement(tag: str) -> None:
    sheets = openpyxl.load_workbook(io.BytesIO(workbook(build(replace(true_up(), locale=tag)))))
    assert sheets.sheetnames == [say(language(tag), f"sheet.{name}") for name in ("summary", "sums", "rows")]


# --- marks and days


@pytest.mark.parametrize(
    ("tag", "amount", "share", "named", "day", "period"),
    [
        ("en-GB", "1,234,567.50", "7.5%", "USD 1,234.50", "5 September 2026", "September 2026"),
        ("en-US", "1,234,567.50", "7.5%", "USD 1,234.50", "September 5, 2026", "September 2026"),
        ("de-DE", "1.234.567,50", "7,5\xa0%", "1.234,50\xa0USD", "5. September 2026", "September 2026"),
        ("fr-FR", "1\u202f234\u202f567,50", "7,5\xa0%", "1\u202f234,50\xa0USD", "5 septembre 2026", "septembre 2026"),
        ("ja-JP", "1,234,567.50", "7.5%", "USD 1,234.50", "2026年9月5日", "2026年9月"),
        ("pt-BR", "1.234.567,50", "7,5%", "USD 1.234,50", "5 de setembro de 2026", "setembro de 2026"),
    ],
)
def test_numbers_and_days_are_written_as_the_locale_does(
    tag: str, amount: str, share: str, named: str, day: str, period: str
) -> None:
    words = language(tag)
    assert figures.money(words, exact("1234567.5"), "USD") == amount
    assert figures.percent(words, exact("0.075")) == share
    assert figures.named(words, Figure(exact("1234.5"), "USD")) == named
    assert figures.day(words, date(2026, 9, 5)) == day
    assert figures.period(words, "2026-09") == period
    assert figures.money(words, exact("-0.1"), "USD").startswith("−")
    assert figures.moment(words, datetime(2026, 4, 2, 9, 12, tzinfo=UTC)).endswith("09:12 UTC")


@pytest.mark.parametrize(
    ("tag", "day", "short", "second"),
    [
        ("en-GB", "1 May 2026", "1 May 2026", "2 May 2026"),
        ("de-DE", "1. Mai 2026", "01.05.2026", "2. Mai 2026"),
        ("fr-FR", "1er mai 2026", "1er mai 2026", "2 mai 2026"),
        ("pt-BR", "1º de maio de 2026", "01/05/2026", "2 de maio de 2026"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_where_the_language_says_so(
    tag: str, day: str, short: str, second: str
) -> None:
    words = language(tag)
    assert figures.day(words, date(2026, 5, 1)) == day
    assert figures.short_day(words, date(2026, 5, 1)) == short
    assert figures.day(words, date(2026, 5, 2)) == second
    assert figures.day(words, date(2026, 5, 11)).startswith(("11", "11."))


@pytest.mark.parametrize(
    ("text", "german"),
    [
        ("at most 10_000.50 USD per period", "at most 10.000,50 USD per period"),
        ("7.5%", "7,5\xa0%"),
        ("period.end <= 2026-06-30", "period.end <= 2026-06-30"),
        ("deal2.amount - 1_000", "deal2.amount - 1.000"),
        ("2026-Q1", "2026-Q1"),
    ],
)
def test_numbers_in_a_plans_words_get_the_marks_and_dates_and_names_do_not(text: str, german: str) -> None:
    assert figures.as_written(language("de-DE"), text) == german


def test_a_count_takes_the_form_of_its_language() -> None:
    assert [counted(language("en-GB"), "count.lines", n) for n in (1, 2, 1000)] == ["1 line", "2 lines", "1,000 lines"]
    assert [counted(language("fr-FR"), "count.lines", n) for n in (0, 1, 2)] == ["0 ligne", "1 ligne", "2 lignes"]
    assert counted(language("ja-JP"), "count.lines", 1) == "1 行"


def test_a_name_with_braces_is_no_place_in_a_text() -> None:
    assert say(language("en-GB"), "through", who="{who} {x}") == "through {who} {x}"
    view = build(
        replace(facts([row("D1", "10", "0.1")], settlement("1"), crossing().plans[0].plan), workspace="{0} {run}")
    )
    assert "{0} {run}" in render_html(view, TEMPLATE)


def test_rounding_comes_before_the_locale() -> None:
    words = language("de-DE")
    assert figures.money(words, Decimal("0.005"), "USD") == "0,005"
