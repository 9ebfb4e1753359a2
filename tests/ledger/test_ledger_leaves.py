"""A payee's leaf is the hash of a file that can be written from his rows alone, and of a salt where they are posted."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import polars as pl
from ledger_world import MARCH_ROWS, SECRET, earning

from compengine.ledger.leaves import (
    EARNINGS,
    POSTED,
    entitlement_root,
    in_order,
    leaf_texts,
    posted_leaves,
    posted_root,
    salt_of,
    salted_hash,
)
from compengine.ledger.posting import POSTED_EARNING
from compengine.values.digest import inclusion_proofs, leaf_hash, verify_inclusion
from compengine.values.frames import to_frame
from compengine.values.rows import Earning

ROWS = [
    *MARCH_ROWS[2],
    *(earning(f"p{n}", "A", "0%", "100", "0.5", "2026-01") for n in range(4)),
    earning("Z", "é", "x", "1", "1", "2026-01"),
]
FRAME = to_frame(Earning, ROWS)
GIVEN = in_order(
    FRAME.with_columns(sign=pl.lit(1, pl.Int8), in_period=pl.lit("2026-01")).select(POSTED_EARNING.names())
)

FILE = (
    "compengine table 1\tearnings\tplan:text\tcomponent:text\tpayee:text\tfor_period:text\tdate:date\tsource:text"
    "\tpart:text\tkind:text\tbasis:decimal\tbasis_unit:text\trate:decimal\trate_unit:text\tamount:decimal"
    "\tcurrency:text\tpaid:bool\tposition_from:decimal\tposition_to:decimal\n"
    "sales\tcommission\tZ\t2026-01\t2026-01-01\té\tx\trate\t1.000000000000\tUSD\t1.000000000000\t\t1.000000000000"
    "\tUSD\ttrue\t0.000000000000\t1.000000000000\n"
)


def test_a_leaf_is_the_hash_of_a_readable_file() -> None:
    texts = dict(leaf_texts(EARNINGS, in_order(FRAME)))
    assert texts["Z"] == FILE.encode()
    assert list(texts) == ["Z", "ana", "p0", "p1", "p2", "p3"]
    alone = FRAME.filter(pl.col("payee") == "Z")
    assert entitlement_root(alone) == hashlib.sha256(b"\x00" + FILE.encode()).hexdigest()


def test_a_payee_can_prove_a_leaf_without_seeing_the_others() -> None:
    root, leaves = bytes.fromhex(posted_root(GIVEN, SECRET)), posted_leaves(GIVEN, SECRET)
    for payee, one in leaves.items():
        for other in leaves.values():
            for salt in (one.salt, other.salt):
                proven = verify_inclusion(salted_hash(salt, other.text), one.index, one.size, one.path, root)
                assert proven == (other == one), (payee, other)
    assert len({one.salt for one in leaves.values()}) == len(leaves)


def found_on_a_path(leaves: Mapping[str, bytes], path: Sequence[bytes]) -> list[str]:
    """Of whom the text is on the path as it is, or with a salt that the owner of the path knows or may guess."""
    mine = salt_of(SECRET, list(leaves).index("ana"))
    salts = (b"", bytes(32), mine)
    return [payee for payee, text in leaves.items() for salt in salts if leaf_hash(salt + text) in path]


def test_whoever_guesses_the_rows_of_a_neighbour_cannot_tell_that_they_are_right() -> None:
    """The neighbour's hash is the first on the path. Without salts the guess is confirmed."""
    texts = dict(leaf_texts(POSTED, GIVEN))
    unsalted = inclusion_proofs([leaf_hash(text) for text in texts.values()])[list(texts).index("ana")]
    assert found_on_a_path(texts, unsalted) == ["Z"]
    ana, z = (posted_leaves(GIVEN, SECRET)[payee] for payee in ("ana", "Z"))
    assert found_on_a_path(texts, ana.path) == []
    assert ana.path[0] == salted_hash(z.salt, texts["Z"])


def test_a_salt_is_an_hmac_over_the_place_of_its_leaf() -> None:
    """Pinned: auditors compute it with other programs."""
    assert salt_of(SECRET, 258) == hmac.new(SECRET, bytes([0, 0, 0, 0, 0, 0, 1, 2]), hashlib.sha256).digest()
    assert salt_of(SECRET, 258).hex() == "c82dcd3922da9561a1a45609a7e3eb3dfa39b8df909016f48d6831c45cf93b7f"


def test_the_root_of_what_is_posted_depends_on_the_secret() -> None:
    assert posted_root(GIVEN, SECRET) != posted_root(GIVEN, bytes(32))
    assert posted_root(GIVEN.sample(fraction=1, shuffle=True, seed=3), SECRET) == posted_root(GIVEN, SECRET)


def test_the_order_of_the_rows_given_does_not_matter() -> None:
    assert entitlement_root(FRAME.sample(fraction=1, shuffle=True, seed=3)) == entitlement_root(FRAME)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert entitlement_root(FRAME.filter(pl.lit(False))) == hashlib.sha256(b"").hexdigest()
