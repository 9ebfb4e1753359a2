"""Slices of a scale: where each basis lies, and at what rate.

All figures of a position are kept in the unit of `moving`; bounds are multiplied by `per`. Band k reaches from its
bound to the next; the first is open below, the last above. From the band w of the highest `whole` band reached, what
lies below collapses into w.
"""

import polars as pl

from compengine.engine.columns import ONE_, ZERO_, lit, quotient
from compengine.engine.evaluate import evaluate
from compengine.engine.faults import MARK
from compengine.engine.people import LAST
from compengine.engine.points import at_credits, at_days, at_start, distinct
from compengine.engine.windows import by_day, spans, whole
from compengine.engine.work import Scene
from compengine.plan.typed import Expr, LookThrough, Scale, WindowKind
from compengine.values.frames import EXACT

_PLACED = ("@whole_basis", "@from", "@to", "@per", "@latest", "@latest_per")


def placed(scene: Scene, frame: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """`@from`, `@to`, `@per` and `@latest` of each row, and their marks gathered in `@mark`."""
    found = _of_credits(scene, frame, scale) if scene.level == "credit" else _of_windows(scene, frame, scale)
    if scale.per is not None:
        zero = scene.work.faults.when(
            pl.col("@per") == ZERO_, "E501", f"the divisor of the position is zero: {scale.per.text}", scale.position
        )
        found = found.with_columns(pl.coalesce("@mark", zero).alias("@mark"))
    return frame.with_columns(found.get_columns())


def _values(scene: Scene, frame: pl.DataFrame, nodes: dict[str, Expr]) -> pl.DataFrame:
    """The wanted columns and one `@mark` of them all."""
    found = evaluate(scene, frame, nodes)
    return found.select(*nodes, pl.coalesce([pl.col(f"{n}!") for n in nodes]).alias("@mark"))


def _fixed(scene: Scene, frame: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """`@per` and its marks; 1 where the position is not a ratio."""
    if scale.per is not None:
        return _values(scene, frame, {"@per": scale.per})
    one = pl.Series("@per", [1], dtype=EXACT).new_from_index(0, len(frame))
    return one.to_frame().with_columns(pl.lit(None, dtype=MARK).alias("@mark"))


def _of_credits(scene: Scene, frame: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    if scale.by_row:
        fixed = _fixed(scene, frame, scale)
        to = _values(scene, frame, {"@to": scale.moving}).rename({"@mark": "@m2"})
        return _gathered(fixed, to.with_columns(pl.lit(0).cast(EXACT).alias("@from"), pl.col("@to").alias("@latest")))
    at = Scene(scene.work, scene.plan, "point", {})
    before = at_credits(scene.work, scene.plan, frame, scene.stream, after=False)
    after = before.with_columns(pl.lit(True).alias("cut_after"))
    fixed = _fixed(at, after, scale)
    start = _values(at, before, {"@from": scale.moving}).rename({"@mark": "@m2"})
    end = _values(at, after, {"@to": scale.moving}).rename({"@mark": "@m3"})
    return _with_latest(scene, frame, scale, _gathered(fixed, start, end))


def _with_latest(scene: Scene, frame: pl.DataFrame, scale: Scale, found: pl.DataFrame) -> pl.DataFrame:
    """`@latest`, and the quota that its bounds are multiplied by; where no band is `whole` nothing is rated by it."""
    if not (scale.whole or any(band.whole for band in scale.bands)):
        return found.with_columns(pl.col("@to").alias("@latest"))
    if scale.window is None:
        return found.with_columns(pl.col("@to").alias("@latest"))
    latest = _latest(scene, frame, scale, scale.window)
    if scale.per is not None:  # the latest position is compared in its own quota's bounds
        found = found.with_columns(latest["@q"].alias("@latest_per"))
    return _gathered(found.rename({"@mark": "@m0"}), latest.select("@latest", "@m4"))


def _gathered(*frames: pl.DataFrame) -> pl.DataFrame:
    """Frames side by side, their marks (`@m…`) folded into `@mark`."""
    both = pl.concat(frames, how="horizontal")
    marks = [c for c in both.columns if c.startswith("@m")]
    return both.with_columns(pl.coalesce(marks).alias("@mark")).drop([c for c in marks if c != "@mark"])


def _latest(scene: Scene, frame: pl.DataFrame, scale: Scale, window: LookThrough) -> pl.DataFrame:
    """The position at the end of the window that holds each credit's date, or at the horizon if that is earlier.

    A rolling window stands as it is at the end of the credit's period, or of the rule's window: nothing later re-rates.
    """
    calendar, work = scene.plan.calendar, scene.work
    anchors = None
    if window.anchor is not None:
        anchors = evaluate(scene, frame, {"@a": window.anchor})["@a"].fill_null(frame["date"])
    if window.kind in (WindowKind.UNIT, WindowKind.ANNIVERSARY):
        ends = spans(calendar, window, frame["date"], anchors, whole)["end"]
    elif window.kind is WindowKind.LIFE:
        ends = pl.Series([LAST], dtype=pl.Date).new_from_index(0, len(frame))
    elif window.kind is WindowKind.ROLLING and scene.level == "point":
        ends = frame["wend"]
    else:
        ends = by_day(frame["date"], lambda d: calendar.window("period", d))["end"]
    days = pl.DataFrame({"payee": frame["payee"], "end": ends}).select(
        "payee", pl.min_horizontal(pl.col("end"), pl.lit(work.horizon.end)).alias("t")
    )
    once, index = distinct(days, ["payee", "t"])
    period = by_day(once["t"], lambda d: calendar.window("period", d))
    points = at_days(work, scene.plan, once.with_columns(period["start"].alias("wstart"), pl.col("t").alias("wend")))
    at = Scene(work, scene.plan, "point", {})
    nodes: dict[str, Expr] = {"@latest": scale.moving} | ({"@q": scale.per} if scale.per is not None else {})
    found = _values(at, points, nodes).rename({"@mark": "@m4"})
    return found.select([pl.col(c).gather(index) for c in found.columns])


def _of_windows(scene: Scene, frame: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    fixed = _fixed(scene, frame, scale)
    to = _values(scene, frame, {"@to": scale.moving}).rename({"@mark": "@m2"})
    if scale.by_row:
        start = to.select(pl.lit(0).cast(EXACT).alias("@from"), pl.lit(None, dtype=pl.UInt32).alias("@m3"))
    else:
        start = _values(scene, at_start(frame), {"@from": scale.moving}).rename({"@mark": "@m3"})
    return _with_latest(scene, frame, scale, _gathered(fixed, to, start))


def sliced(frame: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """One row per slice: `@basis`, `@band` (index), `@slice_from` and `@slice_to` in the unit of the bands.

    `frame` has `@whole_basis` and what `placed` adds. The order of rows is that of `frame`, then of the bands.
    """
    bounds = [lit(b.at) * pl.col("@per") for b in scale.bands]
    reach = pl.col("@latest_per") if "@latest_per" in frame.columns else pl.col("@per")
    reached = _band_of(pl.col("@latest"), [lit(b.at) * reach for b in scale.bands], scale)
    work = frame.select(*(c for c in _PLACED if c in frame.columns)).with_row_index("@at")
    work = work.with_columns(_whole_below(reached, scale).alias("@w"))
    if scale.whole:
        parts = [_undivided(work, pl.col("@w"))]
    else:
        standing = _band_of(pl.col("@to"), bounds, scale)
        still = pl.col("@from") == pl.col("@to")
        moving = work.filter(~still).with_columns(_lowest(bounds).alias("@low"))
        inside = _ends_within(bounds)
        parts = [
            _undivided(work.filter(still), pl.max_horizontal(standing, "@w")),
            _undivided(moving.filter(inside), pl.col("@low")),
            *_crossing(moving.filter(~inside), bounds),
        ]
    slices = pl.concat(parts).sort("@at", "@band")
    return frame.select(pl.all().gather(slices["@at"])).with_columns(_in_bands(slices).get_columns())


def _undivided(work: pl.DataFrame, band: pl.Expr) -> pl.DataFrame:
    """Movements that lie in one band."""
    return work.select(
        "@at",
        "@per",
        band.cast(pl.Int32).alias("@band"),
        pl.col("@from").alias("@a"),
        pl.col("@to").alias("@b"),
        pl.col("@whole_basis").alias("@basis"),
    )


def _lowest(bounds: list[pl.Expr]) -> pl.Expr:
    """The band that the lower end of a movement lies in, or at the lower bound of; bands under a whole one are part
    of it."""
    low = pl.min_horizontal("@from", "@to")
    return pl.max_horizontal(pl.sum_horizontal([(low >= b).cast(pl.Int32) for b in bounds[1:]]), "@w")


def _ends_within(bounds: list[pl.Expr]) -> pl.Expr:
    """Whether a movement that begins in the band `@low` ends there too."""
    high = pl.max_horizontal("@from", "@to")
    ends = pl.any_horizontal([(pl.col("@low") == k) & (high <= bound) for k, bound in enumerate(bounds[1:])])
    return (pl.col("@per") > ZERO_) & (ends | (pl.col("@low") == len(bounds) - 1))


def _crossing(moving: pl.DataFrame, bounds: list[pl.Expr]) -> list[pl.DataFrame]:
    """Movements cut at the bounds, by band."""
    parts = []
    for k in range(len(bounds)):
        # rows whose lowest band is k are open below; bands under a whole one are part of it
        low = pl.when(pl.lit(k == 0) | (pl.col("@w") == k)).then(pl.min_horizontal("@from", "@to")).otherwise(bounds[k])
        high = bounds[k + 1] if k + 1 < len(bounds) else pl.max_horizontal("@from", "@to")
        a = pl.min_horizontal(pl.max_horizontal(pl.col("@from"), low), high)
        b = pl.min_horizontal(pl.max_horizontal(pl.col("@to"), low), high)
        part = moving.filter(pl.col("@w") <= k).with_columns(a.alias("@a"), b.alias("@b"))
        part = part.filter(pl.col("@a") != pl.col("@b"))
        basis = (_cut("@b") - _cut("@a")).alias("@basis")
        parts.append(part.select("@at", "@per", pl.lit(k, dtype=pl.Int32).alias("@band"), "@a", "@b", basis))
    return parts


def _cut(x: str) -> pl.Expr:
    """How much of the basis lies between the start of the movement and x."""
    length = pl.col("@to") - pl.col("@from")
    share = quotient(pl.col("@whole_basis") * (pl.col(x) - pl.col("@from")), length)
    same = pl.col("@whole_basis") == length
    return (
        pl.when(pl.col(x) == pl.col("@to"))
        .then(pl.col("@whole_basis"))
        .when(same)
        .then(pl.col(x) - pl.col("@from"))
        .otherwise(share)
    )


def _band_of(x: pl.Expr, bounds: list[pl.Expr], scale: Scale) -> pl.Expr:
    """The band that x stands in: the number of bounds at or below it (upper) or below it (lower), less one."""
    passed = [(x >= b if scale.boundary_upper else x > b) for b in bounds[1:]]
    return pl.sum_horizontal([p.cast(pl.Int32) for p in passed]) if passed else pl.lit(0, dtype=pl.Int32)


def _whole_below(reached: pl.Expr, scale: Scale) -> pl.Expr:
    """The highest `whole` band at or below the one reached, or −1."""
    wholes = [k for k, band in enumerate(scale.bands) if band.whole or scale.whole]
    found: pl.Expr = pl.lit(-1, dtype=pl.Int32)
    for k in wholes:
        found = pl.when(reached >= k).then(pl.lit(k, dtype=pl.Int32)).otherwise(found)
    return found


def _in_bands(slices: pl.DataFrame) -> pl.DataFrame:
    """The slices with their ends in the unit of the bands."""
    per = pl.when(pl.col("@per") == ONE_)
    return slices.select(
        "@band",
        "@basis",
        per.then(pl.col("@a")).otherwise(quotient(pl.col("@a"), pl.col("@per"))).alias("@slice_from"),
        per.then(pl.col("@b")).otherwise(quotient(pl.col("@b"), pl.col("@per"))).alias("@slice_to"),
    )
