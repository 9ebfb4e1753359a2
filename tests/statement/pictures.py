"""Render every sample to a folder and time it: `python tests/statement/pictures.py FOLDER`."""

import sys
import time
from pathlib import Path

from statement_samples import ALL

from compengine.statement.build import build
from compengine.statement.pdf import Paper, statement_pdf
from compengine.statement.templates import load_template


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    template = load_template()
    statement_pdf(build(ALL["nothing"]()), template)
    for name, make in ALL.items():
        started = time.perf_counter()
        content = statement_pdf(build(make()), template, Paper.A4)
        taken = time.perf_counter() - started
        (folder / f"{name}.pdf").write_bytes(content)
        sys.stdout.write(f"{name:12} {taken:6.2f} s {len(content) // 1024:5} kB\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
