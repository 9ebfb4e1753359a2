"""A printed statement checked from nothing but its file: no workspace, no database, at most a file of checkpoints."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from compengine.actions.figures import Money
from compengine.actions.opened import read_text, shown
from compengine.actions.sealing import certificates_in
from compengine.ledger.checkpoint import Checkpoint, read_checkpoints
from compengine.ledger.leaves import read_salt, salted_hash
from compengine.ledger.signing import Known, is_signed, read_keys
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.statement import figures
from compengine.statement.asprinted import is_as_printed
from compengine.statement.data import from_json
from compengine.statement.language import DEFAULT, language
from compengine.statement.pagecheck import differing
from compengine.statement.proof import DATA, PROOF, Proof, from_bytes, unproven
from compengine.statement.reading import NotRead, Pages, read_pdf
from compengine.statement.recheck import posted, read_lines, recomputed
from compengine.statement.sealcheck import Parts, SealFound, look_at, parts
from compengine.statement.view import StatementView
from compengine.values.digest import sha256_hex, verify_inclusion

KEPT = "name a copy of checkpoints.txt, as it stands beside the ledger"
KEY = "name a copy of checkpoint.pub, as it was handed out"

ANEW = "the file was changed, or saved anew, by another program: do not read its pages, they may show anything"


@dataclass(frozen=True, slots=True)
class ProvenStatement:
    """`digest` is the SHA-256 of the file; `rows` were multiplied again, `posted` are those of the proof. `checkpoint`
    is the one it belongs to (0: a preview), `compared` says that a file of checkpoints was given, `kept` that it stands
    so in there, whatever else is wrong, `signed` that the key given signed it and nothing is wrong. `as_printed`: no
    other program has written the file anew. `seal` is None where the file has none. `diagnostics` is empty
    where all is proven."""

    file: Path
    digest: str
    number: str
    payee: str
    period: str
    status: str
    run: str
    checkpoint: int
    head: str
    payable: tuple[Money, ...]
    rows: int
    posted: int
    pages: int
    compared: bool
    kept: bool
    signed: bool
    as_printed: bool
    seal: SealFound | None
    diagnostics: tuple[Diagnostic, ...]


def prove(
    file: Path, checkpoints: Path | None = None, key: Path | None = None, trust: Path | None = None
) -> ProvenStatement:
    """Everything that the file can tell against itself. `trust` is a file of certificates, one of which must stand
    behind its seal.

    Raises `Failed`: E805 where it is no statement of ours; E804 where its data cannot be read; E101 for the rest.
    """
    content = _bytes(file)
    found = parts(content)
    pages = _pages(file, found.statement)
    if DATA not in pages.files:
        raise Failed([unproven(f"{shown(file)} encloses no {DATA}: it is not a statement, or an old one")])
    view = from_json(pages.files[DATA], f"{shown(file)}: {DATA}")
    count, faults = recomputed(view)
    wrong = [f"{what} is {_plainly(is_)}, and must be {_plainly(due)}" for what, is_, due in faults]
    wrong += [*pages.odd, *differing(view, pages.texts)]
    seal = look_at(found, certificates_in(trust) if trust is not None else None) if found.seal else None
    wrong += _against_seal(found, seal, trust is not None)
    proof, rows = None, 0
    if PROOF in pages.files:
        proof = from_bytes(pages.files[PROOF], pages.files[DATA])
        said, rows = _against_proof(view, proof)
        wrong += said
    elif view.audit.checkpoint or view.status != "Preview":
        wrong.append(f"it says that it is {view.status.lower()} and encloses no {PROOF}")
    known = _known(checkpoints) if checkpoints is not None else None
    public = _key(key) if key is not None else None
    wrong += _against_kept(proof, known, public)
    as_printed = is_as_printed(found.statement)
    if not as_printed:
        wrong.append(ANEW if wrong else f"rows and data are proven; {ANEW}")
    return ProvenStatement(
        file=file,
        digest=sha256_hex(content),
        number=view.number,
        payee=view.person.id,
        period=view.period.label,
        status=view.status,
        run=view.audit.run,
        checkpoint=view.audit.checkpoint,
        head=view.audit.ledger,
        payable=tuple(Money(f.value, f.unit) for f in view.answer),
        rows=count,
        posted=rows,
        pages=len(pages.texts),
        compared=known is not None,
        kept=proof is not None and known is not None and _stands(view, proof, known),
        signed=proof is not None and public is not None and not wrong,
        as_printed=as_printed,
        seal=seal,
        diagnostics=tuple(unproven(each) for each in wrong),
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise Failed([unproven(f"{shown(file)} cannot be read: {fault.strerror}")]) from fault


def _pages(file: Path, content: bytes) -> Pages:
    try:
        return read_pdf(content)
    except NotRead as fault:
        raise Failed([unproven(f"{shown(file)} is not a statement as it was written: {fault}")]) from fault


def _against_seal(found: Parts, seal: SealFound | None, asked: bool) -> list[str]:
    """What the seal says otherwise; `asked`: a certificate was given that must stand behind it."""
    if seal is None:
        return ["it has no seal"] if asked else []
    wrong = [] if seal.whole else [f"{len(found.behind):,} bytes were appended behind the seal"]
    if seal.sound is False:
        wrong.append("its seal does not fit: the file was changed after it was sealed, or the signature is damaged")
    elif asked and not seal.trusted:
        known = seal.sound is not None
        told = f"its seal is by {seal.owner}, whom no certificate given vouches for"
        wrong.append(told if known else "its seal cannot be checked without pyHanko: pip install 'compengine[seal]'")
    return wrong


def _against_proof(view: StatementView, proof: Proof) -> tuple[list[str], int]:
    """What the rows posted and the checkpoint say otherwise, and how many rows there are."""
    audit, wrong = view.audit, []
    for what, said, due in (
        ("run", audit.run, proof.run),
        ("checkpoint", str(audit.checkpoint), str(proof.seq)),
        ("head", audit.ledger, proof.head),
    ):
        if said != due:
            wrong.append(f"its {what} is {said}, and {due} in its proof")
    wrong += _in_checkpoint(proof)
    if not proof.text:
        return wrong + posted(view, []), 0
    try:
        lines = read_lines(proof.text)
        path = [bytes.fromhex(step) for step in proof.path]
        root = bytes.fromhex(proof.root)
        leaf = salted_hash(read_salt(proof.salt), proof.text.encode())
    except ValueError as fault:
        return [*wrong, f"its proof cannot be read: {fault}"], 0
    if not verify_inclusion(leaf, proof.index, proof.size, path, root):
        wrong.append("its rows are not among those of the posting: the path does not lead to the root")
    return wrong + posted(view, lines), len(lines)


def _in_checkpoint(proof: Proof) -> list[str]:
    """What the checkpoint that is enclosed says otherwise."""
    found, rest = read_checkpoints(proof.checkpoint)
    if len(found) != 1 or rest:
        return ["it encloses no checkpoint"]
    one = found[0]
    said = dict(one.about)
    due = {"id": proof.run, "state": "posted", "content": proof.content, "rows": proof.root}
    wrong = [f"the checkpoint says {name} {said.get(name, 'nothing')}" for name in due if said.get(name) != due[name]]
    if (one.seq, one.head) != (proof.seq, proof.head):
        wrong.append(f"the checkpoint enclosed is {one.seq} {one.head}")
    return wrong


def _stands(view: StatementView, proof: Proof, known: list[Checkpoint]) -> bool:
    """Whether the checkpoint that the statement names is the enclosed one, and is among those that were kept."""
    enclosed, _ = read_checkpoints(proof.checkpoint)
    named = (view.audit.checkpoint, view.audit.ledger)
    return any((e.seq, e.head) == named and c.body == e.body for c in known for e in enclosed)


def _against_kept(proof: Proof | None, known: list[Checkpoint] | None, public: Sequence[Known] | None) -> list[str]:
    """What the checkpoints that were kept outside say otherwise, and whether the key signed."""
    if proof is None:
        return ["a preview belongs to no checkpoint"] if known is not None or public is not None else []
    enclosed, _ = read_checkpoints(proof.checkpoint)
    wrong = []
    if known is not None and not any(c.body == e.body for c in known for e in enclosed):
        wrong.append(f"checkpoint {proof.seq} does not stand so in the file that was kept")
    if public is not None:
        wrong += [f"checkpoint {c.seq} is not signed with the key" for c in enclosed if not is_signed(public, c)]
        if known is not None:
            bad = [c.seq for c in known if not is_signed(public, c)]
            wrong += [f"checkpoint {seq} of the file that was kept is not signed with the key" for seq in bad]
    return wrong


def _known(file: Path) -> list[Checkpoint]:
    found, rest = read_checkpoints(read_text(file).content)
    if rest or not found:
        raise Failed([Diagnostic("E101", f"{shown(file)} is not a file of checkpoints", help=KEPT)])
    return found


def _key(file: Path) -> tuple[Known, ...]:
    try:
        return read_keys(read_text(file).content)
    except ValueError as fault:
        raise Failed([Diagnostic("E101", f"{shown(file)}: {fault}", help=KEY)]) from fault


def _plainly(amount: Decimal) -> str:
    return figures.number(language(DEFAULT), amount, 2)
