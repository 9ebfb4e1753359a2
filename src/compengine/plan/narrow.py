"""What a condition tells about emptiness.

A fact is the text of an expression that is not empty: a path (`deal.cancelled_on`), or a call.
"""

from compengine.plan import syntax as s

NOTHING: frozenset[str] = frozenset()


def key(value: s.Expression) -> str:
    """The text under which a fact about `value` is kept: spacing does not matter."""
    return ".".join(part.name for part in value.parts) if isinstance(value, s.Path) else "".join(value.text.split())


def facts(condition: s.Expression | None, holds: bool = True) -> frozenset[str]:
    """What is known not to be empty where `condition` is true (or false). A full path proves its beginnings too."""
    match condition:
        case s.IsEmpty(value=value, negated=negated) if negated is holds:
            if isinstance(value, s.Path):
                names = [part.name for part in value.parts]
                return frozenset(".".join(names[: n + 1]) for n in range(1, len(names))) | {key(value)}
            return frozenset({key(value)})
        case s.Not(value=value):
            return facts(value, not holds)
        case s.And(left=left, right=right) | s.Or(left=left, right=right):
            both = facts(left, holds), facts(right, holds)
            return both[0] | both[1] if isinstance(condition, s.And) is holds else both[0] & both[1]
    return NOTHING
