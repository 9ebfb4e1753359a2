"""What a run's late rows were compared with stands on record, and is the last posting of its calendar."""

from dataclasses import replace
from datetime import date

import pytest
from ledger_world import NOW, SECRET, World, earning

from compengine.inputs.objects import put_bytes
from compengine.ledger import book
from compengine.ledger.closed import Closed, content, last_closed, read_closed
from compengine.ledger.store.database import reading
from compengine.ledger.verify import verify

CREDITS = "e" * 64


def posted(world: World, period: str, compared: tuple[Closed, ...], calendar: str = "monthly") -> None:
    """Post a run without a change, that says it was compared with these."""
    digest = put_bytes(world.objects, content(compared)) if compared else ""
    record = replace(
        world.calculate(period, [earning("ann", "D1", "0", "1000", "0.05", "2026-01")], calendar=calendar),
        posted=digest,
    )
    run = world.approved(replace(record, credits=CREDITS))
    book.post(world.store, world.objects, run, "ann", NOW, SECRET)


def closed(world: World, *calendars: str) -> tuple[Closed, ...]:
    with reading(world.store) as connection:
        return last_closed(connection, calendars)


@pytest.fixture
def world(fresh: World) -> World:
    made = fresh
    posted(made, "2026-01", ())
    return made


def test_the_last_posting_of_each_calendar_is_what_is_compared_with(world: World) -> None:
    january = Closed("monthly", date(2026, 1, 31), CREDITS)
    assert closed(world, "monthly", "other", "monthly") == (january,)
    posted(world, "2026-02", (january,))
    assert closed(world, "monthly") == (replace(january, end=date(2026, 2, 28)),)
    assert verify(world.store, world.objects) == []


def test_what_is_kept_can_be_read_again() -> None:
    two = (Closed("monthly", date(2026, 1, 31), CREDITS), Closed("weekly", date(2026, 1, 25), "f" * 64))
    assert read_closed(content(two)) == two
    for wrong in (b"", content(two)[1:], content(two) + b"x", content(two)[:-1]):
        with pytest.raises(ValueError, match=r"says something else|not a row of texts"):
            read_closed(wrong)


@pytest.mark.parametrize(
    "other",
    [
        Closed("monthly", date(2026, 1, 31), "f" * 64),
        Closed("monthly", date(2025, 12, 31), CREDITS),
        Closed("weekly", date(2026, 1, 31), CREDITS),
    ],
    ids=["credits", "period", "calendar"],
)
def test_a_run_compared_with_something_else_is_found(world: World, other: Closed) -> None:
    posted(world, "2026-02", (other,))
    assert [d.message.partition(" was ")[2] for d in verify(world.store, world.objects)] == [
        f"compared with other credits than those posted up to {other.end}"
    ]


def test_of_its_own_calendar_only_the_posting_before_will_do(world: World) -> None:
    january = closed(world, "monthly")
    posted(world, "2026-02", january)
    posted(world, "2026-01", january, calendar="other")
    assert verify(world.store, world.objects) == []
    posted(world, "2026-03", january)
    assert [d.code for d in verify(world.store, world.objects)] == ["E609"]


def test_an_object_that_is_lost_is_found(world: World) -> None:
    record = replace(
        world.calculate("2026-02", [earning("ann", "D1", "0", "1000", "0.05", "2026-01")]), posted="9" * 64
    )
    book.post(world.store, world.objects, world.approved(record), "ann", NOW, SECRET)
    assert any("9" * 64 in d.message for d in verify(world.store, world.objects))
