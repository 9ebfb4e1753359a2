"""A statement as a message of mail: what it says comes from two templates, what it carries is the file as it is.

Templates are rendered in Jinja's sandbox: they see five texts and nothing of the program. The message has an id that
number, digest and recipient alone determine, so a message that is sent again is known as the same one.
"""

import hashlib
import traceback
from dataclasses import asdict, dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from compengine.inputs.delivery import is_address
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span, Text

SUBJECT = "Statement {{ number }}"
BODY = """\
Dear {{ name }},

{% if link %}your statement {{ number }} for {{ period }} is here: {{ link }}{% else -%}
your statement {{ number }} for {{ period }} is attached.{% endif %}


{% if company %}
{{ company }}
{% endif %}
"""
LARGEST_BODY = 64 * 1024
_POLICY = SMTP.clone(cte_type="7bit")
"""Every server takes it, whatever extensions it knows."""
_FILE = "<template>"
_HELP = "a template may use number, period, name, company and link"
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
)
_ENVIRONMENT.globals.clear()


@dataclass(frozen=True, slots=True)
class Wording:
    """The two templates, with the files they stand in."""

    subject: Text
    body: Text


@dataclass(frozen=True, slots=True)
class Said:
    """What a template may use. `link` is empty where the file goes along."""

    number: str
    period: str
    name: str
    company: str
    link: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom to whom, and the message's id (with its angle brackets)."""

    sender: str
    recipient: str
    id: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A PDF and what it is called."""

    name: str
    content: bytes


SAMPLE = Said("2026-03-000123", "2026-03", "Sam Sample", "Sample Company", "")


def message_id(number: str, digest: str, recipient: str, sender: str) -> str:
    """The same for the same statement and recipient; the part after @ is that of the sender's address."""
    made_from = "\n".join(("compengine-mail-v1", number, digest, recipient)).encode()
    return f"<{hashlib.sha256(made_from).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"


def render(template: Text, said: Said) -> str:
    """Raises `Failed` (E807) with the line of the template."""
    try:
        return _ENVIRONMENT.from_string(template.content).render(asdict(said))
    except TemplateSyntaxError as fault:
        raise Failed([_fault(template, str(fault.message), fault.lineno)]) from fault
    except Exception as fault:  # whatever a template does wrong is its author's to mend
        lines = [f.lineno for f in traceback.extract_tb(fault.__traceback__) if f.filename == _FILE]
        raise Failed([_fault(template, str(fault) or type(fault).__name__, (lines or [None])[-1])]) from fault


def _fault(template: Text, message: str, line: int | None) -> Diagnostic:
    lines = template.content.splitlines() or [""]
    number = min(max(line or 1, 1), len(lines))
    return Diagnostic("E807", message, Place(Span(template.path, number, 1, number, len(lines[number - 1]) + 1)), _HELP)


def try_wording(wording: Wording, link: str) -> tuple[Diagnostic, ...]:
    """What is wrong with the templates, found on a made-up statement; with a link, that the body tells it."""
    said = Said(SAMPLE.number, SAMPLE.period, SAMPLE.name, SAMPLE.company, link)
    found: list[Diagnostic] = []
    for template in (wording.subject, wording.body):
        try:
            text = render(template, said)
        except Failed as failed:
            found += failed.diagnostics
            continue
        if template is wording.subject and not _one_line(text):
            found.append(_fault(template, "the subject is empty, or more than one line", 1))
        if template is wording.body and link and link not in text:
            found.append(_fault(template, "the body does not tell the link", 1))
    return tuple(found)


def message(envelope: Envelope, wording: Wording, said: Said, file: Attached | None, now: datetime) -> bytes:
    """The whole message with CRLF line ends; `file` is attached as it is.

    Raises `Failed`: E807 for a template, or a subject that would not be one line of text; E808 for an address.
    """
    for address in (envelope.sender, envelope.recipient):
        if not is_address(address):
            raise Failed([Diagnostic("E808", f"{address!r} is no address")])
    subject = render(wording.subject, said)
    if not _one_line(subject):
        raise Failed([_fault(wording.subject, f"statement {said.number}: the subject is not one line of text", 1)])
    mail = EmailMessage(_POLICY)
    mail["From"] = Address(addr_spec=envelope.sender)
    mail["To"] = Address(addr_spec=envelope.recipient)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = envelope.id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(render(wording.body, said))
    if file is not None:
        mail.add_attachment(file.content, maintype="application", subtype="pdf", filename=file.name)
        mail.set_boundary(f"=_{envelope.id.strip('<>').partition('@')[0]}")
    return mail.as_bytes()


def _one_line(text: str) -> bool:
    return bool(text.strip()) and text.isprintable()
