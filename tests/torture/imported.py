"""Everything that commands import, in a process that forks for each: nothing is read from disk twice."""

import importlib
import pkgutil
from collections.abc import Callable
from datetime import UTC, datetime

CLOCK = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
"""The time it is for every command, so that the same ones give the same ledger."""


def imported(*more: str) -> Callable[[], None]:
    """What runs a command, once all commands and actions are imported, and `more` modules; the clock stands still."""
    import compengine.actions
    import compengine.cli.main as main
    from compengine.cli import place

    place.now = lambda: CLOCK
    for module, _ in main.COMMANDS.values():
        importlib.import_module(f"compengine.cli.{module}")
    for found in pkgutil.iter_modules(compengine.actions.__path__):
        if not found.ispkg:
            importlib.import_module(f"compengine.actions.{found.name}")
    for name in more:
        importlib.import_module(name)
    return main.main
