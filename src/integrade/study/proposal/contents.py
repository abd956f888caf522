"""Describe the cells of columns from a sample of rows: numbers, years, codes, countries, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from integrade.geography import are_counties, candidates
from integrade.sources.meaning.currencies import currencies_among
from integrade.sources.meaning.periods import readings
from integrade.sources.meaning.printed_numbers import narrowed, undress
from integrade.sources.meaning.stated import unit_with_sign
from integrade.sources.meaning.synonyms import rename
from integrade.sources.meaning.units import Unit, split_heading, without_accents

ROWS, WIDEST = 20_000, 150
"""Largest number of rows and of columns that are sampled. Conventions that bound the time of a proposal."""
_YEARS = (1700, 2100)
"""Smallest and largest number that may be a year. A convention, wide enough for founding years."""
_CHAPTERS = frozenset(f"{n:02d}" for n in range(1, 98)) - {"77"}
"""Chapters of the Harmonized System: 01 to 97, except the reserved chapter 77."""
_GROUPED = re.compile(r"^[+-]?\d{1,3}([,.' \u00a0\u202f]\d{3})+([.,]\d+)?$")
_NAMED_CODE = re.compile(r"([A-Z]{2,3}|\d{2,12})\s*:\s+\S.*")
_UNIT_WORDS = """
kg kgs kilogram kilograms kilos kgm t ton tons tonne tonnes tne mt g gr gram l lt ltr liter litre litres m m2 m3 sqm cbm
mtr mtk mtq no nos number pcs pieces piece pce unit units u un nmb set sets pair pairs pr dozen doz dz kwh mwh gal carat
ct thousand th thd qtl unidad unidades pieza piezas quilograma quilogramas kilogramo kilogramos tonelada toneladas stuck
cai tan chiec bo doi tam buah lembar ekor 千克 公斤 吨 个 件 台 双 套 米 平方米 升 只 条 辆
"""
_UNITS = frozenset(_UNIT_WORDS.split())


@dataclass(frozen=True)
class Contents:
    """One column of a sample.

    Shares are shares of the cells that are not empty; only ``filled`` is a share of the rows. ``number``: share of
    numbers; ``whole``, ``year`` (1700 to 2100), ``month`` (1 to 12), ``negative``, ``positive``: shares of such
    numbers. ``digits``: share of texts of 3 to 10 digits that begin with a chapter of the Harmonized System;
    ``lengths``: the lengths of texts of digits. ``letters``, ``spaces``: shares of texts with a letter, with a space.
    Shares of the distinct texts: ``country`` and ``measured``, known names of countries and units; ``province``,
    regions of one built-in country (``country_of``); ``dated``, dates or years. ``signs``: the currencies next to its
    numbers; ``currencies``: the currency codes among its texts. ``counties``: the heading means a
    region, and its texts are codes of counties of China. ``low``, ``middle``, ``high``: the 5th, 50th and 95th
    percentile of the numbers; ``least``, ``most``: the smallest and largest number.
    """

    heading: str
    words: str
    unit: Unit | None
    rows: int
    filled: float
    distinct: int
    number: float
    whole: float
    year: float
    month: float
    negative: float
    positive: float
    digits: float
    lengths: tuple[int, ...]
    letters: float
    spaces: float
    length: float
    country: float
    measured: float
    province: float
    country_of: str
    dated: float
    low: float
    middle: float
    high: float
    least: float
    most: float
    texts: frozenset[str]
    typed: bool
    signs: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    counties: bool = False

    @property
    def repeats(self) -> float:
        """Number of distinct values per cell: 1 if no value repeats."""
        return self.distinct / max(1.0, self.rows * self.filled)

    @property
    def either_mark(self) -> bool:
        """True if the column has numbers such as 95,767, in which the comma may separate thousands or decimals."""
        return any(re.fullmatch(r"[-+]?\d{1,3},\d{3}", text) for text in self.texts)


def contents_of(frame: pl.DataFrame, labels: Mapping[str, str] | None = None) -> list[Contents]:
    """Describe each column of a sample; ``labels`` are the file's descriptions of columns by name."""
    return [_contents(frame[name], (labels or {}).get(name, "")) for name in frame.columns[:WIDEST]]


def _contents(column: pl.Series, label: str) -> Contents:
    typed = column.dtype.is_numeric()
    text = column.cast(pl.String).drop_nulls() if column.dtype != pl.String else column.drop_nulls()
    text = text.str.strip_chars()
    text = text.filter(text != "")
    if typed and column.dtype.is_float():
        text = text.str.replace(r"\.0$", "")
    each = text.unique().sort()
    counts = text.value_counts(sort=False)
    weights = dict(zip(counts[counts.columns[0]].to_list(), counts["count"].to_list(), strict=True))
    n = max(1, text.len())
    read = {word: amount for word in each.to_list() if (amount := _amount_of(word)) is not None}
    numbers = {word: number for word, (number, _) in read.items()}
    signs = tuple(sorted({sign for _, sign in read.values() if sign}))
    values = pl.Series(list(numbers.values()), dtype=pl.Float64)
    counted = pl.Series([weights[word] for word in numbers], dtype=pl.Int64)

    def share(kept: pl.Series) -> float:
        return float(counted.filter(kept).sum()) / n if len(values) else 0.0

    whole = values == values.round(0)
    coded = {word: code for word in weights if re.fullmatch(r"\d{2,12}", code := code_of(word))}
    if not any(len(code) > 3 for code in coded.values()):  # numbers of two digits alone are no codes
        coded = {word: code for word, code in coded.items() if len(code) > 2}
    hs = [word for word, code in coded.items() if _is_hs(code)]
    some = each.to_list()[:2000]
    lettered = [word for word in weights if re.search(r"[^\W\d_]", word)]
    words, unit = split_heading(column.name)
    if label:
        words, unit = split_heading(label)[0], unit or split_heading(label)[1]
    unit = unit_with_sign(column.name, unit, signs[0]) if len(signs) == 1 else unit
    # names of regions are few and have letters: larger columns are not compared with the built-in countries
    few_names = len(some) <= 200 and len(lettered) >= 0.9 * len(some)
    likeliest = next(iter(candidates(some)), None) if few_names else None
    # codes of products have six digits too, so that the heading decides
    counties = are_counties(some) and rename([column.name], {}, "firms")[0][column.name] == "region"
    spread = values.repeat_by(counted).explode() if len(values) else values
    return Contents(
        heading=column.name,
        words=words,
        unit=unit,
        rows=column.len(),
        filled=text.len() / max(1, column.len()),
        distinct=len(each),
        number=share(values.is_not_null()),
        whole=share(whole),
        year=share(whole & values.is_between(*_YEARS)),
        month=share(whole & values.is_between(1, 12)),
        negative=share(values < 0),
        positive=share(values > 0),
        digits=sum(weights[w] for w in hs) / n,
        lengths=tuple(sorted({len(code) for code in coded.values() if len(code) > 2})),
        letters=sum(weights[w] for w in lettered) / n,
        spaces=sum(weights[w] for w in weights if " " in w) / n,
        length=sum(len(w) * k for w, k in weights.items()) / n,
        country=_known_share(some, lambda word: _is_country(word) or _is_country(code_of(word))),
        measured=_known_share(some, lambda word: without_accents(word).strip(".") in _UNITS),
        province=1.0 if counties else likeliest.known / likeliest.of if likeliest else 0.0,
        country_of="CN" if counties else likeliest.geography.code if likeliest else "",
        dated=_known_share(some[:300], lambda word: bool(readings(word))),
        low=_at(spread, 0.05),
        middle=_at(spread, 0.5),
        high=_at(spread, 0.95),
        least=_at(values, 0.0),
        most=_at(values, 1.0),
        texts=frozenset(each.to_list()),
        typed=typed,
        signs=signs,
        currencies=tuple(currencies_among(weights)),
        counties=counties,
    )


def _amount_of(word: str) -> tuple[float, str] | None:
    """Return the number in a cell and the currency next to it; None for a text."""
    plain = number_of(word)
    if plain is not None:
        return plain, ""
    undressed = undress(narrowed(word))
    if undressed is None:
        return None
    digits, dress = undressed
    letters_touch = dress.prefix[-1:].isalpha() or dress.suffix[:1].isalpha()
    if letters_touch and not any(mark in digits for mark in ".,"):  # RM1234 may be a code, RM1,234 is money
        return None
    number = number_of(digits)
    return None if number is None else (-abs(number) if dress.negative else number, dress.money)


def number_of(word: str) -> float | None:
    """Return a number in any notation; None for a text.

    A single point without a comma after it is a decimal point (101.234).

    Example:
        >>> [number_of(word) for word in ("101.234", "1,234", "1.234.567", "1.234,5", "12 345.678")]
        [101.234, 1234.0, 1234567.0, 1234.5, 12345.678]
    """
    plain = word.replace("\u00a0", " ").replace("\u202f", " ")
    if _GROUPED.match(plain):
        decimal = plain.count(".") == 1 and "," not in plain.partition(".")[2]
        plain = re.sub(rf"[,' {'' if decimal else '.'}](?=\d{{3}}(\D|$))", "", plain)
    try:
        return float(plain.replace(",", "."))
    except ValueError:
        return None


def code_of(word: str) -> str:
    """Return the code before a colon and a name (``07: Vegetables``, ``AD: Andorra``); any other cell unchanged."""
    match = _NAMED_CODE.fullmatch(word)
    return match[1] if match else word


def _is_hs(word: str) -> bool:
    """Return whether digits may be a code of the Harmonized System, whose first zero may be lost."""
    if len(word) == 2:
        return word in _CHAPTERS
    if not 3 <= len(word) <= 10:
        return False
    return (word if len(word) % 2 == 0 else f"0{word}")[:2] in _CHAPTERS


def _at(values: pl.Series, share: float) -> float:
    quantile = values.quantile(share, "nearest") if len(values) else None
    return float("nan") if quantile is None else float(quantile)


def _known_share(words: list[str], known: Callable[[str], bool]) -> float:
    return sum(known(word) for word in words) / len(words) if words else 0.0


@cache
def _is_country(word: str) -> bool:
    return without_accents(word) in countries()


@cache
def countries() -> Mapping[str, str]:
    """Return country name (in the languages of headings), or two- or three-letter code -> three-letter code."""
    import gettext

    import pycountry

    codes: dict[str, str] = {}
    languages = ("zh_CN", "zh_TW", "es", "pt_BR", "pt", "fr", "de", "vi", "id", "ms")
    spoken = [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for language in languages
    ]
    for country in pycountry.countries:
        names = [getattr(country, name, "") for name in ("name", "common_name", "official_name")]
        names += [language.gettext(name) for language in spoken for name in names if name]
        names += [country.alpha_2, country.alpha_3]
        for name in names:
            if name:
                codes.setdefault(without_accents(name), country.alpha_3)
                codes.setdefault(without_accents(name.partition(",")[0]), country.alpha_3)
    return codes
