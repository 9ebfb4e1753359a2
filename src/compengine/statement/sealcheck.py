"""The seal of a printed statement looked at: what it covers, whose it is, and whether its certificate is trusted.

That a seal adds nothing to the statement is told without any library: it is made again from the statement, with the
time and the signature that it has, and must be the same to the byte. The signature itself is checked by pyHanko.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.x509 import load_der_x509_certificate

from compengine.statement.seal import END, TIME, appendix, by_pyhanko, can_seal

_MADE = re.compile(rb"/SubFilter /ETSI\.CAdES\.detached/M \((D:[0-9]{14}Z)\)")
_CONTENTS = re.compile(rb"/Contents <([0-9a-f]{2,200000})>>>\nendobj\n")


@dataclass(frozen=True, slots=True)
class Parts:
    """A file taken apart: the statement as it was printed, its seal (empty: it has none), and what lies behind it."""

    statement: bytes
    seal: bytes
    behind: bytes
    made: datetime | None = None


@dataclass(frozen=True, slots=True)
class SealFound:
    """`made` is the time that the seal says, `until` the last moment of its certificate. `whole`: it covers the file to
    its end. `sound`: the signature fits the bytes, by the key of that certificate; None where pyHanko is not there to
    tell, and `owner` and `issuer` are empty. `trusted`: None where no certificate was given to trust."""

    owner: str
    issuer: str
    made: datetime
    until: datetime | None
    whole: bool
    sound: bool | None
    trusted: bool | None


def parts(content: bytes) -> Parts:
    """Without a seal where what follows the statement is anything else, which `read_pdf` then finds."""
    end = content.find(END) + len(END)
    last = content.find(END, end) + len(END)
    statement, seal = content[:end], content[end:last]
    made, signature = _MADE.search(seal), _CONTENTS.search(seal)
    if end < len(END) or last < len(END) or made is None or signature is None:
        return Parts(content, b"", b"")
    try:
        time = datetime.strptime(made[1].decode(), TIME).replace(tzinfo=UTC)
        again = appendix(statement, time, len(signature[1]) // 2)
    except ValueError:
        return Parts(content, b"", b"")
    if again.content[: again.start + 1] + signature[1] + again.content[again.end - 1 :] != seal:
        return Parts(content, b"", b"")
    return Parts(statement, seal, content[last:], time)


def look_at(found: Parts, trusted: Sequence[bytes] | None) -> SealFound:
    """`found` has a seal. `trusted` are certificates, DER; the seal's own counts as well as one above it."""
    assert found.made is not None
    whole = not found.behind
    if not can_seal():
        return SealFound("", "", found.made, None, whole, None, None)
    try:
        seen = by_pyhanko().examined(found.statement + found.seal, trusted or (), found.made)
    except Exception:  # whatever a damaged signature makes the library raise
        return SealFound("", "", found.made, None, whole, False, None if trusted is None else False)
    own = load_der_x509_certificate(seen.certificate)
    return SealFound(
        owner=own.subject.rfc4514_string(),
        issuer=own.issuer.rfc4514_string(),
        made=found.made,
        until=own.not_valid_after_utc,
        whole=whole,
        sound=seen.sound,
        trusted=None if trusted is None else seen.trusted,
    )
