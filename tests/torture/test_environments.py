"""The digest of a closed month does not depend on where it is closed; one that depends on it is told apart."""

import sys
from pathlib import Path

import environments
import pytest
from environments import Environment, digest_in, digests


def test_months_closed_in_other_environments_have_one_digest(tmp_path: Path) -> None:
    found = []
    for seed in (1, 7):
        (tmp_path / str(seed)).mkdir()
        found.append(digest_in(Environment(sys.executable, "sqlite", seed), tmp_path / str(seed)))
    assert len(set(found)) == 1


def test_environments_differ_in_all_that_must_not_matter() -> None:
    variables = [Environment(sys.executable, "sqlite", seed).variables for seed in range(environments.ENVIRONMENTS)]
    for name, kinds in (("PYTHONHASHSEED", 12), ("TZ", 5), ("LC_ALL", 5), ("POLARS_MAX_THREADS", 4)):
        assert len({v[name] for v in variables}) == kinds


def test_a_digest_of_its_own_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servers.binaries", lambda: None)
    monkeypatch.setattr(environments, "digest_in", lambda each, *_: str(each.seed % 2))
    assert len({digest for _, digest in digests(4, [sys.executable])}) == 2


def test_what_fails_in_an_environment_is_said(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="No such file"):
        digest_in(Environment(sys.executable, "sqlite", 1), tmp_path / "nowhere")
