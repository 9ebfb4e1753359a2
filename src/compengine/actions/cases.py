"""`compengine test`: every case, what it found, and filling in what a case expects."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from compengine.actions.case_decided import decided_in
from compengine.actions.case_figures import Actual, Finding, actual, compare
from compengine.actions.case_files import Case, Step, case_files, read_case
from compengine.actions.case_runs import Books, close, program_of, refuse_lost, snapshot_of
from compengine.actions.case_writing import written
from compengine.actions.opened import Opened, shown
from compengine.actions.plans import sound_plans
from compengine.inputs.objects import write_content
from compengine.plan.typed import Program
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import first_place
from compengine.source.text import Span

Broken = Mapping[str, tuple[Diagnostic, ...]]
"""What is wrong with plans that do not check, by their names."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One case. `figures` is the number of figures that were compared."""

    path: str
    name: str
    passed: bool
    figures: int
    written: bool
    diagnostics: tuple[Diagnostic, ...]


def run_cases(
    opened: Opened,
    paths: Iterable[Path] = (),
    *,
    containing: str = "",
    write: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Tested, ...]:
    """Every case, or those whose name or path holds `containing`.

    A plan that does not check fails its own cases; where neither `paths` nor `containing` is given, it stops them all.
    Raises `Failed` then, and where there is no case at all (E706).
    """
    program, broken = sound_plans(opened)
    if broken and not (paths or containing):
        raise Failed([d for diagnostics in broken.values() for d in diagnostics])
    files = case_files(opened, paths)
    results: list[Tested] = []
    for at, file in enumerate(files):
        result = _test(opened, program, broken, file, containing, write)
        if result is not None:
            results.append(result)
        if progress is not None:
            progress(at + 1, len(files))
    if not results:
        help = "cases stand beside a plan, in cases/NAME.yaml"
        raise Failed([Diagnostic("E706", "there is no case to run", help=help)])
    return tuple(results)


def _test(
    opened: Opened, program: Program | None, broken: Broken, file: Path, containing: str, write: bool
) -> Tested | None:
    path = shown(file)
    try:
        case = read_case(file)
    except Failed as failed:
        return Tested(path, file.stem, False, 0, False, failed.diagnostics)
    if containing.casefold() not in f"{case.name} {path}".casefold():
        return None
    results, found = _run(opened, program, broken, case)
    edited = False
    if write:
        content = written(case, results, found)
        edited = content != case.text.content
        if edited:
            write_content(file, content.encode())
            case = read_case(file)
            _, found = _run(opened, program, broken, case)
    elif not any(step.then for step in case.steps):
        help = "write what must come out, or let compengine test --write fill it in"
        found.append(_finding("E702", "the case says nothing that must be true", _start(case), help))
    diagnostics = tuple(f.diagnostic for f in found)
    return Tested(path, case.name, not diagnostics, sum(map(_count, case.steps)), edited, diagnostics)


def _count(step: Step) -> int:
    then = step.then
    if then is None:
        return 0
    lists = (then.measures, then.earned, then.settled, then.balances, then.rows, then.posted, then.excluded)
    return sum(len(part) for part in lists) + (then.error is not None)


def _start(case: Case) -> Span:
    return first_place(case.steps[0].node) if case.steps else Span(case.text.path, 1, 1, 1, 1)


def _run(
    opened: Opened, program: Program | None, broken: Broken, case: Case
) -> tuple[list[Actual | None], list[Finding]]:
    """What each step gave, None for one that closes nothing or failed, and everything that is not as expected."""
    results: list[Actual | None] = []
    found: list[Finding] = []
    wrong = [d for name in case.plans for d in broken.get(name.value, ())]
    if program is None or wrong:
        return results, _as_findings(wrong, _start(case))
    try:
        mine = program_of(program, case)
    except Failed as failed:
        return results, _as_findings(failed.diagnostics, _start(case))
    plan = next(p for p in mine.plans if p.name == case.plans[0].value)
    rows, books = list(case.given), Books()
    for at, step in enumerate(case.steps, start=1):
        rows += step.given
        if step.close is None:
            results.append(None)
            continue
        expected = step.then.error if step.then else None
        try:
            snapshot = snapshot_of(opened.workspace, rows)
            if expected is None:
                refuse_lost(opened.workspace, snapshot, rows)
            books.decided = decided_in(mine, plan.name, case.steps[:at], snapshot, books)
            closed = close(mine, plan, snapshot, step.close.value, books)
        except Failed as failed:
            results.append(None)
            codes = [d.code for d in failed.diagnostics]
            if expected is None:
                found += _as_findings(failed.diagnostics, step.close.span)
                return results, found
            if expected.value not in codes:
                message = f"expected error {expected.value}, got {', '.join(dict.fromkeys(codes))}"
                found.append(_finding("E701", message, expected.span, text=codes[0]))
            continue
        got = actual(closed)
        results.append(got)
        if expected is not None:
            found.append(
                _finding("E701", f"expected error {expected.value}, and {step.close.value} closed", expected.span)
            )
        if closed.differing:
            message = f"the two engines differ in {step.close.value}: {closed.differing}"
            found.append(_finding("E701", message, step.close.span))
        if step.then is not None:
            found += compare(step.then, got)
    return results, found


def _finding(code: str, message: str, span: Span, help: str = "", text: str = "") -> Finding:
    return Finding(Diagnostic(code, message, Place(span), help), span, text)


def _as_findings(diagnostics: Iterable[Diagnostic], span: Span) -> list[Finding]:
    """Faults of a calculation, each also with the place in the case where it came up."""
    return [
        Finding(
            Diagnostic(
                d.code,
                d.message,
                d.place if d.place.span else Place(span),
                d.help,
                (*d.others, Place(span, note="when this was closed")),
            ),
            span,
        )
        for d in diagnostics
    ]
