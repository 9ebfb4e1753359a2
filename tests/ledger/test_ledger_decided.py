"""What is decided by hand is part of what a run starts from, on both databases."""

import pytest
from ledger_world import MARCH_ROWS, NOW, SECRET, World, earning, released_at_once

from compengine.ledger import book, queries
from compengine.ledger.decided import ByHand, Taken, as_of, by_hand, read_by_hand, released_of
from compengine.ledger.register import Record, begin, records, step
from compengine.ledger.verify import verify
from compengine.source.diagnostic import Failed
from compengine.values.decided import Adjustment, Hold, Released
from compengine.values.exact import exact
from compengine.values.frames import to_frame
from compengine.values.rows import Payable

BODY = {"amount": "-12.5", "currency": "USD", "for_period": "2026-01", "code": "FIX", "attachment": "e" * 64}
TAKEN = Taken(Adjustment("A0001", "ana", "sales", "2026-01", "FIX", exact("-12.5"), "USD"), "e" * 64)


def asked(world: World, calendar: str = "monthly") -> Record:
    return begin(world.store, "adjustment", (calendar, "ana", "sales"), BODY, "why", "ann", NOW)


def approved(world: World, calendar: str = "monthly") -> Record:
    return step(world.store, asked(world, calendar).id, "approved", "seen", "bob", NOW)


def held(world: World, calendar: str = "monthly", **body: str) -> Record:
    return begin(world.store, "hold", (calendar, "ana", "sales" if calendar else ""), body, "why", "ann", NOW)


def test_an_opening_holds_what_is_approved_and_held_in_its_calendar(fresh: World) -> None:
    empty = queries.read_opening(fresh.store, "monthly")
    asked(fresh)
    approved(fresh, "weekly")
    assert queries.read_opening(fresh.store, "monthly") == empty
    step(fresh.store, "A0001", "approved", "seen", "bob", NOW)
    held(fresh, component="commission")
    held(fresh, calendar="")
    opening = queries.read_opening(fresh.store, "monthly")
    assert opening.digest != empty.digest
    holds = (Hold("H0001", "ana", "sales", "commission"), Hold("H0002", "ana"))
    assert opening.by_hand == ByHand((TAKEN,), holds)
    assert read_by_hand(opening.by_hand.content) == opening.by_hand
    step(fresh.store, "H0001", "released", "fine", "bob", NOW)
    step(fresh.store, "H0002", "released", "fine", "bob", NOW)
    assert queries.read_opening(fresh.store, "monthly").by_hand == ByHand((TAKEN,))


def test_an_opening_without_decisions_is_what_it_was(fresh: World) -> None:
    asked(fresh)
    assert queries.read_opening(fresh.store, "monthly").by_hand.content == b""


def test_with_holds_it_says_what_was_released_last(fresh: World) -> None:
    fresh.post("2026-01", MARCH_ROWS[0])
    record = queries.runs(fresh.store)[0].record
    approved(fresh)
    assert queries.read_opening(fresh.store, "monthly").by_hand.payables == ""
    held(fresh)
    opening = queries.read_opening(fresh.store, "monthly")
    assert (opening.by_hand.payables, opening.by_hand.end) == (record.payables, "2026-01-31")
    assert read_by_hand(opening.by_hand.content) == opening.by_hand


def test_what_was_released_is_found_in_the_scope_of_holds_alone() -> None:
    rows = [
        earning(who, source, "0%", "100", "0.1", "2026-01") for who in ("ana", "ben") for source in ("A", "A/x", "B")
    ]
    parts = to_frame(Payable, released_at_once(rows))
    end = released_at_once(rows)[0].on
    assert end is not None
    told = released_of(parts, end, (Hold("H1", "ana", "sales", "", "A"),))
    assert told == tuple(Released("ana", "sales", "commission", source, 0) for source in ("A", "A/x"))
    assert released_of(parts, end.replace(day=30), (Hold("H1", "ana"),)) == ()


def test_a_posted_month_with_decisions_verifies(fresh: World) -> None:
    approved(fresh)
    held(fresh)
    fresh.post("2026-01", MARCH_ROWS[0])
    step(fresh.store, "H0001", "released", "fine", "bob", NOW)
    fresh.post("2026-02", MARCH_ROWS[1])
    approved(fresh)
    assert verify(fresh.store, fresh.objects) == []


@pytest.mark.parametrize("what", ["approved", "placed", "released"])
def test_a_decision_after_the_calculation_refuses_the_posting(fresh: World, what: str) -> None:
    if what == "released":
        held(fresh)
    run = fresh.approved(fresh.calculate("2026-01", MARCH_ROWS[0]))
    match what:
        case "approved":
            approved(fresh)
        case "placed":
            held(fresh)
        case _:
            step(fresh.store, "H0001", "released", "fine", "bob", NOW)
    for refused in (book.may_post, lambda s, r, a: book.post(s, fresh.objects, r, a, NOW, SECRET)):
        with pytest.raises(Failed) as caught:
            refused(fresh.store, run, "ann")
        (found,) = caught.value.diagnostics
        assert (found.code, f"was {what} since" in found.message) == ("E602", True)


def test_a_decision_between_reading_and_writing_refuses_the_posting(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines are made before the write lock is taken: somebody places a hold just then."""
    run = fresh.approved(fresh.calculate("2026-01", MARCH_ROWS[0]))
    made = book.run_lines

    def meanwhile(*arguments: object) -> object:
        held(fresh)
        return made(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(book, "run_lines", meanwhile)
    with pytest.raises(Failed) as caught:
        book.post(fresh.store, fresh.objects, run, "ann", NOW, SECRET)
    assert [d.code for d in caught.value.diagnostics] == ["E602"]
    assert queries.postings(fresh.store) == []


def test_a_run_that_left_a_decision_out_is_found(fresh: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a program that calculates and posts as if nothing had been approved."""
    approved(fresh)
    monkeypatch.setattr(queries, "by_hand", lambda *_: ByHand())
    fresh.post("2026-01", MARCH_ROWS[0])
    monkeypatch.undo()
    found = verify(fresh.store, fresh.objects)
    assert ["was calculated against another opening" in d.message for d in found] == [True]


def test_records_are_seen_as_they_stood(fresh: World) -> None:
    record = approved(fresh)
    first, second = (s.seq for s in record.steps)
    assert as_of(records(fresh.store), first) == []
    (then,) = as_of(records(fresh.store), second)
    assert then.state == "requested"
    assert by_hand([then], "monthly", "", "") == ByHand()


def test_a_record_that_does_not_say_its_amount_is_told_and_not_passed_over(fresh: World) -> None:
    begin(fresh.store, "adjustment", ("monthly", "ana", "sales"), {"amount": "5"}, "why", "ann", NOW)
    step(fresh.store, "A0001", "approved", "seen", "bob", NOW)
    with pytest.raises(ValueError, match="A0001 does not say what it is about"):
        queries.read_opening(fresh.store, "monthly")
