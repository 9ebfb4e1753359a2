"""Designs and brands: the same figures in each design, and a brand that is checked before it is used."""

import re
from pathlib import Path

import pytest
from statement_samples import ALL, crossing, many

from compengine.inputs.presentation import contrast_with_white
from compengine.inputs.schema import Brand
from compengine.inputs.workspace import read_workspace
from compengine.source.diagnostic import Failed
from compengine.source.text import Text
from compengine.statement.build import build
from compengine.statement.html import render_html
from compengine.statement.language import locale_tag
from compengine.statement.pdf import Paper, statement_pdf
from compengine.statement.templates import branded, load_template

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50000003"
    "810180a1a3d4a70000000049454e44ae426082"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="4" height="2" fill="navy"/></svg>'
WORKSPACE = """\
workspace: acme
timezone: UTC
currencies: {{base: USD}}
calendars: {{monthly: {{periods: months, year_starts: 2026-01-01}}}}
tables:
  payees:
    row: payee
    key: id
    columns: {{id: text, language: text, joined: date}}
statements:
  {settings}
"""


def money(page: str) -> list[str]:
    body = re.sub(r"<(style|svg).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return sorted(set(re.findall(r"−?[0-9][0-9,]*\.[0-9]{2}(?![0-9%])", body)))


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_amount_of_the_rows_stands_in_both_designs(name: str) -> None:
    view = build(ALL[name]())
    standard, compact = (money(render_html(view, load_template(d))) for d in ("standard", "compact"))
    assert set(compact) <= set(standard)
    scale = {x for p in view.performance for t in p.tiers for x in (t.from_amount, t.to_amount) if x is not None}
    guides = {x for p in view.performance for x in (p.credited, p.quota) if x is not None}
    left = set(standard) - set(compact)
    assert left <= {f"{x.value:,.2f}" for x in scale | guides}


def test_forty_rows_take_two_pages_in_the_compact_design_and_more_in_the_other() -> None:
    import io

    import pikepdf

    def pages(design: str) -> int:
        with pikepdf.open(io.BytesIO(statement_pdf(build(many(40)), load_template(design), Paper.A4))) as pdf:
            return len(pdf.pages)

    assert (pages("compact"), pages("standard") > 2) == (2, True)


# --- brand


@pytest.mark.parametrize(("file", "content"), [("logo.png", PIXEL), ("logo.svg", SVG)])
def test_a_logo_is_on_the_page_and_inside_a_page_that_stands_alone(tmp_path: Path, file: str, content: bytes) -> None:
    (tmp_path / file).write_bytes(content)
    brand = Brand(name="Acme AG", logo=file, colour="#7a1f3d", legal="Acme AG, Zürich", contact="pay@acme.example")
    template = branded(load_template(), brand, tmp_path)
    view = build(crossing())
    alone = render_html(view, template, style=True)
    assert "data:image/" in alone and "#7a1f3d" in alone and "Acme AG, Zürich" in alone
    assert "file:" not in alone
    printed = statement_pdf(view, template)
    assert printed == statement_pdf(view, template) != statement_pdf(view, load_template())


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("logo.png", b"GIF89a", "is not a PNG or SVG picture"),
        ("logo.svg", b"<html/>", "is not a PNG or SVG picture"),
        ("logo.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "is not a PNG or SVG picture"),
        ("logo.png", PIXEL + b"0" * 300_000, "is larger than 256 KB"),
        ("", b"", "is not a file of the workspace"),
    ],
)
def test_what_is_no_logo_is_refused(tmp_path: Path, file: str, content: bytes, why: str) -> None:
    if file:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(Failed, match=why):
        branded(load_template(), Brand(logo=file or "none.png"), tmp_path)


def test_a_logo_that_leads_out_of_the_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.png").write_bytes(PIXEL)
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "logo.png").symlink_to(tmp_path / "outside.png")
    with pytest.raises(Failed, match="is not a file of the workspace"):
        branded(load_template(), Brand(logo="logo.png"), tmp_path / "inside")


def test_a_logo_that_loads_something_itself_stops_the_page(tmp_path: Path) -> None:
    inner = b'<image href="file:///etc/hostname" width="1" height="1"/>'
    (tmp_path / "logo.svg").write_bytes(SVG.replace(b"</svg>", inner + b"</svg>"))
    with pytest.raises(Failed, match="may not load"):
        statement_pdf(build(crossing()), branded(load_template(), Brand(logo="logo.svg"), tmp_path))


# --- settings


def test_settings_are_read() -> None:
    text = (
        "{design: compact, paper: Letter, locale: de-DE, locale_column: language, query_days: 30, "
        'brand: {name: Acme AG, logo: art/logo.svg, colour: "#2B5C8A", legal: HRB 1, contact: Ask pay.}}'
    )
    found = read_workspace(Text("compengine.yaml", WORKSPACE.format(settings=text).replace("\n  {", " {"))).statements
    assert (found.design, found.paper, found.locale, found.locale_column, found.query_days) == (
        "compact", "Letter", "de-DE", "language", 30,
    )  # fmt: skip
    assert found.brand == Brand("Acme AG", "art/logo.svg", "#2b5c8a", "HRB 1", "Ask pay.")


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("paper: A5", "A5"),
        ("locale: xx-XX", "xx-XX"),
        ("locale_column: joined", "joined is no text column of payees"),
        ("locale_column: tongue", "tongue is no text column of payees"),
        ("query_days: 0", "0 is no query_days"),
        ("design: ../x", "../x is no design"),
        ("brand: {logo: ../logo.png}", "is no logo"),
        ("brand: {logo: logo.jpg}", "is no logo"),
        ("brand: {colour: red}", "red is no colour"),
        ('brand: {colour: "#ffee00"}', "too pale"),
        ("colour: red", "colour"),
    ],
)
def test_a_mistake_in_the_settings_names_it(setting: str, why: str) -> None:
    with pytest.raises(Failed) as failed:
        read_workspace(Text("compengine.yaml", WORKSPACE.format(settings=setting)))
    (found,) = failed.value.diagnostics
    assert why in found.message and found.place.span is not None and found.help


@pytest.mark.parametrize(("colour", "contrast"), [("#000000", 21.0), ("#ffffff", 1.0), ("#767676", 4.54)])
def test_contrast_is_that_of_the_standard(colour: str, contrast: float) -> None:
    assert contrast_with_white(colour) == pytest.approx(contrast, abs=0.005)


@pytest.mark.parametrize(
    ("text", "tag"), [("de", "de-DE"), ("pt_br", "pt-BR"), ("en-US", "en-US"), ("en", "en-GB"), ("xx", ""), ("", "")]
)
def test_a_locale_is_known_by_its_tag_or_language(text: str, tag: str) -> None:
    assert locale_tag(text) == tag


def test_no_design_of_that_name() -> None:
    for name in ("fancy", "../standard", ""):
        with pytest.raises(Failed):
            load_template(name)
