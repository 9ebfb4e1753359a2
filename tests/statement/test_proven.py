"""A statement proves itself from its file alone, and what was changed in it is found."""

import io
import json
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from proven_samples import FOREIGN, OURS, SECRET, TEMPLATE, higher, posted, printed, proof
from statement_samples import ALL, abroad, crossing, true_up
from test_decided import adjusted, by_hand

from compengine.actions.proven import ANEW, ProvenStatement, prove
from compengine.inputs.schema import DEFAULT_LOCALE, LOCALES
from compengine.ledger.leaves import salt_of
from compengine.ledger.signing import public_text
from compengine.source.diagnostic import Failed
from compengine.statement.asprinted import is_as_printed
from compengine.statement.build import assemble, build
from compengine.statement.data import from_json, to_json
from compengine.statement.facts import Status
from compengine.statement.pagecheck import differing
from compengine.statement.pdf import statement_pdf
from compengine.statement.proof import DATA, PROOF, enclosures, from_bytes, to_bytes
from compengine.statement.reading import read_pdf
from compengine.statement.recheck import recomputed
from compengine.statement.view import StatementView
from compengine.values.periods import DAY


def proven(folder: Path, content: bytes, *, kept: str = "", key: str = "") -> ProvenStatement:
    file, checkpoints, public = folder / "s.pdf", folder / "kept.txt", folder / "kept.pub"
    file.write_bytes(content)
    checkpoints.write_text(kept, "utf-8")
    public.write_text(key, "utf-8")
    return prove(file, checkpoints if kept else None, public if key else None)


def said(done: ProvenStatement) -> str:
    return "\n".join(d.message for d in done.diagnostics)


@pytest.mark.parametrize("name", ["crossing", "true_up", "draw", "negative", "forty", "names", "decided", "abroad"])
def test_a_statement_as_it_was_printed_is_proven(name: str, tmp_path: Path) -> None:
    facts = ALL[name]()
    done = proven(tmp_path, printed(facts), kept=proof(facts)[1].text, key=public_text(OURS.public))
    assert (said(done), done.kept, done.signed, done.checkpoint) == ("", True, True, 765)
    assert done.posted == len(facts.rows)


def test_a_preview_is_correct_and_belongs_to_no_checkpoint(tmp_path: Path) -> None:
    facts = crossing()
    view = build(replace(facts, run=replace(facts.run, status=Status.PREVIEW, checkpoint=0, ledger="")))
    content = statement_pdf(view, TEMPLATE, enclosures=enclosures(view, None))
    assert said(proven(tmp_path, content)) == ""
    assert "belongs to no checkpoint" in said(proven(tmp_path, content, kept=proof(facts)[1].text))


# --- forged


def test_a_page_that_shows_more_than_its_data_is_found(tmp_path: Path) -> None:
    facts = crossing()
    done = proven(tmp_path, printed(facts, shown=higher(assemble(facts))))
    assert "the pages show 6,875.00, which is not in the data" in said(done)
    assert "the amount 5875.00 of the data stands on the pages" in said(done)


def test_data_and_page_that_say_more_than_was_posted_are_found(tmp_path: Path) -> None:
    facts = crossing()
    more = higher(assemble(facts))
    assert recomputed(more)[1] == [] or "year" in str(recomputed(more)[1])
    done = proven(tmp_path, printed(facts, shown=more, told=more))
    assert "D1001 in Commission (4300" in said(done) and "was not posted so" in said(done)
    assert "commission is 5,700.00, and 4,700.00 was posted" in said(done)


def test_rows_that_were_not_posted_lead_to_another_root(tmp_path: Path) -> None:
    facts = crossing()
    true, _ = proof(facts)
    rows = [replace(p, row=replace(p.row, basis=p.row.basis * 2, amount=p.row.amount * 2)) for p in facts.rows]
    forged, _ = proof(replace(facts, rows=tuple(rows)))
    mixed = replace(true, text=forged.text)
    view = assemble(facts)
    done = proven(tmp_path, statement_pdf(view, TEMPLATE, enclosures=enclosures(view, mixed)))
    assert "the path does not lead to the root" in said(done)
    other_root = replace(forged, checkpoint=true.checkpoint)
    done = proven(tmp_path, statement_pdf(view, TEMPLATE, enclosures=enclosures(view, other_root)))
    assert "the checkpoint says rows" in said(done)


@pytest.mark.parametrize(
    ("salt", "found"),
    [
        (salt_of(SECRET, 1).hex(), "the path does not lead to the root"),
        (salt_of(bytes(32), 0).hex(), "the path does not lead to the root"),
        ("", "a salt has 64 hexadecimal digits"),
        (salt_of(SECRET, 0).hex().upper(), "a salt has 64 hexadecimal digits"),
    ],
)
def test_the_salt_of_another_leaf_proves_nothing(tmp_path: Path, salt: str, found: str) -> None:
    facts = crossing()
    view, true = assemble(facts), proof(facts)[0]
    assert (true.index, true.salt) == (0, salt_of(SECRET, 0).hex())
    content = statement_pdf(view, TEMPLATE, enclosures=enclosures(view, replace(true, salt=salt)))
    assert found in said(proven(tmp_path, content))
    assert standalone(tmp_path, content)[0] == 1


def test_a_statement_discloses_no_salt_but_its_own(tmp_path: Path) -> None:
    facts = crossing()
    enclosed = read_pdf(printed(facts)).files
    for content in enclosed.values():
        assert SECRET.hex().encode() not in content
        assert salt_of(SECRET, 1).hex().encode() not in content
    assert salt_of(SECRET, 0).hex().encode() in enclosed[PROOF]


def test_a_checkpoint_of_ones_own_is_found_only_by_one_that_was_kept_or_by_the_key(tmp_path: Path) -> None:
    facts = crossing()
    forged, _ = proof(facts, posted(facts).vstack(posted(facts).tail(0)), FOREIGN)
    forged = replace(forged, checkpoint=forged.checkpoint)
    view = assemble(facts)
    content = statement_pdf(view, TEMPLATE, enclosures=enclosures(view, forged))
    kept, key = proof(facts)[1].text, public_text(OURS.public)
    assert said(proven(tmp_path, content)) == ""
    assert "not signed with the key" in said(proven(tmp_path, content, key=key))
    other = proof(replace(facts, run=replace(facts.run, run="other")))[1].text
    assert "does not stand so" in said(proven(tmp_path, content, kept=other))
    assert said(proven(tmp_path, content, kept=kept)) == ""


def _enclosed(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        files = {name: bytes(pdf.attachments[name].get_file().read_bytes()) for name in pdf.attachments}
        change(files)
        names = pdf.Root.Names.EmbeddedFiles.Names
        for at in range(0, len(names), 2):
            names[at + 1].EF.F.write(files[str(names[at])])
        target = io.BytesIO()
        pdf.save(target)
        return target.getvalue()


def _customer(files: dict[str, bytes]) -> None:
    files[DATA] = files[DATA].replace(b"Nordwind", b"Nordwall")


def _amount(files: dict[str, bytes]) -> None:
    files[DATA] = files[DATA].replace(b'"amount":"3300"', b'"amount":"3301"')
    tree = from_bytes(files[PROOF].replace(_digest(files[PROOF]), _sha(files[DATA])), files[DATA])
    files[PROOF] = to_bytes(tree, files[DATA])


def _spaces(files: dict[str, bytes]) -> None:
    files[DATA] = json.dumps(json.loads(files[DATA])).encode()


def _cut(files: dict[str, bytes]) -> None:
    files[PROOF] = files[PROOF][:-20]


def _digest(content: bytes) -> bytes:
    return str(json.loads(content)["data"]).encode()


def _sha(content: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(content).hexdigest().encode()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_customer, "statement.json is not the one"),
        (_amount, "must be 3,300.00"),
        (_spaces, "byte 1"),
        (_cut, "proof.json cannot be read"),
    ],
)
def test_changed_bytes_of_the_enclosed_files_are_found(
    tmp_path: Path, change: Callable[[dict[str, bytes]], None], found: str
) -> None:
    content = _enclosed(printed(crossing()), change)
    try:
        messages = said(proven(tmp_path, content))
    except Failed as failed:
        messages = str(failed)
    assert found in messages


def test_every_byte_of_the_enclosed_data_counts(tmp_path: Path) -> None:
    """Each hundredth byte of the two compressed streams is changed in turn."""
    content = printed(crossing())
    streams = list(re.finditer(rb"/EmbeddedFile.*?stream\n(.*?)\nendstream", content, re.DOTALL))
    places = [place for found in streams for place in range(found.start(1), found.end(1), 101)]
    assert len(streams) == 2 and len(places) > 20
    for place in places:
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        try:
            assert said(proven(tmp_path, changed)), f"byte {place} was changed unseen"
        except Failed:
            continue


def _note_over(pdf: pikepdf.Pdf) -> None:
    note = {"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.FreeText, "/Rect": [9, 9, 90, 90], "/Contents": "9"}
    pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(pikepdf.Dictionary(note))]))


def _unseen(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents = pdf.make_stream(pdf.pages[0].Contents.read_bytes() + b"\nBT 3 Tr ET")


def _form(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary({"/Fields": []}))


@pytest.mark.parametrize(
    ("change", "found"),
    [(_note_over, "FreeText lies over the page"), (_unseen, "not seen"), (_form, "the file has AcroForm")],
)
def test_what_the_printer_would_not_have_written_is_found(
    tmp_path: Path, change: Callable[[pikepdf.Pdf], None], found: str
) -> None:
    with pikepdf.open(io.BytesIO(printed(crossing()))) as pdf:
        change(pdf)
        target = io.BytesIO()
        pdf.save(target)
    assert found in said(proven(tmp_path, target.getvalue()))


def _drawn(operators: bytes) -> Callable[[pikepdf.Pdf], None]:
    return lambda pdf: pdf.pages[0].contents_add(operators, prepend=False)


def _image(pdf: pikepdf.Pdf) -> None:
    image = pdf.make_stream(b"\xff", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1, Height=1)
    image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceGray, 8
    name = pdf.pages[0].add_resource(image, pikepdf.Name.XObject)
    pdf.pages[0].contents_add(f"q 300 0 0 60 60 560 cm {name} Do Q".encode())


def _cropped(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].CropBox = pikepdf.Array([0, 0, 595, 300])


def _titled(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "Forged"


PAINTED: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "nothing, and saved": lambda pdf: None,
    "a white rectangle": _drawn(b"q 1 1 1 rg 0 0 600 900 re f Q"),
    "digits of strokes": _drawn(b"q 0 0 0 RG 2 w 70 540 m 70 560 l S 80 540 m 90 540 l S Q"),
    "an image": _image,
    "a box that hides": _cropped,
    "pages in another order": lambda pdf: pdf.pages.reverse(),
    "another title": _titled,
}


@pytest.mark.parametrize("mode", [*pikepdf.ObjectStreamMode.__members__.values()])
@pytest.mark.parametrize("name", PAINTED)
def test_pages_that_another_program_wrote_are_not_proven(
    tmp_path: Path, name: str, mode: pikepdf.ObjectStreamMode
) -> None:
    content = printed(ALL["forty"]())
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) > 1
        PAINTED[name](pdf)
        target = io.BytesIO()
        pdf.save(target, object_stream_mode=mode)
    done = proven(tmp_path, target.getvalue())
    assert not done.as_printed and "do not read its pages" in said(done)
    assert ("rows and data are proven" in said(done)) == (len(done.diagnostics) == 1)
    assert proven(tmp_path, content).as_printed


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.replace(b"%PDF-1.7\n", b"%PDF-1.7\n%more\n", 1),
        lambda c: c.replace(b"\nendobj\n", b"\nendobj\n9999 0 obj\nnull\nendobj\n", 1),
        lambda c: c + b"\n",
        lambda c: c.replace(b"startxref\n", b"startxref\n1", 1),
    ],
)
def test_a_byte_more_outside_of_what_is_packed_is_not_the_printers(change: Callable[[bytes], bytes]) -> None:
    content = printed(crossing())
    assert is_as_printed(content) and change(content) != content
    assert not is_as_printed(change(content))


def test_a_version_appended_to_the_file_is_found(tmp_path: Path) -> None:
    content = printed(crossing())
    assert "appended" in said(proven(tmp_path, content + content[content.rindex(b"startxref") :]))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"hello", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"])
def test_what_is_no_pdf_is_a_diagnostic(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Failed, match="E805"):
        proven(tmp_path, content)


def _resaved(content: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        target = io.BytesIO()
        pdf.save(target)
        return target.getvalue()


def _damaged(content: bytes) -> dict[str, bytes]:
    """By what is said of it: a page with a byte that does not unpack, data with one, and a file that was cut off."""
    page = content.index(b"stream\n", content.index(b"/FlateDecode")) + 7
    data = content.index(b"stream\n", content.index(b"/EmbeddedFile")) + 7
    return {
        "page 1 of it is damaged": content[:page] + b"\0" * 9 + content[page + 9 :],
        "enclosed in it, is damaged": content[:data] + b"\0" * 9 + content[data + 9 :],
        "it is cut off or damaged": content[: len(content) // 4],
        "it is no PDF": b"checkpoints",
        "it is empty": b"",
    }


INTERNAL = ("object at 0x", "BytesIO", "inflate", "Errno", "Error -", "Traceback", "(.*?)", "KeyError")


def test_a_damaged_file_is_a_finding_in_words_of_our_own(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from compengine.cli.main import cli

    file = tmp_path / "s.pdf"
    for what, content in _damaged(printed(crossing())).items():
        file.write_bytes(content)
        done = CliRunner().invoke(cli, ["verify", str(file)])
        assert (done.exit_code, what in " ".join(done.output.split())) == (1, True), done.output
        assert not any(word in done.output for word in INTERNAL), done.output
        as_data = CliRunner().invoke(cli, ["verify", str(file), "--format", "json"])
        assert (as_data.exit_code, json.loads(as_data.output)["ok"]) == (1, False)
    key = tmp_path / "empty.pub"
    key.write_bytes(b"")
    file.write_bytes(printed(crossing()))
    assert CliRunner().invoke(cli, ["verify", str(file), "--key", str(key)]).exit_code == 2


def test_the_checkpoint_of_a_file_that_was_added_to_is_still_the_one_that_was_kept(tmp_path: Path) -> None:
    content, kept = printed(crossing()), proof(crossing())[1].text
    added = content + content[content.rindex(b"startxref") :]
    done = proven(tmp_path, added, kept=kept)
    assert (done.compared, done.kept, bool(done.diagnostics)) == (True, True, True)
    alone = proven(tmp_path, added)
    assert (alone.compared, alone.kept) == (False, False)
    other = proof(replace(crossing(), run=replace(crossing().run, run="other")))[1].text
    assert proven(tmp_path, added, kept=other).kept is False


def test_of_a_file_that_another_program_saved_the_data_alone_is_proven_and_the_standalone_verifier_names_it(
    tmp_path: Path,
) -> None:
    content = _resaved(printed(crossing()))
    assert said(proven(tmp_path, content)) == f"rows and data are proven; {ANEW}"
    code, out = standalone(tmp_path, content)
    assert code == 1 and "another program saved it anew" in out and "compengine verify" in out, out


def test_the_standalone_verifier_speaks_in_words_of_its_own(tmp_path: Path) -> None:
    for content in (*_damaged(printed(crossing())).values(), _enclosed(printed(crossing()), _cut)):
        code, out = standalone(tmp_path, content)
        assert code == 1 and "WRONG: " in out and not any(word in out for word in INTERNAL), out


def test_another_pdf_is_no_statement(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"encloses no statement\.json"):
        proven(tmp_path, statement_pdf(assemble(crossing()), TEMPLATE))


# --- the parts


def test_every_glyph_of_a_page_is_read_as_text() -> None:
    view = build(ALL["names"]())
    text = "".join("".join(read_pdf(statement_pdf(view, TEMPLATE)).texts).split())
    assert "Gesellschaft" in text and "María-José" in text and "\ufffd" not in text


@pytest.mark.parametrize("name", [n for n in ALL if n != "six_hundred"])
def test_the_data_alone_gives_every_sum_of_every_sample(name: str) -> None:
    view = build(ALL[name]())
    assert recomputed(from_json(to_json(view)))[1] == []


def _sums(view: object) -> list[str]:
    return [what for what, _, _ in recomputed(view)[1]]  # type: ignore[arg-type]


def test_each_sum_that_is_wrong_in_the_data_is_named() -> None:
    view = build(true_up())
    one = Decimal("0.01")
    bridge = view.bridges[0]
    off = replace(bridge.lines[-1], amount=bridge.lines[-1].amount + one)
    assert "“Payable”" in _sums(replace(view, bridges=(replace(bridge, lines=(*bridge.lines[:-1], off)),)))
    answer = replace(view.answer[0], value=view.answer[0].value + one)
    assert _sums(replace(view, answer=(answer,))) == ["payable in USD"]
    component = replace(view.components[0], subtotal=view.components[0].subtotal + one)
    assert "the sum of Commission" in _sums(replace(view, components=(component,)))
    changes = replace(view.changes[0], amount=view.changes[0].amount + one)
    assert any("differences" in what for what in _sums(replace(view, changes=(changes, *view.changes[1:]))))
    account = replace(build(crossing()).accounts[0], closing=Decimal(9))
    assert any("balance" in what for what in _sums(replace(view, accounts=(account,))))
    year = build(crossing()).years[0]
    odd = replace(year, totals=replace(year.totals, total=Decimal(1)))
    assert any("year" in what for what in _sums(replace(view, years=(odd,))))


def test_a_percentage_or_a_name_on_a_page_is_no_stranger_and_an_amount_is() -> None:
    view = build(crossing())
    texts = read_pdf(statement_pdf(view, TEMPLATE)).texts
    assert differing(view, [*texts, "12.34%", "7-Eleven 2.5", "1.234,5"]) == []
    assert differing(view, [*texts, "USD 12.34"]) == ["the pages show 12.34, which is not in the data"]
    assert differing(view, [*texts, "12,34"]) == ["the pages show 12,34, which is not in the data"]


def test_enclosed_streams_are_plain_zlib(tmp_path: Path) -> None:
    """What docs/verify_statement.py relies on."""
    content = printed(crossing())
    start = content.index(b"stream\n", content.index(b"/EmbeddedFile")) + 7
    assert zlib.decompress(content[start : content.index(b"\nendstream", start)])[:1] == b"{"


# --- by the verifier that shares nothing with us


def standalone(folder: Path, content: bytes, checkpoints: str = "") -> tuple[int, str]:
    file, kept, public = folder / "s.pdf", folder / "kept.txt", folder / "kept.pub"
    file.write_bytes(content)
    kept.write_text(checkpoints or proof(crossing())[1].text, "utf-8")
    public.write_text(public_text(OURS.public), "utf-8")
    verifier = Path(__file__).parents[2] / "docs" / "verify_statement.py"
    command = [sys.executable, "-I", str(verifier), str(file), str(kept), str(public)]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_standalone_verifier_proves_a_statement(tmp_path: Path) -> None:
    code, out = standalone(tmp_path, printed(crossing()))
    assert code == 0 and out.endswith("statement 2026-03-0001 of ana, run 2026-03.2, checkpoint 765: 5875 USD\nOK\n"), (
        out
    )


def test_the_standalone_verifier_counts_an_adjustment_once(tmp_path: Path) -> None:
    facts = adjusted(by_hand("250"))
    code, out = standalone(tmp_path, printed(facts), proof(facts)[1].text)
    assert code == 0, out
    view = assemble(facts)
    (one,) = view.adjustments
    told = replace(view, adjustments=(replace(one, amount=one.amount + 1),))
    code, out = standalone(tmp_path, printed(facts, told=told), proof(facts)[1].text)
    assert code == 1 and "adjustment is 251, and must be 250" in out, out


def test_the_standalone_verifier_multiplies_each_conversion(tmp_path: Path) -> None:
    facts = abroad()
    code, out = standalone(tmp_path, printed(facts), proof(facts)[1].text)
    assert code == 0 and out.endswith("5470.21 EUR, 10 USD\nOK\n"), out
    view = assemble(facts)
    first, second = view.bridges[0].conversions
    for changed, message in (
        (replace(first, fx=Decimal("0.9312")), "5470.21 paid for enterprise-ae is no product"),
        (replace(first, basis=replace(first.basis, value=Decimal("5875.001"))), "what is converted is 5885.001"),
    ):
        wrong = replace(view, bridges=(replace(view.bridges[0], conversions=(changed, second)),))
        code, out = standalone(tmp_path, printed(facts, told=wrong), proof(facts)[1].text)
        assert code == 1 and message in out, out


def test_the_standalone_verifier_finds_what_was_forged(tmp_path: Path) -> None:
    facts = crossing()
    view, true, content = assemble(facts), proof(facts)[0], printed(facts)
    more = higher(view)
    uneven = replace(view, answer=(replace(view.answer[0], value=Decimal(9)),))
    for name, forged in {
        "does not stand on the pages": printed(facts, shown=more),
        "commission is 5700, and must be 4700": printed(facts, shown=more, told=more),
        "payable in USD is 9": printed(facts, shown=uneven, told=uneven),
        "not among those of checkpoint": statement_pdf(
            view, TEMPLATE, enclosures=enclosures(view, replace(true, text=true.text.replace("3300", "3301")))
        ),
        "there is no checkpoint 766": statement_pdf(
            _later(view), TEMPLATE, enclosures=enclosures(_later(view), replace(true, seq=766))
        ),
        "something else is in the file": content + content[content.rindex(b"startxref") :],
    }.items():
        code, out = standalone(tmp_path, forged)
        assert code == 1 and name in out, (name, out)


def _later(view: StatementView) -> StatementView:
    return replace(view, audit=replace(view.audit, checkpoint=766))


def test_the_standalone_verifier_finds_changed_bytes(tmp_path: Path) -> None:
    content = printed(crossing())
    start = content.index(b"/EmbeddedFile") + 400
    for place in (start, start + 1500, content.rindex(b"/Type /ObjStm") + 300):
        assert standalone(tmp_path, content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])[0] == 1


@pytest.mark.parametrize("locale", [each for each in LOCALES if each != DEFAULT_LOCALE])
def test_a_statement_in_any_language_shows_its_figures(locale: str) -> None:
    view = build(replace(true_up(), locale=locale))
    content = statement_pdf(view, TEMPLATE, enclosures=enclosures(view, None))
    assert differing(view, read_pdf(content).texts) == []
    texts = read_pdf(content).texts
    for other in (
        replace(view, answer=(replace(view.answer[0], value=Decimal(9)),)),
        replace(view, answer=(replace(view.answer[0], unit="CHF"),)),
        replace(view, pay_date=view.pay_date + DAY),
        replace(view, person=replace(view.person, name="Somebody Else")),
    ):
        assert len(differing(other, texts)) == 1


def test_a_currency_on_a_page_that_is_not_in_the_data_is_a_stranger() -> None:
    view = build(crossing())
    texts = read_pdf(statement_pdf(view, TEMPLATE)).texts
    assert differing(view, [each.replace("USD", "EUR") for each in texts]) == [
        "the pages do not say the currency USD",
        "the pages show EUR, which is not in the data",
    ]
