"""A payee's leaf is the hash of a file that can be written from the payee's rows alone."""

import hashlib

import polars as pl
from ledger_world import MARCH_ROWS, earning

from compengine.ledger.leaves import EARNINGS, all_leaves, entitlement_root, in_order, leaf_hashes
from compengine.values.digest import leaf_hash, verify_inclusion
from compengine.values.frames import to_frame
from compengine.values.rows import Earning

ROWS = [
    *MARCH_ROWS[2],
    *(earning(f"p{n}", "A", "0%", "100", "0.5", "2026-01") for n in range(4)),
    earning("Z", "é", "x", "1", "1", "2026-01"),
]
FRAME = to_frame(Earning, ROWS)

FILE = (
    "compengine table 1\tearnings\tplan:text\tcomponent:text\tpayee:text\tfor_period:text\tdate:date\tsource:text"
    "\tpart:text\tkind:text\tbasis:decimal\tbasis_unit:text\trate:decimal\trate_unit:text\tamount:decimal"
    "\tcurrency:text\tpaid:bool\tposition_from:decimal\tposition_to:decimal\n"
    "sales\tcommission\tZ\t2026-01\t2026-01-01\té\tx\trate\t1.000000000000\tUSD\t1.000000000000\t\t1.000000000000"
    "\tUSD\ttrue\t0.000000000000\t1.000000000000\n"
)


def test_a_leaf_is_the_hash_of_a_readable_file() -> None:
    leaves = leaf_hashes(EARNINGS, in_order(FRAME))
    assert leaves["Z"] == hashlib.sha256(b"\x00" + FILE.encode()).digest()
    assert list(leaves) == ["Z", "ana", "p0", "p1", "p2", "p3"]


def test_a_payee_can_prove_a_leaf_without_seeing_the_others() -> None:
    root = bytes.fromhex(entitlement_root(FRAME))
    leaves = leaf_hashes(EARNINGS, in_order(FRAME))
    for payee, leaf in leaves.items():
        one = all_leaves(EARNINGS, in_order(FRAME))[payee]
        index, size, path = one.index, one.size, one.path
        assert leaf_hash(one.text) == leaf
        assert verify_inclusion(leaf, index, size, path, root)
        assert not verify_inclusion(leaves["Z"] if payee != "Z" else leaves["ana"], index, size, path, root)


def test_the_order_of_the_rows_given_does_not_matter() -> None:
    assert entitlement_root(FRAME.sample(fraction=1, shuffle=True, seed=3)) == entitlement_root(FRAME)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert entitlement_root(FRAME.filter(pl.lit(False))) == hashlib.sha256(b"").hexdigest()
