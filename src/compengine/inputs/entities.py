"""The `entity` and `entities` of a workspace file: the legal entities that pay, and the column that says who belongs to
which."""

import re
from dataclasses import replace

import polars as pl

from compengine.inputs.presentation import BRAND, read_brand
from compengine.inputs.schema import Brand, ColumnType, Entity, Table, Workspace
from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import check_keys, mapping, note, scalar, suggestion
from compengine.source.yaml import Mapping, Node, Sequence

KEYS = (*BRAND, "address")
NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


def read_entities(
    column: Node | None, node: Node | None, payees: Table | None, common: Brand, found: list[Diagnostic]
) -> tuple[str, dict[str, Entity]]:
    """The column's name and the entities by theirs; what is wrong is noted in `found`. An entity without a logo,
    colour or contact has those of `common`; its legal text is its own or none."""
    body = mapping(node, "entities", found)
    if node is None and column is not None:
        note(found, "E105", "entity needs entities: the legal entities by their names", column.span)
    if body is None:
        return "", {}
    if column is None:
        note(found, "E105", "entities need entity: the column of payees that names each one's", body.span)
    if not body.entries:
        note(found, "E105", "entities names none", body.span, "leave it out, or name one")
    return _column(column, payees, found), _entities(body, common, found)


def _column(node: Node | None, payees: Table | None, found: list[Diagnostic]) -> str:
    text = scalar(node, "entity", found)
    if text is None or payees is None:
        return ""
    table, _, name = text.value.partition(".")
    column = payees.columns.get(name)
    if table != "payees" or not name:
        note(found, "E108", f"entity cannot be {text.value}", text.span, "write payees. and a column: payees.entity")
    elif column is None:
        texts = [c.name for c in payees.columns.values() if c.type is ColumnType.TEXT]
        note(found, "E210", f"payees has no column {name}", text.span, suggestion(name, texts))
    elif column.type is not ColumnType.TEXT or column.optional or name in payees.key:
        help = f"declare it in payees as {name}: text"
        note(found, "E108", f"payees.{name} is not a text that everybody has", text.span, help)
    return name


def _entities(body: Mapping, common: Brand, found: list[Diagnostic]) -> dict[str, Entity]:
    made: dict[str, Entity] = {}
    for entry in body.entries:
        name = entry.key.value
        one = mapping(entry.value, f"entity {name}", found)
        if not NAME.fullmatch(name):
            note(found, "E108", f"{name} is not a name", entry.key.span, "a to z, 0 to 9 and -, a letter first")
        elif one is not None:
            check_keys(one, f"entity {name}", KEYS, ("name",), found)
            made[name] = Entity(_lines(one.get("address"), found), _over(read_brand(one, found), common))
    return made


def _lines(node: Node | None, found: list[Diagnostic]) -> tuple[str, ...]:
    """One line, or a list of them."""
    parts = node.items if isinstance(node, Sequence) else (node,)
    return tuple(text.value for part in parts if (text := scalar(part, "a line of the address", found)))


def _over(own: Brand, common: Brand) -> Brand:
    return replace(
        own,
        logo=own.logo or common.logo,
        colour=own.colour or common.colour,
        contact=own.contact or common.contact,
    )


def homeless(workspace: Workspace, payees: pl.DataFrame) -> pl.DataFrame:
    """The rows of `payees` that belong to no entity of the workspace; none where it names no entities."""
    if not workspace.entities:
        return payees.clear()
    return payees.filter(~pl.col(workspace.entity).is_in(list(workspace.entities)).fill_null(False))


def no_entity(workspace: Workspace, name: str) -> tuple[str, str]:
    """What is wrong with it, and how it is put right."""
    return f"{name or 'nothing'} is no entity of the workspace", suggestion(name, workspace.entities, "entities are")
