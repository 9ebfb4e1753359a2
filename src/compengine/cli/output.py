"""How results, mistakes and progress are written."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import click

from compengine.source.diagnostic import Diagnostic, Severity
from compengine.source.render import by_place, render
from compengine.source.text import Text

LARGEST = 4 * 1024 * 1024
"""Files beyond this size are not read again to show a line of them."""

FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What to print."
)
AS = click.option(
    "--as", "actor", envvar="COMPENGINE_AS", default="", metavar="NAME", help="Who you are; else COMPENGINE_AS."
)


def exit_code(diagnostics: Iterable[Diagnostic]) -> int:
    """3 where a control of the ledger refused, else 2."""
    return 3 if any(d.code.startswith("E6") for d in diagnostics) else 2


def coloured(stream: Any) -> bool:
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def report(diagnostics: Sequence[Diagnostic], stream: Any = None) -> None:
    """Diagnostics in reading order with carets, to stderr unless told otherwise; colours on a terminal only."""
    target = stream or sys.stderr
    texts = _texts(diagnostics)
    colour = coloured(target)
    for at, diagnostic in enumerate(by_place(diagnostics)):
        if at:
            click.echo(file=target)
        lines = render(diagnostic, texts).splitlines()
        for line in _painted(lines, diagnostic.severity) if colour else lines:
            click.echo(line, file=target, color=colour)


def _painted(lines: list[str], severity: Severity) -> Iterator[str]:
    strong = "red" if severity is Severity.ERROR else "yellow"
    for at, line in enumerate(lines):
        if at == 0:
            head, _, rest = line.partition(":")
            yield click.style(head, fg=strong, bold=True) + click.style(f":{rest}", bold=True)
        elif line.startswith("  -->"):
            yield click.style(line, fg="blue")
        elif line.strip().startswith("|") and set(line.split("|", 1)[1].strip()) == {"^"}:
            yield click.style(line, fg=strong)
        elif line.startswith("help:"):
            yield click.style(line, fg="cyan")
        else:
            yield line


def _texts(diagnostics: Sequence[Diagnostic]) -> dict[str, Text]:
    """The files that diagnostics point into, where they can be read."""
    places = [place for d in diagnostics for place in (d.place, *d.others)]
    texts: dict[str, Text] = {}
    for path in {place.span.path for place in places if place.span is not None}:
        file = Path(path)
        if file.is_file() and file.stat().st_size <= LARGEST and file.suffix != ".parquet":
            texts[path] = Text(path, file.read_bytes().decode("utf-8", "replace"))
    return texts


def say(text: str = "") -> None:
    """A line of the result, to stdout."""
    click.echo(text)


def note(text: str) -> None:
    """A line that is not the result, to stderr."""
    click.echo(text, err=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: str = "") -> None:
    """Columns under their heads; `right` holds an `r` for each column that is set to the right (`llr`). A column in
    which nothing stands is left out."""
    body = [[*row] for row in rows]
    kept = [at for at in range(len(head)) if any(row[at] for row in body)]
    right = "".join(right[at : at + 1] or "l" for at in kept)
    listed = [[row[at] for at in kept] for row in ([*head], *body)]
    widths = [max(len(row[at]) for row in listed) for at in range(len(kept))]
    for number, row in enumerate(listed):
        cells = [
            cell.rjust(width) if right[at : at + 1] == "r" else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = "  " + "  ".join(cells).rstrip()
        say(click.style(line, dim=True) if number == 0 and coloured(sys.stdout) else line)


def title(text: str) -> None:
    say()
    say(click.style(text, bold=True) if coloured(sys.stdout) else text)


def grouped(amount: object) -> str:
    """`1,234.50 USD`, of a text `1234.50 USD`."""
    figure, _, unit = str(amount).partition(" ")
    sign, figure = ("-", figure[1:]) if figure.startswith("-") else ("", figure)
    whole, dot, rest = figure.partition(".")
    parts = [whole[max(0, at - 3) : at] for at in range(len(whole), 0, -3)][::-1]
    return f"{sign}{','.join(parts)}{dot}{rest}" + (f" {unit}" if unit else "")


def as_json(value: object) -> None:
    """One document on stdout. Amounts are `{"amount": "12.30", "currency": "USD"}`, all other figures texts."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: object) -> Any:
    """What JSON can hold; keys are the names of the fields."""
    from compengine.actions.figures import Money
    from compengine.values.money import fixed

    match value:
        case Diagnostic():
            return _diagnostic(value)
        case Money():
            return {"amount": fixed(value.amount, value.currency), "currency": value.currency}
        case None | bool() | int():
            return value
        case Enum():
            return value.value
        case str():
            return value
        case Decimal():
            return format(value.normalize() + 0, "f")
        case date() | datetime():
            return value.isoformat()
        case Path():
            return str(value)
        case Mapping():
            return {str(k): plain(v) for k, v in value.items()}
        case tuple() | list():
            return [plain(v) for v in value]
    assert is_dataclass(value), f"{type(value)} has no JSON form"
    return {f.name: plain(getattr(value, f.name)) for f in fields(value)}


def _diagnostic(d: Diagnostic) -> dict[str, Any]:
    span = d.place.span
    return {
        "code": d.code,
        "severity": d.severity.value,
        "message": d.message,
        "help": d.help,
        "path": span.path if span else "",
        "line": span.line if span else 0,
        "column": span.column if span else 0,
        "end_line": span.end_line if span else 0,
        "end_column": span.end_column if span else 0,
        "table": d.place.table,
        "row": d.place.row,
        "in_column": d.place.column,
    }


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr while something goes on, with how many a second and the time left; none where stderr is no
    terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True, speed_estimate_period=120) as bar:
        task = bar.add_task(what, total=None, rate="")

        def tell(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:,.1f} a second" if speed else "")

        yield tell
