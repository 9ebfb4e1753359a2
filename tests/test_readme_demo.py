"""`make demo`, the first command of the README, to its end."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_demo_closes_six_months_and_proves_them(tmp_path: Path) -> None:
    words = [str(ROOT / "scripts" / "demo.sh"), str(tmp_path / "demo")]
    done = subprocess.run(words, capture_output=True, text=True, env=os.environ | {"COMPENGINE_AS": ""}, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "error[" not in done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert "MATCH" in said and "SOUND" in said
    printed = list((tmp_path / "demo" / "statements").rglob("*.pdf"))
    assert f"{len(printed)} statements of 2026-06 (final) in statements/2026-06" in said and len(printed) > 50
