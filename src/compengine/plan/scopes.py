"""The scope of each section of a plan: which names it sees, how coarse and how late its values may be."""

from compengine.inputs.schema import Table
from compengine.plan.scope import PERIOD, Declared, Scope, StreamFacts, known_of
from compengine.plan.typed import Grain, Known
from compengine.source.diagnostic import Diagnostic


def _person(declared: Declared) -> dict[str, Table]:
    return {"payee": declared.workspace.tables["payees"], "period": PERIOD}


def of_payees(declared: Declared, found: list[Diagnostic]) -> Scope:
    rows = {"payee": declared.workspace.tables["payees"]}
    return Scope("payees", declared, found, rows, False, Grain.PAYEE)


def of_spread(declared: Declared, found: list[Diagnostic]) -> Scope:
    """The same weights for everybody: nothing but the period, constants and what is looked up; no rows to name."""
    return Scope("spreads of quotas", declared, found, {"period": PERIOD}, False, Grain.ROW)


def of_share(declared: Declared, found: list[Diagnostic]) -> Scope:
    return Scope("shares of quotas", declared, found, _person(declared), False, Grain.PAYEE)


def of_measure(declared: Declared, found: list[Diagnostic]) -> Scope:
    return Scope("measures", declared, found, _person(declared), True, Grain.PAYEE, Known.YEAR)


def of_stream(declared: Declared, found: list[Diagnostic], rows: dict[str, Table]) -> Scope:
    return Scope("a stream", declared, found, rows, False, Grain.ROW)


def of_credit(declared: Declared, found: list[Diagnostic], facts: StreamFacts) -> Scope:
    """A rule per credit of a stream."""
    return Scope(
        f"rules per credit of {facts.name}",
        declared,
        found,
        {**_person(declared), **facts.rows},
        True,
        Grain.ROW,
        Known.PERIOD,
        facts.name,
        True,
        facts.filled,
    )


def of_window(declared: Declared, found: list[Diagnostic], unit: str) -> Scope:
    """A rule per period, month, quarter or year."""
    known = known_of(unit, declared.calendar)
    return Scope(f"rules per {unit}", declared, found, _person(declared), True, Grain.PAYEE, known, walks=True)


def of_settle(declared: Declared, found: list[Diagnostic]) -> Scope:
    return Scope("settle rules", declared, found, _person(declared), True, Grain.PAYEE, Known.PERIOD)
