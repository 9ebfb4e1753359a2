"""View ↔ data: a statement as canonical JSON, its schema, and back to the same figures.

The bytes are those of RFC 8785: UTF-8, keys in order, no spaces. A decimal is a text in fixed notation without needless
zeros (`"0.05"`, `"-1234.5"`), never a JSON number; a date is ISO. One view has one text, and one text one view.
"""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from compengine.source.diagnostic import Diagnostic, Failed
from compengine.statement.view import StatementView
from compengine.values import exact

FORMAT: Literal["compengine statement 1"] = "compengine statement 1"
SCHEMA_FILE = "statement.schema.json"
"""The schema's name in `docs/reference`."""
_DECIMAL = r"^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$"
_NEGATIVE_ZERO = "-0"


@dataclass(frozen=True, slots=True)
class Document:
    """What a JSON file of a statement holds; `format` changes when a field changes its meaning."""

    format: Literal["compengine statement 1"]
    statement: StatementView


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


def to_json(view: StatementView) -> bytes:
    """The canonical bytes, ended by one line feed that is no part of the JSON."""
    tree = _adapter().dump_python(Document(FORMAT, view))
    text = json.dumps(tree, default=_scalar, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _scalar(value: Any) -> str:
    match value:
        case Decimal():
            text = exact.plain(value)
            return "0" if text == _NEGATIVE_ZERO else text
        case date() | datetime():
            return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not part of a statement's data")


def from_json(content: bytes, name: str = "statement.json") -> StatementView:
    """The view behind the bytes. Raises `Failed` (E804) for anything that `to_json` would not have written so."""
    try:
        document = _adapter().validate_json(content)
    except ValidationError as fault:
        raise Failed([_unreadable(name, _place(one["loc"]), one["msg"]) for one in fault.errors()]) from fault
    again = to_json(document.statement)
    if again != content:
        where = next((n for n, (a, b) in enumerate(zip(again, content, strict=False)) if a != b), len(again))
        raise Failed([_unreadable(name, f"byte {where}", "is not as a statement's data is written")])
    return document.statement


def _place(path: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in path) or "the document"


def _unreadable(name: str, place: str, why: str) -> Diagnostic:
    return Diagnostic("E804", f"{name}: {place}: {why}", help="Take the file as `compengine statements` wrote it.")


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a document; every field is there, and no other."""
    made = _closed(_adapter().json_schema())
    assert isinstance(made, dict), "a document is an object"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _closed(node: Any) -> Any:
    """Decimals by our own rule, every field required and no other, descriptions on one line."""
    if isinstance(node, list):
        return [_closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    if {"type": "number"} in node.get("anyOf", ()):
        return _decimal(node["anyOf"])
    kept = {key: _closed(value) for key, value in node.items() if key not in ("title", "default")}
    if "properties" in node:
        kept["properties"] = {key: _closed(value) for key, value in node["properties"].items()}
        kept |= {"required": list(node["properties"]), "additionalProperties": False}
    if "description" in node:
        kept["description"] = re.sub(r"\s+", " ", node["description"]).strip()
    return kept


def _decimal(choices: list[Any]) -> dict[str, Any]:
    """In place of the numbers and texts that would be read as a decimal, the one text that is written."""
    text = {"type": "string", "pattern": _DECIMAL}
    return {"anyOf": [text, {"type": "null"}]} if {"type": "null"} in choices else text
