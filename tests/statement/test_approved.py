"""Who is named under a statement as having approved its run."""

from datetime import UTC, date, datetime
from typing import Any

from compengine.actions.statement_facts import _run_facts
from compengine.ledger.runs import Run, RunRecord
from compengine.ledger.states import Event, State
from compengine.statement.facts import RunFacts
from compengine.values.periods import Window

NO_STORE: Any = None
"""A run that is not posted is not looked up."""


def told(*happened: tuple[State, str]) -> RunFacts:
    window = Window(start=date(2026, 3, 1), end=date(2026, 3, 31), label="2026-03")
    record = RunRecord("monthly", window, "1", (), *("",) * 11, ())
    events = tuple(
        Event(seq, "r", kind, "", 0, "", "", actor, f"2026-04-0{seq}T09:00:00+00:00")
        for seq, (kind, actor) in enumerate(happened, 1)
    )
    return _run_facts(NO_STORE, Run(record, 1, ("r", ""), events), None, "UTC")


CALCULATED, SUBMITTED = (State.CALCULATED, "olive"), (State.SUBMITTED, "olive")


def test_everybody_who_approved_is_named_with_the_time_of_the_last() -> None:
    both = told(CALCULATED, SUBMITTED, (State.APPROVED, "frank"), (State.APPROVED, "fay"))
    assert (both.approved_by, both.approved_at) == ("frank, fay", datetime(2026, 4, 4, 9, tzinfo=UTC))


def test_an_approval_before_a_rejection_does_not_count() -> None:
    again = told(
        CALCULATED, SUBMITTED, (State.APPROVED, "frank"), (State.REJECTED, "fay"), SUBMITTED, (State.APPROVED, "gus")
    )
    assert again.approved_by == "gus"
    assert told(CALCULATED, SUBMITTED).approved_at is None
