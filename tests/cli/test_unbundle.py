"""Whoever changes what is to be read in a bundle, and its digest in the manifest with it, is found out by `replay`."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_world import call, close, starter
from test_bundle import rewritten, signed_anew, with_manifest

from compengine.inputs.objects import Store

REASON = b"They said it was a prize"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January closed, with an adjustment that has an attachment, and one that was refused."""
    root = starter(tmp_path_factory.mktemp("unbundle"))
    (root / "mail.txt").write_text("They won.", "utf-8")
    about = ("--plan", "account-executive", "--for", "2026-01", "--kind", "bonus", "--code", "SPIF")
    for verb in ("approve", "refuse"):
        words = ("adjust", "ann", "--amount", "250.00 USD", *about, "--because", REASON.decode())
        more = ("--attach", "mail.txt") if verb == "approve" else ()
        asked = call(root, *words, *more, "--format", "json", who="olive")
        assert asked.code == 0, asked.err
        assert call(root, "decide", asked.json["id"], verb, "--because", "seen it", who="frank").code == 0
    close(root, "2026-01")
    return root


@pytest.fixture(scope="module")
def bundle(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bundle") / "run.zip"
    assert call(company, "bundle", "2026-01", "-o", str(file)).code == 0
    return file


@pytest.fixture(scope="module")
def key(company: Path) -> Path:
    return company / ".compengine" / "keys" / "checkpoint.pub"


def forged(bundle: Path, folder: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """With the digests of the manifest put right."""

    def changed(parts: dict[str, bytes]) -> None:
        change(parts)
        with_manifest(parts, lambda manifest: None)

    return rewritten(bundle, folder / "forged.zip", changed)


def test_every_file_to_be_read_is_made_again(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        names = [n for n in archive.namelist() if n != "manifest.json" and not n.startswith("objects/")]
    assert {"workspace.yaml", "inputs/deals.csv", "ledger/register.csv", "ledger/checkpoints.txt"} <= {*names}
    for name in names:

        def changed(parts: dict[str, bytes], name: str = name) -> None:
            parts[name] += b" "

        done = call(tmp_path, "replay", str(forged(bundle, tmp_path, changed)))
        assert (done.code, "E708" in done.err) == (2, True), f"{name}: {done.out}{done.err}"
        assert name in done.err, done.err


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("plans/account-executive@2026-01-01.yaml", b"5%", b"9%"),
        ("inputs/deals.csv", b"D01,ann", b"D01,cho"),
        ("results/credits.csv", b"D01", b"D02"),
        ("workspace.yaml", b"first-steps", b"first-stops"),
        ("ledger/events.csv", b"frank", b"petra"),
        ("ledger/register.csv", REASON, b"They said it was a price"),
        ("ledger/posted.txt", b"D01", b"D02"),
        ("ledger/checkpoints.txt", b"actor frank", b"actor petra"),
    ],
)
@pytest.mark.parametrize("words", [(), ("--independent",)])
def test_what_a_person_reads_cannot_be_changed(
    bundle: Path, tmp_path: Path, name: str, old: bytes, new: bytes, words: tuple[str, ...]
) -> None:
    def changed(parts: dict[str, bytes]) -> None:
        assert old in parts[name], parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    done = call(tmp_path, "replay", str(forged(bundle, tmp_path, changed)), *words)
    assert (done.code, "E708" in done.err, name in done.err) == (2, True, True), done.out + done.err


@pytest.mark.parametrize(
    ("part", "column", "value"),
    [
        ("events", "actor", "petra"),
        ("events", "note", "He is my brother"),
        ("events", "seq", 1),
        ("register", "note", "None at all"),
        ("register", "body", "{}"),
        ("register", "actor", "petra"),
        ("register", "previous", "1" * 64),
        ("register", "more", "and approved by the board"),
    ],
)
def test_rows_of_the_ledger_are_held_against_signed_checkpoints(
    bundle: Path, tmp_path: Path, part: str, column: str, value: object
) -> None:
    def changed(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        manifest[part][0][column] = value
        with_manifest(parts, lambda said: said.update({part: manifest[part]}))

    done = call(tmp_path, "replay", str(forged(bundle, tmp_path, changed)))
    assert (done.code, "E708" in done.err) == (2, True), done.out + done.err


@pytest.mark.parametrize("part", ["events", "register"])
@pytest.mark.parametrize("at", [0, 1, -1])
def test_no_step_can_be_left_out(bundle: Path, tmp_path: Path, part: str, at: int) -> None:
    def changed(parts: dict[str, bytes]) -> None:
        rows = json.loads(parts["manifest.json"])[part]
        del rows[at]
        with_manifest(parts, lambda said: said.update({part: rows}))

    done = call(tmp_path, "replay", str(forged(bundle, tmp_path, changed)))
    assert (done.code, "E708" in done.err, f"{part}: there are the rows" in done.err) == (2, True, True), done.err


@pytest.mark.parametrize("name", ["ledger/checkpoints.txt", "ledger/checkpoint.pub", "results/earnings.csv"])
def test_nothing_can_be_left_out(bundle: Path, tmp_path: Path, name: str) -> None:
    done = call(tmp_path, "replay", str(forged(bundle, tmp_path, lambda parts: parts.__delitem__(name))))
    assert (done.code, f"{name} is not in it" in done.err) == (2, True), done.err


@pytest.mark.parametrize("name", ["read-me-first.txt", "inputs/more.csv", "objects/" + "0" * 64, "ledger/"])
def test_nothing_can_be_added(bundle: Path, tmp_path: Path, name: str) -> None:
    done = call(tmp_path, "replay", str(forged(bundle, tmp_path, lambda parts: parts.update({name: b"x"}))))
    assert (done.code, f"{name} is in it, and belongs to nothing" in done.err) == (2, True), done.err


def test_no_file_stands_in_it_twice(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "twice.zip"
    file.write_bytes(bundle.read_bytes())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("workspace.yaml", archive.read("workspace.yaml"))
    done = call(tmp_path, "replay", str(file))
    assert (done.code, "workspace.yaml is in it twice" in done.err) == (2, True), done.err


def test_only_the_key_that_was_handed_out_finds_what_was_signed_anew(bundle: Path, key: Path, tmp_path: Path) -> None:
    file = rewritten(bundle, tmp_path / "anew.zip", signed_anew)
    alone = call(tmp_path, "replay", str(file))
    assert (alone.code, "whoever made it may have signed anything" in alone.out) == (0, True), alone.err
    done = call(tmp_path, "replay", str(file), "--key", str(key))
    assert (done.code, "is another key than that in" in done.err) == (2, True), done.err

    def own_key_left(parts: dict[str, bytes]) -> None:
        signed_anew(parts)
        parts["ledger/checkpoint.pub"] = key.read_bytes()
        with_manifest(parts, lambda manifest: None)

    done = call(tmp_path, "replay", str(rewritten(bundle, tmp_path / "b.zip", own_key_left)), "--key", str(key))
    assert (done.code, "is not signed with the key in" in done.err) == (2, True), done.err
    sound = call(tmp_path, "replay", str(bundle), "--key", str(key))
    assert (sound.code, "  key in " in sound.out) == (0, True), sound.out + sound.err
    assert call(tmp_path, "replay", str(bundle), "--key", str(bundle)).code == 2


def test_it_says_what_was_held_against_what(bundle: Path, tmp_path: Path) -> None:
    done = call(tmp_path, "replay", str(bundle))
    assert "not held against anything: the versions" in done.out
    with zipfile.ZipFile(bundle) as archive:
        assert f"  {len(archive.namelist())} files made again and compared\n" in done.out
        register = json.loads(archive.read("manifest.json"))["register"]
    assert {("adjustment", "approved"), ("adjustment", "refused")} <= {(row["kind"], row["state"]) for row in register}
    assert f"  6 events and {len(register)} rows of the register, as signed in checkpoints\n" in done.out


def test_a_damaged_object_is_neither_packed_nor_replayed(bundle: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"They won.").hexdigest()

    def damaged(parts: dict[str, bytes]) -> None:
        parts[f"objects/{digest}"] = b"They lost."

    done = call(tmp_path, "replay", str(forged(bundle, tmp_path, damaged)))
    assert (done.code, "E609" in done.err, digest in done.err) == (3, True, True), done.err

    root = starter(tmp_path)
    (root / "mail.txt").write_text("They won.", "utf-8")
    about = ("--plan", "account-executive", "--for", "2026-01", "--kind", "bonus", "--code", "SPIF")
    words = ("adjust", "ann", "--amount", "250.00 USD", *about, "--because", "a prize", "--attach", "mail.txt")
    assert call(root, *words, who="olive").code == 0
    assert call(root, "decide", "A0001", "approve", "--because", "seen", who="frank").code == 0
    assert call(root, "calculate", "--period", "2026-01", who="olive").code == 0
    Store(root / ".compengine" / "objects").place(digest).write_bytes(b"They lost.")
    done = call(root, "bundle", "2026-01", "-o", "x.zip")
    assert (done.code, "E609" in done.err, digest in done.err) == (3, True, True), done.out + done.err
    assert not (root / "x.zip").exists()
