"""`compengine init`."""

from pathlib import Path

import click

from compengine.cli.output import say


@click.command()
@click.argument("folder", required=False, default=".", type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--demo", is_flag=True, help="A made-up company of 57 people with six months of data.")
@click.option("--seed", type=int, default=None, metavar="N", help="Another made-up company; the same N gives the same.")
def init(folder: Path, demo: bool, seed: int | None) -> None:
    """Make a workspace in DIR (default: here), which must be empty or not there.

    It holds compengine.yaml, plans with their cases, and data to load. Nothing is ever overwritten (E707).
    """
    from compengine.actions.start import SEED
    from compengine.actions.start import init as action

    if seed is not None and not demo:
        raise click.UsageError("--seed goes with --demo.")
    started = action(folder, demo=demo, seed=SEED if seed is None else seed)
    what = "demo company" if demo else "workspace"
    say(f"{what} in {started.folder}: {started.files} files")
    say()
    say("Next:")
    if str(folder) != ".":
        say(f"  cd {started.folder}")
    say("  compengine check")
    say("  compengine test")
    say(f"  compengine load data{'/start' if demo else ''}")
