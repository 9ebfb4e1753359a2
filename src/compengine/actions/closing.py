"""The controls of a close: a run is submitted, approved by somebody else, posted, and declared final."""

from dataclasses import dataclass, replace
from datetime import datetime

from compengine.actions.checkpoints import posting_secret
from compengine.actions.figures import Money
from compengine.actions.incremental import calculated_from
from compengine.actions.opened import Opened, acting
from compengine.actions.pinned import pinned_workspace
from compengine.actions.replay import replay
from compengine.actions.runs import RunView, find_run, the_ledger, view_of
from compengine.inputs.schema import Controls
from compengine.ledger import book, queries, runs
from compengine.ledger.rowfiles import SETTLEMENTS, fetch
from compengine.ledger.runs import Run
from compengine.ledger.states import State
from compengine.ledger.store.database import Store
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.values.money import from_minor


@dataclass(frozen=True, slots=True)
class Posted:
    """A posting: its number, its entries, what became payable by it, and where the chain ends after it."""

    run: str
    period: str
    number: int
    entries: int
    rows: int
    payable: tuple[Money, ...]
    head_seq: int
    head: str


def submit(opened: Opened, which: str, actor: str, now: datetime) -> RunView:
    """Raises `Failed`: E606, E613, E612, E611; see `ledger.runs.submit`."""
    who, store = acting(opened, actor), the_ledger(opened)
    found = find_run(opened, store, which)
    try:
        done = runs.submit(store, found.id, who, now, controls_of(opened, found))
    except Failed as failed:
        raise _of_stale(store, found, failed) from failed
    return view_of(opened, store, done)


def approve(opened: Opened, which: str, actor: str, now: datetime, content: str = "") -> RunView:
    """Raises `Failed`: E603 where the actor prepared it; E614 where it holds his pay; E615 not submitted; E602 where
    `content` is not the run's; E606, E613, E612, E611."""
    who, store = acting(opened, actor), the_ledger(opened)
    found = find_run(opened, store, which)
    payees = fetch(opened.objects, SETTLEMENTS, found.record.settlements)["payee"].unique().to_list()
    shown, controls = content or found.record.content, controls_of(opened, found)
    try:
        done = runs.approve(store, found.id, who, now, shown, payees=payees, controls=controls)
    except Failed as failed:
        raise _of_stale(store, found, failed) from failed
    return view_of(opened, store, done)


def _of_stale(store: Store, run: Run, failed: Failed) -> Failed:
    """The same refusal. What comes next for a run that can no longer be posted (E602) is to calculate again."""
    record = run.record
    if run.event(State.POSTED) is not None or queries.read_opening(store, record.calendar).digest == record.opening:
        return failed
    again = f"compengine calculate --period {record.period.label}"
    help = f"the ledger has moved on since it was calculated; next: {again}, and have that run approved"
    return Failed([replace(d, help=help) if d.code == "E615" else d for d in failed.diagnostics])


def reject(opened: Opened, which: str, actor: str, now: datetime, note: str) -> RunView:
    """Raises `Failed`: E603, E615, E616 without a reason; E606, E613, E612, E611."""
    who, store = acting(opened, actor), the_ledger(opened)
    found = find_run(opened, store, which)
    return view_of(opened, store, runs.reject(store, found.id, who, now, note, controls_of(opened, found)))


def finalize(opened: Opened, which: str, actor: str, now: datetime) -> RunView:
    """Raises `Failed`: E607 not posted; E606, E613, E612, E611."""
    who, store = acting(opened, actor), the_ledger(opened)
    found = find_run(opened, store, which)
    return view_of(opened, store, runs.finalize(store, found.id, who, now, controls_of(opened, found)))


def controls_of(opened: Opened, run: Run) -> Controls:
    """The controls that stood in the workspace file when the run was calculated: they are part of what is approved."""
    return pinned_workspace(opened.objects, run.record).controls


def recomputed(opened: Opened, run: str) -> str:
    """Computes every row of a run by the second engine: what is noted with the posting. Raises `Failed` (E610)."""
    again = replay(opened, run, independent=True)
    if not again.matches:
        first = str(again.differences[0]) if again.differences else "the digests differ"
        message = f"the second engine does not agree with run {run}: {first}"
        help = "nothing was posted; this is a fault of the program: keep the workspace as it is and report it"
        if calculated_from(find_run(opened, the_ledger(opened), run)):
            help += "; the run was calculated with --incremental: calculate it again without"
        raise Failed([Diagnostic("E610", message, help=help)])
    return f"every row computed again by the second engine: {sum(t.rows for t in again.tables)} rows agree"


def post(opened: Opened, which: str, actor: str, now: datetime) -> Posted:
    """Post a run that the second engine, computing every row again, agrees with.

    Raises `Failed`: E610 where it does not, with the first row that is another; E609 where the entries would not add
    up; E601, E602, E604, E605, E606, E611, E612, E613, E617; see `ledger.book.post`. Nothing is posted then.
    """
    who, store = acting(opened, actor), the_ledger(opened)
    found = find_run(opened, store, which)
    controls = controls_of(opened, found)
    book.may_post(store, found.id, who, controls)
    secret, agreed = posting_secret(opened, store, found), recomputed(opened, found.id)
    try:
        posting = book.post(store, opened.objects, found.id, who, now, secret, controls, agreed)
    except AssertionError as error:
        help = "nothing was posted; this is a fault of the program: keep the workspace as it is and report it"
        raise Failed([Diagnostic("E609", f"run {found.id} does not add up: {error}", help=help)]) from error
    head = queries.head(store)
    return Posted(
        run=found.id,
        period=found.record.period.label,
        number=posting.number,
        entries=posting.last_seq - posting.first_seq + 1,
        rows=queries.posted_rows(store, opened.objects, posting.number).height,
        payable=tuple(Money(from_minor(minor, code), code) for code, minor in found.record.totals),
        head_seq=head.seq,
        head=head.hash,
    )
