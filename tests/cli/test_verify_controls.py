"""`verify` holds every event against the controls that its run was calculated with."""

from pathlib import Path

import pytest
from cli_world import call, starter

from compengine.ledger import states
from compengine.ledger.states import approvals_needed

CONTROLS = """
controls:
  act_as: yes
  roles:
    preparer: [olive]
    approver: [frank, fay, ann]
    payer: [petra]
  people: {ann: %s}
  second_approval_above: 1 USD
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The starter workspace with controls, January submitted; somebody whose pay is in it may approve by his role."""
    root = starter(tmp_path)
    payee = (root / "data" / "payees.csv").read_text().splitlines()[1].split(",")[0]
    with (root / "compengine.yaml").open("a") as file:
        file.write(CONTROLS % payee)
    for command in (("calculate", "--period", "2026-01"), ("submit", "2026-01")):
        assert call(root, *command, who="olive").code == 0
    return root


def said(root: Path) -> str:
    return " ".join(call(root, "verify").out.split())


def test_a_month_closed_by_the_controls_is_sound(root: Path) -> None:
    for command, who in (("approve", "frank"), ("approve", "fay"), ("post", "olive"), ("finalize", "fay")):
        assert call(root, command, "2026-01", who=who).code == 0, command
    assert said(root).endswith("SOUND")


def test_a_posting_without_the_second_approval_is_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(root, "approve", "2026-01", who="frank").code == 0
    monkeypatch.setattr("compengine.ledger.book.approvals_needed", lambda *_: 1)
    assert call(root, "post", "2026-01", who="olive").code == 0
    assert approvals_needed is states.approvals_needed
    assert "was posted with 1 of 2 approvals" in said(root)


def test_an_event_by_somebody_without_the_role_is_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as blind:
        blind.setattr("compengine.ledger.states.require_role", lambda *_: None)
        assert call(root, "approve", "2026-01", who="petra").code == 0
    assert "was approved by petra, who has not the role approver" in said(root)


def test_an_approval_of_ones_own_pay_is_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "E614" in call(root, "approve", "2026-01", who="ann").err
    monkeypatch.setattr("compengine.ledger.runs.require_no_self_interest", lambda *_: None)
    assert call(root, "approve", "2026-01", who="ann").code == 0
    assert "was approved by ann, whose own pay is in it" in said(root)


def test_without_the_public_key_it_says_what_cannot_be_checked(root: Path) -> None:
    (root / ".compengine" / "keys" / "checkpoint.pub").unlink()
    done = call(root, "verify")
    assert (done.code, "E617" in done.out) == (1, True)
    assert "the public key is not there" in done.out and "--key FILE" in " ".join(done.out.split())
