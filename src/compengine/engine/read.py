"""Reading columns along references, and converting foreign money on the way."""

import polars as pl

from compengine.engine.columns import lit, rounded
from compengine.engine.faults import MARK
from compengine.engine.windows import by_day
from compengine.engine.work import Scene
from compengine.inputs.schema import ColumnType
from compengine.plan.typed import Hop, Lookup, Match, Quota, Read
from compengine.values.frames import EXACT
from compengine.values.money import minor_unit

Column = tuple[pl.Series, pl.Series | None]


def rows_of(scene: Scene, table: str, keys: pl.Series, asof: pl.Series) -> pl.Series:
    """The index of the row with each key, of an effective table the version in force on the day; empty without one."""
    declared = scene.work.program.workspace.tables[table]
    rows = scene.work.snapshot.frame(table).with_row_index("row")
    asked = pl.DataFrame({"@key": keys.cast(pl.String), "day": asof})
    if declared.effective is None:
        found = asked.join(rows.select("@key", "row"), on="@key", how="left", maintain_order="left")
        return found["row"]
    first, last = declared.effective
    asked = asked.with_row_index("at")
    hits = (
        asked.drop_nulls()
        .join(rows.select("@key", "row", pl.col(first).alias("f"), pl.col(last).alias("l")), on="@key")
        .filter(
            (pl.col("f").is_null() | (pl.col("f") <= pl.col("day")))
            & (pl.col("l").is_null() | (pl.col("day") <= pl.col("l")))
        )
        .select("at", "row")
    )
    return asked.join(hits, on="at", how="left", maintain_order="left")["row"]


def follow(scene: Scene, frame: pl.DataFrame, root: str, hops: tuple[Hop, ...]) -> tuple[str, pl.Series]:
    """The table that a path leads to and the index of the row in it, for each row of `frame`."""
    steps = list(hops)
    if root == "payee":
        table, rows = "payees", rows_of(scene, "payees", frame["payee"], frame["asof"])
    elif root in ("credit", "earning"):
        keys = frame[carried(scene, root, steps.pop(0).column)]
        table, rows = "payees", rows_of(scene, "payees", keys, frame["asof"])
    else:
        table, rows = scene.roots[root], frame[f"@{root}"]
    for hop in steps:
        keys = scene.work.snapshot.frame(table)[hop.column].gather(rows)
        table, rows = hop.table, rows_of(scene, hop.table, keys, frame["asof"])
    return table, rows


def read(scene: Scene, frame: pl.DataFrame, node: Read) -> Column:
    """Values of a path in the order of `frame`, money in the plan's currency, with marks where no rate exists."""
    if node.root == "period":
        return _period(scene, frame, node.column), None
    if not node.hops:
        plain = _own(scene, frame, node)
        if plain is not None:
            currency = f"earning.{node.column}@currency"
            if node.root != "earning" or currency not in frame.columns:
                return plain, None
            return _in_home_currency(scene, frame, node, plain, frame[currency])
    values, currencies = as_it_stands(scene, frame, node)
    return (values, None) if currencies is None else _in_home_currency(scene, frame, node, values, currencies)


def as_it_stands(scene: Scene, frame: pl.DataFrame, node: Read) -> tuple[pl.Series, pl.Series | None]:
    """Values of a column of an input table, and of money the currency of each."""
    table, rows = follow(scene, frame, node.root, node.hops)
    held = scene.work.snapshot.frame(table)
    declared = scene.work.program.workspace.tables[table].columns.get(node.column)
    money = declared is not None and declared.type is ColumnType.MONEY
    return held[node.column].gather(rows), held[f"{node.column}@currency"].gather(rows) if money else None


def filled(scene: Scene, node: Read, values: pl.Series, marks: pl.Series | None) -> Column:
    """A value that the plan may take for granted must be there, whatever rows and versions are missing on the way."""
    if node.type.optional or values.null_count() == 0:
        return values, marks
    frame = pl.DataFrame({"v": values}).with_columns((pl.lit(None, dtype=MARK) if marks is None else marks).alias("m"))
    empty = scene.work.faults.when(pl.col("v").is_null(), "E517", f"{node.text} is empty", node)
    return values, frame.select(pl.coalesce("m", empty).alias("m"))["m"]


def _in_home_currency(
    scene: Scene, frame: pl.DataFrame, node: Read, values: pl.Series, currencies: pl.Series
) -> Column:
    """Converted at the rate of each row's day; marked where there is none. An empty currency is no money."""
    home = currencies.replace({"": scene.plan.currency})
    found, marks = in_home_currency(scene, values, home, frame["asof"], node)
    return found, marks if marks.null_count() < len(marks) else None


def in_home_currency(
    scene: Scene, values: pl.Series, currencies: pl.Series, days: pl.Series, node: Read | Lookup | Match | Quota
) -> tuple[pl.Series, pl.Series]:
    """The values of `converted`, and a mark for each that has no rate (E503): it names the currencies and the day."""
    home = scene.plan.currency
    asked = {"from": currencies, "day": _day_of_rate(scene, days), "given": values}
    frame = pl.DataFrame(asked).with_columns(converted(scene, values, currencies, days)["value"].alias("got"))
    gone = pl.col("got").is_null() & pl.col("given").is_not_null()
    lost = frame.filter(gone).select("from", "day").unique().sort("from", "day")
    what = f"the quota {node.name}" if isinstance(node, Quota) else node.text
    told = [
        scene.work.faults.mark("E503", f"no exchange rate from {of} to {home} on or before {day} for {what}", node)
        for of, day in lost.iter_rows()
    ]
    known = lost.with_columns(pl.Series("mark", told, dtype=MARK))
    back = frame.join(known, on=["from", "day"], how="left", maintain_order="left", nulls_equal=True)
    return frame["got"], back.select(pl.when(gone).then("mark").alias("m"))["m"]


def _day_of_rate(scene: Scene, days: pl.Series) -> pl.Series:
    """Each day, or for a stream with `convert: plan_rate` the plan's first."""
    if scene.stream and scene.plan.streams[scene.stream].convert == "plan_rate":
        return pl.Series([scene.plan.start]).new_from_index(0, len(days))
    return days


def _own(scene: Scene, frame: pl.DataFrame, node: Read) -> pl.Series | None:
    """Columns the frame itself carries: of the credit or of an earning."""
    if node.root not in ("credit", "earning"):
        return None
    found = frame[carried(scene, node.root, "source" if node.column == "id" else node.column)]
    return found.cast(EXACT) if found.dtype == pl.Int32 else found


def carried(scene: Scene, root: str, column: str) -> str:
    """Where a frame keeps a column of the credit or earning it is about: credits under their own names, sources of
    other streams under `credit.` and `earning.`, because `payee` there is a candidate."""
    return column if root == "credit" and scene.level == "credit" else f"{root}.{column}"


def _period(scene: Scene, frame: pl.DataFrame, column: str) -> pl.Series:
    day = frame["t"] if scene.level == "point" else frame["asof"]
    calendar = scene.plan.calendar
    found = by_day(day, lambda d: calendar.window("period", d))
    if column != "number":
        return found[column]
    ends = found["end"].unique().drop_nulls().to_list()
    numbers = [len(calendar.between("period", calendar.window("year", end).start, end)) for end in ends]
    table = pl.DataFrame({"end": ends, "n": numbers}, schema={"end": pl.Date, "n": pl.Int64})
    return found.join(table, on="end", how="left", maintain_order="left")["n"].cast(EXACT)


def converted(scene: Scene, values: pl.Series, currencies: pl.Series, days: pl.Series) -> pl.DataFrame:
    """`value` in the plan's currency, rounded where it was converted; with `rate` and `on` of the conversion.

    The rate is that of each day, or for a stream with `convert: plan_rate` that of the plan's first day. Empty where no
    rate exists; rate and day are empty where nothing had to be converted.
    """
    home = scene.plan.currency
    frame = pl.DataFrame({"value": values, "from": currencies, "day": _day_of_rate(scene, days)})
    if frame.filter((pl.col("from") != home) & pl.col("value").is_not_null()).is_empty():
        return frame.select("value", pl.lit(None, dtype=EXACT).alias("rate"), pl.lit(None, dtype=pl.Date).alias("on"))
    return exchanged(scene.work.rates, frame, home, scene)


def exchanged(rates: pl.DataFrame, frame: pl.DataFrame, target: str, scene: Scene) -> pl.DataFrame:
    """The conversion itself: the latest rate on or before the day, direct pairs before inverse ones."""
    days = frame.filter((pl.col("from") != target) & pl.col("value").is_not_null()).select("from", "day").drop_nulls()
    usable = rates.filter(pl.col("to") == target).select("from", "date", "rate", "inverse")
    hits = (
        days.unique()
        .join(usable, on="from")
        .filter(pl.col("date") <= pl.col("day"))
        .sort("from", "day", "inverse", "date", descending=[False, False, False, True])
        .unique(["from", "day"], keep="first", maintain_order=True)
        .select("from", "day", "rate", "inverse", pl.col("date").alias("on"))
    )
    return applied(frame.join(hits, on=["from", "day"], how="left", maintain_order="left"), target, scene)


def applied(frame: pl.DataFrame, target: str, scene: Scene) -> pl.DataFrame:
    """`value` (in the currency `from`) at `rate` of the day `on`, by which is divided where `inverse`."""
    unit, mode = minor_unit(target), scene.plan.rounding
    product = (
        pl.when(pl.col("inverse")).then(pl.col("value") / pl.col("rate")).otherwise(pl.col("value") * pl.col("rate"))
    )
    return frame.select(
        pl.when(pl.col("from") == target).then(pl.col("value")).otherwise(rounded(product, unit, mode)).alias("value"),
        pl.when(pl.col("inverse")).then(lit(1) / pl.col("rate")).otherwise(pl.col("rate")).alias("rate"),
        "on",
    )


def nothing(frame: pl.DataFrame) -> pl.Series:
    return pl.Series([None] * len(frame), dtype=MARK)
