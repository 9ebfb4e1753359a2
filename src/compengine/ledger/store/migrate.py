"""Makes the tables of a ledger, or brings those of an older version up to date, with everything in them.

Runs inside the caller's transaction: a migration that stops half-way leaves what was there before.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def upgrade(connection: sa.Connection, versions: tuple[Path, ...] = (VERSIONS,), to: str = "head") -> None:
    """Run every migration that the ledger has not had; `versions` are the folders they are in."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, versions)))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
