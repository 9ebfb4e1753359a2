"""Whoever posts the same period at the same moment: one wins, the others are told who did, and nothing forks."""

import os
from collections.abc import Iterator

import pytest
from ledger_world import World
from racing import WORKERS, Poster, posters, race

ROUNDS = int(os.environ.get("COMPENGINE_RACE_ROUNDS", "3"))
"""`make torture` runs hundreds."""


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
    assert said and all(" was posted with " in message and " by ann on " in message for message in said)
