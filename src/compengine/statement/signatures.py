"""Signatures by pyHanko, an extra: this module is imported where a seal is made or checked, and nowhere else."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO

from asn1crypto.keys import PrivateKeyInfo  # type: ignore[import-untyped]
from asn1crypto.x509 import Certificate  # type: ignore[import-untyped]
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

logging.getLogger("pyhanko").addHandler(logging.NullHandler())
"""What it finds wrong is said by us, in one line."""


@dataclass(frozen=True, slots=True)
class Examined:
    """`certificate` is the signer's, DER; `sound`: the signature fits the bytes, by its key; `trusted`: a certificate
    that was given stands behind it."""

    certificate: bytes
    sound: bool
    trusted: bool


def signed(key: bytes, certificate: bytes, chain: tuple[bytes, ...], digest: bytes) -> bytes:
    """The signature (CMS, DER) on a SHA-256, with the certificates. It says no time: in PAdES the file does."""
    return bytes(asyncio.run(_signer(key, certificate, chain).async_sign(digest, "sha256", use_pades=True)).dump())


@lru_cache(maxsize=2)
def _signer(key: bytes, certificate: bytes, chain: tuple[bytes, ...]) -> SimpleSigner:
    above = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    above.register_multiple([Certificate.load(each) for each in chain])
    return SimpleSigner(Certificate.load(certificate), PrivateKeyInfo.load(key), above)


def examined(content: bytes, trusted: Sequence[bytes], moment: datetime) -> Examined:
    """The one signature of a file, judged as of a moment. Nothing is fetched, so what was revoked is not known. Raises
    whatever a damaged signature makes the library raise."""
    roots = [Certificate.load(each) for each in trusted]
    [signature] = PdfFileReader(BytesIO(content)).embedded_signatures
    context = ValidationContext(trust_roots=roots, moment=moment, best_signature_time=moment, allow_fetching=False)
    usage = KeyUsageConstraints(key_usage=set())
    status = validate_pdf_signature(signature, context, skip_diff=True, key_usage_settings=usage)
    return Examined(status.signing_cert.dump(), bool(status.intact and status.valid), bool(status.trusted))
