"""A sound ledger of three posted and paid months in a file that may be damaged."""

from pathlib import Path

import pytest
from ledger_world import World, new_world, three_months


@pytest.fixture
def filed(tmp_path: Path) -> World:
    return three_months(new_world(tmp_path / "filed"))
