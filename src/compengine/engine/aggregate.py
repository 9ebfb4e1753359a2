"""Sums, counts and extremes over credits and component rows, through windows and over groups."""

from collections.abc import Callable

import polars as pl

from compengine.engine.columns import quotient
from compengine.engine.order import number
from compengine.engine.people import on_day
from compengine.engine.read import Column, rows_of
from compengine.engine.sums import between, start_of
from compengine.engine.windows import spans, through
from compengine.engine.work import Scene
from compengine.plan.typed import Aggregate, Component, Expr, Group, GroupKind, LookThrough, PerCredit
from compengine.values.frames import EXACT

Evaluate = Callable[[Scene, pl.DataFrame, dict[str, Expr]], pl.DataFrame]
_ONE_KEY = "*"


def credits_of(scene: Scene, stream: str) -> tuple[pl.DataFrame, Scene]:
    """Credits of a stream as they count in measures, and the scene in which conditions on them are evaluated."""
    plan, work = scene.plan, scene.work
    frame = work.streams[(plan.id, stream)]
    return frame, Scene(work, plan, "credit", roots_of(scene, stream), stream=stream)


def roots_of(scene: Scene, stream: str) -> dict[str, str]:
    """The table rows that rules on a stream may read."""
    rule = scene.plan.streams[stream]
    roots = {rule.source.row: rule.source.name} if rule.source.kind.value == "table" else {}
    return roots | ({rule.each.row: rule.each.table} if rule.each else {})


def _rows(scene: Scene, node: Aggregate, evaluate: Evaluate) -> pl.DataFrame:
    """What is looked at: date, source, stream, payee, `@n` (of a credit), carried (1 of such a row, else 0), value, one
    (1 where counted), ranked (can be a minimum)."""
    of: pl.Expr = pl.lit(node.stream)
    if node.of_component:
        frame = scene.work.components[(scene.plan.id, node.stream)]
        rule = scene.plan.components[node.stream]
        frame = frame.with_columns(_of_carry(rule).alias("carried"))
        if isinstance(rule.per, PerCredit):  # what was earned on a credit stands where the credit stands
            of = pl.when(pl.col("kind") == "claw").then(of).otherwise(pl.lit(rule.per.stream))
        if node.where is not None:
            assert isinstance(rule.per, PerCredit)
            stream = scene.work.streams[(scene.plan.id, rule.per.stream)]
            credit = Scene(scene.work, scene.plan, "credit", roots_of(scene, rule.per.stream), stream=rule.per.stream)
            kept = _where(credit, stream.with_row_index("@n"), node.where, evaluate)["@n"]
            frame = frame.filter(pl.col("@row").is_in(kept.implode()))
        if node.function != "sum":  # what was earned on one thing counts once, clawed and carried rows apart
            apart = (pl.col("kind") == "claw") | pl.col("carried")
            claws = frame.filter(apart)
            figures = frame.filter(~apart).group_by("payee", "source", maintain_order=True)
            once = figures.agg(pl.col("kind", "date", "carried").first(), pl.col("amount").sum(), counts=1)
            columns = ["payee", "source", "kind", "date", "carried", "amount", "counts"]
            frame = pl.concat([once.select(columns), claws.with_columns(counts=pl.lit(0)).select(columns)])
        else:
            frame = frame.with_columns(pl.lit(0).alias("counts"))
        value, one, ranked = pl.col("amount"), pl.col("counts").cast(EXACT), pl.col("counts") == 1
        carried, place = pl.col("carried").cast(pl.Int8), pl.lit(None, dtype=pl.UInt32)
    else:
        frame, credit = credits_of(scene, node.stream)
        if node.where is not None:
            frame = _where(credit, frame, node.where, evaluate)
        value, one, ranked = pl.col("amount"), pl.col("counts").cast(EXACT), pl.col("ruled")
        carried, place = pl.lit(0, dtype=pl.Int8), pl.col("@n")
    return frame.select(
        "date",
        "source",
        of.alias("stream"),
        "payee",
        place.alias("@n"),
        carried.alias("carried"),
        value.alias("value"),
        one.alias("one"),
        ranked.alias("ranked"),
    )


def _of_carry(rule: Component) -> pl.Expr:
    """Whether a row is what `carry` pays, or what later limits do to that where nothing else stands for the window."""
    carried = pl.col("kind") == "carried"
    if not any(limit.carry for limit in rule.limits):
        return carried
    limited = pl.col("kind").is_in(["cap", "minimum"])
    alone = (carried | limited | (pl.col("kind") == "claw")).all().over("payee", "source")
    return carried | (limited & alone)


def _where(scene: Scene, frame: pl.DataFrame, condition: Expr, evaluate: Evaluate) -> pl.DataFrame:
    found = evaluate(scene, frame, {"keep": condition})
    scene.work.faults.tell(found.select("source", "payee", "keep!"), "keep!", "source", "payee")
    return found.filter(pl.col("keep").fill_null(False)).drop("keep", "keep!")


def keyed(scene: Scene, rows: pl.DataFrame, group: Group | None) -> pl.DataFrame:
    """`rows` (payee, date, …) with `key`: the payee or, over a group, whoever or whatever the credit counts for."""
    if group is None:
        return rows.with_columns(pl.col("payee").alias("key"))
    people = scene.work.people
    match group.kind:
        case GroupKind.PLAN:
            return on_day(rows, people.by_name[scene.plan.name], "payee", "date").with_columns(
                pl.lit(_ONE_KEY).alias("key")
            )
        case GroupKind.SAME:
            at = rows_of(scene, "payees", rows["payee"], rows["date"])
            return rows.with_columns(_column(scene, group.column, at).alias("key")).drop_nulls("key")
    above = people.ancestors
    if group.kind is GroupKind.REPORTS:
        above = above.filter(pl.col("level") == 1)
    return (
        rows.join(above.select("payee", pl.col("ancestor").alias("key"), "first", "last"), on="payee")
        .filter(pl.col("date").is_between(pl.col("first"), pl.col("last")))
        .drop("first", "last")
    )


def key_of(scene: Scene, points: pl.DataFrame, group: Group | None) -> pl.Series:
    """The key that each point looks under."""
    if group is None or group.kind in (GroupKind.REPORTS, GroupKind.DOWNLINE):
        return points["payee"]
    if group.kind is GroupKind.PLAN:
        return pl.Series("key", [_ONE_KEY], dtype=pl.String).new_from_index(0, len(points))
    return _column(scene, group.column, rows_of(scene, "payees", points["payee"], points["asof"]))


def _column(scene: Scene, column: str, at: pl.Series) -> pl.Series:
    return scene.work.snapshot.frame("payees")[column].gather(at).cast(pl.String)


def days_of(scene: Scene, points: pl.DataFrame, window: LookThrough, evaluate: Evaluate) -> pl.DataFrame:
    """`start` and `end` of the window at each point."""
    return spans(scene.plan.calendar, window, points["anchor"], anchors(scene, points, window, evaluate), through)


def anchors(scene: Scene, points: pl.DataFrame, window: LookThrough, evaluate: Evaluate) -> pl.Series | None:
    """For an anniversary window the date it counts from."""
    if window.anchor is None:
        return None
    found = evaluate(scene, points, {"from": window.anchor})
    scene.work.faults.tell(found, "from!", "", "payee")
    return found["from"].fill_null(points["anchor"])


def aggregate(scene: Scene, points: pl.DataFrame, node: Aggregate, evaluate: Evaluate) -> Column:
    """The value at each point; `min`, `max` and `average` of nothing are empty. Marked where a transfer is not said."""
    rows = _rows(scene, node, evaluate)
    days = days_of(scene, points, node.window, evaluate)
    values = _through(scene, points, node, keyed(scene, rows, node.group), days)
    moved = _moved(scene, points, node, days)
    if moved is None or scene.plan.on_transfer == "carry":
        return values, None
    if scene.plan.on_transfer == "reset":
        own = on_day(rows, scene.work.people.by_name[scene.plan.name], "payee", "date")
        fresh = _through(scene, points, node, keyed(scene, own, None), days)
        return pl.select(pl.when(moved).then(fresh).otherwise(values).alias("v"))["v"], None
    message = f"came from another plan inside the window {node.window.text}, and the plan has no on_transfer"
    fault = scene.work.faults.when(pl.col("moved"), "E511", message, node)
    return values, moved.to_frame("moved").select(fault.alias("m"))["m"]


def _moved(scene: Scene, points: pl.DataFrame, node: Aggregate, days: pl.DataFrame) -> pl.Series | None:
    """Whether the window of each point reaches back before the payee came from another plan; None if nobody did."""
    arrivals = scene.work.people.arrivals[scene.plan.name]
    if node.group is not None or node.of_component or arrivals.is_empty():
        return None
    asked = points.select("payee", "anchor").with_columns(days).with_row_index("@at")
    hits = (
        asked.join(arrivals, on="payee")
        .filter((pl.col("day") > pl.col("start")) & (pl.col("day") <= pl.min_horizontal("end", "anchor")))
        .select(pl.col("@at").unique(), pl.lit(True).alias("moved"))
    )
    return asked.join(hits, on="@at", how="left", maintain_order="left")["moved"].fill_null(False)


def _through(scene: Scene, points: pl.DataFrame, node: Aggregate, rows: pl.DataFrame, days: pl.DataFrame) -> pl.Series:
    key = key_of(scene, points, node.group)
    asked = points.with_columns(key.alias("key"), days["start"].alias("ws"), days["end"].alias("we")).with_columns(
        pl.min_horizontal("we", "upto").alias("until")
    )
    if not node.window.to_date:  # the window, whole, unless a credit or a window's start cuts it
        uncut = pl.col("cut").is_null() & (pl.col("upto") == pl.col("t"))
        asked = asked.with_columns(pl.when(uncut).then("we").otherwise("until").alias("until"))
    if node.function in ("min", "max"):
        return _extreme(rows, asked.with_columns(_cuts(scene, asked)), node.function)
    places, cuts = _places(scene, rows, asked, node)
    # a credit cuts only where the window reaches its day
    cut = pl.col("cut").is_not_null() & (pl.col("until") == pl.col("upto"))
    ends = asked.with_columns(cuts.alias("at")).select(
        "key",
        pl.col("until").alias("date"),
        pl.when(cut).then(1).otherwise(3).cast(pl.Int8).alias("phase"),
        pl.when(cut).then("at").otherwise(0).cast(pl.UInt32).alias("place"),
        pl.when(~cut).then(0).when("cut_after").then(1).otherwise(-1).cast(pl.Int8).alias("side"),
    )
    wanted = {"sum": ["value"], "count": ["one"]}.get(node.function, ["value", "one"])
    sums = between(rows.with_columns(places.alias("place")), start_of(asked["ws"], asked["key"]), ends, wanted)
    open_ = asked.select((pl.col("until") >= pl.col("ws")).alias("open"))["open"]
    found = sums.with_columns(pl.when(open_).then(pl.all()).otherwise(pl.lit(0).cast(EXACT)))
    match node.function:
        case "sum":
            return found["value"]
        case "count":
            return found["one"]
    return found.select(quotient(pl.col("value"), pl.col("one")).alias("v"))["v"]


def _places(scene: Scene, rows: pl.DataFrame, asked: pl.DataFrame, node: Aggregate) -> tuple[pl.Series, pl.Series]:
    """The place of each row, and of the credit that cuts each point, in the total order of a day."""
    if not node.of_component and asked.select((pl.col("cut_stream") == node.stream).all()).item():
        return rows["@n"], asked["cut"]
    cuts = _cuts(scene, asked)
    if cuts["cut_source"].null_count() == len(cuts):
        return pl.Series([0], dtype=pl.UInt32).new_from_index(0, len(rows)), asked["cut"]
    both = pl.concat([rows.select("source", "stream", "payee"), cuts.rename(lambda name: name.removeprefix("cut_"))])
    places = number(both.with_columns(pl.col("source").rank("dense")), ["source", "stream", "payee"]).rank("dense")
    return places.head(len(rows)), places.tail(len(asked))


def _cuts(scene: Scene, asked: pl.DataFrame) -> pl.DataFrame:
    """`cut_source`, `cut_stream` and `cut_payee` of the credit that cuts each point; empty where none does."""
    streams = asked["cut_stream"].unique().drop_nulls().to_list()
    credits = [scene.work.streams[(scene.plan.id, name)] for name in streams]
    found = asked.select("cut", "cut_stream")
    for column in ("source", "payee"):
        texts = [
            pl.when(pl.col("cut_stream") == name).then(pl.lit(frame[column]).gather(pl.col("cut")))
            for name, frame in zip(streams, credits, strict=True)
        ]
        found = found.with_columns(pl.coalesce(pl.lit(None, dtype=pl.String), *texts).alias(f"cut_{column}"))
    return found.select("cut_source", "cut_stream", "cut_payee")


def _extreme(rows: pl.DataFrame, asked: pl.DataFrame, function: str) -> pl.Series:
    asked = asked.select(
        "key", "ws", "until", "upto", "cut_source", "cut_stream", "cut_payee", "cut_after"
    ).with_row_index("@at")
    pairs = asked.join(rows.filter("ranked"), on="key").filter(pl.col("date").is_between(pl.col("ws"), pl.col("until")))
    here = pl.struct("source", "stream", "payee")
    there = pl.struct(
        pl.col("cut_source").alias("source"), pl.col("cut_stream").alias("stream"), pl.col("cut_payee").alias("payee")
    )
    same = here == there
    earlier = (
        (pl.col("source") < pl.col("cut_source"))
        | ((pl.col("source") == pl.col("cut_source")) & (pl.col("stream") < pl.col("cut_stream")))
        | (
            (pl.col("source") == pl.col("cut_source"))
            & (pl.col("stream") == pl.col("cut_stream"))
            & (pl.col("payee") < pl.col("cut_payee"))
        )
    )
    inside = pl.col("cut_source").is_null() | (pl.col("date") < pl.col("upto")) | earlier | (same & pl.col("cut_after"))
    best = pl.col("value").min() if function == "min" else pl.col("value").max()
    found = pairs.filter(inside).group_by("@at").agg(best.alias("v"))
    return asked.join(found, on="@at", how="left", maintain_order="left")["v"]
