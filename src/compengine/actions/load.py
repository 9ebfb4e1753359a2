"""Files into the workspace's tables: all of them, or nothing."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from compengine.actions.checkpoints import open_checked
from compengine.actions.opened import FOLDER, Opened, acting_if_asked, shown
from compengine.inputs.current import advancing, open_snapshot, read_current, save
from compengine.inputs.load import LoadReport, Source, load_files
from compengine.inputs.objects import write_content
from compengine.inputs.rejects import rejects_csv
from compengine.inputs.schema import Role
from compengine.inputs.snapshot import Snapshot
from compengine.ledger.register import Step, begin, records
from compengine.ledger.states import require_role
from compengine.ledger.store.database import Store
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import suggestion

LOAD = "load"
SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A report per file. `loaded` is false where a rejected row kept everything out, or nothing was to be changed
    (`dry`). `rejects` is the file that lists rejected rows, None without any. `record` is the load's id in the
    register, empty where none was made."""

    reports: tuple[LoadReport, ...]
    loaded: bool
    dry: bool
    snapshot: str
    rejects: Path | None
    record: str


def load(
    opened: Opened,
    sources: list[Source],
    now: datetime,
    actor: str = "",
    *,
    allow_rejects: bool = False,
    dry: bool = False,
) -> Loaded:
    """One new snapshot from all `sources`, with who loaded it in the register where that is known; the snapshot is the
    same whoever loads.

    Raises `Failed`: see `inputs.load.load_files`; E413 where somebody else has loaded in the meantime; E612 where
    nobody is named; E613 role; E609, E611, E617 where it cannot be put on record. Nothing is loaded then.
    """
    who = "" if dry else acting_if_asked(opened, actor)
    if who:
        require_role(Role.PREPARER, who, opened.workspace.controls)
    store = open_checked(opened) if who else None
    before = read_current(opened.root)
    snapshot = current_snapshot(opened, before)
    reports, after = load_files(opened.workspace, snapshot, sources, allow_rejects=allow_rejects)
    loaded = all(report.loaded for report in reports)
    rejected = [reject for report in reports for reject in report.rejects]
    place = None
    if rejected and not dry:
        place = opened.root / FOLDER / "rejects" / f"{now:%Y-%m-%dT%H%M%S}.csv"
        content = rejects_csv(rejected)
        write_content(place, content.encode())
    made = ""
    if loaded and not dry and after.digest != before:
        save(opened.objects, after)
        body = {"snapshot": after.digest, "before": before or ""}
        note = ", ".join(f"{report.table} from {report.file}" for report in reports)
        with advancing(opened.root, before, after.digest):
            made = begin(store, LOAD, ("", "", ""), body, note, who, now).id if store else ""
    return Loaded(tuple(reports), loaded, dry, after.digest, place, made)


def load_of(store: Store, snapshot: str, before: int) -> Step | None:
    """The last load on record, before the row of that number, that made this snapshot current; None without one."""
    loads = (record.steps[0] for record in reversed(records(store, LOAD)) if record.body["snapshot"] == snapshot)
    return next((step for step in loads if step.seq < before), None)


def current_snapshot(opened: Opened, digest: str | None) -> Snapshot | None:
    return None if digest is None else open_snapshot(opened.workspace, opened.objects, digest)


def the_snapshot(opened: Opened) -> Snapshot:
    """The current tables; raises `Failed` (E706) where nothing was loaded yet."""
    snapshot = current_snapshot(opened, read_current(opened.root))
    if snapshot is None:
        raise Failed([Diagnostic("E706", "no data has been loaded yet", help="compengine load FOLDER")])
    return snapshot


def sources_in(opened: Opened, folder: Path, *, replace: bool = False, ignore: bool = False) -> list[Source]:
    """The files of a folder that are named like tables: `deals.csv`. Raises `Failed`: E412 for a data file named like
    no table, E706 where there is none at all, E405 where two files are of one table."""
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES and p.name[0] != ".")
    found: list[Diagnostic] = []
    tables: dict[str, Path] = {}
    for file in files:
        table = file.stem
        if table not in opened.workspace.tables:
            help = suggestion(table, opened.workspace.tables, "the tables are")
            found.append(Diagnostic("E412", f"{shown(file)} is named like no table", Place(table=table), help))
        elif table in tables:
            message = f"{shown(file)} and {tables[table].name} are both for table {table}"
            found.append(Diagnostic("E412", message, Place(table=table), "keep one of them in the folder"))
        tables[table] = file
    if not files:
        help = f"files named like tables, such as deals.csv, in one of: {', '.join(SUFFIXES)}"
        found.append(Diagnostic("E706", f"there is nothing to load in {shown(folder)}", help=help))
    if found:
        raise Failed(found)
    return [Source(table, file, replace, ignore) for table, file in sorted(tables.items())]
