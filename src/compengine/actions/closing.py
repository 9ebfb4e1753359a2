"""The two controls of a close: somebody else approves a run, then it is posted."""

from dataclasses import dataclass
from datetime import datetime

from compengine.actions.figures import Money
from compengine.actions.opened import Opened, acting
from compengine.actions.runs import RunView, find_run, the_ledger, view_of
from compengine.ledger import book, queries, runs
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


def approve(opened: Opened, which: str, actor: str, now: datetime, content: str = "") -> RunView:
    """Raises `Failed`: E603 where the actor calculated it; E602 where `content` is not the run's; E606, E612, E611."""
    acting(actor)
    store = the_ledger(opened)
    found = find_run(store, which)
    return view_of(opened, store, runs.approve(store, found.id, actor, now, content or found.record.content))


def post(opened: Opened, which: str, actor: str, now: datetime) -> Posted:
    """Raises `Failed`: E601, E602, E604, E605, E606, E609, E611, E612; see `ledger.book.post`."""
    acting(actor)
    store = the_ledger(opened)
    found = find_run(store, which)
    posting = book.post(store, opened.objects, found.id, actor, now)
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
