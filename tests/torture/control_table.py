"""What the requirements allow (`allowed.csv`), and a case that is held against it."""

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain, combinations
from pathlib import Path

from compengine.inputs.schema import Role

ROLES = (Role.PREPARER, Role.APPROVER, Role.PAYER)
ROLE_SETS = tuple(chain.from_iterable(combinations(ROLES, size) for size in range(len(ROLES) + 1)))
Key = tuple[str, str, str]
"""What it is about, its state, and the action."""


@dataclass(frozen=True, slots=True)
class Case:
    """`leak` where it was done and is not listed, or is listed and was refused."""

    where: str
    about: str
    state: str
    action: str
    roles: tuple[str, ...]
    person: str
    done: bool
    allowed: bool

    @property
    def leak(self) -> bool:
        return self.done != self.allowed


@dataclass(frozen=True, slots=True)
class Allowed:
    """Any of `roles` will do, and none is needed where there are none; `never` are persons, by what they have to do
    with it."""

    roles: frozenset[str]
    never: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    rows: dict[Key, Allowed]

    def may(self, key: Key, roles: Collection[Role], person: str) -> bool:
        one = self.rows.get(key)
        return one is not None and (not one.roles or bool(one.roles & set(map(str, roles)))) and person not in one.never


def table() -> Table:
    with Path(__file__).with_name("allowed.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    listed = {(r["about"], r["state"], r["action"]): r for r in rows}
    assert len(listed) == len(rows), "a line stands twice"
    return Table({k: Allowed(frozenset(r["role"].split()), frozenset(r["never"].split())) for k, r in listed.items()})


def leaks(found: Iterable[Case]) -> list[Case]:
    return [case for case in found if case.leak]
