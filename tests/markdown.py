"""What the project's Markdown pages say: links, headings, paths, commands."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "src" / "compengine" / "actions" / "starter"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
SAVED = re.compile(r"[Ss]ave\sthis\sas\s`([\w./-]+)`")
TOP = ("src", "docs", "plans", "statements", "tests", "scripts", "bench")
REPOSITORY_PATH = re.compile(rf"(?:{'|'.join(TOP)})/[\w./-]*")


def pages() -> list[Path]:
    """The Markdown files at the top of the repository, in `docs`, and beside the sample plans."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plans/*.md")])


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    """The names by which the headings of a page can be linked to."""
    heads = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def broken_links(page: Path, text: str) -> list[str]:
    """Links of a page to files or headings that are not there; addresses elsewhere are not looked at."""
    broken = []
    for target in LINK.findall(prose(text)):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (
            anchor and file.suffix == ".md" and anchor not in anchors(text if file == page else file.read_text("utf-8"))
        ):
            broken.append(target)
    return broken


def missing_paths(text: str) -> list[str]:
    """Paths that a page names in code quotes, does not save, and that are neither here nor in a new workspace."""
    saved = set(SAVED.findall(prose(text)))
    named = [code for code in CODE.findall(prose(text)) if REPOSITORY_PATH.fullmatch(code) and code not in saved]
    return [path for path in named if not any((root / path).exists() for root in (ROOT, STARTER))]


def console_commands(text: str) -> list[list[str]]:
    """The commands that a page shows after `$ ` in blocks marked `console`, as words, in order."""
    blocks = [body for language, body in FENCE.findall(text) if language == "console"]
    lines = [line for body in blocks for line in body.splitlines()]
    return [shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ ")]
