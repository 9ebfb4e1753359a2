"""`compengine checkpoint`."""

import click

from compengine.cli.output import AS, FORMAT, as_json, say
from compengine.cli.place import now, the_workspace


@click.command()
@click.option("--new-key", "replace", is_flag=True, help="Sign with a new key from here on.")
@AS
@FORMAT
@click.pass_context
def checkpoint(ctx: click.Context, replace: bool, actor: str, form: str) -> None:
    """Print the last checkpoint of the ledger, to be kept outside.

    With --new-key, a new key takes the place of the one that signs checkpoints, which signs it: hand checkpoint.pub out
    again, and whoever has the old one can follow. Where the old secret is lost, nobody vouches for the new key: tell
    those who keep the old one yourself. Where it is known who acts, the new key's first checkpoint says who made it.
    """
    from compengine.actions.keys import last_checkpoint, new_key
    from compengine.actions.opened import shown

    opened = the_workspace(ctx)
    if not replace:
        text = last_checkpoint(opened)
        as_json({"checkpoint": text}) if form == "json" else say(text.rstrip("\n"))
        return
    done = new_key(opened, actor, now())
    if form == "json":
        as_json(done)
        return
    by = "the key before vouches for it" if done.vouched else "the key before is lost: NOBODY VOUCHES FOR IT"
    say(f"key {done.number} signs checkpoints after row {done.after}; {by}")
    if done.record:
        say(f"on record as {done.record}")
    say(f"hand out again: {shown(done.file)}")
