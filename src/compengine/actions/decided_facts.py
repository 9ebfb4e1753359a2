"""What the statements of a run say about decisions of people: adjustments and holds it took in, disputes."""

from dataclasses import dataclass

from compengine.actions.opened import Opened
from compengine.actions.pinned import pinned_decided
from compengine.actions.register import CLOSED, day_of, due_of
from compengine.ledger import queries
from compengine.ledger.decided import as_of
from compengine.ledger.queries import Posting
from compengine.ledger.register import Record, records
from compengine.ledger.runs import Run
from compengine.ledger.store.database import Store
from compengine.statement.facts import DisputeFacts, RecordFacts
from compengine.values.decided import NOTHING, Decided


@dataclass(frozen=True, slots=True)
class ByHandFacts:
    """Of everybody in a run; `disputes` are (payee, dispute)."""

    decided: Decided
    register: dict[str, tuple[str, RecordFacts]]
    disputes: tuple[tuple[str, DisputeFacts], ...]


NO_DECISIONS = ByHandFacts(NOTHING, {}, ())


def by_hand_facts(opened: Opened, store: Store, run: Run, posting: Posting | None) -> ByHandFacts:
    """As it stood when the run was posted, so that a statement is the same whenever it is printed; of a run that is not
    posted, as it stands now."""
    found = records(store)
    if not found:
        return NO_DECISIONS
    found = tuple(found if posting is None else as_of(found, posting.seq))
    before = [
        p.seq
        for p in queries.postings(store, run.record.calendar)
        if p.kind == "post" and (posting is None or p.seq < posting.seq)
    ]
    disputes = [r for r in found if r.kind == "dispute" and r.steps[0].calendar == run.record.calendar]
    return ByHandFacts(
        pinned_decided(opened.objects, run.record),
        {r.id: (r.steps[0].payee, _record(r)) for r in found if r.kind in ("adjustment", "hold")},
        tuple(
            (r.steps[0].payee, _dispute(r))
            for r in disputes
            if r.state not in CLOSED or r.steps[-1].seq > max(before, default=0)
        ),
    )


def of_payee(facts: ByHandFacts, payee: str) -> tuple[Decided, dict[str, RecordFacts], tuple[DisputeFacts, ...]]:
    """What concerns one payee, and nothing about anybody else."""
    all_of = facts.decided
    decided = Decided(
        tuple(a for a in all_of.adjustments if a.payee == payee),
        tuple(h for h in all_of.holds if h.payee == payee),
        tuple(r for r in all_of.released if r.payee == payee),
    )
    mine = {id: record for id, (whose, record) in facts.register.items() if whose == payee}
    return decided, mine, tuple(d for whose, d in facts.disputes if whose == payee)


def _record(record: Record) -> RecordFacts:
    first, last = record.steps[0], record.steps[-1]
    kind, begun = record.body.get("kind", ""), day_of(first.time)
    if len(record.steps) == 1:
        return RecordFacts(kind, first.note, begun, begun_by=first.actor)
    return RecordFacts(
        kind, first.note, begun, day_of(last.time), last.actor, first.actor, record.body.get("dispute", "")
    )


def _dispute(record: Record) -> DisputeFacts:
    first, last, body = record.steps[0], record.steps[-1], record.body
    return DisputeFacts(
        id=record.id,
        statement=body["statement"],
        line="/".join(filter(None, (body["source"], body["part"]))),
        reason=first.note,
        state=record.state,
        opened=day_of(first.time),
        due=due_of(first.time, body["days"]),
        last=day_of(last.time),
        outcome=last.note if record.state in CLOSED else "",
    )
