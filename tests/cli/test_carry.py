"""What a limit carries, from the closing to the statement: explained, verified, computed again, and printed."""

from pathlib import Path

from cli_world import call, close, edit, starter


def test_what_is_carried_into_a_month_is_explained_proven_and_printed(tmp_path: Path) -> None:
    root = starter(tmp_path)
    limit = "    limit: [at most 1_000 USD per month carry]\n"
    edit(root / "plans" / "account-executive" / "plan.yaml", "    rate:\n", f"{limit}    rate:\n")
    for period in ("2026-01", "2026-02", "2026-03"):
        close(root, period)
    explained = call(root, "explain", "ann", "2026-03", "2026-03", "--format", "json").json
    # 2,100 + 1,775 and 2,805 + 1,160 earned, 1,000 paid twice: 5,840 waits; 624 of March leave room for 376
    assert [(row["part"], row["basis"], row["amount"]) for row in explained["stored"]] == [
        ("carried:month", "5840 USD", {"amount": "376.00", "currency": "USD"})
    ]
    assert explained["agrees"] is True
    assert call(root, "verify").out.splitlines()[-1] == "SOUND"
    assert call(root, "replay", "2026-03", "--independent").out.splitlines()[-1] == "MATCH"
    printed = call(root, "statements", "2026-03", "--payee", "ann", "--format", "html")
    assert printed.code == 0, printed.err
    (page,) = (root / "statements" / "2026-03").glob("*.html")
    text = " ".join(page.read_text("utf-8").split())
    assert "from earlier months <small>at most 1,000 USD per month; USD 5,840.00 waited</small>" in text
