"""The company's seal, taken from the file that holds its key, and whether it can be used."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)

from compengine.actions.opened import FOLDER, Opened, shown
from compengine.inputs.schema import Sealing
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span
from compengine.statement.seal import Seal, can_seal

PASSPHRASE = "COMPENGINE_SEAL_PASSPHRASE"
SMALLEST = 2048
"""Bits of an RSA key that others still accept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the files hold: a key, and certificates in any order."""

    key: object
    certificates: tuple[x509.Certificate, ...]


def load_seal(opened: Opened, made: datetime) -> Seal | None:
    """The seal of the workspace as its file stands now, for that time; None where it has none.

    Raises `Failed` (E812): pyHanko is not installed; a file cannot be read, or lies among those that are versioned; the
    passphrase is not the key's; key and certificate do not belong together; the certificate is not in force.
    """
    said = opened.workspace.statements.seal
    if said is None:
        return None
    if not can_seal():
        raise _unsealed("statements are to be sealed, and pyHanko is not installed", "pip install 'compengine[seal]'")
    place = _place(opened, said.key)
    kept = _kept(opened, said, place)
    key = _usable(kept.key, place)
    own = _own(key, kept.certificates, place, said)
    _in_force(own, made, place)
    above = tuple(c.public_bytes(Encoding.DER) for c in kept.certificates if c != own)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Seal(secret, own.public_bytes(Encoding.DER), above, made)


def certificates_in(file: Path) -> list[bytes]:
    """The certificates of a PEM or DER file, DER each; raises `Failed` (E101) where it holds none."""
    fault = "it holds no certificate"
    try:
        content = file.read_bytes()
        pem = b"-----BEGIN" in content
        found = x509.load_pem_x509_certificates(content) if pem else [x509.load_der_x509_certificate(content)]
        return [each.public_bytes(Encoding.DER) for each in found]
    except OSError as error:
        fault = f"the file cannot be read: {error.strerror}"
    except ValueError:
        pass
    raise Failed([Diagnostic("E101", fault, Place(Span(shown(file), 1, 1, 1, 1)))])


def _place(opened: Opened, named: str) -> Path:
    """Where a file of the seal lies: never among those of the workspace that others get to see."""
    path = (opened.root / Path(named).expanduser()).resolve()
    root = opened.root.resolve()
    if path.is_relative_to(root) and not path.is_relative_to(root / FOLDER):
        help = f"keep it outside of the workspace, or in {FOLDER}, which is not versioned"
        raise _unsealed(f"the key of the seal, {named}, lies among the files of the workspace", help)
    return path


def _kept(opened: Opened, said: Sealing, place: Path) -> Kept:
    content = _content(place, "key")
    passphrase = os.environ.get(PASSPHRASE, "").encode()
    if b"-----BEGIN" in content:
        found = _pem_key(content, passphrase, place), _pem_certificates(content)
    else:
        found = _p12(content, passphrase, place)
    more: tuple[x509.Certificate, ...] = ()
    if said.certificate:
        beside = (opened.root / Path(said.certificate).expanduser()).resolve()
        more = _pem_certificates(_content(beside, "certificate"))
    return Kept(found[0], tuple(dict.fromkeys((*found[1], *more))))


def _content(place: Path, what: str) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        help = f"statements: seal: {what} in the workspace file says where it is"
        raise _unsealed(f"the {what} of the seal, {shown(place)}, cannot be read: {error.strerror}", help) from error


def _pem_key(content: bytes, passphrase: bytes, place: Path) -> object:
    locked = b"ENCRYPTED" in content
    try:
        return load_pem_private_key(content, passphrase if locked else None)
    except (ValueError, TypeError) as error:
        raise _not_opened(place, locked) from error


def _p12(content: bytes, passphrase: bytes, place: Path) -> tuple[object, tuple[x509.Certificate, ...]]:
    try:
        key, own, above = pkcs12.load_key_and_certificates(content, passphrase or None)
    except (ValueError, TypeError) as error:
        raise _not_opened(place, True) from error
    return key, (*((own,) if own else ()), *above)


def _not_opened(place: Path, locked: bool) -> Failed:
    if not locked:
        return _unsealed(f"{shown(place)} holds no key that can be read", "it is a PKCS#12 file, or a PEM file")
    if not os.environ.get(PASSPHRASE):
        return _unsealed(f"{shown(place)} asks for a passphrase", f"set {PASSPHRASE}; it is never in a file")
    return _unsealed(
        f"{shown(place)} cannot be opened with that passphrase", f"{PASSPHRASE} holds another, or the file is damaged"
    )


def _pem_certificates(content: bytes) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(content))
    except ValueError:
        return ()


def _usable(key: object, place: Path) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if isinstance(key, ec.EllipticCurvePrivateKey) or (isinstance(key, rsa.RSAPrivateKey) and key.key_size >= SMALLEST):
        return key
    help = f"RSA with {SMALLEST} bits or more, or a key on a NIST curve"
    raise _unsealed(f"{shown(place)} holds no key that a viewer of PDFs takes", help)


def _own(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    certificates: tuple[x509.Certificate, ...],
    place: Path,
    said: Sealing,
) -> x509.Certificate:
    """The certificate of the key."""
    if not certificates:
        raise _unsealed(f"there is no certificate for {shown(place)}", "name its PEM file: certificate, beside key")
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    mine = key.public_key().public_bytes(*form)
    for each in certificates:
        if each.public_key().public_bytes(*form) == mine:
            return each
    where = said.certificate or shown(place)
    named = certificates[0].subject.rfc4514_string()
    help = "name the certificate that was issued for this key"
    raise _unsealed(f"the key in {shown(place)} and the certificate of {named} in {where} do not belong together", help)


def _in_force(own: x509.Certificate, made: datetime, place: Path) -> None:
    first, last = own.not_valid_before_utc, own.not_valid_after_utc
    if not first <= made <= last:
        when = f"expired on {last:%Y-%m-%d}" if made > last else f"is valid from {first:%Y-%m-%d} on"
        raise _unsealed(
            f"the certificate of the seal in {shown(place)} {when}", "have a new one issued, and name its files"
        )


def _unsealed(what: str, help: str) -> Failed:
    return Failed([Diagnostic("E812", what, help=help)])
