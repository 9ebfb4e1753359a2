"""Who loaded tables, made a key or issued statements is on record, needs the role for it, and changes no digest."""

import os
import pwd
from pathlib import Path

import pytest
from cli_world import call, close, starter

from compengine.actions import checkpoints as places
from compengine.actions.opened import open_workspace
from compengine.inputs.current import read_current
from compengine.ledger.checkpoint import read_checkpoints
from compengine.source.diagnostic import Diagnostic, Failed

ROLES = "controls: {act_as: yes, roles: {preparer: [olive], approver: [frank]}}\n"
LOGIN = pwd.getpwuid(os.getuid()).pw_name


def controlled(root: Path, controls: str = ROLES) -> Path:
    file = root / "compengine.yaml"
    file.write_text(file.read_text() + controls)
    return root


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return starter(tmp_path, loaded=False)


def loads(root: Path) -> list[dict[str, object]]:
    return list(call(root, "register", "--kind", "load", "--format", "json").json["records"])


def last_step(root: Path) -> dict[str, str]:
    found, rest = read_checkpoints((root / "checkpoints.txt").read_text())
    assert rest == ""
    return dict(found[-1].about)


def test_who_loaded_is_on_record_and_shown_with_the_run_that_uses_it(empty: Path) -> None:
    done = call(empty, "load", "data", who="olive")
    assert done.out.endswith("on record as L0001\n"), done.out + done.err
    assert {name: last_step(empty)[name] for name in ("kind", "id", "state", "actor")} == {
        "kind": "load",
        "id": "L0001",
        "state": "loaded",
        "actor": "olive",
    }
    [one] = loads(empty)
    assert one["about"] == {"snapshot": read_current(empty)}
    assert call(empty, "calculate", "--period", "2026-01", who="frank").code == 0
    assert "loaded by olive" in call(empty, "show", "2026-01").out
    assert call(empty, "verify").code == 0


def test_the_same_files_make_the_same_snapshot_whoever_loads_them_or_nobody(tmp_path: Path) -> None:
    digests = set()
    for who in ("", "olive", "frank"):
        folder = tmp_path / f"by {who}"
        folder.mkdir()
        root = starter(folder, loaded=False)
        assert call(root, "load", "data", who=who).code == 0
        digests.add(read_current(root))
    assert len(digests) == 1


def test_files_that_change_nothing_or_are_tried_or_refused_are_not_on_record(empty: Path, tmp_path: Path) -> None:
    assert call(empty, "load", "data", "--dry-run", who="olive").code == 0
    assert not (empty / "ledger.db").exists()
    for _ in range(2):
        assert call(empty, "load", "data", who="olive").code == 0
    wrong = tmp_path / "deals.csv"
    wrong.write_text("id\nX\n")
    assert call(empty, "load", "deals", str(wrong), who="olive").code == 2
    assert [one["id"] for one in loads(empty)] == ["L0001"]


def test_nobody_is_asked_where_there_are_no_roles_and_no_name(empty: Path) -> None:
    done = call(empty, "load", "data")
    assert done.code == 0 and "on record" not in done.out
    assert not (empty / "ledger.db").exists()


@pytest.mark.parametrize(("who", "code"), [("", "E612"), ("frank", "E613"), ("dan", "E613")])
def test_with_roles_only_a_preparer_loads(empty: Path, who: str, code: str) -> None:
    done = call(controlled(empty), "load", "data", who=who)
    assert (done.code, code in done.err) == (3, True)
    assert read_current(empty) is None
    assert call(empty, "load", "data", who="olive").code == 0


def test_without_act_as_the_login_is_who_loaded(empty: Path) -> None:
    controlled(empty, f"controls: {{roles: {{preparer: [{LOGIN}], approver: [frank]}}}}\n")
    assert "E612" in call(empty, "load", "data", who="olive").err
    assert call(empty, "load", "data").code == 0
    assert last_step(empty)["actor"] == LOGIN


def test_what_cannot_be_put_on_record_is_not_loaded(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise Failed([Diagnostic("E617", "the disk is full")])

    monkeypatch.setattr(places, "_append", fails)
    assert "E617" in call(empty, "load", "data", who="olive").err
    assert read_current(empty) is None


def test_a_snapshot_on_record_that_is_gone_is_found(empty: Path) -> None:
    assert call(empty, "load", "data", who="olive").code == 0
    digest = read_current(empty)
    assert digest is not None
    open_workspace(empty).objects.place(digest).unlink()
    done = call(empty, "verify")
    assert done.code == 1 and digest in done.out


def test_the_first_checkpoint_of_a_new_key_says_who_made_it(empty: Path) -> None:
    assert call(empty, "load", "data", who="olive").code == 0
    done = call(empty, "checkpoint", "--new-key", "--format", "json", who="frank").json
    assert last_step(empty) | {"time": ""} == {
        "kind": "key",
        "id": "K0001",
        "state": "made",
        "actor": "frank",
        "time": "",
    }
    found, _ = read_checkpoints((empty / "checkpoints.txt").read_text())
    assert (found[-1].key.hex(), found[-1].seq > done["after"]) == (done["number"], True)
    assert call(empty, "verify").code == 0
    assert f"key {done['number']}" in call(empty, "register", "--kind", "key").out


@pytest.mark.parametrize(("who", "code"), [("", "E612"), ("olive", "E613")])
def test_with_roles_only_an_approver_makes_a_key(empty: Path, who: str, code: str) -> None:
    assert call(controlled(empty), "load", "data", who="olive").code == 0
    keys = (empty / ".compengine" / "keys" / "checkpoint.pub").read_bytes()
    done = call(empty, "checkpoint", "--new-key", who=who)
    assert (done.code, code in done.err) == (3, True)
    assert (empty / ".compengine" / "keys" / "checkpoint.pub").read_bytes() == keys
    assert call(empty, "checkpoint", who=who).code == 0
    assert call(empty, "checkpoint", "--new-key", who="frank").code == 0


def test_anybody_prints_and_only_a_preparer_puts_statements_on_record(root: Path, tmp_path: Path) -> None:
    file = root / "compengine.yaml"
    open_to_all = file.read_text()
    close(
        controlled(root, ROLES.replace("[olive]", "[olive, frank]").replace("[frank]", "[frank], payer: [petra]")),
        "2026-01",
    )
    assert file.read_text() != open_to_all
    words = ("statements", "2026-01", "--out", str(tmp_path / "out"))
    done = call(root, *words, who="dan")
    assert (done.code, "on record as" in done.out) == (0, False)
    assert "not put on record: dan has not the role preparer" in done.err
    assert "on record as S0001" in call(root, *words, who="olive").out
