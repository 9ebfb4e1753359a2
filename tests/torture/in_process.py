"""The command line's entry point in this process: what a command printed, and its exit code."""

import io
import os
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from forks import Done, Said

from compengine.cli.main import cli

CODE = re.compile(r"^error\[(E\d+)\]", re.MULTILINE)


def in_process(root: Path, said: Said) -> Done:
    """Everything is opened anew. Raises what the command raises."""
    out, err = io.StringIO(), io.StringIO()
    os.environ["COMPENGINE_AS"] = said.who
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = cli.main(["-C", str(root), *said.words], prog_name="compengine", standalone_mode=False)
    finally:
        del os.environ["COMPENGINE_AS"]
    return Done(code or 0, out.getvalue(), err.getvalue())


def codes(done: Done) -> set[str]:
    """Of the diagnostics it printed."""
    return set(CODE.findall(done.err))
