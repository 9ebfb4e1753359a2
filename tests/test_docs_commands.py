"""What docs/start.md shows is what happens: its commands run in an empty folder, and print what stands below them."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from compengine.cli.main import COMMANDS
from markdown import ROOT, pages

FENCED = re.compile(r"^```(console|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAVED = re.compile(r"[Ss]ave this as `([\w.-]+)`")
REFUSED = "# refused"
ELLIPSIS = "…"


def transcript(text: str) -> list[tuple[str, list[str]]]:
    """Commands in order with the lines shown below each; files to be saved are commands of their own (`>name`)."""
    found: list[tuple[str, list[str]]] = []
    for block in FENCED.finditer(text):
        if block[1] == "csv":
            names = SAVED.findall(text[: block.start()])
            found.append((f">{names[-1]}", [block[2]]))
            continue
        for line in block[2].splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


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


def test_the_start_page_is_true(tmp_path: Path) -> None:
    steps = transcript((ROOT / "docs" / "start.md").read_text("utf-8"))
    assert len(steps) > 15
    folder = tmp_path
    for command, shown in steps:
        if command.startswith(">"):
            (folder / command[1:]).write_text(shown[0], "utf-8")
        elif command.startswith("cd "):
            folder = folder / command[3:]
        else:
            done = run(command, folder)
            assert (done.returncode == 3) if REFUSED in command else (done.returncode == 0), done.stderr
            assert not missing(shown, done.stdout + done.stderr), f"{command}\n{done.stdout}{done.stderr}"


def test_a_line_that_is_not_printed_is_found() -> None:
    assert missing(["one", ELLIPSIS, "three"], "one\ntwo\nthree\n") == []
    assert missing(["three", "one"], "one\ntwo\nthree\n") == ["one"]


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.name)
def test_pages_name_commands_that_exist(page: Path) -> None:
    blocks = re.findall(r"^```(?:console|sh)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    named = re.findall(r"^(?:\$ )?compengine(?: -C \S+)? ([a-z]+)", "\n".join(blocks), re.MULTILINE)
    assert set(named) <= set(COMMANDS)
