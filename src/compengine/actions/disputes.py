"""A dispute: somebody says that a line of a statement is wrong, and somebody else decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from compengine.actions.numbering import statement_numbers
from compengine.actions.opened import Opened, acting
from compengine.actions.pinned import EXCLUSIONS
from compengine.actions.register import RecordLine, line_of
from compengine.actions.runs import the_ledger, to_post
from compengine.actions.versions import reissued, versions
from compengine.inputs.objects import get_table
from compengine.ledger import queries
from compengine.ledger.register import begin
from compengine.ledger.rowfiles import PAYABLES, fetch
from compengine.ledger.runs import Run
from compengine.ledger.states import refused
from compengine.ledger.store.database import Store
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import suggestion


@dataclass(frozen=True, slots=True)
class _Line:
    """What of a statement a dispute is about; all empty for the whole."""

    plan: str = ""
    source: str = ""
    part: str = ""


def dispute(opened: Opened, number: str, line: str, calendar: str, note: str, actor: str, now: datetime) -> RecordLine:
    """Open a dispute of a statement (`2026-03-000007`) of a posted run: of a line (`D1`, `D1/rate`, or
    of `D1/amy` the deal `D1` where one line has it), or of all of it where `line` is empty, for something that is not
    on it. `calendar` where two have a statement of that number.

    Raises `Failed`: E606 no such statement, or two; E706 no such line; E616, E612, E611.
    """
    who, store = acting(opened, actor), the_ledger(opened)
    run, payee = _statement(opened, store, number, calendar)
    meant = _line(opened, store, run, payee, line) if line else _Line()
    body = {
        "statement": number,
        "run": run.id,
        "source": meant.source,
        "part": meant.part,
        "days": str(opened.workspace.controls.dispute_days),
    }
    about = (run.record.calendar, payee, meant.plan)
    return line_of(begin(store, "dispute", about, body, note, who, now), now)


def _statement(opened: Opened, store: Store, number: str, calendar: str) -> tuple[Run, str]:
    """The posted run and the payee of a statement's number."""
    posted = [p for p in queries.postings(store) if p.kind == "post" and number.startswith(f"{p.in_period}-")]
    runs = [queries.run(store, p.run) for p in posted if calendar in ("", p.calendar)]
    found = [(run, payee) for run in runs for own, payee in _numbers(opened, store, run) if own == number]
    if not found:
        message = f"there is no statement {number} of a posted run"
        raise refused("E606", message, number, "its number stands on the statement, and in the pay file")
    if len(found) > 1:
        names = ", ".join(run.record.calendar for run, _ in found)
        raise refused("E606", f"{number} is a statement of several calendars: {names}", number, "use --calendar")
    return found[0]


def _numbers(opened: Opened, store: Store, run: Run) -> Iterator[tuple[str, str]]:
    """Number and payee of each statement, those that stand for others among them."""
    yield from ((number, payee) for payee, number in statement_numbers(opened, store, run).items())
    yield from ((each.number, each.payee) for each in reissued(versions(opened, store, run, Path())))


def _line(opened: Opened, store: Store, run: Run, payee: str, line: str) -> _Line:
    """Of what the statement posts, holds or says it does not pay; a source may have `/` in its name."""
    objects, record = opened.objects, run.record
    names = ["plan", "source", "part"]
    held = fetch(objects, PAYABLES, record.payables).filter(pl.col("on").is_null() | (pl.col("on") > record.period.end))
    nothing = get_table(objects, EXCLUSIONS, record.exclusions).with_columns(pl.lit("").alias("part"))
    frames = [f.filter(pl.col("payee") == payee).select(names) for f in (to_post(opened, store, run), held, nothing)]
    told = [_Line(*row) for row in pl.concat(frames).unique(maintain_order=True).iter_rows()]
    by_source = [_Line(one.plan, one.source) for one in told if one.source == line]
    by_part = [one for one in told if one.part and f"{one.source}/{one.part}" == line]
    of_deal = [_Line(one.plan, one.source) for one in told if one.source.split("/")[0] == line]
    if found := [*by_source, *by_part]:
        return found[0]
    if len({*of_deal}) == 1:
        return of_deal[0]
    help = suggestion(line, {one.source for one in told}, "its lines are about")
    message = f"the statement of {payee} for {record.period.label} has no line {line}"
    raise Failed([Diagnostic("E706", message, Place(table="register", row=line), help)])
