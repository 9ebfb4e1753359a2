"""`compengine migrate`."""

import click

from compengine.cli.output import FORMAT, as_json, say
from compengine.cli.place import the_workspace


@click.command()
@click.option(
    "--owner",
    default="",
    envvar="COMPENGINE_OWNER",
    metavar="URL",
    help="On PostgreSQL: the ledger's address for the owner of its tables.",
)
@click.option("--program", default="compengine_app", metavar="ROLE", help="The role that commands connect as.")
@click.option("--payees", default="", metavar="ROLE", help="A role that sees the rows of one payee only.")
@FORMAT
@click.pass_context
def migrate(ctx: click.Context, owner: str, program: str, payees: str, form: str) -> None:
    """Make the tables of the ledger, or bring them up to date, all at once or not at all.

    A ledger in a file is made by the first calculation; after a new version of this program, this brings it up to
    date. A ledger on PostgreSQL is made by this command, by the owner of its tables; the role of the program is given
    the right to insert and to read, and no other.
    """
    from compengine.actions.migrate import migrate as action

    done = action(the_workspace(ctx), owner, program, payees)
    if form == "json":
        as_json(done)
        return
    if done.before == done.after:
        say(f"{done.ledger}: version {done.after} already; its guards and rights are renewed")
    else:
        say(f"{done.ledger}: {f'version {done.before} → ' if done.before else 'made, version '}{done.after}")
