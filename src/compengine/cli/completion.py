"""`compengine completion`."""

import click
from click.shell_completion import get_completion_class

from compengine.cli.output import say

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script that completes commands and options.

    bash: compengine completion bash >~/.local/share/bash-completion/completions/compengine
    """
    made = get_completion_class(shell)
    assert made is not None
    say(made(ctx.find_root().command, {}, "compengine", "_COMPENGINE_COMPLETE").source())
