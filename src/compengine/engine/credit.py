"""Streams: source rows → credits.

A stream's frame has these columns, then one `@ROW` per row in scope:

`@n` (its index), `@id` (the place of its source among all, by bytes), payee, source, date, asof (= date), amount,
share, level, via, original_amount, original_currency, fx_rate, fx_date, counts (1, or 0 for a reversal), ruled (whether
rules see it, or only measures), reverses (the id of the credit it reverses, or empty), corrects (the id of the credit
that a late one is a further part of, or empty).
"""

import polars as pl

from compengine.engine.aggregate import roots_of
from compengine.engine.columns import ONE_, ZERO_, divided, lit, rounded
from compengine.engine.evaluate import evaluate
from compengine.engine.order import as_stream, in_order, number
from compengine.engine.read import converted, follow
from compengine.engine.related import expanded, joined
from compengine.engine.work import Scene, Work
from compengine.inputs.schema import ColumnType
from compengine.plan.typed import (
    And,
    Expr,
    Plan,
    Read,
    RelatedRows,
    SharesTotal,
    SourceKind,
    Stream,
    ToManagers,
    ToMatching,
    ToPayee,
    Unit,
)
from compengine.values.exact import QUANTUM
from compengine.values.frames import EXACT
from compengine.values.money import minor_unit
from compengine.values.rounding import FINEST

_CARRIED = ("amount", "date", "share", "payee", "via", "level", "source")
_EARNED = ("amount", "basis", "rate", "payee", "date", "amount@currency", "basis@currency", "rate@currency")
BASE = [
    "payee", "source", "date", "asof", "amount", "share", "level", "via", "original_amount", "original_currency",
    "fx_rate", "fx_date", "counts", "ruled", "reverses", "corrects",
]  # fmt: skip


def credit(work: Work, plan: Plan, stream: Stream) -> pl.DataFrame:
    """All credits of a stream dated up to the horizon, whoever is on the plan."""
    scene, rows = source_rows(work, plan, stream)
    rows = _taken(scene, rows, stream)
    rows = _recipients(scene, rows, stream)
    rows = _amounts(scene, rows, stream)
    roots = [f"@{root}" for root in roots_of(scene, stream.name)]
    made = as_stream(rows.select(*BASE, *roots).filter(pl.col("date") <= pl.lit(work.horizon.end)))
    twice = made.filter(number(made, ["@id", "payee"]).is_duplicated())
    for payee, source in twice.select("payee", "source").unique(maintain_order=True).iter_rows():
        work.faults.add("E506", f"stream {stream.name} credits {payee} twice for {source}", stream.amount, source)
    return made


def source_rows(work: Work, plan: Plan, stream: Stream) -> tuple[Scene, pl.DataFrame]:
    """The rows a stream draws from, one per related row where it has `each` (`bare` without any), with their date."""
    scene, rows = _source(work, plan, stream)
    scene, rows = _each(scene, _wanted(scene, rows, stream), stream)
    return scene, evaluate(scene, rows, {"date": stream.date}).with_columns(pl.col("date").alias("asof"))


def divides(stream: Stream) -> bool:
    """Whether one amount is divided among several related rows, which may have dates of their own."""
    return stream.each is not None and stream.shares_total is not SharesTotal.OVERLAY


def _source(work: Work, plan: Plan, stream: Stream) -> tuple[Scene, pl.DataFrame]:
    """The rows a stream draws from: `id`, what identifies it among them (`@s`), and the row's columns or index."""
    row = stream.source.row
    match stream.source.kind:
        case SourceKind.TABLE:
            declared = work.program.workspace.tables[stream.source.name]
            frame = work.snapshot.frame(stream.source.name)
            id_ = pl.col("@key")
            if declared.effective:
                id_ = pl.concat_str([id_, pl.col(declared.effective[0]).cast(pl.String).fill_null("")], separator="/")
            rows = frame.select(id_.alias("source")).with_row_index(f"@{row}")
            scene = Scene(work, plan, "source", {row: stream.source.name}, stream.name)
        case SourceKind.STREAM:
            of = work.streams[(plan.id, stream.source.name)].filter(pl.col("ruled"))
            of = in_order(of, ["@id", "payee"])
            rows = of.select(
                pl.concat_str(["source", "payee"], separator=":").alias("source"),
                *[
                    pl.col(c).alias(f"credit.{c}")
                    for c in ("amount", "date", "share", "payee", "via", "level", "source")
                ],
            )
            scene = Scene(work, plan, "source", {}, stream.name)
        case SourceKind.COMPONENT:
            rows = _earnings(work, plan, stream)
            scene = Scene(work, plan, "source", {}, stream.name)
    return scene, rows.sort("source").with_columns(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("@s"), pl.lit(None, dtype=pl.Date).alias("asof")
    )


def _wanted(scene: Scene, rows: pl.DataFrame, stream: Stream) -> pl.DataFrame:
    """The rows of a table that are wanted (`Part.rows`); those of other sources follow from them."""
    table = stream.source.name
    wanted = scene.work.part.rows.get((scene.plan.name, table)) if stream.source.kind is SourceKind.TABLE else None
    if wanted is None:
        return rows
    keys = scene.work.snapshot.frame(table)["@key"].gather(rows[f"@{stream.source.row}"])
    return rows.filter(keys.is_in(wanted.implode()))


def _earnings(work: Work, plan: Plan, stream: Stream) -> pl.DataFrame:
    """One row per payee and source of a component: of this version, or of all versions of another plan."""
    source = stream.source
    if source.plan == plan.name:
        rows = work.components[(plan.id, source.name)]
    else:
        name = pl.col("component") == source.name
        rows = pl.concat([frame.filter(name) for frame in work.of_all_versions(source.plan)])
    rows = rows.filter(pl.col("kind") != "claw")
    rows = rows.sort("payee", "date", "source", "part")
    rate = pl.col("kind") == "rate"
    return (
        rows.group_by("payee", "source", maintain_order=True)
        .agg(
            pl.col("date").first(),
            pl.col("amount").sum(),
            pl.col("basis").filter(rate).sum(),
            pl.col("rate").filter(rate).last().fill_null(0).cast(EXACT),
            pl.col("currency").first().alias("amount@currency"),
            pl.col("basis_unit").filter(rate).last().fill_null("").alias("basis@currency"),
            pl.col("rate_unit").filter(rate).last().fill_null("").str.strip_chars("%").alias("rate@currency"),
        )
        .select(
            pl.concat_str(["source", "payee"], separator=":").alias("source"),
            *[pl.col(c).alias(f"earning.{c}") for c in _EARNED],
        )
    )


def _each(scene: Scene, rows: pl.DataFrame, stream: Stream) -> tuple[Scene, pl.DataFrame]:
    """One row per related row; the id gets the parts of its key that are not the reference."""
    if stream.each is None:
        return scene, rows
    each = stream.each
    found, inner = expanded(scene, rows, each, evaluate)
    found = _with_parts(scene, found, each)
    bare = rows.join(found.select("@s"), on="@s", how="anti").with_columns(
        pl.lit(None, dtype=pl.UInt32).alias(f"@{each.row}")
    )
    return inner, pl.concat(
        [found.drop("@of").with_columns(bare=pl.lit(False)), bare.with_columns(bare=pl.lit(True))], how="diagonal"
    )


def _with_parts(scene: Scene, found: pl.DataFrame, each: RelatedRows) -> pl.DataFrame:
    """`found` with the ids that credits for its related rows have."""
    related = scene.work.snapshot.frame(each.table)
    rest = _parts(scene, each)
    if rest:
        parts = related.select(pl.concat_str([pl.col(c).cast(pl.String) for c in rest], separator="/").alias("k"))["k"]
    else:
        parts = related["@key"]
    return found.with_columns(
        pl.concat_str([pl.col("source"), parts.gather(found[f"@{each.row}"]).alias("k")], separator="/").alias("source")
    )


def _parts(scene: Scene, each: RelatedRows) -> list[str]:
    """The columns of the related table's key that are not the reference."""
    return [c for c in scene.work.program.workspace.tables[each.table].key if c != each.reference]


def identified(work: Work, plan: Plan, stream: Stream, ids: pl.Series) -> pl.DataFrame:
    """`source` (the ids, in their order) and per row in scope its index: the rows that credits with these ids come
    from, whether or not they are credited now; empty where a row is gone."""
    scene, rows = _source(work, plan, stream)
    of_source = [c for c in rows.columns if c in [f"@{root}" for root in scene.roots]]
    asked = ids.to_frame("source")
    if stream.each is None:
        return asked.join(rows.select("source", *of_source), on="source", how="left", maintain_order="left")
    each = stream.each
    at = f"@{each.row}"
    pairs = joined(scene, rows, each.root, each.hops, each.table, each.reference, each.row)
    pairs = _with_parts(scene, pairs, each).select("source", *of_source, at).unique("source", keep="first")
    tail = "/[^/]*" * len(_parts(scene, each) or work.program.workspace.tables[each.table].key)
    whole = pl.col("source").str.extract(f"(?s)^(.*){tail}$", 1).alias("@whole")
    alone = rows.select(pl.col("source").alias("@whole"), *[pl.col(c).alias(f"{c}!") for c in of_source])
    found = asked.with_columns(whole).join(pairs, on="source", how="left", maintain_order="left")
    found = found.join(alone, on="@whole", how="left", maintain_order="left")
    return found.select("source", *[pl.coalesce(c, f"{c}!").alias(c) for c in of_source], at)


def conjuncts(condition: Expr) -> list[Expr]:
    """The parts of a condition joined by `and` at its top."""
    if isinstance(condition, And):
        return [*conjuncts(condition.left), *conjuncts(condition.right)]
    return [condition]


def failed_part(scene: Scene, frame: pl.DataFrame, condition: Expr) -> pl.DataFrame:
    """`by`: the text of the first part of the condition that is false, for rows where it is not true."""
    parts = conjuncts(condition)
    if len(parts) == 1:
        return frame.with_columns(pl.lit(condition.text).alias("by"))
    found = evaluate(scene, frame, {f"@part{n}": part for n, part in enumerate(parts)})
    by = pl.coalesce(
        [pl.when(~pl.col(f"@part{n}").fill_null(False)).then(pl.lit(part.text)) for n, part in enumerate(parts)]
    )
    return found.select(*frame.columns, by.fill_null(condition.text).alias("by"))


def _taken(scene: Scene, rows: pl.DataFrame, stream: Stream) -> pl.DataFrame:
    """Rows that pass `when`, up to the horizon; the others are reported."""
    if stream.when is not None:
        rows = evaluate(scene, rows, {"@when": stream.when})
        scene.work.faults.tell(rows, "@when!", "source")
        taken = pl.col("@when").fill_null(False)
        known = pl.col("date").is_null() | (pl.col("date") <= pl.lit(scene.work.horizon.end))
        left = rows.filter(~taken & pl.col("@when!").is_null() & known).drop("@when", "@when!")
        if not left.is_empty():
            left = failed_part(scene, left, stream.when)
            scene.work.exclude(scene.plan.name, stream.name, left.with_columns(_owner(scene, left, stream)))
        rows = rows.filter(taken).drop("@when", "@when!")
    scene.work.faults.tell(rows, "date!", "source")
    for source in rows.filter(pl.col("date").is_null() & pl.col("date!").is_null())["source"].head(20):
        scene.work.faults.add("E517", f"the date is empty: row {source}", stream.date, source)
    rows = rows.drop_nulls("date").drop("date!")
    if not divides(stream):  # later rows of one amount still take their shares of it
        rows = rows.filter(pl.col("date") <= pl.lit(scene.work.horizon.end))
    if stream.each is not None:
        due = pl.col("bare") & (pl.col("date") <= pl.lit(scene.work.horizon.end))
        for source in rows.filter(due)["source"].head(20):
            message = f"no rows in {stream.each.table} for {source}, so nobody would be credited"
            scene.work.faults.add("E507", message, stream.amount, source)
        rows = rows.filter(~pl.col("bare")).drop("bare")
    return rows


def _owner(scene: Scene, rows: pl.DataFrame, stream: Stream) -> pl.Series:
    """Whom a row left out would have gone to, where it says so plainly."""
    if not isinstance(stream.to, ToPayee):
        return pl.Series("payee", [""] * len(rows), dtype=pl.String)
    found = evaluate(scene, rows, {"@to": stream.to.payee})
    return found.select(pl.when(pl.col("@to!").is_null()).then("@to").fill_null("").alias("payee"))["payee"]


def _recipients(scene: Scene, rows: pl.DataFrame, stream: Stream) -> pl.DataFrame:
    """`payee`, `level` and `via`: one row per recipient."""
    match stream.to:
        case ToPayee(payee=to):
            found = evaluate(scene, rows, {"payee": to})
            _none(scene, found, to)
            return (
                found.drop_nulls("payee")
                .drop("payee!")
                .with_columns(pl.lit(0, dtype=pl.Int32).alias("level"), pl.lit("").alias("via"))
            )
        case ToManagers(payee=to):
            found = evaluate(scene, rows, {"@below": to})
            _none(scene, found.rename({"@below": "payee", "@below!": "payee!"}), to)
            return _managers(scene, found.drop("@below!"), stream, stream.to)
        case ToMatching(condition=condition):
            people = scene.work.people.versions.select("payee", "first", "last")
            pairs = rows.join(people, how="cross").filter(pl.col("date").is_between(pl.col("first"), pl.col("last")))
            found = evaluate(scene, pairs.drop("first", "last"), {"@match": condition})
            scene.work.faults.tell(found, "@match!", "source", "payee")
            return (
                found.filter(pl.col("@match").fill_null(False))
                .drop("@match", "@match!")
                .with_columns(pl.lit(0, dtype=pl.Int32).alias("level"), pl.lit("").alias("via"))
            )


def _managers(scene: Scene, found: pl.DataFrame, stream: Stream, to: ToManagers) -> pl.DataFrame:
    """Everybody above `@below` on the date, once for each source row and at the lowest level."""
    found = found.sort("source").with_row_index("@of")
    above = scene.work.people.ancestors.filter(pl.col("level").is_between(to.low, to.high))
    above = above.rename({"payee": "@below", "ancestor": "payee"}).sort("@below", "payee", "level")
    made = found.join(above, on="@below", maintain_order="left_right").filter(
        pl.col("date").is_between(pl.col("first"), pl.col("last"))
    )
    nobody = found.drop_nulls("@below").join(made.select(pl.col("@of").unique()), on="@of", how="anti")
    by = pl.format("nobody above {} on {}", "@below", pl.col("date").cast(pl.String)).alias("by")
    scene.work.exclude(scene.plan.name, stream.name, nobody.select("source", pl.lit("").alias("payee"), by))
    if stream.each is not None:  # several rows of a source row may lead to the same person
        made = in_order(made, ["@s", "payee", "level"])
    again = (pl.col("@s") == pl.col("@s").shift(1)) & (pl.col("payee") == pl.col("payee").shift(1))
    return made.filter(~again.fill_null(False)).drop("@of", "@below", "first", "last")


def _none(scene: Scene, found: pl.DataFrame, to: Expr) -> None:
    scene.work.faults.tell(found, "payee!", "source")
    for source in found.filter(pl.col("payee").is_null() & pl.col("payee!").is_null())["source"].head(20):
        scene.work.faults.add("E517", f"nobody is named by {to.text}: row {source}", to, source)


def _amounts(scene: Scene, rows: pl.DataFrame, stream: Stream) -> pl.DataFrame:
    """`amount` after the share, and what is known of a conversion."""
    money = stream.amount.type.unit is Unit.MONEY
    rows = evaluate(scene, rows, {"@whole": stream.amount, "share": stream.share})
    scene.work.faults.tell(rows, "@whole!", "source")
    scene.work.faults.tell(rows, "share!", "source")
    for name, node in (("@whole", stream.amount), ("share", stream.share)):
        for source in rows.filter(pl.col(name).is_null() & pl.col(f"{name}!").is_null())["source"].head(20):
            scene.work.faults.add("E517", f"{node.text} is empty: row {source}", node, source)
    for source in rows.filter(pl.col("share") < ZERO_)["source"].head(20):
        scene.work.faults.add("E514", f"the share is negative: row {source}", stream.share, source)
    rows = rows.filter(pl.col("@whole").is_not_null() & (pl.col("share") >= ZERO_)).drop("@whole!", "share!")
    unit = minor_unit(scene.plan.currency) if money else FINEST
    if stream.shares_total is SharesTotal.OVERLAY:
        product = pl.col("@whole") * pl.col("share")
        amount = rounded(product, unit, scene.plan.rounding) if money else product
        rows = rows.with_columns(amount.alias("amount"))
    else:
        rows = _split(scene, rows, stream, money)
    return rows.with_columns(_conversion(scene, rows, stream)).with_columns(
        pl.lit(1, dtype=pl.Int32).alias("counts"),
        pl.lit(True).alias("ruled"),
        pl.lit("").alias("reverses"),
        pl.lit("").alias("corrects"),
    )


def _split(scene: Scene, rows: pl.DataFrame, stream: Stream, money: bool) -> pl.DataFrame:
    """Divides each source row's amount by its shares, after asking what they add up to."""
    rows = rows.with_columns(_totals(stream))
    slack = pl.col("@of").cast(EXACT) * lit(QUANTUM)
    whole = (pl.col("@sum") - ONE_).abs() <= slack
    over = pl.col("@sum") - ONE_ > slack
    wrong = rows.filter(over if stream.shares_total is SharesTotal.AT_MOST else ~whole)
    for key, total in (
        wrong.group_by("@s", maintain_order=True)
        .agg(pl.col("source").first(), pl.col("@sum").first())
        .select("source", pl.col("@sum") * lit(100))
        .iter_rows()
    ):
        wanted = "at most 100%" if stream.shares_total is SharesTotal.AT_MOST else "100%"
        message = f"the shares of {key} add up to {total.normalize():f}%, not {wanted}"
        scene.work.faults.add("E506", message, stream.share, key)
    unit = minor_unit(scene.plan.currency) if money else FINEST
    part = pl.col("@whole") * pl.col("@sum")
    rows = rows.with_columns(
        pl.when(whole)
        .then(pl.col("@whole"))
        .otherwise(rounded(part, unit, scene.plan.rounding) if money else part)
        .alias("@total"),
        # an amount that differs between the `each` rows is not one amount to divide: each takes its own part
        (pl.col("@same") & (pl.col("@sum") > ZERO_)).alias("@one"),
    )
    own = pl.col("@whole") * pl.col("share")
    own = rounded(own, unit, scene.plan.rounding) if money else own
    several = pl.col("@one") & (pl.col("@of") > 1)
    shared = rows.filter(several)
    parts = shared.with_columns(divided(shared, ["@s"], "@total", "share", "payee", unit).alias("amount"))
    alone = rows.filter(~several).with_columns(pl.when("@one").then("@total").otherwise(own).alias("amount"))
    return pl.concat([parts, alone])


def _totals(stream: Stream) -> list[pl.Expr]:
    """Of each row's source row: `@sum` of its shares, `@of`, how many they are, and whether they have the `@same`
    amount before it is divided."""
    if stream.each is None and isinstance(stream.to, ToPayee):  # one row each
        return [pl.col("share").alias("@sum"), pl.lit(1).alias("@of"), pl.lit(True).alias("@same")]
    return [
        pl.col("share").sum().over("@s").alias("@sum"),
        pl.len().over("@s").alias("@of"),
        (pl.col("@whole").n_unique().over("@s") == 1).alias("@same"),
    ]


def _conversion(scene: Scene, rows: pl.DataFrame, stream: Stream) -> list[pl.Series]:
    """What a foreign amount was before, where the amount is a column as it stands."""
    node, home = stream.amount, scene.plan.currency
    none = [
        pl.Series("original_amount", [0], dtype=EXACT).new_from_index(0, len(rows)),
        pl.Series("original_currency", [""], dtype=pl.String).new_from_index(0, len(rows)),
        pl.Series("fx_rate", [0], dtype=EXACT).new_from_index(0, len(rows)),
        pl.Series("fx_date", [None], dtype=pl.Date).new_from_index(0, len(rows)),
    ]
    if not isinstance(node, Read) or node.root in ("credit", "earning", "period") or node.type.unit is not Unit.MONEY:
        return none
    table, at = follow(scene, rows, node.root, node.hops)
    declared = scene.work.program.workspace.tables[table].columns.get(node.column)
    if declared is None or declared.type is not ColumnType.MONEY:
        return none
    frame = scene.work.snapshot.frame(table)
    values, currencies = frame[node.column].gather(at), frame[f"{node.column}@currency"].gather(at)
    told = converted(scene, values, currencies, rows["asof"]).with_columns(
        values.alias("given"), currencies.alias("in")
    )
    foreign = (pl.col("in") != home) & pl.col("on").is_not_null()
    return told.select(
        pl.when(foreign).then("given").otherwise(ZERO_).alias("original_amount"),
        pl.when(foreign).then("in").otherwise(pl.lit("")).alias("original_currency"),
        pl.when(foreign).then("rate").otherwise(ZERO_).alias("fx_rate"),
        pl.when(foreign).then("on").alias("fx_date"),
    ).get_columns()
