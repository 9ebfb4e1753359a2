"""`compengine test`."""

import sys
from pathlib import Path

import click

from compengine.cli.output import FORMAT, as_json, progress, report, say
from compengine.cli.place import start


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("-k", "containing", default="", metavar="TEXT", help="Only cases whose name or path holds TEXT.")
@click.option("--write", is_flag=True, help="Fill in what is missing or wrong under `then`; look at the difference.")
@FORMAT
@click.pass_context
def test(ctx: click.Context, paths: tuple[Path, ...], containing: str, write: bool, form: str) -> None:
    """Run the cases beside the plans, or those at PATHS: given these rows, these cents.

    Each case is computed by both engines, which must agree with the case and with each other. Exit code 1 where a
    figure is another.
    """
    from compengine.actions.cases import run_cases
    from compengine.actions.opened import find_root, open_workspace

    first = paths[0].resolve() if paths else start(ctx)
    opened = open_workspace(find_root(first if first.is_dir() else first.parent))
    with progress("cases") as told:
        results = run_cases(opened, paths, containing=containing, write=write, progress=told)
    failed = [r for r in results if not r.passed]
    if form == "json":
        as_json({"ok": not failed, "cases": results})
        ctx.exit(1 if failed else 0)
    for result in results:
        verdict, edited = "ok  " if result.passed else "FAIL", "  (written)" if result.written else ""
        say(f"{verdict}  {result.path}: {result.name}{edited}")
    for result in failed:
        say()
        report(result.diagnostics, sys.stdout)
    say()
    figures = sum(r.figures for r in results)
    said = f"{len(failed)} failed" if failed else "all passed"
    say(f"{len(results)} case{'s' if len(results) != 1 else ''}, {figures} figures: {said}")
    ctx.exit(1 if failed else 0)
