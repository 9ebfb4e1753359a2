"""A command killed or failed at a system call leaves the state before it or after it; the sweep sees what is torn."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from forks import Server, forking
from sqlite_faults import CHECKPOINTS, Prepared, examined, files, prepared, sweep, torn, traceable

pytestmark = pytest.mark.skipif(not traceable(), reason="needs strace")
SHORT = {"post": 40, "pay": 40, "load": 8}
"""Commands of which some calls are tried, and every how many-th; `make torture` tries all."""


@dataclass(frozen=True, slots=True)
class Company:
    server: Server
    steps: dict[str, Prepared]
    folder: Path


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("faults")
    (folder / "scratch").mkdir()
    with forking(folder / "outputs") as server:
        yield Company(server, {p.step.name: p for p in prepared(server, folder)}, folder)


@pytest.fixture
def root(company: Company) -> Iterator[Path]:
    """The folder that is looked at; a copy of a state is made there."""
    place = company.folder / "scratch" / "root"
    yield place
    shutil.rmtree(place)


@pytest.mark.parametrize("name", sorted(SHORT))
def test_a_command_that_is_killed_or_fails_leaves_nothing_torn_and_loses_nothing(company: Company, name: str) -> None:
    one = company.steps[name]
    points = sweep(company.server, one, company.folder / "scratch", lambda *_: SHORT[name], ("KILL", "ENOSPC"))
    assert len(points) >= 8
    assert [p for p in points if p.wrong or p.traced] == []
    assert {p.left for p in points} >= {"old"}


def test_the_state_before_and_the_state_after_are_told_apart(company: Company, root: Path) -> None:
    one = company.steps["post"]
    shutil.copytree(one.before, root)
    assert examined(company.server, one, root) == ("old", ())
    shutil.rmtree(root)
    shutil.copytree(one.after, root)
    assert examined(company.server, one, root) == ("new", ())


def test_half_a_file_under_its_final_name_is_found(company: Company, root: Path) -> None:
    one = company.steps["pay"]
    shutil.copytree(one.before, root)
    (name,) = (name for name in files(one.after) if name.startswith("pay/2026-02"))
    (root / "pay").mkdir(exist_ok=True)
    (root / name).write_bytes(files(one.after)[name][:40])
    _, wrong = examined(company.server, one, root)
    assert wrong[0] == f"{name} is torn"


def test_a_step_that_was_lost_is_found(company: Company, root: Path) -> None:
    one = company.steps["post"]
    shutil.copytree(one.before, root)
    shutil.copy(company.steps["submit"].before / "ledger.db", root / "ledger.db")
    left, wrong = examined(company.server, one, root)
    assert left == "?"
    assert "not sound" in wrong[-1]


def test_what_is_gone_is_found_and_checkpoints_may_end_early() -> None:
    before, after = {CHECKPOINTS: b"1", "a": b"x"}, {CHECKPOINTS: b"123", "a": b"x", "b": b"yy"}
    assert torn({CHECKPOINTS: b"12", "a": b"x"}, before, after) == []
    assert torn({CHECKPOINTS: b"13", "b": b"y"}, before, after) == [
        "a is gone",
        f"{CHECKPOINTS} is torn",
        "b is torn",
    ]
