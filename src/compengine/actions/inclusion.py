"""What shows a payee, who has nothing but a checkpoint, that his rows are part of what was posted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from compengine.actions.checkpoints import kept_checkpoints
from compengine.actions.opened import Opened
from compengine.actions.replay import posting_of
from compengine.actions.runs import find_run, the_ledger
from compengine.ledger.leaves import POSTED, Leaf, in_order, posted_leaves, read_salt
from compengine.ledger.queries import closing_hash
from compengine.ledger.rowfiles import fetch
from compengine.ledger.runs import Run
from compengine.ledger.store.database import Store, reading
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.proof import Proof


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the proofs of a posting have in common, without rows, and the leaves by payee."""

    common: Proof
    leaves: Mapping[str, Leaf]


def grounds_of(opened: Opened, store: Store, run: Run) -> Grounds | None:
    """None where the run is not posted."""
    posting = posting_of(store, run)
    if posting is None:
        return None
    seq = posting.last_seq + 1
    with reading(store) as connection:
        head = closing_hash(connection, posting)
    text = next((c.text for c in kept_checkpoints(opened) if (c.seq, c.head) == (seq, head)), "")
    rows = in_order(fetch(opened.objects, POSTED, posting.rows))
    common = Proof(run.id, run.record.content, seq, head, text, posting.rows_root)
    return Grounds(common, posted_leaves(rows, read_salt(posting.secret)))


def proof_for(grounds: Grounds, payee: str) -> Proof:
    """Without rows where nothing was posted for the payee."""
    leaf = grounds.leaves.get(payee)
    if leaf is None:
        return grounds.common
    path = tuple(step.hex() for step in leaf.path)
    return replace(
        grounds.common,
        text=leaf.text.decode(),
        salt=leaf.salt.hex(),
        index=leaf.index,
        size=leaf.size,
        path=path,
    )


def proof_of(opened: Opened, which: str, payee: str) -> Proof:
    """Raises `Failed`: E606 no such run; E607 it is not posted; E512 it has posted nothing for the payee."""
    store = the_ledger(opened)
    run = find_run(opened, store, which)
    grounds = grounds_of(opened, store, run)
    if grounds is None:
        raise Failed([Diagnostic("E607", f"run {run.id} of {run.record.period.label} is not posted")])
    if payee not in grounds.leaves:
        message = f"run {run.id} of {run.record.period.label} has posted nothing for {payee}"
        help = f"compengine show {run.id} lists who has anything in it"
        raise Failed([Diagnostic("E512", message, Place(table="payees", row=payee), help)])
    return proof_for(grounds, payee)
