"""Whoever posts the same period at the same moment: one wins, the others are told who did, and nothing forks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_world import World, new_world
from racing import POSTER, WORKERS, Poster, posters, race

ROUNDS = 3
"""`make torture` runs hundreds (`tests/torture/post_races.py`)."""


@pytest.fixture(scope="module")
def processes() -> Iterator[list[Poster]]:
    with posters() as started:
        yield started


def test_of_eight_processes_that_post_one_period_one_wins(fresh: World, processes: list[Poster]) -> None:
    outcome = race(fresh, processes, ROUNDS)
    assert (outcome.rounds, outcome.forks) == (ROUNDS, 0), outcome
    assert outcome.answers["posted"] == ROUNDS and outcome.answers.total() == ROUNDS * WORKERS, outcome
    assert set(outcome.answers) <= {"posted", "E605", "E611"}, outcome
    said = [message for message in outcome.messages if message.startswith("E605")]
    assert said and all(" is posted already: run " in message and " by ann on " in message for message in said)


def test_a_process_that_says_posted_and_did_not_post_is_counted(tmp_path: Path) -> None:
    liar = POSTER.replace("    book.post(", "    str((").replace("range(32)))", "range(32))))")
    with posters(2, liar) as lying:
        assert race(new_world(tmp_path), lying, 1).forks == 1
