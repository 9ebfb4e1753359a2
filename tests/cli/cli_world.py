"""Commands called in a folder, as a user would, and the small workspaces they work in."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from compengine.cli.main import cli


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def call(folder: Path, *words: str, who: str = "") -> Done:
    """Run one command with `folder` as the current one. An exception that no user should see comes through."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        result = CliRunner(env={"COMPENGINE_AS": who, "NO_COLOR": "1"}).invoke(cli, list(words), catch_exceptions=False)
    finally:
        os.chdir(before)
    return Done(result.exit_code, result.stdout, result.stderr)


def starter(folder: Path, *, loaded: bool = True) -> Path:
    """The starter workspace in `folder/acme`."""
    root = folder / "acme"
    assert call(folder, "init", "acme").code == 0
    if loaded:
        assert call(root, "load", "data").code == 0
    return root


def close(root: Path, period: str) -> None:
    """Calculate, submit, approve, post, finalize and pay."""
    for words, who in (
        (("calculate", "--period"), "olive"),
        (("submit",), "olive"),
        (("approve",), "frank"),
        (("post",), "frank"),
        (("finalize",), "frank"),
        (("pay",), "petra"),
    ):
        done = call(root, *words, period, who=who)
        assert done.code == 0, done.err


def files(root: Path) -> dict[str, bytes]:
    """Everything under a folder, to see that nothing has changed; lists of rejected rows are no part of it."""
    kept = (p for p in root.rglob("*") if p.is_file() and p.name != "lock" and "rejects" not in p.parts)
    return {str(p.relative_to(root)): p.read_bytes() for p in kept}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} has no {old}"
    path.write_text(text.replace(old, new), "utf-8")
