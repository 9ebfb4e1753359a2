"""When earnings become payable."""

import polars as pl
from polars import selectors

from compengine.engine.aggregate import roots_of
from compengine.engine.columns import ONE_, ZERO_, lit, rounded
from compengine.engine.earn import windows
from compengine.engine.evaluate import evaluate
from compengine.engine.related import expanded
from compengine.engine.work import Scene, Work
from compengine.plan.typed import Component, PerCredit, PerWindow, Plan
from compengine.values.exact import QUANTUM
from compengine.values.frames import EXACT, schema
from compengine.values.money import minor_unit
from compengine.values.rows import Payable

_KEY = ["payee", "source"]


def release(work: Work, plan: Plan, component: Component, rows: pl.DataFrame) -> pl.DataFrame:
    """Payables of a paid component's earnings."""
    rows = rows.filter(pl.col("amount") != ZERO_)
    if not component.release:
        return on_own_date(rows)
    scene, frame = _for(work, plan, component)
    waiting = rows.filter(pl.col("kind") != "carried").join(frame.select(_KEY), on=_KEY, how="semi")
    own = rows.join(waiting.select(*_KEY, "part"), on=[*_KEY, "part"], how="anti")
    frame = frame.join(waiting.select(_KEY).unique(), on=_KEY, how="semi", maintain_order="left")
    return pl.concat([on_own_date(own), _released(scene, frame, component, waiting)])


def _for(work: Work, plan: Plan, component: Component) -> tuple[Scene, pl.DataFrame]:
    """The credits or windows that releases read."""
    match component.per:
        case PerCredit(stream=stream):
            plain = Scene(work, plan, "credit", {}, stream=stream)
            scene = Scene(work, plan, "credit", roots_of(plain, stream), stream=stream)
            return scene, work.streams[(plan.id, stream)]
        case PerWindow(unit=unit):
            return Scene(work, plan, "point", {}), windows(work, plan, unit)


def on_own_date(rows: pl.DataFrame) -> pl.DataFrame:
    """Payables of rows that are payable on the date they have."""
    return rows.select(
        *["plan", "component", "payee", "for_period", "source", "part"],
        pl.lit(0, dtype=pl.Int32).alias("step"),
        pl.col("date").alias("on"),
        "amount",
        "currency",
        selectors.by_name("@id", require_all=False),
    )


def _released(scene: Scene, frame: pl.DataFrame, component: Component, rows: pl.DataFrame) -> pl.DataFrame:
    """Payables of the rows of `frame` by the component's releases, and what remains held."""
    plan = scene.plan
    steps = _schedule(scene, frame, component)
    unit = minor_unit(plan.currency)
    late = pl.when((pl.col("kind") == "claw") & pl.col("on").is_not_null()).then(pl.max_horizontal("on", "date"))
    pairs = rows.join(steps, on=_KEY, how="left").with_columns(
        late.otherwise(pl.col("on")).alias("on"), pl.col("@sum").fill_null(ZERO_)
    )
    own = ["payee", "source", "part"]
    pairs = pairs.sort(*own, "step", nulls_last=True).with_columns(
        pl.when(pl.col("@sum") == ONE_)
        .then(pl.col("amount"))
        .otherwise(rounded(pl.col("amount") * pl.col("@sum"), unit, plan.rounding))
        .alias("@so_far")
    )
    parts = pairs.with_columns(
        (pl.col("@so_far") - pl.col("@so_far").shift(1).over(own).fill_null(ZERO_)).alias("@part")
    )
    rest = parts.group_by(own, maintain_order=True).agg(
        pl.col("plan", "component", "for_period", "currency", "amount", "@id").first(),
        pl.col("@so_far").last(),
        (pl.col("step").max().fill_null(-1) + 1).cast(pl.Int32).alias("step"),
    )
    held = rest.with_columns(
        (pl.col("amount") - pl.col("@so_far")).alias("@part"), pl.lit(None, dtype=pl.Date).alias("on")
    )
    columns = [*[c for c in schema(Payable) if c != "amount"], "@id"]
    both = [f.select(*columns, pl.col("@part").alias("amount")) for f in (parts.drop_nulls("step"), held)]
    return pl.concat(both).filter(pl.col("amount") != ZERO_).select(*schema(Payable), "@id")


def _schedule(scene: Scene, frame: pl.DataFrame, component: Component) -> pl.DataFrame:
    """For each credit or window the steps in order: on, step, `@sum` (total share after it)."""
    work = scene.work
    found: list[pl.DataFrame] = []
    for place, entry in enumerate(component.release):
        here, inner, keys = frame, scene, pl.Series([""], dtype=pl.String).new_from_index(0, len(frame))
        if entry.each is not None:
            here, inner = expanded(scene, frame, entry.each, evaluate)
            keys = work.snapshot.frame(entry.each.table)["@key"].gather(here[f"@{entry.each.row}"])
        told = evaluate(inner, here, {"@share": entry.share, "@on": entry.on})
        for mark in ("@share!", "@on!"):
            work.faults.tell(told, mark, "source", "payee")
        found.append(
            told.select(*_KEY, "@share", pl.col("@on").alias("on"), pl.lit(place).alias("@place"), keys.alias("@k"))
        )
        for source in told.filter(pl.col("@share") < ZERO_)["source"].head(20):
            work.faults.add("E514", f"the share {entry.share.text} is negative: row {source}", entry.share, source)
    work.faults.stop()
    steps = pl.concat(found).sort(*_KEY, "on", "@place", "@k", nulls_last=True)
    steps = steps.with_columns(
        pl.col("@share").cum_sum().over(_KEY).alias("@sum"),
        pl.int_range(pl.len(), dtype=pl.Int32).over(_KEY).alias("step"),
    )
    slack = lit(QUANTUM) * (pl.len().over(_KEY)).cast(EXACT)
    steps = steps.with_columns(
        pl.when((pl.col("@sum") - ONE_).abs() <= slack).then(ONE_).otherwise(pl.col("@sum")).alias("@sum")
    )
    over = steps.filter(pl.col("@sum") > ONE_).unique(_KEY, keep="first", maintain_order=True)
    for payee, source, total in over.select(*_KEY, pl.col("@sum") * lit(100)).head(20).iter_rows():
        message = f"{total.normalize():f}% of {source} would be released: payee {payee}"
        work.faults.add("E516", message, component.release[0].share, source)
    work.faults.stop()
    # what has no day is held, in one part with what remains below 100%
    return steps.drop_nulls("on").select(*_KEY, "on", "step", "@sum")
