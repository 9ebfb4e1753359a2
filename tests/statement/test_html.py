"""The page as text: what it says is reviewed in the diff, and data never becomes markup."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from statement_samples import ALL, crossing, hostile

from compengine.inputs.schema import Brand
from compengine.source.diagnostic import Failed
from compengine.statement import html
from compengine.statement.build import build
from compengine.statement.facts import Facts
from compengine.statement.html import render_html
from compengine.statement.pdf import statement_pdf
from compengine.statement.templates import Template, load_template
from compengine.statement.trial import try_template
from compengine.values.rounding import Rounding

GOLDEN = Path(__file__).parent / "golden"
TEMPLATE = load_template()
HOSTILE = [
    "<script>alert(1)</script>",
    '<link rel=attachment href="file:///etc/passwd">Acme',
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</td></table><style>*{display:none}</style>",
    "{{ 7*7 }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "data:text/html,<b>x</b>",
    "url(file:///etc/passwd)",
    "@import 'http://example.invalid/x.css';",
    "&lt;b&gt;",
    "]]><!--",
]


def tags(page: str) -> list[str]:
    return re.findall(r"<[/!a-zA-Z][^\s>]*", page)


@pytest.mark.parametrize("name", ["crossing", "true_up", "draw", "negative", "nothing", "names"])
def test_the_page_reads_as_expected(name: str, update: bool) -> None:
    page = render_html(build(ALL[name]()), TEMPLATE)
    expected = GOLDEN / f"{name}.html"
    if update:
        GOLDEN.mkdir(exist_ok=True)
        expected.write_text(page, encoding="utf-8")
    assert page == expected.read_text(encoding="utf-8"), "run pytest --update and review the difference"


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_names_stand_as_text(payload: str) -> None:
    harmless = render_html(build(hostile("Harmless")), TEMPLATE)
    page = render_html(build(hostile(payload)), TEMPLATE)
    assert tags(page) == tags(harmless)
    assert "49" not in re.findall(r">([^<]*)<", page)


@pytest.mark.parametrize("name", [f.name for f in fields(build(crossing()))])
def test_a_template_that_names_what_is_not_there_fails(name: str) -> None:
    wrong = replace(TEMPLATE, html=TEMPLATE.html + "{{ view." + name + "_misspelt }}")
    with pytest.raises(UndefinedError):
        render_html(build(crossing()), wrong)


def test_a_browser_gets_the_stylesheet_inside() -> None:
    assert "@page" in render_html(build(crossing()), TEMPLATE, style=True)
    assert "@page" not in render_html(build(crossing()), TEMPLATE)


def test_a_template_of_ones_own_comes_first(tmp_path: Path) -> None:
    own = tmp_path / "standard"
    own.mkdir()
    (own / "statement.html").write_text("{{ view.number }}")
    (own / "statement.css").write_text("")
    template = load_template("standard", tmp_path)
    assert render_html(build(crossing()), template) == "2026-03-0001"
    assert isinstance(template, Template)


def test_a_template_of_ones_own_says_only_what_is_another(tmp_path: Path) -> None:
    own = tmp_path / "ours"
    own.mkdir()
    (own / "statement.html").write_text(
        '{% extends "standard" %}{% block about %}<h1>{{ view.number }}</h1>{% endblock %}'
    )
    (own / "statement.css").write_text("h1 { color: #123456 }")
    template = load_template("ours", tmp_path)
    page = render_html(build(crossing()), template, style=True)
    assert "<h1>2026-03-0001</h1>" in page and "<h1>Ana" not in page and 'class="bridge"' in page
    assert page.index(".bridge") < page.index("#123456")
    assert statement_pdf(build(crossing()), template).startswith(b"%PDF-")
    assert try_template(template) == ()
    (own / "statement.html").write_text('{% extends "compact" %}')
    assert [(d.code, d.help) for d in try_template(load_template("ours", tmp_path))] == [
        ("E802", 'write it into statement.html; only "standard" can be extended')
    ]


def test_a_missing_template_is_a_diagnostic() -> None:
    with pytest.raises(Failed, match="E802: no statement template “fancy”"):
        load_template("fancy")


def test_a_template_is_compiled_once_for_all_brands() -> None:
    view = build(ALL["crossing"]())
    render_html(view, TEMPLATE)
    compiled = html._environment.cache_info().misses
    for name in ("one", "other"):
        assert name in render_html(view, replace(TEMPLATE, brand=Brand(name, "", "#2b5c8a", name, name)))
    assert html._environment.cache_info().misses == compiled
    render_html(view, replace(TEMPLATE, html=TEMPLATE.html + "<!-- -->"))
    assert html._environment.cache_info().misses == compiled + 1


def test_how_lines_are_rounded_is_said_once_for_two_versions_that_round_alike() -> None:
    made = crossing()
    (last,) = made.plans
    first = replace(last, plan=replace(last.plan, digest="0" * 64))
    other = replace(last, plan=replace(last.plan, rounding=Rounding.HALF_EVEN))

    def said(facts: Facts) -> list[str]:
        return re.findall("Each line is rounded to 0.01, [a-z ]+", render_html(build(facts), TEMPLATE))

    assert said(replace(made, plans=(first, last))) == ["Each line is rounded to 0.01, half up"]
    assert len(said(replace(made, plans=(other, last)))) == 2
