"""Commands in processes of their own at the price of a fork: a server that has imported everything forks for each.

    with forking() as server:
        done = server.run(folder, [Said(("verify",))])

The server itself never touches data: a fork of a process whose threads are at work would hang. Its clock stands still
and its files in passing have the same names each time, so that the same commands make the same calls and the same
ledger. A child may be held back until somebody has attached to it.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Timer

from imported import imported

NUMBER = 4242
"""The number that every child believes to have: it is part of the names of files in passing."""
PATIENCE = 60
"""Seconds after which a child is stopped: it hangs."""
HUNG = -signal.SIGALRM


@dataclass(frozen=True, slots=True)
class Said:
    """Words behind `compengine`, and who says them."""

    words: tuple[str, ...]
    who: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """`code` is negative where a signal ended the process; of a command that was never begun, None."""

    code: int | None
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Server:
    process: "subprocess.Popen[str]"
    folder: Path

    def run(
        self, root: Path, said: Sequence[Said], attached: Callable[[int], None] | None = None, ended: bool = True
    ) -> list[Done]:
        """The commands one after another in one new process; `attached` is called with its number before the first.
        Without `ended` the process goes as soon as the last has its exit code: the interpreter's end takes longer than
        most commands."""
        gate = self.folder / "gate"
        for old in self.folder.iterdir():
            old.unlink()
        if attached is not None:
            os.mkfifo(gate)
        asked = {
            "root": str(root),
            "outputs": str(self.folder),
            "gate": str(gate) if attached is not None else "",
            "ended": ended,
            "said": [[list(one.words), one.who] for one in said],
        }
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        watch = Timer(PATIENCE, _stop, [child])
        watch.start()
        if attached is not None:
            attached(child)
            os.close(os.open(gate, os.O_WRONLY))
        last = int(self.process.stdout.readline())
        watch.cancel()
        return [self._done(at, last) for at in range(len(said))]

    def _done(self, at: int, last: int) -> Done:
        out, err, code = (self.folder / f"{name}{at}" for name in ("out", "err", "code"))
        if not out.exists():
            return Done(None, "", "")
        texts = out.read_text("utf-8", "replace"), err.read_text("utf-8", "replace")
        return Done(int(code.read_text()) if code.exists() else last, *texts)


def _stop(child: int) -> None:
    """With a signal that nobody else sends, so that it is told from a fault."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGALRM)


@contextmanager
def forking(folder: Path) -> Iterator[Server]:
    """`folder` is made; it holds what commands print, and must not be the folder they work in."""
    folder.mkdir(parents=True)
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Server(process, folder)
    finally:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def _serve() -> None:
    main = imported("compengine.ledger.store.migrate")
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _behave(asked, main)
            return  # through the interpreter's own end, as a command does
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _behave(asked: dict[str, object], main: Callable[[], None]) -> None:
    """In the child: each command as its own process would, up to its exit code; the process ends with the last."""
    os.chdir(str(asked["root"]))
    os.getpid = lambda: NUMBER
    tempfile._name_sequence = (f"{number:08}" for number in count())  # type: ignore[attr-defined]
    if asked["gate"]:
        os.close(os.open(str(asked["gate"]), os.O_RDONLY))
    said = asked["said"]
    assert isinstance(said, list)
    for at, (words, who) in enumerate(said):
        for number, name in ((1, "out"), (2, "err")):
            opened = os.open(f"{asked['outputs']}/{name}{at}", os.O_CREAT | os.O_WRONLY)
            os.dup2(opened, number)
            os.close(opened)
        os.environ["COMPENGINE_AS"] = who
        sys.argv = ["compengine", *words]
        if at == len(said) - 1 and asked["ended"]:
            main()
        try:
            main()
        except SystemExit as ended:
            sys.stdout.flush()
            Path(f"{asked['outputs']}/code{at}").write_text(str(ended.code or 0))
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    _serve()
