"""The mail server: a connection to it, and a message handed over, each with what came of it.

Whether a message was taken is known but in one case: its last line was sent, and no answer came. That is told apart
from every other loss of a connection, because only there trying again could deliver it twice.
"""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from enum import Enum

from compengine.inputs.schema import Delivery

SECONDS = 30
"""How long an answer is waited for."""
LONGEST_NOTE = 300
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Account:
    """Both empty where the server asks for none. Never shown."""

    user: str = field(repr=False)
    password: str = field(repr=False)


class Reply(Enum):
    TAKEN = "taken"
    REFUSED = "refused"
    """This message, for good (5xx)."""
    LATER = "later"
    """This message, for now (4xx), or the connection was lost before the server could have taken it."""
    UNKNOWN = "unknown"
    """The connection was lost after the last line."""
    AWAY = "away"
    """The server cannot be reached, or takes no connection now."""
    CLOSED = "closed"
    """No message would be taken: login, certificate or sender are refused."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`text` is the server's answer in one line, or what the system said."""

    reply: Reply
    text: str


def connect(delivery: Delivery, account: Account) -> smtplib.SMTP | Outcome:
    """Logged in where there is an account, else why not: AWAY or CLOSED."""
    server: smtplib.SMTP | None = None
    try:
        if delivery.tls == "tls":
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(delivery.host, delivery.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(delivery.host, delivery.port, timeout=SECONDS)
        if delivery.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        assert server.sock is not None
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the last line is sent by itself, at once
        server.ehlo_or_helo_if_needed()
        if account.user:
            server.login(account.user, account.password)
        return server
    except OSError as fault:  # smtplib's own errors are OSErrors too
        if server is not None:
            server.close()
        return _not_connected(fault)


def _not_connected(fault: OSError) -> Outcome:
    if isinstance(fault, smtplib.SMTPResponseException):
        return Outcome(Reply.AWAY if 400 <= fault.smtp_code < 500 else Reply.CLOSED, _said(*fault.args[:2]))
    if isinstance(fault, ssl.SSLCertVerificationError):
        return Outcome(Reply.CLOSED, f"the server's certificate is not trusted: {fault.verify_message}")
    if isinstance(fault, smtplib.SMTPNotSupportedError):
        return Outcome(Reply.CLOSED, _line(str(fault)))
    return Outcome(Reply.AWAY, _line(fault.strerror or str(fault) or type(fault).__name__))


def hand_over(server: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> Outcome:
    """One message with CRLF line ends to one recipient."""
    try:
        server.rset()
        code, text = server.mail(sender)
        if code != 250:
            return Outcome(Reply.LATER if 400 <= code < 500 else Reply.CLOSED, _said(code, text))
        code, text = server.rcpt(recipient)
        if code not in (250, 251):
            return _not_taken(code, text)
        code, text = server.docmd("DATA")
        if code != 354:
            return _not_taken(code, text)
        server.send(_LEADING_DOT.sub(b"..", content))
    except OSError as fault:
        return Outcome(Reply.LATER, _line(f"the connection was lost: {fault}"))
    try:
        server.send(b".\r\n")
        code, text = server.getreply()
    except OSError as fault:
        return Outcome(Reply.UNKNOWN, _line(f"the connection was lost after the message was handed over: {fault}"))
    return Outcome(Reply.TAKEN, _said(code, text)) if code == 250 else _not_taken(code, text)


def _not_taken(code: int, text: bytes) -> Outcome:
    if 400 <= code < 500:
        return Outcome(Reply.LATER, _said(code, text))
    return Outcome(Reply.REFUSED if 500 <= code < 600 else Reply.UNKNOWN, _said(code, text))


def close(server: smtplib.SMTP | None) -> None:
    """Politely where it still listens."""
    if server is None:
        return
    try:
        server.quit()
    except OSError:
        server.close()


def _said(code: object, text: object) -> str:
    return _line(f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}")


def _line(text: str) -> str:
    """One line, without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))[:LONGEST_NOTE]
