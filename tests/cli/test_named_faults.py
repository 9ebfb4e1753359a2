"""What a person did wrong is said with its place and what to do about it."""

import shutil
from pathlib import Path

import pytest
from cli_world import call, edit

from compengine.source.diagnostic import Failed
from compengine.source.text import Text
from compengine.source.yaml import compose


@pytest.fixture
def month(closed: Path, tmp_path: Path) -> Path:
    """January closed and paid, February calculated."""
    return Path(shutil.copytree(closed, tmp_path / "acme", symlinks=True))


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "2026-13"), "E704", "2026-13 is no period of a calendar here, and no id of a run"),
        (("show", "never"), "E704", "help: a run is named by its period or its id: compengine runs lists them"),
        (("show", "2026-05"), "E606", "nothing was calculated for 2026-05"),
        (("show", "2026-05"), "E606", "to calculate it: compengine calculate --period 2026-05"),
        (("show", "beef"), "E606", "there is no run 'beef'"),
        (("review", "2026-13"), "E704", "2026-13 is no period"),
        (("explain", "ann", "2026-13"), "E704", "2026-13 is no period"),
        (("why", "ann", "--run", "2026-13"), "E704", "2026-13 is no period"),
        (("blame", "2026-13", "ann"), "E704", "2026-13 is no period"),
        (("sample", "2026-13"), "E704", "2026-13 is no period"),
        (("journal", "2026-13"), "E704", "2026-13 is no period"),
        (("statements", "2026-13"), "E704", "2026-13 is no period"),
    ],
)
def test_a_period_or_run_that_is_not_there(closed: Path, words: tuple[str, ...], code: str, said: str) -> None:
    done = call(closed, *words)
    assert (done.code, f"error[{code}]" in done.err) == (3 if code == "E606" else 2, True), done.err
    assert said in flat(done.err) and "help: " in done.err


def test_what_was_done_already_is_said_with_who_when_and_what_is_next(month: Path) -> None:
    assert call(month, "submit", "2026-02", who="olive").code == 0
    again = flat(call(month, "submit", "2026-02", who="olive").err)
    assert "error[E615]" in again and "was submitted already, by olive on 20" in again
    assert "help: next, by somebody else: compengine approve" in again
    assert call(month, "approve", "2026-02", who="frank").code == 0
    again = flat(call(month, "approve", "2026-02", who="fay").err)
    assert "error[E615]" in again and "was approved already, by frank on 20" in again
    assert "help: next: compengine post" in again
    paid = flat(call(month, "pay", "2026-01", who="petra").err)
    assert "error[E608]" in paid and "help: what is wrong in it is corrected in the next period" in paid


def test_a_period_that_is_not_the_open_one_is_said_with_the_one_that_is(month: Path) -> None:
    for words, who in ((("calculate", "--period"), "olive"), (("submit",), "olive"), (("approve",), "frank")):
        assert call(month, *words, "2026-03", who=who).code == 0
    done = flat(call(month, "post", "2026-03", who="frank").err)
    assert "error[E601]" in done and "help: post the run of the period that begins on 2026-02-01 first" in done


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("plan: x\n\tcurrency: USD\n", "indent with spaces, not with tabs"),
        ("plan: x\nearn:\n\ta: 1\n", "indent with spaces, not with tabs"),
        ("plan: x\n  \tearn: 1\n", "indent with spaces, not with tabs"),
        ("", "write what it is to say, or remove it"),
        ("plan: 'x\n", "a key, a colon, a space and its value"),
    ],
)
def test_a_text_that_is_not_yaml_is_said_with_what_to_write(content: str, said: str) -> None:
    with pytest.raises(Failed) as failed:
        compose(Text("plan.yaml", content))
    assert [d.code for d in failed.value.diagnostics] == ["E101"]
    assert said in failed.value.diagnostics[0].help


def test_a_rate_that_is_missing_is_said_with_its_currencies_its_day_and_its_row(root: Path) -> None:
    edit(root / "data" / "deals.csv", "USD,2026-01-08", "GBP,2026-01-08")
    assert call(root, "load", "data").code == 0
    done = flat(call(root, "calculate", "--period", "2026-01", who="olive").err)
    assert "error[E503]: no exchange rate from GBP to USD on or before 2026-01-08 for deal.amount: row D01" in done
    assert "plans/account-executive/plan.yaml:" in done
    assert "help: load a row of exchange rates between the two, of that day or an earlier one" in done


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("blame", "2026-01", "nobody"), 2, "error[E512]: run"),
        (("why", "nobody"), 2, "error[E512]: neither run"),
        (("show", "2026-01", "--payee", "nobody"), 2, "error[E512]: run"),
        (("statements", "2026-01", "--payee", "nobody"), 2, "error[E512]: nobody has no statement for 2026-01"),
        (("explain", "nobody", "2026-01"), 2, "nobody has no row in 2026-01"),
        (("balances", "--payee", "nobody"), 2, "error[E512]: nothing was posted for nobody"),
        (("balances", "--for", "2026-13"), 2, "error[E704]: 2026-13 is no period of a calendar here"),
        (("balances", "--as-of", "2020-01-01"), 3, "error[E606]: nothing had been recorded by 2020-01-01"),
        (("balances", "--as-of", "999999"), 3, "error[E606]: the ledger has no row 999999 yet"),
        (("balances", "--as-of", "9999-12-31"), 2, "9999-12-31 is no day"),
        (("balances", "--as-of", "2026-02-31"), 2, "2026-02-31 is no day"),
        (("sample", "2026-05"), 3, "error[E606]: nothing was calculated for 2026-05"),
        (("sample", "2026-05", "-n", "0"), 2, "0 is not in the range"),
    ],
)
def test_an_argument_that_means_nothing_here_is_refused(
    closed: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = call(closed, *words)
    assert (done.code, said in flat(done.err), done.out) == (code, True, ""), done.err
    assert "help: " in done.err or done.err.startswith("Usage: ") or words[0] == "explain"


def test_a_payee_whose_accounts_are_even_has_balances(closed: Path) -> None:
    done = call(closed, "balances", "--payee", "ann")
    assert (done.code, done.err) == (0, "")
