"""The `delivery` of a workspace file: which mail server statements go out by, from whom, to which addresses."""

import re
from pathlib import PurePosixPath

from compengine.inputs.schema import ColumnType, Delivery, Table
from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import check_keys, mapping, note, scalar, word
from compengine.source.yaml import Node

KEYS = ("server", "tls", "from", "address_column", "policy", "link", "subject", "body")
REQUIRED = ("server", "tls", "from", "address_column")
TLS = ("starttls", "tls", "none")
ATTACHMENT, LINK = POLICIES = ("attachment", "link")
LINK_FORM = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?/[!-~]*")
FIELD = re.compile(r"\{([^{}]*)\}")
FIELDS = ("number", "digest")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
SERVER = re.compile(rf"(\[[0-9A-Fa-f:]+\]|{_LABEL}(?:\.{_LABEL})*):([1-9][0-9]{{0,4}})")
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
LONGEST = 254
LONGEST_LOCAL = 64


def is_address(text: str) -> bool:
    """A bare address, `ann@acme.example`: no name before it, no quotes, no space, ASCII alone (RFC 5321)."""
    return len(text) <= LONGEST and len(text.partition("@")[0]) <= LONGEST_LOCAL and bool(_ADDRESS.fullmatch(text))


def read_delivery(node: Node | None, payees: Table | None, found: list[Diagnostic]) -> Delivery | None:
    """None where the file has no `delivery`, or one that cannot be read; what is wrong is noted in `found`."""
    body = mapping(node, "delivery", found)
    if body is None:
        return None
    before = len(found)
    secrets = dict.fromkeys(
        ("user", "password"), "it comes from the environment: COMPENGINE_SMTP_USER, COMPENGINE_SMTP_PASSWORD"
    )
    check_keys(body, "delivery", KEYS, REQUIRED, found, secrets)
    host, port = _server(body.get("server"), found)
    delivery = Delivery(
        host=host,
        port=port,
        tls=word(body.get("tls"), "tls", TLS, found) or "",
        sender=_sender(body.get("from"), found),
        address_column=_column(body.get("address_column"), payees, found),
        link=_link(body.get("policy"), body.get("link"), found),
        subject=_subject(body.get("subject"), found),
        body=_body(body.get("body"), found),
    )
    return delivery if len(found) == before else None


def _server(node: Node | None, found: list[Diagnostic]) -> tuple[str, int]:
    text = scalar(node, "server", found)
    if text is None:
        return "", 0
    said = SERVER.fullmatch(text.value)
    if said is None or int(said[2]) > 65535:
        note(found, "E108", f"{text.value} is no server", text.span, "write its name and port: smtp.acme.example:587")
        return "", 0
    return said[1].strip("[]"), int(said[2])


def _sender(node: Node | None, found: list[Diagnostic]) -> str:
    text = scalar(node, "from", found)
    if text is None:
        return ""
    if not is_address(text.value):
        note(found, "E108", "from is no address", text.span, "write the address alone: pay@acme.example")
    return text.value


def _column(node: Node | None, payees: Table | None, found: list[Diagnostic]) -> str:
    text = scalar(node, "address_column", found)
    if text is None or payees is None:
        return ""
    column = payees.columns.get(text.value)
    if column is None or column.type is not ColumnType.TEXT:
        help = f"declare it there: {text.value}: optional text"
        note(found, "E108", f"{text.value} is no text column of payees", text.span, help)
    return text.value


def _link(policy: Node | None, node: Node | None, found: list[Diagnostic]) -> str:
    """The address of a statement, empty where the file itself is sent."""
    chosen = word(policy, "policy", POLICIES, found) or ATTACHMENT
    text = scalar(node, "link", found)
    if chosen == LINK and node is None and policy is not None:
        help = 'say where a statement is found: link: "https://pay.acme.example/{number}"'
        note(found, "E105", "policy link needs the key link", policy.span, help)
    if text is None:
        return ""
    if chosen != LINK:
        note(found, "E302", "a link is sent only with policy: link", text.span, "write the policy, or leave link out")
    fields = FIELD.findall(text.value)
    rest = FIELD.sub("x", text.value)
    if not LINK_FORM.fullmatch(rest) or "{" in rest or "}" in rest:
        note(found, "E108", f"{text.value} is no link", text.span, "it begins with https:// and a host")
    elif "number" not in fields or any(field not in FIELDS for field in fields):
        note(found, "E108", "a link has {number} in it, and may have {digest}", text.span)
    return text.value


def _subject(node: Node | None, found: list[Diagnostic]) -> str:
    text = scalar(node, "subject", found)
    if text is None:
        return ""
    if not text.value.isprintable():
        note(found, "E108", "a subject is one line", text.span, "leave line breaks and control characters out")
    return text.value


def _body(node: Node | None, found: list[Diagnostic]) -> str:
    text = scalar(node, "body", found)
    if text is None:
        return ""
    path = PurePosixPath(text.value)
    if path.is_absolute() or ".." in path.parts:
        help = "a path within the workspace's folder, of a text file"
        note(found, "E108", f"{text.value} is no file of the workspace", text.span, help)
    return text.value
