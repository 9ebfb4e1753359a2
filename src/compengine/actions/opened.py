"""A workspace on disk: found from any folder inside it, read, with its objects and its ledger."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from compengine.inputs.objects import Store as Objects
from compengine.inputs.schema import Workspace
from compengine.inputs.workspace import read_workspace
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span, Text

FILE = "compengine.yaml"
FOLDER = ".compengine"
LEDGER_VARIABLE = "COMPENGINE_LEDGER"


@dataclass(frozen=True, slots=True)
class Opened:
    """`root` is the folder that holds the workspace file, `text` that file. With `as_of` the ledger is read as it was
    then (`ledger.past.moment`); nothing is written with it."""

    root: Path
    text: Text
    workspace: Workspace
    as_of: str = ""

    @property
    def objects(self) -> Objects:
        return Objects(self.root / FOLDER / "objects")

    @property
    def ledger(self) -> Path | str:
        """The file of the ledger, or the address of its database on a server: `COMPENGINE_LEDGER`, else the workspace
        file's."""
        named = os.environ.get(LEDGER_VARIABLE) or self.workspace.ledger
        return named if "://" in named else self.root / named


def find_root(start: Path) -> Path:
    """The nearest folder with a workspace file, from `start` upwards; raises `Failed` (E703)."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    message = f"there is no {FILE} in {shown(here)} or a folder above it"
    raise Failed([Diagnostic("E703", message, help="make a workspace with: compengine init DIR")])


def open_workspace(root: Path) -> Opened:
    """Raises `Failed` with every mistake of the workspace file."""
    text = read_text(root / FILE)
    return Opened(root, text, read_workspace(text))


def shown(path: Path) -> str:
    """A path as people type it: from the folder they stand in, if it is not far away."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("../../..") else relative


def read_text(path: Path) -> Text:
    """Exactly the bytes of the file as UTF-8; raises `Failed` (E101)."""
    name = shown(path)
    try:
        return Text(name, path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError:
        fault, help = "the file is not UTF-8", "save it as UTF-8 in your editor"
    except OSError as error:
        fault, help = f"the file cannot be read: {error.strerror}", "name a file that is there and that you may read"
    raise Failed([Diagnostic("E101", fault, Place(Span(name, 1, 1, 1, 1)), help)])


def acting(opened: Opened, actor: str) -> str:
    """Who acts: `actor` where the workspace takes a person's word for it (`controls.act_as`), else who is logged in.

    Raises `Failed` (E612) where nobody is named, or somebody else than who is logged in.
    """
    named = actor.strip()
    if opened.workspace.controls.act_as:
        if not named:
            help = "name yourself with --as NAME, or once with the environment variable COMPENGINE_AS"
            raise Failed([Diagnostic("E612", "the ledger must know who is acting", help=help)])
        return named
    logged_in = pwd.getpwuid(os.getuid()).pw_name
    if named and named != logged_in:
        help = "leave --as and COMPENGINE_AS out, or write act_as: yes under controls in a workspace for trying out"
        raise Failed([Diagnostic("E612", f"you are logged in as {logged_in}, not as {named}", help=help)])
    return logged_in


def acting_if_asked(opened: Opened, actor: str) -> str:
    """The same for what is on record where it is known who acts: nobody, an empty text, in a workspace that gives no
    roles, believes names, and was told none. Raises `Failed` (E612)."""
    controls = opened.workspace.controls
    return "" if controls.act_as and not controls.roles and not actor.strip() else acting(opened, actor)
