"""A bundle read by somebody who trusts nobody: whatever stands in it is made again, and the run computed again.

Objects are held against their names, the run's record against its digest, the rows of the ledger against checkpoints
and their signatures, and every other file against what follows from these. So nothing can be read in a bundle that was
not compared, but for the versions of what it was made with.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from compengine.actions.bundle import CHECKPOINTS, FORMAT, KEY, MANIFEST, Kept, Told, manifest_of, parts_of
from compengine.actions.opened import read_text, shown
from compengine.actions.replay import Attested, Replayed, replay_record
from compengine.inputs.objects import DIGEST
from compengine.inputs.objects import Store as Objects
from compengine.ledger.attested import Steps, unattested
from compengine.ledger.checkpoint import Checkpoint, read_checkpoints
from compengine.ledger.leaves import read_salt
from compengine.ledger.queries import Posting
from compengine.ledger.runs import RunRecord, record_of
from compengine.ledger.signing import Known, is_signed, read_keys
from compengine.source.diagnostic import Diagnostic, Failed

LARGEST = 8 * 1024**3
"""So many bytes are unpacked at most."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """`parts` are all files but the manifest, `manifest` the bytes of that."""

    file: Path
    told: Told
    parts: dict[str, bytes]
    manifest: bytes


def replay_bundle(file: Path, *, independent: bool = False, key: Path | None = None) -> Replayed:
    """Compute the run of a bundle again from the bundle alone. `key` is the public key that was handed out; without it
    the one enclosed is taken.

    Raises `Failed`: E708 where the file is no bundle, or anything in it is not what it must be; E609, E610 as `replay`
    does; E101 where the key cannot be read.
    """
    try:
        bundle = _read(file)
        attested = _attested(bundle, key)
        with _objects(bundle) as objects:
            _require_same(bundle, objects)
            done = replay_record(objects, bundle.told.record, bundle.told.posting, independent=independent)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise _unsound(file, f"it cannot be read: {error}") from error
    return replace(done, attested=attested)


def _read(file: Path) -> Bundle:
    """Held against its own manifest, and no further."""
    with zipfile.ZipFile(file) as archive:
        names = [info.filename for info in archive.infolist()]
        if sum(info.file_size for info in archive.infolist()) > LARGEST:
            raise _unsound(file, f"it holds more than {LARGEST} bytes")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise _unsound(file, f"{twice[0]} is in it twice")
        parts = {name: archive.read(name) for name in names}
    manifest = parts.pop(MANIFEST)
    said = json.loads(manifest)
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise _unsound(file, f"its manifest is not of the format {FORMAT}")
    if odd := sorted({*parts} ^ {*said["files"]}):
        raise _unsound(file, f"{odd[0]} is in the file or in its manifest, and not in both")
    for name, digest in said["files"].items():
        if hashlib.sha256(parts[name]).hexdigest() != digest:
            raise _unsound(file, f"{name} is not what the manifest says")
    record = record_of(said["run"])
    if (record.id, record.content) != (said["run"]["id"], said["run"]["content"]):
        raise _unsound(file, f"the record of its run has the digest {record.content}")
    steps = Steps(tuple(said["events"]), tuple(said["register"]))
    return Bundle(file, Told(record, _posting(file, said["posting"], record), steps, said["versions"]), parts, manifest)


def _posting(file: Path, said: dict[str, Any] | None, record: RunRecord) -> Posting | None:
    if said is None:
        return None
    posting = Posting(**said)
    read_salt(posting.secret)
    if (posting.run, posting.kind) != (record.id, "post"):
        raise _unsound(file, f"its posting is of run {posting.run}")
    return posting


def _attested(bundle: Bundle, key: Path | None) -> Attested:
    """Who did what, as the checkpoints enclosed say, each of them signed."""
    told = bundle.told
    for name in (CHECKPOINTS, KEY):
        if name not in bundle.parts:
            raise _unsound(bundle.file, f"{name} is not in it, and nothing else says who did what")
    found, rest = read_checkpoints(bundle.parts[CHECKPOINTS].decode())
    if rest or not found:
        raise _unsound(bundle.file, f"{CHECKPOINTS}: what follows checkpoint {len(found)} is none")
    keys = _keys(bundle, key)
    for one in found:
        if not is_signed(keys, one):
            whose = "key that it encloses" if key is None else f"key in {shown(key)}"
            raise _unsound(bundle.file, f"{CHECKPOINTS}: checkpoint {one.seq} is not signed with the {whose}")
    for what in unattested(told.steps, told.record, told.posting, found):
        raise _unsound(bundle.file, f"ledger/: {what}")
    last: Checkpoint = found[-1]
    steps = len(told.steps.events), len(told.steps.register)
    return Attested(*steps, len(bundle.parts) + 1, last.seq, last.head, shown(key) if key is not None else "")


def _keys(bundle: Bundle, key: Path | None) -> tuple[Known, ...]:
    """Those that were given, else those enclosed. Of these no key may be another."""
    text = bundle.parts[KEY].decode("ascii")
    enclosed = read_keys(text)
    if text != f"{text.strip()}\n":
        raise _unsound(bundle.file, f"{KEY} is not written as compengine writes it")
    if key is None:
        return enclosed
    try:
        given = read_keys(read_text(key).content)
    except ValueError as error:
        raise Failed([Diagnostic("E101", f"{shown(key)}: {error}", help="name a copy of checkpoint.pub")]) from error
    both = min(len(given), len(enclosed))
    if given[:both] != enclosed[:both]:
        raise _unsound(bundle.file, f"{KEY} is another key than that in {shown(key)}")
    return given


@contextmanager
def _objects(bundle: Bundle) -> Iterator[Objects]:
    """The bundle's objects in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="compengine-") as folder:
        objects = Objects(Path(folder))
        for name, content in bundle.parts.items():
            digest = name.removeprefix("objects/")
            if name.startswith("objects/") and DIGEST.fullmatch(digest):
                place = objects.place(digest)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
        yield objects


def _require_same(bundle: Bundle, objects: Objects) -> None:
    """Raises `Failed` where a file is another than the one made again, or one too many or too few."""
    parts = bundle.parts
    due = parts_of(objects, bundle.told, Kept(parts[CHECKPOINTS], parts[KEY]))
    for name in sorted({*parts, *due}):
        if name not in due:
            raise _unsound(bundle.file, f"{name} is in it, and belongs to nothing")
        if name not in parts:
            raise _unsound(bundle.file, f"{name} is not in it")
        if parts[name] != due[name]:
            line = _first_other(parts[name], due[name])
            raise _unsound(bundle.file, f"{name} is not what follows from its objects and its manifest, line {line}")
    if bundle.manifest != manifest_of(bundle.told, due):
        line = _first_other(bundle.manifest, manifest_of(bundle.told, due))
        raise _unsound(bundle.file, f"{MANIFEST} is not written as compengine writes it, line {line}")


def _first_other(one: bytes, other: bytes) -> int:
    """The number of the first line that is another."""
    pairs = zip(one.split(b"\n"), other.split(b"\n"), strict=False)
    same = [a == b for a, b in pairs]
    return (same.index(False) if False in same else len(same)) + 1


def _unsound(file: Path, why: str) -> Failed:
    return Failed([Diagnostic("E708", f"{shown(file)} is not a sound bundle: {why}", help="compengine bundle RUN")])
