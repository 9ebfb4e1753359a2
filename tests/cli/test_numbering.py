"""Numbers of statements: one for each, never two alike; and the number of what a row corrects."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from cli_world import close, starter

from compengine.actions import numbering
from compengine.actions.numbering import ORIGIN, statement_numbers, with_origins
from compengine.actions.opened import Opened, open_workspace
from compengine.actions.runs import find_run, the_ledger, to_post
from compengine.ledger.leaves import POSTED
from compengine.ledger.store.database import Store


@pytest.fixture
def months(tmp_path: Path) -> tuple[Opened, Store]:
    """January and February, posted."""
    root = starter(tmp_path)
    close(root, "2026-01")
    close(root, "2026-02")
    opened = open_workspace(root)
    return opened, the_ledger(opened)


def test_who_has_rows_and_no_settlement_has_a_number_of_their_own(
    months: tuple[Opened, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, store = months
    run = find_run(opened, store, "2026-01")
    before = statement_numbers(opened, store, run)
    rows = to_post(opened, store, run)
    more = pl.concat([rows, *(rows.head(1).with_columns(payee=pl.lit(name)) for name in ("aaron", "zoe"))])
    monkeypatch.setattr(numbering, "to_post", lambda *_: more)
    numbers = statement_numbers(opened, store, run)
    count = len(before)
    assert {p: n for p, n in numbers.items() if p in before} == before
    assert (numbers["aaron"], numbers["zoe"]) == (f"2026-01-{count + 1:06}", f"2026-01-{count + 2:06}")
    assert len(set(numbers.values())) == count + 2


@pytest.mark.parametrize(("other", "head"), [("uk", "2026-01-monthly-"), ("", "2026-01-0")])
def test_a_calendar_that_shares_its_labels_is_named_in_the_number(
    months: tuple[Opened, Store], monkeypatch: pytest.MonkeyPatch, other: str, head: str
) -> None:
    opened, store = months
    run = find_run(opened, store, "2026-01")
    pinned = numbering.pinned_workspace(opened.objects, run.record)
    mine = pinned.calendars[run.record.calendar]
    named = {"monthly": mine} | ({other: replace(mine, name=other)} if other else {})
    run = replace(run, record=replace(run.record, calendar="monthly"))
    monkeypatch.setattr(numbering, "pinned_workspace", lambda *_: replace(pinned, calendars=named))
    assert all(number.startswith(head) for number in statement_numbers(opened, store, run).values())


def test_what_is_negated_or_clawed_names_the_statement_that_posted_it(months: tuple[Opened, Store]) -> None:
    opened, store = months
    january, february = find_run(opened, store, "2026-01"), find_run(opened, store, "2026-02")
    old, own = to_post(opened, store, january), to_post(opened, store, february)
    part = pl.format("claw:cancelled/R1:{}", "part")
    frame = pl.concat(
        [
            old.with_columns(sign=pl.lit(-1, dtype=pl.Int8)),
            old.with_columns(kind=pl.lit("claw"), part=part, for_period=pl.lit("2026-02")),
            own,
            own.with_columns(kind=pl.lit("claw"), part=part),
            own.with_columns(kind=pl.lit("claw"), part=part, source=pl.lit("nowhere")),
        ]
    )
    told = with_origins(opened, store, february, frame)
    first, second = (statement_numbers(opened, store, run) for run in (january, february))
    before = [first[payee] for payee in old["payee"]]
    mine = [second[payee] for payee in own["payee"]]
    assert told[ORIGIN].to_list() == [*before, *before, *("" for _ in mine), *mine, *("" for _ in mine)]
    assert told.drop(ORIGIN).equals(frame)


def test_a_clawback_that_is_another_later_names_the_statement_that_had_it(
    months: tuple[Opened, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it took back was corrected, so January's clawback is negated in February, and given anew."""
    opened, store = months
    january, february = find_run(opened, store, "2026-01"), find_run(opened, store, "2026-02")
    old = to_post(opened, store, january)
    claw = old.with_columns(kind=pl.lit("claw"), part=pl.format("claw:cancelled:{}", "part"))
    kept = numbering.fetch
    rows = {POSTED: pl.concat([old, claw])}
    monkeypatch.setattr(numbering, "fetch", lambda objects, table, at: rows.get(table, kept(objects, table, at)))
    told = with_origins(opened, store, february, claw.with_columns(sign=pl.lit(-1, dtype=pl.Int8)))
    numbers = statement_numbers(opened, store, january)
    assert told[ORIGIN].to_list() == [numbers[payee] for payee in old["payee"]]
