"""What each expression's type is, or which diagnostic it gives."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from plan_world import scalar, scope

from compengine.plan import parse
from compengine.plan.expressions import typed
from compengine.plan.typed import Known, Type
from compengine.source.diagnostic import Diagnostic, Failed

TABLE = Path(__file__).parents[1] / "expressions.csv"


def lines() -> Iterator[tuple[str, str, str]]:
    section = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            expression, _, expected = line.rpartition(" ; ")
            yield section, expression, expected


CASES = list(lines())


def shown(kind: Type) -> str:
    known = "" if kind.known is Known.ALWAYS else f" {kind.known.name.lower()}"
    return f"{kind.unit} {kind.grain.name.lower()}{known}{' optional' if kind.optional else ''}"


def verdict(section: str, source: str) -> str:
    """The type as text, or the code of the first diagnostic."""
    found: list[Diagnostic] = []
    place = scope(section, found)
    try:
        value = typed(parse.expression(scalar(f"|\n  {source}")), place)
    except Failed as failed:
        return failed.diagnostics[0].code
    assert (value is None) == bool(found) or found, "an expression without a type must say why"
    return found[0].code if found else shown(value.type) if value else ""


@pytest.mark.parametrize(("section", "source", "expected"), CASES)
def test_expression_has_the_type_or_code_of_the_table(section: str, source: str, expected: str) -> None:
    assert verdict(section, source) == expected


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(CASES) >= 120
    assert sum(1 for _, _, expected in CASES if expected.startswith("E")) > 40
