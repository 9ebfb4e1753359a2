#!/usr/bin/env python3
"""Prints made-up statements in every design, paper and length as pictures, to be looked at: build/gallery."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "statement"))

from statement_samples import ALL, many  # noqa: E402

from compengine.statement.build import build  # noqa: E402
from compengine.statement.language import LOCALES  # noqa: E402
from compengine.statement.pdf import Paper, statement_pdf  # noqa: E402
from compengine.statement.templates import load_template  # noqa: E402

TARGET = ROOT / "build" / "gallery"
DESIGNS = ("standard", "compact")
RESOLUTION = "70"


def main() -> None:
    """Each sample in English on A4, some on Letter, one in every locale, and a long one."""
    if shutil.which("pdftoppm") is None:
        sys.exit("gallery: pdftoppm is missing; sudo apt-get install poppler-utils")
    TARGET.mkdir(parents=True, exist_ok=True)
    samples = {name: make() for name, make in ALL.items()} | {"three": many(3), "thousand": many(1000)}
    jobs = [(f"{name}-A4", facts, Paper.A4) for name, facts in samples.items()]
    jobs += [(f"{name}-Letter", samples[name], Paper.LETTER) for name in ("crossing", "true_up", "three", "names")]
    jobs += [(f"true_up-{tag}", replace(samples["true_up"], locale=tag), Paper.A4) for tag in LOCALES]
    for design in DESIGNS:
        for name, facts, paper in jobs:
            _picture(f"{design}-{name}", statement_pdf(build(facts), load_template(design), paper))
    print(f"gallery: {len(list(TARGET.glob('*.png')))} pages in {TARGET.relative_to(ROOT)}")


def _picture(name: str, content: bytes) -> None:
    """Every page but of a long statement, of which the first two and the last three say enough."""
    path = TARGET / f"{name}.pdf"
    path.write_bytes(content)
    for old in TARGET.glob(f"{name}-*.png"):
        old.unlink()
    subprocess.run(["pdftoppm", "-r", RESOLUTION, "-png", str(path), str(TARGET / name)], check=True)
    pages = sorted(TARGET.glob(f"{name}-*.png"))
    for middle in pages[2:-3] if len(pages) > 8 else ():
        middle.unlink()


if __name__ == "__main__":
    main()
