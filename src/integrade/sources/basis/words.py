"""Find the basis of indices in the words of a file: ``上年=100``, ``2010 = 100``, ``Previous year = 100``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from integrade.sources.basis.detection import Declared
from integrade.sources.meaning.statistical_words import years_in

IS_100 = r"\s*(?:=|＝|:)\s*100(?:[.,]0{1,2})?(?![.,]?\d)"
YEAR = r"(?:1[89]|20)\d\d"
SPAN = rf"{YEAR}年?(?:\s*[-–/]\s*(?:{YEAR}|\d\d))?"
MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|fev|mai|set|out|dez|janv|f[eé]vr|avr|juin|juil|"
    r"ao[uû]t|d[eé]c)[a-zéû]*\.?|m\d\d?|q[1-4]|\d\d?"
)
BEFORE = r"(?:previous|preceding|prior|last)"
SAME_MONTH = (
    rf"(?:same|corresponding)\s+(?:month|period|quarter),?\s+(?:(?:of|in)\s+)?(?:the\s+)?{BEFORE}\s+year",
    r"上年同(?:月|季)|去年同(?:月|季)",
    r"(?:mismo|igual)\s+(?:mes|per[ií]odo)\s+(?:del\s+)?año\s+anterior",
    r"(?:mesmo|igual)\s+(?:m[eê]s|per[ií]odo)\s+(?:do\s+)?ano\s+anterior",
    r"m[eê]me\s+mois\s+(?:de\s+l['’])?ann[ée]e\s+pr[ée]c[ée]dente",
    r"vorjahres(?:monat|zeitraum|quartal)|(?:gleiche[rsn]?|entsprechende[rsn]?)\s+(?:monat|zeitraum)\s+des\s+vorjahres",
    r"(?:analogiczn[ya]|odpowiedni|ten\s+sam|tego\s+samego)\s+(?:miesi[aą]ca?|okresu?|kwarta[lł]u?)\s+"
    r"(?:poprzedniego\s+roku|roku\s+poprzedniego|ub(?:ieg[lł]ego|\.)\s+roku)",
)
PERIOD_BEFORE = (
    rf"{BEFORE}\s+(?:year|month|quarter|period)",
    r"上年|上月|上季|上期|去年",
    r"(?:año|mes|trimestre|per[ií]odo)\s+anterior",
    r"(?:ano|m[eê]s|trimestre|per[ií]odo)\s+anterior",
    r"(?:ann[ée]e|mois|trimestre|p[ée]riode)\s+pr[ée]c[ée]dente?",
    r"vor(?:jahr|monat|quartal|periode)",
    r"(?:rok|miesi[aą]c|kwarta[lł]|okres)\s+poprzedni|poprzedni\s+(?:rok|miesi[aą]c|kwarta[lł]|okres)",
)
ONE_PERIOD = (
    rf"(?:{MONTH})[\s-]*{SPAN}",
    rf"{SPAN}(?:[\s-]*(?:{MONTH}))?",
    r"base(?:\s+(?:year|period|month))?",
    r"基期|定基",
)
KINDS: tuple[tuple[Declared, tuple[str, ...]], ...] = (
    ("year_on_year", SAME_MONTH),
    ("link", PERIOD_BEFORE),
    ("fixed", ONE_PERIOD),
)
"""Bases and their patterns, in the order in which they are searched.

The order matters: a later pattern may match inside words that an earlier pattern matches.
"""


QUALIFIERS = (
    r"\bbas[ei]s?\b[^;,()\[\]=]*",
    r"(?:primera|segunda|1\.?[aª]|2\.?[aª])\s+(?:quincena|mitad)\s+(?:de\s+)?",
    r"\b[12]\s*[QH]\s+",
    r"(?:first|second)\s+half\s+of\s+",
    r"(?:average|mean|promedio|media|m[eé]dia|moyenne|[sś]rednia|durchschnitt)\s+(?:of\s+|de\s+|del?\s+|do\s+)?",
)
"""Patterns of words that may stand before the base period and are part of the statement of the base.

The words are "base", a half of a month or year, and "mean".
"""


class Words(NamedTuple):
    """Basis, and the words that state it.

    ``whole``: these words, with the words before them that belong to the base (`QUALIFIERS`).
    """

    basis: Declared
    text: str
    whole: str = ""


def basis_in(text: str) -> Words | None:
    """Return the basis that a text states; None if it states none.

    Example:
        >>> basis_in("Consumer price index (2010 = 100)"), basis_in("居民消费价格指数(上年=100)").basis
        (Words(basis='fixed', text='2010 = 100', whole='2010 = 100'), 'link')
    """
    plain = unicodedata.normalize("NFKC", text)
    for basis, patterns in KINDS:
        for pattern in patterns:
            match = re.search(rf"(?<!\d)(?:{pattern}){IS_100}", plain, re.IGNORECASE)
            if match is not None:
                return Words(basis, match[0].strip(), _whole(plain[: match.start()], match[0].strip()))
            turned = re.search(rf"(?<!\d)100\s*=\s*(?:{pattern})(?!\d)", plain, re.IGNORECASE)
            if turned is not None:
                return Words(basis, turned[0].strip(), turned[0].strip())
    return None


def _whole(before: str, text: str) -> str:
    """Return the words of a base, together with the words before them that belong to its name.

    Example:
        >>> _whole("Precios al consumidor, base segunda quincena de ", "julio 2018=100"), _whole("CPI ", "2010=100")
        ('base segunda quincena de julio 2018=100', '2010=100')
    """
    qualifier = next((m for pattern in QUALIFIERS if (m := re.search(rf"(?:{pattern})$", before, re.IGNORECASE))), None)
    return f"{qualifier[0]}{text}" if qualifier else text


def names_a_year(text: str) -> bool:
    """Return whether words for the previous period mean the previous year.

    Example:
        >>> names_a_year("Previous year = 100"), names_a_year("上月=100")
        (True, False)
    """
    return re.search(r"year|[上去]年|a[nñ]o|ann[ée]e|jahr|rok", text, re.IGNORECASE) is not None


def periods_named(text: str) -> int:
    """Return 12 if words for the previous period mean a month, 4 if they mean a quarter; otherwise 0.

    Example:
        >>> periods_named("miesiąc poprzedni = 100"), periods_named("previous quarter=100"), periods_named("上年=100")
        (12, 4, 0)
    """
    if re.search(r"month|月|mes\b|m[eê]s\b|mois|miesi[aą]c|monat", text, re.IGNORECASE):
        return 12
    return 4 if re.search(r"quarter|季|trimestre|kwarta[lł]|quartal", text, re.IGNORECASE) else 0


_OF_PRICES = re.compile(
    rf"constant\s+{YEAR}|{YEAR}\s*(?:constant\s+)?prices|prices\s+of\s+{YEAR}|base(?:\s+year)?\s*:?\s*{YEAR}|"
    rf"{YEAR}年?(?:不变价|可比价|价格)",
    re.IGNORECASE,
)
"""Pattern of a year whose prices are used for values; it is not the year of the values."""


def year_named(*texts: str) -> tuple[int, str] | None:
    """Return the year of the first text that names exactly one, and that text; years of bases or prices are ignored.

    Example:
        >>> year_named("Consumer prices (2010 = 100)", "GDP of 2015 at 2010 prices", "x_2004")
        (2015, 'GDP of 2015 at 2010 prices')
    """
    for text in texts:
        plain = _OF_PRICES.sub(" ", unicodedata.normalize("NFKC", text))
        while words := basis_in(plain):
            plain = plain.replace(words.text, " ")
        if len(years := years_in(plain)) == 1:
            return years[0], text
    return None


def basis_said(texts: Iterable[str]) -> Words | None:
    """Return the basis that the words of a file state; None if they state none or several."""
    each = [words for text in texts if (words := basis_in(text)) is not None]
    return each[0] if len({words.basis for words in each}) == 1 else None
