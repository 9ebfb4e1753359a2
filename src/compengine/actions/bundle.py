"""One run in one file: whatever somebody needs to compute it again on another machine, without our database.

The file is a zip of fixed order, names and times: the same run gives the same bytes. `objects/` holds the stored
objects, each named by its digest, which is all that a replay reads; the folders beside it hold the same for people.
`manifest.json` names every file with its SHA-256, the run's record and events, and the versions it was made with.
"""

import csv
import hashlib
import io
import json
import platform
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

import compengine
from compengine.actions.opened import Opened, shown
from compengine.actions.pinned import objects_of, plan_texts, snapshot_tables
from compengine.actions.replay import Replayed, posting_of, replay_record
from compengine.actions.runs import find_run, the_ledger
from compengine.inputs.objects import DIGEST, get_bytes, get_table, write_content
from compengine.inputs.objects import Store as Objects
from compengine.inputs.rejects import guarded
from compengine.ledger.leaves import POSTED, read_salt
from compengine.ledger.queries import Posting
from compengine.ledger.register import records
from compengine.ledger.rowfiles import fetch
from compengine.ledger.runs import Run, RunRecord, columns_of, record_of
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.values.digest import table_text
from compengine.values.exact import plain

FORMAT = "compengine-bundle-v1"
TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the oldest there is, so that no clock is in its bytes."""
LARGEST = 8 * 1024**3
"""So many bytes are unpacked at most."""
LIBRARIES = ("polars", "pydantic", "PyYAML", "lark", "SQLAlchemy")

README = """One run of compengine, {run} of {period}: what it pays, what that was computed from, who approved it.

plans/, workspace.yaml   the rules, as they stood
inputs/                  every input table, as CSV
results/                 what the run gave: credits, measures, earnings, payables, settlements, exclusions
ledger/                  who did what with the run; what was decided by hand; the rows that were posted, if they are;
                         signed checkpoints, if there are any
objects/                 the same inputs and results as the program keeps them, each file named by its digest
manifest.json            the SHA-256 of every file, the run's record, its posting with the secret of its salts, and the
                         versions it was made with

Compute it again, here, from nothing but this file:
    compengine replay THIS_FILE.zip
    compengine replay THIS_FILE.zip --independent
The first uses the engine, the second another one that shares no code with it. Both print the first row that differs.
"""


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
    posting = posting_of(store, run)
    parts = dict(sorted(_parts(opened, run, posting).items()))
    manifest = {
        "format": FORMAT,
        "run": columns_of(run.record),
        "events": [asdict(event) for event in run.events],
        "posting": None if posting is None else asdict(posting),
        "versions": versions(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()},
    }
    said = json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    content = zipped({"manifest.json": said.encode(), **parts})
    if target.exists() and target.read_bytes() != content:
        message = f"{shown(target)} is there already, with other content"
        raise Failed([Diagnostic("E707", message, help="move it away, or name another file")])
    write_content(target, content)
    digest = hashlib.sha256(content).hexdigest()
    return Bundled(run.id, run.record.period.label, target, digest, len(parts) + 1, len(content))


def replay_bundle(file: Path, *, independent: bool = False) -> Replayed:
    """Compute the run of a bundle again from the bundle alone.

    Raises `Failed`: E708 where the file is no bundle, or not what its manifest says; E609, E610 as `replay` does.
    """
    with _unpacked(file) as (objects, record, posting):
        return replay_record(objects, record, posting, independent=independent)


def versions() -> dict[str, str]:
    """Of everything whose behaviour a result may depend on."""
    found = {name: metadata.version(name) for name in LIBRARIES}
    return {"compengine": compengine.__version__, "python": platform.python_version(), **found}


def _parts(opened: Opened, run: Run, posting: Posting | None) -> dict[str, bytes]:
    objects, record = opened.objects, run.record
    parts = {"README.txt": README.format(run=run.id, period=record.period.label).encode()}
    parts["workspace.yaml"] = get_bytes(objects, record.workspace)
    parts |= {f"plans/{path}": text.encode() for path, text in plan_texts(objects, record)}
    for table, digest in snapshot_tables(objects, record).items():
        parts[f"inputs/{table}.csv"] = _csv(get_table(objects, table, digest))
    for digest, table in objects_of(objects, record).items():
        parts[f"objects/{digest}"] = objects.place(digest).read_bytes()
        if table and digest in (getattr(record, table, ""),):
            parts[f"results/{table}.csv"] = _csv(get_table(objects, table, digest))
    if posting is not None:
        parts[f"objects/{posting.rows}"] = objects.place(posting.rows).read_bytes()
        parts["ledger/posted.txt"] = table_text(POSTED, fetch(objects, POSTED, posting.rows))
    parts["ledger/events.csv"] = _lines([asdict(event) for event in run.events])
    steps = [asdict(step) for record_ in records(the_ledger(opened)) for step in record_.steps]
    if steps:
        parts["ledger/register.csv"] = _lines(steps)
    checkpoints = opened.root / "checkpoints.txt"
    if checkpoints.is_file():
        parts["ledger/checkpoints.txt"] = checkpoints.read_bytes()
    return parts


def _csv(frame: pl.DataFrame) -> bytes:
    """Exact figures, dates as ISO, nothing that a spreadsheet would take for a formula."""
    rows = [
        {name: plain(value) if frame.schema[name].is_decimal() and value is not None else value for name, value in row}
        for row in (row.items() for row in frame.iter_rows(named=True))
    ]
    return _lines(rows, frame.columns)


def _lines(rows: list[dict[str, object]], columns: list[str] | None = None) -> bytes:
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


@contextmanager
def _unpacked(file: Path) -> Iterator[tuple[Objects, RunRecord, Posting | None]]:
    """The bundle's objects in a folder of their own, checked against the manifest, the run's record and posting."""
    with tempfile.TemporaryDirectory(prefix="compengine-") as folder:
        objects = Objects(Path(folder))
        try:
            with zipfile.ZipFile(file) as archive:
                record, posting = _checked(file, archive, objects)
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
            raise no_bundle(file, f"it cannot be read: {error}") from error
        yield objects, record, posting


def _checked(file: Path, archive: zipfile.ZipFile, objects: Objects) -> tuple[RunRecord, Posting | None]:
    if sum(info.file_size for info in archive.infolist()) > LARGEST:
        raise no_bundle(file, f"it holds more than {LARGEST} bytes")
    manifest = json.loads(archive.read("manifest.json"))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise no_bundle(file, f"its manifest is not of the format {FORMAT}")
    names = {info.filename for info in archive.infolist()} - {"manifest.json"}
    if names != set(manifest["files"]):
        odd = sorted(names ^ set(manifest["files"]))[0]
        raise no_bundle(file, f"{odd} is in the file or in its manifest, and not in both")
    for name, digest in manifest["files"].items():
        content = archive.read(name)
        if hashlib.sha256(content).hexdigest() != digest:
            raise no_bundle(file, f"{name} is not what the manifest says")
        own = name.removeprefix("objects/")
        if name.startswith("objects/") and DIGEST.fullmatch(own):
            place = objects.place(own)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    record = record_of(manifest["run"])
    if (record.id, record.content) != (manifest["run"]["id"], manifest["run"]["content"]):
        raise no_bundle(file, f"the record of its run has the digest {record.content}")
    return record, _posting(file, manifest["posting"], manifest["run"]["id"])


def _posting(file: Path, said: dict[str, Any] | None, run: str) -> Posting | None:
    if said is None:
        return None
    posting = Posting(**said)
    read_salt(posting.secret)
    if (posting.run, posting.kind) != (run, "post"):
        raise no_bundle(file, f"its posting is of run {posting.run}")
    return posting


def no_bundle(file: Path, why: str) -> Failed:
    return Failed([Diagnostic("E708", f"{shown(file)} is not a sound bundle: {why}", help="compengine bundle RUN")])
