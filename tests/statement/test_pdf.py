"""The printed page: its words, its structure, the same bytes twice, and nothing loaded from outside."""

import io
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest
from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
from statement_samples import ALL, crossing, digest, hostile, many
from test_html import HOSTILE
from weasyprint import HTML  # type: ignore[import-untyped]
from weasyprint.html import UA  # type: ignore[import-untyped]

from compengine.source.diagnostic import Failed
from compengine.statement.batch import file_name
from compengine.statement.build import build
from compengine.statement.facts import YearCell
from compengine.statement.html import render_html
from compengine.statement.language import language, say
from compengine.statement.pdf import Imprint, Paper, _press, render_pdf, statement_pdf
from compengine.statement.templates import Template, load_template
from compengine.statement.view import total

TEMPLATE = load_template()
pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils (pdftotext) is not installed")


def words(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()


@pdftotext
def test_page_one_is_the_answer_and_every_page_names_its_run() -> None:
    pages = words(statement_pdf(build(crossing()), TEMPLATE)).split("\f")[:-1]
    assert "Payable on 15 April 2026" in pages[0] and "USD 5,875.00" in " ".join(pages[0].split())
    for number, page in enumerate(pages, 1):
        assert "Statement 2026-03-0001 · run 2026-03.2" in page
        assert f"page {number} of {len(pages)}" in page
    lines = [" ".join(line.split()) for line in pages[1].splitlines()]
    assert any(line.endswith("0% to 100% 33,000.00 10% 3,300.00") for line in lines)
    assert any("100% to 150% 7,000.00 20% 1,400.00" in line for line in lines)


@pdftotext
def test_every_one_of_six_hundred_lines_is_printed_under_a_repeated_head() -> None:
    text = words(statement_pdf(build(many(600)), TEMPLATE))
    assert all(f"D{2000 + n} " in text for n in range(600))
    pages = text.split("\f")[1:-3]
    assert len(pages) > 10 and all("Basis" in page and "× Rate" in page for page in pages)


def _questions_on_one_page(name: str, template: Template) -> bool:
    """Whether the last line of the notes at the end stands on the page where they begin."""
    (first,) = [page for page in words(statement_pdf(build(ALL[name]()), template)).split("\f") if "QUESTIONS" in page]
    return digest("workspace") in first


@pdftotext
@pytest.mark.parametrize("design", ["standard", "compact"])
@pytest.mark.parametrize("name", ["crossing", "names", "decided"])
def test_the_notes_at_the_end_are_on_one_page(name: str, design: str) -> None:
    assert _questions_on_one_page(name, load_template(design))


@pdftotext
def test_notes_that_may_be_parted_are() -> None:
    kept = ".notes { break-inside: avoid }"
    assert kept in TEMPLATE.css
    assert not _questions_on_one_page("crossing", replace(TEMPLATE, css=TEMPLATE.css.replace(kept, "")))


def _year_beside_questions(count: int, template: Template) -> bool:
    """Whether the page with the questions has the year so far, too, after so many lines."""
    made = many(count)
    earned, (settled,) = total(p.amount for p in made.rows), made.settlements
    cell = YearCell("2026-03", settled.plan, "commission", earned, settled.payable, "USD")
    pages = words(statement_pdf(build(replace(made, year=(cell,))), template)).split("\f")
    (last,) = [page for page in pages if "QUESTIONS" in page]
    return "YEAR SO FAR" in last


@pdftotext
@pytest.mark.parametrize("count", [12, 18])
def test_questions_do_not_stand_on_a_page_alone(count: int) -> None:
    assert _year_beside_questions(count, TEMPLATE)
    kept = "section.year { break-inside: avoid; break-after: avoid }"
    assert kept in TEMPLATE.css
    alone = replace(TEMPLATE, css=TEMPLATE.css.replace(kept, "section.year { break-inside: avoid }"))
    assert not _year_beside_questions(count, alone)


def _head_labels_on_one_line(locale: str, width: str) -> bool:
    """Whether each label of the head stands whole beside what it is the label of."""
    css = TEMPLATE.css.replace(".about th { width: 27mm", f".about th {{ width: {width}")
    text = words(statement_pdf(build(replace(crossing(), locale=locale)), replace(TEMPLATE, css=css)))
    catalogue = language(locale)
    labels = [say(catalogue, key) for key in ("period", "plan", "person", "dated")]
    return all(any(line.startswith(f"{label} ") for line in text.splitlines()) for label in labels)


@pdftotext
@pytest.mark.parametrize("locale", ["en-US", "de-DE", "fr-FR", "pt-BR"])
def test_the_labels_of_the_head_have_room(locale: str) -> None:
    assert _head_labels_on_one_line(locale, "27mm")
    assert not _head_labels_on_one_line(locale, "8mm")


@pytest.mark.parametrize("name", ["crossing", "true_up", "draw", "negative", "nothing", "forty", "names"])
def test_two_renderings_are_byte_for_byte_equal(name: str) -> None:
    view = build(ALL[name]())
    assert statement_pdf(view, TEMPLATE) == statement_pdf(view, TEMPLATE)


def test_another_process_another_clock_and_another_zone_give_the_same_bytes(tmp_path: Path) -> None:
    script = (
        "import sys; from statement_samples import crossing; from compengine.statement.build import build; "
        "from compengine.statement.pdf import statement_pdf; from compengine.statement.templates import load_template; "
        "sys.stdout.buffer.write(statement_pdf(build(crossing()), load_template()))"
    )
    here = Path(__file__).parent
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(here), *sys.path]),
        "TZ": "Pacific/Kiritimati",
        "PYTHONHASHSEED": "7",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True, cwd=tmp_path
    )
    assert done.stdout == statement_pdf(build(crossing()), TEMPLATE)


def test_the_file_is_tagged_titled_in_a_language_and_embeds_its_fonts() -> None:
    with pikepdf.open(io.BytesIO(statement_pdf(build(crossing()), TEMPLATE))) as pdf:
        assert pdf.Root.MarkInfo.Marked and pdf.Root.Lang == "en-GB"
        assert str(pdf.docinfo["/Title"]) == "Commission statement 2026-03-0001"
        assert pdf.Root.StructTreeRoot is not None
        fonts = [f for page in pdf.pages for f in page.Resources.Font.values()]
        described = [f.DescendantFonts[0].FontDescriptor for f in fonts]
        assert described and all("/FontFile2" in d for d in described)
        assert not [p for p in pdf.pages if "/Annots" in p]


def test_paper_is_a4_unless_letter_is_asked_for() -> None:
    def size(paper: Paper) -> tuple[int, int]:
        with pikepdf.open(io.BytesIO(statement_pdf(build(crossing()), TEMPLATE, paper))) as pdf:
            _, _, width, height = pdf.pages[0].MediaBox
            return round(Decimal(width)), round(Decimal(height))

    assert (size(Paper.A4), size(Paper.LETTER)) == ((595, 842), (612, 792))


# --- what may not be loaded


@pdftotext
@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_names_are_printed_and_nothing_else_happens(payload: str) -> None:
    content = statement_pdf(build(hostile(payload)), TEMPLATE)
    text = words(content)
    assert "root:" not in text
    assert payload.split()[0][:12] in text
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert not pdf.attachments and "/EmbeddedFiles" not in pdf.Root.get("/Names", {})


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="x.png">',
        '<link rel=stylesheet href="file:///etc/passwd">',
        '<link rel=attachment href="file:///etc/passwd">',
        '<style>@import "http://127.0.0.1:9/x.css";</style>',
        '<style>@font-face { font-family: x; src: url("file:///usr/share/fonts/x.ttf") }</style>',
        '<p style="background: url(file:///etc/passwd)">x</p>',
        '<object data="file:///etc/passwd"></object>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
    ],
)
def test_a_page_that_asks_for_a_file_or_host_is_not_printed(markup: str) -> None:
    page = render_html(build(crossing()), TEMPLATE).replace("</body>", markup + "</body>")
    with pytest.raises(Failed) as failure:
        render_pdf(page, TEMPLATE, Imprint("x"))
    assert failure.value.diagnostics[0].code == "E802"


def test_hostile_names_open_no_file_and_no_connection(tmp_path: Path) -> None:
    """Watched by the interpreter's own audit events, with the pages' fonts loaded before."""
    script = """
import os, sys
from statement_samples import crossing, hostile
from test_html import HOSTILE
from weasyprint import HTML  # type: ignore[import-untyped]
from weasyprint.html import UA  # type: ignore[import-untyped]
from compengine.statement.build import build
from compengine.statement.pdf import statement_pdf
from compengine.statement.templates import load_template

template, seen = load_template(), []
statement_pdf(build(crossing()), template)
watched = ("open", "socket.", "subprocess.", "os.system", "urllib.")
sys.addaudithook(lambda event, args: seen.append((event, args)) if event.startswith(watched) else None)
external = '<svg xmlns="http://www.w3.org/2000/svg"><use href="file:///etc/passwd#a"/></svg>'
for payload in (*HOSTILE, external):
    statement_pdf(build(hostile(payload)), template)
found = seen[:]
open("/dev/null").close()
assert len(seen) > len(found), "nothing is watched"
sys.stderr.write(repr(found))
sys.stderr.flush()
os._exit(1 if found else 0)  # the hook must not outlive the interpreter
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_font_beside_ours_is_refused_and_so_is_a_way_round(tmp_path: Path) -> None:
    ours = next(iter(TEMPLATE.fonts))
    for url in (f"{ours.as_uri()}?x", f"file://localhost{ours}", (ours.parent / "OFL.txt").as_uri()):
        page = f'<style>@font-face {{ font-family: x; src: url("{url}") }}</style>'
        with pytest.raises(Failed):
            render_pdf(page, TEMPLATE, Imprint("x"))


@pytest.mark.parametrize(
    "number", ["../x", "a/b", "a\\b", "%2e", "a\0", "a\r\nb", "x" * 300, "", "‮fdp", "Ana Oliveira"]
)
def test_a_file_name_is_made_of_period_and_number_only(number: str) -> None:
    with pytest.raises(Failed):
        file_name(replace(build(crossing()), number=number))


# --- what is left out of WeasyPrint's own stylesheet


def _styled(template: Template) -> set[str]:
    """The pseudo-elements that WeasyPrint's own stylesheet, as the template is printed with it, makes of an element."""
    root = ElementWrapper.from_html_root(ElementTree.fromstring("<html><body><b>x</b></body></html>"))
    found = _press(template, Paper.A4).defaults.matcher.match(root)
    return {pseudo for _, _, pseudo, _ in found if pseudo}


@pdftotext
def test_only_a_design_with_footnotes_has_styles_for_them_at_every_element_and_prints_them() -> None:
    noted = replace(TEMPLATE, css=TEMPLATE.css + ".legal { float: footnote }")
    assert _styled(TEMPLATE) == set() and "footnote-call" in _styled(noted)
    page = render_html(build(crossing()), TEMPLATE).replace("</h1>", '<span class="legal">At last</span></h1>')
    assert "1. At last" in words(render_pdf(page, noted, Imprint("x")))


def _printed_with_a_mark(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a rule that is put into the stylesheet in place of WeasyPrint's own is seen on the page."""
    with monkeypatch.context() as changed:
        changed.setattr("compengine.statement.pdf._defaults", lambda _: UA + 'h1::after { content: " mark" }')
        _press.cache_clear()
        content = statement_pdf(build(crossing()), TEMPLATE)
    _press.cache_clear()
    return "Ana Oliveira mark" in words(content)


class _Elsewhere(HTML):  # type: ignore[misc]
    """A WeasyPrint that looks for its own stylesheet where nothing was replaced."""

    def __setattr__(self, name: str, value: object) -> None:
        if name != "_ua_stylesheets":
            super().__setattr__(name, value)


@pdftotext
def test_weasyprint_uses_the_stylesheet_in_place_of_its_own_and_it_is_seen_where_it_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _printed_with_a_mark(monkeypatch)
    monkeypatch.setattr("compengine.statement.pdf.HTML", _Elsewhere)
    assert not _printed_with_a_mark(monkeypatch)
