"""`verify --since`: what follows a checkpoint is checked, and that it is linked to it; what stands before is not."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from cli_world import Done, call, close

from compengine.ledger.checkpoint import Checkpoint, read_checkpoints
from compengine.ledger.store.sqlite import GUARDS


@pytest.fixture(scope="module")
def two_months(closed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January and February closed; `kept.txt` beside the workspace holds the checkpoints of January."""
    root = tmp_path_factory.mktemp("since") / "acme"
    shutil.copytree(closed, root, symlinks=True)
    shutil.copy(root / "checkpoints.txt", root.parent / "kept.txt")
    close(root, "2026-02")
    return root


@pytest.fixture
def root(two_months: Path, tmp_path: Path) -> Path:
    shutil.copy(two_months.parent / "kept.txt", tmp_path / "kept.txt")
    return Path(shutil.copytree(two_months, tmp_path / "acme", symlinks=True))


def since(root: Path, which: str = "../kept.txt", *more: str) -> Done:
    return call(root, "verify", "--since", which, *more)


def flat(done: Done) -> str:
    return " ".join((done.out + done.err).split())


def last(root: Path) -> Checkpoint:
    return read_checkpoints((root.parent / "kept.txt").read_text())[0][-1]


def change(root: Path, *statements: str) -> None:
    """In the database, with the triggers away."""
    connection = sqlite3.connect(root / "ledger.db", isolation_level=None)
    for name in GUARDS:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    for statement in GUARDS.values():
        connection.execute(statement)
    connection.close()


def first(root: Path, account: str, order: str = "") -> int:
    with sqlite3.connect(root / "ledger.db") as ledger:
        select = f"SELECT seq FROM entries WHERE account = ? ORDER BY seq {order} LIMIT 1"
        return int(ledger.execute(select, (account,)).fetchone()[0])


def test_a_sound_ledger_is_sound_from_every_checkpoint_on_and_less_is_counted(root: Path) -> None:
    assert since(root).out.endswith("SOUND\n")
    assert f"since checkpoint {last(root).seq}; what stands before it was not checked" in since(root).out
    whole = call(root, "verify", "--format", "json").json
    found = since(root, "../kept.txt", "--format", "json").json
    assert (whole["since"], found["since"]) == (0, last(root).seq)
    assert found["head"] == whole["head"] and found["ok"]
    assert [whole[name] - found[name] for name in ("runs", "postings")] == [1, 2]
    assert 0 < found["objects"] < whole["objects"] and 0 < found["entries"] < whole["entries"]
    for one in read_checkpoints((root / "checkpoints.txt").read_text())[0][::5]:
        assert since(root, str(one.seq)).out.endswith("SOUND\n"), one.seq


def test_a_change_before_it_is_found_by_the_whole_only(root: Path) -> None:
    place = first(root, "expense")
    assert place < last(root).seq
    change(root, f"UPDATE entries SET payee = payee || 'x' WHERE seq = {place}")
    assert since(root).out.endswith("SOUND\n")
    whole = call(root, "verify")
    assert (whole.code, f"entry {place}: is not what its hash was made from" in flat(whole)) == (1, True)


def test_a_change_after_it_is_found(root: Path) -> None:
    place = first(root, "expense", "DESC")
    assert place > last(root).seq
    change(root, f"UPDATE entries SET payee = payee || 'x' WHERE seq = {place}")
    found = since(root)
    assert (found.code, f"entry {place}: is not what its hash was made from" in flat(found)) == (1, True)


def test_a_row_removed_after_it_is_found(root: Path) -> None:
    place = first(root, "expense", "DESC")
    change(root, f"DELETE FROM entries WHERE seq = {place}")
    assert f"the row before it has the number {place - 1}; something was removed" in flat(since(root))


def test_a_change_before_it_that_later_postings_build_upon_shows_in_them(root: Path) -> None:
    released = "account = 'payable' AND reason = 'released'"
    change(root, f"UPDATE entries SET amount = amount + 1 WHERE {released} AND seq < {last(root).seq}")
    assert "was calculated against another opening" in flat(since(root))


def test_the_row_it_was_made_of_is_checked_itself(root: Path) -> None:
    seq = last(root).seq
    change(root, f"UPDATE events SET actor = 'mallory' WHERE seq = {seq}")
    assert f"event {seq}: is not what its hash was made from" in flat(since(root))


def test_a_ledger_that_was_rewritten_before_it_has_another_row_there(root: Path) -> None:
    seq = last(root).seq
    change(root, f"UPDATE events SET hash = '{'7' * 64}' WHERE seq = {seq}")
    assert f"checkpoint {seq} was made of row {seq} of compengine/" in flat(since(root))
    assert f"and the ledger has another hash there, {'7' * 64}" in flat(since(root))


def test_a_checkpoint_of_another_ledger_is_refused_and_nothing_is_checked(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(root, other, symlinks=True)
    for table in ("entries", "events", "runs", "postings", "register"):
        change(root, f"DELETE FROM {table} WHERE seq > 3")
    found = since(root, "../other/checkpoints.txt")
    assert found.code == 1
    assert "and the ledger ends at 3" in flat(found) and "it is of another ledger, or" in flat(found)
    assert "runs 0, postings 0, entries 0, objects 0" in found.out


def test_a_checkpoint_that_is_not_signed_with_the_key_is_refused(root: Path) -> None:
    kept = root.parent / "kept.txt"
    kept.write_text(kept.read_text().replace("actor petra", "actor peter"))
    petra = [one for one in read_checkpoints(kept.read_text())[0] if dict(one.about)["actor"] == "peter"][-1]
    kept.write_text(petra.text)
    found = since(root)
    assert (found.code, f"checkpoint {petra.seq} is not signed with the key" in flat(found)) == (1, True)


def test_a_number_without_a_checkpoint_and_a_file_without_one_are_named(root: Path) -> None:
    entry = first(root, "expense", "DESC")
    there = [one.seq for one in read_checkpoints((root / "checkpoints.txt").read_text())[0]]
    below, above = max(seq for seq in there if seq < entry), min(seq for seq in there if seq > entry)
    missing = since(root, str(entry))
    assert missing.code == 3
    said = f"checkpoints.txt holds no checkpoint {entry} help: name one that is there: {below} or {above}"
    assert said in flat(missing)
    empty = since(root, "compengine.yaml")
    assert (empty.code, "compengine.yaml: holds no checkpoint" in flat(empty)) == (3, True)
    assert "E101" in since(root, "nothing.txt").err
    assert call(root, "verify", "--since", str(below), "compengine.yaml").code == 2
