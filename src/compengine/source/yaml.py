"""YAML as positioned nodes: every scalar stays the text it is, with its exact place.

Nothing is typed here: `010`, `NO` and `1.10` are texts. Whatever YAML does behind the reader's back is refused:
anchors, aliases, tags, merge keys, directives, several documents, duplicate keys, characters that change the order
of what is shown. Files are bounded in size, depth and number of nodes, so a hostile one costs little.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import yaml

from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span, Text

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BREAK = re.compile(r"\r\n|\r|\n")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


class Style(StrEnum):
    """How a scalar is written."""

    PLAIN = "plain"
    QUOTED = "quoted"
    LITERAL = "literal"  # |
    FOLDED = "folded"  # >


@dataclass(frozen=True, slots=True)
class Scalar:
    """`value` is the text after YAML has unquoted and unfolded it; `span` covers it as written, quotes included.

    `first_line` and `margin` lead from an offset in `value` to the file: the line of the value's first character,
    and the columns in front of each of its lines.
    """

    value: str
    span: Span
    style: Style
    first_line: int
    margin: int

    @property
    def exact(self) -> bool:
        """Whether every character of `value` stands in the file as it is: plain on one line, or a literal block."""
        return self.style is Style.LITERAL or (self.style is Style.PLAIN and self.span.line == self.span.end_line)

    def stretch(self, start: int, end: int) -> Span:
        """The place in the file of `value[start:end]`; the whole scalar where `exact` is false."""
        if not self.exact:
            return self.span
        line, column = self._at(start)
        end_line, end_column = self._at(max(start, end))
        return Span(self.span.path, line, column, end_line, end_column)

    def _at(self, offset: int) -> tuple[int, int]:
        before = self.value[:offset]
        return self.first_line + before.count("\n"), self.margin + offset - (before.rfind("\n") + 1) + 1


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple["Node", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Entries in the file's order; keys are different texts."""

    entries: tuple[Entry, ...]
    span: Span

    def entry(self, key: str) -> Entry | None:
        return next((e for e in self.entries if e.key.value == key), None)

    def get(self, key: str) -> "Node | None":
        found = self.entry(key)
        return found.value if found else None

    def keys(self) -> tuple[str, ...]:
        return tuple(e.key.value for e in self.entries)


Node = Scalar | Sequence | Mapping


def compose(text: Text) -> Node:
    """The one document of a file. Raises `Failed`: E110 and E101 stop at once, E102 and E103 are collected."""
    start = Span(text.path, 1, 1, 1, 1)
    if len(text.content.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Failed([_fault("E110", f"the file is larger than {MAX_BYTES // 1024} KB", start)])
    _refuse_characters(text)
    faults: list[Diagnostic] = []
    try:
        events = _events(text, faults)
    except yaml.MarkedYAMLError as error:
        raise Failed([*faults, _malformed(text, error)]) from None
    except yaml.YAMLError as error:
        raise Failed([*faults, _fault("E101", f"not readable as YAML: {error}", start, "save it as UTF-8")]) from None
    if not any(isinstance(e, yaml.NodeEvent) for e in events):
        faults.append(_fault("E101", "the file is empty", start, "write what it is to say, or remove it"))
    if faults:
        raise Failed(faults)
    lines = _BREAK.split(text.content)
    node, _ = _node(events, 0, text.path, lines, faults)
    if faults:
        raise Failed(faults)
    return node


def _fault(code: str, message: str, span: Span, help: str = "", others: tuple[Place, ...] = ()) -> Diagnostic:
    return Diagnostic(code, message, Place(span), help, others)


def _refuse_characters(text: Text) -> None:
    """Control characters, characters that reorder text, and line ends that editors do not show as such."""
    faults = []
    for found in list(_FORBIDDEN.finditer(text.content))[:20]:
        before = text.content[: found.start()]
        breaks = list(_BREAK.finditer(before))
        line, column = len(breaks) + 1, found.start() - (breaks[-1].end() if breaks else 0) + 1
        message = f"the invisible character U+{ord(found.group()):04X} is not allowed"
        help = "save the file as UTF-8 without a byte order mark" if found.group() == "\ufeff" else "remove it"
        faults.append(_fault("E103", message, Span(text.path, line, column, line, column + 1), help))
    if faults:
        raise Failed(faults)


def _malformed(text: Text, error: yaml.MarkedYAMLError) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = error.problem or error.context or "cannot be read"
    if "nesting depth" in problem:
        return _fault(
            "E110", f"nested more than {MAX_DEPTH} levels deep", Span(text.path, line, column, line, column + 1)
        )
    stands = text.content.splitlines()[line - 1 : line]
    help = "a key, a colon, a space and its value stand on each line; what belongs to it stands further in below"
    if "expected key" in problem or "block end" in problem:
        help = "a value that begins with a quote ends with it; in an expression the quoted text stands on the right"
        before = text.content.splitlines()[line - 1][: column - 1] if mark else "-"
        if not before.strip():
            help = f"keys of one level begin in one column; this one has {column - 1} spaces before it"
    if "mapping values are not allowed" in problem:
        help = "a text with a colon in it stands in quotes; an expression holds no colon"
    if any(part.lstrip(" ").startswith("\t") for part in stands):
        help = "indent with spaces, not with tabs"
    return _fault("E101", f"not well-formed YAML: {problem}", Span(text.path, line, column, line, column + 1), help)


def _events(text: Text, faults: list[Diagnostic]) -> list[yaml.Event]:
    """All events, with refusals noted in `faults`; stops at once where a limit is passed."""
    events: list[yaml.Event] = []
    depth = nodes = documents = 0
    for event in yaml.parse(text.content, Loader=_LOADER):
        span = _span(text.path, event)
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise Failed([*faults, _fault("E103", "a second document starts here", span, "one file, one plan")])
                if event.version or event.tags:
                    faults.append(_fault("E103", "directives are not allowed", span, "remove the line"))
            case yaml.AliasEvent():
                faults.append(_fault("E103", f"the alias *{event.anchor} is not allowed", span, "write the value out"))
            case yaml.CollectionEndEvent():
                depth -= 1
            case yaml.NodeEvent():
                nodes += 1
                _refuse_decoration(event, span, faults)
                if isinstance(event, yaml.CollectionStartEvent):
                    depth += 1
                if depth > MAX_DEPTH:
                    raise Failed([*faults, _fault("E110", f"nested more than {MAX_DEPTH} levels deep", span)])
                if nodes > MAX_NODES:
                    raise Failed([*faults, _fault("E110", f"more than {MAX_NODES:,} values in one file", span)])
        events.append(event)
    return [e for e in events if isinstance(e, yaml.NodeEvent | yaml.CollectionEndEvent)]


def _refuse_decoration(event: yaml.NodeEvent, span: Span, faults: list[Diagnostic]) -> None:
    if event.anchor is not None:
        faults.append(_fault("E103", f"the anchor &{event.anchor} is not allowed", span, "write the value out"))
    tag = getattr(event, "tag", None)
    if tag is not None:
        faults.append(_fault("E103", f"the tag {tag} is not allowed", span, "remove it; the schema types every value"))


def _span(path: str, event: yaml.Event) -> Span:
    start, end = event.start_mark, event.end_mark
    assert start is not None and end is not None
    return Span(path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _node(events: list[yaml.Event], at: int, path: str, lines: list[str], faults: list[Diagnostic]) -> tuple[Node, int]:
    """The node that starts at `at`, and where the next one starts. Depth is bounded by `MAX_DEPTH`."""
    event = events[at]
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event, path, lines), at + 1
    parts: list[Node] = []
    at += 1
    while not isinstance(events[at], yaml.CollectionEndEvent):
        part, at = _node(events, at, path, lines, faults)
        parts.append(part)
    span = _collection_span(path, event, events[at], parts)
    if isinstance(event, yaml.SequenceStartEvent):
        return Sequence(tuple(parts), span), at + 1
    entries: dict[str, Entry] = {}
    for key, value in zip(parts[::2], parts[1::2], strict=True):
        _add_entry(entries, key, value, faults)
    return Mapping(tuple(entries.values()), span), at + 1


def _collection_span(path: str, start: yaml.Event, end: yaml.Event, parts: list[Node]) -> Span:
    """A block ends with its last part (YAML would say: where the next thing begins)."""
    first, last = _span(path, start), _span(path, end)
    if parts and not getattr(start, "flow_style", False):
        last = parts[-1].span
    return Span(path, first.line, first.column, last.end_line, last.end_column)


def _add_entry(entries: dict[str, Entry], key: Node, value: Node, faults: list[Diagnostic]) -> None:
    if not isinstance(key, Scalar):
        faults.append(_fault("E106", "a key is a text, not a list or mapping", key.span))
        return
    if key.value == "<<" and key.style is Style.PLAIN:
        faults.append(_fault("E103", "merge keys are not allowed", key.span, "write the entries out"))
        return
    name = unicodedata.normalize("NFC", key.value)
    if name in entries:
        first = entries[name].key.span
        message = f"the key {key.value} stands twice in one mapping"
        others = (Place(first, note="first here"),)
        faults.append(_fault("E102", message, key.span, "keep one of the two", others))
        return
    entries[name] = Entry(key, value)


def _scalar(event: yaml.ScalarEvent, path: str, lines: list[str]) -> Scalar:
    span = _span(path, event)
    style = {None: Style.PLAIN, "": Style.PLAIN, "|": Style.LITERAL, ">": Style.FOLDED}.get(event.style, Style.QUOTED)
    if style is not Style.LITERAL:
        return Scalar(event.value, span, style, span.line, span.column - 1)
    content = event.value.split("\n")
    margin, last = 0, span.line
    for number, line in enumerate(content):
        if line.strip():
            shown = lines[span.line + number] if span.line + number < len(lines) else line
            margin, last = len(shown) - len(line), max(last, span.line + 1 + number)
    end_column = len(lines[last - 1]) + 1 if last <= len(lines) else 1
    return Scalar(event.value, Span(path, span.line, span.column, last, end_column), style, span.line + 1, margin)


def walk(node: Node) -> list[Node]:
    """The node and everything below it, in the file's order."""
    match node:
        case Scalar():
            return [node]
        case Sequence(items):
            return [node, *(n for item in items for n in walk(item))]
        case Mapping(entries):
            return [node, *(n for e in entries for part in (e.key, e.value) for n in walk(part))]
