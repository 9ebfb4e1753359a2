"""Whatever is changed in the ledger behind our back is found, and the first bad row is named."""

import sqlite3

import pytest
import sqlalchemy as sa
from attacks import attack, rechained
from ledger_world import World

from compengine.ledger import queries
from compengine.ledger.chain import GENESIS, Head, row_hash
from compengine.ledger.checkpoint import hash_at
from compengine.ledger.rowfiles import keep
from compengine.ledger.runs import read_events
from compengine.ledger.states import Event
from compengine.ledger.store.database import reading
from compengine.ledger.store.tables import CHAINED, ENTRIES, columns
from compengine.ledger.verify import LIMIT, verify

COLUMNS = [(table.name, column.name) for table in CHAINED for column in table.columns]


def said(world: World, *known: Head) -> list[str]:
    return [d.message for d in verify(world.store, world.objects, known)]


def test_a_sound_ledger_verifies(world: World) -> None:
    assert said(world, Head(), queries.head(world.store)) == []


def test_a_sound_ledger_verifies_from_every_step_on(world: World) -> None:
    heads = [Head(e.seq, hash) for e, hash in _steps(world)]
    assert len(heads) > 10
    for since in heads:
        assert verify(world.store, world.objects, heads, since) == [], since


@pytest.mark.parametrize("table", [table.name for table in CHAINED if table.name != "register"])
def test_what_stands_after_a_head_is_checked_and_what_stands_before_is_not(world: World, table: str) -> None:
    postings = queries.postings(world.store)
    since = next(Head(e.seq, hash) for e, hash in _steps(world) if e.seq > postings[2].last_seq)
    heads = [Head(e.seq, hash) for e, hash in _steps(world)][:1]
    text = next(
        c.name
        for c in CHAINED[[t.name for t in CHAINED].index(table)].columns
        if c.name in ("actor", "component", "engine")
    )
    for side, found in (("<", False), (">", True)):
        attack(
            world,
            f"UPDATE {table} SET {text} = {text} || 'x'"
            f" WHERE seq = (SELECT max(seq) FROM {table} WHERE seq {side} {since.seq})",
        )
        wrong = [d.message for d in verify(world.store, world.objects, heads, since)]
        assert any("is not what its hash was made from" in line for line in wrong) is found, wrong
    assert verify(world.store, world.objects, [Head(heads[0].seq, "7" * 64)], since)[0].message.startswith(
        f"row {heads[0].seq} is not the one that a head kept outside was made from"
    )
    assert "is not row" in said_since(world, Head(since.seq, "7" * 64))
    assert "the ledger has no such row" in said_since(world, Head(10**6, "7" * 64))


def said_since(world: World, since: Head) -> str:
    return " ".join(d.message for d in verify(world.store, world.objects, (), since))


def _steps(world: World) -> list[tuple[Event, str]]:
    with reading(world.store) as connection:
        return [(event, hash_at(connection, event.seq)) for event in read_events(connection)]


def test_an_empty_ledger_verifies(fresh: World) -> None:
    assert queries.head(fresh.store) == Head(0, GENESIS)
    assert said(fresh) == []


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_change_in_any_column_of_any_table_is_found_at_its_row(filed: World, table: str, column: str) -> None:
    connection = sqlite3.connect(filed.store.path)
    seqs = [seq for (seq,) in connection.execute(f"SELECT seq FROM {table} ORDER BY seq")]
    connection.close()
    victim = seqs[len(seqs) // 2]
    kind = CHAINED[[t.name for t in CHAINED].index(table)].columns[column].type
    new = f"{column} || 'x'" if isinstance(kind, sa.Text) else f"{column} + 100000"
    attack(filed, f'UPDATE {table} SET "{column}" = {new} WHERE seq = {victim}')
    first = verify(filed.store, filed.objects)[0]
    assert first.code == "E609"
    if column == "seq":
        assert "something was removed" in first.message and f" {victim + 1}: " in first.message
    else:
        assert (first.place.table, first.place.row) == (table, str(victim))
        assert "is not what its hash was made from" in first.message or "linked" in first.message


def test_an_entry_that_was_changed_is_named_with_what_it_should_be(world: World) -> None:
    (entry, *_) = queries.entries(world.store, queries.Which(in_period="2026-02", account="held"))
    attack(world, f"UPDATE entries SET amount = amount * 9 WHERE seq = {entry.seq}")
    found = said(world)
    assert found[0] == f"entry {entry.seq}: is not what its hash was made from"
    assert f"entry {entry.seq}: amount is {entry.amount * 9}, and {entry.amount} when derived again" in found
    assert any("not to zero" in line for line in found)


@pytest.mark.parametrize("table", [table.name for table in CHAINED])
def test_a_row_that_was_removed_is_missed(world: World, table: str) -> None:
    victim = f"(SELECT seq FROM {table} ORDER BY seq LIMIT 1 OFFSET 1)"
    attack(world, f"DELETE FROM {table} WHERE seq = {victim}")
    assert "something was removed" in said(world)[0]


def test_rows_that_changed_places_are_found(world: World) -> None:
    first, second = [e.seq for e in queries.entries(world.store)[:2]]
    attack(
        world,
        f"UPDATE entries SET seq = 999 WHERE seq = {first}",
        f"UPDATE entries SET seq = {first} WHERE seq = {second}",
        f"UPDATE entries SET seq = {second} WHERE seq = 999",
    )
    assert said(world)[0] == f"entry {first}: is not linked to the row before it"


def test_text_that_is_not_text_any_more_is_found(filed: World) -> None:
    seq = queries.entries(filed.store)[0].seq
    attack(filed, f"UPDATE entries SET payee = CAST(x'ff41' AS TEXT) WHERE seq = {seq}")
    assert said(filed)[0] == f"entry {seq}: is not what its hash was made from"


def test_a_changed_byte_of_the_file_is_found(filed: World) -> None:
    seq = queries.entries(filed.store)[0].seq
    content = filed.store.path.read_bytes()
    at = content.index(b"earnedanasalescommission")
    filed.store.path.write_bytes(content[: at + 6] + b"b" + content[at + 7 :])
    found = said(filed)
    assert any(line.startswith("entry ") and "hash" in line for line in found), (seq, found)


def test_rewriting_entries_with_right_hashes_does_not_agree_with_the_rows(world: World) -> None:
    known = queries.head(world.store)
    first, second = [
        e.seq for e in queries.entries(world.store, queries.Which(in_period="2026-03", reason="earned"))[:2]
    ]
    attack(world, f"UPDATE entries SET amount = amount * 2 WHERE seq IN ({first}, {second})")
    rechained(world)
    found = said(world)
    assert found[0].startswith(f"entry {first}: amount is ") and "hash" not in found[0]
    assert any("a head kept outside was made from" in line for line in said(world, known))


def test_a_cut_off_end_is_found_only_with_a_head_kept_outside(world: World) -> None:
    known = queries.head(world.store)
    last = "(SELECT max(seq) FROM events WHERE kind = 'calculated')"
    attack(world, *(f"DELETE FROM {t.name} WHERE seq > {last}" for t in CHAINED))
    assert said(world) == []
    (line,) = said(world, known)
    assert f"a head kept outside stands at {known.seq}" in line


@pytest.mark.parametrize("name", ["rows", "earnings", "payables", "settlements"])
@pytest.mark.parametrize("how", ["missing", "damaged", "exchanged"])
def test_an_object_that_is_missing_or_changed_is_found(world: World, name: str, how: str) -> None:
    postings = [p for p in queries.postings(world.store) if p.kind == "post"]
    owners = [p if name == "rows" else queries.run(world.store, p.run).record for p in postings]
    digest, other = (getattr(owner, name) for owner in owners[1:])
    place = world.objects.place(digest)
    match how:
        case "missing":
            place.unlink()
        case "damaged":
            place.write_bytes(place.read_bytes()[:-9])
        case "exchanged":
            other = (
                postings[2].rows if name == "rows" else getattr(queries.run(world.store, postings[2].run).record, name)
            )
            place.write_bytes(world.objects.place(other).read_bytes())
    first = said(world)[0]
    assert first.startswith(f"posting {postings[1].seq}: ") and digest in first


def test_a_rewritten_row_object_does_not_agree_with_its_root(world: World) -> None:
    posting = queries.postings(world.store)[0]
    rows = queries.posted_rows(world.store, world.objects, posting.number)
    other = keep(world.objects, "posted earnings", rows.with_columns(part=rows["part"] + "!"))
    attack(world, f"UPDATE postings SET rows = '{other}' WHERE seq = {posting.seq}")
    rechained(world)
    found = said(world)
    assert (
        found[0] == f"posting {posting.seq}: cannot be derived again: its rows are not the difference between what"
        " is earned and what was posted"
    )
    assert f"posting {posting.seq}: the root over its rows is another" in found


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE events SET actor = 'ann' WHERE kind = 'approved'", "approved by ann, by whom it was calculated"),
        ("UPDATE events SET actor = 'bob' WHERE kind = 'paid'", "paid by bob, by whom it was approved"),
        ("UPDATE register SET actor = 'ann'", "approved by ann, who began it"),
        ("UPDATE register SET kind = 'hold0'", "requested may not follow nothing"),
        ("UPDATE register SET state = 'requested'", "requested may not follow requested"),
        ("UPDATE register SET payee = 'x' WHERE state = 'approved'", "about something else than its first step"),
        ("UPDATE events SET kind = 'x' WHERE kind = 'submitted'", "cannot be read: 'x' is not a valid State"),
        ("UPDATE events SET run = 'x' WHERE kind = 'submitted'", "its run x is not there"),
        ("UPDATE events SET run = 'x' || seq WHERE kind = 'approved'", "posted may not follow submitted"),
        ("UPDATE events SET posting = posting + 1 WHERE kind = 'posted'", "is not closed by an event"),
        ("UPDATE events SET content = 'x' WHERE kind = 'approved'", "about another content"),
        ("UPDATE runs SET engine = '9'", "its content has the digest"),
        ("UPDATE postings SET number = number + 100", "has the number"),
        ("UPDATE postings SET totals = '{}'", "totals are"),
        ("UPDATE postings SET calendar = 'x'", "and its run says"),
        ("UPDATE entries SET in_period = 'x'", "stands in posting 1 and says 1, x"),
    ],
)
def test_a_ledger_rewritten_with_right_hashes_still_has_to_make_sense(
    world: World, statement: str, message: str
) -> None:
    attack(world, statement)
    rechained(world)
    assert any(message in line for line in said(world))


def test_the_findings_are_bounded(world: World) -> None:
    attack(world, "UPDATE entries SET payee = 'x'", "UPDATE events SET actor = 'y'", "UPDATE runs SET engine = 'z'")
    found = said(world)
    assert 20 < len(found) <= LIMIT


def test_every_entry_is_hashed_with_the_columns_it_has() -> None:
    assert columns(ENTRIES) == (
        "seq",
        "posting",
        "reason",
        "payee",
        "plan",
        "component",
        "for_period",
        "in_period",
        "account",
        "currency",
        "amount",
        "previous",
    )


GOLDEN = "1aea0621148e807d863277cecd550df1c85cc22ee49615121c38d27caee16222"


def test_the_hash_of_a_row_is_the_one_written_down() -> None:
    """Made with `sha256sum` from bytes put together by hand; it may never change."""
    entry = (3, 1, "earned", "ana", "sales", "commission", "2026-01", "2026-01", "held", "USD", -300000, GENESIS)
    assert row_hash(ENTRIES, entry) == GOLDEN
