"""What the mail with a statement says: the workspace's templates, or ours, and whether they hold."""

from compengine.actions.opened import FILE, Opened, read_text, shown
from compengine.inputs.schema import Delivery
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span, Text
from compengine.statement.mail import BODY, LARGEST_BODY, SAMPLE, SUBJECT, Wording, try_wording

_SAMPLE_DIGEST = "0" * 64


def link_of(delivery: Delivery, number: str, digest: str) -> str:
    """Where the statement is found, empty where the file goes along."""
    return delivery.link.replace("{number}", number).replace("{digest}", digest)


def wording(opened: Opened, delivery: Delivery) -> Wording:
    """Raises `Failed` (E802) for a body that is not a small file of the workspace; E101."""
    subject = Text(shown(opened.root / FILE), delivery.subject or SUBJECT)
    return Wording(subject, _body(opened, delivery.body) if delivery.body else Text("our own body", BODY))


def _body(opened: Opened, name: str) -> Text:
    path = (opened.root / name).resolve()
    why = ""
    if not path.is_relative_to(opened.root.resolve()) or not path.is_file():
        why = "is not a file of the workspace"
    elif path.stat().st_size > LARGEST_BODY:
        why = f"is larger than {LARGEST_BODY // 1024} KB"
    if why:
        raise Failed([Diagnostic("E802", f"the body {name} {why}", Place(note=str(path)))])
    return read_text(path)


def check_wording(opened: Opened) -> tuple[Diagnostic, ...]:
    """Both templates tried on a made-up statement; nothing where the workspace sends nothing."""
    delivery = opened.workspace.delivery
    if delivery is None:
        return ()
    try:
        texts = wording(opened, delivery)
    except Failed as failed:
        return failed.diagnostics
    found = try_wording(texts, link_of(delivery, SAMPLE.number, _SAMPLE_DIGEST))
    return tuple(
        _at_subject(opened, d) if d.place.span and d.place.span.path == texts.subject.path else d for d in found
    )


def _at_subject(opened: Opened, found: Diagnostic) -> Diagnostic:
    """The template of the subject stands in the workspace file: its line there."""
    lines = opened.text.content.splitlines()
    at = next((n for n, line in enumerate(lines, 1) if line.lstrip().startswith(("subject:", "delivery: {"))), 1)
    span = Span(opened.text.path, at, 1, at, len(lines[at - 1]) + 1)
    return Diagnostic(found.code, f"subject: {found.message}", Place(span), found.help)
