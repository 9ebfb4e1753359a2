"""Adjustments and holds in a workspace: asked for, decided, paid once, kept through late deals and changed plans."""

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cli_world import Done, call, close, edit, starter

from compengine.actions import calculate as calculating
from compengine.actions import explain as explaining
from compengine.actions.load import the_snapshot
from compengine.actions.opened import open_workspace
from compengine.actions.pinned import objects_of
from compengine.actions.plans import the_program
from compengine.actions.runs import find_run, the_ledger
from compengine.ledger.chain import row_hash
from compengine.ledger.decided import ByHand
from compengine.ledger.store.database import open_store, reading
from compengine.ledger.store.tables import CHAINED, REGISTER, columns
from compengine.ledger.verify import verify
from compengine.source.diagnostic import Failed
from compengine.values.decided import Adjustment, Decided
from compengine.values.exact import exact

PLAN = "plans/account-executive/plan.yaml"
CONTROLS = """\
controls:
  act_as: yes
  roles: {preparer: [olive, oscar], approver: [frank], payer: [petra]}
  people: {oscar: ann}
  adjustment_limits: {preparer: 300 USD, approver: 1_000 USD}
"""


def adjust(
    root: Path, amount: str = "250.00 USD", *more: str, payee: str = "ann", who: str = "olive", **named: str
) -> Done:
    said = {"plan": "account-executive", "for": "2026-01", "kind": "bonus", "code": "SPIF-Q1", "because": "a prize"}
    words = [word for name, value in (said | named).items() for word in (f"--{name}", value)]
    return call(root, "adjust", payee, "--amount", amount, *words, *more, who=who)


def decide(root: Path, id: str, verb: str = "approve", who: str = "frank") -> Done:
    return call(root, "decide", id, verb, "--because", "seen", who=who)


def granted(root: Path, amount: str = "250.00 USD", **named: Any) -> str:
    """The id of an approved adjustment."""
    asked = adjust(root, amount, "--format", "json", **named)
    assert asked.code == 0, asked.err
    done = decide(root, asked.json["id"])
    assert done.code == 0, done.err
    return str(asked.json["id"])


def ok(done: Done) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out) if done.out.startswith("{") else done.out


def by_hand(root: Path, period: str) -> list[tuple[str, str, str, str]]:
    rows = ok(call(root, "show", period, "--format", "json"))["rows"]
    return [
        (r["payee"], r["source"], r["for_period"], r["amount"]["amount"])
        for r in rows
        if r["component"] == "adjustment"
    ]


def payable(root: Path, period: str, payee: str) -> str:
    view = ok(call(root, "show", period, "--format", "json"))
    return next((str(p["payable"]["amount"]) for p in view["payees"] if p["payee"] == payee), "nothing")


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January with adjustments approved, refused and asked for, and cho held; February with cho released, a late deal
    of January, another rate, and an adjustment for January that takes back. Both closed. Tests do not change it."""
    root = starter(tmp_path_factory.mktemp("by-hand"))
    (root / "mail.txt").write_text("They won.", "utf-8")
    ok(adjust(root, "250.00 USD", "--attach", "mail.txt"))
    ok(decide(root, "A0001"))
    ok(adjust(root, "9.00 USD"))
    ok(decide(root, "A0002", "refuse"))
    ok(adjust(root, "8.00 USD"))
    ok(call(root, "hold", "cho", "--because", "contract unsigned", who="olive"))
    close(root, "2026-01")
    ok(call(root, "release", "H0001", "--because", "signed", who="frank"))
    granted(root, "-50.00 USD", kind="recovery", code="OVERPAID")
    deals = root / "data" / "deals.csv"
    deals.write_text(deals.read_text("utf-8") + "L1,ann,Won,10000.00 USD,2026-01-20\n", "utf-8")
    ok(call(root, "load", "data"))
    edit(root / PLAN, "5%", "6%")
    close(root, "2026-02")
    return root


def test_an_approved_adjustment_is_posted_once(paid: Path) -> None:
    assert by_hand(paid, "2026-01") == [("ann", "A0001", "2026-01", "250.00")]
    assert by_hand(paid, "2026-02") == [("ann", "A0004", "2026-01", "-50.00")]


def test_it_survives_a_late_deal_and_a_changed_plan(paid: Path) -> None:
    view = ok(call(paid, "show", "2026-02", "--format", "json"))
    assert {"L1", "D01"} <= {r["source"] for r in view["rows"] if r["for_period"] == "2026-01"}
    totals = ok(call(paid, "register", "--kind", "adjustment", "--format", "json"))["totals"]
    (one,) = totals
    assert [one[name]["amount"] for name in ("requested", "approved", "posted")] == ["217.00", "200.00", "200.00"]


def test_a_later_month_posts_nothing_by_hand_again(paid: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(paid, root)
    ok(call(root, "calculate", "--period", "2026-03", who="olive"))
    assert by_hand(root, "2026-03") == []


def test_what_was_held_is_paid_after_the_release(paid: Path) -> None:
    assert payable(paid, "2026-01", "cho") == "0.00"
    february = ok(call(paid, "show", "2026-02", "--format", "json"))
    (cho,) = [p for p in february["payees"] if p["payee"] == "cho"]
    rows = ok(call(paid, "show", "2026-01", "--format", "json"))["rows"]
    held = sum(float(r["amount"]["amount"]) for r in rows if r["payee"] == "cho")
    new = float(cho["earned"]["amount"]) + float(cho["corrections"]["amount"])
    assert held == 2432.5
    assert float(cho["payable"]["amount"]) == held + new


@pytest.mark.parametrize("period", ["2026-01", "2026-02"])
def test_both_engines_replay_it_and_the_bundle(paid: Path, tmp_path: Path, period: str) -> None:
    ok(call(paid, "bundle", period, "-o", str(tmp_path / "run.zip")))
    for place, what in ((paid, period), (tmp_path, "run.zip")):
        for words in ((), ("--independent",)):
            done = call(place, "replay", what, *words)
            assert (done.code, done.out.splitlines()[-1]) == (0, "MATCH"), done.out + done.err
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert "They won." in [archive.read(n).decode("utf-8", "replace") for n in archive.namelist()]
        assert b"contract unsigned" in archive.read("ledger/register.csv")


def test_the_ledger_verifies_with_it(paid: Path) -> None:
    assert call(paid, "verify").code == 0


def test_a_decision_forged_into_the_register_is_found(paid: Path, tmp_path: Path) -> None:
    """Planted: whoever owns the database approves the third request before January was posted, and chains all anew."""
    root = tmp_path / "copy"
    shutil.copytree(paid, root)
    opened = open_workspace(root)
    with reading(the_ledger(opened)) as connection:
        rows = [
            (tuple(row), table)
            for table in CHAINED
            for row in connection.execute(table.select().with_only_columns(*(table.c[n] for n in columns(table))))
        ]
    rows.sort(key=lambda found: found[0][0])
    at = next(n for n, (row, table) in enumerate(rows) if table is REGISTER and row[2:4] == ("A0003", "requested"))
    asked = rows[at][0]
    rows.insert(at + 1, ((*asked[:3], "approved", *asked[4:9], "frank", *asked[10:]), REGISTER))
    _rewrite(root / "ledger.db", rows)
    found = verify(open_store(root / "ledger.db"), opened.objects)
    assert any("was calculated against another opening" in d.message for d in found), found


def _rewrite(place: Path, rows: list[tuple[tuple[Any, ...], Any]]) -> None:
    """All rows anew, with numbers and hashes as if nothing had been put between them."""
    with sqlite3.connect(place) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for table in CHAINED:
            database.execute(f"DELETE FROM {table.name}")
        previous = "0" * 64
        for seq, (row, table) in enumerate(rows, start=1):
            moved = {"first_seq", "last_seq"}
            told = [v + 1 if n in moved else v for n, v in zip(columns(table), row, strict=True)]
            chained = (seq, *told[1:-1], previous)
            previous = row_hash(table, chained)
            names, marks = (*columns(table), "hash"), ", ".join("?" * (len(chained) + 1))
            database.execute(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", (*chained, previous))


def test_a_damaged_attachment_is_found(paid: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(paid, root)
    opened = open_workspace(root)
    record = find_run(opened, the_ledger(opened), "2026-01").record
    places = [opened.objects.place(digest) for digest in objects_of(opened.objects, record)]
    (mail,) = [p for p in places if p.read_bytes() == b"They won."]
    mail.write_bytes(b"They lost.")
    done = call(root, "verify")
    assert (done.code, mail.name in done.out + done.err) == (1, True)


def test_an_adjustment_is_explained(paid: Path) -> None:
    done = call(paid, "explain", "ann", "2026-01", "A0001", "--format", "json")
    assert (done.code, done.json["agrees"]) == (0, True), done.err
    said = [branch["text"].split(" on ")[0] for branch in done.json["tree"]["branches"]]
    assert said == ["requested by olive", "approved by frank", "attachment"]


def test_an_adjustment_that_nobody_took_in_is_not_explained_away(paid: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the run pays what was not among the decisions it was calculated with."""
    monkeypatch.setattr(explaining, "pinned_by_hand", lambda *_: ByHand())
    done = call(paid, "explain", "ann", "2026-01", "A0001", "--format", "json")
    assert (done.code, done.json["agrees"]) == (1, False)


# --- who may


def test_who_asks_does_not_decide(root: Path) -> None:
    ok(adjust(root))
    assert (done := decide(root, "A0001", who="Olive ")).code == 3
    assert "E603" in done.err


@pytest.mark.parametrize(
    ("amount", "who", "code"),
    [
        ("300.00 USD", "oscar", ""),
        ("300.01 USD", "oscar", "E618"),
        ("-300.01 USD", "oscar", "E618"),
        ("1000.00 USD", "frank", ""),
        ("1000.01 USD", "frank", "E618"),
        ("1.00 USD", "petra", "E613"),
    ],
)
def test_the_limit_is_that_of_the_deciding_role(root: Path, amount: str, who: str, code: str) -> None:
    (root / "compengine.yaml").write_text((root / "compengine.yaml").read_text("utf-8") + CONTROLS, "utf-8")
    ok(adjust(root, amount, payee="ben"))
    done = decide(root, "A0001", who=who)
    assert (done.code, code in done.err) == (3 if code else 0, True), done.err


def test_nobody_decides_about_his_own_pay(root: Path) -> None:
    (root / "compengine.yaml").write_text((root / "compengine.yaml").read_text("utf-8") + CONTROLS, "utf-8")
    ok(adjust(root, "5.00 USD", payee="ann"))
    assert "E614" in decide(root, "A0001", who="oscar").err
    ok(adjust(root, "5.00 USD", payee="ben"))
    ok(decide(root, "A0002", who="oscar"))


def test_a_currency_without_a_limit_is_decided_by_nobody(root: Path) -> None:
    other = CONTROLS.replace("300 USD", "300 EUR").replace("1_000 USD", "1_000 EUR")
    (root / "compengine.yaml").write_text((root / "compengine.yaml").read_text("utf-8") + other, "utf-8")
    ok(adjust(root, "5.00 USD", payee="ben"))
    assert "no amount in USD" in decide(root, "A0001").err


def test_an_adjustment_is_not_accepted_but_approved_whatever_the_limits_are(root: Path) -> None:
    (root / "compengine.yaml").write_text((root / "compengine.yaml").read_text("utf-8") + CONTROLS, "utf-8")
    ok(adjust(root, "1000.01 USD", payee="ben"))
    done = decide(root, "A0001", "accept")
    assert done.code == 3 and "E615" in done.err and "it can be approved or refused or withdrawn" in done.err


def test_only_who_asked_withdraws(root: Path) -> None:
    ok(adjust(root))
    words = ("withdraw", "A0001", "--because", "a mistake")
    assert "E613" in call(root, *words, who="frank").err
    ok(call(root, *words, who="olive"))
    assert "E615" in decide(root, "A0001").err


# --- what is taken


@pytest.mark.parametrize(
    ("amount", "named", "code"),
    [
        ("250.001 USD", {}, "E108"),
        ("0.00 USD", {}, "E108"),
        ("a lot", {}, "E108"),
        ("250,00 USD", {}, "E108"),
        ("1,200.50 USD", {}, "E108"),
        ("1.0000000000001 USD", {}, "E108"),
        ("99999999999999999999999999999999999999999999 USD", {}, "E108"),
        ("250.00 EUR", {}, "E213"),
        ("1.00 USD", {"code": "spif"}, "E108"),
        ("1.00 USD", {"kind": "gift"}, "E107"),
        ("1.00 USD", {"plan": "account-exec"}, "E705"),
        ("1.00 USD", {"for": "2026-13"}, "E704"),
        ("1.00 USD", {"payee": "anne"}, "E512"),
        ("1.00 USD", {"because": " "}, "E616"),
        ("1.00 USD", {"dispute": "D0001"}, "E606"),
    ],
)  # fmt: skip
def test_what_cannot_be_paid_is_not_put_on_record(root: Path, amount: str, named: dict[str, str], code: str) -> None:
    done = adjust(root, amount, **named)
    assert (done.code, f"error[{code}]" in done.err) == (3 if code.startswith("E6") else 2, True), done.err
    assert ok(call(root, "register", "--format", "json"))["records"] == []


def test_what_was_probably_meant_otherwise_is_said_with_the_run(root: Path) -> None:
    """A hold on a deal that there is not, an adjustment with a plan that the person is not on."""
    for source in ("D99", "D01"):
        assert call(root, "hold", "ann", "--source", source, "--because", "to be looked at", who="olive").code == 0
    granted(root, payee="lou")
    granted(root)
    said = call(root, "calculate", "--period", "2026-01", who="olive").err
    assert "warning: hold H0001 keeps nothing back: ann has no such earning" in said
    assert "warning: adjustment A0001 is paid with account-executive, which has nothing else of lou so far" in said
    assert "H0002" not in said and "A0002" not in said


def test_a_hold_names_what_is_there(root: Path) -> None:
    for words, code in (
        (("cho", "--component", "comission"), "E211"),
        (("chow",), "E512"),
        (("cho", "--plan", "x"), "E705"),
    ):
        done = call(root, "hold", *words, "--because", "x", who="olive")
        assert f"error[{code}]" in done.err


def test_a_component_may_not_be_called_adjustment(root: Path) -> None:
    edit(root / PLAN, "commission:", "adjustment:")
    assert "E305" in call(root, "check").out + call(root, "check").err


def test_an_adjustment_for_a_coming_period_is_paid_with_it(root: Path) -> None:
    granted(root, "70.00 USD", **{"for": "2026-02"})
    close(root, "2026-01")
    assert by_hand(root, "2026-01") == []
    close(root, "2026-02")
    assert by_hand(root, "2026-02") == [("ann", "A0001", "2026-02", "70.00")]


@pytest.mark.parametrize("what", ["approved", "placed", "released"])
def test_a_decision_after_the_calculation_stops_the_posting(root: Path, what: str) -> None:
    ok(adjust(root))
    if what == "released":
        ok(call(root, "hold", "cho", "--because", "x", who="olive"))
    for words, who in ((("calculate", "--period"), "olive"), (("submit",), "olive"), (("approve",), "frank")):
        ok(call(root, *words, "2026-01", who=who))
    match what:
        case "approved":
            ok(decide(root, "A0001"))
        case "placed":
            ok(call(root, "hold", "cho", "--because", "x", who="olive"))
        case _:
            ok(call(root, "release", "H0001", "--because", "x", who="frank"))
    done = call(root, "post", "2026-01", who="frank")
    assert (done.code, "E602" in done.err, f"was {what} since" in done.err) == (3, True, True)
    for verb, who in (("submit", "olive"), ("approve", "gail")):
        again = call(root, verb, "2026-01", who=who).err
        assert "E615" in again and "next: compengine calculate --period 2026-01" in again


def test_what_comes_next_for_an_approved_run_is_to_post_it(root: Path) -> None:
    for words, who in ((("calculate", "--period"), "olive"), (("submit",), "olive"), (("approve",), "frank")):
        ok(call(root, *words, "2026-01", who=who))
    assert "next: compengine post" in call(root, "submit", "2026-01", who="olive").err


def test_an_adjustment_for_a_dispute_that_is_decided_says_what_to_do(root: Path) -> None:
    close(root, "2026-01")
    ok(call(root, "dispute", "2026-01-000001", "--because", "wrong", who="dan"))
    ok(call(root, "decide", "D0001", "refuse", "--because", "right", who="frank"))
    payee = str(call(root, "register", "--format", "json").json["records"][0]["payee"])
    words = ("--plan", "account-executive", "--amount", "5 USD", "--for", "2026-01", "--kind", "bonus", "--code", "X")
    done = call(root, "adjust", payee, *words, "--because", "x", "--dispute", "D0001", who="olive")
    assert done.code == 3 and "E615" in done.err and "leave --dispute out" in done.err
    other = next(p for p in ("ann", "ben", "cho") if p != payee)
    done = call(root, "adjust", other, *words, "--because", "x", "--dispute", "D0001", who="olive")
    assert "E615" in done.err and "register --kind dispute lists them" in done.err


@pytest.mark.parametrize("first", [True, False])
def test_an_amount_without_quotes_is_told_to_have_them(root: Path, first: bool) -> None:
    words = ("--plan", "account-executive", "--for", "2026-01", "--kind", "bonus", "--code", "X", "--because", "x")
    amount = ("--amount", "-40", "USD")
    given = (*amount, "cho", *words) if first else ("cho", *words, *amount)
    done = call(root, "adjust", *given, who="olive")
    assert (done.code, '--amount "-40 USD"' in done.err) == (2, True), done.err
    more = call(root, "adjust", "cho", "ann", *words, "--amount", "-40 USD", who="olive")
    assert (more.code, "more than one payee: cho ann" in more.err) == (2, True), more.err
    close(root, "2026-01")


def test_a_period_is_the_run_that_can_be_posted_and_then_the_posted_one(root: Path) -> None:
    """A hold is placed and released: the run of before is the right one again, though another was recorded later."""
    calculate = ("calculate", "--period", "2026-01", "--format", "json")
    first = ok(call(root, *calculate, who="olive"))["view"]["run"]
    ok(call(root, "hold", "cho", "--because", "x", who="olive"))
    held = ok(call(root, *calculate, who="olive"))["view"]["run"]
    assert ok(call(root, "show", "2026-01", "--format", "json"))["run"] == held != first
    ok(call(root, "release", "H0001", "--because", "x", who="frank"))
    again = ok(call(root, *calculate, who="olive"))
    assert (again["view"]["run"], again["again"]) == (first, True)
    for words, who in ((("submit",), "olive"), (("approve",), "frank"), (("post",), "frank")):
        ok(call(root, *words, "2026-01", who=who))
    ok(call(root, "hold", "cho", "--because", "x", who="olive"))
    assert ok(call(root, "show", "2026-01", "--format", "json"))["run"] == first


def test_a_request_that_waits_stops_nothing(root: Path) -> None:
    ok(call(root, "calculate", "--period", "2026-01", who="olive"))
    ok(adjust(root))
    for words, who in ((("submit",), "olive"), (("approve",), "frank"), (("post",), "frank")):
        ok(call(root, *words, "2026-01", who=who))
    assert by_hand(root, "2026-01") == []  # nothing of it is paid, and it still waits
    assert ok(call(root, "register", "--format", "json"))["records"][0]["state"] == "requested"


def test_what_no_longer_fits_is_refused_by_name(root: Path) -> None:
    """The plan, the payee and the period of an approved adjustment must be there in every later calculation."""
    opened = open_workspace(root)
    program, snapshot = the_program(opened)[0], the_snapshot(opened)
    lost = Adjustment("A0001", "nobody", "gone", "2026-99", "X", exact(1), "USD")
    with pytest.raises(Failed) as caught:
        calculating.refuse_unfit(program, snapshot, program.plans[0].calendar, Decided((lost,)))
    assert sorted(d.code for d in caught.value.diagnostics) == ["E512", "E704", "E705"]


def test_the_register_is_written_with_totals_and_without_formulas(paid: Path, tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    ok(call(paid, "register", "--csv", str(file)))
    lines = file.read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("TOTAL")] == [
        "TOTAL,adjustment,,,217.00,USD,requested,,,,,,,,,",
        "TOTAL,adjustment,,,200.00,USD,approved,,,,,,,,,",
        "TOTAL,adjustment,,,200.00,USD,posted,,,,,,,,,",
    ]
    assert sum(line.startswith("A0001,") for line in lines) == 2
    file.write_text("mine", "utf-8")
    assert "E707" in call(paid, "register", "--csv", str(file)).err
