"""Recognise names of months in many languages, from the Unicode CLDR (Babel) and from other common spellings.

A word is a month if it means the same month in every language that has the word. Some words mean different months in
Croatian and in other Slavic languages (listopad is October in Croatian, November in Polish and Czech). In that case,
the other months of a column show which language it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import cache

LANGUAGES = (
    *("ar", "az", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr"),
    *("hu", "hy", "id", "is", "it", "ka", "kk", "lt", "lv", "mk", "ms", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl"),
    *("sq", "sr", "sr_Latn", "sv", "th", "tr", "uk", "vi"),
)
"""Languages whose names of months are known, by CLDR code."""

_WRITTEN = (
    "january jan januar januari janvier janv enero ene janeiro jaenner janner jän jaen มกราคม ม.ค",
    "february feb februar februari fevrier fevr fev febrero fevereiro pebruari peb กุมภาพันธ์ ก.พ",
    "march mar marz maerz mrz mars marzo marco maret mac มีนาคม มี.ค",
    "april apr avril avr abril abr เมษายน เม.ย",
    "may mai mayo maio mei พฤษภาคม พ.ค",
    "june jun juni juin junio junho มิถุนายน มิ.ย",
    "july jul juli juillet juil julio julho julai กรกฎาคม ก.ค",
    "august aug aout agosto ago agustus agu ags agt ogos ogo สิงหาคม ส.ค",
    "september sept sep septembre septiembre setiembre set setembro กันยายน ก.ย",
    "october oct oktober okt octobre octubre outubro out ตุลาคม ต.ค",
    "november nov novembre noviembre novembro nop พฤศจิกายน พ.ย",
    "december dec dezember dez decembre diciembre dic dezembro desember des disember dis ธันวาคม ธ.ค",
)
_NUMBERED = re.compile(r"\s*(?:m|month )?(0?[1-9]|1[0-2])(?:\.0)?(?:月|월)?\s*")
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
MONTHS: Mapping[str, int] = {word: i for i, words in enumerate(_WRITTEN, 1) for word in words.split()}
"""The most frequent spellings of months; they need no look-up in CLDR."""


def months_named(word: str) -> Mapping[str, int]:
    """Return the month that a word names in each language; the language ``""`` means all languages.

    Example:
        >>> months_named("january"), months_named("listopad")
        ({'': 1}, {'cs': 11, 'hr': 10, 'pl': 11})
    """
    word = folded(word).rstrip(".")
    if word in MONTHS:
        return {"": MONTHS[word]}
    by_language = _of_languages().get(word, {})
    return {"": next(iter(by_language.values()))} if len(set(by_language.values())) == 1 else by_language


def languages_of(words: Iterable[str]) -> frozenset[str]:
    """Return the languages in which all of these words are months."""
    each = [_of_languages().get(folded(word).rstrip("."), {}) for word in words]
    return frozenset.intersection(*(frozenset(languages) for languages in each)) if each else frozenset()


def numeral(cell: str) -> int | None:
    """Convert a Roman numeral up to XII to a number; None for any other text, including ``I-III``."""
    word = folded(cell).strip().rstrip(".")
    return _NUMERALS.index(word) + 1 if word in _NUMERALS else None


def roman_months(cells: Collection[str]) -> Mapping[str, int]:
    """Return the months of cells that are all Roman numerals.

    The result is empty unless one of them is above IV, because quarters are never above IV.

    Example:
        >>> roman_months(["I", "II", "V"]), roman_months(["I", "II", "III", "IV"]), roman_months(["X", "XIII"])
        ({'I': 1, 'II': 2, 'V': 5}, {}, {})
    """
    months = {cell: number for cell in cells if (number := numeral(cell))}
    return months if len(months) == len(set(cells)) and max(months.values(), default=0) > 4 else {}


def may_be_quarters(cells: Collection[str]) -> bool:
    """Return whether cells are Roman numerals up to IV, which may be months or quarters."""
    return bool(cells) and all((numeral(cell) or 5) < 5 for cell in cells)


def are_months(cells: Collection[str]) -> bool:
    """Return whether the different cells of a column are all months: names, or numbers up to 12.

    Three or more names must be in one language. Shops, editions and quarters have numbers too. Arabic numbers are
    therefore months only if there are at least four and one is above 4. Roman numerals are months only if there are at
    least two and one is above IV.

    Example:
        >>> are_months(["styczeń", "luty"]), are_months(["1", "2", "3"]), are_months([f"{m:02d}" for m in range(1, 13)])
        (True, False, True)
    """
    numbers = {int(m[1]) for cell in cells if (m := _NUMBERED.fullmatch(folded(cell)))}
    if len(numbers) == len(cells):
        return len(numbers) > 3 and max(numbers) > 4
    if len(cells) > 1 and roman_months(cells):
        return True
    return bool(cells) and all(months_named(cell) for cell in cells) and (len(cells) < 3 or _in_one_language(cells))


def _in_one_language(cells: Collection[str]) -> bool:
    return all(folded(cell).rstrip(".") in MONTHS for cell in cells) or bool(languages_of(cells))


def is_code(word: str) -> bool:
    """Return whether the name of a month may as well be a code or a variable.

    Such a name has three Latin letters and is known only from CLDR.
    """
    return word.isascii() and len(word) <= 3 and word not in MONTHS


def folded(text: str) -> str:
    """Convert a text to half width, lower case and no accents, the form in which `MONTHS` has its words."""
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    bare = unicodedata.normalize("NFC", "".join(c for c in parts if not "\u0300" <= c <= "\u036f"))
    return bare.casefold().replace("đ", "d").replace("ı", "i").replace("ß", "ss")


@cache
def _of_languages() -> Mapping[str, Mapping[str, int]]:
    """Return, for each word of CLDR, its month by language.

    Names of two words or of two Latin letters are left out.
    """
    from babel import Locale

    months: dict[str, dict[str, int]] = {}
    for language in LANGUAGES:
        for forms in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for month, name in forms[width].items():
                    word = folded(name).rstrip(".")
                    whole = word[0].isalpha() and not any(c.isspace() or c.isdigit() for c in word)
                    if whole and (len(word) > 2 or not word.isascii()):
                        months.setdefault(word, {})[language] = month
    return months
