"""Statements that stand for others: the posted rows once more, with names, texts and design as they are now."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from compengine.actions.figures import Money
from compengine.actions.inclusion import Grounds, grounds_of
from compengine.actions.load import the_snapshot
from compengine.actions.numbering import further_numbers
from compengine.actions.opened import Opened, acting
from compengine.actions.people_facts import payee_locales, people
from compengine.actions.runs import find_run, the_summed_ledger
from compengine.actions.sealing import load_seal
from compengine.actions.statement_facts import Told, told
from compengine.actions.statements import manifest_of, sheet_of, the_payees, where_of
from compengine.actions.versions import STATEMENTS, Version, reissued, versions
from compengine.inputs.objects import put_bytes, write_content
from compengine.inputs.schema import Role
from compengine.ledger.register import Record, begin, records
from compengine.ledger.runs import Run
from compengine.ledger.states import require_role
from compengine.ledger.store.database import Store
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.batch import Outcome, Where, print_all
from compengine.statement.facts import Posted
from compengine.statement.manifest import Printed, noting, summed, write_manifest
from compengine.statement.pdf import Paper
from compengine.statement.reference import Reissue

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """`reason` is printed on each; `payee`: only this one's; `folder`: where to, else statements/PERIOD; `paper` and
    `design`: else those of the workspace file as it stands."""

    reason: str
    payee: str = ""
    folder: Path | None = None
    paper: Paper | None = None
    design: str = ""


@dataclass(frozen=True, slots=True)
class Reissued:
    """`printed` by number, each with the number that it stands for; `same` is how many would be no other file, and
    were left alone."""

    run: str
    period: str
    folder: Path
    printed: tuple[Printed, ...]
    same: int
    totals: tuple[Money, ...]
    record: Record


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all of a batch are made from. `last` is by payee the statement that stands now; `count` how many records of
    statements there were."""

    run: Run
    told: Told
    grounds: Grounds | None
    issued: Mapping[str, Version]
    last: Mapping[str, Version]
    count: int


def reissue(
    opened: Opened,
    which: str,
    asked: Asked,
    actor: str,
    now: datetime,
    progress: Progress = lambda done, of: None,
) -> Reissued:
    """For each statement on record that would be another file now, one that stands for it, under a number of its own.

    Rows and amounts are those that were posted; names and languages are of the tables, brand, legal texts and design of
    the workspace as they stand. Files are put into the objects, then on record, then into the folder. Nothing is
    written where one cannot be made. Raises `Failed`: E706 where nothing is on record; E814 where none is another;
    E616 without a reason; E615 where somebody else has put statements on record meanwhile; what `statements` and
    building a statement raise.
    """
    who = acting(opened, actor)
    require_role(Role.PREPARER, who, opened.workspace.controls)
    store = the_summed_ledger(opened)
    run = find_run(opened, store, which)
    folder = asked.folder or opened.root / "statements" / run.record.period.label
    ground = _ground(opened, store, run, folder)
    payees = [p for p in the_payees(ground.told, asked.payee) if p in ground.last]
    folder.mkdir(parents=True, exist_ok=True)
    with noting(folder), TemporaryDirectory(dir=folder, prefix=".reissue-") as beside:
        where = where_of(opened, ground.told, Path(beside), asked.paper, asked.design, None)
        changed = _changed(ground, payees, where)
        if not changed:
            message = f"no statement of {run.record.period.label} would be another file now"
            raise Failed(
                [Diagnostic("E814", message, help="change what it shall say, or how it looks, then try again")]
            )
        made = _printed(
            ground, changed, _fresh(ground, changed, asked.reason, now), _sealing(opened, where, now), progress
        )
        files = [replace(each, path=folder / each.path.name) for each in made]
        for each in made:
            put_bytes(opened.objects, each.path.read_bytes())
        text = manifest_of(ground.told, [*(v.printed for v in ground.issued.values()), *files])
        record = _on_record(opened, store, ground, (text, len(files)), asked.reason, who, now)
        for each in made:
            write_content(folder / each.path.name, each.path.read_bytes())
        write_manifest(folder, text)
    totals = tuple(Money(amount, currency) for currency, amount in summed(each.totals for each in files))
    return Reissued(run.id, run.record.period.label, folder, tuple(files), len(payees) - len(files), totals, record)


def _ground(opened: Opened, store: Store, run: Run, folder: Path) -> _Ground:
    count, issued = len(records(store, STATEMENTS)), versions(opened, store, run, folder)
    label = run.record.period.label
    if not issued:
        message = f"no statements of {label} are on record as issued, so there is nothing to stand for"
        raise Failed(
            [Diagnostic("E706", message, help=f"compengine statements {label} --as NAME prints the first ones")]
        )
    known = _as_now(opened, told(opened, store, run))
    last = {version.printed.payee: version for version in issued.values()}
    return _Ground(run, known, grounds_of(opened, store, run), issued, last, count)


def _as_now(opened: Opened, known: Told) -> Told:
    """The same rows with the names, the locales and the workspace file of today. Who is no longer there stays as the
    run had him."""
    then, snapshot, end = known.program.workspace, the_snapshot(opened), known.run.record.period.end
    shown = replace(opened.workspace, entities={**then.entities, **opened.workspace.entities})
    program = replace(known.program, workspace=shown)
    locales = {**known.locales, **payee_locales(program, snapshot, end)}
    named = {**known.people, **people(program, snapshot, end, locales)}
    return replace(known, shown=shown, locales=locales, people=named)


def _as(known: Told, reissues: Mapping[str, tuple[str, Reissue]]) -> Told:
    """What is known, for statements with those numbers, by payee. What takes back rows of this statement itself names
    it by its own number."""
    rows = {
        payee: [_own(row, known.numbers[payee], number) for row in known.rows.get(payee, [])]
        for payee, (number, _) in reissues.items()
    }
    return replace(
        known,
        numbers={**known.numbers, **{payee: number for payee, (number, _) in reissues.items()}},
        rows={**known.rows, **rows},
        reissues={payee: said for payee, (_, said) in reissues.items()},
    )


def _own(row: Posted, before: str, number: str) -> Posted:
    return replace(row, origin=number) if row.origin == before else row


def _changed(ground: _Ground, payees: Sequence[str], where: Where) -> list[str]:
    """The payees whose statement on record, printed now under its own number, would be another file."""
    last = {p: v for p, v in ground.last.items() if p in payees}
    stood = {p: (v.printed.number, v.reissue) for p, v in last.items() if v.reissue is not None}
    due = {v.printed.number: v.printed.plain for v in last.values()}
    known = {v.printed.number: v.printed for v in last.values()}
    told = _as(ground.told, stood)
    other: set[str | None] = set()
    wrong: list[Diagnostic] = []
    for outcome in print_all((sheet_of(told, ground.grounds, p, due) for p in payees), where, known):
        for found in () if isinstance(outcome, Printed) else outcome:
            if found.code == "E813" and found.place is not None:
                other.add(found.place.row)
            else:
                wrong.append(found)
    if wrong:
        raise Failed(wrong)
    return sorted((p for p in payees if last[p].printed.number in other), key=lambda p: last[p].printed.number)


def _fresh(ground: _Ground, changed: Sequence[str], reason: str, now: datetime) -> dict[str, tuple[str, Reissue]]:
    """By payee the number of the new statement, and what it says of the one it stands for."""
    day = now.astimezone(ZoneInfo(ground.told.program.workspace.timezone)).date()
    numbers = further_numbers(ground.told.numbers.values(), len(reissued(ground.issued)), len(changed))
    before = {payee: ground.last[payee].printed.number for payee in changed}
    return {p: (n, Reissue(before[p], reason, day)) for p, n in zip(changed, numbers, strict=True)}


def _sealing(opened: Opened, where: Where, now: datetime) -> Where:
    return replace(where, seal=load_seal(opened, now))


def _printed(
    ground: _Ground, changed: Sequence[str], fresh: Mapping[str, tuple[str, Reissue]], where: Where, progress: Progress
) -> list[Printed]:
    """By number. Raises `Failed` with all that went wrong, E801 where one pays another amount than it did."""
    told = _as(ground.told, fresh)
    sheets = (sheet_of(told, ground.grounds, payee, {}) for payee in changed)
    made: list[Printed] = []
    wrong: list[Diagnostic] = []
    for count, outcome in enumerate(print_all(sheets, where), start=1):
        if isinstance(outcome, Printed):
            made.append(outcome)
        wrong += _wrong(ground, outcome)
        progress(count, len(changed))
    if wrong:
        raise Failed(wrong)
    return sorted(made, key=lambda each: each.number)


def _wrong(ground: _Ground, outcome: Outcome) -> Iterator[Diagnostic]:
    if not isinstance(outcome, Printed):
        yield from outcome
    elif outcome.totals != ground.last[outcome.payee].printed.totals:
        message = f"statement {outcome.number} does not pay what {outcome.supersedes} does, for which it stands"
        yield Diagnostic("E801", message, Place(table="statements", row=outcome.number))


def _on_record(
    opened: Opened, store: Store, ground: _Ground, made: tuple[str, int], reason: str, who: str, now: datetime
) -> Record:
    text, count = made
    record = ground.run.record
    body = {
        "run": ground.run.id,
        "period": record.period.label,
        "manifest": put_bytes(opened.objects, text.encode()),
        "count": str(len(ground.issued) + count),
        "reissued": str(count),
    }
    return begin(store, STATEMENTS, (record.calendar, "", ""), body, reason, who, now, ground.count)
