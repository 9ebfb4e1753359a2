"""The order of packages and the house rules, read from the source of every module."""

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "compengine"
ORDER = ("values", "source", "inputs", "plan", "engine", "oracle", "ledger", "statement", "actions", "web", "cli")
EXACT = ("values", "plan", "engine", "oracle", "ledger")
"""Packages on the money path: no binary floats."""

APART = (frozenset({"engine", "oracle"}),)
"""Packages that must not know of each other: two independent readings of one language."""

NAMES_TO_AVOID = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "core",
    "base",
    "manager",
    "handler",
    "service",
    "context",
    "info",
    "misc",
}
MOST_LINES = 450
LONGER = {"plan/typed.py": 800}
"""One vocabulary of shapes and no behaviour: split in two, both engines would have to import both halves."""

HOSTS = re.compile(
    "|".join(("py" + r"pi\.org", "python" + r"hosted", "npm" + r"js\.", r"deb\." + "debian", r"crates\." + "io"))
)


def modules() -> dict[str, str]:
    """Path below `compengine` → source text."""
    return {str(p.relative_to(SOURCE)): p.read_text(encoding="utf-8") for p in sorted(SOURCE.rglob("*.py"))}


def imports(tree: ast.AST) -> list[tuple[str, int]]:
    """Dotted names of the project's modules that a module imports, with their lines."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            whole = node.module == "compengine"
            found += [(f"compengine.{a.name}" if whole else node.module or "", node.lineno) for a in node.names]
    return [(name, line) for name, line in found if name.split(".")[0] == "compengine"]


def violations(path: str, text: str) -> list[str]:
    """Everything in one module that breaks a rule."""
    tree = ast.parse(text)
    package = path.split("/")[0] if "/" in path else ""
    return [
        f"{path}:{line}: {what}"
        for line, what in [
            *_wrong_order(package, tree),
            *_misplaced_imports(package, tree),
            *_foreign(path, package, tree),
            *_calls(path, package, tree),
            *_floats(package, tree),
            *_shape(path, text),
        ]
    ]


def _wrong_order(package: str, tree: ast.AST) -> list[tuple[int, str]]:
    found = []
    for name, line in imports(tree):
        other = name.split(".")[1] if "." in name else ""
        if other not in ORDER or package not in ORDER or other == package:
            continue
        if ORDER.index(other) > ORDER.index(package):
            found.append((line, f"{package} must not import {other}, which comes later"))
        if frozenset({package, other}) in APART:
            found.append((line, f"{package} and {other} must not know of each other"))
    return found


def _misplaced_imports(package: str, tree: ast.AST) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            found.append((node.lineno, "relative import"))
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if (inside and package != "cli") or guarded:
            what = "import under TYPE_CHECKING" if guarded else "import inside a definition"
            found += [(n.lineno, what) for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
    return found


def _foreign(path: str, package: str, tree: ast.AST) -> list[tuple[int, str]]:
    """Libraries that only one place may know."""
    found = []
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for top in {name.split(".")[0] for name in names}:
            if top == "sqlalchemy" and package != "ledger":
                found.append((node.lineno, "sqlalchemy outside ledger"))
            if top == "weasyprint" and path != "statement/pdf.py":
                found.append((node.lineno, "weasyprint outside statement/pdf.py"))
    return found


def _calls(path: str, package: str, tree: ast.AST) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        plain = isinstance(node.func, ast.Name)
        if plain and called == "print" and package != "cli":
            found.append((node.lineno, "print outside cli"))
        if plain and called in ("eval", "exec"):
            found.append((node.lineno, f"{called} runs text as a program"))
        if called in ("now", "today", "utcnow") and package not in ("actions", "cli"):
            found.append((node.lineno, "reads the clock outside actions and cli"))
    return found


def _floats(package: str, tree: ast.AST) -> list[tuple[int, str]]:
    if package not in EXACT:
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append((node.lineno, f"binary float {node.value}"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            found.append((node.lineno, "float() on the money path"))
    return found


def _shape(path: str, text: str) -> list[tuple[int, str]]:
    found = []
    length = text.count("\n")
    if length > LONGER.get(path, MOST_LINES):
        found.append((length, f"{length} lines: two ideas in one module"))
    named = {part for name in path.removesuffix(".py").split("/") for part in name.split("_")}
    found += [(1, f"a name that says nothing: {name}") for name in sorted(named & NAMES_TO_AVOID)]
    found += [(text[: m.start()].count("\n") + 1, "names a package registry") for m in HOSTS.finditer(text)]
    return found


def test_no_module_breaks_a_rule() -> None:
    found = [violation for path, text in modules().items() for violation in violations(path, text)]
    assert not found, "\n".join(found)


def test_the_check_sees_the_imports() -> None:
    seen = [name for text in modules().values() for name, _ in imports(ast.parse(text))]
    assert len(seen) > 100


def test_every_package_has_its_place() -> None:
    packages = {p.name for p in SOURCE.iterdir() if p.is_dir() and any(p.rglob("*.py"))}
    assert packages <= set(ORDER)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("values/x.py", "from compengine.plan.typed import Plan", "values must not import plan"),
        ("inputs/x.py", "import compengine.ledger.chain", "inputs must not import ledger"),
        ("statement/x.py", "from compengine import cli", "statement must not import cli"),
        ("oracle/x.py", "from compengine.engine import work", "oracle and engine must not know of each other"),
        ("engine/x.py", "from compengine.oracle import rows", "engine must not import oracle"),
        ("plan/x.py", "from . import typed", "relative import"),
        ("plan/x.py", "def f():\n    import re", "import inside a definition"),
        (
            "plan/x.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import re",
            "import under TYPE_CHECKING",
        ),
        ("cli/x.py", "import typing\nif typing.TYPE_CHECKING:\n    import re", "import under TYPE_CHECKING"),
        ("actions/x.py", "from sqlalchemy import text", "sqlalchemy outside ledger"),
        ("statement/html.py", "import weasyprint", "weasyprint outside statement/pdf.py"),
        ("actions/x.py", "print(1)", "print outside cli"),
        ("engine/x.py", "eval('1')", "eval runs text"),
        ("ledger/x.py", "from datetime import date\ndate.today()", "reads the clock"),
        ("values/x.py", "RATE = 0.05", "binary float 0.05"),
        ("oracle/x.py", "float('1')", "float() on the money path"),
        ("plan/utils.py", "", "a name that says nothing: utils"),
        ("plan/x.py", "\n" * 451, "two ideas in one module"),
        ("inputs/x.py", "# https://py" + "pi.org/simple", "names a package registry"),
    ],
)
def test_a_planted_violation_is_found(path: str, text: str, expected: str) -> None:
    assert any(expected in violation for violation in violations(path, text))


def test_the_command_line_may_import_where_it_needs() -> None:
    assert violations("cli/x.py", "def f():\n    from compengine.statement import pdf\n    print(pdf)") == []


def test_every_dependency_is_pinned() -> None:
    root = SOURCE.parents[1]
    pinned = {re.split("==", line)[0].lower() for line in (root / "constraints.txt").read_text().split()}
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    wanted = {m.lower() for m in re.findall(r'"([A-Za-z][A-Za-z0-9_-]*)(?:[<>=][^"]*)?"', _dependencies(project))}
    assert len(wanted) > 10
    assert wanted - pinned == set()
    assert not re.search("://|--|@", (root / "constraints.txt").read_text())


def _dependencies(project: str) -> str:
    build = re.search(r"requires = \[(.*)\]", project)
    listed = re.search(r"dependencies = \[\n(.*?)\n\]", project, re.DOTALL)
    dev = re.search(r"dev = \[(.*)\]", project)
    assert build and listed and dev
    return "\n".join((build[1], listed[1], dev[1]))
