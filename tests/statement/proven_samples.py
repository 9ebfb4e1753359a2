"""Statements with proofs, made as the printer makes them, and forged ones."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import polars as pl

from compengine.ledger.checkpoint import Checkpoint, Step, body_of
from compengine.ledger.leaves import in_order, posted_leaves, posted_root
from compengine.ledger.posting import POSTED_EARNING
from compengine.ledger.signing import Key, sign
from compengine.statement.build import assemble
from compengine.statement.facts import Facts
from compengine.statement.pdf import statement_pdf
from compengine.statement.proof import Proof, enclosures
from compengine.statement.templates import load_template
from compengine.statement.view import StatementView
from compengine.values.frames import to_frame
from compengine.values.rows import Earning

TEMPLATE = load_template()
CONTENT = sha256(b"content").hexdigest()
SECRET = bytes(range(32))


def key(seed: int) -> Key:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = bytes([seed]) * 32
    return Key(secret, Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


OURS, FOREIGN = key(1), key(2)


def posted(facts: Facts) -> pl.DataFrame:
    """The rows of the statement, and one of somebody else beside them."""
    mine = to_frame(Earning, [p.row for p in facts.rows])
    signed = mine.with_columns(
        sign=pl.Series([p.sign for p in facts.rows], dtype=pl.Int8), in_period=pl.lit(facts.rows[0].in_period)
    )
    other = signed.head(1).with_columns(payee=pl.lit("bob"))
    return in_order(pl.concat([signed, other]).select(POSTED_EARNING.names()).cast(POSTED_EARNING))


def proof(facts: Facts, rows: pl.DataFrame | None = None, signer: Key = OURS) -> tuple[Proof, Checkpoint]:
    rows = posted(facts) if rows is None else rows
    run, leaf, rooted = facts.run, posted_leaves(rows, SECRET)[facts.payee_id], posted_root(rows, SECRET)
    about = (("kind", "run"), ("id", run.run), ("state", "posted"), ("content", CONTENT), ("rows", rooted))
    checkpoint = sign(signer, body_of("acme", Step(run.checkpoint, run.ledger, about), "0" * 64))
    path = tuple(step.hex() for step in leaf.path)
    made = Proof(
        run.run,
        CONTENT,
        run.checkpoint,
        run.ledger,
        checkpoint.text,
        rooted,
        leaf.text.decode(),
        leaf.salt.hex(),
        leaf.index,
        leaf.size,
        path,
    )
    return made, checkpoint


def printed(facts: Facts, *, shown: StatementView | None = None, told: StatementView | None = None) -> bytes:
    """`shown` stands on the pages, `told` in the data; else what the facts say in both."""
    view = assemble(facts)
    return statement_pdf(shown or view, TEMPLATE, enclosures=enclosures(told or view, proof(facts)[0]))


def higher(view: StatementView, change: Callable[[StatementView], StatementView] | None = None) -> StatementView:
    """The same with 1,000 more paid, and all sums as they must be."""
    bridge = view.bridges[0]
    lines = tuple(
        replace(line, amount=line.amount + 1000)
        if line.total or line.key == "component:enterprise-ae.commission"
        else line
        for line in bridge.lines
    )
    answer = (replace(view.answer[0], value=view.answer[0].value + 1000),)
    one = view.components[0]
    first = one.deals[0].slices[0]
    paid = replace(first, basis=replace(first.basis, value=first.basis.value + 10000), amount=first.amount + 1000)
    paid = replace(paid, unrounded=paid.amount)
    deal = replace(one.deals[0], slices=(paid, *one.deals[0].slices[1:]))
    raised = replace(one, deals=(deal, *one.deals[1:]), subtotal=one.subtotal + 1000)
    accounts = tuple(
        replace(a, movements=tuple((s, m + 1000) for s, m in a.movements), closing=a.closing + 1000)
        if a.account == "payable"
        else a
        for a in view.accounts
    )
    made = replace(
        view,
        bridges=(replace(bridge, lines=lines),),
        answer=answer,
        components=(raised, *view.components[1:]),
        accounts=accounts,
    )
    return change(made) if change else made
