"""The Ed25519 key that signs checkpoints: made on first use, kept where only its owner reads it.

`checkpoint.key` holds the secret, 64 hexadecimal digits, mode 0600. `checkpoint.pub` is to be handed out:
`compengine+NUMBER+KEY`, as signed notes write it: the key's number in hexadecimal digits, and in Base64 a byte 1 and
the 32 bytes of the key.
"""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compengine.inputs.objects import write_whole
from compengine.ledger.checkpoint import SIGNER, Checkpoint, key_number

SECRET, PUBLIC = "checkpoint.key", "checkpoint.pub"


@dataclass(frozen=True, slots=True)
class Key:
    """An Ed25519 key, 32 bytes each."""

    secret: bytes
    public: bytes


def own_key(folder: Path) -> Key:
    """The key in `folder`, made if there is none. The caller keeps others from making one at the same time.

    Raises `OSError`; `ValueError` where the file holds no key.
    """
    place = folder / SECRET
    if not place.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = Ed25519PrivateKey.generate().private_bytes_raw()
        write_whole(place, lambda part: _put(part, secret.hex() + "\n"))
    key = _key(bytes.fromhex(place.read_text("ascii")))
    public = folder / PUBLIC
    if not public.exists():
        write_whole(public, lambda part: _put(part, public_text(key.public) + "\n"))
        public.chmod(0o644)
    return key


def sign(key: Key, body: str) -> Checkpoint:
    signature = Ed25519PrivateKey.from_private_bytes(key.secret).sign(body.encode())
    return Checkpoint(body, key_number(key.public), signature)


def is_signed(public: bytes, checkpoint: Checkpoint) -> bool:
    """Whether the owner of that key signed it."""
    if checkpoint.key != key_number(public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(checkpoint.signature, checkpoint.body.encode())
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


def _key(secret: bytes) -> Key:
    return Key(secret, Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


def _put(path: Path, text: str) -> None:
    path.write_text(text, "ascii")
