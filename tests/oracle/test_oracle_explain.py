"""An earning as a tree: the same evaluation with the recorder on."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from oracle_company import BOOKINGS, deal, person, plan, program, quota, run, snapshot, workspace

from compengine.oracle.explain import Tree, explain
from compengine.source.diagnostic import Failed

TEXT = plan(
    BOOKINGS
    + """\
measures:
  attainment: sum(bookings, year to date) / quota(bookings, year)
tables:
  rates:
    by: [percent]
    steps: {0%: 8%, 100%: 12%}
earn:
  commission:
    terms: Eight percent, and twelve from your quota on.
    per: credit of bookings
    when: deal.acv > 0 USD
    of: credit.amount
    rate: rates(after(attainment))
    multiply:
      kicker: 1.5
    limit: [at most 500 USD per year]
"""
)
ROWS = {
    "payees": [person("ana")],
    "quotas": [quota("ana", "10000")],
    "deals": [deal("D1", "ana", "2026-01-05", "4000"), deal("D2", "ana", "2026-02-05", "7000")],
}


def walk(tree: Tree) -> Iterator[Tree]:
    yield tree
    for child in tree.children:
        yield from walk(child)


def tree_of(source: str) -> Tree:
    window = workspace().calendars["monthly"].period("2026-02")
    return explain(program(TEXT), snapshot(ROWS), window, "ae", "commission", "ana", source)


def test_every_part_stands_with_its_value() -> None:
    tree = tree_of("D2")
    assert tree.text == "Eight percent, and twelve from your quota on."
    assert [child.text for child in tree.children] == [
        "when",
        "of",
        "rate",
        "multiply kicker",
        "at most 500 USD per year",
        "rows",
    ]
    values = {node.text: node.value for node in walk(tree)}
    assert values["when"] is True
    assert values["after(attainment)"] == Decimal("1.1")
    assert values["rate"] == Decimal("0")  # the cap's, the last of the rows
    behind = next(node for node in walk(tree) if node.text == "sum(bookings, year to date)")
    assert (behind.value, behind.count, [line.source for line in behind.lines]) == (11_000, 2, ["D1", "D2"])
    assert behind.place is not None and behind.place.path == "plan0.yaml"


def test_the_tree_adds_up_to_what_the_run_says() -> None:
    outcome = run(TEXT, ROWS, "2026-02")
    for source in ("D1", "D2"):
        assert tree_of(source).value == sum(e.amount for e in outcome.earnings if e.source == source)
    assert tree_of("D2").value == 20


def test_there_is_no_such_earning() -> None:
    with pytest.raises(Failed, match="E706"):
        tree_of("D9")
