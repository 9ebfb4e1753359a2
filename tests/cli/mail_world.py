"""A mail server on loopback that answers as it is told, and a workspace that sends to it."""

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cli_world import call, close, edit, starter
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PERIOD = "2026-01"
PEOPLE = ("ann", "ben", "cho", "lou")
DELIVERY = """\
delivery:
  server: 127.0.0.1:2525
  tls: none
  from: pay@acme.example
  address_column: email
"""
DROP, HANG = "drop", "hang"


@dataclass
class Mailbox:
    """`answers` are given one by one, to the recipients or the content of messages; after them all is taken. `DROP`
    ends the connection in place of an answer, `HANG` keeps it waiting until `freed`; both have taken the content."""

    port: int = 0
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    to_recipient: list[str] = field(default_factory=list)
    to_content: list[str] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)
    freed: threading.Event = field(default_factory=threading.Event)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.to_recipient.pop(0) if self.to_recipient else ""
        if answer == DROP:
            server.transport.abort()
            return "421 gone"
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.to_content.pop(0) if self.to_content else ""
        if answer in ("", DROP, HANG):
            self.mails.append((envelope.rcpt_tos[0], envelope.original_content))
        self.came.set()
        if answer == HANG:
            while not self.freed.is_set():
                await asyncio.sleep(0.02)
        if answer == DROP:
            server.transport.abort()
        return answer if answer not in ("", DROP, HANG) else f"250 ok queued as {len(self.mails)}"

    @property
    def read(self) -> list[EmailMessage]:
        return [parsed(content) for _, content in self.mails]


def parsed(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


@contextmanager
def server(**how: Any) -> Iterator[Mailbox]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Mailbox(port)
    controller = Controller(box, hostname="127.0.0.1", port=port, **how)
    controller.start()
    try:
        yield box
    finally:
        box.freed.set()
        controller.stop()


def sending_workspace(folder: Path) -> Path:
    """January final and its statements issued; everybody has an address but lou."""
    root = starter(folder, loaded=False)
    edit(root / "compengine.yaml", "title: text,", "title: text, email: optional text,")
    edit(root / "data/payees.csv", "title,manager", "title,email,manager")
    for name in PEOPLE:
        address = "" if name == "lou" else f"{name}@acme.example"
        path = root / "data/payees.csv"
        lines = path.read_text("utf-8").splitlines()
        cells = [line.split(",") for line in lines]
        path.write_text(
            "\n".join(",".join([*c[:3], address, *c[3:]]) if c[0] == name else ",".join(c) for c in cells) + "\n",
            "utf-8",
        )
    assert call(root, "load", "data").code == 0
    close(root, PERIOD)
    with (root / "compengine.yaml").open("a", encoding="utf-8") as file:
        file.write(DELIVERY)
    done = call(root, "statements", PERIOD, who="olive")
    assert "on record" in done.out, done.err
    return root


def towards(root: Path, box: Mailbox) -> Path:
    edit(root / "compengine.yaml", "127.0.0.1:2525", f"127.0.0.1:{box.port}")
    return root


def give_address(root: Path, payee: str, old: str, new: str) -> None:
    manager = "" if payee == "lou" else "lou"
    edit(root / "data/payees.csv", f",{old},{manager},2026", f",{new},{manager},2026")
    done = call(root, "load", "payees", "data/payees.csv")
    assert done.code == 0, done.err


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate that the server signs itself, and what it answers with."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), day, day + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "server.pem", folder / "server.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(*form))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return certificate, context


def asking(tries: list[tuple[bytes, bytes]]) -> Callable[..., AuthResult]:
    """Takes the password `right` alone, and keeps what was tried."""

    def asked(server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
        tries.append((said.login, said.password))
        return AuthResult(success=said.password == b"right", handled=False)

    return asked
