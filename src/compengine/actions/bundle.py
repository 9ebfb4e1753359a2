"""One run in one file: whatever somebody needs to compute it again on another machine, without our database.

The file is a zip of fixed order, names and times: the same run gives the same bytes. `objects/` holds the stored
objects, each named by its digest, which is all that is computed from; the folders beside it hold the same for people.
`manifest.json` names every file with its SHA-256, the run's record, the rows of the ledger about it, and the versions
it was made with. `unbundle` makes all of it again and compares.
"""

import csv
import hashlib
import io
import json
import platform
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import polars as pl

import compengine
from compengine.actions.checkpoints import checkpoint_file, keys_folder
from compengine.actions.opened import Opened, shown
from compengine.actions.pinned import objects_of, plan_texts, snapshot_tables
from compengine.actions.replay import posting_of
from compengine.actions.runs import find_run, the_ledger
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_bytes, get_table, write_content
from compengine.inputs.rejects import guarded
from compengine.ledger.attested import Steps, in_columns, read_steps
from compengine.ledger.leaves import POSTED
from compengine.ledger.queries import Posting
from compengine.ledger.rowfiles import fetch
from compengine.ledger.runs import RunRecord, columns_of
from compengine.ledger.signing import PUBLIC
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.values.digest import table_text
from compengine.values.exact import plain

FORMAT = "compengine-bundle-v1"
TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the oldest there is, so that no clock is in its bytes."""
MANIFEST, CHECKPOINTS, KEY = "manifest.json", "ledger/checkpoints.txt", "ledger/checkpoint.pub"
LIBRARIES = ("polars", "pydantic", "PyYAML", "lark", "SQLAlchemy")

README = """One run of compengine, {run} of {period}: what it pays, what that was computed from, who approved it.

plans/, workspace.yaml   the rules, as they stood
inputs/                  every input table, as CSV
results/                 what the run gave: credits, measures, earnings, payables, settlements, exclusions
ledger/                  who did what with the run; what was decided by hand; the rows that were posted, if they are;
                         signed checkpoints, and the public key for them
objects/                 the same inputs and results as the program keeps them, each file named by its digest
manifest.json            the SHA-256 of every file, the run's record, its posting with the secret of its salts, and the
                         versions it was made with

Compute it again, here, from nothing but this file:
    compengine replay THIS_FILE.zip
    compengine replay THIS_FILE.zip --independent --key CHECKPOINT_PUB
The first uses the engine, the second another one that shares no code with it. Both print the first row that differs,
make every file here again, and hold what was done against the checkpoints. Name the key that you were handed before:
the one in this file proves only that its parts belong together.
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a manifest says besides the digests of its files."""

    record: RunRecord
    posting: Posting | None
    steps: Steps
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """The files of the checkpoints and of the public key that signed them."""

    checkpoints: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Bundled:
    """`digest` is the SHA-256 of the file's bytes."""

    run: str
    period: str
    file: Path
    digest: str
    files: int
    bytes: int


def bundle(opened: Opened, which: str, target: Path) -> Bundled:
    """Write the bundle of a run, whole or not at all.

    Raises `Failed`: E606 unknown; E609 where an object is missing or damaged; E707 where `target` is there with other
    content.
    """
    store = the_ledger(opened)
    run = find_run(opened, store, which)
    told = Told(run.record, posting_of(store, run), read_steps(store, run.id), versions())
    parts = parts_of(opened.objects, told, _kept(opened))
    content = zipped({MANIFEST: manifest_of(told, parts), **parts})
    if target.exists() and target.read_bytes() != content:
        message = f"{shown(target)} is there already, with other content"
        raise Failed([Diagnostic("E707", message, help="move it away, or name another file")])
    write_content(target, content)
    digest = hashlib.sha256(content).hexdigest()
    return Bundled(run.id, run.record.period.label, target, digest, len(parts) + 1, len(content))


def versions() -> dict[str, str]:
    """Of everything whose behaviour a result may depend on."""
    found = {name: metadata.version(name) for name in LIBRARIES}
    return {"compengine": compengine.__version__, "python": platform.python_version(), **found}


def manifest_of(told: Told, parts: Mapping[str, bytes]) -> bytes:
    steps = in_columns(told.steps)
    manifest = {
        "format": FORMAT,
        "run": columns_of(told.record),
        "events": list(steps.events),
        "register": list(steps.register),
        "posting": None if told.posting is None else asdict(told.posting),
        "versions": told.versions,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()},
    }
    return (json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def parts_of(objects: Objects, told: Told, kept: Kept) -> dict[str, bytes]:
    """Every file of a bundle but its manifest, in order. Raises `Failed` (E609) where an object is missing or
    damaged."""
    record, posting = told.record, told.posting
    parts = {"README.txt": README.format(run=record.id, period=record.period.label).encode()}
    parts["workspace.yaml"] = get_bytes(objects, record.workspace)
    parts |= {f"plans/{path}": text.encode() for path, text in plan_texts(objects, record)}
    inputs = {digest: table for table, digest in snapshot_tables(objects, record).items()}
    for digest, table in objects_of(objects, record).items():
        if not table:
            parts[f"objects/{digest}"] = get_bytes(objects, digest)
            continue
        frame = get_table(objects, table, digest)
        parts[f"objects/{digest}"] = objects.place(digest).read_bytes()
        if digest in inputs:
            parts[f"inputs/{table}.csv"] = _csv(frame)
        if digest == getattr(record, table, ""):
            parts[f"results/{table}.csv"] = _csv(frame)
    if posting is not None:
        parts["ledger/posted.txt"] = table_text(POSTED, fetch(objects, POSTED, posting.rows))
        parts[f"objects/{posting.rows}"] = objects.place(posting.rows).read_bytes()
    steps = in_columns(told.steps)
    parts["ledger/events.csv"] = _lines(steps.events)
    if steps.register:
        parts["ledger/register.csv"] = _lines(steps.register)
    parts[CHECKPOINTS], parts[KEY] = kept.checkpoints, kept.key
    return dict(sorted(parts.items()))


def _kept(opened: Opened) -> Kept:
    """As they stand in the workspace. Raises `Failed` (E617) where one is missing."""
    places = checkpoint_file(opened), keys_folder(opened) / PUBLIC
    try:
        return Kept(*(place.read_bytes() for place in places))
    except OSError as error:
        message = f"{shown(Path(str(error.filename)))} cannot be read, and must be in a bundle: {error.strerror}"
        raise Failed([Diagnostic("E617", message, help="restore it from a backup")]) from error


def _csv(frame: pl.DataFrame) -> bytes:
    """Exact figures, dates as ISO, nothing that a spreadsheet would take for a formula."""
    rows = [
        {name: plain(value) if frame.schema[name].is_decimal() and value is not None else value for name, value in row}
        for row in (row.items() for row in frame.iter_rows(named=True))
    ]
    return _lines(rows, frame.columns)


def _lines(rows: Sequence[Mapping[str, object]], columns: list[str] | None = None) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    names = columns if columns is not None else list(rows[0])
    writer.writerow(names)
    for row in rows:
        writer.writerow(["" if row[n] is None else guarded(str(row[n])) for n in names])
    return target.getvalue().encode()


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """The same files in the same order give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, content)
    return target.getvalue()
