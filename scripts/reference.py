#!/usr/bin/env python3
"""Writes what is made in docs/reference from what defines it: commands, diagnostics, the schema of a statement's data."""

import inspect
import json
from pathlib import Path

import click

from compengine.cli.main import COMMANDS, GROUPS, cli
from compengine.source.codes import CODES
from compengine.statement import data

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
MADE = "<!-- Made by scripts/reference.py; changes belong into the code. -->\n"
CHAPTERS = {
    "1": ("The text of a file", "`check` finds these, in plans, the workspace file and case files."),
    "2": ("An expression", "Names, units, grain, emptiness: what an expression may say where it stands."),
    "3": ("A rule of a plan", "What a plan must say, and must not say twice."),
    "4": ("Data, at load", "`load` refuses the file and leaves the tables as they are."),
    "5": ("A calculation", "`calculate` stops, and nothing is put on record."),
    "6": ("Controls of the ledger", "Exit code 3."),
    "7": ("Cases and workspace", ""),
    "8": ("Statements", ""),
}
INTRO = """\
# Commands

Results go to stdout; progress, warnings and mistakes to stderr. Commands look for the workspace in the folder they are
called in and above it, or where `-C DIR` says: `compengine -C acme check`.

| exit code | means |
| --- | --- |
| 0 | done, nothing wrong |
| 1 | findings: `check`, `test`, `coverage`, `replay`, `verify`, `explain`, `statements`, `send` or `doctor` found something |
| 2 | wrong usage, or an input that cannot be taken |
| 3 | refused by a control of the ledger, [E6xx](diagnostics.md#controls-of-the-ledger-e6) |

Where something is put on record, the command must know who acts: `--as NAME`, or the environment variable
`COMPENGINE_AS`. `RUN` is the start of a run's id; `PERIOD` is the label of a period, such as `2026-01`, and means the
posted run of it, before that the latest that could be posted.

With `--format json` (of `statements`, whose formats are those of its files, `--json`) a command prints one JSON
document: keys are stable, an amount is
`{"amount": "12.30", "currency": "USD"}`, every other figure is a text. Colours appear on a terminal only, and not where
`NO_COLOR` is set.
"""


def pages() -> dict[Path, str]:
    """Each generated page and what must stand in it."""
    return {
        FOLDER / "commands.md": commands(),
        FOLDER / "diagnostics.md": diagnostics(),
        FOLDER / data.SCHEMA_FILE: json.dumps(data.schema(), indent=2, ensure_ascii=False) + "\n",
    }


def commands() -> str:
    parts = [MADE, INTRO]
    with click.Context(cli, info_name="compengine") as parent:
        for title, names in GROUPS:
            parts.append(f"\n## {title}\n")
            parts += [_command(parent, name) for name in names]
    assert {name for _, names in GROUPS for name in names} == set(COMMANDS)
    return "".join(parts)


def _command(parent: click.Context, name: str) -> str:
    command = cli.get_command(parent, name)
    assert command is not None
    with click.Context(command, info_name=name, parent=parent) as ctx:
        usage = " ".join(["compengine", name, *command.collect_usage_pieces(ctx)])
        options = [
            record
            for p in command.get_params(ctx)
            if isinstance(p, click.Option) and (record := p.get_help_record(ctx)) is not None
        ]
    lines = [f"\n### {name}\n", f"\n```text\n{usage}\n```\n", f"\n{inspect.cleandoc(command.help or '')}\n"]
    shown = [(left, right) for left, right in options if not left.endswith("--help")]
    if shown:
        lines.append("\n| option | |\n| --- | --- |\n")
        lines += [f"| `{_cell(left)}` | {_cell(right)} |\n" for left, right in shown]
    return "".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def diagnostics() -> str:
    lines = [MADE, "# Diagnostics\n\n"]
    lines.append("Every mistake has a code, a place where there is one, and a help that says what to write.\n")
    for digit, (title, intro) in CHAPTERS.items():
        lines.append(f"\n## {title} (E{digit})\n\n" + (f"{intro}\n\n" if intro else ""))
        lines.append("| code | | |\n| --- | --- | --- |\n")
        lines += [f"| {key} | {code.title} | {code.meaning} |\n" for key, code in CODES.items() if key[1] == digit]
    assert {key[1] for key in CODES} == set(CHAPTERS)
    return "".join(lines)


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
