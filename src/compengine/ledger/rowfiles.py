"""Tables beside the database: immutable Parquet objects, known by the digest of their bytes."""

import io
from typing import Protocol

import polars as pl

from compengine.source.diagnostic import Diagnostic, Failed, Place

ROW_GROUP = 131_072


class Objects(Protocol):
    """What the ledger asks of an object store. `put` returns the digest when the content is safe on disk."""

    def put(self, content: bytes) -> str: ...

    def get(self, digest: str) -> bytes: ...


def keep(objects: Objects, rows: pl.DataFrame) -> str:
    target = io.BytesIO()
    rows.write_parquet(target, compression="zstd", compression_level=3, row_group_size=ROW_GROUP, statistics=True)
    return objects.put(target.getvalue())


def fetch(objects: Objects, digest: str, schema: pl.Schema) -> pl.DataFrame:
    """The table; raises `Failed` (E609) where it is missing, changed, or of other columns."""
    rows = pl.read_parquet(io.BytesIO(objects.get(digest)))
    if rows.schema != schema:
        raise Failed([Diagnostic("E609", f"object {digest} has other columns", Place(table="objects", row=digest))])
    return rows
