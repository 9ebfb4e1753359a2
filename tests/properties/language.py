"""Which parts of the language a plan uses: keys and words as the tables of keys name them, and parts of expressions."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import yaml

from compengine.inputs.schema import Workspace
from compengine.plan import typed as t
from compengine.plan.functions import AGGREGATES, FUNCTIONS
from compengine.plan.keys import SECTIONS, Key
from compengine.source.text import Text

PLACES = {
    "": "plan",
    "quotas.*": "quotas",
    "tables.*": "tables",
    "credits.*": "credits",
    "earn.*": "earn",
    "earn.*.rate": "rate",
    "earn.*.pay": "pay",
    "earn.*.pay.prizes.*": "prizes",
    "earn.*.release.*": "release",
    "clawback.*": "clawback",
    "settle": "settle",
    "settle.draw": "draw",
}
"""Where in a plan the keys of each section stand; `*` is any name or entry."""
NAMED = {"by", "bands", "steps", "curve", "cumulative", "quotas", "tables", "credits", "measures", "earn", "clawback"}


def required(workspace: Workspace) -> set[str]:
    """Every key, word, function, operator, window, group, limit and calendar there is."""
    found = {f"key {section}.{key.name}" for section, keys in SECTIONS.items() for key in keys}
    shared = {"key plan.use", *(f"key use.{key.name}" for key in SECTIONS["use"])}
    found -= shared  # such files are joined to the plan before anything is computed
    found |= {f"word {section}.{key.name}: {word}" for section, key, word in _words()}
    found |= {f"function {name}" for name in FUNCTIONS}
    found |= {f"{name} over {what}" for name in AGGREGATES for what in OVER}
    found |= {f"operator {sign}" for sign in ("+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=")}
    found |= {f"node {name}" for name in NODES}
    found |= {f"window {name}" for name in WINDOWS} | {f"quota through {name}" for name in ("unit", "unit to date")}
    found |= {f"group {kind.value}" for kind in t.GroupKind}
    found |= {f"limit {kind} per {scope}" for kind in ("at most", "at least") for scope in SCOPES}
    found |= {f"limit first per {scope}" for scope in ("period", "month", "quarter", "year", "life")}
    found |= {f"limit {more}" for more in ("by", "across plan", "carry", "carry by", "of the plan")}
    found |= {f"calendar {name}" for name in workspace.calendars}
    return found | set(SHAPES)


def _words() -> Iterator[tuple[str, Key, str]]:
    for section, keys in SECTIONS.items():
        for key in keys:
            yield from ((section, key, word) for word in key.words)


OVER = ("credits", "rows of a component", "people", "related rows")
SCOPES = ("credit", "period", "month", "quarter", "year", "anniversary", "life")
NODES = (
    "Negate", "OneOf", "InSpan", "Between", "IsEmpty", "Default", "Not", "And", "Or", "If", "Ratio", "TableCall",
    "not in SPAN", "not in LIST", "is not empty", "date + duration",
)  # fmt: skip
WINDOWS = (
    "unit", "unit to date", "anniversary", "anniversary to date", "rolling months", "rolling days", "life", "span",
    "previous", "last year",
)  # fmt: skip
SHAPES = (
    "source table", "source stream", "source component", "source component of another plan", "to payee", "to managers",
    "to managers of several levels", "to matching", "scale marginal", "scale whole", "scale mixed", "scale by a ratio",
    "scale by a value of the row", "scale whose basis is not its position", "rate per unit",
    "rank with ties by measures", "steps of two arguments", "steps by text", "curve that goes on",
    "release on no day", "several plans", "several versions", "two currencies",
)  # fmt: skip


def used(program: t.Program, texts: tuple[Text, ...]) -> set[str]:
    """What the plans of a program use."""
    found: set[str] = set()
    for text in texts:
        found |= set(_keys(yaml.load(text.content, Loader=yaml.BaseLoader), ""))
    names = {plan.name for plan in program.plans}
    found |= {"several plans"} if len(names) > 1 else set()
    found |= {"several versions"} if len(names) < len(program.plans) else set()
    for plan in program.plans:
        found |= {f"calendar {plan.calendar.name}"} | ({"two currencies"} if plan.currency != "USD" else set())
        found |= set(_nodes(plan)) | set(_of_limits(plan))
        for stream in plan.streams.values():
            found |= set(_of_stream(plan, stream))
        for component in plan.components.values():
            found |= set(_of_component(component))
        for table in plan.tables.values():
            found |= _of_table(table)
    return found


def _keys(value: object, at: str) -> Iterator[str]:
    section = PLACES.get(at)
    if isinstance(value, dict):
        for key, inner in value.items():
            if section is not None:
                yield f"key {section}.{key}"
                for one in inner if isinstance(inner, list) else [inner]:
                    yield f"word {section}.{key}: {one}"
            below = "*" if at in NAMED else key
            yield from _keys(inner, f"{at}.{below}".strip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner, f"{at}.*")


def _nodes(value: object) -> Iterator[str]:
    """Of every expression in what is typed."""
    if isinstance(value, t.Node):
        yield from _of_node(value)
    if isinstance(value, t.LookThrough) and value.anchor is not None:
        yield from _nodes(value.anchor)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _nodes(inner)
    elif is_dataclass(value) and not isinstance(value, t.LookThrough):
        for entry in fields(value):
            yield from _nodes(getattr(value, entry.name))


def _of_node(node: t.Node) -> Iterator[str]:
    yield f"node {type(node).__name__}"
    match node:
        case t.Arithmetic(operator=operator) | t.Compare(operator=operator):
            yield f"operator {operator}"
            if node.type.unit is t.Unit.DATE:
                yield "node date + duration"
        case t.Aggregate(function=function, window=window, of_component=of_component):
            what = "rows of a component" if of_component else "credits"
            yield from (f"function {function}", f"{function} over {what}")
            yield from (f"window {name}" for name in _window(window))
        case t.GroupAggregate(function=function):
            yield from (f"function {function}", f"{function} over people")
        case t.RelatedAggregate(function=function):
            yield from (f"function {function}", f"{function} over related rows")
        case t.Quota(window=window):
            yield "function quota"
            yield from (f"quota through {name}" for name in _window(window))
        case t.Call(function=function):
            yield f"function {function}"
        case t.DaysIn(on_plan=on_plan):
            yield f"function {'days_on_plan' if on_plan else 'days_in'}"
        case t.InSpan(negated=True):
            yield "node not in SPAN"
        case t.OneOf(negated=True):
            yield "node not in LIST"
        case t.IsEmpty(negated=True):
            yield "node is not empty"
    if type(node) in CALLED:
        yield f"function {CALLED[type(node)]}"
    if isinstance(node, t.Aggregate | t.GroupAggregate | t.ShareOf) and node.group is not None:
        yield f"group {node.group.kind.value}"


CALLED: dict[type, str] = {
    t.Before: "before",
    t.After: "after",
    t.Lookup: "lookup",
    t.Match: "match",
    t.ShareOf: "share_of",
}


def _window(window: t.LookThrough) -> Iterator[str]:
    if window.shift:
        yield window.shift
    match window.kind:
        case t.WindowKind.ROLLING:
            yield "rolling months" if window.length is not None and window.length.months else "rolling days"
        case t.WindowKind.UNIT | t.WindowKind.ANNIVERSARY:
            yield f"{window.kind.value} to date" if window.to_date else window.kind.value
        case _:
            yield window.kind.value


def _of_limits(plan: t.Plan) -> Iterator[str]:
    for component in plan.components.values():
        for limit in component.limits:
            yield f"limit {limit.kind} per {limit.scope.kind}"
            yield from (f"limit {word}" for word, said in _said(limit) if said)
    if plan.settle.limits:
        yield "limit of the plan"
        yield from (f"limit {limit.kind} per {limit.scope.kind}" for limit in plan.settle.limits)


def _said(limit: t.Limit) -> tuple[tuple[str, bool], ...]:
    by = limit.by is not None
    return ("by", by), ("across plan", limit.across_plan), ("carry", limit.carry), ("carry by", limit.carry and by)


def _of_stream(plan: t.Plan, stream: t.Stream) -> Iterator[str]:
    yield f"source {stream.source.kind.value}"
    if stream.source.kind is t.SourceKind.COMPONENT and stream.source.plan != plan.name:
        yield "source component of another plan"
    match stream.to:
        case t.ToManagers(high=high):
            yield from ("to managers", "function managers")
            if high > 1:
                yield "to managers of several levels"
        case t.ToMatching():
            yield "to matching"
        case t.ToPayee():
            yield "to payee"


def _of_component(component: t.Component) -> Iterator[str]:
    rate = component.rate
    if isinstance(rate, t.Scale):
        mixed = any(band.whole for band in rate.bands)
        yield "scale whole" if rate.whole else "scale mixed" if mixed else "scale marginal"
        if rate.per is not None:
            yield "scale by a ratio"
        if rate.by_row:
            yield "scale by a value of the row"
        if component.of is not None and component.of.text != "credit.amount" and not rate.by_row:
            yield "scale whose basis is not its position"
    elif rate is not None and rate.type.unit is t.Unit.MONEY:
        yield "rate per unit"
    if isinstance(component.pay, t.Rank) and component.pay.tiebreak:
        yield "rank with ties by measures"
    if any(release.on.type.optional for release in component.release):
        yield "release on no day"


def _of_table(table: t.Table) -> set[str]:
    found = {f"word tables.boundary: {'upper' if table.boundary_upper else 'lower'}"}
    if table.kind is t.TableKind.STEPS:
        found |= {"steps of two arguments"} if len(table.by) > 1 else set()
        found |= {"steps by text"} if t.Unit.TEXT in table.by else set()
    if table.kind is t.TableKind.CURVE and table.above is None:
        found.add("curve that goes on")
    return found
