"""`calculate --incremental`: the run that calculating everything gives, whom it computed, and why."""

from pathlib import Path

from cli_world import call, close, edit

from properties.planted import Fault, planted

AE = "plans/account-executive/plan.yaml"
NO_QUOTAS = Fault("quotas do not count", "actions.dirty", 'if "quotas" in rows:', "if False:", 0)


def calculated(root: Path, *more: str, period: str = "2026-01") -> tuple[str, str]:
    """The run's id, and what was said beside it."""
    done = call(root, "calculate", "--period", period, *more, who="olive")
    assert done.code == 0, done.err
    return done.out.split()[1], done.err


def load(root: Path, table: str, *rows: str) -> None:
    head = (root / "data" / f"{table}.csv").read_text().splitlines()[0]
    (root / "more.csv").write_text("\n".join([head, *rows]) + "\n")
    done = call(root, "load", table, "more.csv")
    assert done.code == 0, done.err


def test_one_deal_more_computes_its_owner_and_the_manager_and_is_the_same_run(root: Path) -> None:
    first, said = calculated(root, "--incremental")
    assert "everybody was computed: there is no earlier run of 2026-01" in said
    load(root, "deals", "D77,ben,Won,1000.00 USD,2026-01-09")
    part, said = calculated(root, "--incremental")
    assert f"2 payees computed, 2 taken over from run {first}" in said
    assert calculated(root)[0] == part != first
    assert call(root, "replay", part).code == 0


def test_nothing_changed_is_the_run_that_is_there(root: Path) -> None:
    first, _ = calculated(root)
    assert calculated(root, "--incremental") == (first, f"0 payees computed, 4 taken over from run {first}\n")


def test_what_everything_depends_on_is_told_and_computed(root: Path) -> None:
    first, _ = calculated(root)
    edit(root / "compengine.yaml", "timezone: ", "timezone:  ")
    assert (
        f"everybody was computed: since run {first} the workspace file changed" in calculated(root, "--incremental")[1]
    )
    edit(root / AE, "{0%: 5%", "{0%: 6%")
    assert "3 payees computed, 1 taken over" in calculated(root, "--incremental")[1]


def test_an_earlier_run_that_is_damaged_is_not_taken_over(root: Path) -> None:
    done = call(root, "show", calculated(root)[0], "--format", "json").json
    (root / ".compengine" / "objects" / done["opening"][:2] / done["opening"]).write_bytes(b"something else")
    load(root, "deals", "D77,ben,Won,1000.00 USD,2026-01-09")
    said = calculated(root, "--incremental")[1]
    assert "everybody was computed" in said and "is damaged" in said


def test_the_next_month_begins_with_a_whole_run_and_goes_on_from_it(root: Path) -> None:
    close(root, "2026-01")
    assert "there is no earlier run of 2026-02" in calculated(root, "--incremental", period="2026-02")[1]
    load(root, "deals", "D77,ben,Won,1000.00 USD,2026-01-09")
    part, said = calculated(root, "--incremental", period="2026-02")
    assert "2 payees computed, 2 taken over" in said
    assert calculated(root, period="2026-02")[0] == part


def test_why_names_the_row_the_colleague_and_the_rule(root: Path) -> None:
    edit(root / AE, "measures:\n", "measures:\n  of_team: sum(bookings, month, same payee.title)\n")
    first, _ = calculated(root)
    load(root, "deals", "D77,ben,Won,1000.00 USD,2026-01-09")
    calculated(root, "--incremental")
    assert "account-executive: deals D77 added" in call(root, "why", "ben").out
    assert "team-lead: deals D77 added" in call(root, "why", "lou").out
    coupled = "account-executive: coupled with ben by measure of_team (same payee.title)"
    assert coupled in call(root, "why", "ann").out
    done = call(root, "why", "ann", "--format", "json").json
    assert (done["against"], done["taken"]) == (first, True)
    assert [(c["kind"], c["name"]) for c in done["causes"]] == [("coupled", "ben")]


def test_why_says_that_nothing_changed_and_of_which_text_something_did(root: Path) -> None:
    first, _ = calculated(root)
    load(root, "deals", "D77,ben,Won,1000.00 USD,2026-01-09")
    calculated(root, "--incremental")
    nothing = "nothing that the pay of ann depends on has changed"
    assert f"taken over from run {first}: {nothing}" in call(root, "why", "ann").out
    edit(root / AE, "{0%: 5%", "{0%: 6%")
    second, _ = calculated(root)
    assert "account-executive: the text of account-executive changed" in call(root, "why", "ann").out
    assert f"the same as in run {first}" not in call(root, "why", "lou", "--run", second).out


def test_the_default_is_the_run_it_was_calculated_from(root: Path) -> None:
    first, _ = calculated(root)
    calculated(root, period="2026-02")
    load(root, "deals", "D77,ben,Won,1000.00 USD,2026-01-09")
    part, _ = calculated(root, "--incremental")
    assert call(root, "why", "ben", "--run", part, "--format", "json").json["against"] == first


def test_a_wrong_one_cannot_be_posted(root: Path) -> None:
    calculated(root)
    quota = next(x for x in (root / "data" / "quotas.csv").read_text().splitlines() if x.startswith("ann,"))
    amount = next(cell for cell in quota.split(",") if "USD" in cell)
    load(root, "quotas", quota.replace(amount, "10000 USD"))
    with planted(NO_QUOTAS):
        wrong, _ = calculated(root, "--incremental")
    for words, who in ((("submit",), "olive"), (("approve",), "frank")):
        assert call(root, *words, wrong, who=who).code == 0
    done = call(root, "post", wrong, who="frank")
    assert done.code != 0 and "E610" in done.err and "calculate it again without" in done.err
    assert calculated(root)[0] != wrong
