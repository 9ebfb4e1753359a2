"""Scalars stay texts with exact places; whatever YAML does behind the reader's back is refused, cheaply."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compengine.source.diagnostic import Failed
from compengine.source.text import Text
from compengine.source.yaml import Mapping, Node, Scalar, Sequence, Style, compose, walk


def composed(content: str) -> Node:
    return compose(Text("a.yaml", content))


def refused(content: str) -> list[str]:
    with pytest.raises(Failed) as failed:
        composed(content)
    return [d.code for d in failed.value.diagnostics]


def value(content: str, key: str) -> Scalar:
    root = composed(content)
    assert isinstance(root, Mapping)
    found = root.get(key)
    assert isinstance(found, Scalar)
    return found


@pytest.mark.parametrize(
    "source",
    ["010", "NO", "yes", "1.10", "1:30", ".inf", ".nan", "~", "null", "0x1F", "1_000", "2026-01-01", "1e3", "=", "+1"],
)
def test_a_scalar_is_the_text_it_shows(source: str) -> None:
    assert value(f"a: {source}\n", "a").value == source


def test_spans_cover_keys_and_values_as_written() -> None:
    root = composed('first: one\nsecond: "two"\nthird: [a, {b: c}]\n')
    assert isinstance(root, Mapping)
    assert [str(e.key.span) for e in root.entries] == ["a.yaml:1:1", "a.yaml:2:1", "a.yaml:3:1"]
    second = root.entries[1].value
    assert (second.span.column, second.span.end_column) == (9, 14)
    third = root.entries[2].value
    assert isinstance(third, Sequence)
    assert (third.items[1].span.column, third.items[1].span.end_column) == (12, 18)


@pytest.mark.parametrize(
    ("source", "style", "exact"),
    [
        ("plain", Style.PLAIN, True),
        ('"quoted"', Style.QUOTED, False),
        ("'quoted'", Style.QUOTED, False),
        ("|\n  literal", Style.LITERAL, True),
        (">\n  folded", Style.FOLDED, False),
        ("two\n  lines", Style.PLAIN, False),
    ],
)
def test_style_says_whether_places_in_the_value_are_exact(source: str, style: Style, exact: bool) -> None:
    found = value(f"a: {source}\n", "a")
    assert (found.style, found.exact) == (style, exact)


@pytest.mark.parametrize("header", ["|", "|-", "|+", "|2"])
def test_an_offset_in_a_block_leads_to_its_line_and_column(header: str) -> None:
    content = f"k:\n  a: {header}\n\n    one\n      two three\n\n    four\nb: c\n"
    root = composed(content)
    assert isinstance(root, Mapping)
    inner = root.get("k")
    assert isinstance(inner, Mapping)
    found = inner.get("a")
    assert isinstance(found, Scalar)
    lines = content.splitlines()
    for word in ("one", "two", "three", "four"):
        at = found.value.index(word)
        span = found.stretch(at, at + len(word))
        assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == word


def test_a_duplicate_key_names_both_places() -> None:
    with pytest.raises(Failed) as failed:
        composed("a: 1\nb: 2\na: 3\n")
    (fault,) = failed.value.diagnostics
    assert (fault.code, str(fault.place), str(fault.others[0])) == ("E102", "a.yaml:3:1", "a.yaml:1:1")


@pytest.mark.parametrize("second", ['"a"', "'a'", "a"])
def test_quoting_does_not_hide_a_duplicate(second: str) -> None:
    assert refused(f"a: 1\n{second}: 2\n") == ["E102"]


def test_keys_that_look_the_same_are_duplicates() -> None:
    assert refused("caf\u00e9: 1\ncafe\u0301: 2\n") == ["E102"]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ("a: &x 1\nb: *x\n", ["E103", "E103"]),
        ("a: *x\n", ["E103"]),
        ("a: !!python/object:os.system ls\n", ["E103"]),
        ("a: !!binary aGk=\n", ["E103"]),
        ("a: !own 1\n", ["E103"]),
        ("a: ! 1\n", ["E103"]),
        ("a: !!set {b, c}\n", ["E103"]),
        ("<<: {a: b}\n", ["E103"]),
        ("a: 1\n---\nb: 2\n", ["E103"]),
        ("%YAML 1.1\n---\na: 1\n", ["E103"]),
        ("a: \u202eb\n", ["E103"]),
        ("a: b\u2028c\n", ["E103"]),
        ("a: \x00\n", ["E103"]),
        ("\ufeffa: 1\n", ["E103"]),
        ("a: \ud800\n", ["E103"]),
        ("? [a, b]\n: c\n", ["E106"]),
        ("", ["E101"]),
        ("# only a remark\n", ["E101"]),
        ("a: [\n", ["E101"]),
        ("a: 'b\n", ["E101"]),
        ("a: b: c\n", ["E101"]),
        ("\ta: b\n", ["E101"]),
        ("a: " + "[" * 21 + "]" * 21, ["E110"]),
        ("a: " + "[" * 100_000, ["E110"]),
        ("a: [" + "1, " * 20_001 + "]", ["E110"]),
        ("a: " + "b" * 262_144, ["E110"]),
    ],
)
def test_what_is_not_plain_yaml_is_refused(content: str, codes: list[str]) -> None:
    assert refused(content) == codes


def test_a_bomb_of_aliases_costs_nothing() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    started = time.perf_counter()
    assert set(refused("\n".join(lines))) == {"E103"}
    assert time.perf_counter() - started < 1


def test_several_faults_are_told_at_once() -> None:
    assert len(refused("a: &x 1\nb: !t 2\nc: *x\n")) == 3


@settings(max_examples=300, deadline=1000)
@given(st.text(max_size=200))
def test_any_text_is_composed_or_refused(content: str) -> None:
    try:
        root = composed(content)
    except Failed as failed:
        assert all(d.code in ("E101", "E102", "E103", "E106", "E110") for d in failed.diagnostics)
        return
    scalars = [n for n in walk(root) if isinstance(n, Scalar)]
    starts = [(n.span.line, n.span.column) for n in scalars]
    assert starts == sorted(starts)


@settings(max_examples=200, deadline=1000)
@given(
    st.lists(st.sampled_from(["a: ", "b", "- ", "\n", "  ", "|", ">", "[", "]", "{", "}", ", ", ": ", '"', "'", "#"]))
)
def test_exact_scalars_stand_in_the_file_where_they_say(pieces: list[str]) -> None:
    content = "".join(pieces)
    try:
        root = composed(content)
    except Failed:
        return
    lines = content.split("\n")
    for node in walk(root):
        if isinstance(node, Scalar) and node.exact:
            for at, character in enumerate(node.value):
                if character != "\n":
                    span = node.stretch(at, at + 1)
                    assert lines[span.line - 1][span.column - 1] == character
