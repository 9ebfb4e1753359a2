"""One Merkle leaf per payee: what a person can recompute from the rows on their own statement.

A leaf's data is the canonical text (`values.digest.table_text`) of a payee's rows in key order: a file that opens in
any editor. The root is over the leaves in byte order of the payees, RFC 6962 shape.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import polars as pl

from compengine.values.digest import inclusion_proofs, leaf_hash, root_of_hashes, table_text

ORDER = ("payee", "component", "for_period", "source", "part")
EARNINGS = "earnings"
POSTED = "posted earnings"


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` sorted by payee, component, for_period, source and part, then by every other column.

    The order is total: equal rows are interchangeable. A posted row that takes another back comes before it.
    """
    first = [*ORDER, *(["sign"] if "sign" in rows.columns else [])]
    return rows.sort([*first, *(c for c in rows.columns if c not in first)], nulls_last=False)


def leaf_hashes(name: str, rows: pl.DataFrame) -> dict[str, bytes]:
    """The leaf hash of each payee's rows, in byte order of the payees; `rows` stand `in_order`."""
    hashes: dict[str, bytes] = {}
    for payee, text in leaf_texts(name, rows):
        assert payee not in hashes, f"the rows of {payee} do not stand together"
        hashes[payee] = leaf_hash(text)
    return hashes


def leaf_texts(name: str, rows: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    """Each payee and the data of his leaf; `rows` stand `in_order`."""
    lines = io.BytesIO(table_text(name, rows))
    header = lines.readline()
    runs = rows.select(pl.col("payee").rle()).unnest("payee")
    for length, payee in zip(runs["len"], runs["value"], strict=True):
        yield payee, header + b"".join(islice(lines, length))


@dataclass(frozen=True, slots=True)
class Leaf:
    """The data of a payee's leaf, its place among `size`, and the path to the root (`verify_inclusion`)."""

    text: bytes
    index: int
    size: int
    path: tuple[bytes, ...]


def all_leaves(name: str, rows: pl.DataFrame) -> dict[str, Leaf]:
    """By payee, the tree made once; `rows` stand `in_order`."""
    texts = dict(leaf_texts(name, rows))
    paths = inclusion_proofs([leaf_hash(text) for text in texts.values()])
    return {
        payee: Leaf(text, at, len(texts), path)
        for at, ((payee, text), path) in enumerate(zip(texts.items(), paths, strict=True))
    }


def root(name: str, rows: pl.DataFrame) -> str:
    """The Merkle root over one leaf per payee, 64 hexadecimal digits."""
    return root_of_hashes(list(leaf_hashes(name, in_order(rows)).values())).hex()


def entitlement_root(earnings: pl.DataFrame) -> str:
    """The root over all rows of a calculation: what a replay compares."""
    return root(EARNINGS, earnings)
