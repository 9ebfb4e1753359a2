"""Keeps the checkpoints of a workspace's ledger: beside it, and in a second place (`controls.witness`).

They are written after the commit and before a command says that it is done. Whatever a process that died left out, the
next command on the ledger writes. A ledger that ends before its last checkpoint, or has another row there, is not
worked with.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from compengine.actions.opened import FOLDER, Opened, shown
from compengine.ledger import signing
from compengine.ledger.chain import GENESIS, read_head
from compengine.ledger.checkpoint import Checkpoint, body_of, hash_at, key_number, read_checkpoints, steps
from compengine.ledger.intact import require_intact
from compengine.ledger.runs import Run
from compengine.ledger.store.database import Store, exists, open_store, reading
from compengine.source.diagnostic import Diagnostic, Failed, Place

NAME = "checkpoints.txt"
KEYS_VARIABLE = "COMPENGINE_KEYS"


def checkpoint_file(opened: Opened) -> Path:
    """Beside the ledger's file; of a database on a server, in the workspace, named after the database."""
    ledger = opened.ledger
    if isinstance(ledger, Path):
        return ledger.with_name(NAME)
    database = ledger.partition("?")[0].rpartition("/")[2]
    return opened.root / f"checkpoints-{database}.txt"


def witness_file(opened: Opened) -> Path | None:
    """The second place: the file that `controls.witness` names, or one in the folder it names."""
    named = opened.workspace.controls.witness
    place = opened.root / named
    return None if not named else place / NAME if place.is_dir() else place


def keys_folder(opened: Opened) -> Path:
    """`COMPENGINE_KEYS`, else in the workspace."""
    return Path(os.environ.get(KEYS_VARIABLE) or opened.root / FOLDER / "keys")


def kept_checkpoints(opened: Opened) -> list[Checkpoint]:
    """Those beside the ledger; of a last one that was not wholly written, nothing."""
    return _whole(_read(checkpoint_file(opened)))[0]


def open_checked(opened: Opened) -> Store:
    """The workspace's ledger, made if there is none, its checkpoints up to date; from then on each commit is followed
    by its checkpoint.

    Raises `Failed`: E609 where a row is another than was written (`intact`), or the ledger is not the one its last
    checkpoint was made of; E617 where a checkpoint
    cannot be written; E611.
    """
    for place in (checkpoint_file(opened), witness_file(opened)):
        if place is not None and not exists(opened.ledger) and _read(place):
            raise _refused(f"there is no ledger, and {shown(place)} holds its checkpoints")
    store = replace(open_store(opened.ledger), committed=partial(_committed, opened))
    require_intact(store)
    catch_up(opened, store)
    return store


def _committed(opened: Opened, store: Store) -> None:
    try:
        catch_up(opened, store)
    except Failed as failed:
        said = [
            Diagnostic(d.code, f"{d.message}; what the command did stands in the ledger", d.place, d.help)
            for d in failed.diagnostics
        ]
        raise Failed(said) from failed


def catch_up(opened: Opened, store: Store) -> None:
    """Write every checkpoint that is missing, in both places. Raises `Failed`: E609, E617."""
    try:
        _catch_up(opened, store, checkpoint_file(opened), witness_file(opened))
    except ValueError as error:
        help = "compengine verify says which row it is"
        raise _refused(f"the ledger holds what it cannot have written: {error}", help) from error


def _catch_up(opened: Opened, store: Store, place: Path, witness: Path | None) -> None:
    if witness is not None:
        _require_known(store, place, witness)
    if _up_to_date(store, place, witness):
        return
    with _locked(place) as first:
        content = _completed(opened, store, first, place)
    if witness is not None:
        with _locked(witness) as second:
            _append(second, content[len(_content(second)) :])


def require_same(store: Store, found: list[Checkpoint], place: Path) -> int:
    """The number of the row of the last checkpoint, 0 without any; raises `Failed` (E609) where the ledger does not
    have it so. `place` is where they stand."""
    if not found:
        return 0
    last = found[-1]
    with reading(store) as connection:
        stored, end = hash_at(connection, last.seq), read_head(connection).seq
    if stored == last.head:
        return last.seq
    there = f"the last checkpoint in {shown(place)} was made of row {last.seq}"
    if stored:
        raise _refused(f"{there}, hash {last.head}, and the ledger has another row there: it was rewritten")
    raise _refused(f"{there}, and the ledger ends at {end}: its end was cut off, or an old copy was put back")


def _require_known(store: Store, place: Path, witness: Path) -> None:
    """Raises `Failed` (E609) where the second place holds what the first does not."""
    elsewhere = _read(witness)
    if not _read(place).startswith(elsewhere):
        require_same(store, _whole(elsewhere)[0], witness)
        raise _refused(f"{shown(witness)} holds checkpoints that {shown(place)} does not; it must be a copy of it")


def _up_to_date(store: Store, place: Path, witness: Path | None) -> bool:
    """Whether there is nothing to write; needs no permission to write."""
    content = _read(place)
    found, rest = _whole(content)
    after = require_same(store, found, place)
    with reading(store) as connection:
        return not rest and (witness is None or _read(witness) == content) and not steps(connection, after)


def _completed(opened: Opened, store: Store, descriptor: int, place: Path) -> bytes:
    """Append what is missing to the locked file; its whole content then."""
    content = _content(descriptor)
    found, rest = _whole(content)
    after = require_same(store, found, place)
    with reading(store) as connection:
        todo = steps(connection, after)
    if not todo and not rest:
        return content
    previous, added = found[-1].digest if found else GENESIS, b""
    for step in todo:
        key = _key_of(opened, found, step.seq)
        one = signing.sign(key, body_of(opened.workspace.name, step, previous))
        previous, added = one.digest, added + one.text.encode()
    if not added.startswith(rest):
        help = "cut off what stands behind its last signature, and try again"
        raise _refused(f"the end of {shown(place)} is not a checkpoint of this ledger", help)
    _append(descriptor, added[len(rest) :])
    return content + added[len(rest) :]


def _key_of(opened: Opened, found: list[Checkpoint], seq: int) -> signing.Key:
    """The key that signs the checkpoint of that row, made where there never was one. Raises `Failed` (E617)."""
    folder = keys_folder(opened)
    try:
        if found and not (folder / signing.SECRET).exists() and not (folder / signing.PUBLIC).exists():
            raise signing.NoKey("it is gone, and checkpoints signed with it are there")
        key = signing.key_after(folder, seq - 1)
        known = signing.read_keys((folder / signing.PUBLIC).read_text("ascii"))
        if found and found[-1].key != key_number(signing.in_force(known, found[-1].seq).public):
            raise signing.NoKey(f"it is another than the last checkpoint was signed with ({found[-1].key.hex()})")
        return key
    except signing.NoKey as error:
        message = f"the key in {shown(folder)} cannot sign the next checkpoint: {error}"
        help = "restore the folder from a backup; if the key is lost for good: compengine checkpoint --new-key"
        raise Failed([Diagnostic("E617", message, help=help)]) from error
    except (OSError, ValueError) as error:
        raise _unwritten(folder, f"there is no key to sign it with: {error}") from error


def posting_secret(opened: Opened, store: Store, run: Run) -> bytes:
    """What salts the leaves of the run's rows if it is posted now (`signing.posting_secret`), 32 bytes: from the key
    that would sign the posting. Raises `Failed` (E617) where that cannot sign."""
    with reading(store) as connection:
        end = read_head(connection)
    return signing.posting_secret(_key_of(opened, kept_checkpoints(opened), end.seq + 1), run.record.content)


@contextmanager
def _locked(place: Path) -> Iterator[int]:
    """The file, made if there is none, for one process at a time; raises `Failed` (E617) for what goes wrong."""
    try:
        descriptor = os.open(place, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
            os.fsync(descriptor)
            _sync(place.parent)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unwritten(place, error.strerror or str(error)) from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _content(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def _append(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _read(place: Path) -> bytes:
    """Nothing where there is no file."""
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unwritten(place, error.strerror or str(error)) from error


def _whole(content: bytes) -> tuple[list[Checkpoint], bytes]:
    found, rest = read_checkpoints(content.decode(errors="surrogateescape"))
    return found, rest.encode(errors="surrogateescape")


def _refused(
    message: str, help: str = "restore what is newest, and do not go on before you know what happened"
) -> Failed:
    return Failed([Diagnostic("E609", message, Place(table="ledger"), help)])


def _unwritten(place: Path, why: str) -> Failed:
    help = "mend the place: the next command writes what is missing"
    return Failed([Diagnostic("E617", f"no checkpoint can be written to {shown(place)}: {why}", help=help)])
