"""One Merkle leaf per payee: what a person can recompute from the rows on their own statement.

A leaf's data is the canonical text (`values.digest.table_text`) of a payee's rows in key order: a file that opens in
any editor. The root is over the leaves in byte order of the payees, RFC 6962 shape.
"""

import io
from itertools import islice

import polars as pl

from compengine.values.digest import inclusion_proof, leaf_hash, root_of_hashes, table_text

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
    lines = io.BytesIO(table_text(name, rows))
    header = lines.readline()
    runs = rows.select(pl.col("payee").rle()).unnest("payee")
    hashes: dict[str, bytes] = {}
    for length, payee in zip(runs["len"], runs["value"], strict=True):
        assert payee not in hashes, f"the rows of {payee} do not stand together"
        hashes[payee] = leaf_hash(header + b"".join(islice(lines, length)))
    return hashes


def root(name: str, rows: pl.DataFrame) -> str:
    """The Merkle root over one leaf per payee, 64 hexadecimal digits."""
    return root_of_hashes(list(leaf_hashes(name, in_order(rows)).values())).hex()


def entitlement_root(earnings: pl.DataFrame) -> str:
    """The root over all rows of a calculation: what a replay compares."""
    return root(EARNINGS, earnings)


def proof(name: str, rows: pl.DataFrame, payee: str) -> tuple[int, int, tuple[bytes, ...]]:
    """Place of the payee's leaf, number of leaves, and the path to the root (`values.digest.verify_inclusion`)."""
    hashes = leaf_hashes(name, in_order(rows))
    index = list(hashes).index(payee)
    return index, len(hashes), inclusion_proof(list(hashes.values()), index)
