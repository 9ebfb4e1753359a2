"""Canonical bytes, their hashes, and trees of hashes.

A table's canonical text is UTF-8: one header line, then one line per row in the order given, fields separated by
TAB, each line ended by LF. The header is `compengine table 1`, the table's name and each `column:type`. A decimal
has twelve places (`5.000000000000`), a date is ISO, a bool `true` or `false`, an empty value nothing at all, a text
stands as it is. Nothing is quoted: texts hold no control characters (refused at load) and are never empty.

Trees are those of RFC 6962, section 2.1: a leaf is SHA-256(0x00 ‖ data), a node SHA-256(0x01 ‖ left ‖ right).
"""

import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from compengine.values import exact
from compengine.values.frames import EXACT

FORMAT = "compengine table 1"
Value = str | Decimal | date | bool | int | None


def sha256_hex(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def field_text(value: Value) -> str:
    """One value as it stands in a canonical line."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return exact.text(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def line_text(values: Iterable[Value]) -> str:
    return "\t".join(field_text(v) for v in values) + "\n"


def header_text(name: str, schema: pl.Schema) -> str:
    return "\t".join([FORMAT, name, *(f"{column}:{_type_name(kind)}" for column, kind in schema.items())]) + "\n"


def table_text(name: str, frame: pl.DataFrame) -> bytes:
    """The canonical text of a table; columns are String, `Decimal(38, 12)`, Date, Boolean or integers."""
    header = header_text(name, frame.schema).encode()
    if frame.is_empty() or not frame.width:
        return header
    target = io.BytesIO()
    target.write(header)
    frame.write_csv(target, include_header=False, separator="\t", line_terminator="\n", quote_style="never")
    return target.getvalue()


def table_digest(name: str, frame: pl.DataFrame) -> str:
    return sha256_hex(table_text(name, frame))


def _type_name(kind: pl.DataType) -> str:
    if kind == pl.String:
        return "text"
    if kind == EXACT:
        return "decimal"
    if kind == pl.Date:
        return "date"
    if kind == pl.Boolean:
        return "bool"
    assert kind.is_integer(), f"{kind} has no canonical text"
    return "int"


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over the data of the leaves, in order; of none, SHA-256 of nothing."""
    return root_of_hashes([leaf_hash(data) for data in leaves])


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """The same from leaf hashes."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def _above(level: list[bytes]) -> list[bytes]:
    """The next level: neighbours joined, an odd last one moves up as it is."""
    above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return above + level[-1:] if len(level) % 2 else above


def inclusion_proofs(hashes: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """For each leaf the hashes that lead from it to the root, lowest first."""
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        levels.append(_above(levels[-1]))
    return [
        tuple(level[(index >> up) ^ 1] for up, level in enumerate(levels[:-1]) if (index >> up) ^ 1 < len(level))
        for index in range(len(hashes))
    ]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash `leaf` stands at `index` of the tree of `size` leaves with that root."""
    if not 0 <= index < size:
        return False
    found, last, rest = leaf, size - 1, list(path)
    while last > 0:
        if index % 2 or index < last:
            if not rest:
                return False
            beside = rest.pop(0)
            found = node_hash(beside, found) if index % 2 else node_hash(found, beside)
        index, last = index // 2, last // 2
    return not rest and found == root
