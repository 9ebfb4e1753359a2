"""Sixty-four plans of very different shapes, written before the checker was, check as one program."""

from pathlib import Path

import pytest

from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.render import render
from compengine.source.text import Text

FOLDER = Path(__file__).parents[3] / "shared" / "design" / "examples"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the example plans are not at {FOLDER}")


def examples() -> list[Text]:
    files = [path for path in sorted(FOLDER.glob("*.yaml")) if path.name != "compengine.yaml"]
    return [Text(path.name, path.read_text(encoding="utf-8")) for path in files]


def checked(texts: list[Text]) -> tuple[Program | None, str]:
    workspace = read_workspace(Text("compengine.yaml", (FOLDER / "compengine.yaml").read_text(encoding="utf-8")))
    program, diagnostics = check(texts, workspace)
    shown = {text.path: text for text in texts}
    return program, "\n".join(render(d, shown) for d in diagnostics)


def test_all_example_plans_check_as_one_program() -> None:
    texts = examples()
    program, said = checked(texts)
    assert said == ""
    assert program is not None
    assert len(program.plans) == len(texts) == 64
    assert len(program.order) == sum(len(p.streams) + len(p.components) for p in program.plans)


def test_order_puts_every_rule_after_what_it_reads_across_plans() -> None:
    program, _ = checked(examples())
    assert program is not None
    order = [(task.plan.split("@")[0], task.name) for task in program.order]
    assert order.index(("s14-kicker", "commission")) < order.index(("s45-downline-incentive", "downline"))
    assert order.index(("s14-kicker", "commission")) < order.index(("s14-kicker", "prepaid"))
    assert order.index(("x-player-coach", "own")) < order.index(("x-player-coach", "team_sales"))
