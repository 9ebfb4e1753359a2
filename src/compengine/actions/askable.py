"""What an adjustment or a hold may be about: plans, periods, payees, components, amounts, kinds and codes."""

import re
from collections.abc import Collection
from decimal import Decimal

from compengine.inputs.controls import AMOUNT
from compengine.ledger.store.tables import AMOUNT_BOUND
from compengine.plan.check import RESERVED
from compengine.plan.typed import Plan, Program
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import suggestion
from compengine.values.exact import ZERO, exact
from compengine.values.money import is_currency, minor_unit, to_minor
from compengine.values.periods import NoWindow

KINDS = ("bonus", "correction", "exception", "recovery", "dispute")
"""What an adjustment may be: a discretionary bonus, a correction of a mistake that data and plans cannot mend, an
exception from the plan, money taken back, the end of a dispute."""
CODE = re.compile(r"[A-Z][A-Z0-9-]{0,31}")


def the_plan(program: Program, name: str) -> Plan:
    """The last version of the plan; raises `Failed` (E705)."""
    found = [plan for plan in program.plans if plan.name == name]
    if not found:
        help = suggestion(name, {plan.name for plan in program.plans}, "plans are")
        raise Failed([Diagnostic("E705", f"there is no plan {name}", help=help)])
    return found[-1]


def the_kind(text: str) -> str:
    """Raises `Failed` (E107)."""
    if text not in KINDS:
        help = suggestion(text, KINDS, "kinds are")
        raise Failed([Diagnostic("E107", f"{text} is not a kind of adjustment", help=help)])
    return text


def the_code(text: str) -> str:
    """Raises `Failed` (E108)."""
    if not CODE.fullmatch(text):
        help = "capitals, digits and dashes, like SPIF-Q1"
        raise Failed([Diagnostic("E108", f"{text} is not a reason code", help=help)])
    return text


def the_period(plan: Plan, label: str) -> str:
    """Raises `Failed` (E704) where the plan's calendar has no such period."""
    try:
        return plan.calendar.period(label).label
    except NoWindow as error:
        raise Failed([Diagnostic("E704", str(error))]) from None


def the_payee(there: Collection[str], id: str) -> str:
    """Raises `Failed` (E512)."""
    if id not in there:
        place = Place(table="payees", row=id)
        raise Failed([Diagnostic("E512", f"{id} is not in payees", place, suggestion(id, there))])
    return id


def the_component(program: Program, plan: str, name: str) -> str:
    """A component of the plan, of any where `plan` is empty, or one that every plan has; raises `Failed` (E211)."""
    names = {component for one in program.plans if plan in ("", one.name) for component in one.components}
    if name not in {*names, *RESERVED}:
        help = suggestion(name, names, "components are")
        raise Failed([Diagnostic("E211", f"there is no component {name}", help=help)])
    return name


def the_amount(text: str, plan: Plan) -> Decimal:
    """In the plan's currency, on its minor grid, not zero; raises `Failed` (E108, E213)."""
    said, sign = (text[1:], -1) if text.startswith(("-", "−")) else (text, 1)
    match = AMOUNT.fullmatch(said)
    if match is None or not is_currency(match[2]):
        help = f"write it like 1250.00 {plan.currency}: a point for decimals, nothing between thousands"
        raise Failed([Diagnostic("E108", f"{text} is not an amount", help=help)])
    if match[2] != plan.currency:
        message = f"{text} is not in {plan.currency}, the currency of plan {plan.name}"
        raise Failed([Diagnostic("E213", message, help=f"say what it is in {plan.currency}")])
    value, written = ZERO, Decimal(match[1].replace("_", "")) * sign
    unit = minor_unit(plan.currency)
    try:
        value = exact(written)
        minor = to_minor(value, plan.currency)
    except (ArithmeticError, ValueError):
        minor = 0
    if value != written or not 0 < abs(minor) <= AMOUNT_BOUND:
        help = f"whole multiples of {unit} {plan.currency}, and not nothing"
        raise Failed([Diagnostic("E108", f"{text} cannot be paid", help=help)])
    return value
