"""The `controls` of a workspace file: text to `schema.Controls`."""

import re
from collections.abc import Mapping as MappingOf
from decimal import Decimal

from compengine.inputs.schema import OPEN, Controls, Role
from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import check_keys, mapping, note, scalar, sequence, suggestion, word
from compengine.source.yaml import Mapping, Node, Scalar, Sequence
from compengine.values.money import is_currency

KEYS = ("act_as", "roles", "people", "second_approval_above", "adjustment_limits", "witness", "dispute_days")
ROLES = tuple(role.value for role in Role)
DAYS = re.compile(r"[1-9][0-9]{0,2}")
AMOUNT = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?) ([A-Z]{3})")


def read_controls(node: Node | None, found: list[Diagnostic]) -> Controls:
    """Everybody may do everything where the file has no `controls`; what is wrong is noted in `found`."""
    if node is None:
        return OPEN
    body = mapping(node, "controls", found)
    if body is None:
        return OPEN
    check_keys(body, "controls", KEYS, (), found)
    witness = scalar(body.get("witness"), "witness", found)
    return Controls(
        roles=_roles(body.get("roles"), found),
        people=_people(body.get("people"), found),
        second_above=_amounts(body.get("second_approval_above"), "second_approval_above", found),
        adjustment_limits=_limits(body.get("adjustment_limits"), found),
        act_as=word(body.get("act_as"), "act_as", ("yes", "no"), found) == "yes",
        witness=witness.value if witness else "",
        dispute_days=_days(body.get("dispute_days"), found),
    )


def _days(node: Node | None, found: list[Diagnostic]) -> int:
    """A whole number of days, from 1 to 366."""
    given = scalar(node, "dispute_days", found)
    if given is None:
        return OPEN.dispute_days
    if not DAYS.fullmatch(given.value) or int(given.value) > 366:
        note(found, "E108", f"{given.value} is not a number of days", given.span, "write a whole number from 1 to 366")
        return OPEN.dispute_days
    return int(given.value)


def _roles(node: Node | None, found: list[Diagnostic]) -> MappingOf[Role, frozenset[str]]:
    body = mapping(node, "roles", found)
    roles: dict[Role, frozenset[str]] = {}
    for entry in body.entries if body else ():
        name = entry.key.value
        if name not in ROLES:
            note(found, "E107", f"{name} is not a role", entry.key.span, suggestion(name, ROLES, "roles are"))
            continue
        people = sequence(entry.value, f"the people of role {name}", found)
        named = [scalar(item, f"a person of role {name}", found) for item in people.items] if people else []
        roles[Role(name)] = frozenset(one.value for one in named if one is not None)
    return roles


def _people(node: Node | None, found: list[Diagnostic]) -> tuple[tuple[str, str], ...]:
    body = mapping(node, "people", found)
    pairs = [
        (e.key.value, scalar(e.value, f"the payee of {e.key.value}", found)) for e in (body.entries if body else ())
    ]
    return tuple(sorted((person, payee.value) for person, payee in pairs if payee is not None))


def _amounts(node: Node | None, what: str, found: list[Diagnostic]) -> tuple[tuple[str, Decimal], ...]:
    """One amount, or a list of amounts in different currencies."""
    items = node.items if isinstance(node, Sequence) else () if node is None else (node,)
    amounts: dict[str, Decimal] = {}
    for item in items:
        given = scalar(item, what, found)
        if given is not None and (amount := _amount(given, what, found)) is not None:
            if amount[1] in amounts:
                note(found, "E108", f"{what} has two amounts in {amount[1]}", given.span, "one for each currency")
            amounts[amount[1]] = amount[0]
    return tuple(sorted(amounts.items()))


def _amount(given: Scalar, what: str, found: list[Diagnostic]) -> tuple[Decimal, str] | None:
    match = AMOUNT.fullmatch(given.value)
    if match is None or not is_currency(match[2]):
        note(found, "E108", f"{given.value} is not an amount for {what}", given.span, "write it like 100_000 USD")
        return None
    return Decimal(match[1].replace("_", "")), match[2]


def _limits(node: Node | None, found: list[Diagnostic]) -> tuple[tuple[Role, str, Decimal], ...]:
    body: Mapping | None = mapping(node, "adjustment_limits", found)
    limits: list[tuple[Role, str, Decimal]] = []
    for entry in body.entries if body else ():
        name = entry.key.value
        if name not in ROLES:
            note(found, "E107", f"{name} is not a role", entry.key.span, suggestion(name, ROLES, "roles are"))
            continue
        amounts = _amounts(entry.value, f"the limit of {name}", found)
        limits += [(Role(name), currency, amount) for currency, amount in amounts]
    return tuple(sorted(limits))
