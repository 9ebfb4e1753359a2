"""The `journal` of a workspace file: what the general ledger calls the accounts."""

from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import check_keys, mapping, scalar
from compengine.source.yaml import Node

ACCOUNTS = ("expense", "held", "payable", "paid", "owed", "carried", "waiting", "receivable", "exchange")
"""The accounts of the ledger, which a journal may give other names."""
BETWEEN = "intercompany"
"""The account of a journal between two legal entities, which the ledger itself does not have."""


def read_journal(node: Node | None, found: list[Diagnostic]) -> tuple[tuple[str, str], ...]:
    """Pairs of our name and theirs; what is wrong is noted in `found`."""
    body = mapping(node, "journal", found)
    if body is None:
        return ()
    check_keys(body, "journal", (*ACCOUNTS, BETWEEN), (), found)
    named = [(e.key.value, scalar(e.value, f"the account for {e.key.value}", found)) for e in body.entries]
    return tuple((name, number.value) for name, number in named if number is not None)
