"""The pages tell of files that exist, and of commands that do."""

import re
from pathlib import Path

from markdown import ROOT, anchors, broken_links, console_commands, missing_paths, pages


def test_every_link_leads_somewhere() -> None:
    found = [f"{p.relative_to(ROOT)}: {link}" for p in pages() for link in broken_links(p, p.read_text("utf-8"))]
    assert not found, "\n".join(found)


def test_every_named_path_exists() -> None:
    found = [f"{p.relative_to(ROOT)}: {path}" for p in pages() for path in missing_paths(p.read_text("utf-8"))]
    assert not found, "\n".join(found)


def test_the_readme_names_the_two_commands_that_make_knows() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = {words[1] for words in console_commands(readme) if words[:1] == ["make"]}
    assert {"demo", "test"} <= shown <= targets


def test_ci_runs_what_the_readme_says() -> None:
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1] == "make test"


def test_a_broken_link_is_found() -> None:
    page = ROOT / "README.md"
    assert broken_links(page, "[a](docs/nowhere.md) [b](#missing) [c](#here)\n# Here\n") == [
        "docs/nowhere.md",
        "#missing",
    ]


def test_a_missing_path_is_found() -> None:
    assert missing_paths("`src/compengine/values` and `src/compengine/nothing.py`") == ["src/compengine/nothing.py"]
    assert missing_paths("Save this as `plans/new.yaml`, then open `plans/new.yaml` and `plans/old.yaml`") == [
        "plans/old.yaml"
    ]


def test_headings_become_anchors() -> None:
    assert anchors("# 1. The idea\n## `check`, then run\n") == {"1-the-idea", "check-then-run"}


def test_console_commands_are_read_from_their_blocks_only() -> None:
    text = "```console\n$ make demo  # all of it\nmade\n$ compengine show 'a b'\n```\n```text\n$ rm\n```\n"
    assert console_commands(text) == [["make", "demo"], ["compengine", "show", "a b"]]


def test_no_page_names_a_place_outside_the_repository() -> None:
    found = [p for p in pages() if re.search(r"/(?:work|root|home)/", p.read_text("utf-8"))]
    assert found == [], [str(Path(p).relative_to(ROOT)) for p in found]
