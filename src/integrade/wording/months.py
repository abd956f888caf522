"""Names of months in the languages of statistics, from the Unicode CLDR (Babel) and from what offices write beside it.

A word that names one month in every language that has it is that month. Croatian and other Slavic languages share
words for different months (listopad: October in Croatian, November in Polish and Czech); the other months of a column
tell its language.
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
"""Languages whose names of months are known, as CLDR calls them."""

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
"""What files write most; these need no look into CLDR."""


def months_named(word: str) -> Mapping[str, int]:
    """The month that a word names, by the languages in which it does; ``""`` stands for all of them.

    Example:
        >>> months_named("january"), months_named("listopad")
        ({'': 1}, {'cs': 11, 'hr': 10, 'pl': 11})
    """
    word = folded(word).rstrip(".")
    if word in MONTHS:
        return {"": MONTHS[word]}
    found = _of_languages().get(word, {})
    return {"": next(iter(found.values()))} if len(set(found.values())) == 1 else found


def languages_of(words: Iterable[str]) -> frozenset[str]:
    """The languages that have a month of each of these words."""
    each = [_of_languages().get(folded(word).rstrip("."), {}) for word in words]
    return frozenset.intersection(*(frozenset(found) for found in each)) if each else frozenset()


def numeral(cell: str) -> int | None:
    """A Roman numeral up to XII as a number; None for any other text, ``I-III`` among them."""
    word = folded(cell).strip().rstrip(".")
    return _NUMERALS.index(word) + 1 if word in _NUMERALS else None


def roman_months(cells: Collection[str]) -> Mapping[str, int]:
    """The months of cells that are all Roman numerals and reach beyond IV, as quarters do not; else none.

    Example:
        >>> roman_months(["I", "II", "V"]), roman_months(["I", "II", "III", "IV"]), roman_months(["X", "XIII"])
        ({'I': 1, 'II': 2, 'V': 5}, {}, {})
    """
    found = {cell: number for cell in cells if (number := numeral(cell))}
    return found if len(found) == len(set(cells)) and max(found.values(), default=0) > 4 else {}


def may_be_quarters(cells: Collection[str]) -> bool:
    """Whether cells are Roman numerals up to IV, which may be months or quarters."""
    return bool(cells) and all((numeral(cell) or 5) < 5 for cell in cells)


def are_months(cells: Collection[str]) -> bool:
    """Whether the different cells of a column are all months: names of one language, or numbers up to 12.

    Numbers must be four or more that reach beyond 4, as shops, editions and quarters are numbered, too; Roman ones two.

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
    """Whether a word that names a month is as likely a code or the name of a variable: three letters in CLDR alone."""
    return word.isascii() and len(word) <= 3 and word not in MONTHS


def folded(text: str) -> str:
    """A text narrow, in lower case and without accents, as words of `MONTHS` are written."""
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    bare = unicodedata.normalize("NFC", "".join(c for c in parts if not "\u0300" <= c <= "\u036f"))
    return bare.casefold().replace("đ", "d").replace("ı", "i").replace("ß", "ss")


@cache
def _of_languages() -> Mapping[str, Mapping[str, int]]:
    """The month of each word in CLDR by language; names of two words and two Latin letters left out."""
    from babel import Locale

    found: dict[str, dict[str, int]] = {}
    for language in LANGUAGES:
        for forms in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for month, name in forms[width].items():
                    word = folded(name).rstrip(".")
                    whole = word[0].isalpha() and not any(c.isspace() or c.isdigit() for c in word)
                    if whole and (len(word) > 2 or not word.isascii()):
                        found.setdefault(word, {})[language] = month
    return found
