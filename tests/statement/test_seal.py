"""The company's seal: behind the bytes of the statement, on no page, and nothing is changed after it unseen."""

import hashlib
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pdfua
import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from proven_samples import TEMPLATE, proof
from seal_samples import MADE, authority, company, issue
from statement_samples import ALL, crossing
from test_conformance import accessible, archival
from test_proven import said, standalone

from compengine.actions.proven import ProvenStatement, prove
from compengine.statement import sealcheck
from compengine.statement.batch import Sheet, Where, print_all
from compengine.statement.build import assemble
from compengine.statement.facts import Status
from compengine.statement.manifest import Printed, finished, manifest_text, write_manifest
from compengine.statement.pdf import statement_pdf
from compengine.statement.proof import enclosures
from compengine.statement.reading import read_pdf
from compengine.statement.seal import read_written, sealed
from compengine.statement.sealcheck import parts


def statement(name: str = "crossing") -> bytes:
    facts = ALL[name]()
    view = assemble(facts)
    return statement_pdf(view, TEMPLATE, enclosures=enclosures(view, proof(facts)[0]))


@pytest.fixture(scope="module")
def plain() -> bytes:
    return statement()


@pytest.fixture(scope="module")
def made(plain: bytes) -> bytes:
    return sealed(plain, company().seal())


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    file = tmp_path / "trust.pem"
    file.write_bytes(authority().certificates())
    return file


def proven(folder: Path, content: bytes, trust: Path | None = None) -> ProvenStatement:
    file = folder / "s.pdf"
    file.write_bytes(content)
    return prove(file, trust=trust)


# --- what it is


def test_the_statement_is_the_beginning_of_the_sealed_file_to_the_byte(plain: bytes, made: bytes) -> None:
    assert made.startswith(plain) and len(made) > len(plain)
    assert parts(made).statement == plain and parts(made).made == MADE
    assert not parts(plain).seal


@pytest.mark.parametrize("name", ["crossing", "negative", "forty", "abroad"])
def test_a_sealed_statement_is_pdf_a_3a_and_pdf_ua_1_as_before(name: str, tmp_path: Path) -> None:
    content = sealed(statement(name), company().seal())
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert archival(pdf) == accessible(pdf) == []
        assert len(pdf.pages[0].obj.Annots) == 1
    file = tmp_path / "s.pdf"
    file.write_bytes(content)
    assert [f"{f.rule_id} {f.message}" for f in pdfua.validate(file).findings] == []


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (b"/F 132", b"/F 134", "something on a page is not printed"),
        (b"-9999 -9999 -9999 -9999", b"00010 00010 00010 00099", "something on a page has no appearance"),
        (b"-9999 -9999 -9999 -9999", b"00010 00010 00010 00010", "something on a page is not tagged"),
        (b"/Tabs /S/StructParents 0", b"/Tabs /R/StructParents 0", "is not reached in the order of its tags"),
    ],
)
def test_a_seal_that_breaks_a_standard_is_found_by_those_checks(
    made: bytes, old: bytes, new: bytes, wrong: str
) -> None:
    assert old in made
    with pikepdf.open(io.BytesIO(made.replace(old, new))) as pdf:
        assert wrong in "\n".join([*archival(pdf), *accessible(pdf)])


def test_pages_and_enclosed_files_are_the_same_for_a_viewer_of_the_whole_file(plain: bytes, made: bytes) -> None:
    before, after = read_pdf(plain), read_pdf(made)
    assert (before.texts, before.files) == (after.texts, after.files)
    with pikepdf.open(io.BytesIO(plain)) as a, pikepdf.open(io.BytesIO(made)) as b:
        there = {o.objgen: o.unparse(resolved=True) for o in a.objects if not isinstance(o, pikepdf.Stream)}
        changed = {at[0] for at, text in there.items() if text != b.get_object(at).unparse(resolved=True)}
        known = read_written(plain)
        assert changed == {known.root, known.first}
        del b.Root.AcroForm, b.Root.Perms, b.pages[0].obj.Annots
        for number in changed:
            assert b.get_object(number, 0).unparse(resolved=True) == there[number, 0]


def test_a_page_that_has_links_keeps_them() -> None:
    careless = replace(TEMPLATE, html=TEMPLATE.html.replace("<body", '<body><a href="https://acme.example/">x</a', 1))
    content = statement_pdf(assemble(crossing()), careless)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        links = len(pdf.pages[0].obj.Annots)
    with pikepdf.open(io.BytesIO(sealed(content, company().seal()))) as pdf:
        kinds = [str(each.Subtype) for each in pdf.pages[0].obj.Annots]
    assert kinds == ["/Widget", *["/Link"] * links] and links


def test_a_second_reader_of_signatures_finds_it_valid(made: bytes, tmp_path: Path) -> None:
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig of poppler-utils is not here")
    file = tmp_path / "s.pdf"
    file.write_bytes(made)
    environment = {**os.environ, "HOME": str(tmp_path)}
    told = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, env=environment).stdout
    assert "Signature is Valid" in told and "Total document signed" in told and "CN=Acme Pay,O=Acme Ltd" in told
    file.write_bytes(made.replace(b"/Title (", b"/Titel (", 1).replace(b"%PDF-1.7", b"%PDF-1.6", 1))
    told = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, env=environment).stdout
    assert "Signature is Valid" not in told


@pytest.mark.parametrize("key", [None, rsa.generate_private_key(65537, 2048)], ids=["curve", "rsa"])
def test_it_can_be_made_with_either_kind_of_key_and_says_whose_it_is(
    plain: bytes, tmp_path: Path, trust: Path, key: rsa.RSAPrivateKey | None
) -> None:
    done = proven(tmp_path, sealed(plain, issue("Acme Pay", authority(), key).seal()), trust)
    assert said(done) == "" and done.seal is not None
    assert (done.seal.owner, done.seal.issuer) == ("CN=Acme Pay,O=Acme Ltd", "CN=Acme Root,O=Acme Ltd")
    assert (done.seal.made, done.seal.whole, done.seal.sound, done.seal.trusted) == (MADE, True, True, True)


# --- whether it is believed


def test_without_a_certificate_to_trust_it_is_sound_and_not_said_to_be_trusted(made: bytes, tmp_path: Path) -> None:
    done = proven(tmp_path, made)
    assert said(done) == "" and done.seal is not None
    assert (done.seal.sound, done.seal.trusted) == (True, None)


def test_the_certificate_of_the_seal_itself_can_be_trusted(made: bytes, tmp_path: Path) -> None:
    file = tmp_path / "own.der"
    file.write_bytes(company().certificate.public_bytes(Encoding.DER))
    done = proven(tmp_path, made, file)
    assert said(done) == "" and done.seal is not None and done.seal.trusted is True


def test_a_seal_of_somebody_else_under_the_same_name_is_not_trusted(plain: bytes, tmp_path: Path, trust: Path) -> None:
    forger = issue("Acme Pay", issue("Acme Root"))
    done = proven(tmp_path, sealed(plain, forger.seal()), trust)
    assert "whom no certificate given vouches for" in said(done)
    assert done.seal is not None and (done.seal.sound, done.seal.trusted) == (True, False)


def test_a_seal_made_outside_of_its_certificate_s_time_is_not_trusted(
    plain: bytes, tmp_path: Path, trust: Path
) -> None:
    late = replace(company().seal(), made=MADE + timedelta(days=400))
    done = proven(tmp_path, sealed(plain, late), trust)
    assert "whom no certificate given vouches for" in said(done)


def test_a_seal_that_is_asked_for_must_be_there(plain: bytes, tmp_path: Path, trust: Path) -> None:
    assert said(proven(tmp_path, plain)) == ""
    assert said(proven(tmp_path, plain, trust)) == "it has no seal"


def test_where_pyhanko_is_not_there_the_seal_is_said_to_be_unchecked(
    made: bytes, tmp_path: Path, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealcheck, "can_seal", lambda: False)
    done = proven(tmp_path, made)
    assert said(done) == "" and done.seal is not None and done.seal.sound is None
    assert "cannot be checked without pyHanko" in said(proven(tmp_path, made, trust))


# --- what was changed


def signature_changed(content: bytes) -> bytes:
    at = content.index(b"/Contents <") + 400
    return content[:at] + (b"1" if content[at : at + 1] != b"1" else b"2") + content[at + 1 :]


def page_changed(content: bytes) -> bytes:
    """The first stream, at a place that its own checks do not see."""
    return content.replace(b"%\xf0\x9f\x96\xa4", b"%\xf0\x9f\x96\xa5", 1)


CHANGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "the statement": (page_changed, "its seal does not fit"),
    "the signature": (signature_changed, "its seal does not fit"),
    "behind": (lambda c: c + b"\n% more\n", "8 bytes were appended behind the seal"),
    "the time": (lambda c: c.replace(b"/M (D:2026", b"/M (D:2025", 1), "its seal does not fit"),
    "the signed range": (lambda c: c.replace(b"/ByteRange [0 ", b"/ByteRange [1 ", 1), "was appended to the file"),
    "the catalogue": (lambda c: c.replace(b"/SigFlags 3", b"/SigFlags 1", 1), "was appended to the file"),
    "the field's place": (
        lambda c: c.replace(b"-9999 -9999 -9999", b"00000 00000 00999", 1),
        "was appended to the file",
    ),
    "what it permits": (lambda c: c.replace(b"/P 1/V", b"/P 3/V", 1), "was appended to the file"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_after_the_seal_is_found(made: bytes, tmp_path: Path, change: str) -> None:
    spoil, message = CHANGES[change]
    spoilt = spoil(made)
    assert spoilt != made
    assert message in said(proven(tmp_path, spoilt))


def test_another_page_behind_the_seal_is_found_by_both_verifiers(made: bytes, tmp_path: Path) -> None:
    """Planted: a later version of the file that shows nothing on its first page, as an editor appends it."""
    known = read_written(parts(made).statement)
    empty = b"%d 0 obj\n<</Type /Page/Parent 1 0 R/MediaBox [0 0 9 9]>>\nendobj\n" % known.first
    place = len(made)
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    last = int(made.rsplit(b"startxref\n", 1)[1].split()[0])
    forged = made + empty + table % (known.first, place, known.size + 3, known.root, last, place + len(empty))
    with pikepdf.open(io.BytesIO(forged)) as pdf:
        assert float(pdf.pages[0].MediaBox[2]) == 9
    assert "bytes were appended behind the seal" in said(proven(tmp_path, forged))
    code, out = standalone(tmp_path, forged)
    assert code == 1 and "something else is in the file, behind the statement" in out


def test_the_standalone_verifier_reads_a_sealed_statement_and_says_that_the_seal_is_not_checked(
    made: bytes, tmp_path: Path
) -> None:
    code, out = standalone(tmp_path, made)
    assert code == 0 and "statement 2026-03-0001 of ana, sealed (not checked here), run" in out, out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/SigFlags 3", b"/SigFlags 1"),
        (b"-9999 -9999 -9999", b"00000 00000 00999"),
        (b"/Annots [", b"/Annots [9 0 R "),
        (b"/Prev ", b"/Prev 1"),
        (b"\0\nendstream", b"\1\nendstream"),
    ],
)
def test_the_standalone_verifier_takes_nothing_else_for_a_seal(
    made: bytes, tmp_path: Path, old: bytes, new: bytes
) -> None:
    cut = len(parts(made).statement)
    assert old in made[cut:]
    code, out = standalone(tmp_path, made[:cut] + made[cut:].replace(old, new, 1))
    assert code == 1 and "something else is in the file, behind the statement" in out, out


def test_only_what_the_printer_wrote_is_sealed(plain: bytes, made: bytes) -> None:
    for content in (b"", b"%PDF-1.7\n", made, plain[:-1], plain.replace(b"/Type /ObjStm", b"/Type /ObjStn")):
        with pytest.raises(ValueError, match="it "):
            sealed(content, company().seal())


# --- in a batch


def test_a_batch_seals_final_statements_once_and_no_preview(tmp_path: Path) -> None:
    view = assemble(crossing())
    draft = replace(view, number="2026-03-0002", status=Status.PREVIEW.value)
    where = Where(tmp_path, TEMPLATE, seal=company().seal())
    first = [o for o in print_all([Sheet(view), Sheet(draft)], where, workers=1) if isinstance(o, Printed)]
    final, preview = sorted(first, key=lambda p: p.number)
    content = final.path.read_bytes()
    assert final.unsealed is not None and preview.unsealed is None
    assert parts(content).seal and not parts(preview.path.read_bytes()).seal
    before = content[: final.unsealed[1]]
    assert hashlib.sha256(before).hexdigest() == final.unsealed[0] and before == parts(content).statement
    assert hashlib.sha256(content).hexdigest() == final.digest

    write_manifest(tmp_path, manifest_text({}, first, ()))
    known = finished(tmp_path)
    assert known["2026-03-0001"].unsealed == final.unsealed
    entries = json.loads((tmp_path / "manifest.json").read_bytes())["statements"]
    assert ["unsealed" in each for each in entries] == [True, False]

    later = replace(where, seal=replace(company().seal(), made=MADE + timedelta(days=1)))
    again = [o for o in print_all([Sheet(view), Sheet(draft)], later, known, workers=1) if isinstance(o, Printed)]
    assert all(each.kept for each in again) and final.path.read_bytes() == content

    other = replace(where, seal=issue("Acme Pay", authority()).seal())
    anew = [o for o in print_all([Sheet(view), Sheet(draft)], other, known, workers=1) if isinstance(o, Printed)]
    assert [each.kept for each in sorted(anew, key=lambda p: p.number)] == [False, True]
    assert final.path.read_bytes() != content and final.path.read_bytes().startswith(before)


def test_two_processes_seal_as_one_does(tmp_path: Path) -> None:
    where = Where(tmp_path, TEMPLATE, seal=company().seal())
    sheets = [Sheet(replace(assemble(crossing()), number=f"2026-03-{n:04}")) for n in range(1, 4)]
    outcomes = [o for o in print_all(sheets, where) if isinstance(o, Printed)]
    assert len(outcomes) == 3 and all(o.unsealed and parts(o.path.read_bytes()).seal for o in outcomes)
