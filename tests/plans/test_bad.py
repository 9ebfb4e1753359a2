"""A bad plan is its own test: the diagnostics it must give stand in its footer, carets included."""

import re
from pathlib import Path

import pytest
from bad_plans import FOLDER, diagnosed, read_bad, with_footer

from compengine.source.codes import CODES

FILES = sorted((FOLDER / "bad").glob("*.yaml"))
SOURCES = Path(__file__).parents[2] / "src" / "compengine"
EMITTED = re.compile(r'"(E[1-3]\d\d)"')


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_plan_gives_the_diagnostics_in_its_footer(path: Path, update: bool) -> None:
    bad = read_bad(path)
    said = diagnosed(bad)
    if update:
        path.write_text(with_footer(bad, said), encoding="utf-8")
        return
    assert [line.rstrip() for line in said.splitlines()] == bad.expected.splitlines()
    assert said, "a bad plan must be refused"


def test_the_code_in_a_files_name_is_among_its_diagnostics() -> None:
    for path in FILES:
        if (code := re.match(r"E\d{3}", path.stem)) is not None:
            assert f"error[{code.group()}]" in read_bad(path).expected, path.name


def test_every_code_of_texts_expressions_and_rules_has_a_bad_plan() -> None:
    files = [*(SOURCES / "plan").glob("*.py"), SOURCES / "source" / "yaml.py", SOURCES / "source" / "shape.py"]
    emitted = {code for file in files for code in EMITTED.findall(file.read_text(encoding="utf-8"))}
    named = {path.stem[:4] for path in FILES}
    assert len(emitted) > 30
    assert emitted <= set(CODES)
    assert emitted - named == set()
    assert {code for code in CODES if code < "E4"} - named == set()


def test_ten_planted_mistakes_give_ten_diagnostics_in_one_go() -> None:
    expected = read_bad(FOLDER / "bad" / "ten_mistakes.yaml").expected
    assert expected.count("error[") == 10


def test_a_footer_that_says_something_else_is_noticed() -> None:
    bad = read_bad(FOLDER / "bad" / "E213_two_currencies.yaml")
    assert diagnosed(bad) != bad.expected.replace("E213", "E203")
