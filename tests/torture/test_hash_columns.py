"""Every column of every kind of row is in its hash."""

import sqlalchemy as sa
from hash_columns import changes
from ledger_world import World

from compengine.ledger.chain import row_hash
from compengine.ledger.store.tables import CHAINED


def test_a_change_of_any_column_of_any_kind_of_row_gives_another_hash(filed: World) -> None:
    found = list(changes(filed))
    assert {c.table for c in found} == {t.name for t in CHAINED}
    assert len({(c.table, c.kind) for c in found}) > 15
    assert [c for c in found if not c.covered] == []


def test_a_hash_that_leaves_a_column_out_is_found(filed: World) -> None:
    def blind(table: sa.Table, values: tuple[object, ...]) -> str:
        """As the chain has it, but without the component of an entry."""
        return row_hash(table, (*values[:5], "", *values[6:]) if table.name == "entries" else values)

    assert {(c.table, c.column) for c in changes(filed, blind) if not c.covered} == {("entries", "component")}
