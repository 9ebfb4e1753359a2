"""The order of rules: each stream, measure and component after what it reads, over all plans at once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass

from compengine.plan import syntax as s
from compengine.plan import written as w
from compengine.plan.scope import Declared
from compengine.source.diagnostic import Diagnostic, Place
from compengine.source.shape import note
from compengine.source.text import Span, Text


@dataclass(frozen=True, slots=True)
class Rule:
    """A stream, measure or component of the plan at this place in the list of plans."""

    plan: int
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a plan declares, with what it uses, by name."""

    declared: Declared
    streams: dict[str, w.Credit]
    measures: dict[str, w.Measure]
    components: dict[str, w.Component]
    clawbacks: tuple[w.Clawback, ...]


def ordered(plans: list[Rules], found: list[Diagnostic]) -> tuple[list[Rule], frozenset[Rule]]:
    """All rules in order, and those that stand in a circle (E304)."""
    order: list[Rule] = []
    state: dict[Rule, int] = {}
    circular: set[Rule] = set()
    for rule in _all(plans):
        if rule not in state:
            _visit(rule, plans, state, order, circular, found)
    return order, frozenset(circular)


def _all(plans: list[Rules]) -> Iterator[Rule]:
    for at, plan in enumerate(plans):
        for kind, names in (("stream", plan.streams), ("measure", plan.measures), ("component", plan.components)):
            yield from (Rule(at, kind, name) for name in names)


def _visit(
    start: Rule,
    plans: list[Rules],
    state: dict[Rule, int],
    order: list[Rule],
    circular: set[Rule],
    found: list[Diagnostic],
) -> None:
    """Depth first with a stack of its own: a chain of rules may be longer than Python's."""
    stack = [(start, iter(_reads(start, plans)))]
    state[start] = 1
    while stack:
        rule, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            stack.pop()
            state[rule] = 2
            order.append(rule)
        elif following not in state:
            state[following] = 1
            stack.append((following, iter(_reads(following, plans))))
        elif state[following] == 1:
            path = [r for r, _ in stack]
            circle = path[path.index(following) :]
            circular.update(circle)
            _note_circle(circle, plans, found)


def _note_circle(circle: list[Rule], plans: list[Rules], found: list[Diagnostic]) -> None:
    across = len({rule.plan for rule in circle}) > 1
    shown = [_shown(rule, plans, across) for rule in (*circle, circle[0])]
    places = [_span(rule, plans) for rule in circle]
    others = [Place(span, note=f"{name} is here") for span, name in zip(places[1:], shown[1:], strict=False)]
    message = f"{shown[0]} depends on itself: {' → '.join(shown)}"
    note(found, "E304", message, places[0], "one of them must not read the next", others)


def _shown(rule: Rule, plans: list[Rules], across: bool) -> str:
    return f"{plans[rule.plan].declared.plan}.{rule.name}" if across else rule.name


def _span(rule: Rule, plans: list[Rules]) -> Span:
    return plans[rule.plan].declared.names[rule.name][1]


def _reads(rule: Rule, plans: list[Rules]) -> list[Rule]:
    """The rules that one names, in the order it names them."""
    plan = plans[rule.plan]
    match rule.kind:
        case "measure":
            names = names_in(plan.measures[rule.name])
        case "component":
            component = plan.components[rule.name]
            stream = [component.per.stream.name] if isinstance(component.per, s.PerCredit) else []
            names = [*stream, *names_in(component)]
        case _:
            return _stream_reads(rule, plans)
    return _rules_of(names, rule.plan, plan.declared)


def _stream_reads(rule: Rule, plans: list[Rules]) -> list[Rule]:
    """A stream reads its source, and what decides about credits taken back into it."""
    plan = plans[rule.plan]
    written = plan.streams[rule.name]
    source = written.source.value.strip() if written.source else ""
    other, _, component = source.rpartition(".")
    reads = [
        Rule(at, "component", component)
        for at, candidate in enumerate(plans)
        if other and candidate.declared.plan == other and component in candidate.components
    ]
    back = [c for c in plan.clawbacks if c.of and c.of.value == rule.name]
    feeding = [c for c in back if c.policy in ("scale", "recompute") or c.attainment == "reduced"]
    names = [name for c in feeding for name in names_in(c)]
    drawn = [r for r in _rules_of([source], rule.plan, plan.declared) if r.kind != "measure"]  # never from a measure
    return [*reads, *drawn, *_rules_of(names, rule.plan, plan.declared)]


def _rules_of(names: Iterable[str], plan: int, declared: Declared) -> list[Rule]:
    kinds = ((declared.kind(name), name) for name in dict.fromkeys(names))
    return [Rule(plan, kind, name) for kind, name in kinds if kind in ("stream", "measure", "component")]


def names_in(part: object) -> list[str]:
    """Every name that stands alone in what is written; the name of a quota is none."""
    names: list[str] = []
    _collect(part, names.append)
    return names


def rows_in(part: object) -> frozenset[str]:
    """What every path with a column begins with: the rows that are read."""
    match part:
        case s.Path(parts=parts):
            return frozenset({parts[0].name}) if len(parts) > 1 else frozenset()
        case tuple():
            return frozenset().union(*(rows_in(item) for item in part))
        case _ if is_dataclass(part) and not isinstance(part, Span | Text):
            return frozenset().union(*(rows_in(getattr(part, entry.name)) for entry in fields(part)))
    return frozenset()


def _collect(part: object, add: Callable[[str], None]) -> None:
    match part:
        case s.Path(parts=parts):
            if len(parts) == 1:
                add(parts[0].name)
        case s.Group(kind=kind, column=None):
            add(kind)
        case s.Call(function=function, arguments=arguments):
            for argument in arguments[1:] if function.name == "quota" else arguments:
                _collect(argument, add)
        case tuple():
            for item in part:
                _collect(item, add)
        case _ if is_dataclass(part) and not isinstance(part, Span):
            for entry in fields(part):
                _collect(getattr(part, entry.name), add)
