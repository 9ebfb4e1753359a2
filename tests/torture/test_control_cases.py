"""What the requirements allow, and nothing else, by command, by function and by hand; and a leak is counted."""

from pathlib import Path

import pytest
from control_cases import ACTIONS, PERSONS, RECORDS, by_function, by_hand
from control_commands import RECORD_ACTIONS, RUN_ACTIONS, by_command, desk, of_records
from control_table import ROLE_SETS, ROLES, Allowed, Table, leaks, table
from ledger_world import World, new_world

import compengine.actions.by_hand as actions
from compengine.inputs.schema import Role

SOME = ((Role.APPROVER,), ROLES)
"""Sets of roles that are tried here; `make torture` tries all."""


@pytest.mark.parametrize("roles", SOME, ids="-".join)
def test_exactly_what_is_listed_can_be_done_by_command(tmp_path: Path, roles: tuple[Role, ...]) -> None:
    found = list(by_command(tmp_path, table(), (roles,)))
    persons = 2 + (Role.PREPARER in roles) + (Role.APPROVER in roles)
    of_runs = [case for case in found if case.about == "run"]
    assert len(of_runs) == 8 * len(RUN_ACTIONS) * persons
    assert len(found) - len(of_runs) > 15 * len(RECORD_ACTIONS) * 2
    assert sum(case.done for case in found) > 20
    assert leaks(found) == []


def test_exactly_what_is_listed_can_be_done_by_function(tmp_path: Path) -> None:
    found = list(by_function(tmp_path / "world", table()))
    assert len(found) == 8 * len(ACTIONS) * len(ROLE_SETS) * len(PERSONS) == 1536
    assert sum(case.done for case in found) > 50
    assert leaks(found) == []


def test_rows_put_in_by_hand_meet_the_same_states_and_persons(tmp_path: Path) -> None:
    world: World = new_world(tmp_path / "world")
    found = list(by_hand(world, "sqlite", table()))
    records = sum(map(len, RECORDS.values())) * len(RECORD_ACTIONS) * 2
    assert sum(case.done for case in found) > 20 and len(found) == 8 * 7 * 4 + records
    assert leaks(found) == []


def test_a_requirement_that_the_ledger_does_not_know_is_counted(tmp_path: Path) -> None:
    never = {
        ("run", "submitted", "approve"): frozenset({"prepared", "own", "other"}),
        ("hold", "placed", "release"): frozenset({"began"}),
    }
    wrong = Table({**table().rows, **{key: Allowed(frozenset({"approver"}), names) for key, names in never.items()}})
    found = leaks(by_hand(new_world(tmp_path / "world"), "sqlite", wrong))
    assert {(*key, case.person) for case in found for key in never if key[1:] == (case.state, case.action)} == {
        ("run", "submitted", "approve", "other"),
        ("hold", "placed", "release", "began"),
    }
    assert len(found) == 2


def test_a_command_that_forgets_a_control_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "require_no_self_interest", lambda *args: None)
    monkeypatch.setattr(actions, "require_limit", lambda *args: None)
    found = leaks(of_records(desk(tmp_path / "records", (Role.APPROVER,)), table()))
    assert {(case.state, case.person) for case in found if case.action == "approve"} == {
        ("requested to 500", "own"),
        ("requested to 10000", "own"),
        ("requested above", "own"),
        ("requested above", "other"),
    }
    assert {(case.about, case.person) for case in found if case.action == "release"} == {("hold", "own")}
