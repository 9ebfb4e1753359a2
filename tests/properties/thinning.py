"""Smaller plans: rules that nothing else names are left out, so that a generated plan runs in a moment."""

import re
from random import Random

KEPT = {"credits": 0.5, "measures": 0.15, "earn": 0.4, "tables": 0.3}
"""How likely a rule stays that no other names, by section."""
Block = tuple[str, str, list[str]]
"""Section, name, lines."""


def thinned(text: str, random: Random) -> str:
    """`text` without some of its rules; at least one component stays, and `main`, which other plans draw on."""
    found = blocks(text)
    order = [n for n, (section, name, _) in enumerate(found) if section in KEPT and name not in ("", "main")]
    random.shuffle(order)
    drawn = {n: random.random() for n in order}
    gone: set[int] = set()
    for _ in range(3):  # what was named by a rule that is gone may go too
        for n in order:
            section, name, _ = found[n]
            others = "\n".join(line for at, block in enumerate(found) if at not in {n, *gone} for line in block[2])
            if n not in gone and drawn[n] >= KEPT[section] and not re.search(rf"\b{name}\b", others):
                gone.add(n)
    return _text([block for at, block in enumerate(found) if at not in gone])


def without(text: str, names: set[str]) -> str:
    """`text` without these streams, measures or components, and without every rule that names one of them."""
    found = [block for block in blocks(text) if block[1] not in names]
    gone = set(names)
    while True:
        pattern = re.compile(rf"\b({'|'.join(sorted(gone))})\b")
        kept = [block for block in found if not block[1] or not pattern.search("\n".join(block[2]))]
        if len(kept) == len(found):
            return _text(kept)
        gone = {name for _, name, _ in found} - {name for _, name, _ in kept}
        found = kept


def _text(kept: list[Block]) -> str:
    """A section stays where anything in it does."""
    sections = {section for section, name, _ in kept if name}
    lines = [
        line for section, name, block in kept if name or section not in KEPT or section in sections for line in block
    ]
    return "\n".join(lines) + "\n"


def blocks(text: str) -> list[Block]:
    """The head of each section is a block without a name; what stands outside is one of its own."""
    found: list[Block] = []
    section = ""
    for line in text.splitlines():
        if not line.startswith(" "):
            section = line.removesuffix(":") if line.endswith(":") else ""
            found.append((section, "", [line]))
        elif line.startswith("  ") and not line.startswith("   ") and section in KEPT:
            found.append((section, line.strip().split(":")[0], [line]))
        else:
            found[-1][2].append(line)
    return found
