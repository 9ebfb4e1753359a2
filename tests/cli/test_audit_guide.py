"""What the page for auditors says to type works as it stands, for somebody who has nothing but the files it names."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_world import call

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guide" / "audit.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line
]


@pytest.fixture
def desk(closed: Path, tmp_path: Path) -> Path:
    """The auditor's folder: what the page says to ask for, and the workspace for the sample."""
    desk = tmp_path / "desk"
    desk.mkdir()
    assert call(closed, "bundle", "2026-01", "-o", str(desk / "january.zip")).code == 0
    for name in ("checkpoints.txt", "ledger.db", ".compengine/keys/checkpoint.pub"):
        shutil.copy(closed / name, desk)
    shutil.copy(ROOT / "docs" / "verify.py", desk)
    shutil.copytree(closed, desk / "acme")
    return desk


def typed(folder: Path, line: str) -> tuple[int, str]:
    words = shlex.split(line)
    if words[0] == "compengine":
        done = call(folder, *words[1:])
        return done.code, done.out + done.err
    assert words[:2] == ["python", "verify.py"], line
    script = subprocess.run([sys.executable, *words[1:]], cwd=folder, capture_output=True, text=True, check=False)
    return script.returncode, script.stdout + script.stderr


def test_an_auditor_can_type_what_the_page_says(desk: Path) -> None:
    assert len(COMMANDS) == 7
    for line in COMMANDS:
        code, said = typed(desk, line)
        assert code == 0, f"{line}\n{said}"
        assert not line.startswith("compengine replay") or said.splitlines()[-1] == "MATCH"
        assert not line.startswith("python") or said.splitlines()[-1] == "OK"


def test_an_auditor_finds_a_ledger_in_which_somebody_else_approved(desk: Path) -> None:
    (desk / "ledger.db").write_bytes((desk / "ledger.db").read_bytes().replace(b"frank", b"fritz"))
    code, said = typed(desk, "python verify.py chain ledger.db checkpoints.txt checkpoint.pub")
    assert code == 1 and said.splitlines()[-1].startswith("WRONG")


def test_the_page_names_every_verb_of_the_verifier_that_it_uses() -> None:
    assert {line.split()[2] for line in COMMANDS if line.startswith("python")} == {
        "checkpoints",
        "chain",
        "rows",
        "posted",
    }
