"""Whatever is changed is found with a checkpoint kept outside; what is not found without one is as written down."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import tampering
from cli_world import call
from tampering import CLASSES, LEDGER, Company, Trial, company, content, examined, flips, trials

SHORT = 2
BLIND = {"cut", "rollback", "wipe"}
"""What nobody can see from inside, whoever does it well."""


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company(tmp_path_factory.mktemp("company"))


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_tampering_is_found_with_a_checkpoint_kept_outside(mine: Company, kind: str, tmp_path: Path) -> None:
    found = list(trials(mine, kind, SHORT, tmp_path))
    assert [t for t in found if t.crash or not t.with_checkpoint] == []
    if kind in BLIND:
        assert not any(t.alone for t in found)
    if kind not in {*BLIND, "rewrite", "forge", "other_key"}:
        assert all(t.alone for t in found)


def test_a_flipped_bit_is_found_or_changes_nothing_that_is_read(mine: Company, tmp_path: Path) -> None:
    found = list(flips(mine, 12, tmp_path))
    assert {t.kind for t in found} == {"database", "object", "checkpoints"}
    assert [t for t in found if t.crash or (t.changed and not t.with_checkpoint)] == []
    assert any(t.with_checkpoint for t in found)


def test_an_untouched_workspace_is_sound_and_reads_the_same(mine: Company, tmp_path: Path) -> None:
    root = Path(shutil.copytree(mine.root, tmp_path / "root"))
    assert examined("", root, mine) == Trial("", alone=False, with_checkpoint=False)
    assert content(root) == content(mine.root)


def test_a_verify_that_looks_at_nothing_misses_everything(
    mine: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nothing:
        diagnostics = ()

    monkeypatch.setattr(tampering, "verify", lambda *_: Nothing)
    assert not any(t.with_checkpoint for t in trials(mine, "edit", SHORT, tmp_path))


@pytest.mark.parametrize("change", [tampering.edit, tampering.change_object, tampering.forge])
def test_what_is_read_is_another_after_a_change(mine: Company, tmp_path: Path, change: Callable[..., None]) -> None:
    root = Path(shutil.copytree(mine.root, tmp_path / "root"))
    change(root, mine, random.Random(1))
    assert content(root) != content(mine.root)


def test_an_unreadable_date_is_a_finding(mine: Company, tmp_path: Path) -> None:
    root = Path(shutil.copytree(mine.root, tmp_path / "root"))
    with tampering.opened(root) as (_, raw):
        raw.execute("UPDATE runs SET period_end = '2026-02-28x' WHERE period = '2026-02'")
    done = call(root, "verify")
    assert done.code == 1 and "is not what its hash was made from" in done.out


def test_an_entry_of_no_posting_is_found_however_well_it_is_linked(mine: Company, tmp_path: Path) -> None:
    for seed in range(8):
        root = Path(shutil.copytree(mine.root, tmp_path / f"root{seed}"))
        tampering.insert(root, mine, random.Random(seed))
        done = call(root, "verify")
        assert done.code == 1
        if "belongs to no posting" in done.out:
            return
    pytest.fail("no entry was put at the end")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"entries_amount CHECK (amount <> 0)", b"entries_amount CHECK (amount <> 1)", "entries is not as it was made"),
        (b"WHERE EXISTS (SELECT 1", b"WHERE EXISTS (SEL\xc5CT 1", "E609"),
    ],
)
def test_a_statement_that_made_a_table_or_a_trigger_and_was_changed_in_the_file_is_found(
    mine: Company, tmp_path: Path, old: bytes, new: bytes, message: str
) -> None:
    root = Path(shutil.copytree(mine.root, tmp_path / "root"))
    stored = (root / LEDGER).read_bytes()
    assert old in stored
    (root / LEDGER).write_bytes(stored.replace(old, new, 1))
    done = call(root, "verify")
    assert done.code != 0 and message in done.out + done.err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.execute("CREATE INDEX mine ON entries (amount)"), "mine is not part of a ledger"),
        (lambda raw: raw.execute("CREATE VIEW seen AS SELECT * FROM entries"), "seen is not part of a ledger"),
        (lambda raw: raw.execute("DROP INDEX entries_payee"), "entries_payee is not as it was made"),
        (lambda raw: raw.execute("PRAGMA user_version = 0"), ""),
        (
            lambda raw: raw.execute(
                "CREATE TRIGGER silent BEFORE INSERT ON entries WHEN NEW.payee = 'bob' BEGIN SELECT RAISE(IGNORE); END"
            ),
            "silent is not part of a ledger",
        ),
    ],
)
def test_what_a_new_ledger_does_not_declare_is_found(
    mine: Company, tmp_path: Path, change: Callable[[sqlite3.Connection], object], message: str
) -> None:
    root = Path(shutil.copytree(mine.root, tmp_path / "root"))
    with closing(sqlite3.connect(root / LEDGER)) as raw:
        change(raw)
        raw.commit()
    done = call(root, "verify")
    assert (done.code, message in done.out) == (1 if message else 0, True), done.out


def test_an_index_that_is_said_to_be_of_another_table_is_found(mine: Company, tmp_path: Path) -> None:
    """The name of the table in the row of the index, and in nothing else."""
    root = Path(shutil.copytree(mine.root, tmp_path / "root"))
    with closing(sqlite3.connect(root / LEDGER)) as raw:
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("UPDATE sqlite_master SET tbl_name = 'Entries' WHERE name = 'entries_payee'")
        raw.commit()
    done = call(root, "verify")
    assert (done.code, "entries_payee is not as it was made" in done.out) == (1, True), done.out
