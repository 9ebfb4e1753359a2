"""The `delivery` of a workspace file: what it takes, and every mistake at its place."""

import pytest

from compengine.inputs.delivery import is_address, read_delivery
from compengine.inputs.schema import Column, ColumnType, Delivery, Table
from compengine.source.diagnostic import Diagnostic
from compengine.source.text import Text
from compengine.source.yaml import compose

PAYEES = Table(
    "payees",
    "payee",
    ("id",),
    {
        "id": Column("id", ColumnType.PAYEE, table="payees"),
        "email": Column("email", ColumnType.TEXT, optional=True),
        "hired": Column("hired", ColumnType.DATE),
    },
)
WHOLE = {
    "server": "smtp.acme.example:587",
    "tls": "starttls",
    "from": "pay@acme.example",
    "address_column": "email",
}


def read(**changed: str) -> tuple[Delivery | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    lines = [f"{key}: {value}" for key, value in (WHOLE | changed).items() if value]
    return read_delivery(compose(Text("w", "\n".join(lines))), PAYEES, found), found


def test_what_is_said_is_what_is_read() -> None:
    link = "https://pay.acme.example/{number}"
    read_all, found = read(policy="link", link=f'"{link}"', subject='"{{ number }}"', body="mail/letter.txt")
    assert found == []
    assert read_all == Delivery(
        "smtp.acme.example", 587, "starttls", "pay@acme.example", "email", link, "{{ number }}", "mail/letter.txt"
    )
    assert read(server='"[::1]:25"', tls="none")[0] == Delivery("::1", 25, "none", "pay@acme.example", "email")
    assert read_delivery(None, PAYEES, found) is None and found == []


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"server": "smtp.acme.example"}, "E108", "is no server"),
        ({"server": "smtp..example:25"}, "E108", "is no server"),
        ({"server": "smtp.acme.example:65536"}, "E108", "is no server"),
        ({"server": "acme:hunter2@smtp.acme.example:587"}, "E108", "is no server"),
        ({"server": ""}, "E105", "lacks the key server"),
        ({"tls": "yes"}, "E107", "tls cannot be yes"),
        ({"tls": ""}, "E105", "lacks the key tls"),
        ({"from": "Pay <pay@acme.example>"}, "E108", "from is no address"),
        ({"from": '"pay@acme.example\\r\\nBcc: eve@evil.example"'}, "E108", "from is no address"),
        ({"address_column": "mail"}, "E108", "mail is no text column of payees"),
        ({"address_column": "hired"}, "E108", "hired is no text column of payees"),
        ({"policy": "link"}, "E105", "needs the key link"),
        ({"policy": "pigeon"}, "E107", "policy cannot be pigeon"),
        ({"link": '"https://a.example/{number}"'}, "E302", "only with policy: link"),
        ({"policy": "link", "link": '"http://a.example/{number}"'}, "E108", "is no link"),
        ({"policy": "link", "link": '"https://a.example/latest"'}, "E108", "has {number} in it"),
        ({"policy": "link", "link": '"https://a.example/{number}{payee}"'}, "E108", "has {number} in it"),
        ({"subject": '"Pay\\nBcc: eve@evil.example"'}, "E108", "a subject is one line"),
        ({"body": "../letter.txt"}, "E108", "is no file of the workspace"),
        ({"body": "/etc/passwd"}, "E108", "is no file of the workspace"),
        ({"password": "hunter2"}, "E104", "no key password"),
    ],
)
def test_each_mistake_has_its_code_and_place(changed: dict[str, str], code: str, said: str) -> None:
    delivery, found = read(**changed)
    assert delivery is None
    assert [(d.code, said in d.message, d.place.span is not None) for d in found] == [(code, True, True)], found


def test_a_password_in_the_file_is_answered_with_where_it_belongs() -> None:
    _, [found] = read(password="hunter2")
    assert "COMPENGINE_SMTP_PASSWORD" in found.help and "hunter2" not in found.message + found.help


@pytest.mark.parametrize("text", ["ann@acme.example", "a.b+c@x-y.example", "o'hara@mail.acme.example", "a@localhost"])
def test_bare_addresses_are_taken(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@acme.example",
        "ann@",
        "ann@@acme.example",
        "ann@acme..example",
        ".ann@acme.example",
        "ann smith@acme.example",
        "Ann <ann@acme.example>",
        "ann@acme.example, eve@evil.example",
        "ann@acme.example\nBcc: eve@evil.example",
        "ann@acme.example\n",
        "ann@-acme.example",
        "änn@acme.example",
        f"{'a' * 65}@acme.example",
        f"ann@{'a.' * 130}example",
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    assert not is_address(text)
