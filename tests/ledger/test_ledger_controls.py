"""Who may do what to a run, when, and how often."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from ledger_world import MARCH_ROWS, NOW, SECRET, World

from compengine.ledger import book, queries
from compengine.ledger.runs import Run, approve, record_run, submit
from compengine.ledger.states import State
from compengine.source.diagnostic import Failed

JANUARY, FEBRUARY, MARCH = MARCH_ROWS


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def code(action: Callable[[], object]) -> str:
    with pytest.raises(Failed) as caught:
        action()
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code


def calculated(world: World, period: str = "2026-01") -> Run:
    return record_run(world.store, world.calculate(period, JANUARY), "ann", NOW)


def recorded(world: World, period: str = "2026-01") -> Run:
    return submit(world.store, calculated(world, period).id, "ann", NOW)


def test_the_same_calculation_is_the_same_run(world: World) -> None:
    first = calculated(world)
    again = record_run(world.store, world.calculate("2026-01", JANUARY), "bob", NOW + timedelta(1))
    assert again == first and first.id == first.record.content[:12]
    assert [e.actor for e in queries.events(world.store)] == ["ann"]
    assert queries.runs(world.store) == [first]


@pytest.mark.parametrize(
    "name", ["calendar", "engine", "workspace", "snapshot", "opening", "earnings", "credits", "entitlement"]
)
def test_every_part_of_a_run_is_part_of_its_id(world: World, name: str) -> None:
    record = world.calculate("2026-01", JANUARY)
    assert replace(record, **{name: "f" * 64}).id != record.id
    assert replace(record, totals=(("USD", 1),)).id != record.id
    assert replace(record, plans=()).id != record.id


def test_a_run_comes_back_from_the_ledger_as_it_was_recorded(world: World) -> None:
    run = calculated(world)
    assert queries.run(world.store, run.id[:5]).record == run.record
    assert run.state is State.CALCULATED


def test_times_are_stored_in_utc(world: World) -> None:
    there = timezone(timedelta(hours=-5))
    run = record_run(
        world.store, world.calculate("2026-01", JANUARY), "ann", datetime(2026, 1, 31, 23, 30, tzinfo=there)
    )
    assert run.events[0].time == "2026-02-01T04:30:00.000000+00:00"
    submit(world.store, run.id, "ann", NOW)
    with pytest.raises(AssertionError, match="zone"):
        approve(world.store, run.id, "bob", datetime(2026, 1, 31, tzinfo=UTC).replace(tzinfo=None))


@pytest.mark.parametrize("actor", ["ann", "Ann", " ann "])
def test_who_calculated_may_not_approve(world: World, actor: str) -> None:
    run = recorded(world)
    assert code(lambda: approve(world.store, run.id, actor, NOW)) == "E603"


def test_an_approval_is_of_what_was_shown(world: World) -> None:
    run = recorded(world)
    assert code(lambda: approve(world.store, run.id, "bob", NOW, content="0" * 64)) == "E602"
    approved = approve(world.store, run.id, "bob", NOW, content=run.record.content)
    assert approved.state is State.APPROVED
    approval = approved.event(State.APPROVED)
    assert approval is not None and approval.content == run.record.content


def test_a_run_is_approved_once_and_must_be_known(world: World) -> None:
    run = recorded(world)
    approve(world.store, run.id, "bob", NOW)
    assert code(lambda: approve(world.store, run.id, "cat", NOW)) == "E615"
    for name in ("", "nothing", "%", "_"):
        assert code(lambda name=name: approve(world.store, name, "bob", NOW)) == "E606"  # type: ignore[misc]


@pytest.mark.parametrize("actor", ["", "  "])
def test_nobody_may_do_nothing(world: World, actor: str) -> None:
    run = recorded(world)
    assert code(lambda: record_run(world.store, run.record, actor, NOW)) == "E612"
    assert code(lambda: approve(world.store, run.id, actor, NOW)) == "E612"
    assert code(lambda: book.post(world.store, world.objects, run.id, actor, NOW, SECRET)) == "E612"
    assert code(lambda: book.pay(world.store, world.objects, run.id, actor, NOW)) == "E612"


def test_only_an_approved_run_is_posted(world: World) -> None:
    run = recorded(world)
    assert code(lambda: book.post(world.store, world.objects, run.id, "ann", NOW, SECRET)) == "E604"


def test_a_period_is_posted_once(world: World) -> None:
    rival = world.approved(replace(world.calculate("2026-01", JANUARY), engine="0.2.0"))
    posted = world.post("2026-01", JANUARY)
    assert code(lambda: book.post(world.store, world.objects, posted.run, "ann", NOW, SECRET)) == "E605"
    assert code(lambda: book.post(world.store, world.objects, rival, "ann", NOW, SECRET)) == "E605"


def test_only_the_open_period_is_posted(world: World) -> None:
    world.post("2026-02", FEBRUARY)
    for period in ("2026-01", "2026-04"):
        run = world.approved(world.calculate(period, FEBRUARY))
        assert code(lambda run=run: book.post(world.store, world.objects, run, "ann", NOW, SECRET)) == "E601"  # type: ignore[misc]


def test_a_run_calculated_before_the_last_posting_is_calculated_again(world: World) -> None:
    early = world.approved(world.calculate("2026-02", FEBRUARY))
    world.post("2026-01", JANUARY)
    assert code(lambda: book.post(world.store, world.objects, early, "ann", NOW, SECRET)) == "E602"


def test_a_payment_or_another_calendar_does_not_move_the_opening(world: World) -> None:
    january = world.post("2026-01", JANUARY)
    run = world.approved(world.calculate("2026-02", FEBRUARY))
    book.pay(world.store, world.objects, world.final(january.run), "cat", NOW)
    world.post("2026-01", [], calendar="second")
    assert book.post(world.store, world.objects, run, "ann", NOW, SECRET).in_period == "2026-02"


def test_a_run_is_paid_once_and_only_when_posted(world: World) -> None:
    run = world.approved(world.calculate("2026-01", JANUARY))
    assert code(lambda: book.pay(world.store, world.objects, run, "cat", NOW)) == "E607"
    book.post(world.store, world.objects, run, "ann", NOW, SECRET)
    assert code(lambda: book.pay(world.store, world.objects, run, "cat", NOW)) == "E615"
    book.pay(world.store, world.objects, world.final(run), "cat", NOW, document="e" * 64)
    assert code(lambda: book.pay(world.store, world.objects, run, "cat", NOW)) == "E608"
    paid = queries.run(world.store, run)
    assert [e.kind for e in paid.events] == [state for state in State if state is not State.REJECTED]
    assert paid.events[-1].document == "e" * 64


def test_what_is_refused_leaves_no_trace(world: World) -> None:
    run = recorded(world)
    before = queries.head(world.store)
    code(lambda: approve(world.store, run.id, "ann", NOW))
    code(lambda: book.post(world.store, world.objects, run.id, "ann", NOW, SECRET))
    assert queries.head(world.store) == before
