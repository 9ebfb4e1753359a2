"""Disputes: opened on a line of a statement, decided by somebody else, ending in an adjustment or a no."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_world import Done, call, close, edit, starter

from compengine.actions.opened import open_workspace
from compengine.actions.register import register
from compengine.actions.runs import find_run, the_ledger
from compengine.actions.statement_facts import facts_of, told

ANN = "2026-01-000001"


@pytest.fixture
def january(tmp_path: Path) -> Path:
    root = starter(tmp_path)
    close(root, "2026-01")
    return root


def ok(done: Done) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out) if done.out.startswith("{") else done.out


def dispute(root: Path, *words: str, number: str = ANN, who: str = "ann") -> Done:
    return call(root, "dispute", number, *words, "--because", "it closed at 52,000", who=who)


def decide(root: Path, id: str, verb: str, who: str = "frank") -> Done:
    return call(root, "decide", id, verb, "--because", "looked at the order", who=who)


def states(root: Path) -> list[str]:
    return [r["state"] for r in ok(call(root, "register", "--kind", "dispute", "--format", "json"))["records"]]


def said(root: Path, period: str, payee: str = "ann") -> list[tuple[str, str, str]]:
    """The disputes on a statement."""
    opened = open_workspace(root)
    store = the_ledger(opened)
    found = facts_of(told(opened, store, find_run(opened, store, period)), payee).disputes
    return [(d.id, d.state, d.outcome) for d in found]


@pytest.mark.parametrize(("others", "code", "said"), [("D08", 0, '"source": "DX/1"'), ("DX/2", 2, "has no line DX")])
def test_a_deal_names_its_line_where_one_line_has_it(tmp_path: Path, others: str, code: int, said: str) -> None:
    root = starter(tmp_path, loaded=False)
    edit(root / "data" / "deals.csv", "D01,", "DX/1,")
    edit(root / "data" / "deals.csv", "D08,", f"{others},")
    assert call(root, "load", "data").code == 0
    close(root, "2026-01")
    done = dispute(root, "--line", "DX", "--format", "json")
    assert (done.code, said in done.out + done.err) == (code, True), done.out + done.err


@pytest.mark.parametrize("line", ["D01", "D01/0%", "D08", ""])
def test_a_line_of_a_statement_is_disputed(january: Path, line: str) -> None:
    """D01 is paid, D08 is what it says earned nothing; without a line it is about something that is not there."""
    made = ok(dispute(january, "--line", line, "--format", "json"))
    assert (made["id"], made["state"], made["payee"]) == ("D0001", "opened", "ann")
    assert made["plan"] == ("account-executive" if line else "")
    about = made["about"]
    assert "/".join(filter(None, (about.get("source", ""), about.get("part", "")))) == line
    assert made["about"]["statement"] == ANN


@pytest.mark.parametrize(
    ("number", "line", "code"),
    [
        (ANN, "D03", "E706"),
        (ANN, "D01/100%", "E706"),
        ("2026-01-000099", "D01", "E606"),
        ("2026-02-000001", "D01", "E606"),
        ("nonsense", "D01", "E606"),
    ],
)
def test_what_is_not_on_it_is_not_disputed(january: Path, number: str, line: str, code: str) -> None:
    """D03 is somebody else's; February is calculated and not posted."""
    ok(call(january, "calculate", "--period", "2026-02", who="olive"))
    done = dispute(january, "--line", line, number=number)
    assert (done.code, f"error[{code}]" in done.err) == (3 if code == "E606" else 2, True), done.err
    assert states(january) == []


def test_it_ends_in_an_adjustment_that_was_made_for_it(january: Path) -> None:
    ok(dispute(january, "--line", "D01", who="frank"))
    ok(dispute(january, "--line", "D05"))
    assert "E603" in decide(january, "D0001", "refuse", who="Frank ").err
    assert "E619" in decide(january, "D0001", "accept").err
    words = ("--plan", "account-executive", "--amount", "500.00 USD", "--for", "2026-01", "--kind", "dispute")
    words = (*words, "--code", "ORDER", "--because", "the order says so", "--dispute", "D0001")
    assert "E615" in call(january, "adjust", "ben", *words, who="olive").err
    ok(call(january, "adjust", "ann", *words, who="olive"))
    assert "E619" in decide(january, "D0001", "accept").err  # not approved yet
    ok(decide(january, "A0001", "approve"))
    assert "E619" in decide(january, "D0002", "accept").err  # approved, for another one
    assert "E603" in decide(january, "D0001", "review").err
    ok(decide(january, "D0001", "review", who="fay"))
    assert "E603" in decide(january, "D0001", "accept").err
    ok(decide(january, "D0001", "accept", who="fay"))
    assert states(january) == ["accepted", "opened"]
    assert "E615" in call(january, "adjust", "ann", *words, who="olive").err
    close(january, "2026-02")
    shown = ok(call(january, "show", "2026-02", "--format", "json"))
    assert [r["amount"]["amount"] for r in shown["rows"] if r["component"] == "adjustment"] == ["500.00"]


def test_it_ends_in_a_no_with_a_reason(january: Path) -> None:
    ok(dispute(january))
    assert "E616" in call(january, "decide", "D0001", "refuse", "--because", " ", who="frank").err
    ok(decide(january, "D0001", "refuse"))
    assert "E615" in decide(january, "D0001", "accept").err
    assert states(january) == ["refused"]


def test_whose_pay_it_is_does_not_decide(january: Path) -> None:
    ok(dispute(january, who="olive"))
    assert "E614" in decide(january, "D0001", "refuse", who="ann").err


def test_the_clock_runs_until_it_is_decided(january: Path) -> None:
    text = (january / "compengine.yaml").read_text("utf-8")
    (january / "compengine.yaml").write_text(text + "controls: {act_as: yes, dispute_days: 10}\n", "utf-8")
    ok(dispute(january))
    opened, now = open_workspace(january), datetime.now(UTC)

    def clock(days: int) -> tuple[int | None, bool]:
        (line,) = register(opened, now + timedelta(days=days), "dispute").records
        return line.days, line.overdue

    assert [clock(days) for days in (0, 10, 11)] == [(0, False), (10, False), (11, True)]
    ok(decide(january, "D0001", "refuse"))
    assert clock(11) == (0, False)


@pytest.mark.parametrize("days", ["0", "367", "ten", "1.5"])
def test_days_that_are_none_are_refused(january: Path, days: str) -> None:
    text = (january / "compengine.yaml").read_text("utf-8")
    (january / "compengine.yaml").write_text(text + f"controls: {{dispute_days: {days}}}\n", "utf-8")
    done = call(january, "check")
    assert "E108" in done.out + done.err


def test_statements_show_what_is_open_and_what_ended_since_the_last(january: Path) -> None:
    ok(dispute(january))
    ok(dispute(january, number="2026-01-000002", who="ben"))
    assert said(january, "2026-01") == []  # it was opened after January was posted
    close(january, "2026-02")
    assert said(january, "2026-02") == [("D0001", "opened", "")]
    assert said(january, "2026-02", "ben") == [("D0002", "opened", "")]
    ok(decide(january, "D0001", "refuse"))
    assert said(january, "2026-02") == [("D0001", "opened", "")]  # as it stood: a statement does not change
    close(january, "2026-03")
    assert said(january, "2026-03") == [("D0001", "refused", "looked at the order")]
    close(january, "2026-04")
    assert said(january, "2026-04") == []
    assert said(january, "2026-04", "ben") == [("D0002", "opened", "")]


def test_the_number_of_two_calendars_must_say_which(january: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs that have a statement of that number: as two calendars with periods of one name give."""
    from compengine.actions import disputes

    posted = disputes.queries.postings
    monkeypatch.setattr(disputes.queries, "postings", lambda store: posted(store)[:1] * 2)
    done = dispute(january)
    assert (done.code, "use --calendar" in done.err) == (3, True)


def test_the_ledger_verifies_with_disputes(january: Path) -> None:
    ok(dispute(january))
    ok(decide(january, "D0001", "refuse"))
    close(january, "2026-02")
    assert call(january, "verify").code == 0
