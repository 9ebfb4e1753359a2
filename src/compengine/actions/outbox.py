"""What was sent to whom: `.compengine/outbox.jsonl`, a file that only grows, one line for each step of a message.

A message is one version of a statement (number and digest) to one recipient. Each line is on the disk before the step
after it is taken. A line that a crash left half written is dropped: a step is noted before it is
taken, and an answer that was not noted leaves its message uncertain.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from compengine.actions.opened import FOLDER, Opened, shown
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span

NAME = "outbox.jsonl"


class Stage(StrEnum):
    """`sending` at rest is uncertain: the message was being handed over, and no answer is known."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Sending:
    """Where a message stands. `id` is its Message-ID; `note` what the server said, or what went wrong; `time` and
    `actor` tell the last step."""

    run: str
    number: str
    digest: str
    payee: str
    recipient: str
    id: str
    stage: Stage
    note: str
    actor: str
    time: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.number, self.digest, self.recipient


Known = dict[tuple[str, str, str], Sending]
"""The last step of each message, in order of their first."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Open for writing, by one process at a time. `known` follows what is added."""

    descriptor: int
    known: Known

    def add(self, steps: Iterable[Sending]) -> None:
        """On the disk when it returns."""
        some = list(steps)
        content = "".join(json.dumps(asdict(step), ensure_ascii=False) + "\n" for step in some).encode()
        while content:
            content = content[os.write(self.descriptor, content) :]
        os.fsync(self.descriptor)
        self.known.update((step.key, step) for step in some)


def place_of(opened: Opened) -> Path:
    return opened.root / FOLDER / NAME


def read_outbox(opened: Opened) -> Known:
    """Raises `Failed` (E811) for a line that is not as it was written."""
    path = place_of(opened)
    return _parsed(path, path.read_bytes()) if path.exists() else {}


@contextmanager
def writing_outbox(opened: Opened) -> Iterator[Outbox]:
    """Raises `Failed` (E811) while another process sends, or for a line that is not as it was written."""
    path = place_of(opened)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = "another process is sending statements of this workspace"
            raise Failed([Diagnostic("E811", message, help="wait for it")]) from None
        content = path.read_bytes()
        known = _parsed(path, content)
        os.ftruncate(descriptor, content.rfind(b"\n") + 1)
        _sync_folder(path.parent)
        yield Outbox(descriptor, known)
    finally:
        os.close(descriptor)


def _parsed(path: Path, content: bytes) -> Known:
    known: Known = {}
    for at, line in enumerate(content.split(b"\n")[:-1], start=1):
        step = _step(line)
        if step is None:
            message = "this line is not as it was written, so it is not known what was sent"
            raise Failed([Diagnostic("E811", message, Place(Span(shown(path), at, 1, at, 1)), "restore the file")])
        known[step.key] = step
    return known


def _step(line: bytes) -> Sending | None:
    try:
        said = json.loads(line)
        if not isinstance(said, dict) or set(said) != {f.name for f in fields(Sending)}:
            return None
        if not all(isinstance(value, str) for value in said.values()):
            return None
        return Sending(**{**said, "stage": Stage(said["stage"])})
    except ValueError:
        return None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
