"""A message: its id, its headers, and templates that cannot get out of their box."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from compengine.source.diagnostic import Failed
from compengine.source.text import Text
from compengine.statement.mail import (
    BODY,
    SAMPLE,
    SUBJECT,
    Attached,
    Envelope,
    Said,
    Wording,
    message,
    message_id,
    render,
    try_wording,
)

NOW = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
OURS = Wording(Text("subject", SUBJECT), Text("body", BODY))
ENVELOPE = Envelope("pay@acme.example", "ann@acme.example", "<abc@acme.example>")
FILE = Attached("statement.pdf", bytes(range(256)) * 40)


def made(said: Said = SAMPLE, words: Wording = OURS, envelope: Envelope = ENVELOPE) -> EmailMessage:
    mail = message_from_bytes(message(envelope, words, said, FILE, NOW), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_the_same_statement_and_recipient_make_the_same_bytes() -> None:
    assert message(ENVELOPE, OURS, SAMPLE, FILE, NOW) == message(ENVELOPE, OURS, SAMPLE, FILE, NOW)
    ids = {
        message_id(*parts, "pay@acme.example")
        for parts in (("1", "d", "a@x"), ("2", "d", "a@x"), ("1", "e", "a@x"), ("1", "d", "b@x"), ("1", "d", "a@x"))
    }
    assert len(ids) == 4 and all(id.endswith("@acme.example>") for id in ids)


def test_a_message_is_seven_bit_with_short_lines_whatever_is_said() -> None:
    said = replace(SAMPLE, name="Zoë 山田", company="x" * 3000)
    content = message(ENVELOPE, OURS, said, FILE, NOW)
    assert content.isascii() and content.count(b"\n") == content.count(b"\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    mail = made(said)
    [attachment] = mail.iter_attachments()
    assert attachment.get_content() == FILE.content
    body = mail.get_body(("plain",))
    assert body is not None and "Dear Zoë 山田," in body.get_content()


@pytest.mark.parametrize(
    "name", ["Ann\nBcc: eve@evil.example", "Ann\r\n\r\nbody", "Ann\x00", "Ann\u2028x", "Ann\u202ex"]
)
def test_a_value_cannot_add_a_header(name: str) -> None:
    words = replace(OURS, subject=Text("subject", "For {{ name }}"))
    with pytest.raises(Failed) as caught:
        made(replace(SAMPLE, name=name), words)
    assert caught.value.diagnostics[0].code == "E807"
    assert made(replace(SAMPLE, name="Ann: <x> ; Bcc"), words)["Subject"] == "For Ann: <x> ; Bcc"


@pytest.mark.parametrize("address", ["ann@acme.example\r\nBcc: eve@evil.example", "ann@acme.example,eve@evil.example"])
def test_an_address_cannot_add_a_header_or_a_recipient(address: str) -> None:
    with pytest.raises(Failed) as caught:
        made(envelope=replace(ENVELOPE, recipient=address))
    assert caught.value.diagnostics[0].code == "E808"


@pytest.mark.parametrize(
    "template",
    [
        "{{ salary }}",
        "{{ name.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{{ name | nothing }}",
        "{% for x in range(9) %}{% endfor %}",
        "{{ number",
    ],
)
def test_a_template_sees_five_texts_and_nothing_else(template: str) -> None:
    text = Text("letter.txt", f"first line\n{template}\n")
    with pytest.raises(Failed) as caught:
        render(text, SAMPLE)
    [found] = caught.value.diagnostics
    assert found.code == "E807" and found.place.span is not None
    assert (found.place.span.path, found.place.span.line) == ("letter.txt", 2)


def test_our_own_words_hold_and_a_body_that_keeps_the_link_to_itself_does_not() -> None:
    link = "https://pay.acme.example/1"
    assert try_wording(OURS, "") == try_wording(OURS, link) == ()
    [found] = try_wording(replace(OURS, body=Text("b", "Hello {{ name }}")), link)
    assert "does not tell the link" in found.message
    [found] = try_wording(replace(OURS, subject=Text("s", "{{ '' }}")), "")
    assert "the subject is empty" in found.message
    assert render(OURS.body, replace(SAMPLE, company="")).endswith("is attached.\n\n")
