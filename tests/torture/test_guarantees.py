"""The page of promises names the figures that are measured, all that have a target, and no other."""

import json
import re
from pathlib import Path

from figures import read
from tampering import CLASSES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guarantees.md"
TORTURE = ROOT / "tests" / "torture"
KINDS = {f"tamper_missed_alone_{kind}" for kind in CLASSES}


def named(text: str) -> set[str]:
    """Figures in the tables of a page."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return {name for row in rows for name in re.findall(r"`([a-z]+(?:_[a-z]+)+|histories)`", row)}


def made(calls: str) -> set[str]:
    """Figures that the measures make by one of these calls."""
    texts = [p.read_text("utf-8") for p in TORTURE.glob("*.py") if not p.name.startswith("test_")]
    return {name for text in texts for name in re.findall(rf'\b(?:{calls})\(\s*"([a-z_]+)"', text)}


def stale(text: str, measured: dict[str, dict[str, object]]) -> list[str]:
    """Figures of a page whose value is another in the file of what was measured; what is not in it is not looked at."""
    found = re.findall(r"^\|(?: [^|]* \|)? `([a-z_]+)`[^|]*\| (?:of )?([\d,]+)", text, re.MULTILINE)
    return [
        name for name, value in found if name in measured and measured[name]["value"] != int(value.replace(",", ""))
    ]


def test_the_page_has_every_figure_with_a_target_and_no_unknown_one() -> None:
    on_page = named(PAGE.read_text("utf-8"))
    assert made("at_least|at_most") - on_page == set(), "figures with a target that docs/guarantees.md does not have"
    assert on_page - made("at_least|at_most|plain") - KINDS == set(), "figures that nothing measures"


def test_every_kind_of_tampering_is_on_the_page() -> None:
    assert named(PAGE.read_text("utf-8")) >= KINDS


def test_a_figure_that_is_missing_unknown_or_stale_is_found(tmp_path: Path) -> None:
    page = "| figure | last |\n| `tamper_trials` | 2,700 |\n| `nobody_knows` | 1 |\n| a | `tamper_flips` | 10 of 20 |\n"
    assert named(page) == {"tamper_trials", "nobody_knows", "tamper_flips"}
    assert named(page) - made("at_least|at_most|plain") == {"nobody_knows"}
    file = tmp_path / "reliability.json"
    file.write_text(json.dumps([{"name": "tamper_trials", "value": 2701}, {"name": "tamper_flips", "value": 10}]))
    assert stale(page, read(file)) == ["tamper_trials"]
