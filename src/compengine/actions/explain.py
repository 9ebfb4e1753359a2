"""Why somebody gets an amount: the rows of a period, and one of them evaluated again, expression by expression."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from compengine.actions.figures import Money, summed
from compengine.actions.opened import Opened, shown
from compengine.actions.pinned import pinned_by_hand, pinned_program, pinned_snapshot, pinned_standing, posted_rows
from compengine.actions.plans import plan_files
from compengine.actions.runs import PostingRow, find_run, names_of, posting_row, the_ledger, to_post
from compengine.ledger.leaves import EARNINGS
from compengine.ledger.register import records
from compengine.ledger.rowfiles import fetch
from compengine.ledger.runs import RunRecord
from compengine.ledger.store.database import Store
from compengine.oracle.explain import explain as evaluate
from compengine.oracle.trace import Tree
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import suggestion
from compengine.values.decided import ADJUSTMENT
from compengine.values.digest import sha256_hex
from compengine.values.exact import plain
from compengine.values.frames import to_rows
from compengine.values.rows import Earning

COMPARED = ("part", "kind", "basis", "rate", "amount")


@dataclass(frozen=True, slots=True)
class Branch:
    """An expression, its value in words, and where it stands in a plan: `of` is the place in the plan's stored text."""

    text: str
    value: str
    place: str
    branches: tuple["Branch", ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """`rows` are what the run posts for the payee. `tree` is the evaluation of one earning, whose stored rows are
    `stored`; `computed` is its total by the second engine, and `agrees` whether that is what is stored."""

    run: str
    period: str
    state: str
    payee: str
    name: str
    rows: tuple[PostingRow, ...]
    plan: str
    component: str
    source: str
    stored: tuple[PostingRow, ...]
    stored_total: Money
    computed_total: Money
    agrees: bool
    tree: Branch


def explain(opened: Opened, payee: str, which: str, source: str = "", component: str = "") -> Explained:
    """One earning of a payee in a run or period: the one named, else the largest. Raises `Failed`: E606; E706 where
    there is nothing to explain."""
    store = the_ledger(opened)
    run = find_run(opened, store, which)
    record, objects = run.record, opened.objects
    frame = to_post(opened, store, run).filter(pl.col("payee") == payee)
    rows = list(zip(to_rows(Earning, frame), frame["sign"].to_list(), strict=True))
    everybodys = to_rows(Earning, fetch(objects, EARNINGS, record.earnings))
    earnings = [e for e in everybodys if e.payee == payee]
    if not rows and not earnings:
        people = {*names_of(opened, record.snapshot), *(e.payee for e in everybodys)}
        near = "" if payee in people else suggestion(payee, people, "there are")
        message = f"{payee} has no row in {record.period.label}"
        raise Failed([Diagnostic("E706", message, Place(table="earnings", row=payee), near)])
    chosen = _chosen(rows, earnings, record.period.label, payee, source, component)
    mine = [e for e in earnings if _about(e) == _about(chosen)]
    stored = summed([e.amount for e in mine])
    if chosen.component == ADJUSTMENT:
        computed, branch = _by_hand(opened, store, record, chosen)
        agrees = computed == stored
    else:
        tree = _tree(opened, record, chosen)
        computed, branch = tree.value if isinstance(tree.value, Decimal) else Decimal(0), _branch(tree, chosen.currency)
        agrees = computed == stored and _rows_of(tree) == sorted((e.part, e.amount) for e in mine)
    return Explained(
        run=run.id,
        period=record.period.label,
        state=run.state.value,
        payee=payee,
        name=names_of(opened, record.snapshot).get(payee, ""),
        rows=tuple(posting_row(row, sign) for row, sign in rows),
        plan=chosen.plan,
        component=chosen.component,
        source=chosen.source,
        stored=tuple(posting_row(row, 1) for row in mine),
        stored_total=Money(stored, chosen.currency),
        computed_total=Money(computed, chosen.currency),
        agrees=agrees,
        tree=branch,
    )


def _tree(opened: Opened, record: RunRecord, chosen: Earning) -> Tree:
    """The earning evaluated again by the second engine, from the run's stored inputs."""
    program = pinned_program(opened.objects, record, known_paths(opened))
    snapshot = pinned_snapshot(opened.objects, record, program.workspace)
    posted = posted_rows(pinned_standing(opened.objects, record))
    return evaluate(
        program, snapshot, record.period, chosen.plan, chosen.component, chosen.payee, chosen.source, posted
    )  # fmt: skip


def _by_hand(opened: Opened, store: Store, record: RunRecord, chosen: Earning) -> tuple[Decimal, Branch]:
    """What the run took in as approved, and who asked for it and approved it, by the register."""
    taken = [one for one in pinned_by_hand(opened.objects, record).taken if one.adjustment.id == chosen.source]
    found = next((r for r in records(store, ADJUSTMENT) if r.id == chosen.source), None)
    amount = summed([one.adjustment.amount for one in taken])
    steps = [] if found is None else found.steps
    said = [Branch(f"{s.state} by {s.actor} on {s.time[:10]}", s.note, "", (), ()) for s in steps]
    evidence = [Branch("attachment", one.attachment, "", (), ()) for one in taken if one.attachment]
    title = f"adjustment {chosen.source}, {chosen.part}"
    return amount, Branch(title, plain(amount), "", (*said, *evidence), ())


def known_paths(opened: Opened) -> dict[str, str]:
    """The plan files that are there now, by the digest of their text."""
    return {sha256_hex(path.read_bytes()): shown(path) for path in plan_files(opened.root)}


def _about(row: Earning) -> tuple[str, str, str]:
    return row.plan, row.component, row.source


def _chosen(
    rows: list[tuple[Earning, int]], earnings: list[Earning], period: str, payee: str, source: str, component: str
) -> Earning:
    """Of what is named, the earning with the largest row; what the run posts comes before what it leaves as it is."""
    live = {(_about(e)) for e in earnings}
    candidates = [row for row, _ in rows if _about(row) in live] if not source else []
    pool = [
        e
        for e in (candidates or earnings)
        if source in ("", e.source, e.source.split("/")[0])
        and component in ("", e.component)
        and e.component != "settle"
    ]
    if not pool:
        what = " ".join(part for part in (component, source) if part)
        message = f"{payee} has no row {f'of {what} ' if what else ''}in {period}"
        raise Failed([Diagnostic("E706", message, Place(table="earnings", row=payee))])
    return max(pool, key=lambda e: (abs(e.amount), e.component, e.source))


def _rows_of(tree: Tree) -> list[tuple[str, Decimal]]:
    made = [child for child in tree.children if child.text == "rows"]
    return sorted((row.text.split(" · ")[0], row.value) for part in made for row in part.children)


def _branch(tree: Tree, currency: str) -> Branch:
    place = str(tree.place) if tree.place is not None else ""
    lines = [f"{x.date} {x.source} {x.payee} {plain(x.amount)}" for x in tree.lines]
    more = tree.count - len(tree.lines)
    if more > 0:
        lines.append(f"… and {more} more")
    return Branch(
        tree.text, said(tree.value), place, tuple(_branch(child, currency) for child in tree.children), tuple(lines)
    )


def said(value: object) -> str:
    """A value of an expression as people read it."""
    match value:
        case None:
            return "(empty)"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)
