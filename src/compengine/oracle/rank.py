"""Prizes by rank (section 10, ranks)."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from compengine.oracle import measure
from compengine.oracle.book import Book, Subject, total_of
from compengine.oracle.evaluate import holds, labelled, required
from compengine.oracle.faults import Fault
from compengine.plan.typed import GroupKind, Rank
from compengine.values.exact import ONE
from compengine.values.money import minor_unit
from compengine.values.rounding import split


@dataclass(frozen=True, slots=True)
class Won:
    """`place` is that of the prize in the list, from 1; the best of those pooled where a tie shares several."""

    subject: Subject
    place: int
    amount: Decimal


def winners(book: Book, rank: Rank, subjects: list[Subject]) -> tuple[list[Won], list[Subject]]:
    """Prizes of one window, and those who took part and got none. Each group ranks by itself."""
    groups: dict[Any, list[Subject]] = {}
    for subject in subjects:
        groups.setdefault(_group(rank, subject), []).append(subject)
    won: list[Won] = []
    for group in groups.values():
        won += _in_group(book, rank, group)
    lucky = {w.subject.payee for w in won}
    return won, [subject for subject in subjects if subject.payee not in lucky]


def _group(rank: Rank, subject: Subject) -> Any:
    if rank.among.kind is not GroupKind.SAME:
        return None
    row = measure.payee_row(subject.scene)
    return row[rank.among.column] if row else None


def _in_group(book: Book, rank: Rank, subjects: list[Subject]) -> list[Won]:
    """Highest first; each takes the best prize left whose `when` they meet."""
    scored = [(_score(rank, subject), subject) for subject in subjects]
    scored.sort(key=lambda pair: ([-value for value in pair[0]], pair[1].payee.encode()))
    left = list(range(len(rank.prizes)))
    won: list[Won] = []
    for _, tied_group in groupby(scored, key=lambda pair: pair[0]):
        tied = [subject for _, subject in tied_group]
        met = [_meets(rank, subject, left) for subject in tied]
        if len(tied) > 1 and any(met):
            names = ", ".join(subject.payee for subject in tied)
            if any(other != met[0] for other in met):
                raise Fault("E510", f"{names} are tied and meet different prizes", rank.span)
            if not rank.ties:
                raise Fault("E510", f"{names} are still tied after the tiebreak", rank.span)
        if not met[0]:
            continue
        prizes, used = _taken(book, rank, tied, met[0])
        won += prizes
        left = [place for place in left if place not in used]
    return won


def _score(rank: Rank, subject: Subject) -> list[Decimal]:
    """The number that ranks, then those that break ties."""
    scene = subject.scene
    return [labelled("rank", rank.by, scene), *(required(tiebreak, scene) for tiebreak in rank.tiebreak)]


def _meets(rank: Rank, subject: Subject, left: list[int]) -> list[int]:
    found = []
    for place in left:
        condition = rank.prizes[place].when
        if condition is None or holds(condition, subject.scene):
            found.append(place)
    return found


def _taken(book: Book, rank: Rank, tied: list[Subject], met: list[int]) -> tuple[list[Won], list[int]]:
    """What the tied get, and the prizes that uses up."""

    def prize(place: int, subject: Subject) -> Decimal:
        amount: Decimal = required(rank.prizes[place].prize, subject.scene)
        return amount

    best = met[0]
    if len(tied) == 1 or rank.ties == "next":
        return [Won(subject, best + 1, prize(best, subject)) for subject in tied], [best]
    used = met[: len(tied)]
    if rank.ties == "all":
        return [Won(subject, best + 1, prize(best, subject)) for subject in tied], used
    pool = total_of(prize(place, tied[0]) for place in used)
    parts = split(pool, [(subject.payee, ONE) for subject in tied], minor_unit(book.plan.currency))
    return [Won(subject, best + 1, part) for subject, part in zip(tied, parts, strict=True)], used
