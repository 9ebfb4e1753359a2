"""What a statement encloses to prove itself: the rows posted for the payee, and their way to a signed checkpoint.

Two files belong to a final statement. `statement.json` holds its figures (`data`), `proof.json` the canonical text of
the payee's posted rows and the salt that make a leaf of the posting's Merkle tree, the path from it to the root, the
checkpoint that names the root, and the SHA-256 of `statement.json`. A preview encloses its figures alone.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from compengine.source.diagnostic import Diagnostic, Failed
from compengine.statement.archival import Enclosure
from compengine.statement.data import to_json
from compengine.statement.view import StatementView

FORMAT = "compengine proof 1"
DATA, PROOF = "statement.json", "proof.json"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Proof:
    """`seq` and `head` are the checkpoint's, `checkpoint` its signed text (`ledger.checkpoint`); `salt` and `text`
    are leaf `index` of `size`, `path` leads from it to `root`, lowest first. Salt and hashes are hexadecimal digits.

    Where nothing was posted for the payee, `text` and `salt` are empty and there is no path.
    """

    run: str
    content: str
    seq: int
    head: str
    checkpoint: str
    root: str
    text: str = ""
    salt: str = ""
    index: int = 0
    size: int = 0
    path: tuple[str, ...] = ()


def enclosures(view: StatementView, proof: Proof | None) -> tuple[Enclosure, ...]:
    data = to_json(view)
    made = (Enclosure(DATA, JSON, "The figures of this statement", data),)
    return made if proof is None else (*made, Enclosure(PROOF, JSON, "Their proof", to_bytes(proof, data)))


def to_bytes(proof: Proof, data: bytes) -> bytes:
    tree = {"format": FORMAT, "data": hashlib.sha256(data).hexdigest(), **asdict(proof)}
    return json.dumps(tree, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def from_bytes(content: bytes, data: bytes) -> Proof:
    """Raises `Failed` (E805) where it is not a proof as `to_bytes` writes it, or one of other data."""
    try:
        tree: dict[str, Any] = json.loads(content)
        found = Proof(**{f.name: _as(f.type, tree[f.name]) for f in fields(Proof)})
    except KeyError as fault:
        raise Failed([unproven(f"{PROOF} cannot be read: it has no {fault.args[0]}")]) from fault
    except TypeError as fault:
        raise Failed([unproven(f"{PROOF} cannot be read: {fault}")]) from fault
    except ValueError as fault:
        raise Failed([unproven(f"{PROOF} cannot be read: it is not the text of a proof")]) from fault
    if tree.get("data") != hashlib.sha256(data).hexdigest():
        raise Failed([unproven(f"{DATA} is not the one that {PROOF} was made for")])
    if to_bytes(found, data) != content:
        raise Failed([unproven(f"{PROOF} is not as a proof is written")])
    return found


def _as(kind: object, value: object) -> Any:
    if kind is int and type(value) is int:
        return value
    if kind is str and isinstance(value, str):
        return value
    if kind not in (int, str) and isinstance(value, list) and all(isinstance(step, str) for step in value):
        return tuple(value)
    raise TypeError(f"{str(value)[:40]!r} is no {getattr(kind, '__name__', 'list of texts')}")


def unproven(what: str) -> Diagnostic:
    return Diagnostic("E805", what, help="Ask for the statement again; do not rely on this file.")
