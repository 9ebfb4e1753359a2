"""The text of a value → its syntax, every part with its exact place in the file.

A value is bounded before anything walks it: 4 KB of source, 500 tokens, 32 open parentheses, a tree 64 deep.
"""

import re
from importlib.resources import files
from typing import cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from compengine.plan import syntax as s
from compengine.plan.slips import slip, wanted
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span
from compengine.source.yaml import Scalar, Style

MAX_SOURCE = 4 * 1024
MAX_TOKENS = 500
MAX_OPEN = 32
MAX_DEPTH = 64

_STARTS = ["expression", "per", "limit", "band", "recipient", "related", "group"]
_PARSER = Lark(
    files("compengine.plan").joinpath("expr.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer="contextual",
    start=_STARTS,
    propagate_positions=True,
    maybe_placeholders=True,
)
_TOKEN = re.compile(r'"[^"\n]*"|[A-Za-z0-9_%]+|\S')


def expression(value: Scalar) -> s.Expression:
    """Raises `Failed` with one diagnostic: E109, E201 or E212."""
    return cast(s.Expression, _walk(_tree(value, "expression"), value))


def per(value: Scalar) -> s.PerCredit | s.PerWindow:
    return cast(s.PerCredit | s.PerWindow, _walk(_tree(value, "per"), value))


def limit(value: Scalar) -> s.Limit:
    return cast(s.Limit, _walk(_tree(value, "limit"), value))


def band(value: Scalar) -> s.Band:
    return cast(s.Band, _walk(_tree(value, "band"), value))


def recipient(value: Scalar) -> s.ToPayee | s.ToMatching:
    return cast(s.ToPayee | s.ToMatching, _walk(_tree(value, "recipient"), value))


def related(value: Scalar) -> s.Related:
    return cast(s.Related, _walk(_tree(value, "related"), value))


def group(value: Scalar) -> s.Group:
    return cast(s.Group, _walk(_tree(value, "group"), value))


# --- limits and the parser


def _tree(value: Scalar, start: str) -> Tree[Token]:
    if not value.exact:
        how = {Style.QUOTED: "in quotes", Style.FOLDED: "folded with >"}.get(value.style, "on several lines")
        help = "write it on one line without quotes, or as a block after |"
        raise Failed([Diagnostic("E109", f"an expression cannot stand {how}", Place(_head(value.span)), help)])
    source = value.value
    _bound(value, source)
    found = slip(source)
    if found is not None:
        at, end, message, help = found
        raise Failed([Diagnostic("E201", message, Place(value.stretch(at, end)), help)])
    try:
        tree = _PARSER.parse(source, start=start)
    except UnexpectedInput as error:
        raise Failed([_syntax_error(value, source, start, error)]) from None
    if _depth(tree) > MAX_DEPTH:
        raise Failed([_too_large(value, f"the expression is nested more than {MAX_DEPTH} levels deep")])
    return tree


def _head(span: Span) -> Span:
    """The first line of a place: a caret marks one line."""
    return span if span.line == span.end_line else Span(span.path, span.line, span.column, span.line, span.column + 1)


def _too_large(value: Scalar, message: str) -> Diagnostic:
    return Diagnostic("E212", message, Place(_head(value.span)), "name a part of it as a measure")


def _bound(value: Scalar, source: str) -> None:
    if len(source) > MAX_SOURCE:
        raise Failed([_too_large(value, f"the expression is longer than {MAX_SOURCE:,} characters")])
    depth = 0
    for count, token in enumerate(_TOKEN.finditer(source), start=1):
        depth += (token.group() == "(") - (token.group() == ")")
        if count > MAX_TOKENS:
            raise Failed([_too_large(value, f"the expression has more than {MAX_TOKENS} words and signs")])
        if depth > MAX_OPEN:
            raise Failed([_too_large(value, f"more than {MAX_OPEN} parentheses are open at once")])


def _depth(tree: Tree[Token]) -> int:
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
    return deepest


def _syntax_error(value: Scalar, source: str, start: str, error: UnexpectedInput) -> Diagnostic:
    at = len(source.rstrip())
    if error.pos_in_stream is not None and not (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        at = error.pos_in_stream
    end = at + 1
    if isinstance(error, UnexpectedToken):
        names = set(error.accepts or error.expected)
        if error.token.type != "$END":
            end = at + max(1, len(str(error.token)))
    else:
        assert isinstance(error, UnexpectedCharacters)
        names = set(error.allowed or ()) or {"$END"}
        word = re.match(r"\w+", source[at:])
        end = at + (len(word.group()) if word else 1)
    what = f"{source[at:end]} is not expected here" if at < len(source.rstrip()) else "something is missing at the end"
    message, help = wanted(start, source, at, names)
    return Diagnostic("E201", f"{what}: {message}", Place(value.stretch(at, end)), help)


# --- from the parser's tree to our syntax


def _place(node: Tree[Token] | Token, value: Scalar) -> tuple[Span, str]:
    if isinstance(node, Token):
        start, end = node.start_pos, node.end_pos
    else:
        start, end = node.meta.start_pos, node.meta.end_pos
    assert start is not None and end is not None
    return value.stretch(start, end), value.value[start:end]


def _part(token: Token, value: Scalar) -> s.Part:
    return s.Part(str(token), _place(token, value)[0])


_Syntax = s.Argument | s.PerCredit | s.PerWindow | s.Limit | s.Scope | s.Unit | s.Days | s.Band
_Syntax = _Syntax | s.ToPayee | s.ToMatching | s.Related  # type: ignore[misc]


def _walk(tree: Tree[Token], value: Scalar) -> object:
    """One node; its parts first. The tree's depth is bounded."""
    span, text = _place(tree, value)
    tokens = [child for child in tree.children if isinstance(child, Token)]
    parts = [_walk(child, value) for child in tree.children if isinstance(child, Tree)]
    built = _build_expression(tree.data, span, text, tokens, parts, value)
    if built is None:
        built = _build_argument(tree.data, span, text, tokens, parts, value)
    if built is None:
        built = _build_phrase(tree.data, span, text, tokens, parts, value)
    assert built is not None, tree.data
    return built


def _build_expression(rule: str, span: Span, text: str, tokens: list[Token], parts: list, value: Scalar) -> object:  # type: ignore[type-arg]
    match rule:
        case "expression":
            return parts[0]
        case "literal":
            kind = tokens[0].type.lower()
            return s.Constant(span, text, "bool" if kind in ("true", "false") else kind)
        case "path":
            return s.Path(span, text, tuple(_part(t, value) for t in tokens))
        case "call":
            return s.Call(span, text, _part(tokens[0], value), tuple(parts))
        case "arithmetic":
            return s.Arithmetic(span, text, str(tokens[0]), *parts)
        case "negate":
            return s.Negate(span, text, *parts)
        case "compare":
            return s.Compare(span, text, str(tokens[0]), *parts)
        case "one_of" | "none_of":
            return s.OneOf(span, text, parts[0], tuple(parts[1:]), rule == "none_of")
        case "in_span" | "not_in_span":
            return s.InSpan(span, text, parts[0], parts[1], rule == "not_in_span")
        case "between":
            return s.Between(span, text, *parts)
        case "is_empty" | "is_not_empty":
            return s.IsEmpty(span, text, parts[0], rule == "is_not_empty")
        case "default":
            return s.Default(span, text, *parts)
        case "not_":
            return s.Not(span, text, *parts)
        case "and_":
            return s.And(span, text, *parts)
        case "or_":
            return s.Or(span, text, *parts)
        case "if_then":
            return s.If(span, text, *parts)
    return None


def _build_argument(rule: str, span: Span, text: str, tokens: list[Token], parts: list, value: Scalar) -> object:  # type: ignore[type-arg]
    kinds = [t.type for t in tokens]
    shift = "last year" if "LAST" in kinds else ""
    match rule:
        case "unit":
            return s.Unit(span, text, str(tokens[0]), parts[0] if parts else None)
        case "span":
            days = [_part(t, value) for t in tokens if t.type != "TO"]
            return s.Days(span, text, days[0], days[1] if len(days) > 1 else None)
        case "window_unit":
            return s.Window(span, text, parts[0], None, None, "TO" in kinds, shift)
        case "window_previous":
            return s.Window(span, text, parts[0], None, None, False, "previous")
        case "window_rolling":
            length = next(t for t in tokens if t.type == "DURATION")
            written = s.Constant(*_place(length, value), "duration")
            return s.Window(span, text, None, written, None, True, shift)
        case "window_life":
            return s.Window(span, text, None, None, None, True, "")
        case "window_span":
            return s.Window(span, text, None, None, parts[0], False, "")
        case "group":
            return s.Group(span, text, str(tokens[0]), parts[0] if parts else None)
        case "rows_where":
            return s.RowsWhere(span, text, *parts)
        case "levels":
            return s.Levels(span, text, *parts)
        case "named":
            return s.Named(span, text, _part(tokens[0], value), *parts)
    return None


def _build_phrase(rule: str, span: Span, text: str, tokens: list[Token], parts: list, value: Scalar) -> object:  # type: ignore[type-arg]
    match rule:
        case "per_credit":
            return s.PerCredit(span, text, _part(tokens[-1], value))
        case "per_window":
            return s.PerWindow(span, text, str(tokens[0]))
        case "scope":
            if tokens:
                return s.Scope(span, text, str(tokens[0]), None)
            unit = parts[0]
            return s.Scope(span, text, "anniversary" if unit.anchor else unit.name, unit.anchor)
        case "by":
            return parts[0]
        case "across":
            return _part(tokens[0], value)
        case "at_least" | "at_most" | "first":
            by = next((p for p in parts[2:] if isinstance(p, s.Path)), None)
            across = any(isinstance(p, s.Part) for p in parts)
            carry = next((_part(t, value) for t in tokens if t.type == "CARRY"), None)
            return s.Limit(span, text, rule.replace("_", " "), parts[0], parts[1], by, across, carry)
        case "band":
            return s.Band(span, text, parts[0], bool(tokens))
        case "to_payee":
            return s.ToPayee(span, text, parts[0])
        case "to_matching":
            return s.ToMatching(span, text, parts[0])
        case "related":
            return s.Related(span, text, parts[0], parts[1] if len(parts) > 1 else None)
    return None
