"""Mistakes in data that a calculation meets, on their way to becoming diagnostics."""

from compengine.source.diagnostic import Diagnostic, Place
from compengine.source.text import Span


class Fault(Exception):
    """One value cannot be computed. Whoever works on a row catches it, notes it and goes on with the next row."""

    def __init__(self, code: str, message: str, span: Span | None = None) -> None:
        self.code = code
        self.message = message
        self.span = span
        super().__init__(f"{code}: {message}")


class Follows(Fault):
    """The value rests on a row that failed before and is already noted; saying it again would only add noise."""

    def __init__(self) -> None:
        super().__init__("", "rests on a row that failed")


class Unbound(Fault):
    """A row is read that is not there: `when` asks about the `each` row of a source row that has none."""

    def __init__(self, root: str, span: Span) -> None:
        super().__init__("E507", f"there is no row `{root}`", span)


def diagnostic(fault: Fault, table: str, row: str, payee: str) -> Diagnostic:
    """What a fault looks like to people: the place of the expression, the row and the payee."""
    about = " ".join(part for part in (f"of {payee}" if payee else "", f"in row {row}" if row else "") if part)
    message = f"{fault.message} ({about})" if about else fault.message
    return Diagnostic(fault.code, message, Place(span=fault.span, table=table, row=row, note=payee))
