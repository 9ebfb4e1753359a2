"""Checkpoints: a signed line of text for every step of the ledger, to be kept outside the database.

A checkpoint is plain text. The first three lines are its origin, the number of rows of the chain and the hash it
ends with; then come lines `name value` about the step that was taken; the last is `previous`, the SHA-256 of the
whole checkpoint before it (64 zeros for the first). After an empty line stands the signature, in the form of a signed
note: `— compengine`, and in Base64 the four bytes of the key's number and the 64 of an Ed25519 signature over all
lines up to the empty one. One more empty line ends it, and a file of checkpoints is one after another.

    compengine/acme
    14
    9d0c…
    kind run
    id 41cf09a4e2c7
    state posted
    …
    previous 5f7a…

    — compengine 8Jm1…

Everything but the signature follows from the ledger, and Ed25519 gives the same signature each time: a checkpoint that
could not be written is made again, byte for byte, from the ledger and the key.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compengine.ledger.chain import GENESIS
from compengine.ledger.queries import Posting, read_postings
from compengine.ledger.runs import RunRecord, find_runs, pairs_text
from compengine.ledger.store.tables import CHAINED, EVENTS, REGISTER

SIGNER = "compengine"
ORIGIN = "compengine/"
_BLOCK = re.compile(r"((?:[^\n]+\n){4,})\n— compengine ([A-Za-z0-9+/]{91}=)\n\n")
_HEX = re.compile(r"[0-9a-f]{64}")
_KEY_BYTES, _SIGNATURE_BYTES = 4, 64


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ledger: an event of a run, or a row of the register. `about` are (name, value), in order."""

    seq: int
    hash: str
    about: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`signature` is over the UTF-8 of `body`; `key` is the number of the key that made it."""

    body: str
    key: bytes
    signature: bytes

    @property
    def text(self) -> str:
        note = base64.b64encode(self.key + self.signature).decode()
        return f"{self.body}\n— {SIGNER} {note}\n\n"

    @property
    def digest(self) -> str:
        """What the next checkpoint names as `previous`."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def origin(self) -> str:
        return self.body.split("\n")[0]

    @property
    def seq(self) -> int:
        return int(self.body.split("\n")[1])

    @property
    def head(self) -> str:
        return self.body.split("\n")[2]

    @property
    def previous(self) -> str:
        return self.body.split("\n")[-2].removeprefix("previous ")

    @property
    def about(self) -> tuple[tuple[str, str], ...]:
        lines = (line.partition(" ") for line in self.body.split("\n")[3:-2])
        return tuple((name, value) for name, _, value in lines)


def body_of(origin: str, step: Step, previous: str) -> str:
    """The lines that are signed; `origin` is the name of the workspace, `previous` the digest of the one before."""
    lines = [f"{ORIGIN}{origin}", str(step.seq), step.hash]
    lines += [f"{name} {value}" for name, value in step.about]
    return "\n".join([*lines, f"previous {previous}"]) + "\n"


def key_number(public: bytes) -> bytes:
    """Four bytes that tell keys apart, as signed notes have them; `public` are the 32 bytes of an Ed25519 key."""
    return hashlib.sha256(SIGNER.encode() + b"\n\x01" + public).digest()[:_KEY_BYTES]


def read_checkpoints(text: str) -> tuple[list[Checkpoint], str]:
    """The checkpoints of a file, and what follows the last whole one: nothing, unless writing it was interrupted, or it
    is not a file of checkpoints. Signatures and `previous` are not looked at here."""
    found: list[Checkpoint] = []
    place = 0
    while match := _BLOCK.match(text, place):
        lines = match[1].split("\n")
        whole = lines[0].startswith(ORIGIN) and re.fullmatch("[1-9][0-9]{0,17}", lines[1]) is not None
        linked = lines[-2].startswith("previous ") and _HEX.fullmatch(lines[-2].removeprefix("previous "))
        if not (whole and _HEX.fullmatch(lines[2]) and linked):
            break
        note = base64.b64decode(match[2])
        one = Checkpoint(match[1], note[:_KEY_BYTES], note[_KEY_BYTES:])
        if one.text != match[0]:  # Base64 leaves two bits free
            break
        found.append(one)
        place = match.end()
    return found, text[place:]


def broken_links(found: Iterable[Checkpoint]) -> list[int]:
    """The numbers of checkpoints that do not follow the one that stands before them. The first may follow any."""
    wrong, before = [], None
    for one in found:
        if before is not None and (one.previous != before.digest or one.seq <= before.seq):
            wrong.append(one.seq)
        before = one
    return wrong


def faults(connection: sa.Connection, found: Iterable[Checkpoint]) -> list[tuple[int, str]]:
    """What the checkpoints say otherwise than the ledger, or than each other, as (number of the row, what)."""
    found = list(found)
    wrong = [(seq, "does not follow the one before it") for seq in broken_links(found)]
    there = {step.seq: step for step in steps(connection)}
    for one in found:
        step = there.get(one.seq)
        if step is None:
            wrong.append((one.seq, "the ledger has no such step"))
        elif step.hash != one.head:
            wrong.append((one.seq, f"was made of a row with the hash {one.head}, and there is {step.hash}"))
        elif step.about != one.about:
            wrong.append((one.seq, "says something else than its row"))
    return sorted(wrong)


def steps(connection: sa.Connection, after: int = 0) -> list[Step]:
    """The steps behind the row of that number, in order of the chain."""
    events = sa.select(EVENTS).where(EVENTS.c.seq > after).order_by(EVENTS.c.seq)
    register = sa.select(REGISTER).where(REGISTER.c.seq > after).order_by(REGISTER.c.seq)
    happened, decided = connection.execute(events).all(), connection.execute(register).all()
    if not happened and not decided:
        return []
    runs = {run.id: run.record for run in find_runs(connection)} if happened else {}
    postings = {p.number: p for p in read_postings(connection)} if happened else {}
    found = [Step(row.seq, row.hash, about_register(row._asdict())) for row in decided]
    for row in happened:
        about = about_event(row._asdict(), runs.get(row.run), postings.get(row.posting))
        found.append(Step(row.seq, row.hash, about))
    return sorted(found, key=lambda step: step.seq)


def hash_at(connection: sa.Connection, seq: int) -> str:
    """The hash of the row of that number; empty where there is none. Of number 0, 64 zeros."""
    if seq == 0:
        return GENESIS
    for table in CHAINED:
        found = connection.execute(sa.select(table.c.hash).where(table.c.seq == seq)).scalar_one_or_none()
        if found is not None:
            return str(found)
    return ""


def about_event(
    row: Mapping[str, str], record: RunRecord | None, posting: Posting | None
) -> tuple[tuple[str, str], ...]:
    """What a checkpoint says of an event, given by column."""
    about = [("kind", "run"), ("id", row["run"]), ("state", row["kind"]), ("actor", row["actor"])]
    about += [("time", row["time"]), ("content", row["content"]), ("document", row["document"])]
    if record is not None:
        about += [("calendar", record.calendar), ("period", record.period.label), ("entitlement", record.entitlement)]
        about += [("payable", pairs_text(dict(record.totals)))]
    if posting is not None:
        about += [("posting", str(posting.number)), ("rows", posting.rows_root), ("totals", posting.totals)]
    return _filled(about)


def about_register(row: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What a checkpoint says of a row of the register, given by column."""
    return _filled((name, row[name]) for name in ("kind", "id", "state", "actor", "time", "calendar"))


def _filled(about: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _one_line(value)) for name, value in about if value)


def _one_line(text: str) -> str:
    """On one line, without spaces at its ends; the hash covers the text as it is."""
    return " ".join(text.split()) or "-"
