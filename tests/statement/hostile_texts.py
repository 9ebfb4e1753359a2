"""Five hundred texts that try to be more than text, and views in which one stands in every place for a text."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product, repeat
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

WAYS_OUT = (
    "",
    '">',
    "'>",
    "</td></tr></table>",
    "</b></small></p>",
    "</title></head><body>",
    "</style>",
    "-->",
    "]]>",
    "}}",
)
ASKING = (
    '<img src="file:///etc/passwd">',
    "<img src=x onerror=alert(1)>",
    '<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E">',
    '<img srcset="http://127.0.0.1:9/a.png 1x">',
    '<link rel=attachment href="file:///etc/passwd">',
    '<a rel=attachment href="file:///etc/hosts" download="x">x</a>',
    '<link rel=stylesheet href="http://127.0.0.1:9/x.css">',
    "<style>@import url(file:///etc/passwd);</style>",
    "<style>*{display:none}</style>",
    "<style>@font-face{font-family:x;src:url(file:///etc/passwd)}</style>",
    '<p style="background:url(file:///etc/passwd)">x',
    '<p style="content:attr(x);position:fixed;top:0">9,999.00',
    '<object data="file:///etc/passwd"></object>',
    '<embed src="http://127.0.0.1:9/">',
    '<iframe src="file:///etc/passwd"></iframe>',
    '<base href="file:///etc/">',
    '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">',
    '<meta name="dcterms.created" content="1999-01-01">',
    "<script>alert(1)</script>",
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    '<svg><use href="http://127.0.0.1:9/x.svg#a"/></svg>',
    "<svg/onload=alert(1)>",
    '<math><mtext><img src="file:///etc/passwd"></mtext></math>',
    '<input type=file value="x">',
    '<form action="http://127.0.0.1:9/"><button>x</button></form>',
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "<?xml-stylesheet href='file:///etc/passwd'?>",
    "{{ 7 * 7 }}",
    "{{ view.__class__.__mro__ }}",
    "{% include 'statement.html' %}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{# comment",
    "{%",
    "#{7*7}",
    "${7*7}",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "//127.0.0.1:9/x",
    "data:text/html,<b>x</b>",
    "javascript:alert(1)",
    "url(file:///etc/passwd)",
    "\\\\0041 \\\\22 \\\\3c img",
    "&lt;img src=x&gt;",
    "&#60;img src=x&#62;",
    "&amp;&quot;&apos;",
    "\u202e<b>evil\u202c",
    "＜img src=x＞",
    "<" * 60,
    "<b><i><u><s>",
)
TEXTS = tuple(f"{out}{asking}" for out, asking in product(WAYS_OUT, ASKING))
"""Each way out of what stands around a text, with each thing to ask for."""

STRUCTURAL = frozenset(
    {
        "account",
        "colour",
        "currency",
        "key",
        "kind",
        "locale",
        "logo",
        "rounding",
        "unit",
        "Disputed.state",
        "StatementView.status",
    }
)
"""Words of ours, which decide what is printed, and what the workspace file is checked for: never a text of data."""


def everywhere(node: Any, text: str) -> Any:
    """The same view with `text` for each text in it."""
    return spread(node, repeat(text))


def spread(node: Any, texts: Iterator[str], place: str = "") -> Any:
    """The same view with the next text for each text in it."""
    if is_dataclass(node) and not isinstance(node, type):
        changed = {f.name: spread(getattr(node, f.name), texts, _place(type(node), f.name)) for f in fields(node)}
        return replace(node, **changed)
    if isinstance(node, tuple):
        return tuple(spread(each, texts, place) for each in node)
    return next(texts) if isinstance(node, str) and node and not _ours(place) else node


def _place(kind: type, name: str) -> str:
    return f"{kind.__name__}.{name}"


def _ours(place: str) -> bool:
    return place in STRUCTURAL or place.partition(".")[2] in STRUCTURAL


def filled(node: Any) -> Any:
    """The same view with something in every place that its sample leaves empty: a text, a list, a part of it."""
    if isinstance(node, tuple):
        return tuple(filled(each) for each in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    kinds = get_type_hints(type(node))
    changed = {
        f.name: filled(value)
        if (value := getattr(node, f.name)) not in ("", (), None)
        else _made(kinds[f.name], f.name)
        for f in fields(node)
    }
    return replace(node, **changed)


def _made(kind: Any, name: str) -> Any:
    """Something of that type. What names a unit or a kind is one that there is."""
    arms = [arm for arm in get_args(kind) if arm is not NoneType]
    if get_origin(kind) is UnionType:
        return _made(arms[0], name)
    if get_origin(kind) is tuple:
        parts = arms[:1] if arms[-1] is ... else arms
        return tuple(_made(part, name) for part in parts)
    if is_dataclass(kind):
        kinds = get_type_hints(kind)
        return kind(**{f.name: _made(kinds[f.name], f.name) for f in fields(kind)})
    return SIMPLE[kind] if kind is not str else KNOWN.get(name, "x")


SIMPLE: dict[Any, Any] = {
    Decimal: Decimal(1),
    int: 1,
    bool: False,
    date: date(2026, 3, 1),
    datetime: datetime(2026, 3, 1, tzinfo=UTC),
}
KNOWN = {
    "currency": "USD",
    "unit": "USD",
    "kind": "bonus",
    "state": "opened",
    "account": "payable",
    "rounding": "half-even",
}


def places(node: Any) -> Iterator[tuple[str, str]]:
    """Each place for a text of data that has one, and the text."""
    if is_dataclass(node) and not isinstance(node, type):
        for f in fields(node):
            for inner in _flat(getattr(node, f.name)):
                if isinstance(inner, str) and inner and not _ours(_place(type(node), f.name)):
                    yield _place(type(node), f.name), inner
                yield from places(inner)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for each in value:
            yield from _flat(each)
    else:
        yield value


def declared(kind: type) -> set[str]:
    """Each place for a text of data that a view, or a part of it, can have."""
    found: set[str] = set()
    for f in fields(kind):
        hint = get_type_hints(kind)[f.name]
        for leaf in _leaves(hint):
            if leaf is str and not _ours(_place(kind, f.name)):
                found.add(_place(kind, f.name))
            elif is_dataclass(leaf):
                found |= declared(leaf)
    return found


def _leaves(hint: Any) -> Iterator[Any]:
    arms = get_args(hint)
    if not arms:
        yield hint
    for arm in arms:
        yield from _leaves(arm)
