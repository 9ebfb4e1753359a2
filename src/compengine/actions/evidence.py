"""What stands behind one row of pay, as a text: input rows, credit, measures, plan, arithmetic."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal

import polars as pl

from compengine.actions.draw import Drawn
from compengine.actions.figures import Money
from compengine.actions.source_facts import Sources, row_keys
from compengine.inputs.schema import Column, ColumnType
from compengine.inputs.snapshot import Snapshot
from compengine.oracle.book import Calculation
from compengine.oracle.explain import explained
from compengine.oracle.trace import Tree
from compengine.plan.typed import Plan, Program
from compengine.source.diagnostic import Failed
from compengine.values.decided import ADJUSTMENT
from compengine.values.exact import multiply, plain
from compengine.values.rows import Earning

MOST = 20
"""So many rows of one table are shown at most."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What all evidence of a run is taken from. `texts` are plans by path, `digests` of input tables by name;
    `credits` and `measures` are the run's; `by_hand` are the steps of adjustments, in words, by id."""

    program: Program
    snapshot: Snapshot
    calculation: Calculation
    texts: dict[str, str]
    digests: dict[str, str]
    credits: pl.DataFrame
    measures: pl.DataFrame
    by_hand: dict[str, list[str]]


def evidence(grounds: Grounds, one: Drawn, number: int, name: str, proof: str) -> str:
    """`proof` says in a sentence where the row's inclusion proof is."""
    row = one.row
    head = f"# {number:02}: {row.payee}{f' ({name})' if name else ''}, {row.plan} {row.component}, {row.source}"
    parts = [
        (head, _drawn(one)),
        ("## The row", _listed(asdict(row).items())),
        ("## Arithmetic", _arithmetic(row, one.sign)),
        ("## Credit", _credit(grounds, row)),
        ("## Measures of the payee at the end of the period", _measures(grounds, row)),
        ("## The plan's words", _plan(grounds, row)),
        ("## Evaluated again by the second engine", _evaluated(grounds, one)),
        ("## Input rows", _inputs(grounds, row)),
        ("## Part of what was posted", [proof]),
    ]
    return "\n\n".join(f"{title}\n\n" + "\n".join(lines or ["none"]) for title, lines in parts) + "\n"


def _drawn(one: Drawn) -> list[str]:
    plan, component, kind, size = one.stratum
    given = "given" if one.sign > 0 else "taken back"
    return [
        f"- {given}: {Money(one.row.amount if one.sign > 0 else -one.row.amount, one.row.currency)}",
        f"- drawn: {one.why}",
        f"- stratum: {plan}, {component}, {kind}, {size}",
        f"- ticket: {one.ticket}",
    ]


def _listed(pairs: Iterable[tuple[str, object]]) -> list[str]:
    return [f"- {name}: {_said(value)}" for name, value in pairs if value not in (None, "")]


def _said(value: object) -> str:
    match value:
        case Decimal():
            return plain(value)
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _arithmetic(row: Earning, sign: int) -> list[str]:
    found = []
    if row.kind == "rate":
        product = multiply(row.basis, row.rate)
        found.append(f"{plain(row.basis)} {row.basis_unit} × {plain(row.rate)} = {plain(product)}".replace("  ", " "))
        found.append(f"as posted: {Money(row.amount, row.currency)}; rounded by {plain(row.amount - product)}")
    else:
        found.append(f"{row.kind}: basis {plain(row.basis)} {row.basis_unit}, rate {plain(row.rate)}")
        found.append(f"as posted: {Money(row.amount, row.currency)}")
    if row.position_from is not None and row.position_to is not None:
        found.append(f"on the scale from {plain(row.position_from)} to {plain(row.position_to)}")
    if sign < 0:
        found.append("This row was posted before, and is taken back: it is no longer what the payee is entitled to.")
    return [line for at, text in enumerate(found) for line in ([text] if not at else ["", text])]


def _credit(grounds: Grounds, row: Earning) -> list[str]:
    mine = (pl.col("plan") == row.plan) & (pl.col("payee") == row.payee) & (pl.col("source") == row.source)
    found = grounds.credits.filter(mine)
    lines = [line for credit in found.iter_rows(named=True) for line in [*_listed(credit.items()), ""]]
    return lines[:-1] or [
        f"The row is not about one credit but about {row.source}; see the rows behind its sums below."
    ]


def _measures(grounds: Grounds, row: Earning) -> list[str]:
    mine = grounds.measures.filter((pl.col("plan") == row.plan) & (pl.col("payee") == row.payee))
    return [f"- {m['measure']}: {plain(m['value'])} {m['unit']}".rstrip() for m in mine.iter_rows(named=True)]


def plan_of(program: Program, row: Earning) -> Plan | None:
    """The version of the row's plan that is in force on its day and has its component."""
    named = [p for p in program.plans if p.name == row.plan and row.component in p.components]
    return next((p for p in named if p.start <= row.date <= p.end), named[-1] if named else None)


def _plan(grounds: Grounds, row: Earning) -> list[str]:
    if row.component == ADJUSTMENT:
        return ["No plan says it: it was decided by hand.", "", *grounds.by_hand.get(row.source, ())]
    plan = plan_of(grounds.program, row)
    if plan is None:
        return [f"{row.component} is no component of a plan as it stands now: it comes from `settle`, or is gone."]
    span = plan.components[row.component].span
    text = _block(grounds.texts.get(span.path, "").splitlines()[span.line - 1 :])
    return [f"{span.path}, lines {span.line} to {span.line + len(text) - 1}:", "", "```yaml", *text, "```"]


def _block(lines: Sequence[str]) -> list[str]:
    """The first line and all that is indented below it."""
    found = list(lines[:1])
    indent = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    for line in lines[1:]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        found.append(line)
    while found and not found[-1].strip():
        found.pop()
    return found


def _evaluated(grounds: Grounds, one: Drawn) -> list[str]:
    row = one.row
    if one.sign < 0:
        return ["not evaluated: the row is taken back"]
    try:
        tree = explained(grounds.calculation, row.plan, row.component, row.payee, row.source)
    except Failed as failed:
        return [f"not evaluated by itself: {failed.diagnostics[0].message}"]
    return ["```text", *_drawn_tree(tree, 0), "```"]


def _drawn_tree(tree: Tree, depth: int) -> Iterator[str]:
    place = f"   [{tree.place}]" if tree.place is not None else ""
    value = "(empty)" if tree.value is None else _said(tree.value)
    yield f"{'  ' * depth}{' '.join(tree.text.split())} = {value}{place}"
    for child in tree.children:
        yield from _drawn_tree(child, depth + 1)
    for line in tree.lines:
        yield f"{'  ' * (depth + 1)}· {line.date} {line.source} {line.payee} {plain(line.amount)}"
    if tree.count > len(tree.lines):
        yield f"{'  ' * (depth + 1)}· … and {tree.count - len(tree.lines)} more"


def _inputs(grounds: Grounds, row: Earning) -> list[str]:
    found: list[str] = []
    for table, rows in related_rows(grounds.program, grounds.snapshot, row):
        found.append(f"{table}, of the table with the digest {grounds.digests.get(table, 'none')}:")
        for values in rows[:MOST]:
            shown = {k: v for k, v in values.items() if not k.startswith("@") and not k.endswith("@currency")}
            cells = [
                f"{k} {_said(v)} {values.get(f'{k}@currency') or ''}".rstrip()
                for k, v in shown.items()
                if v is not None
            ]
            found.append(f"- {values['@key']}: {'; '.join(cells)}")
        if len(rows) > MOST:
            found.append(f"- … and {len(rows) - MOST} more")
        found.append("")
    return found[:-1]


def related_rows(program: Program, snapshot: Snapshot, row: Earning) -> list[tuple[str, list[dict[str, object]]]]:
    """The row that the credit comes from, rows that refer to it, and what says who the payee is and has to reach."""
    tables = program.workspace.tables
    origin = {t.name: row_keys(row.source) for t in Sources(program, snapshot).tables()}
    found: dict[str, list[dict[str, object]]] = {}
    for name, keys in origin.items():
        rows = snapshot.frame(name).filter(pl.col("@key").is_in(list(keys))).to_dicts()
        if rows:
            found[name] = rows
    for table in tables.values():
        for column in table.columns.values():
            if column.type is ColumnType.REF and column.table in origin and column.table in found:
                keys_of = [str(r["@key"]) for r in found[column.table]]
                rows = snapshot.frame(table.name).filter(pl.col(column.name).is_in(keys_of)).to_dicts()
                if rows and table.name not in found:
                    found[table.name] = rows
    for name in ("payees", "quotas"):
        if name in tables and name not in found:
            column_name = "@key" if name == "payees" else _payee_column(tables[name].columns.values())
            rows = snapshot.frame(name).filter(pl.col(column_name) == row.payee).to_dicts() if column_name else []
            if rows:
                found[name] = rows
    return list(found.items())


def _payee_column(columns: Iterable[Column]) -> str:
    return next((c.name for c in columns if c.type is ColumnType.PAYEE), "")


COLUMNS = tuple(f.name for f in fields(Earning))
