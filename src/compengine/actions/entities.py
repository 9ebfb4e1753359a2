"""To which legal entity each payee belongs, and since when. Where a workspace names none, everybody belongs to “”.

A period is paid whole by the entity that a payee belongs to on its last day: see decision 024.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from compengine.actions.opened import Opened
from compengine.actions.people_facts import rows_in_force
from compengine.actions.pinned import pinned_snapshot, pinned_workspace
from compengine.inputs.entities import homeless, no_entity
from compengine.inputs.schema import Brand, Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.ledger.runs import Run
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.employment import Stay


def require_entities(workspace: Workspace, snapshot: Snapshot) -> None:
    """Raises `Failed` with an E406 for each row of `payees` that names no entity of the workspace."""
    if not workspace.entities:
        return
    found = []
    for key, name in homeless(workspace, snapshot.frame("payees")).select("@key", workspace.entity).iter_rows():
        message, help = no_entity(workspace, name)
        found.append(Diagnostic("E406", message, Place(table="payees", row=key, column=workspace.entity), help))
    if found:
        raise Failed(found)


def entities_on(workspace: Workspace, snapshot: Snapshot, day: date) -> dict[str, str]:
    """By payee; of somebody who has left the last one."""
    rows = rows_in_force(workspace.tables["payees"], snapshot, day)
    return {payee: str(row[workspace.entity]) if workspace.entities else "" for payee, row in rows.items()}


def entities_of(opened: Opened, run: Run) -> Mapping[str, str]:
    """Who pays each payee of a run: the entity on the period's last day, as the run's own inputs have it."""
    record = run.record
    workspace = pinned_workspace(opened.objects, record)
    if not workspace.entities:
        return {}
    return entities_on(workspace, pinned_snapshot(opened.objects, record, workspace), record.period.end)


def stays(workspace: Workspace, snapshot: Snapshot) -> dict[str, tuple[Stay, ...]]:
    """By payee the stretches of days with one entity, in order; versions that follow one another are one stretch."""
    if not workspace.entities:
        return {}
    table, found = workspace.tables["payees"], dict[str, list[Stay]]()
    first, last = table.effective or ("", "")
    for row in snapshot.frame("payees").to_dicts():
        name = str(row[workspace.entity])
        begun, ended = (row[first] or date.min, row[last] or date.max) if first else (date.min, date.max)
        found.setdefault(row["@key"], []).append(Stay(name, workspace.entities[name].brand.name, begun, ended))
    return {payee: _joined(sorted(each, key=lambda s: s.first)) for payee, each in found.items()}


def _joined(found: Sequence[Stay]) -> tuple[Stay, ...]:
    """A stretch lasts until the next one begins, also where nobody says what was between."""
    made: list[Stay] = []
    for stay in found:
        if made and made[-1].entity == stay.entity:
            stay = Stay(stay.entity, stay.name, made.pop().first, stay.last)
        made.append(stay)
    return tuple(made)


def brand_of(workspace: Workspace, entity: str) -> Brand:
    """The entity's, or that of all statements."""
    found = workspace.entities.get(entity)
    return found.brand if found is not None else workspace.statements.brand
