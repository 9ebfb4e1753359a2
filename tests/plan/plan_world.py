"""A plan to stand expressions in, and short ways to check texts."""

from functools import cache
from pathlib import Path

from compengine.inputs.workspace import read_workspace
from compengine.plan import scopes
from compengine.plan import typed as t
from compengine.plan.check import check
from compengine.plan.check_credits import stream
from compengine.plan.check_earn import component
from compengine.plan.check_tables import table
from compengine.plan.document import read_plan
from compengine.plan.expressions import needed
from compengine.plan.scope import Declared, Scope
from compengine.source.diagnostic import Diagnostic
from compengine.source.text import Text
from compengine.source.yaml import Mapping, Scalar, compose

FOLDER = Path(__file__).parents[1] / "plans"
WORKSPACE = read_workspace(Text("compengine.yaml", (FOLDER / "compengine.yaml").read_text(encoding="utf-8")))

HEAD = """\
plan: sample
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.title == "AE"
"""
BODY = """\
tables:
  uplift: {by: [number], steps: {0: 0%, 24: 5%}}
  by_word: {by: [text], steps: {a: 5 USD, otherwise: 6 USD}}
credits:
  bookings:
    from: deals
    when: deal.approved_on is not empty
    date: deal.closed_on
    amount: deal.value
    to: deal.owner
  counted: {from: visits, date: visit.day, amount: 1, to: visit.payee}
measures:
  half: 0.5
  running: sum(bookings, year to date)
  of_quarter: sum(bookings, quarter)
earn:
  commission: {per: credit of bookings, of: credit.amount, rate: 5%}
  monthly: {per: month, pay: 5 USD}
"""
SAMPLE = HEAD + BODY


def check_text(content: str) -> tuple[t.Program | None, tuple[Diagnostic, ...]]:
    return check([Text("plan.yaml", content)], WORKSPACE)


def good(content: str) -> t.Plan:
    program, diagnostics = check_text(content)
    assert diagnostics == ()
    assert program is not None
    return program.plans[0]


def codes(content: str) -> list[str]:
    return [d.code for d in check_text(content)[1]]


def scalar(source: str) -> Scalar:
    """The value as it would stand in a file."""
    root = compose(Text("e.yaml", f"e: {source}\n"))
    assert isinstance(root, Mapping)
    value = root.get("e")
    assert isinstance(value, Scalar)
    return value


@cache
def declared() -> Declared:
    """The names of the sample plan, all typed."""
    found: list[Diagnostic] = []
    plan = read_plan(Text("plan.yaml", SAMPLE), found)
    assert plan is not None
    listed = [
        *((rule.name, "table") for rule in plan.own.tables),
        *((rule.name, "stream") for rule in plan.own.credits),
        *((rule.name, "measure") for rule in plan.own.measures),
        *((rule.name, "component") for rule in plan.earn),
    ]
    names = {name.value: (kind, name.span) for name, kind in listed}
    names_of = Declared("sample", "USD", WORKSPACE.calendars["monthly"], WORKSPACE, names)
    for given in plan.own.tables:
        made = table(given, names_of, found)
        assert made is not None
        names_of.tables[made.name] = made
    for credit in plan.own.credits:
        stream(credit, names_of, {}, found)
    for measure in plan.own.measures:
        value = needed(measure.value, scopes.of_measure(names_of, found))
        assert value is not None
        names_of.measures[measure.name.value] = t.MeasureRule(measure.name.value, value, measure.name.span)
    for earned in plan.earn:
        component(earned, names_of, found)
    assert found == []
    return names_of


def scope(section: str, found: list[Diagnostic]) -> Scope:
    """The scope of that section in the sample plan: measure, credit, month, credits, payees."""
    match section:
        case "measure":
            return scopes.of_measure(declared(), found)
        case "credit":
            return scopes.of_credit(declared(), found, declared().streams["bookings"])
        case "credits":
            return scopes.of_stream(declared(), found, {"deal": WORKSPACE.tables["deals"]})
        case "payees":
            return scopes.of_payees(declared(), found)
    return scopes.of_window(declared(), found, section)
