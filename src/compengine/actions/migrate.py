"""The tables of the workspace's ledger, made or brought up to date."""

from dataclasses import dataclass

from compengine.actions.opened import Opened, shown
from compengine.ledger.store import database
from compengine.ledger.store.postgres import shown as without_password


@dataclass(frozen=True, slots=True)
class Migrated:
    """`before` is the version that the tables had, empty where there were none."""

    ledger: str
    before: str
    after: str


def migrate(opened: Opened, owner: str, program: str, payees: str) -> Migrated:
    """`owner` is the address by which the owner of a ledger on a server comes in, empty to use the workspace's.

    Raises `Failed`: E609, E611.
    """
    address = owner or opened.ledger
    before, after = database.migrate(address, program, payees)
    named = without_password(address) if isinstance(address, str) else shown(address)
    return Migrated(named, before, after)
