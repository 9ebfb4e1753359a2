"""Why somebody's pay is another: what changed about the person, and nothing that did not."""

from decimal import Decimal
from pathlib import Path

from cli_world import call, close, edit

PLAN = "plans/account-executive/plan.yaml"


def calculated(root: Path, period: str = "2026-01") -> str:
    done = call(root, "calculate", "--period", period, "--format", "json", who="olive")
    assert done.code == 0, done.err
    return str(done.json["view"]["run"])


def load(root: Path, table: str, *rows: str) -> None:
    head = (root / "data" / f"{table}.csv").read_text().splitlines()[0]
    (root / "more.csv").write_text("\n".join([head, *rows]) + "\n")
    done = call(root, "load", table, "more.csv")
    assert done.code == 0, done.err


def test_changed_rows_and_plans_are_shown_to_whom_they_concern(root: Path) -> None:
    first = calculated(root)
    load(root, "deals", "D01,ann,Won,7777.00 USD,2026-01-05", "D77,ben,Won,10.00 USD,2026-01-09")
    edit(root / PLAN, "{0%: 5%", "{0%: 6%")
    second = calculated(root)
    ann = call(root, "why", "ann", "--format", "json").json
    assert (ann["run"], ann["against"]) == (second, first)
    assert [(c["table"], c["key"], c["verb"]) for c in ann["rows"]] == [("deals", "D01", "changed")]
    assert {c["column"]: (c["before"], c["after"]) for c in ann["rows"][0]["cells"]} == {
        "amount": ("42000 USD", "7777 USD"),
        "close_date": ("2026-01-08", "2026-01-05"),
    }
    assert ann["others"] == [["deals", 1]]
    assert any("+      bands: {0%: 6%, 100%: 8%}" in line for t in ann["texts"] for line in t["diff"])
    ben = call(root, "why", "ben", "--format", "json").json
    assert [(c["key"], c["verb"]) for c in ben["rows"]] == [("D77", "added")]
    lou = call(root, "why", "lou", "--format", "json").json
    assert (lou["texts"], lou["other_texts"]) == ([], ["account-executive@2026-01-01"])
    assert {c["key"] for c in lou["rows"]} == {"D01", "D77"}, "the deals of the team stand behind the override"


def test_the_change_and_its_parts_are_those_of_the_two_runs(root: Path) -> None:
    calculated(root)
    load(root, "deals", "D77,ben,Won,1000.00 USD,2026-01-09")
    calculated(root)
    (pay,) = call(root, "why", "ben", "--format", "json").json["pay"]
    assert (pay["last"]["amount"], pay["now"]["amount"], pay["change"]["amount"]) == ("2475.00", "2525.00", "50.00")
    assert sum(Decimal(p["amount"]["amount"]) for p in pay["parts"]) == Decimal("50.00")
    out = call(root, "why", "ben").out
    assert "deals D77 added" in out
    assert "    amount: 1000 USD" in out
    assert "payable: the same" in call(root, "why", "ann").out


def test_a_trial_of_a_month_that_is_closed_since_is_what_it_would_have_posted_then(root: Path) -> None:
    first = calculated(root)
    load(root, "deals", "D77,ben,Won,1000.00 USD,2026-01-09")
    close(root, "2026-01")
    (pay,) = call(root, "why", "ben", "--run", "2026-01", "--against", first, "--format", "json").json["pay"]
    assert (pay["last"]["amount"], pay["now"]["amount"]) == ("2475.00", "2525.00")


def test_a_changed_quota_and_a_decision_are_reasons(root: Path) -> None:
    calculated(root)
    quota = next(x for x in (root / "data" / "quotas.csv").read_text().splitlines() if x.startswith("ann,"))
    cells = quota.split(",")
    amount = next(at for at, cell in enumerate(cells) if "USD" in cell)
    load(root, "quotas", ",".join([*cells[:amount], "100000 USD", *cells[amount + 1 :]]))
    words = ("--plan", "account-executive", "--amount", "20 USD", "--for", "2026-01", "--kind", "bonus", "--code", "B1")
    assert call(root, "adjust", "ann", *words, "--because", "a prize", who="olive").code == 0
    assert call(root, "decide", "A0001", "approve", "--because", "agreed", who="frank").code == 0
    calculated(root)
    done = call(root, "why", "ann", "--format", "json").json
    assert [c["table"] for c in done["rows"]] == ["quotas"]
    assert [c["after"] for c in done["rows"][0]["cells"]] == ["100000 USD"]
    assert done["decided"] == ["adjustment A0001: 20.00 USD for 2026-01, B1 (new)"]
    assert call(root, "why", "ben", "--format", "json").json["decided"] == []


def test_there_must_be_a_run_before_and_somebody_in_it(root: Path) -> None:
    calculated(root)
    assert "E706" in call(root, "why", "ann").err
    load(root, "deals", "D77,ben,Won,1000.00 USD,2026-01-09")
    calculated(root)
    assert "E512" in call(root, "why", "nobody").err


def test_a_payee_that_is_nobody_is_named_with_whom_it_may_mean(root: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    assert call(root, "explain", "ann", "2026-01").code == 0
    done = call(root, "explain", "annn", "2026-01")
    assert (done.code, "did you mean ann?" in done.err) == (2, True), done.err
