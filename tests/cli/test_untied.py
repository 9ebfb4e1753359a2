"""Statements pay what the pay file does: each by itself, and all of them together."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from compengine.actions.opened import open_workspace
from compengine.actions.payment import paid_totals
from compengine.actions.runs import find_run, the_ledger
from compengine.actions.statement_facts import facts_of, told
from compengine.actions.statements import _untied
from compengine.statement.batch import totals_of
from compengine.statement.build import build
from compengine.statement.manifest import Printed


def test_statements_that_do_not_pay_what_the_pay_file_does(closed: Path) -> None:
    opened = open_workspace(closed)
    store = the_ledger(opened)
    run = find_run(opened, store, "2026-01")
    known, pay = told(opened, store, run), paid_totals(opened, run)
    views = [build(facts_of(known, payee)) for payee in sorted(known.numbers)]
    made = [Printed(v.number, v.person.id, Path(), "", 0, totals_of(v)) for v in views]
    assert len(made) > 1 and _untied(known, made, pay) == []
    ((currency, amount),) = made[0].totals
    wrong = [replace(made[0], totals=((currency, amount + Decimal("0.01")),)), *made[1:]]
    one, all_of_them = (d.message for d in _untied(known, wrong, pay))
    assert one.startswith(f"{made[0].payee}, statement {made[0].number}, says") and "and the run pays" in one
    assert "the statements together say" in all_of_them
    other = [replace(pay[0], amount=pay[0].amount - 1), *pay[1:]]
    (message,) = (d.message for d in _untied(known, made, other))
    assert "the pay file" in message
    ((code,),) = {(d.code,) for d in _untied(known, wrong, pay)}
    assert code == "E801"
