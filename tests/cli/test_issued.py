"""The statements of a run are on record by their manifest, once, and what was changed in it is found."""

import hashlib
import json
import shutil
from pathlib import Path

import pikepdf
import pytest
from cli_world import call

from compengine.actions import statements as actions
from compengine.actions.opened import open_workspace
from compengine.statement import glyphs


@pytest.fixture
def root(closed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(closed, tmp_path / "acme")


def test_the_manifest_of_final_statements_is_on_record_once(root: Path, tmp_path: Path) -> None:
    done = call(root, "statements", "2026-01", "--out", str(tmp_path / "out"), who="olive")
    digest = hashlib.sha256((tmp_path / "out" / "manifest.json").read_bytes()).hexdigest()
    assert f"on record as S0001, manifest {digest}" in done.out, done.out
    again = call(root, "statements", "2026-01", "--out", str(tmp_path / "out"), who="frank")
    assert "on record as S0001" in again.out and "4 of them there already" in again.out
    kept = open_workspace(root).objects.place(digest)
    entries = json.loads(kept.read_bytes())["statements"]
    for entry in entries:
        assert hashlib.sha256((tmp_path / "out" / entry["file"]).read_bytes()).hexdigest() == entry["digest"]
    assert len(entries) == 4
    assert call(root, "verify").code == 0
    kept.write_bytes(kept.read_bytes() + b" ")
    found = call(root, "verify")
    assert found.code == 1 and digest in found.out
    kept.write_bytes(kept.read_bytes()[:-1])


def test_in_a_workspace_a_statement_is_looked_up_among_those_issued(root: Path, tmp_path: Path) -> None:
    call(root, "statements", "2026-01", "--out", str(tmp_path / "out"), who="olive")
    file = next((tmp_path / "out").glob("*000001.pdf"))
    done = call(root, "verify", str(file))
    assert (done.code, "on record   yes" in done.out.splitlines()[1]) == (0, True), done.out
    assert call(root, "verify", str(file), "--format", "json").json["on_record"] is True
    outside = call(tmp_path, "verify", str(file))
    assert (outside.code, "on record   " in outside.out) == (0, False), outside.out
    with pikepdf.open(file) as pdf:
        pdf.pages[0].contents_add(b"q 1 1 1 rg 0 0 600 900 re f Q", prepend=False)
        pdf.save(tmp_path / "covered.pdf")
    found = call(root, "verify", str(tmp_path / "covered.pdf"))
    assert (found.code, "on record   no" in found.out.splitlines()[1]) == (1, True), found.out
    assert "rows and data are proven" in found.out and "do not read its pages" in found.out and "1 found" in found.out


def test_boxes_in_place_of_letters_are_said(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "_installed", lambda: ())
    words = ("statements", "2026-01", "--payee", "ann")
    assert "warning" not in call(root, *words, "--out", str(tmp_path / "a")).err
    monkeypatch.setattr(actions, "to_json", lambda view: "千代".encode())
    said = call(root, *words, "--out", str(tmp_path / "b")).err
    assert "warning: no font here has 代 千: printed as empty boxes" in said


def test_statements_printed_by_nobody_or_in_part_are_not_on_record(root: Path, tmp_path: Path) -> None:
    nobody = call(root, "statements", "2026-01", "--out", str(tmp_path / "a"))
    part = call(root, "statements", "2026-01", "--out", str(tmp_path / "b"), "--payee", "ann", who="olive")
    assert nobody.code == part.code == 0
    assert "on record" not in nobody.out + part.out


def test_a_printed_statement_is_verified_outside_the_workspace_with_what_was_kept(root: Path, tmp_path: Path) -> None:
    call(root, "statements", "2026-01", "--payee", "ann", "--out", str(tmp_path))
    [file] = tmp_path.glob("*.pdf")
    kept = ("--checkpoint", str(root / "checkpoints.txt"), "--key", str(root / ".compengine/keys/checkpoint.pub"))
    done = call(tmp_path, "verify", file.name, *kept)
    assert done.code == 0 and done.out.endswith("PROVEN\n"), done.out + done.err
    assert call(tmp_path, "verify", file.name, "--format", "json").json["ok"] is True
    file.write_bytes(file.read_bytes() + b"%%EOF\n")
    changed = call(tmp_path, "verify", file.name, *kept)
    assert changed.code == 1 and "appended" in changed.out
    assert call(tmp_path, "verify", "absent.pdf").code == 2
