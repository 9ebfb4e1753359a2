"""The algebra of units: which values combine, and into what."""

from compengine.inputs.schema import ColumnType
from compengine.plan.typed import Unit

NUMBERS = (Unit.NUMBER, Unit.PERCENT)
AMOUNTS = (Unit.NUMBER, Unit.PERCENT, Unit.MONEY)
OF_COLUMN = {
    ColumnType.TEXT: Unit.TEXT,
    ColumnType.NUMBER: Unit.NUMBER,
    ColumnType.PERCENT: Unit.PERCENT,
    ColumnType.MONEY: Unit.MONEY,
    ColumnType.DATE: Unit.DATE,
    ColumnType.BOOL: Unit.BOOL,
    ColumnType.PAYEE: Unit.PAYEE,
    ColumnType.CURRENCY: Unit.CURRENCY,
    ColumnType.REF: Unit.TEXT,
}
"""A reference reads as the key of the row it points at."""

_PLURAL = {
    Unit.NUMBER: "a number",
    Unit.PERCENT: "a percent",
    Unit.MONEY: "money",
    Unit.TEXT: "a text",
    Unit.DATE: "a date",
    Unit.DURATION: "a duration",
    Unit.BOOL: "true or false",
    Unit.PAYEE: "a payee",
    Unit.CURRENCY: "a currency",
}


def shown(unit: Unit) -> str:
    """The unit in a sentence: `money`, `a number`."""
    return _PLURAL[unit]


def alike(a: Unit, b: Unit) -> bool:
    """Whether one may stand for the other: percent and number may."""
    return a is b or (a in NUMBERS and b in NUMBERS)


def joined(a: Unit, b: Unit) -> Unit:
    """The unit of a value that is either: both alike; a percent only where both are."""
    return a if a is b else Unit.NUMBER


def combine(operator: str, left: Unit, right: Unit) -> Unit | str:
    """The unit of `left operator right`, or what would help where there is none."""
    match operator, left, right:
        case "+" | "-", Unit.DATE, Unit.DURATION:
            return Unit.DATE
        case "+", Unit.DURATION, Unit.DATE:
            return "put the date on the left"
        case "-", Unit.DATE, Unit.DATE:
            return "write days_between(a, b) or months_between(a, b)"
        case "+" | "-", _, _ if left in AMOUNTS and alike(left, right):
            return joined(left, right)
        case "+" | "-", Unit.MONEY, Unit.PERCENT | Unit.NUMBER:
            return "write the amount with its currency, or multiply: 500 USD, x * (1 + 5%)"
        case "+" | "-", Unit.PERCENT | Unit.NUMBER, Unit.MONEY:
            return "write the amount with its currency: 500 USD"
        case "*", Unit.MONEY, _ if right in NUMBERS:
            return Unit.MONEY
        case "*", _, Unit.MONEY if left in NUMBERS:
            return Unit.MONEY
        case "*", Unit.MONEY, Unit.MONEY:
            return "divide one by the other to get a ratio"
        case "*" | "/", _, _ if left in NUMBERS and right in NUMBERS:
            return joined(left, right) if operator == "*" else Unit.NUMBER if right is not Unit.NUMBER else left
        case "+" | "-", Unit.DATE, Unit.NUMBER:
            return "write a length of time: 30 days, 3 months"
        case "/", Unit.NUMBER | Unit.PERCENT, Unit.MONEY:
            return "divide money by money, or a number by a number"
        case "/", Unit.MONEY, Unit.MONEY:
            return Unit.NUMBER
        case "/", Unit.MONEY, _ if right in NUMBERS:
            return Unit.MONEY
    return ""


def comparable(operator: str, left: Unit, right: Unit) -> bool:
    """Order is defined for amounts, texts, dates and durations; equality for everything."""
    if not alike(left, right):
        return False
    return operator in ("==", "!=") or left not in (Unit.BOOL, Unit.PAYEE, Unit.CURRENCY)
