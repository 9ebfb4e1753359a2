"""Many statements to a folder: by two processes, each file whole or not there, one failure stopping no other."""

import gc
import hashlib
import multiprocessing
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from compengine.source.diagnostic import Diagnostic, Failed
from compengine.statement.pdf import Paper, statement_pdf
from compengine.statement.templates import Template
from compengine.statement.view import StatementView

WORKERS = 2
RECYCLE = 200
"""Statements per process: memory grows by some five megabytes in a hundred."""
_PART = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,62}[0-9A-Za-z])?")


@dataclass(frozen=True, slots=True)
class Printed:
    """One file written. `digest` is the SHA-256 of its bytes."""

    number: str
    payee: str
    path: Path
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Files in the order of the views, and a diagnostic for each view that has none."""

    printed: tuple[Printed, ...]
    diagnostics: tuple[Diagnostic, ...]


Outcome = Printed | tuple[Diagnostic, ...]
Progress = Callable[[int, int], None]
"""Called with how many are done, of how many."""


def file_name(view: StatementView) -> str:
    """`statement-2026-03-000123.pdf`: period and statement number, never a name. Anything else in them is refused."""
    for part in (view.period.label, view.number):
        if not _PART.fullmatch(part):
            raise Failed([Diagnostic("E802", f"“{part[:80]}” cannot be part of a file's name")])
    number = view.number.removeprefix(f"{view.period.label}-")
    return f"statement-{view.period.label}-{number}.pdf"


def print_all(
    views: Iterable[StatementView],
    folder: Path,
    template: Template,
    paper: Paper = Paper.A4,
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> Batch:
    """Writes one PDF per view into `folder`, which must exist; two views of one name are a mistake of the caller."""
    jobs = list(views)
    outcomes: dict[int, Outcome] = {}
    for at, outcome in _outcomes(jobs, folder, template, paper, workers):
        outcomes[at] = outcome
        if progress is not None:
            progress(len(outcomes), len(jobs))
    ordered = [outcomes[at] for at in range(len(jobs))]
    return Batch(
        tuple(o for o in ordered if isinstance(o, Printed)),
        tuple(d for o in ordered if not isinstance(o, Printed) for d in o),
    )


def _outcomes(
    jobs: list[StatementView], folder: Path, template: Template, paper: Paper, workers: int
) -> Iterator[tuple[int, Outcome]]:
    if workers < 2 or len(jobs) < 2:
        yield from ((at, print_one(view, folder, template, paper)) for at, view in enumerate(jobs))
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers, mp_context=spawn, initializer=_collect_seldom, max_tasks_per_child=RECYCLE
    ) as pool:
        longest_first = sorted(enumerate(jobs), key=lambda job: -_length(job[1]))
        at: dict[Future[Outcome], int] = {
            pool.submit(_print_and_collect, view, folder, template, paper): n for n, view in longest_first
        }
        for future in as_completed(at):
            try:
                yield at[future], future.result()
            except BrokenProcessPool:
                yield at[future], (_lost(jobs[at[future]], "the process that printed it was stopped"),)


def _length(view: StatementView) -> int:
    """About how many lines a statement prints: a long one that begins last keeps everybody waiting."""
    return (
        sum(len(d.slices) for c in view.components for d in c.deals)
        + sum(len(c.rows) for c in view.changes)
        + sum(len(c.rows) for c in view.corrections)
        + len(view.holds)
        + len(view.excluded)
    )


def _collect_seldom() -> None:
    """In a printing process only: the objects of a page live to its end, and looking through them takes a fifth."""
    gc.freeze()
    gc.disable()


def _print_and_collect(view: StatementView, folder: Path, template: Template, paper: Paper) -> Outcome:
    """In a printing process only: what a statement left is looked for once, when it is written."""
    outcome = print_one(view, folder, template, paper)
    gc.collect()
    return outcome


def print_one(view: StatementView, folder: Path, template: Template, paper: Paper) -> Outcome:
    """The file, or why there is none. Written beside its place, synced, then renamed."""
    try:
        path = folder / file_name(view)
        content = statement_pdf(view, template, paper)
    except Failed as failure:
        return failure.diagnostics
    except Exception as fault:  # whatever is wrong with one statement stays with it
        return (_lost(view, f"{type(fault).__name__}: {fault}"),)
    try:
        _write(path, content)
    except OSError as fault:
        return (_lost(view, f"the file cannot be written: {fault.strerror}"),)
    return Printed(view.number, view.person.id, path, hashlib.sha256(content).hexdigest(), len(content))


def _lost(view: StatementView, why: str) -> Diagnostic:
    return Diagnostic("E803", f"statement {view.number} of {view.person.id}: {why}")


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
