"""A run's inputs as objects: everything that is needed to compute it again, after every file has changed.

Workspace and plans are kept as the bytes of their files, which is what their digests are of. The digest of a plan
that brings in other files is that of a list of digests, one a line: the plan's own, then its `use` in order; that
list is an object too. An opening, and what late rows are compared with, are kept as the bytes that their digests are
made from; the credits of the runs named there are objects already.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from compengine.actions.plans import Checked
from compengine.engine.work import Standing
from compengine.inputs.current import open_snapshot
from compengine.inputs.manifest import read_manifest
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_bytes, get_table, put_bytes
from compengine.inputs.schema import Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.workspace import read_workspace
from compengine.ledger.chain import texts
from compengine.ledger.closed import Closed, read_closed
from compengine.ledger.decided import ByHand, read_by_hand, released_of
from compengine.ledger.leaves import EARNINGS
from compengine.ledger.queries import OPENING_DOMAIN, Opening
from compengine.ledger.rowfiles import PAYABLES, SETTLEMENTS, fetch
from compengine.ledger.runs import RunRecord
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source import yaml
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.source.text import Text
from compengine.values.decided import NOTHING, Decided
from compengine.values.frames import to_rows
from compengine.values.rows import Balance, Credit, Posted

CREDITS, MEASURES, EXCLUSIONS = "credits", "measures", "exclusions"
"""The tables that these results of a run are kept under."""
_LIST = re.compile(r"[0-9a-f]{64}(\n[0-9a-f]{64})+")


def pin(objects: Objects, checked: Checked, program: Program, workspace: Text, opening: Opening) -> None:
    """Put the workspace, every plan, and the opening into the store."""
    assert put_bytes(objects, workspace.content.encode()) == program.workspace.digest
    for text in (*checked.texts, *checked.shared.values()):
        put_bytes(objects, text.content.encode())
    by_path = {text.path: text for text in checked.texts}
    for plan in program.plans:
        own = hashlib.sha256(by_path[plan.path].content.encode()).hexdigest()
        if own != plan.digest:
            used = [checked.shared[path] for path in _used_paths(by_path[plan.path], checked)]
            digests = [own, *(hashlib.sha256(text.content.encode()).hexdigest() for text in used)]
            assert put_bytes(objects, "\n".join(digests).encode()) == plan.digest
    assert put_bytes(objects, opening.content) == opening.digest
    if decided := opening.by_hand.content:
        put_bytes(objects, decided)


def _used_paths(text: Text, checked: Checked) -> list[str]:
    """The paths under `use`, in order, as `checked.shared` has them."""
    found = []
    for name in _use(text):
        matches = [path for path in checked.shared if path == name or path.endswith("/" + name.split("/")[-1])]
        found.append(matches[0])
    return found


def _use(text: Text) -> list[str]:
    body = yaml.compose(text)
    used = body.get("use") if isinstance(body, yaml.Mapping) else None
    nodes = used.items if isinstance(used, yaml.Sequence) else (used,)
    return [node.value for node in nodes if isinstance(node, yaml.Scalar)]


def pinned_program(objects: Objects, record: RunRecord, paths: Mapping[str, str] | None = None) -> Program:
    """The program a run was computed with; `paths` are names for texts by their digest, where they are still known.

    Raises `Failed`: E609 where an object is missing or damaged, E610 where the plans no longer check.
    """
    workspace = pinned_workspace(objects, record)
    texts, shared = pinned_texts(objects, record, paths)
    program, found = check(texts, workspace, shared)
    if program is None:
        message = f"the stored plans of run {record.id} no longer pass the check of this version"
        raise Failed([Diagnostic("E610", message), *found])
    return program


def pinned_texts(
    objects: Objects, record: RunRecord, paths: Mapping[str, str] | None = None
) -> tuple[list[Text], dict[str, Text]]:
    """The plans' texts, in the order of the record, and those that they bring in, by the path as written."""
    texts: list[Text] = []
    shared: dict[str, Text] = {}
    for name, digest in record.plans:
        content = get_bytes(objects, digest).decode()
        digests = content.split("\n") if _LIST.fullmatch(content) else [digest]
        path = (paths or {}).get(digests[0], f"{name} as stored")
        text = Text(path, get_bytes(objects, digests[0]).decode())
        texts.append(text)
        for used, part in zip(_use(text), digests[1:], strict=len(digests) > 1):
            shared[used] = Text(used, get_bytes(objects, part).decode())
    return texts, shared


def objects_of(objects: Objects, record: RunRecord) -> dict[str, str]:
    """Everything a run stands on and gave: for each digest the name of the table kept under it, empty for what is no
    table. Raises `Failed` (E609) where a list of others is missing or damaged."""
    found = {record.workspace: "", record.opening: "", record.snapshot: ""}
    for _, digest in record.plans:
        content = get_bytes(objects, digest).decode()
        found |= dict.fromkeys([digest, *(content.split("\n") if _LIST.fullmatch(content) else [])], "")
    found |= {digest: name for name, digest in snapshot_tables(objects, record).items()}
    if record.posted:
        found[record.posted] = ""
        found |= {one.credits: CREDITS for one in read_closed(get_bytes(objects, record.posted))}
    decided = pinned_by_hand(objects, record)
    if decided.content:
        found[hashlib.sha256(decided.content).hexdigest()] = ""
    found |= {one.attachment: "" for one in decided.taken if one.attachment}
    found |= {decided.payables: PAYABLES} if decided.payables else {}
    results = (EARNINGS, PAYABLES, SETTLEMENTS, CREDITS, MEASURES, EXCLUSIONS)
    return found | {getattr(record, name): name for name in results}


def snapshot_tables(objects: Objects, record: RunRecord) -> dict[str, str]:
    """The digest of each input table. Raises `Failed` (E609)."""
    digests = read_manifest(get_bytes(objects, record.snapshot))
    if digests is None:
        raise Failed([Diagnostic("E609", f"object {record.snapshot} is not a list of tables")])
    return digests


def plan_texts(objects: Objects, record: RunRecord) -> list[tuple[str, str]]:
    """Each plan's name and text, and of the files they bring in."""
    found: dict[str, str] = {}
    for name, digest in record.plans:
        content = get_bytes(objects, digest).decode()
        parts = content.split("\n") if _LIST.fullmatch(content) else [digest]
        text = Text(name, get_bytes(objects, parts[0]).decode())
        found[f"{name}.yaml"] = text.content
        for used, part in zip(_use(text), parts[1:], strict=len(parts) > 1):
            found[f"use/{used.replace('..', 'up').strip('/')}"] = get_bytes(objects, part).decode()
    return sorted(found.items())


def pinned_workspace(objects: Objects, record: RunRecord) -> Workspace:
    return read_workspace(Text("compengine.yaml", get_bytes(objects, record.workspace).decode()))


def pinned_snapshot(objects: Objects, record: RunRecord, workspace: Workspace) -> Snapshot:
    return open_snapshot(workspace, objects, record.snapshot)


def pinned_opening(objects: Objects, record: RunRecord) -> Sequence[Balance]:
    """The balances that the run's settlement started from."""
    values = _opening_values(objects, record)
    rows = [values[at : at + 5] for at in range(2, len(values) - 4, 5)]
    return tuple(Balance(row[0], row[1], row[2], row[3], Decimal(row[4])) for row in rows)


def _opening_values(objects: Objects, record: RunRecord) -> list[str]:
    """Calendar and head, five for each balance, and where anything is decided by hand, the digest of what is."""
    return texts(get_bytes(objects, record.opening).removeprefix(OPENING_DOMAIN))


def pinned_by_hand(objects: Objects, record: RunRecord) -> ByHand:
    """What stood decided by hand when the run was calculated. Raises `Failed` (E609)."""
    values = _opening_values(objects, record)
    if len(values) % 5 == 2:
        return ByHand()
    try:
        return read_by_hand(get_bytes(objects, values[-1]))
    except ValueError as error:
        raise Failed([Diagnostic("E609", f"object {values[-1]}: {error}")]) from error


def pinned_decided(objects: Objects, record: RunRecord) -> Decided:
    """The same as the engines take it. Raises `Failed` (E609)."""
    return decided_of(objects, pinned_by_hand(objects, record))


def decided_of(objects: Objects, by_hand: ByHand) -> Decided:
    """With what the last posted run released in the scope of a hold. Raises `Failed` (E609)."""
    if not by_hand.content:
        return NOTHING
    adjustments = tuple(one.adjustment for one in by_hand.taken)
    if not by_hand.payables:
        return Decided(adjustments, by_hand.holds)
    payables = fetch(objects, PAYABLES, by_hand.payables)
    return Decided(adjustments, by_hand.holds, released_of(payables, date.fromisoformat(by_hand.end), by_hand.holds))


def pinned_standing(objects: Objects, record: RunRecord) -> Standing | None:
    """What the run's late rows were compared with. Raises `Failed` (E609)."""
    if not record.posted:
        return None
    try:
        return standing_of(objects, read_closed(get_bytes(objects, record.posted)))
    except ValueError as error:
        raise Failed([Diagnostic("E609", f"object {record.posted}: {error}")]) from error


def standing_of(objects: Objects, closed: Sequence[Closed]) -> Standing | None:
    """The credits of posted runs; None where there are none. Raises `Failed` (E609)."""
    if not closed:
        return None
    credits = pl.concat([get_table(objects, CREDITS, one.credits) for one in closed])
    return Standing({one.calendar: one.end for one in closed}, credits)


def posted_rows(standing: Standing | None) -> Posted | None:
    """The same row by row, for the second engine."""
    return Posted(standing.ends, to_rows(Credit, standing.credits)) if standing is not None else None
