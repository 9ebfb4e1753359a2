"""The statements of a run that are on record as issued: the first of each payee, and those that stand for others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from compengine.actions.opened import Opened
from compengine.actions.pinned import pinned_workspace
from compengine.inputs.objects import get_bytes, write_content
from compengine.ledger import queries
from compengine.ledger.register import Record, records
from compengine.ledger.runs import Run
from compengine.ledger.store.database import Store
from compengine.statement.manifest import Printed, intact, listed
from compengine.statement.reference import Reissue

STATEMENTS = "statements"
"""The kind of the register's records, each of which names a manifest."""


@dataclass(frozen=True, slots=True)
class Version:
    """One statement on record; `reissue` says which one it stands for, None for a payee's first."""

    printed: Printed
    reissue: Reissue | None


def records_of(store: Store, run: Run) -> list[Record]:
    return [r for r in records(store, STATEMENTS) if r.body["run"] == run.id]


def versions(opened: Opened, store: Store, run: Run, folder: Path) -> dict[str, Version]:
    """By number, in the order of issue; `folder` is where the files are said to lie.

    One that was sealed again is there once, as it was first. Raises `Failed` (E609) where a manifest is gone.
    """
    zone = ZoneInfo(pinned_workspace(opened.objects, run.record).timezone)
    found: dict[str, Version] = {}
    for record in records_of(store, run):
        first = record.steps[0]
        day = datetime.fromisoformat(first.time).astimezone(zone).date()
        for printed in listed(folder, get_bytes(opened.objects, record.body["manifest"])):
            said = Reissue(printed.supersedes, first.note, day) if printed.supersedes else None
            found.setdefault(printed.number, Version(printed, said))
    return found


def superseded(found: Mapping[str, Version]) -> set[str]:
    """The numbers for which another statement stands now."""
    return {v.reissue.supersedes for v in found.values() if v.reissue is not None}


def reissued(found: Mapping[str, Version]) -> tuple[Printed, ...]:
    return tuple(v.printed for v in found.values() if v.reissue is not None)


def restored(opened: Opened, printed: Printed) -> Printed:
    """A statement that stands for another, which is never printed again: as it lies in its folder, or is put there from
    the objects. Raises `Failed` (E609) where it is in neither."""
    if intact(printed):
        return replace(printed, kept=True)
    write_content(printed.path, get_bytes(opened.objects, printed.digest))
    return printed


def successors(opened: Opened, store: Store, digest: str) -> tuple[Version, ...]:
    """What stands for the file of that SHA-256, each for the one before; none where it stands, or is not on record."""
    for id in dict.fromkeys(r.body["run"] for r in records(store, STATEMENTS)):
        run = queries.run(store, id)
        mine = [r.body["manifest"] for r in records_of(store, run)]
        files = [p for manifest in mine for p in listed(Path(), get_bytes(opened.objects, manifest))]
        number = next((p.number for p in files if p.digest == digest), "")
        if number:
            return tuple(_after(versions(opened, store, run, Path()).values(), number))
    return ()


def is_on_record(opened: Opened, store: Store, digest: str) -> bool:
    """Whether the file of that SHA-256 is one of those issued. Raises `Failed` (E609) where a manifest is gone."""
    manifests = dict.fromkeys(r.body["manifest"] for r in records(store, STATEMENTS))
    return any(p.digest == digest for m in manifests for p in listed(Path(), get_bytes(opened.objects, m)))


def _after(found: Iterable[Version], number: str) -> list[Version]:
    chain: list[Version] = []
    for version in found:
        if version.reissue is not None and version.reissue.supersedes == number:
            chain.append(version)
            number = version.printed.number
    return chain
