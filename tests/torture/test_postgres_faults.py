"""A few of the faults on a server, and what the measure would say if a promise were broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from broken_calls import Answer, Fault
from cut_answers import door
from postgres_faults import Bench, Prepared, bench, faulted, faults, lost, prepared, settled
from servers import binaries

pytestmark = pytest.mark.skipif(binaries() is None, reason="needs PostgreSQL: apt-get install postgresql")


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Bench, Prepared]]:
    with bench() as made:
        (post,) = prepared(made, ("post",))
        yield made, post


def last_commits(one: Prepared) -> tuple[int, int]:
    """The commit of the posting, which follows the COPY, and the one of a reader after it."""
    copied = one.calls.index("copy")
    first = one.calls.index("do_commit", copied)
    return first + 1, one.calls.index("do_commit", first + 1) + 1


def test_a_command_killed_or_cut_off_around_its_commit_leaves_the_old_ledger_or_the_new(
    world: tuple[Bench, Prepared],
) -> None:
    made, post = world
    writing, reading = last_commits(post)
    points = [
        faulted(made, post, Fault(*fault))
        for fault in (("kill", "before", writing), ("kill", "after", writing), ("terminate", "before", reading))
    ]
    assert [p for p in points if p.wrong] == []
    assert [p.left for p in points] == ["old", "new", "new"]


def test_a_command_whose_answer_was_lost_finds_itself_done(world: tuple[Bench, Prepared], tmp_path: Path) -> None:
    made, post = world
    at = made.folder / "door"
    with door(at, made.server.folder) as shut:
        assert lost(made, post, shut, at).wrong == ()


def test_a_broken_promise_is_counted(world: tuple[Bench, Prepared]) -> None:
    made, post = world
    made.restore(post)
    lying = settled(made, post, "nothing was done", Answer(0, "", "", ()), [])
    assert (lying.left, lying.wrong) == ("old", ("acknowledged and lost",))


def test_every_call_and_the_time_after_every_commit_is_a_point(world: tuple[Bench, Prepared]) -> None:
    _, post = world
    found = faults(post, "kill")
    assert len(found) == len(post.calls) + post.calls.count("do_commit") > 100
    assert {f.number for f in found} == set(range(1, len(post.calls) + 1))
