"""Streams, exit codes, JSON, start-up: what every command keeps to."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_world import call, starter
from click.testing import CliRunner

from compengine.cli.main import COMMANDS, GROUPS, cli
from compengine.cli.output import as_json, exit_code, grouped
from compengine.source.diagnostic import Diagnostic

HEAVY = ("polars", "rich", "sqlalchemy", "weasyprint", "lark", "jinja2")


def test_help_starts_without_anything_heavy() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from compengine.cli.main import cli;"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0;"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    done = CliRunner().invoke(cli, [name, "--help"])
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) > 4


def test_every_command_is_in_one_group_of_the_help() -> None:
    listed = [name for _, names in GROUPS for name in names]
    assert sorted(listed) == sorted(COMMANDS)
    text = CliRunner().invoke(cli, ["--help"]).stdout
    assert all(f"  {name} " in text for name in COMMANDS)
    assert "refused by a control" in text


def test_a_mistyped_command_is_answered_with_the_nearest(tmp_path: Path) -> None:
    done = call(tmp_path, "calculte", "2026-01")
    assert (done.code, "Did you mean calculate?" in done.err) == (2, True)


READING: list[tuple[str, ...]] = [
    ("check",),
    ("test",),
    ("runs",),
    ("show", "2026-01"),
    ("review", "2026-02"),
    ("balances",),
    ("why", "ann"),
    ("explain", "ann", "2026-01"),
    ("replay", "2026-01"),
    ("verify",),
    ("doctor",),
    ("load", "data", "--dry-run"),
    ("coverage",),
]


@pytest.mark.parametrize("words", READING, ids=lambda w: w[0])
def test_json_is_one_document_with_amounts_as_text(closed: Path, words: tuple[str, ...]) -> None:
    done = call(closed, *words, "--format", "json")
    assert done.err == ""
    assert done.code == 0
    _no_floats(json.loads(done.out))


def _no_floats(value: Any) -> None:
    assert not isinstance(value, float)
    if isinstance(value, dict):
        if "amount" in value and "currency" in value:
            assert isinstance(value["amount"], str)
        for part in value.values():
            _no_floats(part)
    elif isinstance(value, list):
        for part in value:
            _no_floats(part)


@pytest.mark.parametrize("words", READING, ids=lambda w: w[0])
def test_no_escape_sequences_without_a_terminal(closed: Path, words: tuple[str, ...]) -> None:
    done = call(closed, *words)
    assert "\x1b" not in done.out + done.err


def test_nothing_hides_in_markup(closed: Path) -> None:
    """Square brackets in expressions and data are shown as they are."""
    assert (
        "error[E704]: [bold]x is no period of a calendar here, and no id of a run"
        in call(closed, "show", "[bold]x").err
    )


@pytest.mark.parametrize(("codes", "expected"), [(["E203"], 2), (["E601"], 3), (["E203", "E612"], 3), (["E706"], 2)])
def test_the_exit_code_follows_from_the_diagnostics(codes: list[str], expected: int) -> None:
    assert exit_code([Diagnostic(code, "") for code in codes]) == expected


@pytest.mark.parametrize(
    ("plain", "shown"),
    [("1234567.50 USD", "1,234,567.50 USD"), ("-999.00 EUR", "-999.00 EUR"), ("-1000 JPY", "-1,000 JPY"), ("5%", "5%")],
)
def test_amounts_are_grouped_by_thousands(plain: str, shown: str) -> None:
    assert grouped(plain) == shown


def test_a_float_has_no_json_form() -> None:
    with pytest.raises(AssertionError):
        as_json({"amount": 0.1})


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(tmp_path: Path, shell: str) -> None:
    done = call(tmp_path, "completion", shell)
    assert (done.code, "_COMPENGINE_COMPLETE" in done.out) == (0, True)


def test_the_completion_knows_the_commands(tmp_path: Path) -> None:
    environment = {"_COMPENGINE_COMPLETE": "bash_complete", "COMP_WORDS": "compengine cal", "COMP_CWORD": "1"}
    code = "from compengine.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "calculate" in done.stdout


def test_an_identity_may_come_from_the_environment(root: Path) -> None:
    assert call(root, "calculate", "--period", "2026-01", who="olive").code == 0
    assert call(root, "runs", "--format", "json").json["runs"][0]["calculated"]["actor"] == "olive"


def test_a_place_that_cannot_be_written_is_said_and_the_command_can_be_given_again(tmp_path: Path) -> None:
    root = starter(tmp_path)
    for words, who in ((("calculate", "--period"), "olive"), (("submit",), "olive"), (("approve",), "frank")):
        assert call(root, *words, "2026-01", who=who).code == 0
    assert call(root, "post", "2026-01", who="frank").code == 0
    assert call(root, "finalize", "2026-01", who="frank").code == 0
    (root / "pay").write_text("a file in the place of the folder")
    done = call(root, "pay", "2026-01", who="petra")
    assert (done.code, done.out) == (2, "")
    assert "error[E709]: " in done.err and "pay: " in done.err and "give the command again" in done.err
    (root / "pay").unlink()
    assert call(root, "pay", "2026-01", who="petra").code == 0
