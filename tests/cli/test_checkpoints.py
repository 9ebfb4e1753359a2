"""Checkpoints of a workspace's ledger: what they say, where they stand, and what is refused because of them."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from cli_world import call, close, starter
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compengine.ledger.chain import row_hash
from compengine.ledger.checkpoint import read_checkpoints
from compengine.ledger.signing import Known, is_signed, own_key, public_text, read_public, sign
from compengine.ledger.store.sqlite import GUARDS
from compengine.ledger.store.tables import CHAINED, EVENTS, columns

STATES = ["calculated", "submitted", "approved", "posted", "finalized", "paid"]


@pytest.fixture
def month(closed: Path, tmp_path: Path) -> Path:
    """January closed, February calculated; a copy to change."""
    return Path(shutil.copytree(closed, tmp_path / "acme", symlinks=True))


def states(root: Path) -> list[str]:
    found, rest = read_checkpoints((root / "checkpoints.txt").read_text())
    assert rest == ""
    return [dict(one.about)["state"] for one in found]


def test_every_step_leaves_a_signed_checkpoint_that_names_the_one_before(closed: Path) -> None:
    assert states(closed) == [*STATES, "calculated"]
    found, _ = read_checkpoints((closed / "checkpoints.txt").read_text())
    public = read_public((closed / ".compengine" / "keys" / "checkpoint.pub").read_text())
    before = "0" * 64
    for one in found:
        assert one.origin.startswith("compengine/")
        assert one.previous == before
        Ed25519PublicKey.from_public_bytes(public).verify(one.signature, one.body.encode())
        before = one.digest
    with sqlite3.connect(closed / "ledger.db") as ledger:
        hashes = dict(ledger.execute("SELECT seq, hash FROM events").fetchall())
        posted = ledger.execute("SELECT rows_root, totals, last_seq + 1 FROM postings WHERE kind = 'post'").fetchone()
    assert [(one.seq, one.head) for one in found] == sorted(hashes.items())
    about = dict(found[3].about)
    assert (about["rows"], about["totals"], found[3].seq) == posted
    assert (about["kind"], about["period"], about["actor"]) == ("run", "2026-01", "frank")


def test_the_secret_key_is_its_owners_alone(closed: Path, tmp_path: Path) -> None:
    keys = closed / ".compengine" / "keys"
    assert (keys / "checkpoint.key").stat().st_mode & 0o777 == 0o600
    assert keys.stat().st_mode & 0o777 == 0o700
    other = own_key(tmp_path / "other")
    assert own_key(tmp_path / "other") == other
    found, _ = read_checkpoints((closed / "checkpoints.txt").read_text())
    assert not is_signed((Known(other.public),), found[0])
    assert is_signed((Known(other.public),), sign(other, found[0].body))
    with pytest.raises(ValueError, match="not a public key"):
        read_public(public_text(other.public).replace("compengine+", "compengine+0"))


@pytest.mark.parametrize("cut", ["all", "last", "middle of a line", "middle of a character", "before the last byte"])
def test_what_a_dead_process_left_out_is_written_by_the_next_command(month: Path, cut: str) -> None:
    place = month / "checkpoints.txt"
    whole = place.read_bytes()
    second = whole.rindex(b"compengine/")
    at = {
        "all": 0,
        "last": second,
        "middle of a line": second + 40,
        "middle of a character": whole.rindex("—".encode()) + 1,
        "before the last byte": len(whole) - 1,
    }[cut]
    place.write_bytes(whole[:at])
    refused = call(month, "post", "2026-01", who="frank")  # the month is posted: the command itself does nothing
    assert "E605" in refused.err
    assert place.read_bytes() == whole


def test_what_is_no_beginning_of_a_checkpoint_is_not_written_over(month: Path) -> None:
    place = month / "checkpoints.txt"
    place.write_bytes(place.read_bytes() + b"something else")
    refused = call(month, "submit", "2026-02", who="olive")
    assert (refused.code, "E609" in refused.err) == (3, True)
    assert "is not a checkpoint of this ledger" in refused.err
    assert place.read_bytes().endswith(b"something else")


def test_an_old_copy_put_back_is_refused_by_every_command(month: Path) -> None:
    shutil.copy(month / "ledger.db", month / "old.db")
    assert call(month, "submit", "2026-02", who="olive").code == 0
    last = read_checkpoints((month / "checkpoints.txt").read_text())[0][-1].seq
    shutil.copy(month / "old.db", month / "ledger.db")
    for words in (("submit", "2026-02"), ("show", "2026-02"), ("runs",), ("calculate", "--period", "2026-02")):
        refused = call(month, *words, who="olive")
        assert refused.code == 3
        assert f"made of row {last}, and the ledger ends at {last - 1}" in " ".join(refused.err.split())


def test_a_ledger_that_is_gone_is_not_begun_anew(month: Path) -> None:
    (month / "ledger.db").unlink()
    for words in (("calculate", "--period", "2026-01"), ("show", "2026-01"), ("runs",), ("verify",)):
        refused = call(month, *words, who="olive")
        assert "there is no ledger" in refused.err + refused.out
        assert refused.code in (1, 3)
    assert not (month / "ledger.db").exists()


def test_another_row_in_its_place_is_refused(month: Path) -> None:
    with sqlite3.connect(month / "ledger.db") as ledger:
        for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            ledger.execute(f"DROP TRIGGER {name}")
        *row, _ = ledger.execute("SELECT * FROM events ORDER BY seq DESC").fetchone()
        row[columns(EVENTS).index("actor")] = "mallory"
        change = "UPDATE events SET actor = 'mallory', hash = ? WHERE seq = ?"
        ledger.execute(change, (row_hash(EVENTS, row), row[0]))
    assert "it was rewritten" in " ".join(call(month, "show", "2026-02").err.split())


def test_the_second_place_is_a_copy(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = starter(tmp_path)
    with (root / "compengine.yaml").open("a") as file:
        file.write("\ncontrols:\n  act_as: yes\n  witness: ../outside\n")
    close(root, "2026-01")
    witness = outside / "checkpoints.txt"
    assert witness.read_bytes() == (root / "checkpoints.txt").read_bytes()
    assert states(root) == STATES
    whole = witness.read_bytes()
    witness.write_bytes(whole[:-700])
    assert call(root, "show", "2026-01").code == 0
    assert witness.read_bytes() == whole
    (root / "checkpoints.txt").unlink()  # together with the ledger, as somebody would who starts anew
    (root / "ledger.db").unlink()
    refused = call(root, "calculate", "--period", "2026-01", who="olive")
    assert refused.code == 3
    assert "there is no ledger" in refused.err


def test_a_second_place_that_holds_more_is_refused(tmp_path: Path) -> None:
    root = starter(tmp_path)
    with (root / "compengine.yaml").open("a") as file:
        file.write("\ncontrols:\n  act_as: yes\n  witness: ../copy.txt\n")
    assert call(root, "calculate", "--period", "2026-01", who="olive").code == 0
    with (tmp_path / "copy.txt").open("a") as file:
        file.write("more\n")
    refused = call(root, "show", "2026-01")
    assert refused.code == 3
    assert "it must be a copy" in " ".join(refused.err.split())


def test_a_second_place_that_cannot_be_written_is_said_after_the_step_and_caught_up(tmp_path: Path) -> None:
    root = starter(tmp_path)
    with (root / "compengine.yaml").open("a") as file:
        file.write("\ncontrols:\n  act_as: yes\n  witness: ../away/copy.txt\n")
    done = call(root, "calculate", "--period", "2026-01", who="olive")
    assert (done.code, "E617" in done.err) == (3, True)
    assert "what the command did stands in the ledger" in " ".join(done.err.split())
    again = call(root, "submit", "2026-01", who="olive")
    assert "E617" in again.err
    assert "stands in the ledger" not in " ".join(again.err.split()), "nothing was done by this one"
    (tmp_path / "away").mkdir()
    assert call(root, "submit", "2026-01", who="olive").code == 0
    assert (tmp_path / "away" / "copy.txt").read_bytes() == (root / "checkpoints.txt").read_bytes()
    assert states(root) == STATES[:2]


def test_reading_needs_no_permission_to_write(month: Path) -> None:
    place = month / "checkpoints.txt"
    place.chmod(0o444)
    shutil.rmtree(month / ".compengine" / "keys")
    before = place.stat()
    assert call(month, "show", "2026-01").code == 0
    assert place.stat().st_mtime_ns == before.st_mtime_ns
    assert not (month / ".compengine" / "keys").exists()


def test_a_key_that_is_none_is_said(month: Path) -> None:
    (month / ".compengine" / "keys" / "checkpoint.key").write_text("zz")
    done = call(month, "submit", "2026-02", who="olive")
    assert (done.code, "E617" in done.err) == (3, True)


def stripped(root: Path) -> sqlite3.Connection:
    """The ledger's file, without what keeps rows from being changed; every statement is committed."""
    ledger = sqlite3.connect(root / "ledger.db", isolation_level=None)
    for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        ledger.execute(f"DROP TRIGGER {name}")
    return ledger


def chained_anew(root: Path, change: str) -> None:
    """A change, and every hash from the first row on as it would be; the guards put back as they were."""
    ledger = stripped(root)
    ledger.execute(change)
    rows = []
    for table in CHAINED:
        names = ", ".join(f'"{name}"' for name in columns(table))
        rows += [(row[0], table, row) for row in ledger.execute(f'SELECT {names} FROM "{table.name}"').fetchall()]
    previous = "0" * 64
    ledger.execute("PRAGMA foreign_keys = OFF")
    for table in CHAINED:
        ledger.execute(f"""UPDATE "{table.name}" SET previous = printf('%064d', seq)""")
    for seq, table, row in sorted(rows, key=lambda found: found[0]):
        hashed = row_hash(table, (*row[:-1], previous))
        ledger.execute(f'UPDATE "{table.name}" SET previous = ?, hash = ? WHERE seq = ?', (previous, hashed, seq))
        previous = hashed
    for statement in GUARDS.values():
        ledger.execute(statement)
    ledger.close()


@pytest.fixture
def kept(closed: Path, tmp_path: Path) -> tuple[str, ...]:
    """The options that name what an auditor has: the checkpoints and the public key."""
    file = shutil.copy(closed / "checkpoints.txt", tmp_path / "kept.txt")
    key = shutil.copy(closed / ".compengine" / "keys" / "checkpoint.pub", tmp_path / "kept.pub")
    return ("--checkpoint", str(file), "--key", str(key))


def test_a_sound_ledger_is_what_its_checkpoints_say(month: Path, kept: tuple[str, ...]) -> None:
    assert call(month, "submit", "2026-02", who="olive").code == 0  # it may have gone on since
    done = call(month, "verify", *kept)
    assert (done.code, done.out.splitlines()[-1]) == (0, "SOUND")


def test_a_ledger_chained_anew_with_all_that_stands_beside_it_is_found(month: Path, kept: tuple[str, ...]) -> None:
    chained_anew(month, "UPDATE events SET note = 'seen by nobody' WHERE kind = 'approved'")
    (month / "checkpoints.txt").unlink()
    alone = call(month, "verify")
    assert alone.out.splitlines()[-1] == "SOUND", "without a checkpoint it cannot be found"
    done = call(month, "verify", *kept)
    assert done.code == 1
    assert "was made of a row with the hash" in " ".join(done.out.split())


def test_an_old_copy_with_all_that_stands_beside_it_is_found(
    month: Path, tmp_path: Path, kept: tuple[str, ...]
) -> None:
    for name in ("ledger.db", "checkpoints.txt"):
        (month / name).unlink()
    assert call(month, "calculate", "--period", "2026-01", who="olive").code == 0
    assert call(month, "verify").out.splitlines()[-1] == "SOUND"
    done = call(month, "verify", *kept)
    assert (done.code, "the ledger has no such step" in " ".join(done.out.split())) == (1, True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("actor frank", "actor fay", "is not signed with the key"),
        ("state posted", "state paid", "is not signed with the key"),
        ("compengine/first-steps", "another/first-steps", "holds no checkpoint"),
        ("— compengine ", "— compengine A", "holds no checkpoint"),
    ],
)
def test_a_checkpoint_that_was_changed_is_found(
    month: Path, kept: tuple[str, ...], old: str, new: str, said: str
) -> None:
    file = Path(kept[1])
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    done = call(month, "verify", *kept)
    assert (done.code, said in " ".join(done.out.split())) == (1, True)


def test_a_checkpoint_that_was_taken_out_or_signed_by_somebody_else_is_found(
    month: Path, tmp_path: Path, kept: tuple[str, ...]
) -> None:
    file = Path(kept[1])
    found, _ = read_checkpoints(file.read_text())
    file.write_text("".join(one.text for one in found if one is not found[2]))
    done = call(month, "verify", *kept)
    assert (done.code, "does not follow the one before it" in " ".join(done.out.split())) == (1, True)
    other = own_key(tmp_path / "other")
    file.write_text(sign(other, found[0].body).text)
    done = call(month, "verify", *kept)
    assert (done.code, "checkpoint 2 is not signed with the key" in " ".join(done.out.split())) == (1, True)
