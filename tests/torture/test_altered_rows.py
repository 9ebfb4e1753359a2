"""A command tells nothing from a ledger whose rows are not as they were written, and never ends in a traceback."""

import shutil
from pathlib import Path

import pytest
import tampering
from attacks import rechained
from cli_world import call
from tampering import CHECKPOINTS, Company, company

from compengine.ledger import intact

READING = {
    "runs": ("runs",),
    "show": ("show", "2026-02"),
    "balances": ("balances",),
    "review": ("review", "2026-03"),
    "explain": ("explain", "ann", "2026-02"),
    "why": ("why", "ann"),
    "blame": ("blame", "2026-03", "ann"),
    "journal": ("journal", "2026-02"),
    "replay": ("replay", "2026-02"),
    "bundle": ("bundle", "2026-02", "-o", "altered.zip"),
    "sample": ("sample", "2026-02", "-o", "altered"),
    "register": ("register",),
    "as of": ("show", "2026-02", "--as-of", "2030-01-01"),
    "statements": ("statements", "2026-03"),
    "calculate": ("calculate", "--period", "2026-04"),
}
SUMMING = ("balances", "review", "journal", "statements", "calculate")
"""Whose figures are summed from entries."""
MEANINGLESS = {
    "a date of a run": "UPDATE runs SET period_end = '2026-02-31' WHERE period = '2026-02'",
    "a date of a posting": "UPDATE postings SET period_end = 'soon' WHERE number = 3",
    "totals": "UPDATE runs SET totals = '{' WHERE period = '2026-01'",
    "plans": "UPDATE runs SET plans = '7' WHERE period = '2026-01'",
    "a kind of event": "UPDATE events SET kind = 'dreamt' WHERE seq = (SELECT max(seq) FROM events)",
    "a body": "UPDATE register SET body = '[1]'",
    "no event": "DELETE FROM events WHERE run = (SELECT id FROM runs WHERE period = '2026-02')",
}
CHANGED = {
    "a number": "UPDATE events SET posting = posting + 1 WHERE kind = 'paid'",
    "the end of a posting": "UPDATE postings SET last_seq = last_seq + 1 WHERE number = 1",
    "a time": "UPDATE events SET time = 'noon' WHERE kind = 'approved'",
    "a digest": "UPDATE runs SET earnings = 'x' WHERE period = '2026-02'",
    "an id": "UPDATE runs SET id = 'x' WHERE period = '2026-02'",
    "a secret": "UPDATE postings SET secret = 'x' WHERE number = 3",
    "a name": "UPDATE events SET actor = 'mallory' WHERE kind = 'approved'",
    "a state": "UPDATE register SET state = 'placed'",
    "a link": "UPDATE runs SET previous = printf('%064d', 7) WHERE period = '2026-02'",
    "a hash": "UPDATE events SET hash = printf('%064d', 7) WHERE seq = (SELECT min(seq) FROM events)",
    "a place": "UPDATE runs SET seq = seq + 1000 WHERE period = '2026-03'",
    "no row": "DELETE FROM register WHERE seq = (SELECT max(seq) FROM register)",
}
ENTRIES = {
    "an amount": "UPDATE entries SET amount = amount + 1 WHERE seq = (SELECT min(seq) FROM entries)",
    "a payee": "UPDATE entries SET payee = 'bob' WHERE payee = 'ann'",
    "a currency": "UPDATE entries SET currency = 'XXX'",
    "the posting of an entry": "UPDATE entries SET posting = 3 WHERE posting = 1",
    "no entry": "DELETE FROM entries WHERE seq = (SELECT min(seq) FROM entries)",
}


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company(tmp_path_factory.mktemp("company"))


@pytest.fixture
def root(mine: Company, tmp_path: Path) -> Path:
    return Path(shutil.copytree(mine.root, tmp_path / "root"))


def altered(root: Path, change: str, *, hashed: bool = False) -> None:
    with tampering.opened(root) as (world, raw):
        raw.execute("PRAGMA foreign_keys = OFF")
        assert raw.execute(change).rowcount > 0
    if hashed:
        rechained(world)
        (root / CHECKPOINTS).unlink()


def refused(root: Path, words: tuple[str, ...]) -> bool:
    done = call(root, *words, who="olive")
    return done.code != 0 and "error[E609]" in done.err and not done.out


@pytest.mark.parametrize("change", [*MEANINGLESS, *CHANGED])
def test_every_reading_command_refuses_an_altered_row(root: Path, change: str) -> None:
    altered(root, (MEANINGLESS | CHANGED)[change])
    assert [name for name, words in READING.items() if not refused(root, words)] == []


@pytest.mark.parametrize("change", ENTRIES)
def test_every_command_that_sums_entries_refuses_an_altered_one(root: Path, change: str) -> None:
    altered(root, ENTRIES[change])
    assert [name for name in SUMMING if not refused(root, READING[name])] == []


@pytest.mark.parametrize("change", MEANINGLESS)
def test_what_means_nothing_is_refused_where_every_hash_and_checkpoint_was_made_right(root: Path, change: str) -> None:
    altered(root, MEANINGLESS[change], hashed=True)
    assert [name for name in ("show", "why", "register", *SUMMING) if not refused(root, READING[name])] == []


def test_a_sound_ledger_is_read_by_every_command(root: Path) -> None:
    said = {name: call(root, *words, who="olive") for name, words in READING.items() if name != "calculate"}
    assert "E706" in said.pop("blame").err, "nothing was moved that could be blamed"
    assert {name: done.err for name, done in said.items() if done.code} == {}


def test_commands_that_look_at_nothing_tell_what_was_altered(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    altered(root, CHANGED["a name"])
    monkeypatch.setattr(intact, "_require_linked", lambda *_: None)
    assert not refused(root, READING["show"])


def test_a_file_that_is_no_database_any_more_is_refused(root: Path) -> None:
    place = root / tampering.LEDGER
    stored = place.read_bytes()
    for at, bit in ((47, 5), (0, 1)):
        place.write_bytes(stored[:at] + bytes([stored[at] ^ 1 << bit]) + stored[at + 1 :])
        assert [name for name, words in READING.items() if not refused(root, words)] == [], at
        assert call(root, "verify").code != 0
