"""Whose pay has to be computed again: those whose rows are another than before, and everybody coupled with them.

Two calculations of one period are compared by their inputs alone. What is found may be more than what changes, and
must never be less: `docs/decisions/021`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from compengine.actions.affected import affected_rows, changed_rows, differing
from compengine.engine.run import begin
from compengine.engine.trace import TOUCHED, touched
from compengine.engine.work import Part, Work, standing
from compengine.inputs.snapshot import Snapshot
from compengine.plan.coupling import Coupling, couplings, drawn_on, untold, ways
from compengine.plan.typed import GroupKind, Plan, Program, SourceKind
from compengine.values.decided import Decided
from compengine.values.periods import Window
from compengine.values.rows import Balance

CAUSES = pl.Schema({"payee": pl.String(), "kind": pl.String(), "name": pl.String(), "rule": pl.String()})
ROW, PEOPLE, BALANCE, DECIDED, PLAN, COUPLED = "row", "people", "balance", "decided", "plan", "coupled"
_NOBODY = pl.Series("payee", [], dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Side:
    """What a calculation is made from, but for what late rows are compared with."""

    program: Program
    snapshot: Snapshot
    opening: Sequence[Balance]
    decided: Decided


@dataclass(frozen=True, slots=True)
class Dirty:
    """`whole` are the names of plans that are computed for everybody, `payees` those to be computed of each other plan.

    `causes`, by plan name, has columns of `CAUSES`, one row or several for each payee: `row` (`name` is the changed
    row, `deals D1`), `people` (who is on a plan, or above whom), `balance` (an account of the opening), `decided` (an
    adjustment or hold), `plan` (its text), `coupled` (`name` is another payee, `rule` what couples them). Nobody is
    named in a plan that is whole because of something that is nobody's.
    `part` is what to compute now, `before` the affected source rows among those of before.
    """

    whole: frozenset[str]
    payees: Mapping[str, pl.Series]
    causes: Mapping[str, pl.DataFrame]
    part: Part
    before: Part


@dataclass(frozen=True, slots=True)
class Differences:
    """What is another between two sides: `rows` by table, `direct` (plan, payee, kind, name; an empty plan means all),
    `moved`: payees whose own rows or managers are another (payee, name), plans whose `texts` are. `paid` are all whom a
    plan can pay on either side (payee, plan): those on it, and those with a balance or an adjustment."""

    works: tuple[Work, Work]
    rows: Mapping[str, pl.DataFrame]
    direct: pl.DataFrame
    moved: pl.DataFrame
    paid: pl.DataFrame
    texts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """Of plans that draw on each other, or of one that is alone. `rows` are source rows (table, key) to compute, of
    which `affected` may be another than before; `wanted` the payees without whom the dirty ones cannot be."""

    whole: bool
    causes: pl.DataFrame
    wanted: pl.Series
    rows: pl.DataFrame
    affected: pl.DataFrame


def dirty(before: Side, after: Side, period: Window) -> Dirty:
    """Of the plans of `after`. Raises `Failed` where people or plans of one side are at fault."""
    found = differences(before, after, period)
    whole: set[str] = set()
    payees, causes = {}, {}
    parts: dict[tuple[str, str], pl.Series] = {}
    old: dict[tuple[str, str], pl.Series] = {}
    wanted: dict[str, pl.Series] = {}
    for names in units(after.program):
        plans = [plan for plan in after.program.plans if plan.name in names]
        unit = _found(found, plans)
        for name in sorted(names):
            causes[name] = unit.causes
            if unit.whole:
                whole.add(name)
                continue
            payees[name] = unit.causes["payee"].unique()
            wanted[name] = unit.wanted
            for table in _tables(plans):
                parts[name, table] = unit.rows.filter(pl.col("table") == table)["key"].unique()
                old[name, table] = unit.affected.filter(pl.col("table") == table)["key"].unique()
    then = _before(before.program, old)
    return Dirty(frozenset(whole) | found.texts, payees, causes, Part(wanted, parts), then)


def _before(program: Program, rows: Mapping[tuple[str, str], pl.Series]) -> Part:
    """Of the plans of before the affected rows only, and nobody's pay."""
    names = {plan.name for plan in program.plans}
    every = {
        (name, table): rows.get((name, table), _NOBODY)
        for name in names
        for table in _tables([plan for plan in program.plans if plan.name == name])
    }
    return Part(dict.fromkeys(names, _NOBODY), every)


def units(program: Program) -> list[frozenset[str]]:
    """The names of plans, those together that draw on each other."""
    found = [frozenset({plan.name}) for plan in program.plans]
    for plan in program.plans:
        linked = drawn_on(plan) | {plan.name}
        touching = [unit for unit in found if unit & linked]
        found = [unit for unit in found if not unit & linked] + [frozenset().union(*touching)]
    return sorted(found, key=sorted)


def _tables(plans: Iterable[Plan]) -> list[str]:
    """The tables that streams of the plans come from."""
    sources = [stream.source for plan in plans for stream in plan.streams.values()]
    return sorted({s.name for s in sources if s.kind is SourceKind.TABLE})


# --- what is another


def differences(before: Side, after: Side, period: Window) -> Differences:
    works = (_begun(before, period), _begun(after, period))
    rows = changed_rows(before.snapshot, after.snapshot)
    own = rows.get("payees", pl.DataFrame(schema={"key": pl.String, "name": pl.String})).rename({"key": "payee"})
    above = differing(*(work.people.ancestors for work in works))
    below = pl.concat([above.select("payee"), above.select(pl.col("ancestor").alias("payee"))]).unique().sort("payee")
    below = below.join(own, on="payee", how="anti").with_columns(pl.lit("who is above whom").alias("name"))
    moved = pl.concat([own, below])
    kind = pl.lit(ROW).alias("kind")
    members = differing(*(_members(work) for work in works)).select("payee", "plan").unique().sort("payee", "plan")
    direct = [
        own.select("payee", kind, "name", pl.lit("").alias("plan")),
        below.select("payee", pl.lit(PEOPLE).alias("kind"), "name", pl.lit("").alias("plan")),
        members.select(
            "payee",
            pl.lit(PEOPLE).alias("kind"),
            pl.format("who is on {}", "plan").alias("name"),
            pl.lit("").alias("plan"),
        ),
        _decided(before, after),
    ]
    if "quotas" in rows:
        quotas = pl.concat([side.snapshot.frame("quotas").select("@key", "payee") for side in (before, after)]).unique()
        theirs = quotas.join(rows["quotas"], left_on="@key", right_on="key").sort("payee", "name")
        direct.append(theirs.select("payee", kind, "name", pl.lit("").alias("plan")))
    texts = {(plan.name, plan.id, plan.digest) for plan in before.program.plans}
    texts ^= {(plan.name, plan.id, plan.digest) for plan in after.program.plans}
    return Differences(
        works, rows, pl.concat(direct), moved, _paid(before, after, works), frozenset(name for name, _, _ in texts)
    )


def _begun(side: Side, period: Window) -> Work:
    return begin(side.program, side.snapshot, period, standing(None))


def _members(work: Work) -> pl.DataFrame:
    found = [days.with_columns(pl.lit(name).alias("plan")) for name, days in work.people.by_name.items()]
    return pl.concat(found)


def _paid(before: Side, after: Side, works: tuple[Work, Work]) -> pl.DataFrame:
    balances = [(b.payee, b.plan) for side in (before, after) for b in side.opening]
    adjusted = [(a.payee, a.plan) for side in (before, after) for a in side.decided.adjustments]
    columns = {"payee": pl.String, "plan": pl.String}
    others = pl.DataFrame([*balances, *adjusted], schema=columns, orient="row")
    return pl.concat([*(_members(work).select("payee", "plan") for work in works), others]).unique()


def _decided(before: Side, after: Side) -> pl.DataFrame:
    """Opening balances, adjustments, holds, and releases that a hold would reach, which one side only has."""
    said: list[tuple[str, str, str, str]] = []
    for balance in {*before.opening} ^ {*after.opening}:
        said.append((balance.payee, BALANCE, balance.account, balance.plan))
    for one in {*before.decided.adjustments} ^ {*after.decided.adjustments}:
        said.append((one.payee, DECIDED, f"adjustment {one.id}", one.plan))
    for hold in {*before.decided.holds} ^ {*after.decided.holds}:
        said.append((hold.payee, DECIDED, f"hold {hold.id}", hold.plan))
    for part in {*before.decided.released} ^ {*after.decided.released}:
        said.append((part.payee, DECIDED, "what was released before", part.plan))
    columns = {"payee": pl.String, "kind": pl.String, "name": pl.String, "plan": pl.String}
    return pl.DataFrame(sorted(said), schema=columns, orient="row").unique(maintain_order=True)


# --- whom it concerns


def _found(found: Differences, plans: Sequence[Plan]) -> Found:
    """Of plans that are computed together, or of all versions of one."""
    names = {plan.name for plan in plans}
    nobody = pl.DataFrame(schema=CAUSES)
    nothing = Found(False, nobody, _NOBODY, TOUCHED.to_frame(), TOUCHED.to_frame().drop("payee"))
    if names & found.texts:
        everybody = _everybody(found)
        name = ", ".join(sorted(names & found.texts))
        return replace(nothing, whole=True, causes=_because(everybody, PLAN, name, ""))
    workspace = found.works[1].program.workspace
    all_ways = [ways(plan, workspace) for plan in plans]
    sides = (found.works[0].snapshot, found.works[1].snapshot)
    rows = affected_rows(found.rows, all_ways, sides)
    anywhere = {table for way in all_ways for table in way.sought} | {workspace.rates}
    sought = sorted(table for table in anywhere if table in rows)
    if sought:
        return replace(nothing, whole=True, causes=_because(_everybody(found), ROW, rows[sought[0]]["name"][0], ""))
    led = rows["payees"].rename({"key": "payee"}) if "payees" in rows else found.moved.clear()
    moved = pl.concat([found.moved, led]).unique("payee", keep="first", maintain_order=True)
    direct = found.direct.filter(pl.col("plan").is_in(["", *names])).select("payee", "kind", "name")
    direct = pl.concat([direct, led.select("payee", pl.lit(ROW).alias("kind"), "name")]).unique(maintain_order=True)
    direct = direct.with_columns(pl.lit("").alias("rule"))
    mine = [rows[table].with_columns(pl.lit(table).alias("table")) for table in _tables(plans) if table in rows]
    source = pl.concat([pl.DataFrame(schema={"key": pl.String, "name": pl.String, "table": pl.String}), *mine])
    if source.is_empty() and direct.is_empty():
        return nothing
    hidden = next((said for plan in plans if (said := untold(plan))), "")
    if hidden:
        return replace(nothing, whole=True, causes=_of_all(found, hidden, direct, source))
    return _traced(found, plans, direct, moved, source)


def _of_all(found: Differences, rule: str, direct: pl.DataFrame, source: pl.DataFrame) -> pl.DataFrame:
    """Causes where everybody is coupled by `rule`: their own, and for all others the first of these, or a row."""
    everybody = _everybody(found)
    rest = everybody.filter(~everybody.is_in(direct["payee"].implode()))
    if direct.is_empty():
        return _because(rest, ROW, source["name"][0], rule)
    return pl.concat([direct.select(list(CAUSES)), _because(rest, COUPLED, direct["payee"][0], rule)])


def _because(payees: pl.Series, kind: str, name: str, rule: str) -> pl.DataFrame:
    said = {"kind": kind, "name": name, "rule": rule}
    return pl.DataFrame({"payee": payees}).select("payee", *[pl.lit(v).alias(k) for k, v in said.items()])


def _everybody(found: Differences) -> pl.Series:
    keys = [work.snapshot.frame("payees")["@key"] for work in found.works]
    return pl.concat(keys).unique().sort().alias("payee")


def _traced(
    found: Differences,
    plans: Sequence[Plan],
    direct: pl.DataFrame,
    moved: pl.DataFrame,
    source: pl.DataFrame,
) -> Found:
    """Where each row tells whom it may credit: those of affected rows, then whoever is coupled with them."""
    coupled = tuple(dict.fromkeys(each for plan in plans for each in couplings(plan)))
    old, new = found.works
    now = pl.concat([touched(new, plan) for plan in plans]).unique()
    if moved.is_empty():  # nobody else's rows can be affected
        keys = {(p.name, t): source.filter(pl.col("table") == t)["key"] for p in plans for t in _tables(plans)}
        old = replace(old, part=Part({}, keys))
    ids = {plan.id for plan in plans}
    then = pl.concat([touched(old, plan) for plan in old.program.plans if plan.id in ids]).unique()
    both = pl.concat([then, now]).unique()
    of_moved = both.join(moved, on="payee").select("key", "name", "table")
    affected = pl.concat([source, of_moved]).unique(["table", "key"], keep="first", maintain_order=True)
    theirs = both.join(affected, on=["table", "key"]).with_columns(pl.lit(ROW).alias("kind"), pl.lit("").alias("rule"))
    causes = pl.concat([direct.select(list(CAUSES)), theirs.select(list(CAUSES))]).unique(maintain_order=True)
    reached = spread(causes, coupled, found.works)
    together = [each.said for each in coupled if each.kind is GroupKind.PLAN]
    if together:
        mine = found.paid.filter(pl.col("plan").is_in(sorted({plan.name for plan in plans})))
        first = reached.join(mine, on="payee", how="semi").head(1)
        if not first.is_empty():
            causes = _of_all(found, together[0], pl.concat([first, reached]).unique(maintain_order=True), source)
            return Found(True, causes, _NOBODY, TOUCHED.to_frame(), affected.select("table", "key"))
    needed = spread(reached, coupled, found.works, back=True)["payee"].unique()
    rows = pl.concat(
        [
            now.filter(pl.col("payee").is_in(needed.implode())).select("table", "key"),
            affected.select("table", "key"),
        ]
    ).unique()
    return Found(False, reached, needed, rows, affected.select("table", "key"))


def spread(
    causes: pl.DataFrame, coupled: Iterable[Coupling], works: tuple[Work, Work], *, back: bool = False
) -> pl.DataFrame:
    """`causes` with everybody whose pay depends on somebody in it, and so on; `back`: on whom theirs depends."""
    ties = [(coupling, list(_ties(coupling, works))) for coupling in coupled]
    found = fresh = causes
    while not fresh.is_empty():
        reached = []
        for coupling, steps in ties:
            for one, other in steps:
                a, b = (other, one) if back else (one, other)
                tied = fresh.select("payee").unique().join(a, on="payee").select(pl.col("payee").alias("name"), "tie")
                tied = tied.sort("name").unique("tie", keep="first", maintain_order=True)
                others = tied.join(b, on="tie").select("payee", pl.lit(COUPLED).alias("kind"), "name")
                reached.append(others.with_columns(pl.lit(coupling.said).alias("rule")))
        if not reached:
            break
        new = pl.concat(reached).join(found, on="payee", how="anti")
        fresh = new.sort("payee", "name", "rule").unique("payee", keep="first", maintain_order=True)
        found = pl.concat([found, fresh])
    return found


def _ties(coupling: Coupling, works: tuple[Work, Work]) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Pairs of frames (payee, tie): who is read on a tie, and whose pay reads it, on any day of before or now."""
    if coupling.kind is GroupKind.SAME:
        column = pl.col(coupling.column).cast(pl.String).alias("tie")
        frames = [work.snapshot.frame("payees").select(pl.col("@key").alias("payee"), column) for work in works]
        values = pl.concat(frames).drop_nulls().unique()
        yield values, values
    elif coupling.kind is not GroupKind.PLAN:
        pairs = pl.concat([work.people.ancestors for work in works])
        if coupling.kind is GroupKind.REPORTS:
            pairs = pairs.filter(pl.col("level") == 1)
        pairs = pairs.select("payee", "ancestor").unique()
        yield (
            pairs.select("payee", pl.col("ancestor").alias("tie")),
            pairs.select(pl.col("ancestor").alias("payee"), pl.col("ancestor").alias("tie")).unique(),
        )
