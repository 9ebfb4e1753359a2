"""A statement on record is never another file under its number: what would be is issued under one of its own."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from cli_world import Done, call, close, edit, files, starter
from mail_world import DELIVERY, PERIOD, Mailbox, server, towards

FIRST, LEADER, NEXT, THIRD = (f"{PERIOD}-00000{at}" for at in (1, 4, 5, 6))
"""Ann's, that of Lou, who is credited through her and names her, and what is issued next."""
FOLDER = f"statements/{PERIOD}"


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January final and its statements on record; everybody has the address of the house."""
    root = starter(tmp_path_factory.mktemp("reissue"), loaded=False)
    edit(root / "compengine.yaml", "title: text,", "title: text, email: text,")
    edit(root / "data/payees.csv", "title,manager", "title,email,manager")
    for title in ("Account Executive", "Team Lead"):
        edit(root / "data/payees.csv", f"{title},", f"{title},pay@acme.example,")
    with (root / "compengine.yaml").open("a", encoding="utf-8") as file:
        file.write(DELIVERY)
    assert call(root, "load", "data").code == 0
    close(root, PERIOD)
    assert "on record as S0001" in call(root, "statements", PERIOD, who="olive").out
    return root


@pytest.fixture
def root(issued: Path, tmp_path: Path) -> Path:
    return shutil.copytree(issued, tmp_path / "acme")


def named(root: Path, old: str, new: str) -> None:
    edit(root / "data/payees.csv", old, new)
    assert call(root, "load", "data").code == 0


def reissue(root: Path, *words: str, because: str = "The name was misspelled.") -> Done:
    return call(root, "statements", PERIOD, "--reissue", "--because", because, *words, who="olive")


def data_of(root: Path, number: str) -> dict[str, object]:
    from compengine.statement.proof import DATA
    from compengine.statement.reading import read_pdf

    content = (root / FOLDER / f"statement-{number}.pdf").read_bytes()
    return dict(json.loads(read_pdf(content).files[DATA])["statement"])


def test_a_name_put_right_is_printed_under_a_number_of_its_own_and_the_old_file_stays(root: Path) -> None:
    before = files(root / FOLDER)
    named(root, "Ann Testwell", "Anne Testwell")
    plain = call(root, "statements", PERIOD, who="olive")
    assert plain.code == 0 and "4 of them there already" in plain.out and files(root / FOLDER) == before
    done = reissue(root)
    assert done.code == 0, done.err
    assert f"statement-{NEXT}.pdf  ann  stands for {FIRST}" in done.out
    assert f"statement-{THIRD}.pdf  lou  stands for {LEADER}" in done.out and "2 as they were" in done.out
    after = files(root / FOLDER)
    assert {name: after[name] for name in before if name != "manifest.json"} == {
        name: content for name, content in before.items() if name != "manifest.json"
    }
    old, new = data_of(root, FIRST), data_of(root, NEXT)
    assert new["status"] == "Corrected" and isinstance(new["reissue"], dict)
    assert (new["reissue"]["supersedes"], new["reissue"]["reason"]) == (FIRST, "The name was misspelled.")
    assert new["dated"] == new["reissue"]["day"]
    assert {name for name in old if old[name] != new[name]} - {"dated"} == {"number", "status", "reissue", "person"}
    manifest = json.loads(after["manifest.json"])
    assert manifest["totals"] == json.loads(before["manifest.json"])["totals"]
    assert [e["number"] for e in manifest["statements"] if e.get("supersedes") == FIRST] == [NEXT]
    assert [e["number"] for e in manifest["statements"]][-2:] == [NEXT, THIRD]
    listed = call(root, "register", "--kind", "statements").out
    assert "The name was misspelled." in listed


def test_a_reissue_without_a_change_is_refused_and_writes_nothing(root: Path) -> None:
    before = files(root)
    refused = reissue(root)
    assert refused.code == 2 and "E814" in refused.err, refused.err
    assert {n: c for n, c in files(root).items() if not n.endswith(".progress")} == before
    assert call(root, "statements", PERIOD, "--reissue", who="olive").code == 2
    assert call(root, "statements", PERIOD, "--because", "so", who="olive").code == 2


def test_a_second_reissue_stands_for_the_first_and_a_file_that_is_lost_comes_back_from_the_store(root: Path) -> None:
    named(root, "Ann Testwell", "Anne Testwell")
    assert reissue(root, "--payee", "ann").code == 0
    again = reissue(root, "--payee", "ann")
    assert again.code == 2 and "E814" in again.err
    named(root, "Anne Testwell", "Anna Testwell")
    assert f"stands for {NEXT}" in reissue(root, "--payee", "ann", because="Again.").out
    file = root / FOLDER / f"statement-{NEXT}.pdf"
    content = file.read_bytes()
    file.unlink()
    taken_up = call(root, "statements", PERIOD, who="olive")
    assert taken_up.code == 0 and "on record as S0003" in taken_up.out, taken_up.out
    assert file.read_bytes() == content
    first = call(root, "verify", f"{FOLDER}/statement-{FIRST}.pdf")
    assert first.code == 0
    assert [line.split()[2] for line in first.out.splitlines() if "superseded" in line] == [NEXT, THIRD]
    assert "superseded" not in call(root, "verify", f"{FOLDER}/statement-{THIRD}.pdf").out
    assert "superseded" not in call(root.parent, "verify", f"acme/{FOLDER}/statement-{FIRST}.pdf").out


def test_another_design_never_takes_the_number_of_a_statement_on_record(root: Path) -> None:
    before = files(root / FOLDER)
    other = call(root, "statements", PERIOD, "--design", "compact", who="olive")
    assert other.code == 1 and other.err.count("E813") == 4 and "--reissue" in other.err
    assert {n: c for n, c in files(root / FOLDER).items() if n != ".progress"} == before
    elsewhere = call(root, "statements", PERIOD, "--design", "compact", "--payee", "ann", "--out", "out")
    assert elsewhere.code == 1 and not list((root / "out").glob("*.pdf"))
    assert reissue(root, "--design", "compact", because="A shorter page.").code == 0
    assert len(list((root / FOLDER).glob("*.pdf"))) == 8


def test_a_corrected_statement_is_sent_in_place_of_the_one_it_stands_for(root: Path) -> None:
    with server() as box:
        towards(root, box)
        assert "4 statements" in call(root, "send", PERIOD, who="olive").out
        named(root, "Ann Testwell", "Anne Testwell")
        manifest = (root / FOLDER / "manifest.json").read_bytes()
        assert reissue(root, "--payee", "ann").code == 0
        assert "1 statement of 2026-01 sent, 3 sent before" in call(root, "send", PERIOD, who="olive").out
        _attached(box, root)
        (root / FOLDER / "manifest.json").write_bytes(manifest)
        old = call(root, "send", PERIOD, who="olive")
        assert old.code == 2 and "E805" in old.err and NEXT in old.err


def _attached(box: Mailbox, root: Path) -> None:
    [file] = box.read[-1].iter_attachments()
    assert file.get_filename() == f"statement-{NEXT}.pdf"
    assert file.get_content() == (root / FOLDER / f"statement-{NEXT}.pdf").read_bytes()


def test_a_dispute_may_name_a_corrected_statement_and_the_ledger_check_looks_at_its_file(root: Path) -> None:
    named(root, "Ann Testwell", "Anne Testwell")
    assert reissue(root).code == 0
    opened = call(root, "dispute", NEXT, "--because", "A deal is missing.", who="ann")
    assert opened.code == 0, opened.err
    assert call(root, "verify").code == 0
    content = (root / FOLDER / f"statement-{NEXT}.pdf").read_bytes()
    kept = next(p for p in (root / ".compengine/objects").rglob("*") if p.is_file() and p.read_bytes() == content)
    assert hashlib.sha256(content).hexdigest() in str(kept).replace("/", "")
    kept.chmod(0o644)
    kept.write_bytes(content + b" ")
    assert call(root, "verify").code == 1


def test_what_is_not_on_record_cannot_be_reissued(root: Path) -> None:
    refused = call(root, "statements", "2026-02", "--reissue", "--because", "so", who="olive")
    assert refused.code in (2, 3) and ("E706" in refused.err or "E606" in refused.err)
