"""The whole ledger checked, and every object that a run or a posting names."""

from dataclasses import dataclass
from pathlib import Path

from compengine.actions.checkpoints import catch_up, checkpoint_file, keys_folder
from compengine.actions.opened import Opened, read_text, shown
from compengine.actions.pinned import objects_of, pinned_workspace
from compengine.actions.runs import the_ledger
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_bytes, get_table
from compengine.ledger import queries
from compengine.ledger.chain import Head
from compengine.ledger.checkpoint import faults, read_checkpoints
from compengine.ledger.register import records
from compengine.ledger.rowfiles import SETTLEMENTS, fetch
from compengine.ledger.runs import Run, RunRecord
from compengine.ledger.signing import PUBLIC, is_signed, read_keys
from compengine.ledger.states import faults_of_controls
from compengine.ledger.store.database import Store, exists, open_store, reading
from compengine.ledger.verify import verify as verify_ledger
from compengine.source.diagnostic import Diagnostic, Failed, Place


@dataclass(frozen=True, slots=True)
class Verified:
    """`head_seq` and `head` are where the chain ends; keep them outside. `diagnostics` is empty where all is sound."""

    head_seq: int
    head: str
    runs: int
    postings: int
    entries: int
    objects: int
    diagnostics: tuple[Diagnostic, ...]


def verify(
    opened: Opened, known: tuple[Head, ...] = (), checkpoints: Path | None = None, key: Path | None = None
) -> Verified:
    """The ledger, held against the checkpoints beside it, and against what was kept outside: heads (`known`), a file of
    checkpoints, and the file of the public key that signed them, if it is not the workspace's own.

    Raises `Failed`: E606 where there is no ledger; E609 where it is gone or cannot be opened; E101 where a file cannot
    be read.
    """
    if not exists(opened.ledger):
        the_ledger(opened)
    store, own = open_store(opened.ledger), keys_folder(opened) / PUBLIC
    found: list[Diagnostic] = []
    try:
        catch_up(opened, store)
    except Failed as failed:
        found += failed.diagnostics
    found += verify_ledger(store, opened.objects, known)
    if checkpoint_file(opened).exists():
        found += _witnessed(store, checkpoint_file(opened), own)
    if checkpoints is not None:
        found += _witnessed(store, checkpoints, key or own)
        found += _same(checkpoint_file(opened), checkpoints)
    runs = queries.runs(store) if not found else []
    checked: dict[str, str] = {}
    for run in runs:
        missing = _objects(opened.objects, run.record, checked)
        found += missing or _uncontrolled(opened.objects, run)
    for issued in records(store, "statements") if not found else ():
        found += _object(opened.objects, issued.body["manifest"], "", checked)
    head, counts = queries.head(store), _counts(store)
    return Verified(head.seq, head.hash, *counts, len(checked), tuple(found))


def _counts(store: Store) -> tuple[int, int, int]:
    """Runs, postings and entries; zeros where a row is such that nothing can be said."""
    try:
        postings = queries.postings(store)
        return len(queries.runs(store)), len(postings), sum(p.last_seq - p.first_seq + 1 for p in postings)
    except ValueError:
        return 0, 0, 0


def _witnessed(store: Store, place: Path, key: Path) -> list[Diagnostic]:
    """What a file of checkpoints says otherwise than the ledger, and what in it is not signed with that key."""
    found, rest = read_checkpoints(read_text(place).content)
    name = shown(place)
    said = [] if found else [_at(name, "", "holds no checkpoint")]
    said += [_at(name, "", "its end is not a checkpoint")] if rest and found else []
    if not key.exists():
        message = f"{shown(key)}: the public key is not there, so nobody can say who signed {name}"
        return [
            *said,
            Diagnostic("E617", message, help="put the key that was handed out there, or name it: --key FILE"),
        ]
    try:
        keys = read_keys(read_text(key).content)
    except ValueError as error:
        return [*said, _at(shown(key), "", str(error))]
    said += [_at(name, str(c.seq), "is not signed with the key") for c in found if not is_signed(keys, c)]
    try:
        with reading(store) as connection:
            return said + [_at(name, str(seq), what) for seq, what in faults(connection, found)]
    except ValueError as error:
        return [*said, _at(name, "", f"cannot be compared, the ledger cannot be read: {error}")]


def _same(own: Path, kept: Path) -> list[Diagnostic]:
    """Where the workspace's checkpoints and those kept outside are not the same at the same row."""
    mine = {c.seq: c for c in read_checkpoints(read_text(own).content)[0]} if own.exists() else {}
    other = [c for c in read_checkpoints(read_text(kept).content)[0] if mine.get(c.seq, c) != c]
    what = f"is another in {shown(own)}: they were written or signed anew"
    return [_at(shown(kept), str(c.seq), what) for c in other[:1]]


def _at(name: str, seq: str, what: str) -> Diagnostic:
    return Diagnostic("E609", f"{name}: {f'checkpoint {seq} ' if seq else ''}{what}", Place(table="ledger", row=seq))


def _uncontrolled(objects: Objects, run: Run) -> list[Diagnostic]:
    """What happened to a run against the controls it was calculated with: roles, own pay, the number of approvals."""
    controls = pinned_workspace(objects, run.record).controls
    payees = fetch(objects, SETTLEMENTS, run.record.settlements)["payee"].unique().to_list()
    wrong = faults_of_controls(run.events, controls, run.record.totals, payees)
    return [
        Diagnostic("E609", f"event {seq}: run {run.id} was {what}", Place(table="events", row=str(seq)))
        for seq, what in wrong
    ]


def _objects(objects: Objects, record: RunRecord, checked: dict[str, str]) -> list[Diagnostic]:
    """What of a run's objects is missing or damaged; those in `checked` were looked at already."""
    try:
        names = objects_of(objects, record)
    except Failed as failed:
        return list(failed.diagnostics)
    return [found for digest, name in names.items() for found in _object(objects, digest, name, checked)]


def _object(objects: Objects, digest: str, table: str, checked: dict[str, str]) -> tuple[Diagnostic, ...]:
    if digest in checked:
        return ()
    checked[digest] = table
    try:
        if table:
            get_table(objects, table, digest)
        else:
            get_bytes(objects, digest)
    except Failed as failed:
        return failed.diagnostics
    return ()
