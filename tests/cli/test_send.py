"""Statements by mail: each once, each as printed, and what is not known is said."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from cli_world import Done, call, edit, files
from mail_world import (
    DROP,
    HANG,
    PERIOD,
    Mailbox,
    asking,
    certified,
    give_address,
    parsed,
    sending_workspace,
    server,
    towards,
)

from compengine.actions import send as sending
from compengine.actions.outbox import Outbox, Sending


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sending_workspace(tmp_path_factory.mktemp("send"))


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with server() as made:
        yield made


@pytest.fixture
def root(printed: Path, box: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With waits too short to notice."""
    monkeypatch.setattr(sending, "WAITS", (0.01, 0.02, 0.03))
    return towards(shutil.copytree(printed, tmp_path / "acme"), box)


def go(root: Path, *words: str) -> Done:
    return call(root, "send", PERIOD, *words, who="olive")


def stages(root: Path) -> dict[str, str]:
    listed = call(root, "send", PERIOD, "--list", "--format", "json").json["outbox"]
    return {step["payee"]: step["stage"] for step in listed}


def test_two_runs_deliver_each_statement_once_and_name_who_has_no_address(root: Path, box: Mailbox) -> None:
    first = go(root)
    assert (first.code, first.out) == (1, "3 statements of 2026-01 sent\n")
    assert "error[E808]: lou has no address" in first.err and "payees, row lou, column email" in first.err
    assert sorted(to for to, _ in box.mails) == ["ann@acme.example", "ben@acme.example", "cho@acme.example"]
    second = go(root)
    assert (second.code, second.out) == (1, "0 statements of 2026-01 sent, 3 sent before\n")
    assert len(box.mails) == 3
    give_address(root, "lou", "", "lou@acme.example")
    third = go(root)
    assert (third.code, third.out) == (0, "1 statement of 2026-01 sent, 3 sent before\n")
    assert box.mails[3][0] == "lou@acme.example" and len(box.mails) == 4


def test_what_arrives_is_the_printed_file_and_nothing_else(root: Path, box: Mailbox) -> None:
    go(root)
    entries = json.loads((root / "statements" / PERIOD / "manifest.json").read_text())["statements"]
    by_payee = {entry["payee"]: entry for entry in entries}
    assert len(box.read) == 3
    for (to, _), mail in zip(box.mails, box.read, strict=True):
        entry = by_payee[to.partition("@")[0]]
        [attachment] = mail.iter_attachments()
        assert attachment.get_filename() == entry["file"]
        assert attachment.get_content() == (root / "statements" / PERIOD / entry["file"]).read_bytes()
        assert (mail["From"], mail["To"]) == ("pay@acme.example", to)
        assert mail["Subject"] == f"Statement {entry['number']}"
        body = mail.get_body(("plain",))
        assert body is not None and f"statement {entry['number']} for 2026-01 is attached." in body.get_content()
    assert len({mail["Message-ID"] for mail in box.read}) == 3


def test_killed_before_the_answer_it_is_uncertain_and_sent_again_only_when_asked(root: Path, box: Mailbox) -> None:
    box.to_content = [HANG]
    words = [sys.executable, "-c", "from compengine.cli.main import main; main()", "send", PERIOD, "--payee", "ann"]
    with subprocess.Popen(words, cwd=root, env={**os.environ, "COMPENGINE_AS": "olive"}) as process:
        assert box.came.wait(60)
        assert stages(root) == {"ann": "sending"}
        busy = go(root, "--payee", "ann")
        assert busy.code == 2 and "E811" in busy.err and len(box.mails) == 1
        process.send_signal(signal.SIGKILL)
    box.freed.set()
    after = go(root, "--payee", "ann")
    assert after.code == 1 and "error[E810]" in after.err and "perhaps delivered" in after.err
    assert box.mails[0][0] == "ann@acme.example" and len(box.mails) == 1
    assert "uncertain" in call(root, "send", PERIOD, "--list").out
    again = go(root, "--payee", "ann", "--again")
    assert (again.code, again.out) == (0, "1 statement of 2026-01 sent\n")
    first, second = box.read
    assert first["Message-ID"] == second["Message-ID"]
    assert go(root, "--payee", "ann", "--again").out == "0 statements of 2026-01 sent, 1 sent before\n"
    assert len(box.mails) == 2


class Killed(BaseException):
    """In place of a signal, at a chosen step."""


def killed_at(call_number: int, how: str, patch: pytest.MonkeyPatch) -> None:
    """The process ends at a step of the outbox: before it is written, with half of it written, or after."""
    add, calls = Outbox.add, []

    def stopped(outbox: Outbox, steps: Iterable[Sending]) -> None:
        calls.append(how)
        if len(calls) != call_number:
            add(outbox, steps)
        elif how == "half":
            line = json.dumps([asdict(step) for step in steps]).encode()
            os.write(outbox.descriptor, line[: len(line) // 2])
            raise Killed
        else:
            if how == "after":
                add(outbox, steps)
            raise Killed

    patch.setattr(Outbox, "add", stopped)


@pytest.mark.parametrize("how", ["before", "half", "after"])
def test_killed_at_any_step_nothing_goes_out_twice_and_nothing_is_forgotten(root: Path, box: Mailbox, how: str) -> None:
    everybody = {"ann@acme.example", "ben@acme.example", "cho@acme.example"}
    uncertain = 0
    for at in range(1, 8):
        (root / ".compengine" / "outbox.jsonl").unlink(missing_ok=True)
        box.mails.clear()
        with pytest.MonkeyPatch.context() as patch:
            killed_at(at, how, patch)
            with pytest.raises(Killed):
                go(root)
        done = go(root)
        there = [to for to, _ in box.mails]
        open_still = {f"{payee}@acme.example" for payee, stage in stages(root).items() if stage == "sending"}
        assert len(there) == len(set(there)), f"twice after step {at}"
        assert set(there) | open_still == everybody, f"forgotten after step {at}"
        assert done.err.count("E810") == len(open_still) <= 1
        assert go(root, "--again").out.startswith(f"{len(open_still)} statement")
        assert {to for to, _ in box.mails} == everybody and set(stages(root).values()) == {"sent"}
        uncertain += len(open_still)
    assert uncertain == 3, "one for each message that had been handed over, or was about to be"


def test_a_connection_lost_after_the_last_line_is_uncertain_and_not_tried_again(root: Path, box: Mailbox) -> None:
    box.to_content = [DROP]
    done = go(root, "--payee", "ann")
    assert done.code == 1 and "E810" in done.err and "connection was lost after" in done.err
    assert len(box.mails) == 1 and stages(root) == {"ann": "sending"}


def test_a_connection_lost_before_the_content_is_tried_again(root: Path, box: Mailbox) -> None:
    box.to_recipient = [DROP, DROP]
    done = go(root, "--payee", "ann")
    assert (done.code, len(box.mails), box.to_recipient) == (0, 1, [])


@pytest.mark.parametrize("at", ["to_recipient", "to_content"])
def test_a_4xx_is_tried_again_and_then_sent(root: Path, box: Mailbox, at: str) -> None:
    setattr(box, at, ["451 greylisted", "451 greylisted"])
    done = go(root, "--payee", "ann")
    assert (done.code, len(box.mails), stages(root)) == (0, 1, {"ann": "sent"})


def test_a_4xx_that_stays_fails_after_four_times_and_is_sent_by_the_next_command(root: Path, box: Mailbox) -> None:
    box.to_content = ["451 busy"] * 5
    done = go(root, "--payee", "ann")
    assert done.code == 1 and "was not sent: 451 busy" in done.err
    assert (stages(root), box.to_content, box.mails) == ({"ann": "failed"}, ["451 busy"], [])
    assert (go(root, "--payee", "ann").code, stages(root)) == (0, {"ann": "sent"})


@pytest.mark.parametrize("at", ["to_recipient", "to_content"])
def test_a_5xx_is_tried_once_and_noted_with_the_words_of_the_server(root: Path, box: Mailbox, at: str) -> None:
    setattr(box, at, ["550 5.1.1 no such\tmailbox"])
    done = go(root)
    assert (done.code, done.out) == (1, "2 statements of 2026-01 sent\n")
    assert "to ann@acme.example was refused: 550 5.1.1 no such mailbox" in done.err
    assert stages(root) == {"ann": "bounced", "ben": "sent", "cho": "sent"}
    assert "was refused" in go(root).err and len(box.mails) == 2
    again = go(root, "--again")
    assert "ann" not in again.err and len(box.mails) == 3


def test_another_address_after_a_refusal_is_another_message(root: Path, box: Mailbox) -> None:
    box.to_recipient = ["550 no such mailbox"]
    go(root, "--payee", "ann")
    give_address(root, "ann", "ann@acme.example", "ann.testwell@ACME.example")
    assert go(root, "--payee", "ann").code == 0
    assert [to for to, _ in box.mails] == ["ann.testwell@acme.example"]


def test_a_server_that_is_away_leaves_all_queued_and_the_next_command_sends_them(root: Path, box: Mailbox) -> None:
    edit(root / "compengine.yaml", f":{box.port}", ":1")
    done = go(root)
    assert (done.code, done.out) == (1, "0 statements of 2026-01 sent, 3 still queued\n")
    assert done.err.count("E809") == 1 and "127.0.0.1:1 cannot be reached" in done.err
    assert set(stages(root).values()) == {"queued"}
    edit(root / "compengine.yaml", "127.0.0.1:1", f"127.0.0.1:{box.port}")
    assert go(root).out == "3 statements of 2026-01 sent\n"


def test_a_dry_run_writes_the_messages_and_sends_and_notes_nothing(root: Path, box: Mailbox, tmp_path: Path) -> None:
    before = files(root)
    done = go(root, "--dry-run", str(tmp_path / "mails"))
    assert (done.code, files(root), box.mails) == (1, before, [])
    assert "3 statements of 2026-01 in " in done.out and "nothing sent" in done.out
    written = {p.name: p.read_bytes() for p in (tmp_path / "mails").iterdir()}
    assert sorted(written) == [f"2026-01-00000{n}.eml" for n in (1, 2, 3)]
    go(root)
    for content, mail in zip([written[name] for name in sorted(written)], box.read, strict=True):
        rehearsed = parsed(content)
        assert (rehearsed["Message-ID"], rehearsed["To"]) == (mail["Message-ID"], mail["To"])
        assert next(rehearsed.iter_attachments()).get_content() == next(mail.iter_attachments()).get_content()


def test_a_file_that_is_not_as_printed_stops_everything_before_it_begins(root: Path, box: Mailbox) -> None:
    [file, *_] = sorted((root / "statements" / PERIOD).glob("*.pdf"))
    file.write_bytes(file.read_bytes() + b"%%EOF\n")
    done = go(root)
    assert (done.code, done.out, box.mails) == (2, "", []) and "E805" in done.err and file.name in done.err
    assert stages(root) == {}


def test_a_manifest_that_is_not_on_record_is_refused(root: Path, box: Mailbox) -> None:
    path = root / "statements" / PERIOD / "manifest.json"
    path.write_text(path.read_text().replace('"payee": "ann"', '"payee": "ben"'))
    done = go(root)
    assert (done.code, box.mails) == (2, []) and "not on record" in done.err
    path.unlink()
    assert "E706" in go(root).err


def test_previews_and_runs_that_are_not_final_are_refused(root: Path, box: Mailbox) -> None:
    words = ((("calculate", "--period"), "olive"), (("submit",), "olive"), (("approve",), "frank"))
    for command, who in words:
        assert call(root, *command, "2026-02", who=who).code == 0
    preview = call(root, "send", "2026-02", who="olive")
    assert preview.code == 3 and "E607" in preview.err
    assert call(root, "post", "2026-02", who="frank").code == 0
    assert call(root, "statements", "2026-02", who="olive").code == 0
    posted = call(root, "send", "2026-02", who="olive")
    assert posted.code == 3 and "E615" in posted.err and box.mails == []
    assert call(root, "finalize", "2026-02", who="frank").code == 0
    assert call(root, "send", "2026-02", who="olive").out == "3 statements of 2026-02 sent\n"


def test_where_people_have_roles_only_a_preparer_sends(root: Path, box: Mailbox) -> None:
    with (root / "compengine.yaml").open("a") as file:
        file.write("controls: {act_as: yes, roles: {preparer: [olive], approver: [frank], payer: [petra]}}\n")
    refused = call(root, "send", PERIOD, "--payee", "ann", who="petra")
    assert refused.code == 3 and "E613" in refused.err and box.mails == []
    assert call(root, "send", PERIOD, "--payee", "ann").code == 3, "nobody is named"
    assert go(root, "--payee", "ann").code == 0 and len(box.mails) == 1


def test_an_outbox_that_was_changed_is_refused_and_a_line_half_written_is_not_missed(root: Path, box: Mailbox) -> None:
    go(root, "--payee", "ann")
    outbox = root / ".compengine" / "outbox.jsonl"
    whole = outbox.read_bytes()
    assert [json.loads(line)["stage"] for line in whole.splitlines()] == ["queued", "sending", "sent"]
    outbox.write_bytes(whole[:-9])
    torn = go(root, "--payee", "ann")
    assert torn.code == 1 and "E810" in torn.err and len(box.mails) == 1
    assert outbox.read_bytes() == b"".join(whole.splitlines(keepends=True)[:2])
    outbox.write_bytes(whole.replace(b'"sent"', b'"gone"'))
    changed = go(root, "--payee", "ann")
    assert changed.code == 2 and "E811" in changed.err and "outbox.jsonl:3" in changed.err and len(box.mails) == 1


def test_a_link_goes_out_in_place_of_the_file(root: Path, box: Mailbox) -> None:
    with (root / "compengine.yaml").open("a") as file:
        file.write('  policy: link\n  link: "https://pay.acme.example/s/{number}?d={digest}"\n')
        file.write('  subject: "{{ period }} für {{ name }}"\n')
    assert go(root, "--payee", "ann").code == 0
    [mail] = box.read
    digest = json.loads((root / "statements" / PERIOD / "manifest.json").read_text())["statements"][0]["digest"]
    assert mail["Subject"] == "2026-01 für Ann Testwell"
    assert not mail.is_multipart()
    assert f"https://pay.acme.example/s/2026-01-000001?d={digest}" in mail.get_content()


def test_a_body_of_the_workspace_is_checked_with_its_line_before_anything_is_sent(root: Path, box: Mailbox) -> None:
    (root / "letter.txt").write_text("Hello {{ name }}\n.\n{{ salary }}\n")
    with (root / "compengine.yaml").open("a") as file:
        file.write("  body: letter.txt\n  subject: '{{ number'\n")
    checked = call(root, "check")
    assert checked.code == 1 and checked.out.count("error[E807]") == 2
    assert "letter.txt:3" in checked.out and "subject: " in checked.out
    assert go(root).code == 2 and box.mails == []
    (root / "letter.txt").write_text("Hello {{ name }}\n.\n.. end\n")
    edit(root / "compengine.yaml", "'{{ number'", "'{{ number }}'")
    assert call(root, "check").code == 0
    assert go(root, "--payee", "ann").code == 0
    body = box.read[0].get_body(("plain",))
    assert body is not None and body.get_content().split("\r\n") == ["Hello Ann Testwell", ".", ".. end", ""]


def test_a_login_needs_a_certificate_that_is_trusted_and_the_right_password(
    printed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = shutil.copytree(printed, tmp_path / "acme")
    certificate, context = certified(tmp_path)
    tries: list[tuple[bytes, bytes]] = []
    with server(tls_context=context, require_starttls=True, auth_required=True, authenticator=asking(tries)) as box:
        towards(root, box)
        edit(root / "compengine.yaml", "tls: none", "tls: starttls")
        monkeypatch.setenv("COMPENGINE_SMTP_USER", "acme")
        monkeypatch.setenv("COMPENGINE_SMTP_PASSWORD", "wrong")
        untrusted = go(root)
        assert untrusted.code == 1 and "certificate is not trusted" in untrusted.err and tries == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        refused = go(root)
        assert refused.code == 1 and "takes no mail of ours: 535" in refused.err
        assert set(tries) == {(b"acme", b"wrong")} and len(tries) <= 2, "by PLAIN and by LOGIN, and not again later"
        monkeypatch.setenv("COMPENGINE_SMTP_PASSWORD", "right")
        assert go(root).out == "3 statements of 2026-01 sent\n"
        assert tries[-1] == (b"acme", b"right") and len(box.mails) == 3


def test_user_and_password_come_from_the_environment_and_travel_only_encrypted(
    root: Path, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPENGINE_SMTP_USER", "acme")
    monkeypatch.setenv("COMPENGINE_SMTP_PASSWORD", "s3cret-word")
    clear = go(root)
    assert clear.code == 2 and "E302" in clear.err and "in the clear" in clear.err
    edit(root / "compengine.yaml", "tls: none", "tls: starttls")
    monkeypatch.setenv("COMPENGINE_SMTP_PASSWORD", "s3cret-wörd")
    assert "E108" in go(root).err
    monkeypatch.setenv("COMPENGINE_SMTP_PASSWORD", "s3cret-word")
    bare = go(root)
    assert bare.code == 1 and "takes no mail of ours: STARTTLS" in bare.err and box.mails == []
    everything = b"".join(files(root).values()) + (clear.err + bare.err).encode()
    assert b"s3cret-word" not in everything
