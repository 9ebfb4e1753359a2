"""What was held is released, added to or no longer earned: three things, each with its own line and deal."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from held_samples import FIRST, PAID_ON, PLAN, deal, part
from statement_samples import COMMISSION, HERE, balance, constant, facts, measure, plan, row, settlement

from compengine.plan.typed import Release as Rule
from compengine.statement.build import assemble, build
from compengine.statement.data import from_json, to_json
from compengine.statement.facts import PartBefore, Posted, RecordFacts
from compengine.statement.html import render_html
from compengine.statement.identities import check
from compengine.statement.release import Release
from compengine.statement.rows import rows_csv
from compengine.statement.templates import load_template
from compengine.statement.view import StatementView
from compengine.values.decided import Hold
from compengine.values.exact import exact


def said(view: StatementView) -> dict[str, Decimal]:
    return {line.key: line.amount for line in view.bridges[0].lines if not line.total}


def moved(view: StatementView) -> tuple[tuple[str, Decimal], ...]:
    return next(a.movements for a in view.accounts if a.account == "held")


def test_a_held_deal_that_is_re_rated_is_held_for_more_and_nothing_is_released() -> None:
    view = build(deal("0.04", "0.075", held="800", still="1500", due="0"))
    assert said(view) == {"component:enterprise-ae.commission": 0, "corrections": 700, "withheld": -700}
    assert moved(view) == (("held", exact(700)),)
    assert (view.releases, [h.amount for h in view.holds]) == ((), [exact(1500)])


def test_a_held_deal_whose_rate_falls_is_held_for_less_and_nothing_is_released() -> None:
    view = build(deal("0.075", "0.04", held="1500", still="800", due="0"))
    assert said(view) == {"component:enterprise-ae.commission": 0, "corrections": -700, "unearned": 700}
    assert moved(view) == (("no longer earned", exact(-700)),)
    assert (view.releases, [h.amount for h in view.holds]) == ((), [exact(800)])


@pytest.mark.parametrize(
    ("was", "now", "held", "due", "lines"),
    [
        ("0.04", "0.04", "800", "800", {"released": 800}),
        ("0.04", "0.075", "800", "1500", {"corrections": 700, "released": 800}),
        ("0.075", "0.04", "1500", "800", {"corrections": -700, "unearned": 700, "released": 800}),
    ],
    ids=["as it was", "re-rated up", "re-rated down"],
)
def test_a_deal_that_is_paid_releases_what_of_it_was_held(
    was: str, now: str, held: str, due: str, lines: dict[str, int]
) -> None:
    view = build(deal(was, now, held, still="0", due=due))
    assert {key: amount for key, amount in said(view).items() if amount} == lines
    (told,) = view.releases
    assert (told.source, told.component, told.amount) == ("D14", "commission", lines["released"])
    assert (told.statements, told.why, told.on) == ((FIRST,), "“paid on”", PAID_ON)


def test_a_part_that_is_released_comes_first_of_what_was_held_before() -> None:
    view = build(deal("0.04", "0.075", held="800", still="750", due="750"))
    assert said(view)["released"] == 750
    assert said(view)["withheld"] == -700


def test_a_release_names_the_hold_that_ended() -> None:
    made = deal("0.04", "0.04", "800", "0", "800")
    made = replace(made, lifted=(Hold("H0002", "ana", source="D14"), Hold("H0003", "ana", source="D9")))
    assert [r.why for r in build(made).releases] == ["hold H0002 lifted; “paid on”"]
    ended = RecordFacts("", "contract unsigned", date(2026, 2, 2), date(2026, 3, 20), "frank")
    (told,) = build(replace(made, register={"H0002": ended})).releases
    assert told.why == "hold H0002 lifted on 20 Mar 2026; “paid on”"


def test_of_several_releases_the_one_of_this_month_is_named() -> None:
    """Half on the day of the credit, which was paid in January, half on payment."""
    half = constant("50%", Decimal("0.5"))
    rules = (Rule(half, measure("credit.date"), None, HERE), Rule(half, measure("deal.paid_on"), None, HERE))
    made = deal("0.04", "0.04", "400", "0", "400")
    first = part("400", date(2026, 1, 9))
    second = replace(part("400", PAID_ON), step=1)
    made = replace(
        made,
        plans=(replace(made.plans[0], plan=plan(replace(COMMISSION, release=rules))),),
        parts=(PartBefore(first, False, FIRST), PartBefore(replace(second, on=None), True, FIRST)),
        payables=(first, second),
    )
    assert [(r.why, r.on, r.amount) for r in build(made).releases] == [("“paid on”", PAID_ON, exact(400))]


def test_a_negative_part_that_was_held_is_released_as_such() -> None:
    made = deal("0.04", "0.04", "-800", "0", "-800")
    made = replace(made, payables=(part("-800", PAID_ON),), settlements=(settlement("-800", carried="800"),))
    view = build(replace(made, closing=(balance("carried", "-800"),)))
    assert said(view)["released"] == -800
    assert [r.amount for r in view.releases] == [exact(-800)]


def test_what_was_released_before_and_is_gone_moves_nothing_that_is_held() -> None:
    old = row("D14", "20000", "0.04", part="0%", period="2026-01")
    made = facts([Posted(-1, old, "2026-03", FIRST)], settlement("-800", carried="800"), PLAN)
    assert not {"withheld", "unearned", "released"} & set(said(build(made)))


def test_the_page_and_its_files_say_what_is_released() -> None:
    view = build(deal("0.04", "0.04", "800", "0", "800"))
    page = render_html(view, load_template(root=Path("nowhere")))
    assert "Bluebird Health · Commission" in " ".join(page.replace("</small> <small>", " ").split())
    assert "“paid on”, 17 Mar 2026" in page
    assert from_json(to_json(view)) == view
    (line,) = [r for r in csv.DictReader(io.StringIO(rows_csv(view).decode())) if r["section"] == "released"]
    assert (line["source"], line["amount"], line["paid"], line["original_statement"]) == ("D14", "800.00", "no", FIRST)
    assert line["note"] == "“paid on”"


def broken(change: Callable[[StatementView], StatementView]) -> list[str]:
    made = deal("0.04", "0.04", "800", "0", "800")
    view = assemble(made)
    assert not check(view, made)
    return [d.message for d in check(change(view), made)]


def test_releases_that_do_not_come_to_the_bridge() -> None:
    assert any("what is released line by line in USD is 0.00" in m for m in broken(lambda v: replace(v, releases=())))


def test_a_release_of_more_than_was_held() -> None:
    def more(view: StatementView) -> StatementView:
        one: Release = view.releases[0]
        return replace(
            view, releases=(replace(one, amount=one.amount + 1), replace(one, source="D9", amount=exact(-1)))
        )

    found = broken(more)
    assert any("what is released of D14 in commission is 801.00, but must be 800.00" in m for m in found)
    assert not any("line by line" in m for m in found)


def test_parts_that_do_not_come_to_what_was_held() -> None:
    made = replace(deal("0.04", "0.04", "800", "0", "800"), parts=())
    found = [d.message for d in check(assemble(made), made)]
    assert any("what was held, part by part (enterprise-ae) is 0.00, but must be 800.00" in m for m in found)
