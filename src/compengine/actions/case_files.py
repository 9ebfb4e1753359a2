"""Case files: text → cases with the place of every figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from compengine.actions.opened import Opened, read_text
from compengine.actions.plans import plan_files
from compengine.inputs.given import Cell
from compengine.source.codes import CODES
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.source.shape import check_keys, first_place, mapping, note, scalar, sequence, suggestion
from compengine.source.text import Span, Text
from compengine.source.yaml import Mapping, Node, Scalar, Sequence, compose

BESIDE = ("case.yaml", "cases/*.yaml")
KEYS = ("case", "plan", "plans", "given", "steps")
STEP = ("given", "adjustments", "holds", "releases", "close", "then")
THEN = ("measures", "earned", "rows", "posted", "settled", "balances", "excluded", "error")
BALANCES = ("paid", "held", "owed", "carried", "forfeited", "capped", "payable")
SETTLED = (
    "due", "brought", "draw", "guarantee", "recovered", "carried_recovered", "carried", "collected", "forgiven",
    "waiting", "draw_forgiven", "payable", "paid", "pay_date",
)  # fmt: skip
ROW = ("payee", "component", "source", "basis", "rate", "amount")
POSTED = ("payee", "component", "for", "amount")
EXCLUDED = ("stream", "source", "by")
ADJUSTMENT = ("id", "payee", "plan", "amount", "for_period", "kind", "code")
HOLD = ("id", "payee", "plan", "component", "source")
Columns = dict[str, Scalar]
"""An entry of a list: its columns and their texts."""


@dataclass(frozen=True, slots=True)
class Given:
    """One row of a table, and where it stands in the file."""

    table: str
    cells: dict[str, Cell]
    span: Span


@dataclass(frozen=True, slots=True)
class Then:
    """What must be true: two-part names to their texts, lists of columns to their texts; `span` is the key `then`.

    `errors` is the code that must come, None where none may.
    """

    span: Span
    measures: dict[tuple[str, str], Scalar]
    earned: dict[tuple[str, str], Scalar]
    settled: dict[tuple[str, str], Scalar]
    balances: dict[tuple[str, str], Scalar]
    rows: tuple[Columns, ...]
    posted: tuple[Columns, ...]
    excluded: tuple[Columns, ...]
    error: Scalar | None


@dataclass(frozen=True, slots=True)
class Step:
    """`node` is the step as written, which `--write` adds to. `releases` are ids of holds."""

    node: Mapping
    given: tuple[Given, ...]
    adjustments: tuple[Columns, ...]
    holds: tuple[Columns, ...]
    releases: tuple[Scalar, ...]
    close: Scalar | None
    then: Then | None


@dataclass(frozen=True, slots=True)
class Case:
    text: Text
    name: str
    plans: tuple[Scalar, ...]
    given: tuple[Given, ...]
    steps: tuple[Step, ...]


def case_files(opened: Opened, paths: Iterable[Path] = ()) -> list[Path]:
    """`cases/*.yaml` and `case.yaml` beside every plan, or what `paths` name: case files, or folders that hold some at
    any depth."""
    given = list(paths)
    if not given:
        folders = {plan.parent for plan in plan_files(opened.root)}
        return sorted(file for folder in folders for pattern in BESIDE for file in folder.glob(pattern))
    found: set[Path] = set()
    for path in given:
        found |= {path} if path.is_file() else set(path.glob("*.yaml") if path.name == "cases" else ())
        found |= {file for pattern in BESIDE for file in path.rglob(pattern)}
    if not found:
        raise Failed([Diagnostic("E706", f"there are no case files in {', '.join(map(str, given))}")])
    return sorted(found)


def read_case(path: Path) -> Case:
    """Raises `Failed` with every mistake of the file; E702 where it expects nothing."""
    text = read_text(path)
    found: list[Diagnostic] = []
    body = mapping(compose(text), "a case", found)
    if body is None:
        raise Failed(found)
    check_keys(body, "a case", KEYS, ("case", "steps"), found)
    name = scalar(body.get("case"), "case", found)
    one, several = scalar(body.get("plan"), "plan", found), sequence(body.get("plans"), "plans", found)
    plans = [one] if one else [s for item in several.items if (s := scalar(item, "plans", found))] if several else []
    if one and several:
        note(found, "E302", "a case names its plan once", several.span, "write plan: NAME, or plans: with a list")
    if not plans and not found:
        note(found, "E105", "a case names its plan", first_place(body), "write plan: NAME")
    steps = sequence(body.get("steps"), "steps", found)
    case = Case(
        text,
        name.value if name else path.stem,
        tuple(plans),
        _given(body.get("given"), found),
        tuple(_step(mapping(item, "a step", found), found) for item in (steps.items if steps else ())),
    )
    if found:
        raise Failed(found)
    return case


def _step(node: Mapping | None, found: list[Diagnostic]) -> Step:
    if node is None:
        return Step(Mapping((), Span("", 1, 1, 1, 1)), (), (), (), (), None, None)
    check_keys(node, "a step", STEP, (), found)
    close = scalar(node.get("close"), "close", found)
    then = _then(node, found)
    if then is not None and close is None:
        note(found, "E105", "a step with `then` closes a period", first_place(node), "write close: PERIOD")
    asked = [key for key in ADJUSTMENT if key not in ("id", "plan")]
    released = sequence(node.get("releases"), "releases", found)
    return Step(
        node,
        _given(node.get("given"), found),
        _columns(node.get("adjustments"), "adjustments", ADJUSTMENT, asked, found),
        _columns(node.get("holds"), "holds", HOLD, ("payee",), found),
        tuple(id for item in (released.items if released else ()) if (id := scalar(item, "releases", found))),
        close,
        then,
    )


# --- given


def _given(node: Node | None, found: list[Diagnostic]) -> tuple[Given, ...]:
    body = mapping(node, "given", found)
    rows: list[Given] = []
    for entry in body.entries if body else ():
        table = entry.key.value
        listed = sequence(entry.value, f"rows of {table}", found)
        for item in listed.items if listed else ():
            row = mapping(item, f"a row of {table}", found)
            if row is not None:
                rows.append(Given(table, _cells(row, found), row.span))
    return tuple(rows)


def _cells(row: Mapping, found: list[Diagnostic]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for entry in row.entries:
        if isinstance(entry.value, Scalar):
            cells[entry.key.value] = entry.value.value or None
        else:
            note(found, "E106", f"{entry.key.value} takes a text", entry.value.span)
    return cells


# --- then


def _then(node: Mapping, found: list[Diagnostic]) -> Then | None:
    entry = node.entry("then")
    if entry is None or (isinstance(entry.value, Scalar) and not entry.value.value):
        return None
    body = mapping(entry.value, "then", found)
    if body is None:
        return None
    check_keys(body, "then", THEN, (), found)
    error = scalar(body.get("error"), "error", found)
    if error is not None and error.value not in CODES:
        note(found, "E108", f"{error.value} is not the code of a diagnostic", error.span, "a code is like E502")
    return Then(
        entry.key.span,
        _dotted(body.get("measures"), "measures", found),
        _dotted(body.get("earned"), "earned", found),
        _words(body.get("settled"), "settled", SETTLED, found),
        _words(body.get("balances"), "balances", BALANCES, found),
        _columns(body.get("rows"), "rows", ROW, ("payee", "component"), found),
        _columns(body.get("posted"), "posted", POSTED, POSTED, found),
        _columns(body.get("excluded"), "excluded", EXCLUDED, ("stream", "source"), found),
        error,
    )


def _dotted(node: Node | None, what: str, found: list[Diagnostic]) -> dict[tuple[str, str], Scalar]:
    """`ann.commission: 3` to `(ann, commission)`; the last dot divides, ids may hold dots."""
    body = mapping(node, what, found)
    figures: dict[tuple[str, str], Scalar] = {}
    for entry in body.entries if body else ():
        payee, dot, name = entry.key.value.rpartition(".")
        value = scalar(entry.value, entry.key.value, found)
        if not dot:
            note(found, "E108", f"{entry.key.value} under {what} is PAYEE.NAME", entry.key.span)
        elif value is not None:
            figures[payee, name] = value
    return figures


def _words(
    node: Node | None, what: str, words: tuple[str, ...], found: list[Diagnostic]
) -> dict[tuple[str, str], Scalar]:
    """`{ann: {paid: 3 USD}}` to `(ann, paid)`; the inner words are given."""
    body = mapping(node, what, found)
    figures: dict[tuple[str, str], Scalar] = {}
    for entry in body.entries if body else ():
        of = mapping(entry.value, f"{what} of {entry.key.value}", found)
        for word in of.entries if of else ():
            value = scalar(word.value, word.key.value, found)
            if word.key.value not in words:
                help = suggestion(word.key.value, words, f"under {what} stand")
                note(found, "E107", f"there is no {word.key.value} under {what}", word.key.span, help)
            elif value is not None:
                figures[entry.key.value, word.key.value] = value
    return figures


def _columns(
    node: Node | None, what: str, allowed: tuple[str, ...], required: Iterable[str], found: list[Diagnostic]
) -> tuple[Columns, ...]:
    listed = sequence(node, what, found)
    made: list[Columns] = []
    for item in listed.items if isinstance(listed, Sequence) else ():
        body = mapping(item, f"an entry of {what}", found)
        if body is not None:
            check_keys(body, f"an entry of {what}", allowed, required, found)
            made.append({e.key.value: s for e in body.entries if (s := scalar(e.value, e.key.value, found))})
    return tuple(made)
