"""Whether a statement is written as the printer writes it, so that no program that saves PDF has written it anew.

The printer puts streams one behind another, the last but one of all other objects, the last the table of places, and
nothing between or behind them. Other programs write another form, whatever they change. Who makes a file of this form
by hand is not found here: that takes the seal, or the digest of the file on record.
"""

import re

_HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_STREAM = re.compile(rb"[1-9]\d* 0 obj\n<<(/(?:(?!\nstream\n).)*)/Length ([1-9]\d*)>>\nstream\n", re.DOTALL)
_BEHIND = b"\nendstream\nendobj\n"


def is_as_printed(statement: bytes) -> bool:
    """`statement` is without a seal."""
    if not statement.startswith(_HEADER):
        return False
    place, heads, table = len(_HEADER), [b"", b""], 0
    while found := _STREAM.match(statement, place):
        table, place = place, found.end() + int(found[2])
        heads.append(found[1])
        if not statement.startswith(_BEHIND, place):
            return False
        place += len(_BEHIND)
    last = heads[-2].startswith(b"/Type /ObjStm") and heads[-1].startswith(b"/Type /XRef")
    return last and statement[place:] == b"startxref\n%d\n%%%%EOF\n" % table
