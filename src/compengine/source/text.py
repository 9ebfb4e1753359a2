"""A source text and the places in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one file: lines and columns count from 1; `end_column` is one past the last character."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Text:
    """One file as read: `path` is what people are shown."""

    path: str
    content: str

    def line(self, number: int) -> str:
        lines = self.content.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""
