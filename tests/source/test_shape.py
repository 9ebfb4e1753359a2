"""Keys and words are checked against tables, with the nearest one suggested."""

from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import check_keys, closest, mapping, scalar, sequence, word
from compengine.source.text import Text
from compengine.source.yaml import Mapping, compose


def root(content: str) -> Mapping:
    node = compose(Text("a.yaml", content))
    assert isinstance(node, Mapping)
    return node


def test_unknown_and_missing_keys_are_told_with_the_nearest_allowed_one() -> None:
    found: list[Diagnostic] = []
    check_keys(root("amout: 1\n"), "a draw", ["amount", "kind"], ["kind"], found)
    assert [(d.code, d.help) for d in found] == [("E104", "did you mean amount?"), ("E105", "")]


def test_an_unknown_key_without_a_near_one_shows_all() -> None:
    found: list[Diagnostic] = []
    check_keys(root("zzz: 1\n"), "a draw", ["amount", "kind"], [], found)
    assert found[0].help == "it takes: amount, kind"


def test_a_value_of_another_kind_is_told_once() -> None:
    found: list[Diagnostic] = []
    node = root("a: [1]\nb: {c: d}\ne: f\ng:\n")
    assert scalar(node.get("a"), "a", found) is None
    assert sequence(node.get("b"), "b", found) is None
    assert mapping(node.get("e"), "e", found) is None
    assert scalar(node.get("g"), "g", found) is None
    assert scalar(node.get("absent"), "absent", found) is None
    assert [d.code for d in found] == ["E106"] * 4


def test_a_word_is_one_of_those_allowed() -> None:
    found: list[Diagnostic] = []
    assert word(root("a: keep\n").get("a"), "a", ("kept", "reduced"), found) is None
    assert word(root("a: kept\n").get("a"), "a", ("kept", "reduced"), found) == "kept"
    assert [(d.code, d.help) for d in found] == [("E107", "did you mean kept?")]


def test_nothing_is_near_to_something_else() -> None:
    assert closest("zebra", ["amount", "kind"]) == ""
