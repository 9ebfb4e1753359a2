"""The designs of statements that a workspace has or names: whether they hold."""

from compengine.actions.opened import Opened, shown
from compengine.actions.own_designs import FILES, FOLDER, own_designs
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.statement.templates import branded, load_template
from compengine.statement.trial import try_template


def check_designs(opened: Opened) -> tuple[Diagnostic, ...]:
    """Each design of the workspace tried on made-up statements, and the design and brand that the workspace names."""
    settings, names = opened.workspace.statements, own_designs(opened)
    found: list[Diagnostic] = []
    for name in dict.fromkeys([*names, settings.design]):
        folder = opened.root / FOLDER / name
        missing = [file for file in FILES if name in names and not (folder / file).is_file()]
        if missing:
            help = "A design is both files; copy the other one from a shipped design."
            found.append(Diagnostic("E802", f"{shown(folder)} has no {missing[0]}", help=help))
            continue
        try:
            template = branded(load_template(name, opened.root / FOLDER), settings.brand, opened.root)
            for entity in opened.workspace.entities.values():
                branded(template, entity.brand, opened.root)
        except Failed as failed:
            found += failed.diagnostics
            continue
        if name in names:
            found += try_template(template)
    return tuple(dict.fromkeys(found))
