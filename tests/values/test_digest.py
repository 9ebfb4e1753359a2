"""Canonical text is what plain Python would write; trees are those of RFC 6962."""

import hashlib
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compengine.values import digest
from compengine.values.frames import EXACT

GOLDEN = (
    "compengine table 1\tdeals\tid:text\tacv:decimal\tclose_date:date\twon:bool\tn:int\n"
    "D1\t80000.000000000000\t2026-01-15\ttrue\t1\n"
    "D2\t-0.050000000000\t\tfalse\t-2\n"
    'Ü "x", y\t\t0001-01-01\t\t\n'
)


def golden_frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": ["D1", "D2", 'Ü "x", y'],
            "acv": [Decimal("80000"), Decimal("-0.05"), None],
            "close_date": [date(2026, 1, 15), None, date(1, 1, 1)],
            "won": [True, False, None],
            "n": [1, -2, None],
        },
        schema={"id": pl.String, "acv": EXACT, "close_date": pl.Date, "won": pl.Boolean, "n": pl.Int64},
    )


def test_canonical_text_is_the_golden_text() -> None:
    assert digest.table_text("deals", golden_frame()) == GOLDEN.encode()


def test_digest_is_the_hash_of_that_text() -> None:
    assert digest.table_digest("deals", golden_frame()) == hashlib.sha256(GOLDEN.encode()).hexdigest()
    assert (
        digest.table_digest("deals", golden_frame())
        == "b9a0929544e544f3047d8af1c63416ba042cee96f8714bd678055e408d928344"
    )


def test_empty_table_is_its_header() -> None:
    assert digest.table_text("deals", golden_frame().clear()).decode() == GOLDEN.splitlines(keepends=True)[0]


TEXTS = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=8)
NUMBERS = st.decimals(min_value=-(10**13), max_value=10**13, places=12)
ROWS = st.tuples(
    st.none() | TEXTS,
    st.none() | NUMBERS,
    st.none() | st.dates(),
    st.none() | st.booleans(),
    st.none() | st.integers(-9, 9),
)


@given(st.lists(ROWS, max_size=6))
def test_fast_text_equals_plain_python_text(rows: list[tuple[digest.Value, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=golden_frame().schema, orient="row")
    expected = digest.header_text("t", frame.schema) + "".join(digest.line_text(row) for row in rows)
    assert digest.table_text("t", frame) == expected.encode()


LEAVES = [
    bytes.fromhex(x)
    for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The published test vectors of RFC 6962 trees of 0 to 8 leaves."""


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert digest.merkle_root(LEAVES[:size]).hex() == ROOTS[size]


def recursive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + recursive_root(leaves[:k]) + recursive_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(1, 40))
def test_every_leaf_is_proved_and_nothing_else(size: int) -> None:
    leaves = [str(i).encode() for i in range(size)]
    hashes = [digest.leaf_hash(leaf) for leaf in leaves]
    root = digest.root_of_hashes(hashes)
    assert root == recursive_root(leaves)
    for i in range(size):
        path = digest.inclusion_proofs(hashes)[i]
        assert digest.verify_inclusion(hashes[i], i, size, path, root)
        assert not digest.verify_inclusion(digest.leaf_hash(b"other"), i, size, path, root)
        assert not digest.verify_inclusion(hashes[i], i, size, (*path, root), root)
        assert not path or not digest.verify_inclusion(hashes[i], i, size, path[:-1], root)
        assert size == 1 or not digest.verify_inclusion(hashes[i], (i + 1) % size, size, path, root)
    assert len(digest.inclusion_proofs(hashes)) == size
