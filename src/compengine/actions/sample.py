"""A sample of a run for an auditor: rows drawn by strata, each with what stands behind it, as a folder or a zip."""

import csv
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from compengine.actions.bundle import zipped
from compengine.actions.draw import Drawn, Layer, draw, layers
from compengine.actions.evidence import COLUMNS, Grounds, evidence
from compengine.actions.inclusion import proof_of
from compengine.actions.opened import Opened, shown
from compengine.actions.pinned import (
    CREDITS,
    MEASURES,
    pinned_program,
    pinned_snapshot,
    pinned_standing,
    plan_texts,
    posted_rows,
    snapshot_tables,
)
from compengine.actions.runs import find_run, names_of, the_ledger, to_post
from compengine.inputs.objects import get_table, write_content
from compengine.inputs.rejects import guarded
from compengine.ledger.register import records
from compengine.ledger.runs import Run
from compengine.ledger.states import State
from compengine.oracle.run import begin
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.values.decided import ADJUSTMENT
from compengine.values.digest import field_text, sha256_hex
from compengine.values.frames import to_rows
from compengine.values.rows import Earning

METHOD = """# {drawn} of {rows} rows of run {run}, {period}

Content of the run: {content}. Seed: {seed}. Asked for: {size}. Population: every row that the run {posts}, given
or taken back.

A stratum is a plan, a component, a kind of row and a size of amount (the digits before the point). The ticket of a
row is SHA-256 over one line of text, its fields separated by tabs and ended by a line feed: `compengine sample 1`, the
run's content, the seed, the row's columns in the order of `rows.csv` (decimals with twelve places, dates as 2026-01-31,
`true` or `false`, nothing where empty), and 1 where it is given, -1 where it is taken back. Drawn were, in this order:

1. the largest row in each currency;
2. of every kind of row that was not there yet, the one with the lowest ticket;
3. negative rows in rounds, of each stratum the largest first, up to a third of the size: in all {negative_drawn} of
   {negative} are here;
4. rows with the lowest ticket, in rounds.

Rows of 1 and 2 are drawn whatever the size, so there may be more rows than were asked for; 3 and 4 fill up to the size.
A round takes one row of each stratum that has the fewest so far, strata with more rows first.

The same run and seed give the same rows: `compengine sample {run} -n {size} --seed {seed_word}`.

| file | holds |
| --- | --- |
| `rows.csv` | the rows that were drawn |
| `NN.md` | what stands behind row NN |
| `plans/` | the plans as they stood |
| `proofs/` | per payee, for `docs/verify.py rows PROOF CHECKPOINTS KEY`: the rows are part of what was posted |
| `manifest.json` | the SHA-256 of every file |

| plan | component | kind | size | rows | drawn |
| --- | --- | --- | --- | ---: | ---: |
{strata}
"""

INCLUDED = "`{}`: all rows of the payee, and the way from them to the root that the checkpoint of the posting signs."
NOT_POSTED = "The run is not posted: there is nothing yet that it could be part of."


@dataclass(frozen=True, slots=True)
class Sampled:
    """`digest` is that of the manifest, which names every file of the sample by its own."""

    run: str
    content: str
    period: str
    seed: str
    rows: int
    drawn: tuple[Drawn, ...]
    layers: tuple[Layer, ...]
    place: Path
    digest: str


def sample(opened: Opened, which: str, size: int, seed: str, target: Path) -> Sampled:
    """Write the sample, whole or not at all: a zip where `target` ends so, else a folder.

    Raises `Failed`: E606; E706 where the run posts nothing; E707 where `target` is there; E609, E610.
    """
    run = find_run(opened, the_ledger(opened), which)
    if target.exists():
        raise Failed([Diagnostic("E707", f"{shown(target)} is there already", help="name another with -o")])
    frame = to_post(opened, the_ledger(opened), run)
    rows = list(zip(to_rows(Earning, frame), frame["sign"].to_list(), strict=True))
    if not rows:
        raise Failed([Diagnostic("E706", f"run {run.id} of {run.record.period.label} posts no rows")])
    drawn = draw(rows, size, run.record.content, seed)
    found = layers(rows, drawn)
    parts = _parts(opened, run, drawn)
    negative = sum((row.amount if sign > 0 else -row.amount) < 0 for row, sign in rows)
    parts["method.md"] = _method(run, (len(rows), size, negative), seed, drawn, found).encode()
    manifest = {"run": run.id, "content": run.record.content, "seed": seed, "size": size}
    files = {name: sha256_hex(content) for name, content in sorted(parts.items())}
    said = (json.dumps({**manifest, "files": files}, indent=1, ensure_ascii=False) + "\n").encode()
    _write({"manifest.json": said, **dict(sorted(parts.items()))}, target)
    digest = hashlib.sha256(said).hexdigest()
    record = run.record
    return Sampled(run.id, record.content, record.period.label, seed, len(rows), drawn, found, target, digest)


def _parts(opened: Opened, run: Run, drawn: Sequence[Drawn]) -> dict[str, bytes]:
    grounds = _grounds(opened, run)
    names = names_of(opened, run.record.snapshot)
    parts = {path: text.encode() for path, text in grounds.texts.items()}
    proofs: dict[str, str] = {}
    posted = run.event(State.POSTED) is not None
    for payee in sorted({one.row.payee for one in drawn}) if posted else ():
        proofs[payee] = f"proofs/{len(proofs) + 1:02}.json"
        parts[proofs[payee]] = json.dumps(asdict(proof_of(opened, run.id, payee)), ensure_ascii=False).encode()
    for number, one in enumerate(drawn, start=1):
        said = INCLUDED.format(proofs[one.row.payee]) if posted else NOT_POSTED
        name = names.get(one.row.payee, "")
        parts[f"{number:02}.md"] = evidence(grounds, one, number, name, said).encode()
    parts["rows.csv"] = _rows_file(drawn)
    return parts


def _grounds(opened: Opened, run: Run) -> Grounds:
    objects, record = opened.objects, run.record
    texts = {f"plans/{path}": text for path, text in plan_texts(objects, record)}
    program = pinned_program(objects, record, {sha256_hex(text.encode()): path for path, text in texts.items()})
    snapshot = pinned_snapshot(objects, record, program.workspace)
    calculation = begin(program, snapshot, record.period, posted_rows(pinned_standing(objects, record)))
    credits, measures = get_table(objects, CREDITS, record.credits), get_table(objects, MEASURES, record.measures)
    digests = snapshot_tables(objects, record)
    return Grounds(program, snapshot, calculation, texts, digests, credits, measures, _by_hand(opened))


def _by_hand(opened: Opened) -> dict[str, list[str]]:
    """Who asked for each adjustment and who approved it, step by step."""
    found = {}
    for one in records(the_ledger(opened), ADJUSTMENT):
        found[one.id] = [f"- {step.state} by {step.actor} on {step.time}: {step.note}" for step in one.steps]
    return found


def _rows_file(drawn: Sequence[Drawn]) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(["number", "drawn", *COLUMNS, "sign", "ticket"])
    for number, one in enumerate(drawn, start=1):
        cells = [guarded(v) if isinstance(v, str) else field_text(v) for v in astuple(one.row)]
        writer.writerow([number, one.why, *cells, one.sign, one.ticket])
    return target.getvalue().encode()


def _method(run: Run, counts: tuple[int, int, int], seed: str, drawn: Sequence[Drawn], found: Sequence[Layer]) -> str:
    rows, size, negative = counts
    below = sum((d.row.amount if d.sign > 0 else -d.row.amount) < 0 for d in drawn)
    return METHOD.format(
        drawn=len(drawn),
        rows=f"{rows:,}",
        run=run.id,
        period=run.record.period.label,
        content=run.record.content,
        seed=seed or "none",
        seed_word=seed or "''",
        size=size,
        posts="posted" if run.event(State.POSTED) is not None else "would post now",
        negative=negative,
        negative_drawn=below,
        strata="\n".join(f"| {' | '.join(one.stratum)} | {one.rows:,} | {one.drawn} |" for one in found),
    )


def _write(parts: dict[str, bytes], target: Path) -> None:
    if target.suffix == ".zip":
        write_content(target, zipped(parts))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".part-", dir=target.parent))
    try:
        for name, content in parts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        folder.chmod(0o755)
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder)
        raise
