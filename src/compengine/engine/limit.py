"""Limits: what caps, minimums and first-n rules do to the rows of a component."""

import polars as pl

from compengine.engine.carry import scoped
from compengine.engine.columns import ZERO_, rounded
from compengine.engine.evaluate import evaluate
from compengine.engine.points import at_days
from compengine.engine.rows import COLUMNS, settled_per_component
from compengine.engine.windows import by_day
from compengine.engine.work import Scene
from compengine.plan.limits import KINDS, carried_part_of, part_of
from compengine.plan.typed import Component, Limit, PerCredit, Scope
from compengine.values.frames import EXACT
from compengine.values.money import minor_unit
from compengine.values.periods import anniversary_year

ORDER = ["date", "@late", "source", "payee"]
_ITEM = ["@i", "payee", "source", "date", "reverses", "@late", "@u", "@scope", "@by", "@who"]
_KEPT = {
    "@i": pl.UInt32, "payee": pl.String, "source": pl.String, "date": pl.Date, "reverses": pl.String,
    "t": pl.Date, "wstart": pl.Date, "wend": pl.Date, "@late": pl.Boolean,
}  # fmt: skip


def scope_key(scene: Scene, frame: pl.DataFrame, scope: Scope) -> pl.Series:
    """A text that is the same for rows of one scope's window."""
    calendar = scene.plan.calendar
    match scope.kind:
        case "credit":
            return frame.select(_credit())["source"]
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


def _credit() -> pl.Expr:
    """The id of the credit that limits are about: a further part of one has the limits of it."""
    return pl.when(pl.col("corrects") == "").then(pl.col("source")).otherwise(pl.col("corrects")).alias("source")


def grouped(scene: Scene, frame: pl.DataFrame, limit: Limit) -> pl.DataFrame:
    """`frame` with `@scope` and `@by`, and `@who`: the payee, or nobody in particular across the plan."""
    by = pl.Series([""], dtype=pl.String).new_from_index(0, len(frame))
    if limit.by is not None:
        found = evaluate(scene, frame, {"@key": limit.by})
        scene.work.faults.tell(found, "@key!", "source", "payee")
        by = _as_text(found["@key"])
    who = pl.lit("") if limit.across_plan else pl.col("payee")
    return frame.with_columns(scope_key(scene, frame, limit.scope).alias("@scope"), by.alias("@by"), who.alias("@who"))


def _as_text(keys: pl.Series) -> pl.Series:
    """Values of `by` as they stand in a part: numbers without zeros at the end."""
    texts = keys.cast(pl.String).fill_null("")
    return texts.str.strip_chars_end("0").str.strip_chars_end(".") if keys.dtype == EXACT else texts


def firsts(scene: Scene, frame: pl.DataFrame, component: Component) -> pl.DataFrame:
    """`frame` without the credits that a `first N` limit leaves out."""
    for limit in component.limits:
        if limit.kind != "first":
            continue
        found = evaluate(scene, grouped(scene, frame, limit), {"@count": limit.value})
        scene.work.faults.tell(found, "@count!", "source", "payee")
        own = found.filter((pl.col("reverses") == "") & (pl.col("corrects") == "")).sort("date", "source", "payee")
        place = pl.int_range(pl.len()).over("@who", "@scope", "@by").cast(EXACT)
        kept = own.filter(place < pl.col("@count")).select("payee", pl.col("source").alias("@original"))
        original = pl.when(pl.col("reverses") == "").then(_credit()).otherwise(pl.col("reverses"))
        frame = frame.with_columns(original.alias("@original"))
        left = frame.join(kept, on=["payee", "@original"], how="anti", maintain_order="left")
        scene.work.exclude(scene.plan.name, component.name, left.with_columns(pl.lit(limit.text).alias("by")))
        frame = frame.join(kept, on=["payee", "@original"], how="semi", maintain_order="left").drop("@original")
    return frame


def all_limited(scene: Scene, frame: pl.DataFrame, rows: pl.DataFrame, component: Component) -> pl.DataFrame:
    """`rows` and those of the component's limits, in file order. `frame` has what the rows are for, by `@i`."""
    if not component.limits:
        return rows
    kept = at_days(scene.work, scene.plan, pl.DataFrame(schema=_KEPT))
    for limit in component.limits:
        if limit.kind != "first":
            rows, kept = _limited(scene, frame, kept, rows, component, limit)
    return rows


def _limited(
    scene: Scene, frame: pl.DataFrame, kept: pl.DataFrame, rows: pl.DataFrame, component: Component, limit: Limit
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`rows` and, per credit or window, a row with what the limit adds or takes; with `carry` also what its windows pay
    of earlier ones. `kept` are the windows that only such rows are for: points with source, date, `@i` and `@late`."""
    items = _items(scene, frame, rows, limit)
    if limit.scope.kind != "credit" and not kept.is_empty():
        point = Scene(scene.work, scene.plan, "point", {})
        items = pl.concat([items, _items(point, kept, rows, limit)])
    if limit.carry:
        items, paid = scoped(scene, items, limit)
        made, kept = _paid(scene, frame, kept, paid, component, limit)
        return pl.concat([rows, _made(scene, _moved(items, limit), component, limit), made]), kept
    return pl.concat([rows, _made(scene, _moved(items, limit), component, limit)]), kept


def _items(scene: Scene, frame: pl.DataFrame, rows: pl.DataFrame, limit: Limit) -> pl.DataFrame:
    """What the limit works on: `@u`, the amount so far of each credit or window, and unless it carries `@m`."""
    sums = rows.group_by("@i").agg(pl.col("amount").sum().alias("@u"))
    asked = grouped(scene, frame.join(sums, on="@i", how="inner", maintain_order="left"), limit)
    if "@late" not in asked.columns:
        asked = asked.with_columns(pl.lit(False).alias("@late"))
    if limit.carry:
        return asked.select(*_ITEM)
    found = evaluate(scene, asked, {"@m": limit.value})
    scene.work.faults.tell(found, "@m!", "source", "payee")
    for source in found.filter(pl.col("@m").is_null() & pl.col("@m!").is_null())["source"].head(20):
        scene.work.faults.add("E517", f"{limit.value.text} is empty: row {source}", limit.value, source)
    unit = minor_unit(scene.plan.currency)
    return found.select(*_ITEM, rounded(pl.col("@m"), unit, scene.plan.rounding).alias("@m"))


def _moved(items: pl.DataFrame, limit: Limit) -> pl.DataFrame:
    """`items` with the amount that the limit adds to each."""
    items = items.sort(ORDER)
    pick = pl.min_horizontal if limit.kind == "at most" else pl.max_horizontal
    if limit.scope.kind == "credit":
        over = ["payee", "@scope"]
        total = pl.col("@u").cum_sum().over(over)
        through = pl.when(pl.col("reverses") == "").then(pick(total, pl.col("@m")))
        items = items.with_columns(through.otherwise(ZERO_ - pick(ZERO_ - total, pl.col("@m"))).alias("@c"))
    else:
        over = ["@who", "@scope", "@by"]
        items = items.with_columns(pick(pl.col("@u").cum_sum().over(over), pl.col("@m")).alias("@c"))
    moved = pl.col("@c") - pl.col("@c").shift(1).over(over).fill_null(ZERO_)
    return items.with_columns((moved - pl.col("@u")).alias("amount"))


def _made(scene: Scene, items: pl.DataFrame, component: Component, limit: Limit) -> pl.DataFrame:
    """The rows of the limit, where it does something."""
    rows = items.filter(pl.col("amount") != ZERO_).with_columns(
        pl.lit(KINDS[limit.kind]).alias("kind"),
        pl.lit(part_of(limit, component.limits)).alias("part"),
        pl.col("@u").alias("basis"),
    )
    return _labelled(scene, rows, component)


def _paid(
    scene: Scene, frame: pl.DataFrame, kept: pl.DataFrame, paid: pl.DataFrame, component: Component, limit: Limit
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The carried rows, each for the frame's or kept window of its source; `kept` with the windows that are new."""
    known = pl.concat([frame.select("@i", "payee", "source"), kept.select("@i", "payee", "source")])
    fresh = paid.join(known, on=["payee", "source"], how="anti").unique(["payee", "source"]).sort("date", "payee")
    fresh = fresh.with_columns(
        (pl.int_range(pl.len(), dtype=pl.UInt32) + len(known)).alias("@i"),
        pl.lit("").alias("reverses"),
        pl.col("date").alias("t"),
        (~_of_the_rule(scene, fresh, component)).alias("@late"),
    )
    kept = pl.concat([kept, at_days(scene.work, scene.plan, fresh.select(list(_KEPT)))])
    known = pl.concat([known, fresh.select("@i", "payee", "source")])
    part = carried_part_of(limit, component.limits)
    label = pl.lit(part) if limit.by is None else pl.concat_str(pl.lit(f"{part}:"), "@by")
    rows = paid.join(known, on=["payee", "source"], how="left", maintain_order="left").with_columns(
        pl.lit("carried").alias("kind"), label.alias("part"), pl.col("@k").alias("basis")
    )
    return _labelled(scene, rows, component), kept


def _of_the_rule(scene: Scene, rows: pl.DataFrame, component: Component) -> pl.Series:
    """Whether the source of each row (source, date) is one of the windows that the component is for."""
    if isinstance(component.per, PerCredit):
        return pl.Series([False]).new_from_index(0, len(rows))
    unit, calendar = component.per.unit, scene.plan.calendar
    return by_day(rows["date"], lambda d: calendar.window(unit, d))["label"] == rows["source"]


def _labelled(scene: Scene, rows: pl.DataFrame, component: Component) -> pl.DataFrame:
    """The columns of `Earning` and `@i`, from rows with payee, source, date, part, kind, basis and amount."""
    rows = rows.with_columns(
        pl.lit(scene.plan.name).alias("plan"),
        pl.lit(component.name).alias("component"),
        pl.lit(scene.plan.currency).alias("currency"),
        pl.lit(component.paid).alias("paid"),
        pl.lit(scene.plan.currency).alias("basis_unit"),
        pl.lit(0).cast(EXACT).alias("rate"),
        pl.lit("").alias("rate_unit"),
        pl.lit(None, dtype=EXACT).alias("position_from"),
        pl.lit(None, dtype=EXACT).alias("position_to"),
    )
    return settled_per_component(scene.plan, rows, fresh=False).select(*COLUMNS, "@i")
