"""On record which statements were issued: the manifest of their files, and its digest in the ledger."""

from datetime import datetime

from compengine.actions.opened import Opened, acting
from compengine.actions.runs import find_run, the_ledger
from compengine.actions.statements import Statements
from compengine.actions.versions import STATEMENTS, records_of
from compengine.inputs.objects import put_bytes
from compengine.inputs.schema import Role
from compengine.ledger.register import Record, begin
from compengine.ledger.states import State, has_role
from compengine.statement.manifest import NAME


def not_issuing(opened: Opened, actor: str) -> str:
    """Why statements that this person prints do not go on record, which is for a preparer; empty where they do. Anybody
    may print them. Raises `Failed` (E612) where nobody is named."""
    who = acting(opened, actor)
    return "" if has_role(Role.PREPARER, who, opened.workspace.controls) else f"{who} has not the role preparer"


def issue(opened: Opened, done: Statements, actor: str, now: datetime) -> Record | None:
    """The record that names the manifest of a batch, made if there is none: whoever holds the ledger can tell by its
    digest each file that was issued, as it was. None for a preview, for a part of a batch, and for one in which a
    statement could not be made.

    Raises `Failed`: E612 where nobody is named; E609, E611, E617.
    """
    store = the_ledger(opened)
    run = find_run(opened, store, done.run)
    if not done.manifest or done.diagnostics or run.event(State.POSTED) is None:
        return None
    for known in records_of(store, run):
        if known.body["manifest"] == done.manifest:
            return known
    who = acting(opened, actor)
    digest = put_bytes(opened.objects, (done.folder / NAME).read_bytes())
    assert digest == done.manifest, "the manifest was changed after it was written"
    body = {"run": run.id, "period": done.period, "manifest": digest, "count": str(len(done.printed))}
    note = f"statements of {done.period}"
    return begin(store, STATEMENTS, (run.record.calendar, "", ""), body, note, who, now)
