"""The shape of a YAML file: which keys a mapping takes, which words a value may be.

Every function notes what is wrong in `found` and goes on, so that one reading shows every mistake.
"""

from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingOf
from difflib import get_close_matches
from types import MappingProxyType

from compengine.source.diagnostic import Diagnostic, Place
from compengine.source.text import Span
from compengine.source.yaml import Mapping, Node, Scalar, Sequence

NOTHING: MappingOf[str, str] = MappingProxyType({})
_KINDS: dict[type[Node], str] = {Scalar: "a text", Sequence: "a list", Mapping: "a mapping"}


def note(
    found: list[Diagnostic], code: str, message: str, span: Span, help: str = "", others: Iterable[Place] = ()
) -> None:
    found.append(Diagnostic(code, message, Place(span), help, tuple(others)))


def closest(word: str, words: Collection[str]) -> str:
    """The word that was probably meant, or nothing."""
    near = get_close_matches(word.lower(), sorted(words), n=1, cutoff=0.65)
    return near[0] if near else ""


def suggestion(word: str, words: Collection[str], what: str = "") -> str:
    """A help text: the closest word, else all of them where they are few."""
    near = closest(word, words)
    if near:
        return f"did you mean {near}?"
    if words and len(words) <= 15:
        return f"{what or 'there is'}: {', '.join(sorted(words))}"
    return ""


def mapping(node: Node | None, what: str, found: list[Diagnostic]) -> Mapping | None:
    if node is None or isinstance(node, Mapping):
        return node
    _wrong_kind(node, what, "a mapping", found)
    return None


def sequence(node: Node | None, what: str, found: list[Diagnostic]) -> Sequence | None:
    if node is None or isinstance(node, Sequence):
        return node
    _wrong_kind(node, what, "a list", found)
    return None


def scalar(node: Node | None, what: str, found: list[Diagnostic]) -> Scalar | None:
    """A text that is not empty."""
    if node is None:
        return None
    if not isinstance(node, Scalar):
        _wrong_kind(node, what, "a text", found)
        return None
    if not node.value.strip():
        note(found, "E106", f"{what} has no value", node.span)
        return None
    return node


def _wrong_kind(node: Node, what: str, wanted: str, found: list[Diagnostic]) -> None:
    if isinstance(node, Scalar) and not node.value.strip():
        note(found, "E106", f"{what} has no value", node.span, f"it takes {wanted}")
    else:
        help = ""
        if isinstance(node, Scalar) and wanted == "a list":
            help = f"write it as a list: [{node.value}]"
        elif isinstance(node, Sequence) and what == "when":
            help = "join the conditions with and, on several lines after |"
        note(found, "E106", f"{what} takes {wanted}, not {_KINDS[type(node)]}", first_place(node), help)


def check_keys(
    node: Mapping,
    what: str,
    allowed: Collection[str],
    required: Iterable[str],
    found: list[Diagnostic],
    otherwise: MappingOf[str, str] = NOTHING,
) -> None:
    """E104 for each key that is not allowed, E105 for each required one that is absent.

    `otherwise` has help texts for words that mean something which is said in another place.
    """
    missing = [key for key in required if node.entry(key) is None]
    for entry in node.entries:
        key = entry.key.value
        if key not in allowed:
            free = [k for k in allowed if node.entry(k) is None]
            help = suggestion(key, free) if closest(key, free) else suggestion(key, allowed, "it takes")
            help = otherwise.get(key.lower(), help)
            if " " in key:
                help = "inside { } a comma ends a value: write the rule on several lines, or quote the text"
            note(found, "E104", f"{what} has no key {key}", entry.key.span, help)
    for key in missing:
        note(found, "E105", f"{what} lacks the key {key}", first_place(node))


def word(node: Node | None, what: str, allowed: Collection[str], found: list[Diagnostic]) -> str | None:
    """One of a fixed list of words."""
    text = scalar(node, what, found)
    if text is None:
        return None
    if text.value in allowed:
        return text.value
    near = closest(text.value, allowed)
    help = f"did you mean {near}?" if near else f"it is one of: {', '.join(allowed)}"
    note(found, "E107", f"{what} cannot be {text.value}", text.span, help)
    return None


def first_place(node: Node) -> Span:
    """Where a mapping or list begins: its first key or item, so that a caret marks one line."""
    match node:
        case Mapping(entries) if entries:
            return entries[0].key.span
        case Sequence(items) if items:
            return first_place(items[0])
    return node.span
