"""Objects are what their name says or are not given out; what is current survives whatever ends a load."""

import hashlib
import multiprocessing
import os
import signal
from pathlib import Path

import polars as pl
import pytest
from inputs_world import WORKSPACE, world

from compengine.inputs import objects
from compengine.inputs.current import advance, open_snapshot, read_current, save, store_of
from compengine.inputs.given import from_rows
from compengine.inputs.objects import Store, get_bytes, get_table, put_bytes, put_table
from compengine.inputs.snapshot import Snapshot
from compengine.source.diagnostic import Failed
from compengine.values.digest import sha256_hex, table_text

WORLD = world()


def snapshot(ramp: str = "1") -> Snapshot:
    return from_rows(WORLD, {"payees": [{"id": "ana", "ramp": ramp}, {"id": "bob", "manager": "ana", "ramp": "0.5"}]})


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_what_is_put_is_got_by_the_digest_of_its_content(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = put_bytes(store, b"abc")
    assert digest == sha256_hex(b"abc") and get_bytes(store, digest) == b"abc"
    frame = snapshot().frame("payees")
    digest = put_table(store, "payees", frame)
    assert digest == sha256_hex(table_text("payees", frame)) and get_table(store, "payees", digest).equals(frame)


def test_missing_and_damaged_objects_are_not_given_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    frame = snapshot().frame("payees")
    content, table = put_bytes(store, b"abc"), put_table(store, "payees", frame)
    for digest in (content, table):
        damage(store.place(digest))
    for got in (lambda: get_bytes(store, content), lambda: get_table(store, "payees", table)):
        with pytest.raises(Failed, match="E609"):
            got()
    with pytest.raises(Failed, match="E609"):
        get_bytes(store, "0" * 64)
    put_bytes(store, b"abc")
    put_table(store, "payees", frame)
    assert get_bytes(store, content) == b"abc" and get_table(store, "payees", table).equals(frame)


def test_every_flipped_bit_of_a_table_is_noticed_before_it_is_taken_for_parquet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, frame = Store(tmp_path), snapshot().frame("payees")
    digest = put_table(store, "payees", frame)
    whole = store.place(digest).read_bytes()
    asked: list[bytes] = []
    monkeypatch.setattr(pl, "read_parquet", asked.append)
    for at in range(len(whole)):
        store.place(digest).write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(Failed, match="E609"):
            get_table(store, "payees", digest)
    assert asked == []


def test_parquet_that_somebody_made_and_sealed_is_held_against_the_name(tmp_path: Path) -> None:
    store, frame = Store(tmp_path), snapshot().frame("payees")
    digest = put_table(store, "payees", frame)
    for other in (frame.reverse(), frame.head(1), pl.DataFrame({"id": [1]})):
        objects._write_table(store.place(digest), other)
        with pytest.raises(Failed, match="E609"):
            get_table(store, "payees", digest)
    store.place(digest).write_bytes(b"PAR1 no Parquet PAR1")
    objects._seal(store.place(digest))
    with pytest.raises(Failed, match="E609"):
        get_table(store, "payees", digest)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def full(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    target = tmp_path / "objects" / "x"
    with pytest.raises(OSError):
        objects.write_whole(target, full)
    assert list(target.parent.iterdir()) == []


def test_a_snapshot_is_saved_opened_and_made_current(tmp_path: Path) -> None:
    store, first, second = store_of(tmp_path), snapshot(), snapshot("0.9")
    assert read_current(tmp_path) is None
    assert save(store, first) == first.digest
    advance(tmp_path, None, first.digest)
    save(store, second)
    advance(tmp_path, first.digest, second.digest)
    assert read_current(tmp_path) == second.digest
    for given in (first, second):
        opened = open_snapshot(WORLD, store, given.digest)
        assert opened.digest == given.digest and opened.digests == given.digests
        assert all(opened.frames[name].equals(frame) for name, frame in given.frames.items())


def test_a_load_that_was_overtaken_changes_nothing(tmp_path: Path) -> None:
    advance(tmp_path, None, "1" * 64)
    with pytest.raises(Failed, match="E413"):
        advance(tmp_path, None, "2" * 64)
    assert read_current(tmp_path) == "1" * 64


def test_a_pointer_that_is_no_digest_is_refused(tmp_path: Path) -> None:
    advance(tmp_path, None, "1" * 64)
    (tmp_path / ".compengine" / "current").write_text("../../etc/passwd\n")
    with pytest.raises(Failed, match="E609"):
        read_current(tmp_path)


def test_a_snapshot_opens_under_a_workspace_that_grew(tmp_path: Path) -> None:
    store, given = store_of(tmp_path), snapshot()
    save(store, given)
    wider = world(WORKSPACE.replace("ramp: percent}", "ramp: percent, team: optional text}"))
    opened = open_snapshot(wider, store, given.digest)
    assert opened.frame("payees")["team"].to_list() == [None, None] and opened.digest == given.digest
    assert save(store, opened) == given.digest
    for change in ("ramp: percent, team: text}", "ramp: text}"):
        with pytest.raises(Failed, match=r"E40[23]"):
            open_snapshot(world(WORKSPACE.replace("ramp: percent}", change)), store, given.digest)


def _load_and_die(root: Path, at: int) -> None:
    """Save and advance, ended by SIGKILL at the n-th write, sync or rename."""
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    real_fsync, real_replace, real_write = os.fsync, Path.replace, Path.write_bytes

    def fsync(descriptor: int) -> None:
        tick()
        real_fsync(descriptor)
        tick()

    def replace(self: Path, target: Path) -> Path:
        tick()
        done = real_replace(self, target)
        tick()
        return done

    def write_bytes(self: Path, data: bytes) -> int:
        real_write(self, data[: len(data) // 2])
        tick()
        return real_write(self, data)

    os.fsync, Path.replace, Path.write_bytes = fsync, replace, write_bytes  # type: ignore[assignment, method-assign]
    after = pl.DataFrame({"x": ["1"]})
    store = store_of(root)
    digest = put_table(store, "t", after)
    save(store, Snapshot({"t": after}, {"t": digest}, ""))
    advance(root, read_current(root), digest)


def test_a_load_killed_anywhere_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("spawn")
    old = "1" * 64
    outcomes = []
    for at in (2, 5, 8, 10, 12, 16, 18, 19, 20, 21, 23, 25, 40):
        root = tmp_path / str(at)
        advance(root, None, old)
        child = fork.Process(target=_load_and_die, args=(root, at))
        child.start()
        child.join()
        current = read_current(root)
        outcomes.append((child.exitcode, current == old))
        for path in (root / ".compengine" / "objects").rglob("*"):
            if path.is_file() and not path.name.startswith(".part-"):
                whole = path.read_bytes()
                table = hashlib.sha256(whole[:-32]).digest() == whole[-32:]
                assert table if whole[:4] == b"PAR1" else whole.endswith(b"\n")
        if current != old:
            assert get_table(store_of(root), "t", str(current)).height == 1
    assert (-signal.SIGKILL, True) in outcomes and (-signal.SIGKILL, False) in outcomes and (0, False) in outcomes


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_table_for_which_there_is_no_room_says_where_and_why() -> None:
    with pytest.raises(OSError, match=r"the table cannot be written: .*No space left") as caught:
        objects._write_table(Path("/dev/full"), pl.DataFrame({"a": ["1"]}))
    assert caught.value.filename == "/dev/full"
