"""The server is killed and recovers, or its disk is full: nothing is torn, lost or doubled."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from broken_calls import Fault
from postgres_crashes import crashed, moment, writing_commit
from postgres_faults import Bench, Prepared, bench, prepared, settled
from servers import binaries

pytestmark = pytest.mark.skipif(binaries() is None, reason="needs PostgreSQL: apt-get install postgresql")
MEGABYTES = 400


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of its own."""
    place = Path(tempfile.mkdtemp(prefix="compengine-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "none", str(place)]
    try:
        if os.getuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
            pytest.skip("needs the right to mount a small disk")
        yield place
        subprocess.run(["umount", "-l", str(place)], check=True)
    finally:
        place.rmdir()


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """No byte is free on it."""
    ballast = disk / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while file.write(b"x" * size):
                        pass
                except OSError:
                    continue
        yield
    finally:
        ballast.unlink()


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Bench, Prepared]]:
    with bench() as made:
        (post,) = prepared(made, ("post",))
        yield made, post


def test_a_server_killed_around_the_commit_comes_back_with_the_old_ledger_or_the_new(
    world: tuple[Bench, Prepared],
) -> None:
    made, post = world
    points = [crashed(made, *moment([post], number)) for number in range(2)]
    assert [p.wrong for p in points] == [(), ()]
    assert points[1].left == "new"


def test_a_server_that_lives_on_is_counted(world: tuple[Bench, Prepared]) -> None:
    made, post = world
    beyond = Fault("crash", "before", writing_commit(post))
    idle = Prepared(
        post.name, post.asked, post.before, post.template, post.old, post.new, post.checkpoints, ("do_commit",) * 10_000
    )
    assert "the server was not killed" in crashed(made, idle, Fault("crash", beyond.when, 10_000)).wrong


def test_a_command_for_which_the_servers_disk_has_no_room_changes_nothing_and_succeeds_when_there_is(
    disk: Path,
) -> None:
    with bench(disk) as made:
        (post,) = prepared(made, ("post",))
        made.restore(post)
        with filled(disk):
            done = made.forks.run(post.asked)
        point = settled(made, post, "disk full", done, [])
        assert (done.code, "E609" in done.err, "the server's disk is full" in " ".join(done.err.split())) == (
            3,
            True,
            True,
        ), done.err
        assert (point.left, point.wrong) == ("old", ())
