"""The file of figures keeps what was measured before, and says whether a target is met."""

import json
import sys
from pathlib import Path

import pytest
from figures import Figure, at_least, at_most, line, merge, plain, read

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "bench"))

from reliability import MEASURES, measured, missed  # noqa: E402


def test_a_measure_replaces_its_own_figures_and_keeps_the_others(tmp_path: Path) -> None:
    file = tmp_path / "build" / "reliability.json"
    merge(file, [at_least("points", 900, "points", 1000), plain("other", 1, "s")])
    merge(file, [at_least("points", 1000, "points", 1000)])
    assert json.loads(file.read_text("utf-8")) == [
        {"name": "other", "value": 1, "unit": "s", "target": None, "bound": "", "met": None},
        {"name": "points", "value": 1000, "unit": "points", "target": 1000, "bound": "at least", "met": True},
    ]


@pytest.mark.parametrize(
    ("figure", "met", "said"),
    [
        (at_least("a", 1000, "points", 1000), True, "a: 1,000 points, at least 1,000: met"),
        (at_least("a", 999, "points", 1000), False, "a: 999 points, at least 1,000: MISSED"),
        (at_most("a", 0, "points", 0), True, "a: 0 points, at most 0: met"),
        (at_most("a", 1, "points", 0), False, "a: 1 points, at most 0: MISSED"),
        (plain("a", 7, "s"), None, "a: 7 s"),
    ],
)
def test_a_figure_says_whether_its_target_is_met(figure: Figure, met: bool | None, said: str) -> None:
    assert figure.met is met
    assert line(figure) == said


def test_one_measure_alone_is_run_and_a_missed_target_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reliability.json"
    measures = {"good": lambda: [at_most("bad", 0, "points", 0)], "worse": lambda: [at_most("lost", 2, "points", 0)]}
    assert missed(measured({"good": measures["good"]}, file)) == []
    assert set(read(file)) == {"bad"}
    assert missed(measured({"worse": measures["worse"]}, file)) == ["lost"]
    assert set(read(file)) == {"bad", "lost"}
    assert "lost: 2 points, at most 0: MISSED" in capsys.readouterr().out


def test_every_measure_is_there_under_its_name() -> None:
    assert {name for name in MEASURES if not (ROOT / "tests" / "torture" / f"{name}.py").exists()} == set()
