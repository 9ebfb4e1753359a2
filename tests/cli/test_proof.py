"""Explain, replay and verify: they agree with what is posted, and find what was changed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_world import call, close

from compengine.actions import replay as replaying
from compengine.actions.opened import open_workspace
from compengine.actions.verify import verify


@pytest.mark.parametrize("words", [(), ("--independent",)])
def test_a_run_is_replayed_from_its_objects_after_every_file_has_changed(
    closed: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(closed, root)
    shutil.rmtree(root / "plans")
    shutil.rmtree(root / "data")
    (root / ".compengine" / "current").unlink()
    for period in ("2026-01", "2026-02"):
        done = call(root, "replay", period, *words)
        assert (done.code, done.out.splitlines()[-1]) == (0, "MATCH"), done.out + done.err


def test_a_difference_is_shown_with_its_row(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the settlement starts from an opening that was never recorded."""
    from compengine.values.exact import exact
    from compengine.values.rows import Balance

    owes = Balance("ann", "account-executive", "carried", "USD", exact("-1"))
    monkeypatch.setattr(replaying, "pinned_opening", lambda *_: (owes,))
    done = call(closed, "replay", "2026-01")
    assert done.code == 1
    assert "settlements: account-executive ann" in done.out
    assert "carried_recovered 1" in done.out
    assert done.out.splitlines()[-1] == "DIFFERENT"


def test_a_sound_ledger_verifies_and_says_its_head(closed: Path) -> None:
    done = call(closed, "verify", "--format", "json")
    assert (done.code, done.json["ok"], done.json["diagnostics"]) == (0, True, [])
    head = f"{done.json['head_seq']}:{done.json['head']}"
    assert call(closed, "verify", "--head", head).code == 0
    assert call(closed, "verify", "--head", f"{done.json['head_seq']}:{'0' * 64}").code == 1
    assert call(closed, "verify", "--head", "nonsense").code == 2


def test_a_changed_amount_is_found(closed: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(closed, root)
    with sqlite3.connect(root / "ledger.db") as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute("UPDATE entries SET amount = amount + 100 WHERE seq = (SELECT min(seq) FROM entries)")
    done = call(root, "verify")
    assert (done.code, "error[E609]: entry" in done.out) == (1, True)


def test_every_object_is_looked_at(closed: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(closed, root)
    opened = open_workspace(root)
    whole = verify(opened)
    stored = [p for p in (root / ".compengine" / "objects").rglob("*") if p.is_file()]
    posted = {p.name for p in stored}
    assert whole.objects >= len(posted) - 2  # posted rows, which the ledger's own check reads
    for place in stored:
        content = place.read_bytes()
        place.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert verify(opened).diagnostics, f"{place.name} was changed unseen"
        place.write_bytes(content)
    assert not verify(opened).diagnostics


def test_an_amount_is_explained_down_to_its_rows(closed: Path) -> None:
    done = call(closed, "explain", "ann", "2026-02", "D10", "--format", "json")
    assert done.code == 0
    assert done.json["agrees"] is True
    assert done.json["stored_total"] == {"amount": "2805.00", "currency": "USD"}
    text = call(closed, "explain", "ann", "2026-02", "D10").out
    for said in ("sum(bookings, year to date) = 77500", "plans/account-executive/plan.yaml:19:", "2026-01-08 D01 ann"):
        assert said in text


def test_nothing_to_explain_is_said(closed: Path) -> None:
    done = call(closed, "explain", "ann", "2026-01", "D99")
    assert (done.code, "E706" in done.err) == (2, True)


def test_a_killed_post_leaves_the_ledger_as_it_was_or_as_it_should_be(closed: Path, tmp_path: Path) -> None:
    """Killed at several moments; afterwards the ledger verifies, and posting again gives the same entries."""
    whole = tmp_path / "whole"
    shutil.copytree(closed, whole)
    assert call(whole, "submit", "2026-02", who="olive").code == 0
    assert call(whole, "approve", "2026-02", who="frank").code == 0
    started = time.monotonic()
    subprocess.run(_post(), cwd=whole, check=True, capture_output=True)
    took = time.monotonic() - started
    states = set()
    for part in (20, 50, 80, 90, 95, 100):
        root = tmp_path / f"killed-{part}"
        shutil.copytree(closed, root)
        assert call(root, "submit", "2026-02", who="olive").code == 0
        assert call(root, "approve", "2026-02", who="frank").code == 0
        process = subprocess.Popen(_post(), cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * part / 100)
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = call(root, "verify", "--format", "json")
        assert found.code == 0, found.out
        state = call(root, "show", "2026-02", "--format", "json").json["state"]
        states.add(state)
        assert state in ("approved", "posted")
        if state == "approved":
            assert call(root, "post", "2026-02", who="frank").code == 0
        assert call(root, "verify").code == 0
        assert _entries(root) == _entries(whole)
    assert "approved" in states


def _post() -> list[str]:
    return [sys.executable, "-m", "compengine.cli.main", "post", "2026-02", "--as", "frank"]


def _entries(root: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(root / "ledger.db") as connection:
        return connection.execute("SELECT payee, plan, component, account, amount FROM entries ORDER BY seq").fetchall()


def test_two_posts_at_once_make_one_posting(closed: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(closed, root)
    assert call(root, "submit", "2026-02", who="olive").code == 0
    assert call(root, "approve", "2026-02", who="frank").code == 0
    both = [subprocess.Popen(_post(), cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in "ab"]
    assert sorted(process.wait() for process in both) == [0, 3]
    assert call(root, "verify").code == 0


def test_the_order_of_closing_does_not_depend_on_the_zone_of_the_machine(tmp_path: Path, closed: Path) -> None:
    """The same data elsewhere gives the same run."""
    from cli_world import starter

    run = call(closed, "show", "2026-01", "--format", "json").json["run"]
    zone = os.environ.get("TZ")
    os.environ["TZ"] = "Pacific/Kiritimati"
    try:
        root = starter(tmp_path)
        close(root, "2026-01")
    finally:
        os.environ.pop("TZ") if zone is None else os.environ.update(TZ=zone)
    assert call(root, "show", "2026-01", "--format", "json").json["run"] == run
