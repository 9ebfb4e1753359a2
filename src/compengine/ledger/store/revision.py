"""Which version of the tables a ledger has, and which one this program reads and writes."""

import sqlalchemy as sa

LATEST = "0001"
"""The last of `migrations/versions`."""
TABLE = "alembic_version"
COMMAND = "compengine migrate"


def recorded(connection: sa.Connection) -> str:
    """The version of the ledger's tables; empty where there are none."""
    if not sa.inspect(connection).has_table(TABLE):
        return ""
    return str(connection.exec_driver_sql(f"SELECT version_num FROM {TABLE}").scalar() or "")


def unsuitable(found: str) -> tuple[str, str]:
    """What is wrong with that version, and what to do; empty texts where nothing is."""
    if found == LATEST:
        return "", ""
    if not found:
        return "the database holds no ledger yet", f"make it with: {COMMAND}"
    message = f"the ledger's tables have version {found}, and this program needs {LATEST}"
    return message, f"bring them up with: {COMMAND}; an older program cannot read a newer ledger"
