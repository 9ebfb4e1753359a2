"""The verifier that ships with the docs: it accepts what is sound, and nothing that was changed."""

import ast
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from cli_world import call

from compengine.actions.inclusion import proof_of
from compengine.actions.opened import open_workspace

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = DOCS / "verify.py"


def checked(*words: object) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-I", SCRIPT, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.fixture
def kept(closed: Path, tmp_path: Path) -> tuple[Path, Path]:
    file = shutil.copy(closed / "checkpoints.txt", tmp_path / "kept.txt")
    return Path(file), closed / ".compengine" / "keys" / "checkpoint.pub"


@pytest.mark.parametrize("name", ["verify.py", "verify_statement.py"])
def test_it_is_short_and_needs_the_standard_library_alone(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    names = [
        n for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for n in (a.name for a in node.names)
    ]
    names += [str(node.module) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    assert set(names) <= sys.stdlib_module_names
    assert len(text.splitlines()) < 300


def test_a_sound_ledger_and_its_checkpoints(closed: Path, kept: tuple[Path, Path]) -> None:
    assert checked("checkpoints", *kept)[1].endswith("OK\n")
    code, said = checked("chain", closed / "ledger.db", *kept)
    assert (code, said.splitlines()[-1]) == (0, "OK")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET note = 'x' WHERE kind = 'approved'",
        "UPDATE entries SET amount = amount + 1 WHERE seq = (SELECT min(seq) FROM entries)",
        "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
        "DELETE FROM entries WHERE seq = (SELECT min(seq) FROM entries)",
        "UPDATE postings SET hash = printf('%064d', 7) WHERE number = 1",
        "UPDATE entries SET previous = printf('%064d', 7) WHERE seq = (SELECT max(seq) FROM entries)",
    ],
)
def test_a_changed_ledger(closed: Path, tmp_path: Path, kept: tuple[Path, Path], change: str) -> None:
    copy = shutil.copy(closed / "ledger.db", tmp_path / "ledger.db")
    with sqlite3.connect(copy) as ledger:
        for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            ledger.execute(f"DROP TRIGGER {name}")
        assert ledger.execute(change).rowcount == 1
    code, said = checked("chain", copy, *kept)
    assert (code, "WRONG: " in said) == (1, True)


def test_changed_checkpoints(kept: tuple[Path, Path]) -> None:
    file, key = kept
    whole = file.read_bytes()
    second = whole.index(b"compengine/", 20)
    bad = [whole[:-1], whole[:-2] + b"x\n", whole + b"x", b"", whole.replace(b"state posted", b"state paid", 1)]
    bad += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, second, 61)]
    for content in bad:
        file.write_bytes(content)
        assert checked("checkpoints", file, key)[0] == 1, content[:200]


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "the rows": lambda p: p.update(text=p["text"].replace("0", "1", 1)),
    "no salt": lambda p: p.update(salt=""),
    "another salt": lambda p: p.update(salt="00" * 32),
    "a longer salt, a shorter text": lambda p: p.update(salt=p["salt"] + "63", text=p["text"].removeprefix("c")),
    "no row": lambda p: p.update(text=p["text"].split("\n")[0] + "\n"),
    "index": lambda p: p.update(index=p["index"] + 1),
    "negative index": lambda p: p.update(index=-1),
    "index that is none": lambda p: p.update(index=True),
    "size": lambda p: p.update(size=p["size"] * 4),
    "no size": lambda p: p.update(size=0),
    "short path": lambda p: p["path"].pop(),
    "long path": lambda p: p["path"].append("00" * 32),
    "other path": lambda p: p["path"].reverse() if len(p["path"]) > 1 else p["path"].__setitem__(0, "00" * 32),
    "another checkpoint": lambda p: p.update(seq=2),
    "no checkpoint": lambda p: p.update(seq=10**6),
}


def test_the_rows_of_a_payee(closed: Path, tmp_path: Path, kept: tuple[Path, Path]) -> None:
    place = tmp_path / "proof.json"
    place.write_text(json.dumps(asdict(proof_of(open_workspace(closed), "2026-01", "ann"))), "utf-8")
    code, said = checked("rows", place, *kept)
    assert (code, said.splitlines()[-1]) == (0, "OK")
    assert "\tann\t" in said


@pytest.fixture(scope="module")
def bundle(closed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bundle") / "run.zip"
    assert call(closed, "bundle", "2026-01", "-o", str(file)).code == 0
    return file


def _changed(bundle: Path, target: Path, change: Callable[[dict[str, Any], list[bytes]], object]) -> Path:
    with zipfile.ZipFile(bundle) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    manifest, rows = json.loads(parts.pop("manifest.json")), parts["ledger/posted.txt"].splitlines(True)
    change(manifest, rows)
    return _packed(target, manifest, parts | {"ledger/posted.txt": b"".join(rows)})


def _packed(target: Path, manifest: dict[str, Any], parts: dict[str, bytes]) -> Path:
    """With the digests of all parts put right."""
    manifest["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    with zipfile.ZipFile(target, "w") as made:
        for name, content in (parts | {"manifest.json": json.dumps(manifest).encode()}).items():
            made.writestr(name, content)
    return target


def test_all_rows_that_were_posted_from_a_bundle(bundle: Path, tmp_path: Path, kept: tuple[Path, Path]) -> None:
    same = _changed(bundle, tmp_path / "same.zip", lambda manifest, rows: None)
    for file in (bundle, same):
        code, said = checked("posted", file, *kept)
        assert (code, said.splitlines()[-1]) == (0, "OK")
        assert re.search(r"\d+ rows of \d+ payees, posted by run \w{12}, checkpoint \d+", said)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest, rows: rows.pop(),
        lambda manifest, rows: rows.append(rows[-1]),
        lambda manifest, rows: rows.insert(1, rows.pop()),
        lambda manifest, rows: rows.__setitem__(-1, rows[-1].replace(b"0", b"1", 1)),
        lambda manifest, rows: manifest["posting"].update(secret="00" * 32),
        lambda manifest, rows: manifest["posting"].update(secret=manifest["posting"]["secret"][:-2]),
        lambda manifest, rows: manifest["posting"].update(last_seq=manifest["posting"]["last_seq"] - 1),
        lambda manifest, rows: manifest["posting"].update(run="0" * 12),
        lambda manifest, rows: manifest.update(posting=None),
        lambda manifest, rows: manifest["events"].pop(0),
        lambda manifest, rows: manifest["events"][1].update(actor="petra"),
        lambda manifest, rows: manifest["events"][1].update(note="He is my brother"),
        lambda manifest, rows: manifest["events"][1].update(more="He is my brother"),
        lambda manifest, rows: manifest["register"].append(manifest["events"][0]),
        lambda manifest, rows: manifest["run"].update(engine="9"),
        lambda manifest, rows: manifest["run"].update(engine="9", content="0" * 64),
    ],
)
def test_a_bundle_with_other_rows_or_another_secret(
    bundle: Path, tmp_path: Path, kept: tuple[Path, Path], change: Callable[[dict[str, Any], list[bytes]], object]
) -> None:
    code, said = checked("posted", _changed(bundle, tmp_path / "other.zip", change), *kept)
    assert (code, "WRONG: " in said) == (1, True)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("workspace.yaml", b"first-steps", b"first-stops"), ("plans/account-executive@2026-01-01.yaml", b"5%", b"9%")],
)
def test_the_rules_in_a_bundle_are_those_of_the_run(
    bundle: Path, tmp_path: Path, kept: tuple[Path, Path], name: str, old: bytes, new: bytes
) -> None:
    with zipfile.ZipFile(bundle) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    assert old in parts[name]
    forged = parts | {name: parts[name].replace(old, new)}
    assert checked("posted", _packed(tmp_path / "same.zip", manifest, parts), *kept)[0] == 0
    code, said = checked("posted", _packed(tmp_path / "other.zip", manifest, forged), *kept)
    assert (code, f"{name} is not that of the run" in said) == (1, True)
    more = _packed(tmp_path / "more.zip", manifest, parts | {"plans/more.yaml": b"x"})
    assert "plans/ holds what is not of the run" in checked("posted", more, *kept)[1]
    with zipfile.ZipFile(more, "a") as archive:
        archive.writestr("plans/less.yaml", b"x")
    assert "plans/less.yaml" in checked("posted", more, *kept)[1]


def test_what_is_no_bundle(closed: Path, kept: tuple[Path, Path]) -> None:
    assert "is no bundle" in checked("posted", closed / "compengine.yaml", *kept)[1]


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_proof(closed: Path, tmp_path: Path, kept: tuple[Path, Path], name: str) -> None:
    proof = json.loads(json.dumps(asdict(proof_of(open_workspace(closed), "2026-01", "ann"))))
    CHANGES[name](proof)
    place = tmp_path / "proof.json"
    place.write_text(json.dumps(proof), "utf-8")
    assert checked("rows", place, *kept)[0] == 1
