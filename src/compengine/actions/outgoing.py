"""Which statements of a run go out, to whom: files that are on record as issued, and addresses as they stand now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from compengine.actions.entities import brand_of
from compengine.actions.load import the_snapshot
from compengine.actions.opened import Opened, shown
from compengine.actions.people_facts import rows_in_force
from compengine.actions.versions import records_of, superseded, versions
from compengine.actions.wording import link_of
from compengine.inputs.delivery import is_address
from compengine.inputs.schema import Delivery
from compengine.ledger.runs import Run
from compengine.ledger.states import State
from compengine.ledger.store.database import Store
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.mail import Attached, Said
from compengine.statement.manifest import NAME, Printed, intact, listed
from compengine.values.digest import sha256_hex


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One statement to one address."""

    printed: Printed
    recipient: str
    said: Said

    @property
    def key(self) -> tuple[str, str, str]:
        return self.printed.number, self.printed.digest, self.recipient


def require_final(run: Run) -> None:
    """Raises `Failed`: E607 for a run that is not posted, E615 for one that is not finalized."""
    if run.event(State.POSTED) is None:
        raise Failed([Diagnostic("E607", f"run {run.id} is not posted: its statements are previews")])
    if run.event(State.FINALIZED) is None:
        help = f"compengine finalize {run.record.period.label}"
        raise Failed([Diagnostic("E615", f"run {run.id} is posted, but not final", help=help)])


def issued_files(opened: Opened, store: Store, run: Run, folder: Path) -> tuple[Printed, ...]:
    """The files of a folder whose manifest is on record for this run, without those for which others stand.

    Raises `Failed`: E706 without a manifest; E805 where it is not on record, or older than what was reissued since, or
    a file is not as the manifest says.
    """
    help = f"compengine statements {run.record.period.label} --as NAME"
    path = folder / NAME
    if not path.is_file():
        raise Failed([Diagnostic("E706", f"there are no statements in {shown(folder)}: it has no {NAME}", help=help)])
    content = path.read_bytes()
    if all(r.body["manifest"] != sha256_hex(content) for r in records_of(store, run)):
        message = f"{shown(path)} is not on record as issued for run {run.id}"
        raise Failed([Diagnostic("E805", message, help=f"print them, and say who you are: {help}")])
    files, known = listed(folder, content), versions(opened, store, run, folder)
    if newer := sorted(known.keys() - {each.number for each in files}):
        message = f"{shown(path)} is older than statement {newer[-1]}, which was reissued since"
        raise Failed([Diagnostic("E805", message, help=f"take up what is on record: {help}")])
    if wrong := [_changed(each) for each in files if not intact(each)]:
        raise Failed(wrong)
    gone = superseded(known)
    return tuple(each for each in files if each.number not in gone)


def attached(printed: Printed) -> Attached:
    """The file as it is read now. Raises `Failed` (E805) where it is not what the manifest says."""
    content = printed.path.read_bytes() if printed.path.is_file() else b""
    if sha256_hex(content) != printed.digest:
        raise Failed([_changed(printed)])
    return Attached(printed.path.name, content)


def _changed(printed: Printed) -> Diagnostic:
    message = f"{shown(printed.path)} is not the file that its manifest names"
    return Diagnostic("E805", message, help="take it away and print the statements again; nothing was sent")


def addressed(
    opened: Opened, delivery: Delivery, files: tuple[Printed, ...], day: date, entities: Mapping[str, str]
) -> tuple[list[Outgoing], list[Diagnostic]]:
    """In the order of numbers; E808 for each payee without an address. `entities` says by payee who pays, where the
    workspace names legal entities."""
    rows = rows_in_force(opened.workspace.tables["payees"], the_snapshot(opened), day)
    found: list[Outgoing] = []
    wrong: list[Diagnostic] = []
    for printed in files:
        row = rows.get(printed.payee, {})
        address = _bare(str(row.get(delivery.address_column) or ""))
        if is_address(address):
            company = brand_of(opened.workspace, entities.get(printed.payee, "")).name
            found.append(Outgoing(printed, address, _told(delivery, printed, row, company)))
        else:
            wrong.append(_unaddressed(printed, delivery.address_column, address))
    return found, wrong


def _bare(text: str) -> str:
    """The domain in small letters: it is the same host."""
    local, at, domain = text.strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _unaddressed(printed: Printed, column: str, address: str) -> Diagnostic:
    message = f"{address!r} is no address" if address else f"{printed.payee} has no address"
    help = f"load it into payees, then give the command again; statement {printed.number} was not sent"
    return Diagnostic("E808", message, Place(table="payees", row=printed.payee, column=column), help)


def _told(delivery: Delivery, printed: Printed, row: Mapping[str, object], company: str) -> Said:
    return Said(
        number=printed.number,
        period=printed.number.rpartition("-")[0],
        name=str(row.get("name") or printed.payee),
        company=company,
        link=link_of(delivery, printed.number, printed.digest),
    )
