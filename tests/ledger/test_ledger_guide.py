"""What the page about PostgreSQL says to type works as it stands, from the roles to a verified month."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from servers import Server

from compengine.cli.main import cli

PAGE = (Path(__file__).parents[2] / "docs" / "guide" / "postgresql.md").read_text("utf-8")
PASSWORD = "ledger: postgresql+psycopg://compengine_app:secret@/compengine\n"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def call(*words: str) -> tuple[int, str]:
    done = CliRunner(env={"NO_COLOR": "1"}).invoke(cli, list(words), catch_exceptions=False)
    return done.exit_code, done.stdout + done.stderr


@pytest.fixture
def workspace(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The starter workspace, and the roles and the database of the page."""
    (said,) = blocks("sql")
    server.run("postgres", *(line for line in said.splitlines() if line))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGHOST", str(server.folder))
    assert call("init", "acme")[0] == 0
    monkeypatch.chdir(tmp_path / "acme")
    yield tmp_path / "acme"
    server.drop("compengine")
    server.run(
        "postgres", *(f"DROP ROLE {name}" for name in ("compengine_owner", "compengine_app", "compengine_payee"))
    )


def shown_in(lines: list[str], printed: str) -> bool:
    """Whether all lines but `…` are printed."""
    return {line for line in lines if line and line != "…"} <= {line.rstrip() for line in printed.splitlines()}


def test_the_page_is_true(server: Server, workspace: Path) -> None:
    file = workspace / "compengine.yaml"
    text = file.read_text("utf-8")
    file.write_text(text + PASSWORD, "utf-8")
    code, said = call("runs")
    assert code == 2 and "E108" in said and "password" in said
    (line,) = blocks("yaml")
    file.write_text(text + line, "utf-8")
    typed = 0
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.splitlines()
            code, said = call(*shlex.split(command)[1:])
            assert code == 0 and shown_in(lines, said), f"{command}\n{said}"
            typed += 1
    assert typed == 8
    assert not list(workspace.glob("*.db"))
    _payee_sees_his_own(server)


def _payee_sees_his_own(server: Server) -> None:
    server.run("compengine", "GRANT compengine_payee TO compengine_app")
    (block,) = blocks("text")
    *before, select, _commit = [line.rstrip(";") for line in block.splitlines()]
    engine = sa.create_engine(server.address("compengine", "compengine_app"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in before[1:]:
            connection.exec_driver_sql(statement)
        rows = connection.exec_driver_sql(select).all()
    everything = server.run("compengine", "SELECT count(*) FROM compengine.entries")[0][0]
    mine = server.run("compengine", "SELECT count(*) FROM compengine.entries WHERE payee = 'ann'")[0][0]
    assert 0 < len(rows) == mine < everything


def test_before_the_tables_are_made_every_command_says_what_to_do(workspace: Path) -> None:
    (line,) = blocks("yaml")
    file = workspace / "compengine.yaml"
    file.write_text(file.read_text("utf-8") + line, "utf-8")
    for words in (("runs",), ("verify",)):
        code, said = call(*words)
        assert code == 3 and "holds no ledger yet" in said and "compengine migrate" in said
    code, said = call("doctor")
    assert code == 1 and "FAIL  ledger: " in said


def test_the_environment_goes_before_the_file(workspace: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPENGINE_LEDGER", "postgresql+psycopg://compengine_app@/nothing")
    code, said = call("runs")
    assert code == 3 and "E609" in said
    monkeypatch.setenv("COMPENGINE_LEDGER", "elsewhere.db")
    assert call("migrate", "--format", "json") == (
        0,
        '{\n  "ledger": "elsewhere.db",\n  "before": "",\n  "after": "0001"\n}\n',
    )
    assert (workspace / "elsewhere.db").exists()
    assert call("migrate")[1] == "elsewhere.db: version 0001 already; its guards and rights are renewed\n"
