"""Many statements to a folder: by two processes, each file whole or not there, one failure stopping no other.

What is printed comes one by one and is kept only while it is on its way, so memory does not grow with the number of
statements. What an earlier batch printed from the same view, template and paper is not printed again.
"""

import ctypes
import gc
import hashlib
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

import compengine
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.archival import Enclosure
from compengine.statement.facts import Status
from compengine.statement.manifest import Printed, Totals, intact
from compengine.statement.pdf import PRINTER, Paper, statement_pdf
from compengine.statement.seal import Seal, sealed
from compengine.statement.templates import Template
from compengine.statement.view import StatementView

WORKERS = 2
RECYCLE = 200
"""Statements per process, whose memory grows by some eight megabytes in a hundred, outside of Python's objects:
that processes are renewed is what bounds it. Those of a pool are given up together: `max_tasks_per_child` can hang
where more is submitted than they may do (CPython issue 115634)."""
AHEAD = 3
"""Statements handed out per process: enough that none waits."""
FONTS = ".fonts"
"""In the folder, while a batch goes on: where its processes unpack fonts, which they leave behind when they end."""
_DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG` of prctl(2)."""
_PART = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,62}[0-9A-Za-z])?")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one file is printed from. `issued` is the SHA-256 that the ledger has on record for a statement of this
    number, without its seal: nothing else is written under it. Empty where there is none."""

    view: StatementView
    enclosures: tuple[Enclosure, ...] = ()
    issued: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """The folder, which must exist, how pages look, `entities` with the template of each legal entity, and what final
    statements are sealed with."""

    folder: Path
    template: Template
    paper: Paper = Paper.A4
    entities: Mapping[str, Template] = field(default_factory=dict)
    seal: Seal | None = None

    def template_of(self, view: StatementView) -> Template:
        return self.entities.get(view.entity, self.template)


Outcome = Printed | tuple[Diagnostic, ...]
"""A file, or why there is none."""


def file_name(view: StatementView) -> str:
    """`statement-2026-03-000123.pdf`: period and statement number, never a name. Anything else in them is refused."""
    for part in (view.period.label, view.number):
        if not _PART.fullmatch(part):
            raise Failed([Diagnostic("E802", f"“{part[:80]}” cannot be part of a file's name")])
    number = view.number.removeprefix(f"{view.period.label}-")
    return f"statement-{view.period.label}-{number}.pdf"


def totals_of(view: StatementView) -> Totals:
    return tuple(sorted((figure.unit, figure.value) for figure in view.answer))


def print_all(
    sheets: Iterable[Sheet | tuple[Diagnostic, ...]],
    where: Where,
    known: Mapping[str, Printed] | None = None,
    workers: int = WORKERS,
) -> Iterator[Outcome]:
    """One outcome for each sheet, as they come about; a sheet that could not be made is its own outcome. Two sheets of
    one name are a mistake of the caller. `known` is what was printed before, by number."""
    ahead: list[Outcome] = []

    def to_do() -> Iterator[Sheet]:
        for sheet in sheets:
            done = sheet if isinstance(sheet, tuple) else _kept(sheet, where, known or {})
            if done is None:
                assert isinstance(sheet, Sheet)
                yield sheet
            else:
                ahead.append(done)

    printed = _by_processes(to_do(), where, workers) if workers > 1 else _here(to_do(), where)
    for outcome in printed:
        yield from ahead
        ahead.clear()
        yield outcome
    yield from ahead


def _kept(sheet: Sheet, where: Where, known: Mapping[str, Printed]) -> Printed | None:
    before = known.get(sheet.view.number)
    if before is None or before.origin != origin(sheet, where) or not intact(before):
        return None
    if sheet.issued not in ("", before.plain):
        return None
    return replace(before, kept=True)


def origin(sheet: Sheet, where: Where) -> str:
    """The SHA-256 of all that the file is made from: view, enclosures, template, paper, the programs' versions, and the
    certificate of the seal; not the time of it, so that what is sealed is not sealed again."""
    versions = (compengine.__version__, PRINTER)
    template = _template_digest(where.template_of(sheet.view))
    made_from = repr((versions, where.paper.value, template, sheet.view, sheet.enclosures))
    seal = _seal_for(sheet.view, where)
    if seal is not None:
        made_from += hashlib.sha256(seal.certificate).hexdigest()
    return hashlib.sha256(made_from.encode()).hexdigest()


def _seal_for(view: StatementView, where: Where) -> Seal | None:
    return None if view.status == Status.PREVIEW else where.seal


@lru_cache(maxsize=32)
def _template_digest(template: Template) -> str:
    fonts = sorted(hashlib.sha256(font.read_bytes()).hexdigest() for font in template.fonts)
    pages = [template.html, template.under and template.under.html]
    made_from = repr((pages, [css for css, _ in template.sheets], template.brand, template.picture, fonts))
    return hashlib.sha256(made_from.encode()).hexdigest()


def _here(sheets: Iterator[Sheet], where: Where) -> Iterator[Outcome]:
    for sheet in sheets:
        yield print_one(sheet, where)


def _by_processes(sheets: Iterator[Sheet], where: Where, workers: int) -> Iterator[Outcome]:
    """A pool after the other. Where a process dies, whatever was on its way is printed again, each by itself."""
    try:
        first = next(sheets, None)
        while first is not None:
            some = islice(chain([first], sheets), RECYCLE * workers)
            with _pool(where, workers) as pool:
                lost = yield from _by_pool(pool, some, where, workers * AHEAD)
            for sheet in lost:
                yield _alone(sheet, where)
            first = next(sheets, None)
    finally:
        shutil.rmtree(where.folder / FONTS, ignore_errors=True)


def _pool(where: Where, workers: int) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=spawn, initializer=begin_printing, initargs=(where.folder / FONTS,))


def _by_pool(
    pool: ProcessPoolExecutor, sheets: Iterator[Sheet], where: Where, most: int
) -> Generator[Outcome, None, list[Sheet]]:
    """Ends early where the pool breaks: the sheets that were on their way are returned."""
    waiting: dict[Future[Outcome], Sheet] = {}
    for sheet in sheets:
        try:
            waiting[pool.submit(print_and_collect, sheet, where)] = sheet
        except BrokenProcessPool:
            return [*(yield from _collected(waiting)), sheet]
        while len(waiting) >= most:
            broken = yield from _collected(waiting, FIRST_COMPLETED)
            if broken:
                return [*broken, *(yield from _collected(waiting))]
    return (yield from _collected(waiting))


def _collected(
    waiting: dict[Future[Outcome], Sheet], until: str = "ALL_COMPLETED"
) -> Generator[Outcome, None, list[Sheet]]:
    """Yields what is printed, and returns the sheets whose process was lost."""
    lost = []
    while waiting:
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            sheet = waiting.pop(future)
            try:
                yield future.result()
            except BrokenProcessPool:
                lost.append(sheet)
        if until == FIRST_COMPLETED:
            break
    return lost


def _alone(sheet: Sheet, where: Where) -> Outcome:
    """In a process of its own: if that dies too, it is this statement that kills it."""
    with _pool(where, 1) as pool:
        try:
            return pool.submit(print_and_collect, sheet, where).result()
        except BrokenProcessPool:
            return (_lost(sheet.view, "the process that printed it was stopped"),)


def begin_printing(fonts: Path) -> None:
    """In a printing process only: the objects of a page live to its end, and looking through them takes a fifth. It
    ends with the process that began it. What it unpacks goes where that one finds it."""
    with suppress(OSError):
        fonts.mkdir(exist_ok=True)
        tempfile.tempdir = str(fonts)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    gc.freeze()
    gc.disable()


def print_and_collect(sheet: Sheet, where: Where) -> Outcome:
    """In a printing process only: what a statement left is looked for once, when it is written."""
    outcome = print_one(sheet, where)
    gc.collect()
    _keep_what_the_next_needs()
    return outcome


@lru_cache(maxsize=1)
def _keep_what_the_next_needs() -> None:
    """Styles, fonts and words, which the first statement loads, are not looked through after each."""
    gc.freeze()


def print_one(sheet: Sheet, where: Where) -> Outcome:
    """The file, or why there is none. Written beside its place, synced, then renamed."""
    view = sheet.view
    try:
        path = where.folder / file_name(view)
        plain = statement_pdf(view, where.template_of(view), where.paper, sheet.enclosures)
        digest = hashlib.sha256(plain).hexdigest()
        if sheet.issued not in ("", digest):
            return (_issued_otherwise(view),)
        seal = _seal_for(view, where)
        content = sealed(plain, seal) if seal is not None else plain
    except Failed as failure:
        return failure.diagnostics
    except Exception as fault:  # whatever is wrong with one statement stays with it
        return (_lost(view, f"{type(fault).__name__}: {fault}"),)
    try:
        _write(path, content)
    except OSError as fault:
        return (_lost(view, f"the file cannot be written: {fault.strerror}"),)
    before = (digest, len(plain)) if seal is not None else None
    return Printed(
        number=view.number,
        payee=view.person.id,
        path=path,
        digest=hashlib.sha256(content).hexdigest(),
        size=len(content),
        totals=totals_of(view),
        origin=origin(sheet, where),
        unsealed=before,
        supersedes=view.reissue.supersedes if view.reissue else "",
    )


def _issued_otherwise(view: StatementView) -> Diagnostic:
    message = f"statement {view.number} of {view.person.id} is on record as issued, and would be another file now"
    help = "the issued one stands; to issue what it is now under a number of its own: --reissue --because REASON"
    return Diagnostic("E813", message, Place(table="statements", row=view.number), help)


def _lost(view: StatementView, why: str) -> Diagnostic:
    return Diagnostic("E803", f"statement {view.number} of {view.person.id}: {why}")


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)  # left by a process of the same number that was killed
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Removes what a batch that was killed left behind or half written. Nobody else may be printing into the folder."""
    shutil.rmtree(folder / FONTS, ignore_errors=True)
    for left in folder.glob(".statement-*.pdf.*"):
        if left.suffix[1:].isdigit():
            with suppress(OSError):
                left.unlink()
