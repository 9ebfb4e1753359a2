"""A sound ledger of three posted and paid months, and a copy of it for each test."""

import shutil
from pathlib import Path

import pytest
from ledger_world import MARCH_ROWS, NOW, World, new_world

from compengine.inputs.objects import Store as Objects
from compengine.ledger import book
from compengine.ledger.register import begin, step
from compengine.ledger.store.database import open_store


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = new_world(tmp_path_factory.mktemp("sound"))
    wrong = begin(world.store, "adjustment", ("monthly", "ann", "sales"), {"amount": "5"}, "a test", "ann", NOW)
    step(world.store, wrong.id, "approved", "seen", "bob", NOW)
    for period, rows in zip(("2026-01", "2026-02", "2026-03"), MARCH_ROWS, strict=True):
        posted = world.post(period, rows)
        book.pay(world.store, world.objects, world.final(posted.run), "cat", NOW, document="e" * 64)
    return world


@pytest.fixture
def world(sound: World, tmp_path: Path) -> World:
    """A copy that may be damaged. Tests that start from nothing have a fixture of the same name of their own."""
    shutil.copytree(sound.store.path.parent, tmp_path / "copy")
    return World(open_store(tmp_path / "copy" / "ledger.db"), Objects(tmp_path / "copy" / "objects"))
