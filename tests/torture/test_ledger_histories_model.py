"""Some of the random histories, and that the machine finds what is planted in the program."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from forks import Done, Said
from histories_company import ALIVE, Company, Death, company
from histories_model import MONTHS
from ledger_histories import COUNTS, LedgerHistory, died, run_in
from sqlite_faults import traceable

import compengine.actions.by_hand as by_hand
import compengine.actions.calculate as calculate
import compengine.actions.disputes as disputes
import compengine.ledger.book as book
import compengine.ledger.runs as runs
from compengine.values.decided import NOTHING


@pytest.fixture(scope="module")
def small() -> Iterator[Company]:
    with company() as made:
        yield made


@pytest.mark.skipif(not traceable(), reason="strace cannot be used here")
def test_fifty_histories_agree_with_the_model(small: Company) -> None:
    """With something of everything in them; when exactly a process is killed is for the system to say, so not in each
    ten of them."""
    COUNTS.update(dict.fromkeys(COUNTS, 0))
    for begin in range(5):
        run_in(small, 10, begin=begin)
    assert COUNTS["histories"] >= 50, COUNTS
    assert all(COUNTS[name] >= 5 for name in ("posted", "died", "killed", "refused", "by_hand")), COUNTS


@pytest.fixture
def history(small: Company) -> Iterator[LedgerHistory]:
    """January submitted."""
    machine = type("Planted", (LedgerHistory,), {"company": small})()
    machine.begin()
    machine.calculate(0, "olive", ALIVE)
    machine.run_step("submit", 0, "olive", ALIVE)
    machine.the_ledger_holds_what_the_model_says()
    yield machine
    machine.folder.cleanup()


def closed(history: LedgerHistory) -> None:
    history.run_step("approve", 0, "frank", ALIVE)
    history.run_step("post", 0, "olive", ALIVE)
    history.the_ledger_holds_what_the_model_says()


def next_month(history: LedgerHistory) -> None:
    history.close(["olive", "frank", "petra"], "", ALIVE)
    history.the_ledger_holds_what_the_model_says()


def test_four_months_of_what_people_do_most_go_as_the_model_says(history: LedgerHistory) -> None:
    """The planted faults below are found for what is planted, and not for anything else."""
    closed(history)
    history.grant("ann", 2, 12_345, ["olive", "frank", "petra"])
    history.hold("ben", "commission", "", "olive", ALIVE)
    history.deal("A", "ben", 15, 2, True, ALIVE)
    next_month(history)
    history.settle_dispute(0, "", ["petra", "olive", "frank"], 500)
    history.release(0, "frank", ALIVE)
    history.deal("A", "ann", 15, 1, True, ALIVE)
    for _ in MONTHS[2:]:
        next_month(history)
    history.verified()
    assert len(history.model.posts) == len(MONTHS) and len(set(history.model.payable.values())) == len(MONTHS)


def test_a_killed_process_leaves_what_the_next_command_goes_on_with(history: LedgerHistory) -> None:
    if not traceable():
        pytest.skip("strace cannot be used here")
    before = COUNTS["killed"]
    for at in (1, 6, 12, 16, 18, 20, 22):
        history.adjust("ann", 1, 100, "olive", False, Death("kill", at))
        history.the_ledger_holds_what_the_model_says()
    assert COUNTS["killed"] - before >= 5
    assert 0 < len(history.model.adjustments) < 7, "some were recorded before the end, and some were not"


def test_a_ledger_that_forgets_what_is_posted_is_caught(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that is earned would be posted again with each month."""
    closed(history)
    real = book.folded_rows
    monkeypatch.setattr(book, "folded_rows", lambda *args: real(*args).clear())
    with pytest.raises(AssertionError):
        next_month(history)


def test_an_approval_that_is_not_bound_to_what_was_shown_is_caught(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = runs.approve

    def blind(store: Any, run: str, actor: str, now: Any, content: str = "", **rest: Any) -> Any:
        return real(store, run, actor, now, "", **rest)

    monkeypatch.setattr(runs, "approve", blind)
    with pytest.raises(AssertionError, match="was done, and is not allowed"):
        history.approve_another_content(0, "frank")


def test_a_step_that_is_acknowledged_and_not_on_record_is_caught(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "append_event", lambda connection, head, *rest, **more: head)
    with pytest.raises(AssertionError, match="acknowledged, and not on record"):
        history.run_step("approve", 0, "frank", ALIVE)


def test_a_refusal_that_leaves_something_behind_is_caught(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Company.run

    def littering(self: Company, root: Any, said: Said, death: Death) -> Done:
        done = real(self, root, said, death)
        with closing(sqlite3.connect(root / "ledger.db")) as connection:
            connection.execute("PRAGMA user_version = 7")
        return done

    monkeypatch.setattr(Company, "run", littering)
    with pytest.raises(AssertionError, match="refused, and the ledger is another"):
        history.run_step("approve", 0, "olive", ALIVE)


def test_what_is_decided_by_hand_and_not_taken_into_a_run_is_caught(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(history)
    history.grant("ann", 2, 12_345, ["olive", "frank", "petra"])
    monkeypatch.setattr(calculate, "decided_of", lambda *args: NOTHING)
    with pytest.raises(AssertionError):
        next_month(history)


def test_somebody_who_decides_about_his_own_pay_is_caught(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.adjust("ann", 2, 100, "olive", False, ALIVE)
    monkeypatch.setattr(by_hand, "require_no_self_interest", lambda *args: None)
    with pytest.raises(AssertionError, match="was done, and is not allowed"):
        history.decide_adjustment("approve", 0, "ann", ALIVE)


def test_a_command_that_died_is_told_from_one_that_ended() -> None:
    assert died(Done(None, "", "")) and died(Done(-9, "", ""))
    assert not died(Done(0, "", "")) and not died(Done(3, "", ""))


def test_a_line_of_a_statement_that_cannot_be_disputed_is_found(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(history)
    history.dispute(1, 0, "first", "eve", ALIVE)
    assert [one.payee for one in history.model.disputes.values()] == ["ann"]
    posted = disputes.to_post
    monkeypatch.setattr(disputes, "to_post", lambda *given: posted(*given).head(0))
    with pytest.raises(AssertionError, match="E706"):
        history.dispute(1, 0, "last", "eve", ALIVE)
