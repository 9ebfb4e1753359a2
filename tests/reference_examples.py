"""The examples of docs/reference/language.md, sections 14 and 15: read, completed as the page says, and what they use.

An example is a block with lines `---`: what stands above the last one are plans, below it stands a case.
"""

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

from compengine.source.text import Text
from compengine.source.yaml import Mapping, Node, Scalar, Sequence, compose
from markdown import FENCE, ROOT

PAGE = ROOT / "docs" / "reference" / "language.md"
DIVIDER = re.compile(r"^---\n", re.MULTILINE)
FILE = re.compile(r"# ([\w/.-]+\.yaml)\n")
FIRST_PERIOD = "2026-01"
NAMED = ("quotas", "tables", "credits", "earn", "clawback")
"""The sections of a plan that hold rules by name."""
FIGURE = re.compile(r"-?\d[\d_]*(?:\.\d+)?%?")
WORKED = re.compile(r"^(.*?) +# ([^;\n]*[×÷+−][^;\n]*)", re.MULTILINE)
SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", ",": None})


@dataclass(frozen=True, slots=True)
class Example:
    """`name` is its section with its place there, `line` that of the page; `plans` are files as written."""

    name: str
    line: int
    plans: tuple[str, ...]
    case: str


def base() -> dict[str, str]:
    """The files every example is completed from, by path: blocks that begin with a comment naming it."""
    blocks = [body for _, body in FENCE.findall(_part()) if not DIVIDER.search(body)]
    return {named[1]: body for body in blocks if (named := FILE.match(body))}


def examples() -> list[Example]:
    text = PAGE.read_text("utf-8")
    at = text.index(_part())
    found: list[Example] = []
    places: dict[str, int] = {}
    for block in FENCE.finditer(text, at):
        if not DIVIDER.search(block[2]):
            continue
        section = re.findall(r"^### ([\d.]+) ", text[at : block.start()], re.MULTILINE)[-1]
        places[section] = places.get(section, 0) + 1
        *plans, case = DIVIDER.split(block[2])
        line = text.count("\n", 0, block.start()) + 1
        found.append(Example(f"{section}-{places[section]}", line, tuple(plans), case))
    return found


def _part() -> str:
    text = PAGE.read_text("utf-8")
    return text[text.index("\n## 14. ") :]


# --- completing


def write_base(folder: Path) -> Path:
    """Writes the base as it stands; the path of its case."""
    for path, content in base().items():
        _write(folder / path, content)
    return folder / "plans/cases/example.yaml"


def complete(example: Example, folder: Path) -> Path:
    """Writes a workspace with the example's plans; the path of its case."""
    files = base()
    plan, case = files["plans/example.yaml"], files["plans/cases/example.yaml"]
    _write(folder / "compengine.yaml", files["compengine.yaml"])
    names: list[str] = []
    for at, written in enumerate(example.plans):
        named = FILE.match(written)
        whole = "".join({**_keys(plan), **_keys(written)}.values())
        _write(folder / "plans" / (named[1] if named else f"{at}.yaml"), written if named else whole)
        names += [] if named else re.findall(r"^plan: (\S+)", whole, re.MULTILINE)
    path = folder / "plans/cases/example.yaml"
    _write(path, _case(case, example.case, list(dict.fromkeys(names))))
    return path


def _case(base: str, written: str, plans: list[str]) -> str:
    mine = _keys(written)
    tables = {**_rows(_keys(base)), **_rows(mine)}
    steps = mine.get("steps", "")
    if not steps:
        close = mine.get("close", f"close: {FIRST_PERIOD}\n")
        steps = "steps:\n  - " + close + textwrap.indent(mine["then"], "    ")
    return f"case: example\nplans: [{', '.join(plans)}]\ngiven:\n{''.join(tables.values())}{steps}"


def _rows(keys: dict[str, str]) -> dict[str, str]:
    return _keys(keys["given"].partition("\n")[2], "  ") if "given" in keys else {}


def _keys(text: str, indent: str = "") -> dict[str, str]:
    """The text of each key of a block mapping, by its name."""
    parts = re.split(rf"^(?={indent}\w+:)", text, flags=re.MULTILINE)
    return {part.strip().partition(":")[0]: part for part in parts[1:]}


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")


# --- what is worked out beside a figure


def worked(case: str) -> Iterator[tuple[str, str, bool]]:
    """Each calculation in a comment, the figure before it, and whether it comes to that figure."""
    for before, sum_ in WORKED.findall(case):
        figure = FIGURE.findall(before)[-1]
        yield sum_.strip(), figure, _comes_to(_value(sum_), figure)


def _comes_to(value: Fraction, figure: str) -> bool:
    """Whether a value, rounded half-up to the places that the figure has, is the figure."""
    digits = figure.rstrip("%").replace("_", "")
    scaled = value * 100 if figure.endswith("%") else value
    shown = Decimal(digits)
    places = Decimal(1).scaleb(int(shown.as_tuple().exponent))
    exact = Decimal(scaled.numerator) / Decimal(scaled.denominator)
    return exact.quantize(places, ROUND_HALF_UP) == shown


def _value(written: str) -> Fraction:
    plain = re.sub(r"([\d.]+)%", r"(\1/100)", written.translate(SIGNS))
    return _folded(ast.parse(plain.strip(), mode="eval").body)


def _folded(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as value):
            return Fraction(str(value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_folded(operand)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _folded(left) + _folded(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _folded(left) - _folded(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _folded(left) * _folded(right)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _folded(left) / _folded(right)
    raise ValueError(f"{ast.unparse(node)} is not a calculation")


# --- what is used


def used(example: Example) -> set[tuple[str, ...]]:
    """`(section, key)` for each key that the example's plans have, `(section, key, word)` for a text under it."""
    found: set[tuple[str, ...]] = set()
    for written in example.plans:
        node = compose(Text(example.name, written))
        assert isinstance(node, Mapping)
        found |= set(_of(node, "use" if FILE.match(written) else "plan"))
    return found


def _of(node: Node, section: str) -> Iterator[tuple[str, ...]]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _of(item, section)
    if not isinstance(node, Mapping):
        return
    for entry in node.entries:
        key, value = entry.key.value, entry.value
        yield section, key
        if isinstance(value, Scalar):
            yield section, key, value.value
        elif isinstance(value, Sequence):
            yield from ((section, key, item.value) for item in value.items if isinstance(item, Scalar))
        if key in NAMED and section in ("plan", "use") and isinstance(value, Mapping):
            for rule in value.entries:
                yield from _of(rule.value, key)
        elif section in ("plan", "earn", "pay", "settle"):
            yield from _of(value, key)
