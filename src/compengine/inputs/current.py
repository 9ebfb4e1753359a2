"""Which snapshot a workspace stands on: the file `.compengine/current`, and the objects beside it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from compengine.inputs.manifest import manifest_bytes, manifest_digest, read_manifest
from compengine.inputs.objects import DIGEST, Store, get_bytes, get_table, put_bytes, put_table, write_content
from compengine.inputs.schema import Table, Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.tables import empty_frame, frame_schema
from compengine.source.diagnostic import Diagnostic, Failed, Place

FOLDER = ".compengine"


def store_of(root: Path) -> Store:
    """The objects of the workspace in folder `root`."""
    return Store(root / FOLDER / "objects")


def empty_snapshot(workspace: Workspace) -> Snapshot:
    return snapshot_of(workspace, {}, {})


def snapshot_of(workspace: Workspace, frames: dict[str, pl.DataFrame], digests: dict[str, str]) -> Snapshot:
    """A snapshot of these tables, all others empty."""
    whole = {name: frames.get(name, empty_frame(table)) for name, table in workspace.tables.items()}
    return Snapshot(whole, digests, manifest_digest(digests))


def save(store: Store, snapshot: Snapshot) -> str:
    """Put every table of the snapshot and its manifest into the store; gives its digest. Nothing becomes current.

    A table whose frame is not what its digest says (columns were declared since it was loaded) is already there.
    """
    for name, digest in snapshot.digests.items():
        if not store.place(digest).exists():
            put = put_table(store, name, snapshot.frames[name])
            assert put == digest, f"the digest of table {name} is not that of its frame"
    return put_bytes(store, manifest_bytes(snapshot.digests))


def open_snapshot(workspace: Workspace, store: Store, digest: str) -> Snapshot:
    """Raises `Failed`: E609 where an object is missing or damaged, E402 and E403 where the workspace has since
    declared what the stored table does not have."""
    digests = read_manifest(get_bytes(store, digest))
    if digests is None:
        raise Failed([Diagnostic("E609", f"object {digest} is not a snapshot")])
    frames: dict[str, pl.DataFrame] = {}
    found: list[Diagnostic] = []
    for name in digests:
        if name in workspace.tables:
            frames[name] = conform(workspace.tables[name], get_table(store, name, digests[name]), found)
    if found:
        raise Failed(found)
    snapshot = snapshot_of(workspace, frames, digests)
    assert snapshot.digest == digest
    return snapshot


def conform(table: Table, frame: pl.DataFrame, found: list[Diagnostic]) -> pl.DataFrame:
    """A stored frame as the workspace now declares it: a new optional column is empty, a column taken out is gone."""
    help = f"load table {table.name} again"
    added = []
    for name, kind in frame_schema(table).items():
        column = table.columns.get(name.partition("@")[0])
        place = Place(table=table.name, column=name)
        if name not in frame.columns:
            added.append(pl.lit(None, dtype=kind).alias(name))
            if column is not None and not column.optional:
                message = f"table {table.name} was loaded before the workspace declared the column {name}"
                found.append(Diagnostic("E402", message, place, help))
        elif frame.schema[name] != kind:
            message = f"column {name} of table {table.name} was loaded as another type"
            found.append(Diagnostic("E403", message, place, help))
    return frame.with_columns(added).select(*frame_schema(table))


def read_current(root: Path) -> str | None:
    """The digest of the current snapshot, None before the first load. Raises `Failed` with E609."""
    try:
        content = (root / FOLDER / "current").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        content = ""
    if not DIGEST.fullmatch(content):
        raise Failed([Diagnostic("E609", f"{root / FOLDER / 'current'} does not hold a digest", help="restore it")])
    return content


def advance(root: Path, before: str | None, after: str) -> None:
    """Make `after` the current snapshot, if `before` still is; raises `Failed` with E413 otherwise."""
    with advancing(root, before, after):
        pass


@contextmanager
def advancing(root: Path, before: str | None, after: str) -> Iterator[None]:
    """The same at the end of a `with`, and not at all where what stands in it fails. Loads of several processes take
    turns here, so that none undoes another."""
    with _turn(root):
        if read_current(root) != before:
            message = "the tables were changed while this file was read"
            raise Failed([Diagnostic("E413", message, help="load it again; nothing was changed")])
        yield
        content = f"{after}\n".encode("ascii")
        write_content(root / FOLDER / "current", content)


@contextmanager
def _turn(root: Path) -> Iterator[None]:
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
