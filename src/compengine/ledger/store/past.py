"""The ledger as it was: because rows are only added, the rows up to a number are all there was at that moment."""

import sqlalchemy as sa

from compengine.ledger.store.database import Store, reading
from compengine.ledger.store.tables import CHAINED, METADATA


def as_it_was(store: Store, seq: int) -> Store:
    """A copy of the rows up to `seq` in memory, which nobody can write to; the ledger itself is only read."""
    engine = sa.create_engine(
        "sqlite://", poolclass=sa.pool.StaticPool, connect_args={"isolation_level": None, "check_same_thread": False}
    )
    with reading(store) as connection, engine.connect() as copy:
        METADATA.create_all(copy)
        for table in CHAINED:
            select = sa.select(table).where(table.c.seq <= seq).order_by(table.c.seq)
            rows = [row._asdict() for row in connection.execute(select)]
            if rows:
                copy.execute(sa.insert(table), rows)
        copy.commit()
        copy.exec_driver_sql("PRAGMA query_only = ON")
    return Store(store.address, engine)
