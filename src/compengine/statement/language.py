"""The words of a statement: a catalogue for each language, and what a locale puts between figures.

A catalogue is `statements/languages/LANGUAGE.yaml`: a key and its text, or its texts by plural form (CLDR's `one`,
`other`). `{name}` in a text stands for a value that is put in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import yaml
from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

from compengine.inputs.schema import DEFAULT_LOCALE, LOCALES
from compengine.statement.templates import SHIPPED

DEFAULT = DEFAULT_LOCALE
FOLDER = "languages"
Words = Mapping[str, str | Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Language:
    """`group` and `decimal` are the marks of numbers, `percent` what stands behind a share with its space.

    `code_first` says that a currency's code stands before the amount.
    """

    tag: str
    locale: Locale
    words: Words
    group: str
    decimal: str
    percent: str
    code_first: bool


@lru_cache(maxsize=len(LOCALES))
def language(tag: str) -> Language:
    assert tag in LOCALES, f"no locale {tag!r}"
    locale = Locale.parse(tag, sep="-")
    return Language(
        tag=tag,
        locale=locale,
        words=catalogue(locale.language),
        group=get_group_symbol(locale),
        decimal=get_decimal_symbol(locale),
        percent=locale.percent_formats[None].pattern.rpartition("0")[2],
        code_first=locale.currency_formats["standard"].pattern.startswith("¤"),
    )


@lru_cache(maxsize=len(LOCALES))
def catalogue(name: str) -> Words:
    """All texts of a language (`en`, `de`, …)."""
    paths = [root / FOLDER / f"{name}.yaml" for root in SHIPPED]
    path = next(path for path in paths if path.is_file())
    found: Words = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def say(words: Language, key: str, **values: str) -> str:
    """The text of a key with values put in; they stand as they are, whatever is in them."""
    text = words.words[key]
    assert isinstance(text, str), f"{key} is said with a number"
    return text.format_map(values)


def counted(words: Language, key: str, count: int, **values: str) -> str:
    """The text of a key for so many, which stand in it as `{count}`."""
    forms = words.words[key]
    assert not isinstance(forms, str), f"{key} is said without a number"
    text = forms.get(str(words.locale.plural_form(count)), forms["other"])
    shown = f"{count:,}".replace(",", words.group)
    return text.format_map(values | {"count": shown})


def locale_tag(text: str) -> str:
    """The tag that `de`, `de_DE` or `de-de` means, empty where there is none."""
    wanted = text.strip().replace("_", "-").lower()
    whole = [tag for tag in LOCALES if tag.lower() == wanted]
    short = [tag for tag in LOCALES if tag.partition("-")[0] == wanted]
    return next(iter(whole or short), "")
