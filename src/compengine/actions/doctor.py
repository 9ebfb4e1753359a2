"""What this installation runs on: versions, system libraries, fonts, and how the database is set."""

import ctypes
import platform
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import compengine
from compengine.actions.opened import Opened
from compengine.ledger.store.database import open_store, reading
from compengine.ledger.store.sqlite import SETTINGS
from compengine.source.diagnostic import Failed
from compengine.statement.templates import load_template

PACKAGES = ("polars", "sqlalchemy", "psycopg", "alembic", "lark", "pyyaml", "weasyprint", "jinja2", "click", "rich")
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
"""Shared library → the Debian package that brings it."""

SCRIPTS = {
    "Arabic": ("ar", "fonts-noto-core"),
    "Chinese": ("zh-cn", "fonts-noto-cjk"),
    "Japanese": ("ja", "fonts-noto-cjk"),
    "Thai": ("th", "fonts-noto-core"),
    "Hindi": ("hi", "fonts-noto-core"),
    "emoji": ("und-zsye", "fonts-noto-color-emoji"),
}
"""Writing that our own fonts do not have → its language for fontconfig, and the Debian package of a font for it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `help` says what to do where it is not `ok`."""

    what: str
    found: str
    ok: bool
    help: str = ""


def doctor(opened: Opened | None) -> tuple[Finding, ...]:
    """Nothing is changed."""
    python = Finding("Python", platform.python_version(), sys.version_info >= (3, 11), "3.11 or newer is needed")
    return (
        Finding("compengine", compengine.__version__, True),
        python,
        *(_package(name) for name in PACKAGES),
        *(_library(name, package) for name, package in LIBRARIES.items()),
        _fonts(),
        *(_script(name, language, package) for name, (language, package) in SCRIPTS.items()),
        *_database(),
        *_workspace(opened),
    )


def _package(name: str) -> Finding:
    try:
        return Finding(name, version(name), True)
    except PackageNotFoundError:
        return Finding(name, "missing", False, "install compengine again")


def _library(name: str, package: str) -> Finding:
    try:
        ctypes.CDLL(name)
    except OSError:
        why = " (without it a statement takes twice as long)" if "subset" in package else ""
        return Finding(name, "missing", False, f"sudo apt-get install {package}{why}")
    return Finding(name, "there", True)


def _fonts() -> Finding:
    try:
        fonts = load_template().fonts
    except Failed as failed:
        return Finding("statement template", failed.diagnostics[0].message, False, "install compengine again")
    return Finding("statement fonts", f"{len(fonts)} beside the template", bool(fonts), "install compengine again")


def _script(name: str, language: str, package: str) -> Finding:
    """Nothing fails without such a font; but what is written so is printed as empty boxes."""
    what = f"font for {name}"
    try:
        asked = ["fc-list", f":lang={language}", "family"]
        found = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return Finding(what, "unknown: there is no fc-list", True)
    families = sorted({line.partition(",")[0].strip() for line in found.splitlines() if line.strip()})
    missing = f"none: it is printed as empty boxes; sudo apt-get install {package}"
    return Finding(what, families[0] if families else missing, True)


def _database() -> list[Finding]:
    """The settings as a connection to a new ledger has them."""
    found = [Finding("SQLite", sqlite3.sqlite_version, True)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            store = open_store(Path(folder) / "ledger.db")
        except Failed as failed:
            return [*found, Finding("ledger", failed.diagnostics[0].message, False)]
        with reading(store) as connection:
            for name, _, wanted in SETTINGS:
                value = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                found.append(Finding(f"SQLite {name}", str(value), value == wanted))
    return found


def _workspace(opened: Opened | None) -> list[Finding]:
    if opened is None:
        return [Finding("workspace", "none here", True)]
    return [Finding("workspace", f"{opened.workspace.name} in {opened.root}", True), _ledger(opened)]


def _ledger(opened: Opened) -> Finding:
    """A ledger on a server is opened: its settings, its version and the role's rights are looked at."""
    address = opened.ledger
    if isinstance(address, Path):
        return Finding("ledger", "there" if address.exists() else "none yet", True)
    try:
        open_store(address)
    except Failed as failed:
        found = "; ".join(d.message for d in failed.diagnostics)
        return Finding("ledger", found, False, failed.diagnostics[0].help)
    return Finding("ledger", address, True)
