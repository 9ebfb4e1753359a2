"""The generated pages are what their tables say now."""

import importlib.util
from pathlib import Path
from types import ModuleType

from markdown import ROOT


def maker() -> ModuleType:
    place = ROOT / "scripts" / "reference.py"
    spec = importlib.util.spec_from_file_location("reference", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date() -> None:
    made: dict[Path, str] = maker().pages()
    assert {path.name for path in made} == {"commands.md", "diagnostics.md"}
    stale = [path.name for path, text in made.items() if path.read_text("utf-8") != text]
    assert not stale, f"run `make docs`: {', '.join(stale)}"
