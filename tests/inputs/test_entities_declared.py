"""Legal entities in the workspace file, and the column that says who belongs to which."""

import pytest
from inputs_world import WORKSPACE, world

from compengine.inputs.entities import homeless
from compengine.inputs.load import from_rows
from compengine.inputs.schema import Brand, Entity
from compengine.source.diagnostic import Failed

COLUMN = WORKSPACE.replace("ramp: percent}", "ramp: percent, entity: text}")
TWO = """entity: payees.entity
entities:
  acme-us: {name: "Acme, Inc.", address: [1 Assembly Row, Somerville], legal: Delaware, contact: Write to us.}
  acme-eu: {name: Acme GmbH, address: Werkstraße 7, logo: art/eu.svg}
statements:
  brand: {name: Acme, logo: art/acme.svg, colour: "#2b5c8a", legal: of all, contact: Ask.}
"""


def test_an_entity_has_its_own_texts_and_the_common_look_where_it_has_none() -> None:
    w = world(COLUMN + TWO)
    assert w.entity == "entity"
    assert w.entities == {
        "acme-us": Entity(
            ("1 Assembly Row", "Somerville"),
            Brand("Acme, Inc.", "art/acme.svg", "#2b5c8a", "Delaware", "Write to us."),
        ),
        "acme-eu": Entity(("Werkstraße 7",), Brand("Acme GmbH", "art/eu.svg", "#2b5c8a", "", "Ask.")),
    }
    assert world().entities == {} and world().entity == ""


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (COLUMN + "entity: payees.entity\n", "E105", "entity needs entities"),
        (COLUMN + "entities: {a: {name: A}}\n", "E105", "entities need entity"),
        (COLUMN + "entity: payees.entity\nentities: {}\n", "E105", "entities names none"),
        (COLUMN + "entity: payees.company\nentities: {a: {name: A}}\n", "E210", "payees has no column company"),
        (COLUMN + "entity: entity\nentities: {a: {name: A}}\n", "E108", "entity cannot be entity"),
        (COLUMN + "entity: payees.manager\nentities: {a: {name: A}}\n", "E108", "is not a text that everybody has"),
        (COLUMN + "entity: payees.entity\nentities: {A B: {name: A}}\n", "E108", "A B is not a name"),
        (COLUMN + "entity: payees.entity\nentities: {a: {address: x}}\n", "E105", "name"),
        (COLUMN + "entity: payees.entity\nentities: {a: {name: A, currency: EUR}}\n", "E104", "currency"),
        (COLUMN + 'entity: payees.entity\nentities: {a: {name: A, colour: "#ffff00"}}\n', "E108", "too pale"),
    ],
)
def test_what_is_wrong_with_entities_is_said_at_its_place(text: str, code: str, message: str) -> None:
    with pytest.raises(Failed) as failed:
        world(text)
    (found,) = failed.value.diagnostics
    assert found.code == code and message in found.message and found.place is not None


def test_who_belongs_to_no_entity_is_found() -> None:
    w = world(COLUMN + TWO)
    row = {"ramp": "100%", "from": "2026-01-01"}
    given = {"payees": [{"id": "ann", "entity": "acme-us", **row}, {"id": "ben", "entity": "acme-eu", **row}]}
    frame = from_rows(w, given).frame("payees")
    assert homeless(w, frame).is_empty()
    other = world(COLUMN + TWO.replace("acme-eu", "acme-de"))
    assert homeless(other, frame)["@key"].to_list() == ["ben"]
    assert homeless(world(), frame).is_empty()
