"""A sound ledger of three posted and paid months, and a copy of it for each test; on both databases."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_world import World, new_world, three_months
from servers import Server, binaries, running

from compengine.inputs.objects import Store as Objects
from compengine.ledger.store.database import open_store

BOTH = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if binaries() is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    with running() as started:
        yield started


@pytest.fixture(params=BOTH)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """An empty ledger."""
    if request.param == "sqlite":
        yield new_world(tmp_path)
        return
    server: Server = request.getfixturevalue("server")
    name = server.new()
    yield World(open_store(server.address(name)), Objects(tmp_path / "objects"))
    server.drop(name)


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> World:
    return three_months(new_world(tmp_path_factory.mktemp("sound")))


@pytest.fixture(scope="session")
def sound_name(server: Server, sound: World) -> str:
    """The same on the server: the name of a database to copy. Its objects are those of `sound`."""
    name = server.new()
    three_months(World(open_store(server.address(name)), sound.objects))
    return name


@pytest.fixture
def filed(sound: World, tmp_path: Path) -> World:
    """A copy in a file that may be damaged."""
    shutil.copytree(sound.store.path.parent, tmp_path / "copy")
    return World(open_store(tmp_path / "copy" / "ledger.db"), Objects(tmp_path / "copy" / "objects"))


@pytest.fixture
def served(server: Server, sound: World, sound_name: str, tmp_path: Path) -> Iterator[World]:
    """A copy on the server that may be damaged."""
    name = server.new(sound_name)
    shutil.copytree(sound.objects.folder, tmp_path / "objects")
    yield World(open_store(server.address(name)), Objects(tmp_path / "objects"))
    server.drop(name)


@pytest.fixture(params=BOTH)
def world(request: pytest.FixtureRequest) -> World:
    """A copy that may be damaged. Tests that start from nothing have a fixture of the same name of their own."""
    found: World = request.getfixturevalue("filed" if request.param == "sqlite" else "served")
    return found
