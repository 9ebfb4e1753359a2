"""Five hundred texts that try to be more than text, and views in which one stands in every place for a text."""

from dataclasses import fields, is_dataclass, replace
from itertools import product
from typing import Any

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

STRUCTURAL = frozenset({"account", "currency", "key", "kind", "locale", "rounding", "status", "unit"})
"""Words of ours, which decide what is printed: never a text of data."""


def everywhere(node: Any, text: str, name: str = "") -> Any:
    """The same view with `text` for each text in it."""
    if is_dataclass(node) and not isinstance(node, type):
        changed = {f.name: everywhere(getattr(node, f.name), text, f.name) for f in fields(node)}
        return replace(node, **changed)
    if isinstance(node, tuple):
        return tuple(everywhere(each, text, name) for each in node)
    return text if isinstance(node, str) and node and name not in STRUCTURAL else node
