"""The pictures in the guide are of the statements that the product prints now."""

import json
import re
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from statement_samples import ALL, crossing

from compengine.statement.build import assemble, build

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide"
LARGEST = 150_000


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "pictures.py"))


def test_each_picture_shows_the_figures_of_its_statement(script: dict[str, Any]) -> None:
    index = json.loads((GUIDE / "pictures" / script["INDEX"]).read_text("utf-8"))
    assert set(index) == {each.file for each in script["PAGES"]}
    for each in script["PAGES"]:
        now = {"statement": each.sample, "figures": script["figures_digest"](build(ALL[each.sample]()))}
        assert index[each.file] == now, f"{each.file} shows other figures: make pictures"


def test_a_statement_that_pays_or_says_something_else_has_another_digest(script: dict[str, Any]) -> None:
    view = assemble(crossing())
    more = replace(view.answer[0], value=view.answer[0].value + 1)
    others = [replace(view, answer=(more,)), replace(view, number="2026-03-0002"), replace(view, components=())]
    digests = {script["figures_digest"](each) for each in (view, *others)}
    assert len(digests) == 4


def test_pictures_are_pages_small_and_shown_in_the_guide() -> None:
    text = (GUIDE / "statements.md").read_text("utf-8")
    shown = re.findall(r"!\[[^\]]{20,}\]\(pictures/([a-z-]+\.png)\)", text)
    there = sorted(path.name for path in (GUIDE / "pictures").glob("*.png"))
    assert sorted(shown) == there
    for name in there:
        path = GUIDE / "pictures" / name
        assert path.stat().st_size <= LARGEST
        with Image.open(path) as picture:
            assert picture.format == "PNG" and 600 < picture.width < 700 and 900 < picture.height < 1000
