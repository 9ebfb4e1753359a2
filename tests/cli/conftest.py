"""One closed month for all tests that only look at it."""

from pathlib import Path

import pytest
from cli_world import call, close, starter


@pytest.fixture(scope="session")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter workspace with January closed and paid, and February calculated. Tests do not change it."""

    root = starter(tmp_path_factory.mktemp("closed"))
    close(root, "2026-01")
    assert call(root, "calculate", "--period", "2026-02", who="olive").code == 0
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The starter workspace with its data loaded."""
    return starter(tmp_path)
