"""A month from loading to paying, and everything a control refuses."""

import csv
import hashlib
from decimal import Decimal
from pathlib import Path

import pytest
from cli_world import call, close, edit, files


def test_a_month_is_paid_to_the_cent(closed: Path) -> None:
    (place,) = (closed / "pay").glob("2026-01-*.csv")
    rows = list(csv.DictReader(place.read_text("utf-8").splitlines()))
    paid = {row["payee"]: row["amount"] for row in rows[:-1]}
    assert paid == {"ann": "3875.00", "ben": "2475.00", "cho": "2432.50", "lou": "1756.50"}
    assert rows[-1]["statement"] == "TOTAL"
    assert Decimal(rows[-1]["amount"]) == sum(Decimal(amount) for amount in paid.values())
    assert {row["pay_date"] for row in rows} == {"2026-02-15"}


def test_the_ledger_knows_the_pay_file(root: Path) -> None:
    close(root, "2026-01")
    (place,) = (root / "pay").glob("*.csv")
    shown = call(root, "show", "2026-01", "--format", "json").json
    assert [event["kind"] for event in shown["events"]] == [
        "calculated",
        "submitted",
        "approved",
        "posted",
        "finalized",
        "paid",
    ]
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    assert digest.encode() in (root / "ledger.db").read_bytes()


def test_whoever_calculated_may_not_approve(root: Path) -> None:
    assert call(root, "calculate", "--period", "2026-01", who="olive").code == 0
    call(root, "submit", "2026-01", who="olive")
    for name in ("olive", " Olive "):
        done = call(root, "approve", "2026-01", who=name)
        assert (done.code, "E603" in done.err) == (3, True)
    assert call(root, "show", "2026-01", "--format", "json").json["state"] == "submitted"


@pytest.mark.parametrize(
    "words", [("calculate", "--period"), ("submit",), ("approve",), ("post",), ("finalize",), ("pay",)]
)
def test_nobody_acts_without_a_name(root: Path, words: tuple[str, ...]) -> None:
    before = files(root)
    done = call(root, *words, "2026-01")
    assert (done.code, "E612" in done.err) == (3, True)
    assert "COMPENGINE_AS" in done.err
    assert files(root) == before


def test_an_unapproved_run_is_not_posted(root: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    done = call(root, "post", "2026-01", who="frank")
    assert (done.code, "E604" in done.err) == (3, True)


def test_an_unposted_run_is_not_paid_and_leaves_no_file(root: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    call(root, "submit", "2026-01", who="olive")
    call(root, "approve", "2026-01", who="frank")
    done = call(root, "pay", "2026-01", who="petra")
    assert (done.code, "E607" in done.err) == (3, True)
    assert not (root / "pay").exists()


def test_nothing_is_posted_or_paid_twice(closed: Path) -> None:
    before = files(closed)
    assert "E605" in call(closed, "post", "2026-01", who="frank").err
    assert "E608" in call(closed, "pay", "2026-01", who="petra").err
    done = call(closed, "calculate", "--period", "2026-01", who="olive")
    assert (done.code, "E605" in done.err) == (3, True)
    assert files(closed) == before


def test_the_same_inputs_give_the_same_run(root: Path) -> None:
    first = call(root, "calculate", "--period", "2026-01", "--format", "json", who="olive").json
    second = call(root, "calculate", "--period", "2026-01", "--format", "json", who="other").json
    assert (first["again"], second["again"]) == (False, True)
    assert first["view"]["run"] == second["view"]["run"]
    assert len(call(root, "runs", "--format", "json").json["runs"]) == 1


def test_a_run_that_the_ledger_has_overtaken_is_refused(root: Path) -> None:
    """Two runs for January: when one is posted, February's, calculated before, stands on another ledger."""
    call(root, "calculate", "--period", "2026-01", who="olive")
    early = call(root, "calculate", "--period", "2026-02", who="olive")
    assert early.code == 0
    call(root, "submit", "2026-01", who="olive")
    call(root, "approve", "2026-01", who="frank")
    call(root, "submit", "2026-02", who="olive")
    call(root, "approve", "2026-02", who="frank")
    call(root, "post", "2026-01", who="frank")
    done = call(root, "post", "2026-02", who="frank")
    assert (done.code, "E602" in done.err) == (3, True)


def test_a_month_is_not_skipped(root: Path) -> None:
    close(root, "2026-01")
    done = call(root, "calculate", "--period", "2026-03", who="olive")
    assert "not the open period" in done.err
    call(root, "submit", "2026-03", who="olive")
    call(root, "approve", "2026-03", who="frank")
    done = call(root, "post", "2026-03", who="frank")
    assert (done.code, "E601" in done.err) == (3, True)


def test_an_approval_of_other_content_is_refused(root: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    call(root, "submit", "2026-01", who="olive")
    done = call(root, "approve", "2026-01", "--content", "0" * 64, who="frank")
    assert (done.code, "E602" in done.err) == (3, True)


def test_a_late_deal_is_paid_in_the_open_month_for_the_month_it_belongs_to(root: Path) -> None:
    close(root, "2026-01")
    january = call(root, "show", "2026-01", "--format", "json").json
    (root / "late.csv").write_text("id,owner,stage,amount,close_date\nD21,ann,Won,10000.00 USD,2026-01-30\n")
    assert call(root, "load", "deals", "late.csv").code == 0
    february = call(root, "calculate", "--period", "2026-02", "--format", "json", who="olive").json["view"]
    assert february["corrections"] == [
        {
            "payee": payee,
            "plan": plan,
            "component": component,
            "for_period": "2026-01",
            "amount": {"amount": amount, "currency": "USD"},
        }
        for payee, plan, component, amount in (
            ("ann", "account-executive", "commission", "500.00"),
            ("lou", "team-lead", "override", "100.00"),
        )
    ]
    assert call(root, "show", "2026-01", "--format", "json").json == january


def test_a_closed_month_posted_again_would_add_nothing(root: Path) -> None:
    """Nothing new is known in April: the run gives no row and takes none back."""
    for period in ("2026-01", "2026-02", "2026-03"):
        close(root, period)
    april = call(root, "calculate", "--period", "2026-04", "--format", "json", who="olive").json["view"]
    assert (april["rows_given"], april["rows_taken_back"], april["payable"][0]["amount"]) == (0, 0, "0.00")


def test_a_pay_file_of_another_content_is_never_overwritten(root: Path) -> None:
    run = call(root, "calculate", "--period", "2026-01", "--format", "json", who="olive").json["view"]["run"]
    call(root, "submit", run, who="olive")
    call(root, "approve", run, who="frank")
    call(root, "post", run, who="frank")
    place = root / "pay" / f"2026-01-{run}.csv"
    place.parent.mkdir()
    place.write_text("mine")
    call(root, "finalize", run, who="frank")
    done = call(root, "pay", run, who="petra")
    assert (done.code, "E707" in done.err) == (2, True)
    assert place.read_text() == "mine"
    place.unlink()
    call(root, "finalize", run, who="frank")
    assert call(root, "pay", run, who="petra").code == 0


def test_a_name_that_could_be_a_formula_is_disarmed(root: Path) -> None:
    edit(root / "data" / "payees.csv", "Ann Testwell", "=HYPERLINK(1)")
    call(root, "load", "data")
    close(root, "2026-01")
    (place,) = (root / "pay").glob("*.csv")
    assert ",'=HYPERLINK(1)," in place.read_text("utf-8")


def test_statements_are_previews_first_and_final_then(root: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    before = call(root, "statements", "2026-01", "--payee", "ann", "--format", "html", "--json").json
    call(root, "submit", "2026-01", who="olive")
    call(root, "approve", "2026-01", who="frank")
    call(root, "post", "2026-01", who="frank")
    after = call(root, "statements", "2026-01", "--payee", "ann", "--format", "html", "--json").json
    assert (before["status"], after["status"]) == ("Preview", "Final")
    page = Path(after["printed"][0]["path"])
    page = page if page.is_absolute() else root / page
    assert "3,875.00" in page.read_text("utf-8")
    assert "Ben Mockford" not in page.read_text("utf-8")


def test_a_posted_statement_is_the_same_bytes_before_and_after_it_is_paid(root: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    for verb in ("approve", "post"):
        call(root, verb, "2026-01", who="frank")
    first = call(root, "statements", "2026-01", "--payee", "lou", "--json").json
    call(root, "finalize", "2026-01", who="frank")
    call(root, "pay", "2026-01", who="petra")
    second = call(root, "statements", "2026-01", "--payee", "lou", "--json").json
    assert first["printed"][0]["digest"] == second["printed"][0]["digest"] != ""


def test_every_statement_is_what_is_paid(closed: Path, tmp_path: Path) -> None:
    done = call(closed, "statements", "2026-01", "--format", "html", "--out", str(tmp_path), "--json").json
    assert done["diagnostics"] == []
    amounts = {"ann": "3,875.00", "ben": "2,475.00", "cho": "2,432.50", "lou": "1,756.50"}
    assert [one["payee"] for one in done["printed"]] == list(amounts)
    for one in done["printed"]:
        assert amounts[one["payee"]] in Path(one["path"]).read_text("utf-8")


def test_a_statement_comes_in_every_format_it_is_asked_in(closed: Path, tmp_path: Path) -> None:
    words = ("statements", "2026-01", "--payee", "ann", "--out", str(tmp_path), "--json", "--format")
    done = call(closed, *words, "html, xlsx,csv,json,csv").json
    names = [Path(one["path"]).name for one in done["printed"]]
    assert names == [f"statement-2026-01-000001.{form}" for form in ("csv", "html", "json", "xlsx")]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert [total["amount"] for total in done["totals"]] == ["3875.00"]
    wrong = call(closed, *words, "pdf,docx")
    assert wrong.code == 2 and "docx" in wrong.err


def test_settings_of_the_workspace_reach_each_payee_in_their_own_language(root: Path, tmp_path: Path) -> None:
    edit(root / "compengine.yaml", "name: text,", "name: text, tongue: optional text,")
    settings = "statements: {locale: fr-FR, locale_column: tongue, design: compact}\ntables:\n"
    edit(root / "compengine.yaml", "tables:\n", settings)
    payees = root / "data" / "payees.csv"
    tongues = {"tongue": "tongue", "ann": "de", "ben": "", "cho": "xx", "lou": "pt_BR"}
    lines = payees.read_text("utf-8").splitlines()
    payees.write_text("".join(f"{x},{tongues[x.partition(',')[0].replace('id', 'tongue')]}\n" for x in lines), "utf-8")
    assert call(root, "load", "data").code == 0
    call(root, "calculate", "--period", "2026-01", who="olive")
    done = call(root, "statements", "2026-01", "--format", "html", "--out", str(tmp_path), "--json")
    assert done.code == 1
    said = {one["payee"]: Path(one["path"]).read_text("utf-8") for one in done.json["printed"]}
    assert {payee: page[:40].partition('lang="')[2][:5] for payee, page in said.items()} == {
        "ann": "de-DE", "ben": "fr-FR", "lou": "pt-BR",
    }  # fmt: skip
    assert "3.875,00" in said["ann"] and "2\u202f475,00" in said["ben"]
    (wrong,) = done.json["diagnostics"]
    assert wrong["code"] == "E806" and "cho has the locale “xx”" in wrong["message"]


def test_check_tries_the_designs_of_the_workspace(root: Path) -> None:
    assert call(root, "check").code == 0
    own = root / "statements" / "mine"
    own.mkdir(parents=True)
    (own / "statement.html").write_text("<p>\n{{ view.nobody }}</p>")
    missing = call(root, "check")
    assert missing.code == 1 and "E802" in missing.out and "has no statement.css" in missing.out
    (own / "statement.css").write_text("p { margin: 0 }")
    wrong = call(root, "check")
    assert wrong.code == 1 and "E807" in wrong.out and "statement.html:2:1" in wrong.out
    (own / "statement.html").write_text("<p>{{ view.number }}</p>")
    assert call(root, "check").code == 0
