"""Who may do what, as the workspace file says it."""

from decimal import Decimal

import pytest

from compengine.inputs.controls import read_controls
from compengine.inputs.schema import OPEN, Role
from compengine.source.diagnostic import Diagnostic
from compengine.source.text import Text
from compengine.source.yaml import compose

FULL = """
roles: {preparer: [olive], approver: [frank, fay], payer: [petra]}
people: {frank: p17}
second_approval_above: [100_000 USD, 90_000.50 EUR]
adjustment_limits: {approver: 5_000 USD}
witness: ../outside.txt
"""


def test_everything_a_workspace_can_say() -> None:
    found: list[Diagnostic] = []
    controls = read_controls(compose(Text("w", FULL)), found)
    assert found == []
    assert controls.roles[Role.APPROVER] == {"frank", "fay"} and Role.AUDITOR not in controls.roles
    assert controls.people == (("frank", "p17"),)
    assert controls.second_above == (("EUR", Decimal("90000.50")), ("USD", Decimal(100000)))
    assert controls.adjustment_limits == ((Role.APPROVER, "USD", Decimal(5000)),)
    assert (controls.witness, controls.act_as) == ("../outside.txt", False)


def test_a_file_without_controls_leaves_everything_open() -> None:
    found: list[Diagnostic] = []
    assert read_controls(None, found) is OPEN and found == []
    assert read_controls(compose(Text("w", "act_as: yes")), found).act_as


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("roles: {aprover: [a]}", "E107", "aprover is not a role"),
        ("roles: {approver: a}", "E106", "approver"),
        ("second_approval_above: 5000", "E108", "100_000 USD"),
        ("second_approval_above: [1 USD, 2 USD]", "E108", "two amounts in USD"),
        ("adjustment_limits: {boss: 1 USD}", "E107", "boss is not a role"),
        ("act_as: maybe", "E107", "act_as"),
        ("wittness: x", "E104", "witness"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, code: str, said: str) -> None:
    found: list[Diagnostic] = []
    read_controls(compose(Text("compengine.yaml", text)), found)
    assert [d.code for d in found] == [code]
    assert said in f"{found[0].message} {found[0].help}"
    assert found[0].place.span is not None
