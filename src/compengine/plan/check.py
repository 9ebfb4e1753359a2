"""Plans as texts → one typed program, or every mistake in all of them.

Nothing here touches the disk: files named under `use` are handed in by their paths.
"""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compengine.inputs.schema import Workspace
from compengine.plan import scopes
from compengine.plan import typed as t
from compengine.plan import written as w
from compengine.plan.check_credits import Registry, stream
from compengine.plan.check_earn import component
from compengine.plan.check_late import check_late
from compengine.plan.check_quotas import check_prorate, quota_rules
from compengine.plan.check_settle import clawback, settle
from compengine.plan.check_tables import table
from compengine.plan.demands import boolean
from compengine.plan.document import read_plan, read_shared
from compengine.plan.expressions import needed, of_grain
from compengine.plan.inline import size
from compengine.plan.order import Rule, Rules, ordered, rows_in
from compengine.plan.scope import Declared
from compengine.plan.typed import Grain
from compengine.source.diagnostic import Diagnostic, Place
from compengine.source.render import by_place
from compengine.source.shape import note, suggestion
from compengine.source.text import Span, Text
from compengine.source.yaml import Scalar
from compengine.values.decided import ADJUSTMENT
from compengine.values.digest import sha256_hex
from compengine.values.money import is_currency
from compengine.values.periods import Calendar, Kind
from compengine.values.rounding import Rounding

MAX_WRITTEN_OUT = 2_000
RESERVED = {ADJUSTMENT: "what is decided by hand", "settle": "the limits of a whole plan"}
"""Components that no plan writes."""
_NO_CALENDAR = Calendar("", Kind.MONTHS, date(2000, 1, 1))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One plan on its way: as written, with the tables, credits and measures it uses, and what is typed so far."""

    written: w.Plan
    shared: w.Shared
    texts: tuple[Text, ...]
    rules: Rules
    streams: dict[str, t.Stream]
    components: dict[str, t.Component]


def check(
    texts: Sequence[Text], workspace: Workspace, shared: Mapping[str, Text] | None = None
) -> tuple[t.Program | None, tuple[Diagnostic, ...]]:
    """All plans of a run as one program; None where there is an error. Diagnostics are in reading order.

    `shared` holds the files that plans name under `use`, by the path as written there or as seen from the plan.
    """
    found: list[Diagnostic] = []
    written = [plan for text in texts if (plan := read_plan(text, found)) is not None]
    written.sort(key=lambda plan: (plan.name.value if plan.name else "", plan.effective or (date.min, date.min)))
    readings = [_reading(plan, workspace, shared or {}, found) for plan in written]
    _check_versions(written, found)
    check_late(written, found)
    registry: Registry = {}
    for reading in readings:
        if reading.written.name is not None:
            registry.setdefault(reading.written.name.value, []).append(reading.rules.declared)
        for given in reading.shared.tables:
            if (typed := table(given, reading.rules.declared, found)) is not None:
                reading.rules.declared.tables.setdefault(typed.name, typed)
    order, circular = ordered([reading.rules for reading in readings], found)
    for rule in order:
        if rule not in circular:
            _type_rule(rule, readings[rule.plan], registry, found)
    plans = [_plan(reading, found) for reading in readings]
    diagnostics = tuple(by_place(dict.fromkeys(found)))
    whole = tuple(plan for plan in plans if plan is not None)
    if diagnostics or len(whole) != len(texts):
        return None, diagnostics
    tasks = (t.Task(whole[rule.plan].id, rule.kind, rule.name) for rule in order if rule.kind != "measure")
    return t.Program(workspace, whole, tuple(tasks)), diagnostics


# --- declarations


def _reading(plan: w.Plan, workspace: Workspace, files: Mapping[str, Text], found: list[Diagnostic]) -> _Reading:
    shared, texts = plan.own, [plan.text]
    for path in plan.use:
        text = files.get(path.value) or files.get(_beside(plan.text.path, path.value))
        if text is None:
            note(found, "E108", f"there is no file {path.value}", path.span, suggestion(path.value, list(files)))
            continue
        more = read_shared(text, found)
        texts.append(text)
        shared = w.Shared(shared.tables + more.tables, shared.credits + more.credits, shared.measures + more.measures)
    declared = Declared(
        plan.name.value if plan.name else "",
        _currency(plan.currency, found),
        _calendar(plan.pay_period, workspace, found),
        workspace,
        _names(plan, shared, workspace, found),
    )
    rules = Rules(
        declared,
        {c.name.value: c for c in reversed(shared.credits) if declared.kind(c.name.value) == "stream"},
        {m.name.value: m for m in reversed(shared.measures) if declared.kind(m.name.value) == "measure"},
        {c.name.value: c for c in reversed(plan.earn) if declared.kind(c.name.value) == "component"},
        plan.clawback,
    )
    return _Reading(plan, shared, tuple(texts), rules, {}, {})


def _beside(plan: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(plan), path))


def _currency(given: Scalar | None, found: list[Diagnostic]) -> str:
    """Empty, with a diagnostic, where it is none: amounts are then not compared with it."""
    if given is None:
        return ""
    if is_currency(given.value):
        return given.value
    help = f"write {given.value.upper()}" if is_currency(given.value.upper()) else "currencies are those of ISO 4217"
    note(found, "E108", f"{given.value} is not a currency", given.span, help)
    return ""


def _calendar(given: Scalar | None, workspace: Workspace, found: list[Diagnostic]) -> Calendar:
    if given is None:
        return _NO_CALENDAR
    if given.value not in workspace.calendars:
        help = suggestion(given.value, list(workspace.calendars), "calendars")
        note(found, "E107", f"the workspace has no calendar {given.value}", given.span, help)
        return _NO_CALENDAR
    return workspace.calendars[given.value]


def _names(
    plan: w.Plan, shared: w.Shared, workspace: Workspace, found: list[Diagnostic]
) -> dict[str, tuple[str, Span]]:
    """Every name of a plan with its kind and place. E305 where a name stands for two things, a row that is read among
    them: the name still counts, so that the rules that use it are not reported as well."""
    listed = [
        *((rule.name, "table") for rule in shared.tables),
        *((rule.name, "stream") for rule in shared.credits),
        *((rule.name, "measure") for rule in shared.measures),
        *((rule.name, "component") for rule in plan.earn),
        *((rule.name, "clawback") for rule in plan.clawback),
    ]
    names: dict[str, tuple[str, Span]] = {}
    read = rows_in(plan) | rows_in(shared)
    for name, kind in listed:
        if kind == "component" and name.value in RESERVED:
            what = f"{name.value} is the name of {RESERVED[name.value]}"
            note(found, "E305", what, name.span, "choose another name")
        row = workspace.row(name.value)
        if row is not None and name.value in read:
            message = f"{name.value} is what a row of {row.name} is called, which this plan reads"
            note(found, "E305", message, name.span, "choose another name")
        if name.value in names:
            first, span = names[name.value]
            others = (Place(span, note="first here"),)
            message = f"{name.value} is already the name of a {first}"
            note(found, "E305", message, name.span, "choose another name", others)
        else:
            names[name.value] = (kind, name.span)
    return names


def _check_versions(plans: list[w.Plan], found: list[Diagnostic]) -> None:
    """Versions of one plan are never in force on the same day."""
    for at, plan in enumerate(plans):
        for earlier in plans[:at]:
            if plan.name is None or earlier.name is None or plan.name.value != earlier.name.value:
                continue
            _check_alike(plan.name.value, plan, earlier, found)
            if plan.effective is None or earlier.effective is None or plan.effective[0] > earlier.effective[1]:
                continue
            if earlier.effective[0] > plan.effective[1]:
                continue
            message = f"two files of plan {plan.name.value} are in force on {plan.effective[0]}"
            others = (Place(earlier.keys["effective"], note="the other is here"),)
            note(found, "E309", message, plan.keys["effective"], "end one before the other begins", others)


def _check_alike(name: str, plan: w.Plan, earlier: w.Plan, found: list[Diagnostic]) -> None:
    """E302 where versions of one plan are paid in two currencies or by two calendars."""
    for what, one, other in (
        ("in two currencies", plan.currency, earlier.currency),
        ("by two calendars", plan.pay_period, earlier.pay_period),
    ):
        if one is not None and other is not None and one.value != other.value:
            message = f"two versions of plan {name} are paid {what}: {other.value}, then {one.value}"
            others = (Place(other.span, note="the other is here"),)
            note(found, "E302", message, one.span, "give the plan with another one another name", others)


# --- rules


def _type_rule(rule: Rule, reading: _Reading, registry: Registry, found: list[Diagnostic]) -> None:
    """Types one rule and notes it where later rules look it up."""
    declared = reading.rules.declared
    match rule.kind:
        case "stream":
            made = stream(reading.rules.streams[rule.name], declared, registry, found)
            if made is not None:
                reading.streams[rule.name] = made
        case "measure":
            measure = reading.rules.measures[rule.name]
            value = needed(measure.value, scopes.of_measure(declared, found))
            if value is not None and _is_bounded(rule.name, value, measure, declared, found):
                declared.measures[rule.name] = t.MeasureRule(rule.name, value, measure.name.span)
        case _:
            earned = component(reading.rules.components[rule.name], declared, found)
            if earned is not None:
                reading.components[rule.name] = earned


def _is_bounded(name: str, value: t.Expr, measure: w.Measure, declared: Declared, found: list[Diagnostic]) -> bool:
    """E212 where a measure, with the measures in it written out, is larger than anybody writes on purpose."""
    declared.sizes[name] = size(value, declared.sizes)
    if declared.sizes[name] <= MAX_WRITTEN_OUT:
        return True
    message = f"{name}, with its measures written out, has more than {MAX_WRITTEN_OUT:,} parts"
    note(found, "E212", message, measure.name.span, "let measures read each other once")
    return False


def _plan(reading: _Reading, found: list[Diagnostic]) -> t.Plan | None:
    """The plan with everything that is typed; what is missing has been reported."""
    written, declared = reading.written, reading.rules.declared
    scope = scopes.of_payees(declared, found)
    payees = boolean(needed(written.payees, scope), "payees", scope) if written.payees else None
    payees = of_grain(payees, Grain.PAYEE, "payees", scope)
    clawbacks = {c.name.value: clawback(c, declared, found) for c in written.clawback}
    settled = settle(written.settle, declared, found)
    quotas = quota_rules(written.quotas, declared, found)
    check_prorate(written, declared, found)
    if payees is None or written.effective is None or written.name is None:
        return None
    mode, _, where = written.words["rounding"].partition(" per ")
    start, end = written.effective
    return t.Plan(
        name=written.name.value,
        title=written.title,
        currency=declared.currency,
        start=start,
        end=end,
        calendar=declared.calendar,
        payees=payees,
        rounding=Rounding(mode),
        per_component=where == "component",
        prorate=written.words["prorate"],
        late=written.words["late"],
        on_transfer=written.words["on_transfer"],
        quotas=quotas,
        tables={
            x.name.value: declared.tables[x.name.value] for x in reading.shared.tables if _typed(x, declared.tables)
        },
        streams={
            x.name.value: reading.streams[x.name.value] for x in reading.shared.credits if _typed(x, reading.streams)
        },
        measures={
            x.name.value: declared.measures[x.name.value]
            for x in reading.shared.measures
            if _typed(x, declared.measures)
        },
        components={
            x.name.value: reading.components[x.name.value] for x in written.earn if _typed(x, reading.components)
        },
        clawbacks={name: made for name, made in clawbacks.items() if made is not None},
        settle=settled,
        path=written.text.path,
        digest=_digest(reading.texts),
    )


def _typed(rule: w.Table | w.Credit | w.Measure | w.Component, made: Mapping[str, object]) -> bool:
    return rule.name.value in made


def _digest(texts: tuple[Text, ...]) -> str:
    """SHA-256 of the plan's text; with files under `use`, of the digests of all of them in order."""
    digests = [sha256_hex(text.content.encode()) for text in texts]
    return digests[0] if len(digests) == 1 else sha256_hex("\n".join(digests).encode())
