"""The functions of the language. The checker's messages and the reference page are made from this table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """`computed` functions look at streams, quotas or people and cannot stand in `credits`."""

    name: str
    signature: str
    meaning: str
    computed: bool = False


_ALL = (
    Function("sum", "sum(stream, window)", "Adds up credits, values of people, or a column of related rows."),
    Function("count", "count(stream, window)", "Counts credits, people for whom something holds, or related rows."),
    Function("min", "min(a, b)", "The smallest of several values, of credits, of people or of related rows."),
    Function("max", "max(a, b)", "The largest of several values, of credits, of people or of related rows."),
    Function("average", "average(stream, window)", "The mean of credits, of people or of related rows."),
    Function("quota", "quota(name, window)", "The quota of the person for the window, prorated.", True),
    Function("before", "before(measure)", "The measure just before this credit, or at the window's start.", True),
    Function("after", "after(measure)", "The measure just after this credit, or at the window's end.", True),
    Function("lookup", "lookup(table.column, key = value)", "One row of a table of the workspace, as of the date."),
    Function(
        "match",
        "match(table.column, key = value)",
        "The rule that fits best: an empty cell fits everything, the keys' order decides.",
    ),
    Function("managers", "managers(payee, 1 to 3)", "The people above, as of the date; stands in `to` only."),
    Function("share_of", "share_of(pool, weight, group)", "A person's part of a pool by weight.", True),
    Function("abs", "abs(x)", "The value without its sign."),
    Function("floor", "floor(x)", "The whole number at or below."),
    Function("ceil", "ceil(x)", "The whole number at or above."),
    Function("round", "round(x, to)", "The nearest multiple of `to`, in the plan's mode."),
    Function("days_between", "days_between(a, b)", "Days from one date to another."),
    Function("months_between", "months_between(a, b)", "Completed months from one date to another."),
    Function("days_in", "days_in(window)", "Calendar days of a window.", True),
    Function("days_on_plan", "days_on_plan(window)", "Days of a window on which the person is on the plan.", True),
)
FUNCTIONS: dict[str, Function] = {f.name: f for f in _ALL}
AGGREGATES = ("sum", "count", "min", "max", "average")
MAY_BE_EMPTY = ("min", "max", "average")
