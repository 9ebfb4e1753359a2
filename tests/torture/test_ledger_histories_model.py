"""A few of the random histories, and that the machine finds what is planted in the ledger."""

from collections.abc import Iterator
from typing import Any

import pytest
from ledger_histories import COUNTS, LedgerHistory, run_histories, template

import compengine.ledger.book as book
import compengine.ledger.runs as runs


def test_histories_agree_with_the_model() -> None:
    COUNTS.update(dict.fromkeys(COUNTS, 0))
    run_histories(6, begin=3)
    assert COUNTS["posted"] >= 2 and COUNTS["crashes"] >= 2 and COUNTS["refused"] >= 5, COUNTS


@pytest.fixture
def history() -> Iterator[LedgerHistory]:
    """January submitted."""
    with template() as root:
        machine = type("Planted", (LedgerHistory,), {"template": root})()
        machine.begin()
        machine.calculate(0, "olive", 0)
        machine.submit(0, "olive", 0)
        yield machine
        machine.teardown()


def closed(history: LedgerHistory) -> None:
    history.approve(0, "frank", 0, 1)
    history.post(0, "olive", 0)
    history.the_ledger_is_sound_and_is_what_the_model_says()


def test_a_ledger_that_forgets_what_is_posted_is_caught(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that is earned would be posted again with each month."""
    closed(history)
    real = book.folded_rows
    monkeypatch.setattr(book, "folded_rows", lambda *args: real(*args).clear())
    with pytest.raises(AssertionError):
        history.close(0, ["olive", "frank", "petra", "quinn"])
        history.the_ledger_is_sound_and_is_what_the_model_says()


def test_an_approval_that_is_not_bound_to_what_was_shown_is_caught(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = runs.approve

    def blind(store: Any, run: str, actor: str, now: Any, content: str = "", **rest: Any) -> Any:
        return real(store, run, actor, now, "", **rest)

    monkeypatch.setattr(runs, "approve", blind)
    with pytest.raises(AssertionError, match="was done, and is not allowed"):
        history.approve(0, "frank", 0, 0)


def test_a_step_that_is_acknowledged_and_not_on_record_is_caught(
    history: LedgerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "append_event", lambda connection, head, *rest, **more: head)
    with pytest.raises(AssertionError, match="acknowledged, and not on record"):
        history.approve(0, "frank", 0, 1)
