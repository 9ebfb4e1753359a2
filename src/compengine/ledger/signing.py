"""The Ed25519 keys that sign checkpoints: the first made on first use, each kept where only its owner reads it.

`checkpoint.key` holds the first secret, 64 hexadecimal digits, mode 0600; a later one is `checkpoint-NUMBER.key`.
`checkpoint.pub` is to be handed out, a line for each key in turn. The first is `compengine+NUMBER+KEY`, as signed notes
write it: the key's number in hexadecimal digits, and in Base64 a byte 1 and the 32 bytes of the key. Behind a later
key stands ` after ROW BY`: it signs what comes after the row of that number, and BY is the Base64 of the signature by
the key before over the line up to ROW, or `unsigned` where that key was lost.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compengine.inputs.objects import write_content
from compengine.ledger.checkpoint import SIGNER, Checkpoint, key_number

SECRET, PUBLIC, UNSIGNED = "checkpoint.key", "checkpoint.pub", "unsigned"
SALTS_DOMAIN = b"compengine-salts-v1\0"


@dataclass(frozen=True, slots=True)
class Key:
    """An Ed25519 key, 32 bytes each."""

    secret: bytes
    public: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """A public key, 32 bytes, and the number of the row after which it signs: 0 of the first."""

    public: bytes
    after: int = 0


class NoKey(Exception):
    """There is no secret to sign with, or another than the public key belongs to; the text says which."""


def own_key(folder: Path) -> Key:
    """The first key in `folder`, made if there is none. The caller keeps others from making one at the same time.

    Raises `OSError`; `ValueError` where the file holds no key; `NoKey` where the public key alone is there.
    """
    place, public = folder / SECRET, folder / PUBLIC
    if not place.exists():
        if public.exists():
            raise NoKey(f"{SECRET} is gone, and {PUBLIC} is there")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep(place, _made())
    key = _read(place)
    if not public.exists():
        _hand_out(public, public_text(key.public))
    return key


def key_after(folder: Path, row: int) -> Key:
    """The key that signs the step after the row of that number. Raises as `own_key` does; `NoKey` where its secret is
    not there, or belongs to another public key."""
    if not (folder / PUBLIC).exists():
        own_key(folder)
    known = in_force(read_keys((folder / PUBLIC).read_text("ascii")), row + 1)
    number = key_number(known.public).hex()
    place = folder / SECRET if known.after == 0 else folder / f"checkpoint-{number}.key"
    if not place.exists():
        raise NoKey(f"{place.name} is gone")
    key = _read(place)
    if key.public != known.public:
        raise NoKey(f"{place.name} is another key than number {number} in {PUBLIC}")
    return key


def replace_key(folder: Path, row: int) -> tuple[Known, bool]:
    """Make a new key, which signs what comes after the row of that number; whether the key before vouches for it.

    Raises `OSError`, `ValueError`.
    """
    public = folder / PUBLIC
    new = _made()
    text = public.read_text("ascii")
    line = f"{public_text(new.public)} after {row}"
    try:
        old = key_after(folder, row)
        by = base64.b64encode(Ed25519PrivateKey.from_private_bytes(old.secret).sign(line.encode())).decode()
    except NoKey:
        by = UNSIGNED
    _keep(folder / f"checkpoint-{key_number(new.public).hex()}.key", new)
    _hand_out(public, f"{text.rstrip()}\n{line} {by}")
    return Known(new.public, row), by != UNSIGNED


def in_force(known: Sequence[Known], row: int) -> Known:
    """The key that signs the checkpoint of that row."""
    return [one for one in known if one.after < row or one.after == 0][-1]


def sign(key: Key, body: str) -> Checkpoint:
    signature = Ed25519PrivateKey.from_private_bytes(key.secret).sign(body.encode())
    return Checkpoint(body, key_number(key.public), signature)


def posting_secret(key: Key, content: str) -> bytes:
    """The secret of the salts of a posting (`leaves`), 32 bytes; `content` is that of its run. The same key gives the
    same for the same run, and without the key nobody can tell it."""
    return hmac.digest(key.secret, SALTS_DOMAIN + content.encode(), "sha256")


def is_signed(keys: Sequence[Known], checkpoint: Checkpoint) -> bool:
    """Whether the owner of the key that was in force signed it."""
    public = in_force(keys, checkpoint.seq).public
    return checkpoint.key == key_number(public) and _verified(public, checkpoint.signature, checkpoint.body.encode())


def _verified(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_text(public: bytes) -> str:
    return f"{SIGNER}+{key_number(public).hex()}+{base64.b64encode(bytes([1]) + public).decode()}"


def read_public(text: str) -> bytes:
    """The 32 bytes of a key that `public_text` wrote; raises `ValueError`."""
    name, _, rest = text.strip().partition("+")
    number, _, encoded = rest.partition("+")
    try:
        public = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        public = b""
    if name != SIGNER or len(public) != 33 or public[0] != 1 or number != key_number(public[1:]).hex():
        raise ValueError("not a public key of checkpoints")
    return public[1:]


def read_keys(text: str) -> tuple[Known, ...]:
    """The keys of a `checkpoint.pub`, the first first; raises `ValueError`, also where one is not vouched for by the
    signature that it has."""
    first, *later = text.strip().split("\n")
    found = [Known(read_public(first))]
    for line in later:
        said, _, by = line.rpartition(" ")
        named, _, row = said.partition(" after ")
        if not row.isdecimal() or int(row) < found[-1].after:
            raise ValueError("not a list of public keys of checkpoints")
        try:
            vouched = by == UNSIGNED or _verified(found[-1].public, base64.b64decode(by, validate=True), said.encode())
        except binascii.Error:
            vouched = False
        if not vouched:
            raise ValueError(f"the key before it does not vouch for {named}")
        found.append(Known(read_public(named), int(row)))
    return tuple(found)


def _made() -> Key:
    return _key(Ed25519PrivateKey.generate().private_bytes_raw())


def _read(place: Path) -> Key:
    return _key(bytes.fromhex(place.read_text("ascii")))


def _keep(place: Path, key: Key) -> None:
    write_content(place, f"{key.secret.hex()}\n".encode())


def _hand_out(public: Path, text: str) -> None:
    write_content(public, f"{text}\n".encode())
    public.chmod(0o644)


def _key(secret: bytes) -> Key:
    return Key(secret, Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())
