"""A new key for the checkpoints of a workspace's ledger, on purpose; the last checkpoint to keep outside."""

from dataclasses import dataclass
from pathlib import Path

from compengine.actions.checkpoints import catch_up, checkpoint_file, kept_checkpoints, keys_folder
from compengine.actions.opened import Opened, shown
from compengine.ledger.checkpoint import key_number
from compengine.ledger.signing import PUBLIC, NoKey, key_after, replace_key
from compengine.ledger.store.database import exists, open_store
from compengine.source.diagnostic import Diagnostic, Failed, Place


@dataclass(frozen=True, slots=True)
class NewKey:
    """`number` of the key, in hexadecimal digits, which signs what comes after row `after`; `vouched`: the key before
    signed it. `file` is to be handed out again."""

    number: str
    after: int
    vouched: bool
    file: Path


def last_checkpoint(opened: Opened) -> str:
    """The text of the last one, as it stands in the file. Raises `Failed` (E606) where there is none."""
    found = kept_checkpoints(opened)
    if not found:
        message = f"{shown(checkpoint_file(opened))} holds no checkpoint"
        raise Failed([Diagnostic("E606", message, Place(), "compengine calculate --period PERIOD")])
    return found[-1].text


def new_key(opened: Opened) -> NewKey:
    """Put a new key in the place of the one in force. Steps that have no checkpoint yet get it from the key before,
    or, where that is lost, from the new one.

    Raises `Failed`: E606 where there is no checkpoint yet; E609; E617 where a place cannot be written, or the public
    keys are not there.
    """
    last_checkpoint(opened)
    folder = keys_folder(opened)
    try:
        if not (folder / PUBLIC).exists():
            raise ValueError(f"{PUBLIC} is gone: put the key that was handed out there, so that it can be followed")
        key_after(folder, kept_checkpoints(opened)[-1].seq)
        if exists(opened.ledger):
            catch_up(opened, open_store(opened.ledger))
    except NoKey:
        pass  # it is lost: the new one is not vouched for
    except (OSError, ValueError) as error:
        raise _unmade(folder, error) from error
    try:
        made, vouched = replace_key(folder, kept_checkpoints(opened)[-1].seq)
    except (OSError, ValueError) as error:
        raise _unmade(folder, error) from error
    return NewKey(key_number(made.public).hex(), made.after, vouched, folder / PUBLIC)


def _unmade(folder: Path, error: Exception) -> Failed:
    return Failed([Diagnostic("E617", f"no new key can be made in {shown(folder)}: {error}")])
