"""What a case says was decided by hand: its adjustments, holds and releases, as a closing takes them in."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from compengine.actions.askable import the_amount, the_code, the_component, the_kind, the_payee, the_period, the_plan
from compengine.actions.case_files import Columns, Step
from compengine.actions.case_runs import Books
from compengine.inputs.snapshot import Snapshot
from compengine.ledger.decided import released_of
from compengine.plan.typed import Program
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import suggestion
from compengine.source.yaml import Scalar
from compengine.values.decided import Adjustment, Decided, Hold

T = TypeVar("T")


def decided_in(program: Program, plan: str, steps: Iterable[Step], snapshot: Snapshot, books: Books) -> Decided:
    """What stands decided after these steps: every adjustment approved, holds without those that were released.

    `plan` is the one of an adjustment that names none. Raises `Failed` with the place in the case: E705, E704, E512,
    E211, E213, E107, E108 as `compengine adjust` and `hold` do; E606 for the release of a hold that is not in force.
    """
    payees = snapshot.frame("payees")["@key"].unique().to_list()
    adjustments: dict[str, Adjustment] = {}
    holds: dict[str, Hold] = {}
    placed = 0
    for step in steps:
        for row in step.adjustments:
            one = _adjustment(program, plan, row, payees, f"A{len(adjustments) + 1:04}")
            _require_new(one.id, adjustments, row)
            adjustments[one.id] = one
        for row in step.holds:
            placed += 1
            hold = _hold(program, row, payees, f"H{placed:04}")
            _require_new(hold.id, holds, row)
            holds[hold.id] = hold
        for id in step.releases:
            if holds.pop(id.value, None) is None:
                help = suggestion(id.value, holds, "in force are")
                raise Failed([Diagnostic("E606", f"there is no hold {id.value} in force", Place(id.span), help)])
    standing = tuple(holds.values())
    released = released_of(books.payables, books.last.end, standing) if standing and books.last is not None else ()
    return Decided(tuple(adjustments.values()), standing, released)


def _adjustment(program: Program, default: str, row: Columns, payees: list[str], id: str) -> Adjustment:
    plan = _at(row.get("plan") or row["payee"], lambda: the_plan(program, _text(row, "plan", default)))
    _at(row["kind"], lambda: the_kind(row["kind"].value))
    return Adjustment(
        id=_text(row, "id", id),
        payee=_at(row["payee"], lambda: the_payee(payees, row["payee"].value)),
        plan=plan.name,
        for_period=_at(row["for_period"], lambda: the_period(plan, row["for_period"].value)),
        code=_at(row["code"], lambda: the_code(row["code"].value)),
        amount=_at(row["amount"], lambda: the_amount(row["amount"].value, plan)),
        currency=plan.currency,
    )


def _hold(program: Program, row: Columns, payees: list[str], id: str) -> Hold:
    plan, component = _text(row, "plan"), _text(row, "component")
    if plan:
        _at(row["plan"], lambda: the_plan(program, plan))
    if component:
        _at(row["component"], lambda: the_component(program, plan, component))
    payee = _at(row["payee"], lambda: the_payee(payees, row["payee"].value))
    return Hold(_text(row, "id", id), payee, plan, component, _text(row, "source"))


def _text(row: Columns, column: str, otherwise: str = "") -> str:
    return row[column].value if column in row else otherwise


def _at(said: Scalar, work: Callable[[], T]) -> T:
    """Its diagnostics point to the text in the case."""
    try:
        return work()
    except Failed as failed:
        raise Failed([replace(d, place=replace(d.place, span=said.span)) for d in failed.diagnostics]) from None


def _require_new(id: str, there: Iterable[str], row: Columns) -> None:
    if id in there:
        place = Place((row.get("id") or row["payee"]).span)
        raise Failed([Diagnostic("E108", f"there is an {id} already", place, "each has an id of its own")])
