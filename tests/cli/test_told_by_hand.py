"""What a finance manager is told who gives a command in the wrong place: what stands, and what can come next."""

from pathlib import Path

import pytest
from cli_world import call, close

ASK = ("adjust", "ann", "--plan", "account-executive", "--amount", "5 USD", "--for", "2026-01", "--kind", "bonus")


@pytest.fixture
def asked(root: Path) -> Path:
    assert call(root, *ASK, "--code", "SPIF", "--because", "launch", who="olive").code == 0
    return root


@pytest.mark.parametrize(
    ("before", "command", "said", "help"),
    [
        ((), "decide A0001 accept", "requested by olive", "it can be approved or refused or withdrawn"),
        (("approve",), "withdraw A0001", "approved by frank", "same amount with the other sign: compengine adjust"),
        (("refuse",), "decide A0001 approve", "refused by frank", "it stays refused"),
    ],
)
def test_a_decision_in_the_wrong_state_says_what_can_come(
    asked: Path, before: tuple[str, ...], command: str, said: str, help: str
) -> None:
    for verb in before:
        assert call(asked, "decide", "A0001", verb, "--because", "seen", who="frank").code == 0
    done = call(asked, *command.split(), "--because", "seen", who="olive" if "withdraw" in command else "fay")
    assert (done.code, "E615" in done.err, said in done.err, f"{help}\n" in done.err) == (3, True, True, True), done.err


def test_a_reason_that_is_empty_is_asked_for(asked: Path) -> None:
    begun = call(asked, *ASK, "--code", "SPIF", "--because", " ", who="olive")
    assert begun.err == "error[E616]: the adjustment needs a reason\nhelp: say why, in a sentence: --because TEXT\n"
    assert "A0001 needs a reason" in call(asked, "decide", "A0001", "refuse", "--because", "", who="frank").err


def test_a_period_that_is_posted_is_said_to_be_with_its_run(root: Path) -> None:
    close(root, "2026-01")
    done = call(root, "post", "2026-01", who="frank")
    assert done.code == 3 and "2026-01 is posted already: run " in done.err and ", by " in done.err
