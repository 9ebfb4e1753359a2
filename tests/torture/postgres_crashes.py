"""The server's first process is killed while a command is at work, and the server is started on what is left.

The kill falls on a call of the database: first on the commit of what each command writes, right before it and right
after, then on calls spread over all. The promises are those of `postgres_faults`.
"""

from broken_calls import Asked, Fault
from figures import Figure, at_least, at_most, plain
from postgres_faults import Bench, Point, Prepared, bench, faults, prepared, settled
from servers import crash

ROUNDS = 50
GOLDEN = 0.618034
"""Multiples of it, without their whole part, spread evenly however many there are."""


def writing_commit(one: Prepared) -> int:
    """The number of the commit that ends the command's transaction: the first after its last INSERT."""
    last = max(n for n, name in enumerate(one.calls) if name == "insert")
    return one.calls.index("do_commit", last) + 1


def moment(steps: list[Prepared], number: int) -> tuple[Prepared, Fault]:
    """Whom round `number` meets, and where; the server's process is not named yet."""
    one = steps[number % len(steps)]
    turn = number // len(steps)
    if turn < 2:
        return one, Fault("crash", ("before", "after")[turn], writing_commit(one))
    found = faults(one, "crash")
    return one, found[int(len(found) * (number * GOLDEN % 1))]


def crashed(made: Bench, one: Prepared, fault: Fault) -> Point:
    made.restore(one)
    asked, pid = one.asked, made.server.process.pid
    armed = Fault(f"crash {pid}", fault.when, fault.number)
    done = made.forks.run(Asked(asked.root, asked.words, asked.who, "", asked.admin, armed))
    wrong = [] if made.server.process.poll() is not None else ["the server was not killed"]
    crash(made.server)
    place = f"crash {fault.when} {fault.number} {one.calls[fault.number - 1]}"
    return settled(made, one, place, done, wrong)


def measure() -> list[Figure]:
    with bench() as made:
        steps = prepared(made)
        points = [crashed(made, *moment(steps, number)) for number in range(ROUNDS)]
    for point in [p for p in points if p.wrong]:
        print("  ", point, flush=True)
    return [
        at_least("pg_crashes", len(points), "kills of the server, and restarts", ROUNDS),
        at_most("pg_crashes_bad", sum(bool(p.wrong) for p in points), "crashes", 0),
        plain("pg_crashes_new", sum(p.left == "new" for p in points), "crashes that left the state after"),
    ]
