"""Filling in what a case expects, in its own text: comments and everything else stay as they are."""

from collections.abc import Sequence

from compengine.actions.case_figures import Actual, Finding
from compengine.actions.case_files import Case, Step
from compengine.source.text import Span

BALANCES = ("paid", "held", "owed", "carried")


def written(case: Case, results: Sequence[Actual | None], findings: Sequence[Finding]) -> str:
    """The file's text with wrong figures replaced, and a `then` under each step that closes a period and has none."""
    lines = case.text.content.splitlines(keepends=True)
    edits: list[tuple[Span, str]] = [(f.span, f.text) for f in findings if f.text]
    for span, text in sorted(edits, key=lambda e: (e[0].line, e[0].column), reverse=True):
        line = lines[span.line - 1]
        lines[span.line - 1] = line[: span.column - 1] + text + line[span.end_column - 1 :]
    added = [
        (step, then)
        for step, got in zip(case.steps, results, strict=False)
        if got is not None and step.then is None and (then := _then(step, got))
    ]
    for step, then in sorted(added, key=lambda pair: -pair[0].node.span.line):
        last = max(entry.value.span.end_line for entry in step.node.entries if entry.key.value != "then")
        if not lines[last - 1].endswith("\n"):
            lines[last - 1] += "\n"
        bare = step.node.entry("then")
        if bare is not None:
            del lines[bare.key.span.line - 1]
            last -= bare.key.span.line <= last
        lines[last:last] = then
    return "".join(lines)


def _then(step: Step, got: Actual) -> list[str]:
    """Lines of a `then`, indented like the step's keys; none for a step written in braces."""
    first = step.node.entries[0].key.span
    if _in_braces(step):
        return []
    margin = " " * (first.column - 1)
    measures = [(f"{p}.{m}", figure) for (p, m), figure in sorted(got.measures.items())]
    earned = [(f"{p}.{c}", figure) for (p, c), figure in sorted(got.earned.items())]
    lines = [f"{margin}then:\n"]
    for section, figures in (("measures", measures), ("earned", earned)):
        if figures:
            lines.append(f"{margin}  {section}:\n")
            lines += [f"{margin}    {name}: {figure}\n" for name, figure in figures]
    payees = sorted({line.payee for line in got.closed.lines})
    lines += [f"{margin}  balances:\n"] if payees else []
    for payee in payees:
        words = [(word, got.balance(payee, word)) for word in BALANCES]
        told = [f"{word}: {figure}" for word, figure in words if figure.unit and (figure.value or word == "paid")]
        lines += [f"{margin}    {payee}: {{{', '.join(told)}}}\n"] if told else []
    return lines


def _in_braces(step: Step) -> bool:
    """Whether the step is written `{…}`: its node then begins before its first key."""
    return step.node.span.column < step.node.entries[0].key.span.column
