"""Do the rules of a table cover what is asked of them: rows without a rule, rules that overlap, rules for nothing.

Frames say of which plan, rule and table each finding is; days are both included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from compengine.engine.credit import source_rows
from compengine.engine.earn import subjects, windows
from compengine.engine.evaluate import evaluate
from compengine.engine.lookup import candidates, in_force, patterns, sought
from compengine.engine.questions import Question, questions
from compengine.engine.work import Scene, Work
from compengine.plan.typed import Match, PerWindow, Plan, SourceKind
from compengine.values.periods import Window

_TEXT, _TEXTS, _DAY = pl.String(), pl.List(pl.String), pl.Date()
OVERLAP: dict[str, pl.DataType] = {
    "plan": _TEXT, "table": _TEXT, "one": _TEXT, "other": _TEXT, "same": _TEXT, "first": _DAY, "last": _DAY,
}  # fmt: skip
ANSWER: dict[str, pl.DataType] = {
    "plan": _TEXT, "rule": _TEXT, "table": _TEXT, "row": _TEXT, "date": _DAY, "sought": _TEXT, "best": _TEXTS,
    "next": _TEXTS, "defaulted": pl.Boolean(),
}  # fmt: skip
IDLE: dict[str, pl.DataType] = {
    "plan": _TEXT, "table": _TEXT, "rule": _TEXT, "first": _DAY, "last": _DAY, "fits": pl.UInt32(),
}  # fmt: skip
NOBODY: dict[str, pl.DataType] = {"table": _TEXT, "row": _TEXT, "date": _DAY, "reasons": _TEXTS}
_ALWAYS = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Answers:
    """`rows`: each row a match was asked of, in `ANSWER`: the rules that fit best (none where nothing fits, several
    where they tie) and those that come next. `idle`: rules in force that answered nothing, with how often they fit."""

    rows: pl.DataFrame
    idle: pl.DataFrame


def overlaps(work: Work, plans: Sequence[Plan]) -> pl.DataFrame:
    """Pairs of rules with the same keys filled alike, and days in common within the plan's time: any row they fit,
    and no better rule does, would stop a run."""
    found = [pl.DataFrame(schema=OVERLAP)]
    for plan in plans:
        for node in {(n.table, tuple(c for c, _ in n.keys)): n for n in (q.node for q in questions(plan))}.values():
            found.append(_pairs(work, plan, node))
    return pl.concat(found).unique(maintain_order=True)


def _pairs(work: Work, plan: Plan, node: Match) -> pl.DataFrame:
    rules = candidates(work, node).with_row_index("@row")
    found = [pl.DataFrame(schema=OVERLAP)]
    for filled, pattern in patterns(rules, [column for column, _ in node.keys]):
        other = pattern.select(*filled, *[pl.col(c).alias(f"{c}2") for c in ("@row", "@rule", "@f", "@l")])
        both = pattern.join(other, on=filled or None, how="inner" if filled else "cross").filter(
            pl.col("@row") < pl.col("@row2")
        )
        days = both.with_columns(
            pl.max_horizontal("@f", "@f2", pl.lit(plan.start)).alias("first"),
            pl.min_horizontal("@l", "@l2", pl.lit(plan.end)).alias("last"),
        ).filter(pl.col("first") <= pl.col("last"))
        found.append(
            days.select(
                pl.lit(plan.name).alias("plan"),
                pl.lit(node.table).alias("table"),
                pl.col("@rule").alias("one"),
                pl.col("@rule2").alias("other"),
                _said({column: column for column in filled}, "all keys empty").alias("same"),
                "first",
                "last",
            )
        )
    return pl.concat(found)


def _said(columns: dict[str, str], nothing: str) -> pl.Expr:
    """`account Acme, region EMEA`: names and the columns that hold their values."""
    if not columns:
        return pl.lit(nothing)
    parts = [pl.format(f"{name} {{}}", _shown(pl.col(column))) for name, column in columns.items()]
    return pl.concat_str(parts, separator=", ")


def _shown(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String).str.replace(r"\.(\d*?)0+$", ".$1").str.strip_chars_end(".")


def answers(work: Work, plans: Sequence[Plan], days: Window, *, computed: bool) -> Answers:
    """What each match says of the rows dated in `days`. `computed`: the streams and components of `work` are there;
    without them only rows of tables are asked about."""
    rows, idle = [pl.DataFrame(schema=ANSWER)], [pl.DataFrame(schema=IDLE)]
    for plan in plans:
        used: dict[str, pl.DataFrame] = {}
        asked: dict[str, Match] = {}
        for question in questions(plan):
            subject = _subject(work, plan, question, days, computed)
            if subject is None:
                continue
            fits = _fits(*subject, question)
            rows.append(_answered(plan, question, fits))
            node = question.node
            asked.setdefault(node.table, node)
            won = fits.filter(pl.col("@rank") == pl.col("@rank").min().over("@of"))
            told = pl.concat(
                [fits.select("@row", won=pl.lit(False)), won.select("@row", won=pl.lit(True))]
            ).drop_nulls()
            used[node.table] = pl.concat([used[node.table], told]) if node.table in used else told
        for table, node in asked.items():
            idle.append(_idle(work, plan, node, used[table], days))
    return Answers(pl.concat(rows).unique(maintain_order=True), pl.concat(idle))


def _subject(
    work: Work, plan: Plan, question: Question, days: Window, computed: bool
) -> tuple[Scene, pl.DataFrame] | None:
    """The rows a question is asked of, with `source` (what they are called) and `date`; None where it is not known."""
    match question.rows:
        case "source":
            stream = plan.streams[question.stream]
            if stream.source.kind is not SourceKind.TABLE and not computed:
                return None
            scene, frame = source_rows(work, plan, stream)
            if stream.each is not None:
                frame = frame.filter(~pl.col("bare"))
        case "credit" if computed:
            component = plan.components[question.rule]
            scene, frame = subjects(work, plan, component)
        case "payee" if computed:
            unit = "period"
            component_ = plan.components.get(question.rule)
            if component_ is not None and isinstance(component_.per, PerWindow):
                unit = component_.per.unit
            scene, frame = Scene(work, plan, "point", {}), windows(work, plan, unit)
            frame = frame.with_columns(pl.col("payee").alias("source"))
        case _:
            return None
    first, last = max(days.start, plan.start), min(days.end, plan.end)
    frame = frame.filter(pl.col("date").is_between(pl.lit(first), pl.lit(last)))
    return scene, _passing(scene, frame, question)


def _passing(scene: Scene, frame: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Rows for which all guards are what they must be; where one cannot be told, the question is not asked."""
    if not question.guards:
        return frame
    found = evaluate(scene, frame, {f"@guard{n}": guard.condition for n, guard in enumerate(question.guards)})
    held = [
        (pl.col(f"@guard{n}") == guard.holds).fill_null(False) & pl.col(f"@guard{n}!").is_null()
        for n, guard in enumerate(question.guards)
    ]
    return frame.filter(found.select(pl.all_horizontal(held).alias("held"))["held"])


def _fits(scene: Scene, frame: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Every rule that fits each row, by rank (0 goes before 1), at least one line per row: `@of`, `source`, `date`,
    `sought`, `@rank`, `@row` (the rule's place in its table) and `@rule` (its key)."""
    node = question.node
    keys = [column for column, _ in node.keys]
    asked = sought(scene, frame, node, evaluate).with_columns(frame["source"], frame["date"])
    asked = asked.filter(pl.col("@mark").is_null()).with_columns(_said({c: c for c in keys}, "").alias("sought"))
    rules = candidates(scene.work, node).with_row_index("@row")
    schema = {"@of": pl.UInt32, "@row": pl.UInt32, "@rule": pl.String, "@rank": pl.UInt32}
    found = [pl.DataFrame(schema=schema)]
    for rank, (filled, pattern) in enumerate(patterns(rules, keys)):
        fitting = asked.select("@of", "@day", *filled).join(
            pattern, on=filled or None, how="inner" if filled else "cross"
        )
        found.append(in_force(fitting).select("@of", "@row", "@rule", pl.lit(rank, dtype=pl.UInt32).alias("@rank")))
    return asked.select("@of", "source", "date", "sought").join(
        pl.concat(found), on="@of", how="left", maintain_order="left"
    )


def _answered(plan: Plan, question: Question, fits: pl.DataFrame) -> pl.DataFrame:
    """One line per row in `ANSWER`."""
    by_rank = (
        fits.sort("@of", "@rank", "@rule")
        .group_by("@of", "source", "date", "sought", "@rank", maintain_order=True)
        .agg(pl.col("@rule").drop_nulls())
    )
    by_row = by_rank.group_by("@of", "source", "date", "sought", maintain_order=True).agg(
        pl.col("@rule").first().alias("best"), pl.col("@rule").get(1, null_on_oob=True).alias("next")
    )
    return by_row.select(
        pl.lit(plan.name).alias("plan"),
        pl.lit(question.rule).alias("rule"),
        pl.lit(question.node.table).alias("table"),
        pl.col("source").alias("row"),
        "date",
        "sought",
        "best",
        pl.coalesce("next", pl.lit([], dtype=pl.List(pl.String))).alias("next"),
        pl.lit(question.defaulted).alias("defaulted"),
    )


def _idle(work: Work, plan: Plan, node: Match, used: pl.DataFrame, days: Window) -> pl.DataFrame:
    """Rules in force on a day of the window that no row of it went by."""
    counted = used.group_by("@row").agg(pl.col("won").any(), (~pl.col("won")).sum().alias("fits"))
    first, last = max(days.start, plan.start), min(days.end, plan.end)
    return (
        candidates(work, node)
        .with_row_index("@row")
        .filter(
            (pl.col("@f").fill_null(_ALWAYS) <= pl.lit(last))
            & (pl.col("@l").is_null() | (pl.col("@l") >= pl.lit(first)))
        )
        .join(counted, on="@row", how="left", maintain_order="left")
        .filter(~pl.col("won").fill_null(False))
        .select(
            pl.lit(plan.name).alias("plan"),
            pl.lit(node.table).alias("table"),
            pl.col("@rule").alias("rule"),
            pl.col("@f").alias("first"),
            pl.col("@l").alias("last"),
            pl.col("fits").fill_null(0).cast(pl.UInt32),
        )
    )


def nobody(work: Work, plans: Sequence[Plan], days: Window) -> pl.DataFrame:
    """Rows of tables that streams draw from, dated in `days`, that no stream credits to anybody on a plan, and the
    `reasons`. Every stream of `work` is there."""
    left = [pl.DataFrame(schema={"table": pl.String, "@at": pl.UInt32, "date": pl.Date, "by": pl.String})]
    credited: dict[str, list[pl.Series]] = {}
    for plan in plans:
        for stream in plan.streams.values():
            if stream.source.kind is not SourceKind.TABLE:
                continue
            at = f"@{stream.source.row}"
            excluded = _excluded(work, plan, stream.name)
            credits = work.streams[(plan.id, stream.name)].filter("ruled")
            kept = credits.join(excluded, on=["source", "payee"], how="anti")
            credited.setdefault(stream.source.name, []).append(kept[at].cast(pl.UInt32))
            rows = _in_days(source_rows(work, plan, stream)[1], plan, days)
            told = rows.join(excluded.select("source", "by").unique(), on="source", how="left")
            left.append(
                told.select(
                    pl.lit(stream.source.name).alias("table"), pl.col(at).cast(pl.UInt32).alias("@at"), "date", "by"
                )
            )
    rows = (
        pl.concat(left)
        .group_by("table", "@at", maintain_order=True)
        .agg(pl.col("date").min(), pl.col("by").drop_nulls().unique(maintain_order=True).alias("reasons"))
    )
    found = [pl.DataFrame(schema=NOBODY)]
    for table, mine in credited.items():
        lost = rows.with_columns(_reasons()).filter(
            (pl.col("table") == table) & ~pl.col("@at").is_in(pl.concat(mine).implode())
        )
        keys = work.snapshot.frame(table)["@key"].gather(lost["@at"])
        found.append(lost.select("table", keys.alias("row"), "date", "reasons"))
    return pl.concat(found).sort("table", "date", "row")


def _reasons() -> pl.Expr:
    """Nothing is reported of a row whose `payees where` is true of nobody."""
    return pl.when(pl.col("reasons").list.len() > 0).then("reasons").otherwise(pl.lit(["nobody is meant"]))


def _in_days(rows: pl.DataFrame, plan: Plan, days: Window) -> pl.DataFrame:
    first, last = max(days.start, plan.start), min(days.end, plan.end)
    return rows.filter(pl.col("date").is_between(pl.lit(first), pl.lit(last)))


def _excluded(work: Work, plan: Plan, stream: str) -> pl.DataFrame:
    """source, payee, by."""
    found = [f.filter((pl.col("plan") == plan.name) & (pl.col("rule") == stream)) for f in work.excluded]
    empty = pl.DataFrame(schema={"source": pl.String, "payee": pl.String, "by": pl.String})
    return pl.concat([empty, *(f.select(empty.columns) for f in found)])


def latest(work: Work, plans: Sequence[Plan]) -> date | None:
    """The last day, within the plans' times, on which a row of a table is dated."""
    found = [
        day
        for plan in plans
        for stream in plan.streams.values()
        if stream.source.kind is SourceKind.TABLE
        for day in [_last_day(work, plan, stream.name)]
        if day is not None
    ]
    return max(found, default=None)


def _last_day(work: Work, plan: Plan, stream: str) -> date | None:
    rows = source_rows(work, plan, plan.streams[stream])[1]
    day = rows.filter(pl.col("date").is_between(pl.lit(plan.start), pl.lit(plan.end)))["date"].max()
    return day if isinstance(day, date) else None
