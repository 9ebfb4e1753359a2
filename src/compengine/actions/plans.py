"""The plans of a workspace: which files they are, and whether they hold."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from compengine.actions.opened import FILE, Opened, find_root, open_workspace, read_text, shown
from compengine.plan.check import check
from compengine.plan.typed import Program, SourceKind
from compengine.source.diagnostic import Diagnostic, Failed, Place, Severity
from compengine.source.shape import suggestion
from compengine.source.text import Span, Text
from compengine.source.yaml import Mapping, Scalar, compose
from compengine.source.yaml import Sequence as Listed

_PLAN_KEY = re.compile(r"^(plan|currency|effective|pay_period|payees|earn)\s*:", re.MULTILINE)
_PLAN_NAME = re.compile(r"^plan\s*:\s*([a-z0-9-]+)", re.MULTILINE)
_USE_KEY = re.compile(r"^use\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Checked:
    """`program` is None where anything is wrong. `shared` are the files named under `use`, by their paths."""

    program: Program | None
    texts: tuple[Text, ...]
    shared: dict[str, Text]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> int:
        return sum(d.severity is Severity.ERROR for d in self.diagnostics)


def plan_files(root: Path) -> list[Path]:
    """`plans/NAME/plan.yaml` and `plans/*.yaml`; where there is no folder `plans`, the same beside the workspace file.

    A file with nothing but tables, credits and measures is no plan; plans bring it in with `use`.
    """
    folder = root / "plans" if (root / "plans").is_dir() else root
    single = [p for p in sorted(folder.glob("*.yaml")) if p.name != FILE]
    return [*sorted(folder.glob("*/plan.yaml")), *(p for p in single if _is_plan(p))]


def _is_plan(path: Path) -> bool:
    return _PLAN_KEY.search(path.read_text(encoding="utf-8", errors="replace")) is not None


def check_workspace(opened: Opened, more: Sequence[Path] = ()) -> Checked:
    """Every plan of the workspace, and `more`, as one program."""
    files = plan_files(opened.root)
    known = {p.resolve() for p in files}
    files += [p for p in more if p.resolve() not in known]
    found: list[Diagnostic] = []
    texts: list[Text] = []
    shared: dict[str, Text] = {}
    for file in files:
        try:
            text = read_text(file)
        except Failed as failed:
            found += failed.diagnostics
            continue
        texts.append(text)
        shared.update(_used(opened.root, file, text))
    program, diagnostics = check(texts, opened.workspace, shared)
    return Checked(None if found else program, tuple(texts), shared, (*found, *diagnostics))


def _used(root: Path, plan: Path, text: Text) -> dict[str, Text]:
    """The files a plan names under `use` that are there, inside the workspace. What is missing, `check` reports."""
    if not _USE_KEY.search(text.content):
        return {}
    try:
        body = compose(text)
    except Failed:
        return {}
    used = body.get("use") if isinstance(body, Mapping) else None
    named = used.items if isinstance(used, Listed) else (used,)
    files: dict[str, Text] = {}
    for node in named:
        if isinstance(node, Scalar):
            file = (plan.parent / node.value).resolve()
            if file.is_file() and file.is_relative_to(root):
                files[shown(file)] = read_text(file)
    return files


def unread(opened: Opened, checked: Checked) -> tuple[Diagnostic, ...]:
    """The YAML files below `plans/` that nothing reads (E710): a warning each, an error for one that is a plan. Case
    files are read by `test`."""
    read = {(Path.cwd() / path).resolve() for path in (*(t.path for t in checked.texts), *checked.shared)}
    read |= {file.resolve() for file in plan_files(opened.root)}
    files = (file for pattern in ("*.yaml", "*.yml") for file in (opened.root / "plans").rglob(pattern))
    return tuple(
        _unread(file)
        for file in sorted(files)
        if file.resolve() not in read and file.parent.name != "cases" and file.name != "case.yaml"
    )


def _unread(file: Path) -> Diagnostic:
    place = Place(Span(shown(file), 1, 1, 1, 1))
    if _PLAN_NAME.search(file.read_text(encoding="utf-8", errors="replace")) is None:
        help = "name it under `use` in a plan, put it into a folder `cases`, or move it out of plans/"
        return Diagnostic("E710", "this file is not read", place, help, severity=Severity.WARNING)
    help = "a plan, and each version of one, is plans/NAME/plan.yaml or plans/NAME.yaml: move it there"
    return Diagnostic("E710", "this plan is not read", place, help)


def check_paths(start: Path, paths: Sequence[Path]) -> tuple[Opened | None, Checked]:
    """What `check` shows: mistakes of the workspace file alone where it has any, else those of all plans, or of
    `paths` (files or folders). The workspace is looked for from the first path upwards.

    Raises `Failed`: E703 without a workspace, E705 for a path that is not there or holds no plan.
    """
    first = paths[0].resolve() if paths else start.resolve()
    root = find_root(first if first.is_dir() else first.parent)
    try:
        opened = open_workspace(root)
    except Failed as failed:
        return None, Checked(None, (), {}, failed.diagnostics)
    chosen = [file for path in paths for file in _plans_at(path)]
    checked = check_workspace(opened, chosen)
    if not paths:
        return opened, replace(checked, diagnostics=(*checked.diagnostics, *unread(opened, checked)))
    wanted = {shown(p.resolve()) for p in chosen}
    wanted |= {d.place.span.path for d in checked.diagnostics if d.place.span and d.place.span.path in checked.shared}
    mine = tuple(d for d in checked.diagnostics if d.place.span is None or d.place.span.path in wanted)
    texts = tuple(t for t in checked.texts if t.path in wanted)
    return opened, Checked(checked.program, texts, checked.shared, mine)


def _plans_at(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted({*path.glob("plan.yaml"), *plan_files(path)}) if path.is_dir() else []
    if not found:
        raise Failed([Diagnostic("E705", f"there is no plan at {path}", Place())])
    return found


def sound_plans(opened: Opened) -> tuple[Program | None, dict[str, tuple[Diagnostic, ...]]]:
    """The plans without a mistake, as one program, and the mistakes of the others by plan name.

    A plan that draws on one left out is left out with it. None where no plan is left.
    """
    checked = check_workspace(opened)
    broken: dict[str, tuple[Diagnostic, ...]] = {}
    texts = checked.texts
    while checked.program is None:
        at = {d.place.span.path for d in checked.diagnostics if d.place.span is not None}
        left = tuple(text for text in texts if text.path not in at)
        if len(left) == len(texts):
            raise Failed(checked.diagnostics)
        for text in texts:
            if text.path in at:
                mine = tuple(d for d in checked.diagnostics if d.place.span and d.place.span.path == text.path)
                broken[_plan_name(text)] = mine
        texts = left
        program, diagnostics = check(texts, opened.workspace, checked.shared)
        checked = Checked(program, texts, checked.shared, diagnostics)
    return checked.program, broken


def _plan_name(text: Text) -> str:
    found = _PLAN_NAME.search(text.content)
    return found.group(1) if found else text.path


def the_program(opened: Opened) -> tuple[Program, Checked]:
    """All plans, checked; raises `Failed` with what is wrong, E710 for one that is not read, or E705 where there is
    none."""
    checked = check_workspace(opened)
    if checked.program is None:
        raise Failed(checked.diagnostics)
    beside = unread(opened, checked)
    if any(d.severity is Severity.ERROR for d in beside):
        raise Failed(beside)
    if not checked.program.plans:
        help = "write one in plans/NAME/plan.yaml"
        raise Failed([Diagnostic("E705", f"the workspace {opened.workspace.name} has no plan", help=help)])
    return checked.program, replace(checked, diagnostics=(*checked.diagnostics, *beside))


def with_sources(program: Program, names: Iterable[str]) -> Program:
    """The plans of these names and those they take earnings from; raises `Failed` (E705) for one that is not there."""
    there = {plan.name for plan in program.plans}
    wanted = set(names)
    if missing := sorted(wanted - there):
        raise Failed([Diagnostic("E705", f"there is no plan {name}", help=suggestion(name, there)) for name in missing])
    while more := _drawn_on(program, wanted) - wanted:
        wanted |= more
    plans = tuple(plan for plan in program.plans if plan.name in wanted)
    ids = {plan.id for plan in plans}
    return replace(program, plans=plans, order=tuple(t for t in program.order if t.plan in ids))


def _drawn_on(program: Program, names: set[str]) -> set[str]:
    """The plans whose components are sources of these plans."""
    streams = [stream for plan in program.plans if plan.name in names for stream in plan.streams.values()]
    return {s.source.plan for s in streams if s.source.kind is SourceKind.COMPONENT}
