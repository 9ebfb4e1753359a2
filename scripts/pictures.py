#!/usr/bin/env python3
"""Prints the pages that docs/guide/statements.md shows as pictures: docs/guide/pictures, and what stands on each."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "statement"))

from statement_samples import ALL  # noqa: E402

from compengine.statement.build import build  # noqa: E402
from compengine.statement.pdf import statement_pdf  # noqa: E402
from compengine.statement.templates import load_template  # noqa: E402
from compengine.statement.view import StatementView  # noqa: E402

TARGET = ROOT / "docs" / "guide" / "pictures"
INDEX = "pictures.json"
RESOLUTION = 80
COLOURS = 64


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a made-up statement."""

    file: str
    sample: str
    design: str
    page: int


PAGES = (
    Shown("first-page.png", "crossing", "standard", 1),
    Shown("rows.png", "crossing", "standard", 2),
    Shown("corrections.png", "true_up", "standard", 2),
    Shown("compact.png", "crossing", "compact", 1),
)


def figures_digest(view: StatementView) -> str:
    """The SHA-256 of what a picture of the statement must show: whose it is, and the way to what is paid."""
    bridges = [[(line.label, str(line.amount)) for line in bridge.lines] for bridge in view.bridges]
    paid = [(str(figure.value), figure.unit) for figure in view.answer]
    rows = [(c.title, d.source, str(d.amount)) for c in view.components for d in c.deals]
    said = [view.number, view.person.id, view.person.name, view.period.label, paid, bridges, rows]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def main() -> None:
    if shutil.which("pdftoppm") is None:
        sys.exit("pictures: pdftoppm is missing; sudo apt-get install poppler-utils")
    TARGET.mkdir(parents=True, exist_ok=True)
    index = {}
    for each in PAGES:
        view = build(ALL[each.sample]())
        (TARGET / each.file).write_bytes(_picture(statement_pdf(view, load_template(each.design)), each.page))
        index[each.file] = {"statement": each.sample, "figures": figures_digest(view)}
    (TARGET / INDEX).write_text(json.dumps(index, indent=1) + "\n", "utf-8")
    print(f"pictures: {len(PAGES)} in {TARGET.relative_to(ROOT)}")


def _picture(content: bytes, page: int) -> bytes:
    """The page in few colours, without the time at which it was made."""
    words = ["pdftoppm", "-r", str(RESOLUTION), "-f", str(page), "-l", str(page), "-png", "-singlefile", "-"]
    done = subprocess.run(words, input=content, capture_output=True, check=True)
    made = io.BytesIO()
    Image.open(io.BytesIO(done.stdout)).convert("RGB").quantize(COLOURS).save(made, "PNG", optimize=True)
    return made.getvalue()


if __name__ == "__main__":
    main()
