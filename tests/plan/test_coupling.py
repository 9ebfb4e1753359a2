"""What an incremental calculation knows of couplings is all that a typed plan can say."""

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from compengine.plan import coupling, typed


def having(kinds: tuple[object, ...]) -> set[str]:
    """The parts of a typed plan that have a field of one of these types."""
    found = set()
    for name, part in vars(typed).items():
        if is_dataclass(part) and part.__module__ == typed.__name__:
            hints: dict[str, Any] = get_type_hints(part)
            every = {kind for f in fields(part) for kind in (hints[f.name], *get_args(hints[f.name]))}
            found |= {name} if every & set(kinds) else set()
    return found


def test_every_part_that_names_a_group_makes_a_coupling() -> None:
    assert having((typed.Group,)) == {"Aggregate", "GroupAggregate", "ShareOf", "Rank"}
    assert having((typed.Group,)) <= set(vars(coupling))


def test_every_part_with_a_path_is_followed() -> None:
    assert having((tuple[typed.Hop, ...], typed.Hop)) == {"Read", "RelatedAggregate", "RelatedRows"}
    assert having((tuple[typed.Hop, ...], typed.Hop)) <= set(vars(coupling))


def test_every_part_with_keys_of_a_table_looks_rows_up() -> None:
    keyed = {
        name
        for name, part in vars(typed).items()
        if is_dataclass(part) and {"table", "keys"} <= {f.name for f in fields(part)}
    }
    assert keyed == {"Lookup", "Match"}
    assert keyed <= set(vars(coupling))


def test_streams_follow_from_rows_or_are_told_not_to() -> None:
    assert {kind.name for kind in typed.SourceKind} == {"TABLE", "STREAM", "COMPONENT"}
    assert set(get_args(get_type_hints(typed.Stream)["to"])) == {typed.ToPayee, typed.ToManagers, typed.ToMatching}
