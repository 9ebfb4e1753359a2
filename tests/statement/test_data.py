"""A statement as data: one text per view, true to its schema, and back to the same figures."""

import json
from decimal import Decimal

import jsonschema
import pytest
from statement_samples import ALL, crossing, many, true_up

from compengine.source.diagnostic import Failed
from compengine.statement.build import build
from compengine.statement.data import from_json, schema, to_json
from compengine.statement.view import StatementView

NAMES = sorted(ALL)


def read(view: StatementView) -> dict[str, object]:
    found: dict[str, object] = json.loads(to_json(view))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_data_leads_back_to_the_same_statement(name: str) -> None:
    view = build(ALL[name]())
    assert from_json(to_json(view)) == view


@pytest.mark.parametrize("name", NAMES)
def test_data_is_what_its_schema_says(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(read(build(ALL[name]())))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.pop("number"),
        lambda s: s.update(colour="red"),
        lambda s: s["answer"][0].update(value=5875),
        lambda s: s["answer"][0].update(value="5875.00"),
        lambda s: s["answer"][0].update(value="-0"),
        lambda s: s["components"][0]["deals"][0]["slices"][0].pop("unrounded"),
    ],
)
def test_the_schema_and_the_reader_refuse_what_is_not_a_statement(change: object) -> None:
    document = json.loads(to_json(build(crossing())))
    change(document["statement"])  # type: ignore[operator]
    if document["statement"].get("answer", [{}])[0].get("value") != "-0":
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, schema(), jsonschema.Draft202012Validator)
    content = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    with pytest.raises(Failed) as failed:
        from_json(content)
    assert {d.code for d in failed.value.diagnostics} == {"E804"}


def test_a_text_that_is_written_otherwise_is_refused_at_its_byte() -> None:
    content = to_json(build(crossing()))
    with pytest.raises(Failed, match=r"byte 1: is not as a statement's data is written"):
        from_json(b"{ " + content[1:])


def test_every_row_has_its_exact_basis_rate_unrounded_and_amount() -> None:
    view = build(true_up())
    found = [s for c in read(view)["statement"]["components"] for d in c["deals"] for s in d["slices"]]  # type: ignore[index]
    meant = [s for c in view.components for d in c.deals for s in d.slices]
    assert len(found) == len(meant) > 0
    for given, line in zip(found, meant, strict=True):
        assert Decimal(given["basis"]["value"]) * Decimal(given["rate"]["value"]) == Decimal(given["unrounded"])
        assert Decimal(given["amount"]) == line.amount and "E" not in given["unrounded"]


def test_the_same_facts_give_the_same_bytes_whatever_their_zeros() -> None:
    content = to_json(build(many(3)))
    assert content == to_json(from_json(content)) and content.endswith(b"}\n") and b" :" not in content
