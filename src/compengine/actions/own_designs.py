"""Which designs of statements a workspace has of its own, or names."""

from compengine.actions.opened import Opened

FOLDER = "statements"
FILES = ("statement.html", "statement.css")


def own_designs(opened: Opened) -> list[str]:
    """Folders of `statements` that hold a template, or a part of one."""
    folder = opened.root / FOLDER
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if p.is_dir() and any((p / file).is_file() for file in FILES))


def any_to_try(opened: Opened) -> bool:
    """Whether there is anything about designs that could be wrong."""
    settings = opened.workspace.statements
    logo = settings.brand.logo or any(e.brand.logo for e in opened.workspace.entities.values())
    return bool(own_designs(opened) or settings.design != "standard" or logo)
