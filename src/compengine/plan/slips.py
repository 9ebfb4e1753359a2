"""Common slips of the pen in an expression, and what to say about a syntax error."""

import re
from collections.abc import Set

# A pattern, what is wrong, what to write instead. Tried in order on the source with its quoted texts blanked out.
_SLIPS: tuple[tuple[str, str, str], ...] = (
    (r"&&", "`&&` is not a word of the language", "write and"),
    (r"\|\|", "`||` is not a word of the language", "write or"),
    (r"<>", "`<>` is not a comparison", "write !="),
    (r"=>|=<", "this is not a comparison", "write >= or <="),
    (r"===", "`===` is not a comparison", "write =="),
    (r"!(?!=)", "`!` is not a word of the language", "write not, or != to compare"),
    (r"'", "texts do not stand in single quotes", 'write "…"'),
    (r"[“”„«»‘’]", "these are not the quotes of the language", 'write "…" with straight quotes'),
    (r"\*\*|\^", "there is no power", "multiply the value by itself"),
    (r"[$€£¥]", "a currency is written as its code", "write 500 USD"),
    (r":", "an expression holds no colon", "a colon belongs after a key only"),
    (r"#", "an expression holds no #", "put remarks on a line of their own"),
    (r"[\[\]]", "a list stands in round brackets", 'write in ("a", "b")'),
    (r"\b\d{1,2}([/.])\d{1,2}\1(?:19|20)\d\d\b", "a date begins with the year", "write year-month-day: 2026-03-31"),
    (r";", "an expression holds no semicolon", "one value, one expression"),
    (
        r"\b\d{1,3}(?:,\d{3})+\b(?!_)",
        "digits are not grouped with commas",
        "write {grouped}, or a space after the comma",
    ),
    (r"(?<![\w.-])0\d+(?![\w-])", "a number does not begin with 0", "write 5, not 05"),
    (r"(?<![\w.)])\.\d+", "a number begins with a digit", "write 0.5"),
    (r"\b\d[\d_]*(?:\.\d+)?\s+(?:%|percent\b)", "the % stands right after the number", "write {percent}"),
    (r"\b\d[\d_]*(?:\.\d+)?[A-Za-z]{3}\b", "a space stands between an amount and its currency", "write 500 USD"),
    (r"\b\d[\d_]*(?:\.\d+)? +[a-z]{3}\b(?<!and)(?<!not)(?<!per)(?<!day)", "currencies are upper case", "write {upper}"),
    (r"(?<![\w.])\d{1,3}(?:_\d{1,2}(?!\d)|_\d{4,})\w*", "digits are grouped in threes", "write 5_000"),
    (r"(?<![\w.])\d[\d_]*(?:\.\d+)?[eE][+-]?\d+", "numbers are written out", "write 1_000_000"),
    (r"\b(?:AND|OR|NOT|IF|THEN|ELSE|IN|IS|BETWEEN|TRUE|FALSE)\b", "words are lower case", "write it in small letters"),
    (r"(?<!\.)\b(?:null|none|NULL|None|nil)\b", "there is no such value", "write is empty, or is not empty"),
    (r"(?<!\w)(?![A-Z]{3}\b)(?<!\d )(?<!-)[A-Z]\w*", "names are lower case", 'a text stands in quotes: "{text}"'),
    (r"[^\x00-\x7f]", "names, numbers and signs are ASCII", "other letters stand in quoted texts only"),
)
_COMPILED = tuple((re.compile(pattern, re.ASCII), message, help) for pattern, message, help in _SLIPS)
_QUOTED = re.compile(r'"[^"\n]*"')
_EQUALS = re.compile(r"(?<![=!<>])=(?![=<>])")
_NUMBER = re.compile(r"(?<![\w.-])(\d[\d_]*)(?:\.(\d+))?", re.ASCII)
_MAX_WHOLE = 15
_MAX_PLACES = 12


def slip(source: str) -> tuple[int, int, str, str] | None:
    """Start, end, what is wrong and what to write, for the first slip found in the source."""
    bare = _QUOTED.sub(lambda m: '"' + "x" * (len(m.group()) - 2) + '"', source)
    if bare.count('"') % 2:
        at = bare.rindex('"')
        return at, len(source.rstrip()), "the quoted text does not end", 'close it with "'
    shown = _QUOTED.sub(lambda m: " " * len(m.group()), bare)
    found = [
        (m.start(), m.end(), message, _filled(help, m.group()))
        for pattern, message, help in _COMPILED
        if (m := pattern.search(shown)) is not None
    ]
    if (equals := _lone_equals(shown)) is not None:
        found.append((equals, equals + 1, "`=` does not compare", "write =="))
    for number in _NUMBER.finditer(shown):
        whole, places = number.group(1).replace("_", ""), number.group(2) or ""
        if len(whole) > _MAX_WHOLE or len(places) > _MAX_PLACES:
            message = f"a number has at most {_MAX_WHOLE} digits before the point and {_MAX_PLACES} after it"
            found.append((number.start(), number.end(), message, "shorten it"))
    return min(found, key=lambda f: f[0]) if found else None


def _filled(help: str, text: str) -> str:
    """A help text with what is found put right."""
    percent = f"{text.split()[0].removesuffix('%')}%" if text.split() else text
    return help.format(grouped=text.replace(",", "_"), percent=percent, upper=text.upper(), text=text)


def _lone_equals(shown: str) -> int | None:
    """A single `=` that does not name an argument of a call (`lookup(t.c, key = x)`, `match(…)`)."""
    for found in _EQUALS.finditer(shown):
        before = shown[: found.start()].rstrip()
        if not re.search(r"[(,]\s*[a-z_][a-z0-9_]*$", before) or not re.search(r"\b(?:lookup|match)\b", before):
            return found.start()
    return None


_VALUE = {"NUMBER", "PERCENT", "MONEY", "TEXT", "TRUE", "FALSE", "NAME", "LPAR", "_IF"}
_WINDOW = {"MONTH", "QUARTER", "YEAR", "ROLLING", "LIFE", "PREVIOUS"}
_JOIN = {"PLUS", "MINUS", "TIMES", "OVER", "COMPARISON", "_AND", "_OR", "_IN", "_IS", "_BETWEEN", "_DEFAULT", "_NOT"}
_WORDS = {
    "COMMA": "a comma",
    "RPAR": ")",
    "LPAR": "(",
    "DOT": "a dot and a column",
    "$END": "the end",
    "NAME": "a name",
    "DATESPAN": "a span such as 2026-Q1",
    "DATE": "a date",
    "DURATION": "a length such as 12 months",
    "DATEWORD": "date",
    "_EMPTY": "empty",
    "_PAYEES": "payees",
}


def wanted(start: str, source: str, at: int, names: Set[str]) -> tuple[str, str]:
    """What may stand at `at`, in words, and a help text where the mistake is a known one."""
    words: list[str] = []
    left = set(names) - {"SPACE"}
    if len(_VALUE & left) >= len(_VALUE) - 1:
        words.append("a value")
        left -= _VALUE | {"MINUS", "_NOT", "PERIOD", "DURATION", "DATE"}
    if len(_JOIN & left) >= 4:
        words.append("an operator")
        left -= _JOIN
    if len(_WINDOW & left) >= 4:
        words.append("a window")
        left -= _WINDOW | {"PERIOD", "DATESPAN", "DATE", "REPORTS", "DOWNLINE", "PLAN", "SAME"}
    left -= {"_WHERE", "EQUAL"} if words else set()
    words += sorted(_WORDS.get(name, name.removeprefix("_").lower()) for name in left)
    words = words or ["the end"]
    message = f"{', '.join(words[:-1])} or {words[-1]} may follow" if len(words) > 1 else f"{words[0]} must follow"
    return message, _help(start, source, at, names)


def _help(start: str, source: str, at: int, names: Set[str]) -> str:
    before, here = source[:at].rstrip(), source[at:].lstrip()
    missing = not here
    if missing and before.count("(") > before.count(")"):
        return "a parenthesis is not closed; inside { } or [ ] YAML cuts an expression at its comma"
    if before.count("(") < before.count(")") or (here.startswith(")") and before.count("(") == before.count(")")):
        return "a parenthesis too many"
    if missing and re.search(r"\bif\b", before) and "_ELSE" in names:
        return "every if says what holds else: if … then … else …"
    if here[:1] in "<>=!" and re.search(r"[<>=!]", before):
        return "comparisons do not chain: join them with and, or write between … and …"
    if start == "limit" and ("_PER" in names or "_AT" in names or missing):
        return "a limit reads: at most 1_000 USD per year"
    if here.startswith("of ") and re.search(r"%\s*$", before):
        return "multiply to take a part: 5% * x; in a rule, rate and of are keys of their own"
    if here.startswith(",") and "_ELSE" in names:
        return "no comma stands before else"
    if here.startswith("to ") and "_AND" in names and re.search(r"\bbetween\b", before):
        return "write between a and b"
    if start == "per":
        return "per is: credit of STREAM, period, month, quarter or year"
    if start == "band" and here.startswith("whole"):
        return ""
    if re.match(r"(is|equals)\b", here) or before.endswith(" is"):
        return "is stands before empty and not empty; compare with =="
    if re.match(r"date\b", here):
        return "write to date after a window: quarter to date"
    return ""
