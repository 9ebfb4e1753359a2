"""What the pages show is what happens: files are saved, changed and added to as the pages say, commands run in an
empty folder, and print what stands below them."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from compengine.cli.main import COMMANDS
from markdown import ROOT, pages

WALKED = ("docs/start.md", "docs/guide/letter.md", "docs/guide/close-a-month.md", "docs/guide/corrections.md")
"""The pages that a reader types from top to bottom."""
FENCED = r"^```(?P<language>console|csv|yaml)\n(?P<body>.*?)^```$"
SAID = r"(?P<verb>[Ss]ave\sthis\sas|[Aa]dd\sthis\sto)\s`(?P<file>[\w./-]+)`"
CHANGED = r"[Ii]n\s`(?P<changed>[\w./-]+)`\swrite\s`(?P<new>[^`]+)`\sinstead\sof\s`(?P<old>[^`]+)`"
INSTRUCTION = re.compile(f"{FENCED}|{SAID}|{CHANGED}", re.MULTILINE | re.DOTALL)
EXITS = {"# refused": 3, "# fails": 1}
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Command:
    """A line after `$ `, and the lines that the page shows below it."""

    line: str
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` in the place of `old`, which stands in the file once; without `old` at the end of the file."""

    file: str
    old: str | None
    new: str


def transcript(text: str) -> list[Command | Edit]:
    """What a reader types, in order. A block of csv or yaml follows the words that say which file it goes into."""
    found: list[Command | Edit] = []
    waiting: Edit | None = None
    for said in INSTRUCTION.finditer(text):
        if said["language"] == "console":
            found += commands(said["body"])
        elif said["language"]:
            assert waiting is not None, f"nothing says into which file this goes:\n{said['body']}"
            found.append(replace(waiting, new=said["body"]))
            waiting = None
        elif said["verb"]:
            waiting = Edit(said["file"], "" if "ave" in said["verb"] else None, "")
        else:
            found.append(Edit(said["changed"], said["old"], said["new"]))
    assert waiting is None, f"no block follows for {waiting}"
    return found


def commands(block: str) -> list[Command]:
    """The commands of one console block with the lines below each."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    return [Command(lines[0], tuple(lines[1:])) for lines in (part.splitlines() for part in parts[1:])]


def edit(folder: Path, change: Edit) -> None:
    """Make the change; a file that is saved (`old` is empty) may be new."""
    file = folder / change.file
    if change.old == "":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(change.new, "utf-8")
        return
    before = file.read_text("utf-8")
    if change.old is None:
        file.write_text(before + change.new, "utf-8")
        return
    assert before.count(change.old) == 1, f"{change.old!r} stands {before.count(change.old)} times in {change.file}"
    file.write_text(before.replace(change.old, change.new), "utf-8")


def missing(shown: list[str], printed: str) -> list[str]:
    """Lines shown that are not printed in this order; `…` stands for any lines."""
    lines = [line.rstrip() for line in printed.splitlines()]
    at, absent = 0, []
    for line in shown:
        if line in (ELLIPSIS, ""):
            continue
        if line.rstrip() in lines[at:]:
            at = lines.index(line.rstrip(), at) + 1
        else:
            absent.append(line)
    return absent


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command, comments=True)
    assert words[0] == "compengine", f"{command}: only compengine and cd stand in console blocks here"
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "COMPENGINE_AS": ""}
    return subprocess.run(
        [sys.executable, "-m", "compengine.cli.main", *words[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("page", WALKED)
def test_a_page_that_is_walked_is_true(page: str, tmp_path: Path) -> None:
    steps = transcript((ROOT / page).read_text("utf-8"))
    assert len(steps) > 15
    folder = tmp_path
    for step in steps:
        if isinstance(step, Edit):
            edit(folder, step)
        elif step.line.startswith("cd "):
            folder = folder / step.line[3:]
        else:
            done = run(step.line, folder)
            printed = done.stdout + done.stderr
            wanted = next((code for mark, code in EXITS.items() if step.line.endswith(mark)), 0)
            assert done.returncode == wanted, f"{step.line}\n{printed}"
            assert not missing(list(step.shown), printed), f"{step.line}\n{printed}"


def test_a_change_needs_its_place_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\ntwo\ntwo\n", "utf-8")
    with pytest.raises(AssertionError, match="stands 2 times"):
        edit(tmp_path, Edit("a", "two", "three"))
    edit(tmp_path, Edit("a", "one", "zero"))
    edit(tmp_path, Edit("a", None, "four\n"))
    assert (tmp_path / "a").read_text("utf-8") == "zero\ntwo\ntwo\nfour\n"


def test_what_a_page_says_is_read_in_order() -> None:
    saved = "Save this as `a/b.yaml`\n```yaml\nx: 1\n```\n"
    text = f"{saved}In `a/b.yaml` write `2` instead of `1`.\n```console\n$ go\nok\n```\n"
    assert transcript(text) == [
        Edit("a/b.yaml", "", "x: 1\n"),
        Edit("a/b.yaml", "1", "2"),
        Command("go", ("ok",)),
    ]
    with pytest.raises(AssertionError, match="into which file"):
        transcript("```yaml\nx: 1\n```\n")


def test_a_line_that_is_not_printed_is_found() -> None:
    assert missing(["one", ELLIPSIS, "three"], "one\ntwo\nthree\n") == []
    assert missing(["three", "one"], "one\ntwo\nthree\n") == ["one"]


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.name)
def test_pages_name_commands_that_exist(page: Path) -> None:
    blocks = re.findall(r"^```(?:console|sh)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    named = re.findall(r"^(?:\$ )?compengine(?: -C \S+)? ([a-z]+)", "\n".join(blocks), re.MULTILINE)
    assert set(named) <= set(COMMANDS)
