"""The key of checkpoints: lost, exchanged, and replaced on purpose."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cli_world import call

ROOT = Path(__file__).parents[2]


@pytest.fixture
def month(closed: Path, tmp_path: Path) -> Path:
    """January closed, February calculated; a copy to change."""
    return Path(shutil.copytree(closed, tmp_path / "acme", symlinks=True))


def flat(text: str) -> str:
    return " ".join(text.split())


def sound(root: Path, *words: str) -> bool:
    return call(root, "verify", *words).out.splitlines()[-1] == "SOUND"


def alone(root: Path, key: Path) -> str:
    """What the verifier that is no part of the program says of the checkpoints."""
    command = [sys.executable, ROOT / "docs" / "verify.py", "checkpoints", root / "checkpoints.txt", key]
    return subprocess.run(command, capture_output=True, text=True).stdout


@pytest.mark.parametrize("gone", [["checkpoint.key"], ["checkpoint.key", "checkpoint.pub"]])
def test_a_lost_key_is_not_replaced_in_silence(month: Path, gone: list[str]) -> None:
    keys = month / ".compengine" / "keys"
    before = (month / "checkpoints.txt").read_bytes()
    for name in gone:
        (keys / name).unlink()
    refused = call(month, "submit", "2026-02", who="olive")
    assert (refused.code, "E617" in refused.err, "checkpoint --new-key" in flat(refused.err)) == (3, True, True)
    assert not (keys / "checkpoint.key").exists()
    assert (month / "checkpoints.txt").read_bytes() == before


def test_another_key_in_its_place_is_refused(month: Path) -> None:
    keys = month / ".compengine" / "keys"
    (keys / "checkpoint.key").write_text("7" * 64)
    assert "is another key than number" in flat(call(month, "submit", "2026-02", who="olive").err)
    (keys / "checkpoint.pub").unlink()
    assert "it is another than the last checkpoint was signed with" in flat(call(month, "verify").out)


def test_a_new_key_is_vouched_for_and_can_be_followed(month: Path, tmp_path: Path) -> None:
    keys = month / ".compengine" / "keys"
    old = Path(shutil.copy(keys / "checkpoint.pub", tmp_path / "old.pub"))
    for _ in range(2):
        done = call(month, "checkpoint", "--new-key")
        assert (done.code, "the key before vouches for it" in done.out) == (0, True)
    assert call(month, "submit", "2026-02", who="olive").code == 0
    new = keys / "checkpoint.pub"
    assert new.read_text().startswith(old.read_text().strip() + "\n")
    assert sound(month)
    assert alone(month, new).endswith("OK\n")
    kept = ("--checkpoint", str(month / "checkpoints.txt"), "--key", str(old))
    assert "is not signed with the key" in flat(call(month, "verify", *kept).out)
    whole = (month / "checkpoints.txt").read_bytes()
    (month / "checkpoints.txt").unlink()
    assert call(month, "show", "2026-02").code == 0
    assert (month / "checkpoints.txt").read_bytes() == whole, "each made again with the key of its time"


def test_a_key_that_nobody_vouches_for_is_said_to_be_so(month: Path) -> None:
    keys = month / ".compengine" / "keys"
    (keys / "checkpoint.key").unlink()
    assert call(month, "submit", "2026-02", who="olive").code == 3
    done = call(month, "checkpoint", "--new-key")
    assert (done.code, "NOBODY VOUCHES FOR IT" in done.out) == (0, True)
    assert sound(month)
    assert "NOBODY VOUCHES" in alone(month, keys / "checkpoint.pub")


def test_a_key_with_a_signature_that_is_none_is_found(month: Path) -> None:
    public = month / ".compengine" / "keys" / "checkpoint.pub"
    first = public.read_text()
    assert call(month, "checkpoint", "--new-key").code == 0
    line = public.read_text().splitlines()[1]
    public.write_text(first + line.replace(" after ", " after 1"))
    assert "does not vouch for" in flat(call(month, "verify").out)
    assert "does not vouch for" in alone(month, public)


def test_the_last_checkpoint_is_printed_as_it_stands(month: Path) -> None:
    printed = call(month, "checkpoint").out
    assert (month / "checkpoints.txt").read_text().rstrip("\n").endswith(printed.rstrip("\n"))
    assert printed.startswith("compengine/")


def secret(root: Path) -> str:
    with sqlite3.connect(root / "ledger.db") as ledger:
        return str(ledger.execute("SELECT secret FROM postings ORDER BY number DESC").fetchone()[0])


def approved(root: Path) -> Path:
    assert call(root, "submit", "2026-02", who="olive").code == 0
    assert call(root, "approve", "2026-02", who="frank").code == 0
    return root


def posted(root: Path) -> tuple[str, str]:
    """The secret of February's salts, and what a replay says of the root over what was posted."""
    assert call(root, "post", "2026-02", who="frank").code == 0
    assert sound(root)
    return secret(root), call(root, "replay", "2026-02", "--format", "json").json["posted"]["computed"]


def test_a_run_posted_again_from_the_same_state_gets_the_same_salts_and_another_key_gives_others(
    month: Path, tmp_path: Path
) -> None:
    approved(month)
    again, other = (Path(shutil.copytree(month, tmp_path / name, symlinks=True)) for name in ("again", "other"))
    assert call(other, "checkpoint", "--new-key").code == 0
    first = posted(month)
    assert posted(again) == first
    assert not {*posted(other)} & {*first}


def test_what_is_posted_is_proven_with_its_salts_after_the_key_was_replaced_and_the_old_one_lost(month: Path) -> None:
    first = posted(approved(month))
    keys = month / ".compengine" / "keys"
    assert call(month, "checkpoint", "--new-key").code == 0
    (keys / "checkpoint.key").unlink()
    assert sound(month)
    done = call(month, "replay", "2026-02", "--format", "json").json
    assert (done["matches"], done["posted"]["computed"], secret(month)) == (True, first[1], first[0])


def test_a_secret_of_a_posting_that_was_changed_is_found(month: Path) -> None:
    posted(approved(month))
    with sqlite3.connect(month / "ledger.db") as ledger:
        ledger.execute("DROP TRIGGER postings_no_update")
        ledger.execute("UPDATE postings SET secret = ? WHERE kind = 'post'", ("7" * 64,))
    assert not sound(month)
    assert "E609" in call(month, "replay", "2026-02").err


def test_a_run_is_not_posted_without_the_key_that_its_salts_are_made_from(month: Path) -> None:
    approved(month)
    (month / ".compengine" / "keys" / "checkpoint.key").unlink()
    refused = call(month, "post", "2026-02", who="frank")
    assert (refused.code, "E617" in refused.err, "what the command did" in flat(refused.err)) == (3, True, False)
    assert call(month, "show", "2026-02", "--format", "json").json["state"] == "approved"
