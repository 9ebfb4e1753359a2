"""Before a run is posted, the second engine computes every row of it again."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cli_world import call

from compengine.engine import run as engine_run
from compengine.ledger import entries


def approved(root: Path) -> None:
    for words, who in (
        (("calculate", "--period", "2026-01"), "olive"),
        (("submit", "2026-01"), "olive"),
        (("approve", "2026-01"), "frank"),
    ):
        assert call(root, *words, who=who).code == 0


def test_a_run_that_the_second_engine_agrees_with_is_posted_and_says_so(root: Path) -> None:
    approved(root)
    assert call(root, "post", "2026-01", who="frank").code == 0
    shown = call(root, "show", "2026-01", "--format", "json").json
    (posted,) = [event for event in shown["events"] if event["kind"] == "posted"]
    assert posted["note"].startswith("every row computed again by the second engine: ")


def test_a_wrong_cent_stops_the_posting_and_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = engine_run.calculate

    def wrong(*arguments: Any) -> engine_run.Outcome:
        outcome = right(*arguments)
        first = pl.int_range(pl.len()) == 0
        cents = pl.when(first).then(pl.col("amount") + Decimal("0.01")).otherwise("amount")
        earnings = outcome.earnings.with_columns(cents.cast(outcome.earnings.schema["amount"]).alias("amount"))
        return replace(outcome, earnings=earnings)

    monkeypatch.setattr("compengine.actions.computed.calculate", wrong)
    approved(root)
    done = call(root, "post", "2026-01", who="frank")
    assert (done.code, "E610" in done.err) == (3, True)
    assert "earnings: account-executive commission ann" in done.err
    assert call(root, "show", "2026-01", "--format", "json").json["state"] == "approved"


def test_entries_that_do_not_add_up_stop_the_posting(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(root)

    def cut(*given: Any) -> list[entries.Line]:
        lines = right(*given)[:-1]
        entries.balanced(lines)
        return lines

    right = entries.run_lines
    monkeypatch.setattr("compengine.ledger.book.run_lines", cut)
    done = call(root, "post", "2026-01", who="frank")
    assert (done.code, "E609" in done.err, "posting sum to zero" in done.err) == (3, True, True)
    assert call(root, "show", "2026-01", "--format", "json").json["state"] == "approved"


def test_what_may_not_be_posted_is_not_computed_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    monkeypatch.setattr("compengine.actions.closing.recomputed", lambda *_: pytest.fail("it was computed"))
    assert "E604" in call(root, "post", "2026-01", who="frank").err
