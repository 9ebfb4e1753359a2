"""What the requirements allow, and nothing else, by the program and by hand; and a leak is counted."""

from pathlib import Path

from control_cases import ACTIONS, PERSONS, ROLE_SETS, Allowed, by_hand, by_program, leaks, table
from ledger_world import World, new_world


def test_exactly_what_is_listed_can_be_done(tmp_path: Path) -> None:
    found = list(by_program(tmp_path / "world", table()))
    assert len(found) == 8 * len(ACTIONS) * len(ROLE_SETS) * len(PERSONS) == 1536
    assert sum(case.done for case in found) > 50
    assert leaks(found) == []


def test_rows_put_in_by_hand_meet_the_same_states_and_persons(tmp_path: Path) -> None:
    world: World = new_world(tmp_path / "world")
    found = list(by_hand(world, "sqlite", table()))
    assert sum(case.done for case in found) > 10 and len(found) == 8 * 7 * 4
    assert leaks(found) == []


def test_a_requirement_that_the_ledger_does_not_know_is_counted(tmp_path: Path) -> None:
    wrong = {**table(), ("submitted", "approved"): Allowed("approver", frozenset({"prepared", "own", "other"}))}
    found = leaks(by_hand(new_world(tmp_path / "world"), "sqlite", wrong))
    assert {(case.state, case.action, case.person) for case in found} == {("submitted", "approved", "other")}
