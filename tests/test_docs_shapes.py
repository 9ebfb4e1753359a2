"""Each piece of docs/guide/shapes.md checks, set into the plan the page begins with; all sample plans are linked."""

import re
import shutil
from pathlib import Path

import pytest

from compengine.actions.cases import run_cases
from compengine.actions.opened import open_workspace
from compengine.actions.plans import check_workspace
from compengine.actions.shipped import shipped
from markdown import FENCE, LINK, ROOT

PAGE = ROOT / "docs" / "guide" / "shapes.md"
ENTRY = re.compile(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^(\w+):(.*)\n((?:[ #].*\n)*)", re.MULTILINE)
NAMED = re.compile(r"^  (\w+):.*\n(?:(?:   .*|  #.*)\n)*", re.MULTILINE)
REPLACED = ("earn", "settle")
"""Sections of the frame that a piece with the same section takes the place of; to the others its entries are added."""


def pieces(text: str) -> list[str]:
    """The yaml blocks of the page, the frame first."""
    return [body for language, body in FENCE.findall(text) if language == "yaml"]


def sections(plan: str) -> dict[str, tuple[str, str]]:
    """Each top-level key with what stands beside it and below it."""
    found = {key: (beside, below) for key, beside, below in SECTION.findall(plan)}
    assert sum(1 for line in plan.splitlines() if line[:1] not in (" ", "#")) == len(found), f"not read whole:\n{plan}"
    return found


def set_in(frame: str, piece: str, name: str) -> str:
    """The frame as plan `name` with the piece's keys: an entry of the same name takes the place of the frame's."""
    whole = sections(frame) | {"plan": (f" {name}", "")}
    for key, (beside, below) in sections(piece).items():
        before = "" if key in REPLACED else whole.get(key, ("", ""))[1]
        ours = {entry[1] for entry in NAMED.finditer(below)}
        kept = "".join(entry[0] for entry in NAMED.finditer(before) if entry[1] not in ours)
        whole[key] = (beside, kept + below)
    return "".join(f"{key}:{beside}\n{below}" for key, (beside, below) in whole.items())


def add(place: Path, plans: list[str]) -> Path:
    """The workspace in `place` with these plans in it."""
    for at, plan in enumerate(plans):
        (place / f"piece-{at}").mkdir()
        (place / f"piece-{at}" / "plan.yaml").write_text(plan, "utf-8")
    return place


def beside_samples(folder: Path, plans: list[str]) -> Path:
    """The sample workspace with its plans and these."""
    return add(shutil.copytree(shipped("plans"), folder / "samples"), plans)


def alone(folder: Path, plan: str) -> Path:
    """The tables of the sample workspace and one plan."""
    shutil.copy(shipped("plans") / "compengine.yaml", folder)
    return add(folder, [plan])


def test_every_piece_checks(tmp_path: Path) -> None:
    frame, *others = pieces(PAGE.read_text("utf-8"))
    plans = [set_in(frame, piece, f"piece-{at}") for at, piece in enumerate(others)]
    found = check_workspace(open_workspace(beside_samples(tmp_path, [set_in(frame, "", "frame"), *plans])))
    assert found.diagnostics == ()
    assert found.program is not None
    assert {f"piece-{at}" for at in range(len(others))} <= {plan.name for plan in found.program.plans}


def test_a_piece_that_is_wrong_is_found(tmp_path: Path) -> None:
    frame, *_ = pieces(PAGE.read_text("utf-8"))
    plan = set_in(frame, "measures:\n  attainment: sum(bookings) / 2\n", "wrong")
    found = check_workspace(open_workspace(alone(tmp_path, plan)))
    assert [d.code for d in found.diagnostics] == ["E208"]


def test_every_sample_plan_is_linked() -> None:
    linked = {Path(link).parent.name for link in LINK.findall(PAGE.read_text("utf-8")) if link.endswith("plan.yaml")}
    plans = {p.parent.name for p in ROOT.glob("plans/*/plan.yaml")}
    assert plans - linked == set(), "each sample plan stands beside a piece of docs/guide/shapes.md"


@pytest.mark.parametrize("entry", ENTRY.findall(PAGE.read_text("utf-8")), ids=lambda entry: entry[0])
def test_every_entry_has_its_parts(entry: tuple[str, str]) -> None:
    _, text = entry
    assert pieces(text)
    assert all(len(piece.splitlines()) <= 20 for piece in pieces(text))
    for part in ("*Called*", "*Open*", "*Mind*"):
        assert part in text, part


@pytest.mark.parametrize("case", sorted((ROOT / "tests" / "shapes").glob("*.yaml")), ids=lambda case: case.stem)
def test_a_piece_pays_what_its_case_says(case: Path, tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    frame, *_ = pieces(text)
    title = re.findall(r"^case: (.+)$", case.read_text("utf-8"), re.MULTILINE)[0]
    piece = pieces(dict(ENTRY.findall(text))[title])[0]
    place = alone(tmp_path, set_in(frame, piece, "piece"))
    (place / "piece-0" / "cases").mkdir()
    shutil.copy(case, place / "piece-0" / "cases")
    (result,) = run_cases(open_workspace(place), [place / "piece-0"])
    assert result.diagnostics == ()
    assert result.figures > 0
