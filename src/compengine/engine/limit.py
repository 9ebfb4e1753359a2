"""Limits: what caps, minimums and first-n rules do to the rows of a component."""

import polars as pl

from compengine.engine.columns import ZERO_, rounded
from compengine.engine.evaluate import evaluate
from compengine.engine.rows import COLUMNS, settled_per_component
from compengine.engine.windows import by_day
from compengine.engine.work import Scene
from compengine.plan.typed import Component, Limit, Scope
from compengine.values.frames import EXACT
from compengine.values.money import minor_unit
from compengine.values.periods import anniversary_year

ORDER = ["date", "source", "payee"]


def scope_key(scene: Scene, frame: pl.DataFrame, scope: Scope) -> pl.Series:
    """A text that is the same for rows of one scope's window."""
    calendar = scene.plan.calendar
    match scope.kind:
        case "credit":
            return frame["source"]
        case "life":
            return pl.Series([""], dtype=pl.String).new_from_index(0, len(frame))
        case "anniversary":
            assert scope.anchor is not None
            found = evaluate(scene, frame, {"@a": scope.anchor})
            scene.work.faults.tell(found, "@a!", "source", "payee")
            asked = found.select(pl.col("@a").fill_null(pl.col("date")).alias("a"), "date")
            distinct = asked.unique()
            labels = [anniversary_year(a, d).label for a, d in distinct.iter_rows()]
            table = distinct.with_columns(pl.Series("label", labels, dtype=pl.String))
            return asked.join(table, on=["a", "date"], how="left", maintain_order="left")["label"]
    return by_day(frame["date"], lambda d: calendar.window(scope.kind, d))["label"]


def grouped(scene: Scene, frame: pl.DataFrame, limit: Limit) -> pl.DataFrame:
    """`frame` with `@scope` and `@by`, and `@who`: the payee, or nobody in particular across the plan."""
    by = pl.Series([""], dtype=pl.String).new_from_index(0, len(frame))
    if limit.by is not None:
        found = evaluate(scene, frame, {"@key": limit.by})
        scene.work.faults.tell(found, "@key!", "source", "payee")
        by = found["@key"].cast(pl.String).fill_null("")
    who = pl.lit("") if limit.across_plan else pl.col("payee")
    return frame.with_columns(scope_key(scene, frame, limit.scope).alias("@scope"), by.alias("@by"), who.alias("@who"))


def firsts(scene: Scene, frame: pl.DataFrame, component: Component) -> pl.DataFrame:
    """`frame` without the credits that a `first N` limit leaves out."""
    for limit in component.limits:
        if limit.kind != "first":
            continue
        found = evaluate(scene, grouped(scene, frame, limit), {"@count": limit.value})
        scene.work.faults.tell(found, "@count!", "source", "payee")
        own = found.filter(pl.col("reverses") == "").sort(ORDER)
        place = pl.int_range(pl.len()).over("@who", "@scope", "@by").cast(EXACT)
        kept = own.filter(place < pl.col("@count")).select("payee", pl.col("source").alias("@original"))
        original = pl.when(pl.col("reverses") == "").then(pl.col("source")).otherwise(pl.col("reverses"))
        frame = frame.with_columns(original.alias("@original"))
        left = frame.join(kept, on=["payee", "@original"], how="anti", maintain_order="left")
        scene.work.exclude(scene.plan.name, component.name, left.with_columns(pl.lit(limit.text).alias("by")))
        frame = frame.join(kept, on=["payee", "@original"], how="semi", maintain_order="left").drop("@original")
    return frame


def limited(scene: Scene, frame: pl.DataFrame, rows: pl.DataFrame, component: Component, limit: Limit) -> pl.DataFrame:
    """`rows` and, per credit or window, a row with what the limit adds or takes."""
    sums = rows.group_by("@i").agg(pl.col("amount").sum().alias("@u"))
    asked = grouped(scene, frame.join(sums, on="@i", how="inner", maintain_order="left"), limit)
    found = evaluate(scene, asked, {"@m": limit.value})
    scene.work.faults.tell(found, "@m!", "source", "payee")
    for source in found.filter(pl.col("@m").is_null() & pl.col("@m!").is_null())["source"].head(20):
        scene.work.faults.add("E517", f"{limit.value.text} is empty: row {source}", limit.value, source)
    unit = minor_unit(scene.plan.currency)
    found = found.with_columns(rounded(pl.col("@m"), unit, scene.plan.rounding).alias("@m")).sort(ORDER)
    pick = pl.min_horizontal if limit.kind == "at most" else pl.max_horizontal
    if limit.scope.kind == "credit":
        mirrored = ZERO_ - pick(ZERO_ - pl.col("@u"), pl.col("@m"))
        through = pl.when(pl.col("reverses") == "").then(pick("@u", "@m")).otherwise(mirrored)
        found = found.with_columns((through - pl.col("@u")).alias("amount"))
    else:
        over = ["@who", "@scope", "@by"]
        found = found.with_columns(pick(pl.col("@u").cum_sum().over(over), pl.col("@m")).alias("@c"))
        moved = pl.col("@c") - pl.col("@c").shift(1).over(over).fill_null(ZERO_)
        found = found.with_columns((moved - pl.col("@u")).alias("amount"))
    kind = "cap" if limit.kind == "at most" else "minimum"
    part = f"{kind}:{limit.scope.text}"
    before = component.limits[: component.limits.index(limit)]
    same = [x for x in before if x.kind == limit.kind and x.scope.text == limit.scope.text]
    made = found.filter(pl.col("amount") != ZERO_).with_columns(
        pl.lit(scene.plan.name).alias("plan"),
        pl.lit(component.name).alias("component"),
        pl.lit(scene.plan.currency).alias("currency"),
        pl.lit(component.paid).alias("paid"),
        pl.lit(kind).alias("kind"),
        pl.lit(f"{part}#{len(same) + 1}" if same else part).alias("part"),
        pl.col("@u").alias("basis"),
        pl.lit(scene.plan.currency).alias("basis_unit"),
        pl.lit(0).cast(EXACT).alias("rate"),
        pl.lit("").alias("rate_unit"),
        pl.lit(None, dtype=EXACT).alias("position_from"),
        pl.lit(None, dtype=EXACT).alias("position_to"),
    )
    made = settled_per_component(scene.plan, made, fresh=False)
    return pl.concat([rows, made.select(*COLUMNS, "@i")])
