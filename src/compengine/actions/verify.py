"""The ledger checked, all of it or what follows a checkpoint, and every object that its runs and postings name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from compengine.actions.checkpoints import catch_up, checkpoint_file, keys_folder
from compengine.actions.opened import Opened, read_text, shown
from compengine.actions.pinned import objects_of, pinned_workspace
from compengine.actions.runs import the_ledger
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_bytes, get_table
from compengine.ledger import queries
from compengine.ledger.chain import Head, read_head
from compengine.ledger.checkpoint import Checkpoint, faults, hash_at, read_checkpoints
from compengine.ledger.register import records
from compengine.ledger.rowfiles import SETTLEMENTS, fetch
from compengine.ledger.runs import Run, RunRecord
from compengine.ledger.signing import PUBLIC, is_signed, read_keys
from compengine.ledger.states import faults_of_controls
from compengine.ledger.store.database import Store, exists, open_store, reading
from compengine.ledger.verify import verify as verify_ledger
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.manifest import listed


@dataclass(frozen=True, slots=True)
class Verified:
    """`head_seq` and `head` are where the chain ends; keep them outside. `since` is the row after which everything was
    checked, 0 for all of it; runs, postings and entries are counted from there. `diagnostics` is empty where all is
    sound."""

    since: int
    head_seq: int
    head: str
    runs: int
    postings: int
    entries: int
    objects: int
    diagnostics: tuple[Diagnostic, ...]


def verify(
    opened: Opened,
    known: tuple[Head, ...] = (),
    checkpoints: Path | None = None,
    key: Path | None = None,
    since: str = "",
) -> Verified:
    """The ledger, held against the checkpoints beside it, and against what was kept outside: heads (`known`), a file of
    checkpoints, and the file of the public key that signed them, if it is not the workspace's own.

    `since` is a file of checkpoints that was kept outside, of which the last counts, or the number of a checkpoint in
    `checkpoints` or else in the workspace's own: only what follows that checkpoint is checked, and nothing at all where
    it is not one of this ledger.

    Raises `Failed`: E606 where there is no ledger, or no checkpoint of that number; E609 where the ledger is gone or
    cannot be opened, or a file holds no checkpoint; E101 where a file cannot be read.
    """
    if not exists(opened.ledger):
        the_ledger(opened)
    store, own = open_store(opened.ledger), keys_folder(opened) / PUBLIC
    start, place = _start(opened, since, checkpoints)
    found: list[Diagnostic] = []
    try:
        catch_up(opened, store)
    except Failed as failed:
        found += failed.diagnostics
    mine = checkpoints is None and place == checkpoint_file(opened)
    signer = own if mine else key or own
    if start is not None and (wrong := _unfounded(store, start, place, signer)):
        return Verified(start.seq, *_end(store), 0, 0, 0, 0, tuple(found + wrong))
    after = Head() if start is None else Head(start.seq, start.head)
    found += verify_ledger(store, opened.objects, known, after)
    if checkpoint_file(opened).exists():
        found += _witnessed(store, checkpoint_file(opened), own, after.seq)
    for kept in () if mine else [p for p in dict.fromkeys((checkpoints, place)) if p is not None]:
        found += _witnessed(store, kept, key or own, after.seq)
        found += _same(checkpoint_file(opened), kept)
    runs = [run for run in queries.runs(store) if run.events and run.events[-1].seq > after.seq] if not found else []
    checked: dict[str, str] = {}
    for run in runs:
        missing = _objects(opened.objects, run.record, checked)
        found += missing or _uncontrolled(opened.objects, run)
    for record in records(store) if not found else ():
        if record.steps[-1].seq > after.seq and record.kind == "statements":
            found += _issued(opened.objects, record.body["manifest"], checked)
        elif record.steps[-1].seq > after.seq and record.kind == "load":
            found += _object(opened.objects, record.body["snapshot"], "", checked)
    return Verified(after.seq, *_end(store), *_counts(store, after.seq), len(checked), tuple(found))


def _issued(objects: Objects, manifest: str, checked: dict[str, str]) -> Sequence[Diagnostic]:
    """A manifest, and the statements in it that stand for others."""
    if wrong := _object(objects, manifest, "", checked):
        return wrong
    files = listed(Path(), get_bytes(objects, manifest))
    return [d for each in files if each.supersedes for d in _object(objects, each.digest, "", checked)]


def _end(store: Store) -> tuple[int, str]:
    head = queries.head(store)
    return head.seq, head.hash


def _start(opened: Opened, since: str, kept: Path | None) -> tuple[Checkpoint | None, Path]:
    """The checkpoint to begin at, and the file it stands in; None for the beginning."""
    place = kept or checkpoint_file(opened)
    if not since:
        return None, place
    number = since.isdecimal() and not Path(since).is_file()
    place = place if number else Path(since)
    found, _ = read_checkpoints(read_text(place).content)
    if not found:
        raise Failed([_at(shown(place), "", "holds no checkpoint")])
    if not number:
        return found[-1], place
    start = next((c for c in found if c.seq == int(since)), None)
    if start is None:
        before = [str(c.seq) for c in found if c.seq < int(since)][-1:]
        after = [str(c.seq) for c in found if c.seq > int(since)][:1]
        help = f"name one that is there: {' or '.join(before + after)}"
        raise Failed([Diagnostic("E606", f"{shown(place)} holds no checkpoint {since}", help=help)])
    return start, place


def _unfounded(store: Store, start: Checkpoint, place: Path, key: Path) -> list[Diagnostic]:
    """Why nothing can be checked from a checkpoint on: it is not one of this ledger, or nobody knows who signed it."""
    name, seq = shown(place), str(start.seq)
    with reading(store) as connection:
        there, end = hash_at(connection, start.seq), read_head(connection).seq
    if there != start.head:
        has = f"has another hash there, {there}" if there else f"ends at {end}"
        what = f"was made of row {seq} of {start.origin}, hash {start.head}, and the ledger {has}"
        help = "it is of another ledger, or this one was cut off, put back or rewritten: compengine verify says more"
        return [Diagnostic("E609", f"{name}: checkpoint {seq} {what}", Place(table="ledger", row=seq), help)]
    return _unsigned(place, key, [start])


def _counts(store: Store, since: int) -> tuple[int, int, int]:
    """Runs, postings and entries after that row; zeros where a row is such that nothing can be said."""
    try:
        postings = [p for p in queries.postings(store) if p.seq > since]
        runs = [run for run in queries.runs(store) if run.events and run.events[-1].seq > since]
        return len(runs), len(postings), sum(p.last_seq - p.first_seq + 1 for p in postings)
    except ValueError:
        return 0, 0, 0


def _witnessed(store: Store, place: Path, key: Path, since: int) -> list[Diagnostic]:
    """What a file of checkpoints says otherwise than the ledger, from that row on, and what in it is not signed with
    that key."""
    found, rest = read_checkpoints(read_text(place).content)
    name = shown(place)
    said = [] if found else [_at(name, "", "holds no checkpoint")]
    said += [_at(name, "", "its end is not a checkpoint")] if rest and found else []
    found = [c for c in found if c.seq >= since]
    said += _unsigned(place, key, found)
    try:
        with reading(store) as connection:
            return said + [_at(name, str(seq), what) for seq, what in faults(connection, found)]
    except ValueError as error:
        return [*said, _at(name, "", f"cannot be compared, the ledger cannot be read: {error}")]


def _unsigned(place: Path, key: Path, found: list[Checkpoint]) -> list[Diagnostic]:
    """Which of a file's checkpoints are not signed with that key, or why nobody can tell."""
    name = shown(place)
    if not key.exists():
        message = f"{shown(key)}: the public key is not there, so nobody can say who signed {name}"
        return [Diagnostic("E617", message, help="put the key that was handed out there, or name it: --key FILE")]
    try:
        keys = read_keys(read_text(key).content)
    except ValueError as error:
        return [_at(shown(key), "", str(error))]
    return [_at(name, str(c.seq), "is not signed with the key") for c in found if not is_signed(keys, c)]


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
    try:
        controls = pinned_workspace(objects, run.record).controls
        payees = fetch(objects, SETTLEMENTS, run.record.settlements)["payee"].unique().to_list()
    except Failed as failed:  # an object that is damaged and was named with another run
        return list(failed.diagnostics)
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
