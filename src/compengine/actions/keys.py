"""A new key for the checkpoints of a workspace's ledger, on purpose; the last checkpoint to keep outside."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from compengine.actions.checkpoints import catch_up, checkpoint_file, kept_checkpoints, keys_folder, open_checked
from compengine.actions.opened import Opened, acting_if_asked, shown
from compengine.inputs.schema import Role
from compengine.ledger.checkpoint import key_number
from compengine.ledger.register import begin
from compengine.ledger.signing import PUBLIC, NoKey, key_after, replace_key
from compengine.ledger.states import require_role
from compengine.ledger.store.database import exists, open_store
from compengine.source.diagnostic import Diagnostic, Failed, Place

KEY = "key"


@dataclass(frozen=True, slots=True)
class NewKey:
    """`number` of the key, in hexadecimal digits, which signs what comes after row `after`; `vouched`: the key before
    signed it. `file` is to be handed out again. `record` is its id in the register, empty where none was made."""

    number: str
    after: int
    vouched: bool
    file: Path
    record: str


def last_checkpoint(opened: Opened) -> str:
    """The text of the last one, as it stands in the file. Raises `Failed` (E606) where there is none."""
    found = kept_checkpoints(opened)
    if not found:
        message = f"{shown(checkpoint_file(opened))} holds no checkpoint"
        raise Failed([Diagnostic("E606", message, Place(), "compengine calculate --period PERIOD")])
    return found[-1].text


def new_key(opened: Opened, actor: str, now: datetime) -> NewKey:
    """Put a new key in the place of the one in force. Steps that have no checkpoint yet get it from the key before,
    or, where that is lost, from the new one. The first that the new key signs is of the record that says who made it,
    where that is known.

    Raises `Failed`: E612 where nobody is named; E613 role; E606 where there is no checkpoint yet; E609; E611; E617
    where a place cannot be written, or the public keys are not there.
    """
    who = acting_if_asked(opened, actor)
    if who:
        require_role(Role.APPROVER, who, opened.workspace.controls)
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
    number, record = key_number(made.public).hex(), ""
    if who and exists(opened.ledger):
        body = {"key": number, "after": str(made.after), "vouched": "yes" if vouched else "no"}
        record = begin(open_checked(opened), KEY, ("", "", ""), body, f"key {number}", who, now).id
    return NewKey(number, made.after, vouched, folder / PUBLIC, record)


def _unmade(folder: Path, error: Exception) -> Failed:
    return Failed([Diagnostic("E617", f"no new key can be made in {shown(folder)}: {error}")])
