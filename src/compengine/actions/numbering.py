"""What a statement is numbered, and which statement first had what another corrects."""

from collections.abc import Iterable, Mapping

import polars as pl

from compengine.actions.opened import Opened
from compengine.actions.pinned import pinned_workspace
from compengine.actions.runs import to_post
from compengine.ledger import queries
from compengine.ledger.leaves import POSTED
from compengine.ledger.queries import Posting
from compengine.ledger.rowfiles import SETTLEMENTS, fetch
from compengine.ledger.runs import Run
from compengine.ledger.store.database import Store
from compengine.values.periods import Calendar, NoWindow

ORIGIN = "origin"
"""The column that `with_origins` adds: a statement's number, or nothing."""
_CLAWED = (pl.col("kind") == "claw") & (pl.col("sign") > 0)
_NAMED = ("payee", "name", "component", "source")


def statement_numbers(opened: Opened, store: Store, run: Run) -> dict[str, str]:
    """`2026-03-000007`, by payee: first those with a settlement in the run, then those of whom it has rows alone.

    Nothing personal is in it. Where another calendar of the workspace has a period of that label, the calendar's name
    is: `2026-03-uk-000007`. A posted run never changes, and no period is posted twice: such a number is never used
    again. That of a preview can change while the run can.
    """
    settled = fetch(opened.objects, SETTLEMENTS, run.record.settlements)["payee"]
    head, first = _head(opened, run), _sorted(settled)
    payees = [*first, *_sorted(set(to_post(opened, store, run)["payee"]) - set(first))]
    return {payee: f"{head}-{at:06}" for at, payee in enumerate(payees, start=1)}


def further_numbers(numbers: Iterable[str], known: int, count: int) -> list[str]:
    """Numbers for `count` statements that stand for others: they go on after those of the run, `numbers`, and the
    `known` that were given so before."""
    given = list(numbers)
    head = given[0].rpartition("-")[0]
    return [f"{head}-{len(given) + known + at:06}" for at in range(1, count + 1)]


def _sorted(payees: Iterable[str]) -> list[str]:
    return sorted(set(payees), key=str.encode)


def _head(opened: Opened, run: Run) -> str:
    record = run.record
    label = record.period.label
    others = [c for name, c in pinned_workspace(opened.objects, record).calendars.items() if name != record.calendar]
    return f"{label}-{record.calendar}" if any(_has(c, label) for c in others) else label


def _has(calendar: Calendar, label: str) -> bool:
    try:
        calendar.period(label)
    except NoWindow:
        return False
    return True


def with_origins(opened: Opened, store: Store, run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows a run posts, in their order, each with the number of the statement whose row it corrects.

    That is the last one before it that posted the row which is negated; for a clawback the last one, this one among
    them, that posted the row of which a part is taken back. Nothing for any other row.
    """
    postings = _postings(store, run.record.calendar)
    now = next((p.number for p in postings if p.run == run.id), len(postings) and postings[-1].number + 1)
    asked = _keyed(frame).with_row_index("@row").filter((pl.col("sign") < 0) | _CLAWED)
    if asked.is_empty():
        return frame.with_columns(pl.lit("").alias(ORIGIN))
    earlier = [p for p in postings if p.number < now]
    given = pl.concat([*(_posted(opened, p) for p in earlier), _given(frame, now)])
    negated = asked.filter(pl.col("sign") < 0).join(
        given.filter(pl.col("@posting") < now), on=[*_NAMED, "for_period", "part"], how="inner"
    )
    original = pl.col("part").str.splitn(":", 3).struct.field("field_2").alias("part")
    clawed = asked.filter(_CLAWED).with_columns(original).join(given.filter(~_CLAWED), on=[*_NAMED, "part"])
    found = pl.concat([each.select("@row", "payee", "@posting") for each in (negated, clawed)])
    return _told(opened, store, frame, found, {p.number: p.run for p in earlier} | {now: run.id})


def with_holders(opened: Opened, store: Store, last: Posting, parts: pl.DataFrame) -> pl.DataFrame:
    """Parts of rows (`values.rows.Payable`) as a calendar's posting `last` left them, in their order, each with the
    number of the last statement that posted its row."""
    if parts.is_empty():
        return parts.with_columns(pl.lit("").alias(ORIGIN))
    earlier = [p for p in _postings(store, last.calendar) if p.number <= last.number]
    given = pl.concat([_posted(opened, p) for p in earlier])
    found = _keyed(parts).with_row_index("@row").join(given, on=[*_NAMED, "for_period", "part"])
    return _told(opened, store, parts, found.select("@row", "payee", "@posting"), {p.number: p.run for p in earlier})


def _postings(store: Store, calendar: str) -> list[Posting]:
    return [p for p in queries.postings(store, calendar) if p.kind == "post"]


def _told(
    opened: Opened, store: Store, frame: pl.DataFrame, found: pl.DataFrame, runs: Mapping[int, str]
) -> pl.DataFrame:
    """`frame` with the numbers of the statements that were `found`: its `@row` from 0, `payee`, and `@posting`, of
    which the last counts. `runs`: the id by the number of the posting."""
    found = found.group_by("@row").agg(pl.col("payee").first(), pl.col("@posting").max())
    used = {at: queries.run(store, runs[at]) for at in set(found["@posting"])}
    numbers = {at: statement_numbers(opened, store, each) for at, each in used.items()}
    names = [numbers[at].get(payee, "") for payee, at in found.select("payee", "@posting").iter_rows()]
    made = found.select("@row", pl.Series(ORIGIN, names, dtype=pl.String))
    told = frame.with_row_index("@row").join(made, on="@row", how="left", maintain_order="left")
    return told.drop("@row").with_columns(pl.col(ORIGIN).fill_null(""))


def _posted(opened: Opened, posting: Posting) -> pl.DataFrame:
    return _given(fetch(opened.objects, POSTED, posting.rows), posting.number)


def _given(frame: pl.DataFrame, posting: int) -> pl.DataFrame:
    return (
        _keyed(frame)
        .filter(pl.col("sign") > 0)
        .select(*_NAMED, "part", "for_period", "kind", "sign", pl.lit(posting, dtype=pl.Int64).alias("@posting"))
    )


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    """`name` is the plan without its version."""
    return frame.with_columns(pl.col("plan").str.split("@").list.first().alias("name"))
