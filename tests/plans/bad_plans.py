"""Files of bad plans: the plans in one, and the diagnostics its footer expects."""

import re
from dataclasses import dataclass
from pathlib import Path

from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.source.render import render
from compengine.source.text import Text

FOLDER = Path(__file__).parent
WORKSPACE = read_workspace(Text("compengine.yaml", (FOLDER / "compengine.yaml").read_text(encoding="utf-8")))
MARK = "# =>"
_FILE = re.compile(r"^# === (shared )?(\S+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class BadPlan:
    """`texts` are plans, `shared` files named under `use`; a line `# === [shared] NAME` begins the next file."""

    body: str
    texts: tuple[Text, ...]
    shared: dict[str, Text]
    expected: str


def read_bad(path: Path) -> BadPlan:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    body = "".join(line for line in lines if not line.startswith(MARK)).rstrip("\n") + "\n"
    expected = "".join(line[len(MARK) :].removeprefix(" ") for line in lines if line.startswith(MARK))
    parts = _FILE.split(body)
    texts, shared = [Text(path.name, parts[0])], {}
    for kind, name, content in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if kind:
            shared[name] = Text(name, content)
        else:
            texts.append(Text(name, content))
    return BadPlan(body, tuple(texts), shared, expected)


def diagnosed(bad: BadPlan) -> str:
    """What the checker says about it, as people read it."""
    program, diagnostics = check(bad.texts, WORKSPACE, bad.shared)
    assert (program is None) == bool(diagnostics)
    texts = {t.path: t for t in (*bad.texts, *bad.shared.values())}
    return "\n\n".join(render(d, texts) for d in diagnostics) + "\n" if diagnostics else ""


def with_footer(bad: BadPlan, said: str) -> str:
    footer = "".join(f"{MARK} {line}".rstrip() + "\n" for line in said.splitlines())
    return f"{bad.body}\n{footer}"
