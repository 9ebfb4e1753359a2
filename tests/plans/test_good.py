"""Plans that use every part of the language check clean, one at a time and all together."""

from pathlib import Path

import pytest
from bad_plans import FOLDER, WORKSPACE, diagnosed, read_bad

from compengine.plan import keys
from compengine.plan.check import check
from compengine.source.yaml import Mapping, compose, walk

FILES = sorted((FOLDER / "good").glob("*.yaml"))
NEEDED = {"earnings_of_others": "flat_rate"}
"""Plans that read a component of another one."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_good_plan_checks_clean(path: Path) -> None:
    plan = read_bad(path)
    others = read_bad(FOLDER / "good" / f"{NEEDED[path.stem]}.yaml").texts if path.stem in NEEDED else ()
    program, diagnostics = check([*plan.texts, *others], WORKSPACE, plan.shared)
    assert not diagnostics, diagnosed(plan)
    assert program is not None


def test_all_good_plans_are_one_program_whatever_the_order_of_files() -> None:
    plans = [read_bad(path) for path in FILES]
    texts = [text for plan in plans for text in plan.texts]
    shared = {name: text for plan in plans for name, text in plan.shared.items()}
    one, _ = check(texts, WORKSPACE, shared)
    other, _ = check(texts[::-1], WORKSPACE, shared)
    assert one is not None
    assert one == other


def test_every_key_of_the_language_stands_in_a_good_plan() -> None:
    used = {
        entry.key.value
        for path in FILES
        for text in (*read_bad(path).texts, *read_bad(path).shared.values())
        for node in walk(compose(text))
        if isinstance(node, Mapping)
        for entry in node.entries
    }
    known = {key.name for section in keys.SECTIONS.values() for key in section}
    assert known - used <= {"title", "rounding", "prorate", "late", "on_transfer"}
