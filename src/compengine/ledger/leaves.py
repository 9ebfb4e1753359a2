"""One Merkle leaf per payee: what a person can recompute from the rows on their own statement.

A leaf's text is the canonical text (`values.digest.table_text`) of a payee's rows in key order: a file that opens in
any editor. The root is over the leaves in byte order of the payees, RFC 6962 shape.

The data of a leaf of earnings is its text. That of a leaf of posted rows is 32 bytes of salt and its text: a person is
given the hashes of neighbours on the way to the root, and without their salts could try texts until one fits. The
posting holds one secret of 32 bytes; the salt of leaf `index` is HMAC-SHA256 of the index, eight bytes (big-endian),
under it.
"""

import hmac
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import polars as pl

from compengine.values.digest import inclusion_proofs, leaf_hash, root_of_hashes, table_text

ORDER = ("payee", "component", "for_period", "source", "part")
EARNINGS = "earnings"
POSTED = "posted earnings"
SALT_BYTES = 32
"""Of a salt, and of the secret that salts are made from."""


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` sorted by payee, component, for_period, source and part, then by every other column.

    The order is total: equal rows are interchangeable. A posted row that takes another back comes before it.
    """
    first = [*ORDER, *(["sign"] if "sign" in rows.columns else [])]
    return rows.sort([*first, *(c for c in rows.columns if c not in first)], nulls_last=False)


def leaf_texts(name: str, rows: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    """Each payee and the text of his leaf; `rows` stand `in_order`."""
    lines = io.BytesIO(table_text(name, rows))
    header = lines.readline()
    runs = rows.select(pl.col("payee").rle()).unnest("payee")
    assert runs["value"].is_unique().all(), "the rows of a payee do not stand together"
    for length, payee in zip(runs["len"], runs["value"], strict=True):
        yield payee, header + b"".join(islice(lines, length))


@dataclass(frozen=True, slots=True)
class Leaf:
    """The text of a payee's posted rows, its salt, its place among `size`, and the path to the root
    (`verify_inclusion`)."""

    text: bytes
    salt: bytes
    index: int
    size: int
    path: tuple[bytes, ...]


def salt_of(secret: bytes, index: int) -> bytes:
    """Of leaf `index` of a posting with that secret, 32 bytes."""
    assert len(secret) == SALT_BYTES, f"a secret of {len(secret)} bytes"
    return hmac.digest(secret, index.to_bytes(8, "big"), "sha256")


def read_salt(text: str) -> bytes:
    """From 64 hexadecimal digits; raises `ValueError` for anything else."""
    salt = bytes.fromhex(text)
    if len(salt) != SALT_BYTES or text != salt.hex():
        raise ValueError(f"a salt has {2 * SALT_BYTES} hexadecimal digits")
    return salt


def salted_hash(salt: bytes, text: bytes) -> bytes:
    """The hash of a leaf of posted rows. `salt` has 32 bytes: with any number it would be unclear where it ends."""
    assert len(salt) == SALT_BYTES, f"a salt of {len(salt)} bytes"
    return leaf_hash(salt + text)


def posted_leaves(rows: pl.DataFrame, secret: bytes) -> dict[str, Leaf]:
    """By payee, the tree made once; posted `rows` stand `in_order`."""
    found = list(leaf_texts(POSTED, rows))
    salts = [salt_of(secret, index) for index in range(len(found))]
    paths = inclusion_proofs([salted_hash(salt, text) for salt, (_, text) in zip(salts, found, strict=True)])
    return {
        payee: Leaf(text, salts[at], at, len(found), path)
        for at, ((payee, text), path) in enumerate(zip(found, paths, strict=True))
    }


def posted_root(rows: pl.DataFrame, secret: bytes) -> str:
    """The root over the salted leaves of posted rows, 64 hexadecimal digits."""
    texts = (text for _, text in leaf_texts(POSTED, in_order(rows)))
    return root_of_hashes([salted_hash(salt_of(secret, at), text) for at, text in enumerate(texts)]).hex()


def entitlement_root(earnings: pl.DataFrame) -> str:
    """The root over all rows of a calculation, without salts, 64 hexadecimal digits: what a replay compares."""
    return root_of_hashes([leaf_hash(text) for _, text in leaf_texts(EARNINGS, in_order(earnings))]).hex()
