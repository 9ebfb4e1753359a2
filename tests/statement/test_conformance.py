"""PDF/A-3a and PDF/UA-1, by checks of our own on what the two standards ask of a file like ours, and by `pdfua`.

Neither is a full validator: there is none to be had as a package without a Java machine.
"""

import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pdfua
import pikepdf
import pytest
from statement_samples import ALL, crossing

from compengine.inputs.schema import DEFAULT_LOCALE
from compengine.statement.archival import Enclosure
from compengine.statement.build import build
from compengine.statement.pdf import statement_pdf
from compengine.statement.templates import load_template

TEMPLATE = load_template()
DATA = Enclosure("statement.json", "application/json", "The figures of this page", b'{"a": 1}')
NAMES = ("crossing", "true_up", "draw", "negative", "nothing", "forty")
XMP = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}


def printed(name: str = "crossing") -> bytes:
    return statement_pdf(build(ALL[name]()), TEMPLATE, enclosures=(DATA,))


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return {name: printed(name) for name in NAMES}


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def tree(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    ahead = [pdf.Root.StructTreeRoot]
    while ahead:
        element = ahead.pop()
        yield element
        kids = element.get("/K", [])
        ahead += [kid for kid in kids if isinstance(kid, pikepdf.Dictionary)]


def elements(pdf: pikepdf.Pdf, kind: str) -> list[pikepdf.Dictionary]:
    return [each for each in tree(pdf) if each.get("/S") == kind]


def property_of(pdf: pikepdf.Pdf, path: str) -> str | None:
    found = ElementTree.fromstring(pdf.Root.Metadata.read_bytes()).find(f".//{path}", XMP)
    return None if found is None else "".join(found.itertext()).strip()


def annotations(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    return [each for page in pdf.pages for each in page.obj.get("/Annots", [])]


def _on_a_page(each: pikepdf.Dictionary) -> bool:
    left, foot, right, head = (float(side) for side in each.Rect)
    _, _, width, height = (float(side) for side in each.P.MediaBox)
    return right >= 0 and head >= 0 and left <= width and foot <= height


# --- what each standard asks; each check names what is wrong


def archival(pdf: pikepdf.Pdf) -> list[str]:
    """ISO 19005-3, level A: what can go wrong in a file that a page printer made."""
    wrong = []
    if (property_of(pdf, "pdfaid:part"), property_of(pdf, "pdfaid:conformance")) != ("3", "A"):
        wrong.append("the metadata does not say PDF/A-3a")
    if "/Filter" in pdf.Root.Metadata:
        wrong.append("the metadata is compressed")
    said = {"/Title": "dc:title", "/Author": "dc:creator", "/Creator": "xmp:CreatorTool"}
    for key, path in said.items():
        if str(pdf.docinfo.get(key)) != property_of(pdf, path):
            wrong.append(f"information and metadata give another {key}")
    stamp = re.sub("[^0-9]", "", property_of(pdf, "xmp:CreateDate") or "")
    if str(pdf.docinfo.get("/CreationDate")) != f"D:{stamp}Z":
        wrong.append("information and metadata give another date")
    intents = list(pdf.Root.get("/OutputIntents", []))
    if not intents or intents[0].S != "/GTS_PDFA1" or intents[0].DestOutputProfile.N != 3:
        wrong.append("there is no output intent with a profile of three colours")
    for font in {f.objgen: f for page in pdf.pages for f in page.Resources.Font.values()}.values():
        described = font.DescendantFonts[0].FontDescriptor
        if "/FontFile2" not in described and "/FontFile3" not in described:
            wrong.append(f"{font.BaseFont} is not embedded")
        if "/ToUnicode" not in font:
            wrong.append(f"{font.BaseFont} has no text")
    named = list(pdf.Root.get("/Names", {}).get("/EmbeddedFiles", {}).get("/Names", []))[1::2]
    belonging = {each.objgen for each in pdf.Root.get("/AF", [])}
    for each in named:
        if each.objgen not in belonging or "/AFRelationship" not in each or "/UF" not in each:
            wrong.append(f"{each.F} does not belong to the file")
        if "/Subtype" not in each.EF.F:
            wrong.append(f"{each.F} has no media type")
    for each in annotations(pdf):
        left, foot, right, head = (float(side) for side in each.Rect)
        flags = int(each.get("/F", 0))
        if not flags & 4 or flags & (1 | 2 | 32):
            wrong.append("something on a page is not printed")
        if "/AP" not in each and (left, foot) != (right, head) and each.Subtype != "/Link":
            wrong.append("something on a page has no appearance")
    held = [value for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) for value in obj.values()]
    wrong += [f"there is {word}" for word in ("/JavaScript", "/Launch", "/Movie") if any(v == word for v in held)]
    return wrong + (["it is encrypted"] if pdf.is_encrypted else [])


def accessible(pdf: pikepdf.Pdf) -> list[str]:
    """ISO 14289-1: every mark is read or an artifact, and what is read has its place, its language and its words."""
    wrong = []
    if property_of(pdf, "pdfuaid:part") != "1":
        wrong.append("the metadata does not say PDF/UA-1")
    if not pdf.Root.get("/Lang") or not pdf.Root.MarkInfo.Marked:
        wrong.append("it is not marked, or in no language")
    if not pdf.Root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        wrong.append("a viewer shows the file's name for its title")
    kinds = [str(e.S) for e in tree(pdf) if "/S" in e]
    levels = [int(k[2:]) for k in reversed(kinds) if re.fullmatch("/H[1-6]", k)]
    wrong += [f"H{b} follows H{a}" for a, b in zip([0, *_in_order(pdf)], _in_order(pdf), strict=False) if b > a + 1]
    wrong += ["there is no heading"] if not levels else []
    for figure in elements(pdf, "/Figure"):
        if not str(figure.get("/Alt", "")).strip():
            wrong.append("a picture has no words")
        left, foot, right, head = (float(each) for each in figure.A.BBox)
        _, _, width, height = (float(each) for each in figure.Pg.MediaBox)
        if not (0 <= left < right <= width and 0 <= foot < head <= height):
            wrong.append("a picture lies outside its page")
    for page in pdf.pages:
        if "/Annots" in page and page.obj.get("/Tabs") != "/S":
            wrong.append("what lies on a page is not reached in the order of its tags")
    if any(_on_a_page(each) and "/StructParent" not in each for each in annotations(pdf)):
        wrong.append("something on a page is not tagged")
    for cell in elements(pdf, "/TH"):
        if cell.A.get("/Scope") not in ("/Row", "/Column"):
            wrong.append("a header cell is of no row or column")
    known = {str(cell.ID) for cell in elements(pdf, "/TH")}
    for cell in elements(pdf, "/TD"):
        if not set(map(str, cell.A.Headers)) <= known:
            wrong.append("a cell names a header that is not there")
    for number, page in enumerate(pdf.pages, 1):
        wrong += [f"page {number}: {what}" for what in _unmarked(pdf, page)]
    return wrong


def _in_order(pdf: pikepdf.Pdf) -> list[int]:
    found: list[int] = []

    def walk(element: pikepdf.Dictionary) -> None:
        if match := re.fullmatch("/H([1-6])", str(element.get("/S", ""))):
            found.append(int(match[1]))
        for kid in element.get("/K", []):
            if isinstance(kid, pikepdf.Dictionary):
                walk(kid)

    walk(pdf.Root.StructTreeRoot)
    return found


def _meaningless(pdf: pikepdf.Pdf) -> list[str]:
    """Tags of no meaning around text alone, and text whose tag is another one than the page says."""
    mapped = dict(zip(*[iter(pdf.Root.StructTreeRoot.ParentTree.Nums)] * 2, strict=True))
    wrong = []
    for element in tree(pdf):
        texts = [kid for kid in element.get("/K", []) if isinstance(kid, int)]
        if texts and element.get("/S") in ("/Span", "/NonStruct"):
            wrong.append(f"a {element.S} says nothing")
        held = [mapped[element.Pg.StructParents][text].objgen for text in texts]
        wrong += ["a text hangs on two tags" for each in held if each != element.objgen]
    return wrong


def _unmarked(pdf: pikepdf.Pdf, page: pikepdf.Page) -> Iterator[str]:
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    mapped = numbers[numbers.index(page.obj.StructParents) + 1]
    reached = {each.objgen for each in tree(pdf)}
    stack: list[str] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BMC" | "BDC":
                stack.append(str(operands[0]))
                if len(operands) > 1 and "/MCID" in operands[1]:
                    element = mapped[int(operands[1].MCID)]
                    if element is None or element.objgen not in reached:
                        yield "something marked hangs on no tag"
            case "EMC":
                stack.pop()
            case "TJ" | "Tj" | "f" | "S" | "f*" | "B" | "Do" | "sh":
                if not stack:
                    yield f"{operator} stands outside all marks"


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_passes_our_checks_of_pdf_a_3a(made: dict[str, bytes], name: str) -> None:
    with opened(made[name]) as pdf:
        assert archival(pdf) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_passes_our_checks_of_pdf_ua_1(made: dict[str, bytes], name: str) -> None:
    with opened(made[name]) as pdf:
        assert accessible(pdf) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_passes_pdfua(made: dict[str, bytes], name: str, tmp_path: Path) -> None:
    file = tmp_path / "s.pdf"
    file.write_bytes(made[name])
    assert [f"{f.rule_id} {f.message}" for f in pdfua.validate(file).findings] == []


@pytest.mark.parametrize("name", NAMES)
def test_text_hangs_on_the_tag_that_tells_what_it_is(made: dict[str, bytes], name: str) -> None:
    with opened(made[name]) as pdf:
        assert _meaningless(pdf) == []
        heading = elements(pdf, "/H1")[0]
        heading.S = pikepdf.Name.Span
        assert _meaningless(pdf) == ["a /Span says nothing"]
        heading.S = pikepdf.Name.H1
        heading.K.append(0)
        assert _meaningless(pdf) == ["a text hangs on two tags"]


def _no_profile(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def _other_title(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "Another"


def _no_relation(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.AF


def _no_font(pdf: pikepdf.Pdf) -> None:
    del next(iter(pdf.pages[0].Resources.Font.values())).DescendantFonts[0].FontDescriptor.FontFile2


def _script(pdf: pikepdf.Pdf) -> None:
    action = {"/Type": pikepdf.Name.Action, "/S": pikepdf.Name.JavaScript, "/JS": pikepdf.String("")}
    pdf.Root.OpenAction = pdf.make_indirect(pikepdf.Dictionary(action))


def _no_words(pdf: pikepdf.Pdf) -> None:
    del elements(pdf, "/Figure")[0].Alt


def _no_scope(pdf: pikepdf.Pdf) -> None:
    del elements(pdf, "/TH")[0].A.Scope


def _no_language(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Lang


def _jumping(pdf: pikepdf.Pdf) -> None:
    elements(pdf, "/H2")[0].S = pikepdf.Name.H5


def _bare(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n0 0 9 9 re f")


def _orphan(pdf: pikepdf.Pdf) -> None:
    pdf.Root.StructTreeRoot.K[0].K = pikepdf.Array(list(pdf.Root.StructTreeRoot.K[0].K)[1:])


@pytest.mark.parametrize("spoil", [_no_profile, _other_title, _no_relation, _no_font, _script])
def test_our_checks_of_pdf_a_find_what_is_wrong(made: dict[str, bytes], spoil: Callable[[pikepdf.Pdf], None]) -> None:
    with opened(made["crossing"]) as pdf:
        spoil(pdf)
        assert len(archival(pdf)) == 1


@pytest.mark.parametrize("spoil", [_no_words, _no_scope, _no_language, _jumping, _bare, _orphan])
def test_our_checks_of_pdf_ua_find_what_is_wrong(made: dict[str, bytes], spoil: Callable[[pikepdf.Pdf], None]) -> None:
    with opened(made["crossing"]) as pdf:
        spoil(pdf)
        assert accessible(pdf)


def test_running_heads_and_feet_are_artifacts_and_nothing_else_is_text_outside_the_tree(
    made: dict[str, bytes],
) -> None:
    with opened(made["crossing"]) as pdf:
        for page in pdf.pages:
            stack, paged = [], 0
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) in ("BMC", "BDC"):
                    stack.append(operands)
                elif str(operator) == "EMC":
                    stack.pop()
                elif str(operator) == "TJ" and str(stack[-1][0]) == "/Artifact":
                    assert stack[-1][1].Type == "/Pagination"
                    paged += 1
            assert paged >= 2, "the foot is read aloud on every page"


def test_headings_are_bookmarks_and_the_language_is_the_page_s(made: dict[str, bytes]) -> None:
    with opened(made["crossing"]) as pdf, pdf.open_outline() as outline:
        titles = [each.title for each in outline.root[0].children]
        assert outline.root[0].title == "Ana Oliveira" and "Line by line" in titles
        assert str(pdf.Root.Lang) == DEFAULT_LOCALE


def test_what_is_enclosed_comes_out_as_it_went_in_and_changes_no_page() -> None:
    plain, full = statement_pdf(build(crossing()), TEMPLATE), printed()
    with opened(full) as pdf, opened(plain) as bare:
        assert pdf.attachments["statement.json"].get_file().read_bytes() == DATA.content
        assert [p.Contents.read_bytes() for p in pdf.pages] == [p.Contents.read_bytes() for p in bare.pages]
        assert not bare.attachments


def test_a_tag_that_is_left_out_leaves_a_free_number_and_no_empty_object(made: dict[str, bytes]) -> None:
    """Of the second kind of ISO 32000-2, 7.5.4: generation 65535, next 0."""
    with opened(made["crossing"]) as pdf:
        assert not [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and not each.keys()]
    table = made["crossing"].rpartition(b"<</Type /XRef")[2]
    first, second, third = (int(width) for width in re.search(rb"/W \[(\d) (\d) (\d)\]", table).groups())  # type: ignore[union-attr]
    rows = zlib.decompress(table.partition(b"stream\n")[2].partition(b"\nendstream")[0])
    entries = [rows[at : at + first + second + third] for at in range(0, len(rows), first + second + third)]
    free = [entry for entry in entries if entry[0] == 0]
    assert len(free) > 100
    assert set(free) == {bytes(first + second) + (65535).to_bytes(third, "big")}
