"""The report of what rules cover: overlaps, ties, orphans, contested rows, idle rules, and rows credited to nobody."""

from pathlib import Path
from typing import Any

import pytest
from cli_world import call, edit

WORKSPACE = """
workspace: rules
timezone: UTC
currencies: {base: USD}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01}
tables:
  payees: {row: payee, key: id, columns: {id: payee, on_plan: bool}}
  orders:
    row: order
    key: id
    columns: {id: text, status: text, account: text, region: text, owner: payee, amount: money, day: date}
  territories:
    row: territory
    key: id
    effective: [from, to]
    columns: {id: text, account: optional text, region: optional text, holder: payee}
  bonuses: {row: bonus, key: id, columns: {id: text, region: optional text, rate: percent}}
"""
PLAN = """
plan: sellers
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.on_plan
credits:
  won:
    from: orders
    when: |
      match(territories.holder, account = order.account, region = order.region) is not empty
      and order.status == "won"
    date: order.day
    amount: order.amount
    to: match(territories.holder, account = order.account, region = order.region)
earn:
  commission:
    per: credit of won
    of: credit.amount
    rate: if order.region == "west" then 2% else match(bonuses.rate, region = order.region) default 1%
"""
PAYEES = "id,on_plan\nann,yes\nben,yes\nliz,no\n"
ORDERS = """id,status,account,region,owner,amount,day
A1,won,Acme,north,ann,100,2026-02-03
A2,won,Acme,east,ann,100,2026-02-04
B1,won,Birch,north,ann,100,2026-02-05
B2,won,Birch,south,ann,100,2026-02-06
B3,lost,Birch,south,ann,100,2026-02-07
B4,won,Birch,east,ann,100,2026-02-08
B5,won,Birch,west,ann,100,2026-02-09
OLD,won,Birch,south,ann,100,2026-01-09
"""
TERRITORIES = """id,account,region,holder,from,to
acme,Acme,,ann,2026-01-01,
north,,north,ben,2026-01-01,
east,,east,liz,2026-01-01,
west,,west,ben,2026-01-01,
cold-1,Cedar,,ann,2026-01-01,2026-03-31
cold-2,Cedar,,ben,2026-03-01,2026-06-30
late,Dogwood,,ben,2026-03-01,
"""
BONUSES = "id,region,rate\nn,north,3%\nw,west,3%\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "compengine.yaml").write_text(WORKSPACE, "utf-8")
    for name, text in (
        ("plans/sellers/plan.yaml", PLAN),
        ("data/payees.csv", PAYEES),
        ("data/orders.csv", ORDERS),
        ("data/territories.csv", TERRITORIES),
        ("data/bonuses.csv", BONUSES),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    assert call(tmp_path, "load", "data").code == 0
    return tmp_path


def told(root: Path, *words: str) -> Any:
    return call(root, "coverage", *words, "--format", "json").json


def test_the_latest_period_with_rows_is_looked_at(rules: Path) -> None:
    assert told(rules)["period"] == "2026-02"
    assert told(rules, "--period", "2026-01")["period"] == "2026-01"


def test_overlaps_are_found_in_the_table_where_no_row_meets_them(rules: Path) -> None:
    (overlap,) = told(rules)["overlaps"]
    assert overlap["rules"] == ["cold-1", "cold-2"]
    assert (overlap["same"], overlap["first"], overlap["last"]) == ("account Cedar", "2026-03-01", "2026-03-31")


def test_an_orphan_is_a_row_that_passes_the_rest_of_the_condition(rules: Path) -> None:
    assert [(o["rule"], o["row"]) for o in told(rules)["orphans"]] == [("won", "B2")]
    assert [o["row"] for o in told(rules, "--period", "2026-01")["orphans"]] == ["OLD"]


def test_a_contested_row_says_who_wins_and_who_is_next(rules: Path) -> None:
    contested = {(c["row"], *c["best"], *c["next"]) for c in told(rules)["contested"]}
    assert contested == {("A1", "acme", "north"), ("A2", "acme", "east")}


def test_a_default_answers_and_a_branch_not_taken_is_not_asked(rules: Path) -> None:
    rates = next(m for m in told(rules)["matches"] if m["rule"] == "commission")
    assert (rates["rows"], rates["matched"], rates["defaulted"], rates["orphans"]) == (3, 2, 1, 0)
    assert [i["rule"] for i in told(rules)["idle"] if i["table"] == "bonuses"] == ["w"]


def test_idle_rules_are_those_in_force_that_decide_nothing(rules: Path) -> None:
    idle = {(i["rule"], i["fits"]) for i in told(rules)["idle"] if i["table"] == "territories"}
    assert idle == {("cold-1", 0)}
    edit(rules / "data" / "territories.csv", "north,,north", "all,,,ben,2026-01-01,\nnorth,,north")
    assert call(rules, "load", "data").code == 0
    again = {(i["rule"], i["fits"]) for i in told(rules)["idle"] if i["table"] == "territories"}
    assert again == {("cold-1", 0)}, "the rule for all takes B2 now"


def test_rows_credited_to_nobody_come_with_every_reason(rules: Path) -> None:
    lost = {u["row"]: u["reasons"] for u in told(rules)["uncredited"]}
    test = "match(territories.holder, account = order.account, region = order.region) is not empty"
    assert lost == {"B2": [test], "B3": [test], "B4": ["on no plan on 2026-02-08"]}


def test_a_tie_is_told_though_it_stops_the_calculation(rules: Path) -> None:
    edit(rules / "data" / "territories.csv", "north,,north", "cold,,north,ann,2026-02-01,\nnorth,,north")
    assert call(rules, "load", "data").code == 0
    done = told(rules)
    assert [(t["row"], t["best"]) for t in done["ties"]] == [("B1", ["cold", "north"])]
    assert {d["code"] for d in done["stopped"]} == {"E508"}
    assert (done["idle"], done["uncredited"]) == ([], [])
    shown = call(rules, "coverage")
    assert shown.code == 1
    assert "fit equally well (1)" in shown.out
    assert "cannot be calculated" in shown.out


def test_the_exit_code_is_0_once_nothing_is_open(rules: Path) -> None:
    done = call(rules, "coverage")
    assert (done.code, done.out.splitlines()[0]) == (1, "coverage of 2026-02: 1 overlap, no ties, 1 orphan")
    edit(rules / "data" / "territories.csv", "2026-03-01,2026-06-30", "2026-04-01,2026-06-30")
    edit(rules / "data" / "territories.csv", "late,", "south,,south,ben,2026-01-01,\nlate,")
    assert call(rules, "load", "data", "--replace").code == 0
    clean = call(rules, "coverage", "sellers", "--period", "2026-02")
    assert (clean.code, clean.out.splitlines()[0]) == (0, "coverage of 2026-02: no overlaps, no ties, no orphans")


def test_names_that_are_not_there_are_refused(rules: Path) -> None:
    assert "error[E705]: there is no plan seller\nhelp: did you mean sellers?" in call(rules, "coverage", "seller").err
    assert call(rules, "coverage", "--period", "2026-13").code == 2
