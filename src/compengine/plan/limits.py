"""What the rows of a limit are called, and which limit a row is of."""

from collections.abc import Sequence

from compengine.plan.typed import Limit

KINDS = {"at most": "cap", "at least": "minimum"}


def part_of(limit: Limit, limits: Sequence[Limit]) -> str:
    """`cap:month`, `minimum:year`; that of a second limit of its kind and scope ends in `#2`."""
    same = [x for x in limits if (x.kind, x.scope.text) == (limit.kind, limit.scope.text)]
    place = next(at for at, x in enumerate(same, start=1) if x is limit)
    return f"{KINDS[limit.kind]}:{limit.scope.text}" + (f"#{place}" if place > 1 else "")


def carried_part_of(limit: Limit, limits: Sequence[Limit]) -> str:
    """`carried:month`, with the number of its cap; where the limit has `by`, `:` and the value follow."""
    return f"carried:{part_of(limit, limits).partition(':')[2]}"


def limit_of(part: str, limits: Sequence[Limit]) -> Limit | None:
    """The limit that made a row of kind `cap`, `minimum` or `carried` with this part; None where it is another's."""
    for limit in limits:
        if limit.kind not in KINDS:
            continue
        carried = carried_part_of(limit, limits)
        if part in (part_of(limit, limits), carried) or (limit.by is not None and part.startswith(f"{carried}:")):
            return limit
    return None
