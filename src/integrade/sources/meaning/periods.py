"""Read periods as statistics print them: years, fiscal years, halves, quarters, months and days, in many notations.

One cell is often ambiguous: ``01/02/2010`` is 1 February or January 2, and ``2010-11`` is a month or the fiscal year
2010/11. `readings` returns every way to read a cell. `read_periods` decides for all cells of a column together. A
notation is read in a way that reads all its cells. If several such ways give different periods, the order of the
periods may decide (an unbroken series of months). If it does not, the column is refused and the ways are shown. Names
of months come from `months`. Years may be of the common era, the Buddhist era (2553 is 2010), Japanese reigns or the
Republic of China.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Literal, NamedTuple, TypeAlias, get_args

from integrade.errors import AmbiguousDate, HalfMonths, NotADate, option
from integrade.wording.months import MONTHS, folded, is_code, languages_of, months_named, numeral, roman_months

Kind = Literal["year", "fiscal", "half", "quarter", "month", "half-month", "day"]
Dates = Literal["dmy", "mdy", "ymd", "my", "fiscal", "excel", "stata"]
"""Values of the option ``dates``, with which a user declares how a column is read.

dmy, mdy, ymd: the order of day, month and year (with ``ymd``, 2010-11 is a month). my: a month and a two-digit year.
fiscal: fiscal years. excel, stata: numbers count days as Excel or Stata does.
"""

Way: TypeAlias = str
"""Way to read a cell.

A way is one of sure, dmy, mdy, ymd, my, day, fiscal, excel, stata, thai, quarter, month, or the language of the month's
name (`MONTH_NAME`).
"""


class Period(NamedTuple):
    """Period given by its year and its last month; ``month`` is None for years.

    ``day`` is 0 if no day is named; for a half-month it is 1 or 2, the number of the half.
    """

    year: int
    month: int | None
    kind: Kind
    day: int = 0

    def __str__(self) -> str:
        match self.kind:
            case "year":
                return str(self.year)
            case "fiscal":
                return f"FY{self.year}"
            case "half":
                return f"{self.year}H{(self.month or 0) // 6}"
            case "quarter":
                return f"{self.year}Q{(self.month or 0) // 3}"
            case "month":
                return f"{self.year}-{self.month:02d}"
            case "half-month":
                return f"{self.year}-{self.month:02d} half {self.day}"
            case _:
                return f"{self.year}-{self.month:02d}-{self.day:02d}"


class Reading(NamedTuple):
    """One way to read a cell; ``form`` is the notation of the cell."""

    form: str
    way: Way
    period: Period


_Cells: TypeAlias = Mapping[str, Mapping[Way, Period]]
"""Cells of one notation, each with every way to read it."""
PIVOT = 50
"""Two-digit years below this number are in the 2000s, all other two-digit years in the 1900s (a convention)."""
BUDDHIST, BUDDHIST_YEARS = 543, (2443, 2643)
MINGUO = 1911
REIGNS: Mapping[str, int] = {
    "明治": 1867,
    "大正": 1911,
    "昭和": 1925,
    "平成": 1988,
    "令和": 2018,
    "s": 1925,
    "h": 1988,
    "r": 2018,
}
"""For each reign, the year before its first year."""
EPOCHS: Mapping[Way, datetime.date] = {"excel": datetime.date(1899, 12, 30), "stata": datetime.date(1960, 1, 1)}
SERIALS = (14610, 55152)
"""Smallest and largest number that may count days.

The range covers 1940 to 2050 in Excel's count. In Stata's count it begins in 2000.
"""
STATA_DAYS = 29220
"""Largest number that may be a day in Stata's count (beginning of 2040); larger numbers are read by Excel's count only.
"""

MONTH_NAME, ROMAN = "month name", "roman"
_HAN = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

_TIME = re.compile(r"(?<=\d)[t ]+\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[ap]\.?m\.?)?( ?(z|utc|[+-]\d{2}:?\d{2}))?$")
_Y = r"(?P<y>19\d\d|20\d\d|24[4-9]\d|25\d\d|26[0-3]\d|264[0-3])"
_M, _D = r"(?P<m>0?[1-9]|1[0-2])", r"(?P<d>0?[1-9]|[12]\d|3[01])"
_NAME = r"(?P<n>[^\W\d_][^\s\d,/-]*?)\.?"
_OF = r"(?: |-|/|\.|,|, | de | del | di | of )"
_YEAR_WORD = r"(?:year|yr|cy|ano|annee|jahr|nam|tahun|tahunan)"
_QUARTER_WORD = r"(?:quarter|qtr|qu|q|trimestre|trim|quartal|quy|triwulan|tw|kuartal|suku tahun|suku)\.?"
_ORDINAL = r"(?:st|nd|rd|th|er|ere|re|eme|e|o|a|º|ª|\.)?"
_QUARTER = r"(?P<q>[1-4]|iv|i{1,3})"
_NUMERAL = r"(?P<n>i[xv]|v?i{1,3}|v|xi{0,2})"
_HAN_YEAR, _HAN_MONTH = "[年년]", "[月월]"

_Parse = Callable[[re.Match[str]], "list[Reading]"]


@lru_cache(maxsize=1 << 16)
def readings(text: str) -> tuple[Reading, ...]:
    """Return every way to read a cell as a period.

    The result is empty for text that is not a period, and for a number that counts days.

    Example:
        >>> [(r.way, str(r.period)) for r in readings("01/02/2010")]
        [('dmy', '2010-02-01'), ('mdy', '2010-01-02')]
    """
    plain = _TIME.sub("", _plain(text))
    for pattern, parse in _compiled():
        match = pattern.fullmatch(plain)
        if match and (ways := parse(match)):
            return tuple(ways)
    return _half_month(plain)


def period(text: str) -> Period | None:
    """Return the period of a single cell if there is only one way to read it; None for any other text.

    A bare year of the Buddhist era (2553) gives None; `read_periods` reads a column of such years.

    Example:
        >>> period("2010Q1"), period("2010年3月"), period("01/02/2010")
        (Period(year=2010, month=3, kind='quarter', day=0), Period(year=2010, month=3, kind='month', day=0), None)
    """
    ways = readings(text)
    periods = {r.period for r in ways}
    return ways[0].period if len(periods) == 1 and ways[0].way not in ("thai",) else None


def month_of(text: str) -> int | None:
    """Return the month (1 to 12) of a cell next to a column of years: 1, 01, M01, Jan, 1月, tháng 1.

    A quarter gives its last month. A half-month (1Q Ene) gives its month. Returns None for any other text.
    """
    plain = _plain(text).rstrip("./ ")
    if "/" in plain:  # in two languages: Січень/January
        both = {month_of(part) for part in plain.split("/")} if not re.search(r"\d", plain) else {None}
        return both.pop() if len(both) == 1 else None
    match = re.fullmatch(rf"(?:m|month |thang |bulan |mes )?{_M}{_HAN_MONTH}?(?:\.0)?", plain)
    if match:
        return int(match["m"])
    if re.fullmatch(_NAME, plain) and not is_code(plain) and (named := months_named(plain)):
        return named.get("")
    quarter = re.fullmatch(
        rf"{_QUARTER_WORD} ?{_QUARTER}|{_QUARTER.replace('<q>', '<p>')}{_ORDINAL} ?{_QUARTER_WORD}", plain
    )
    if quarter:
        return 3 * _ordinal(quarter["q"] or quarter["p"])
    match = re.fullmatch(r"第?(?P<q>[1-4一二三四])(?:季度?|四半期|분기)", plain)
    if match:
        return 3 * _ordinal(match["q"])
    half = _half_of(plain)
    return months_named(half.rest).get("") if half else None


def months_of(cells: Collection[str], *, named: str = "the column") -> Mapping[str, int | None]:
    """Return the month of each cell next to a column of years (`month_of`); all names are read in one language.

    Raises `AmbiguousDate` if two languages have all names of the column and a name is a different month in them. Raises
    `HalfMonths` for halves of months.
    """
    if halves := [cell for cell in cells if (half := _half_of(_plain(cell))) and months_named(half.rest)]:
        raise half_months_in(halves, named)
    if roman := roman_months(list(cells)):
        return dict(roman)
    names = [cell for cell in cells if re.fullmatch(_NAME, _plain(cell))]
    spoken, months_by_cell = languages_of(names), {cell: month_of(cell) for cell in cells}
    for cell in names:
        months = months_named(cell)
        among = {month for language, month in months.items() if not language or not spoken or language in spoken}
        if len(among) > 1:
            either = " or ".join(_month_name(month) for month in sorted(among))
            raise AmbiguousDate(
                f"{named} has a name that denotes different months in different languages",
                example=f"{cell} is {either}",
                remedy="write the months as 1 to 12 in the file",
            )
        months_by_cell[cell] = among.pop() if among else None
    return months_by_cell


def periods_among(
    cells: Iterable[str], *, named: str, dates: Dates | None = None, shown: Callable[[str], str] = str
) -> Mapping[str, Period]:
    """Read the periods among the headings of a table together; headings that are not periods are ignored.

    Raises the same errors as `read_periods`. Numbers of days are not read as headings.
    """
    headings = [cell for cell in cells if readings(cell)]
    return read_periods(headings, named=named, dates=dates, days=False, shown=shown).periods


class Decided(NamedTuple):
    """Periods of a column by cell text, and the way chosen for each notation that can be read in several ways."""

    periods: Mapping[str, Period]
    ways: tuple[Way, ...]


def may_be_period(cell: str, *, days: bool = True) -> bool:
    """Return whether a cell can be read as a period; with ``days`` also as a number of days."""
    return bool(_ways(cell, None, days=days))


def read_periods(
    cells: Iterable[str],
    *,
    named: str = "the column",
    dates: Dates | None = None,
    days: bool = True,
    shown: Callable[[str], str] = str,
) -> Decided:
    """Read the cells of one column as periods; all cells together decide how they are read.

    ``days``: whether bare numbers may count days. ``dates``: the way of reading that the user declares for the column.
    ``named`` and ``shown``: the names of the column and of a cell in messages. Missing values must not be among the
    cells. Returns each distinct cell with its period. Raises `AmbiguousDate` if two ways that give different periods
    remain (both are shown), and `HalfMonths`. Raises `NotADate` for a cell that is not a period, for cells that no
    single way reads, and for years mixed with months.

    Example:
        >>> {t: str(p) for t, p in read_periods(["01/02/2010", "25/02/2010"]).periods.items()}
        {'01/02/2010': '2010-02-01', '25/02/2010': '2010-02-25'}
    """
    ways = _in_one_language({cell: _ways(cell, dates, days=days) for cell in sorted(set(cells))})
    halves = {
        cell: ways_of_cell[0].period
        for cell, ways_of_cell in ways.items()
        if ways_of_cell and ways_of_cell[0].period.kind == "half-month"
    }
    wrong = next((cell for cell, ways_of_cell in ways.items() if not ways_of_cell), None)
    if halves and (wrong is None or len({(p.year, p.month) for p in halves.values()}) < len(halves)):
        raise half_months_in(halves, named)
    if wrong is not None:
        raise _no_date(wrong, named, dates, shown(wrong), days=days)
    forms: dict[str, dict[str, dict[Way, Period]]] = {}
    for cell, ways_of_cell in ways.items():
        forms.setdefault(ways_of_cell[0].form, {})[cell] = {r.way: r.period for r in ways_of_cell}
    periods, taken = dict[str, Period](), list[Way]()
    for form, cells_of_form in forms.items():
        way = _way_of(form, cells_of_form, named, shown)
        periods |= {cell: by_way[way] for cell, by_way in cells_of_form.items()}
        taken += [way] if form != "sure" else []
    _require_one_era(forms, named, shown)
    _require_one_kind(periods, named, shown)
    return Decided(_annual(periods), tuple(dict.fromkeys(taken)))


def _in_one_language(ways: Mapping[str, tuple[Reading, ...]]) -> Mapping[str, tuple[Reading, ...]]:
    """Read names of months only in the languages that have all month names of the column."""
    if all(ways_of_cell[0].form != MONTH_NAME for ways_of_cell in ways.values() if ways_of_cell):
        return ways
    words = (re.search(r"[^\W\d_]{3,}", cell) for cell, ways_of_cell in ways.items() if ways_of_cell)
    spoken = languages_of(word[0] for word in words if word)
    in_language = {
        cell: tuple(r for r in ways_of_cell if r.form != MONTH_NAME or r.way in spoken)
        for cell, ways_of_cell in ways.items()
    }
    return {cell: in_language[cell] or ways_of_cell for cell, ways_of_cell in ways.items()}


def _ways(cell: str, dates: Dates | None, *, days: bool) -> tuple[Reading, ...]:
    """Return the ways to read a cell that agree with what the user declares."""
    readings_of_cell = readings(cell)
    if not readings_of_cell and days and re.fullmatch(r"\d{5}(\.\d+)?", cell.strip()):
        readings_of_cell = _counted_days(float(cell))
    if dates is None:
        return readings_of_cell
    ways = {r.way for r in readings_of_cell}
    declared: Way = dates
    return (
        tuple(r for r in readings_of_cell if r.way == declared)
        if declared in ways or _is_against(ways, dates)
        else readings_of_cell
    )


def _is_against(ways: set[Way], dates: Dates) -> bool:
    """Return whether ``dates`` decides the notation of a cell, but the cell cannot be read in that way."""
    families: Sequence[set[str]] = ({"dmy", "mdy", "ymd"}, {"ymd", "fiscal"}, {"my", "day"}, {"excel", "stata"})
    return any(dates in family and ways & family for family in families)


def _way_of(form: str, cells: _Cells, named: str, shown: Callable[[str], str]) -> Way:
    """Return the way in which all cells of a notation are read. Raises `AmbiguousDate`, `NotADate`."""
    first = next(iter(cells.values()))
    common: list[Way] = [way for way in first if all(way in ways_of_cell for ways_of_cell in cells.values())]
    if not common:
        sole = next(c for c, f in cells.items() if len(f) == 1)
        contrary = next((c for c, f in cells.items() if not set(f) & set(cells[sole])), next(iter(cells)))
        raise NotADate(
            f"{named} has dates in different orders of day, month and year",
            example=f"{shown(sole)}; {shown(contrary)}",
            remedy="use one form in the file, such as 2010-01-31",
        )
    if len(common) == 1 or all(len({f[way] for way in common}) == 1 for f in cells.values()):
        return common[0]
    decided = _TELLING[form](cells) if form in _TELLING else None
    if decided is not None and decided in common:
        return decided
    cell = next(c for c, f in cells.items() if len({f[way] for way in common}) > 1)
    # A user can declare these ways with the option ``dates``. The words of a fiscal year need no label.
    declarable = [way for way in common if way in get_args(Dates)]
    labels = {way: f" ({way})" for way in declarable if way != "fiscal"}
    either = " or ".join(dict.fromkeys(f"{_spelt(cells[cell][way])}{labels.get(way, '')}" for way in common))
    options = " or ".join(option("dates", way) for way in declarable)
    unmistakable = "write the dates as 2010-01-31, 2010M01 or 2010Q1 in the file"
    raise AmbiguousDate(
        f"{named} has ambiguous dates, and no other cell resolves them",
        example=f"{shown(cell)} is {either}",
        remedy=f"specify which: {options}; or {unmistakable}" if declarable else unmistakable,
    )


def _spelt(one: Period) -> str:
    """Write a period in unambiguous words."""
    name = _month_name(one.month or 1)
    match one.kind:
        case "day":
            return f"{one.day} {name} {one.year or 'of an unknown year'}"
        case "month":
            return f"{name} {one.year}"
        case "fiscal":
            return f"the fiscal year {one.year}/{(one.year + 1) % 100:02d}"
        case "quarter":
            return f"quarter {(one.month or 0) // 3} of {one.year}"
        case _:
            return str(one)


def _month_name(month: int) -> str:
    return next(word for word, number in MONTHS.items() if number == month).capitalize()


# -- decisions from all cells of a notation ----------------------------------------------------------------------------


def _by_constant_day(cells: _Cells) -> Way | None:
    """Decide the order of day and month if one order gives a monthly series dated by the same day of each month.

    The series must have no gap and span more than twelve months in at least two years.
    """
    for way in set.intersection(*(set(periods) for periods in cells.values())):
        periods = [f[way] for f in cells.values()]
        years = {p.year for p in periods}
        whole = {(p.year, p.month) for p in periods}
        if len({p.day for p in periods}) == 1 and len(years) > 1 and _is_whole(whole):
            return way
    return None


def _is_whole(months: set[tuple[int, int | None]]) -> bool:
    """Return whether there are more than twelve months without a gap."""
    at = sorted(12 * year + (month or 0) for year, month in months)
    return len(at) > 12 and at[-1] - at[0] == len(at) - 1


def _by_sequence(cells: _Cells) -> Way | None:
    """Decide that ``2008-09``, ``2009-10``, ``2010-11`` are fiscal years, if three or more follow each other.

    Read as months, these cells would be 13 months apart.
    """
    years = sorted(f["fiscal"].year for f in cells.values() if "fiscal" in f)
    return "fiscal" if len(years) > 2 and years[-1] - years[0] == len(years) - 1 else None


def _by_whole_years(cells: _Cells) -> Way | None:
    """Decide that ``Jan-10`` is a month and a year, if more than twelve months follow each other without a gap."""
    months = {(f["my"].year, f["my"].month) for f in cells.values() if "my" in f}
    return "my" if _is_whole(months) else None


def _by_four(cells: _Cells) -> Way | None:
    """Decide that ``T1/2010`` is a quarter, if two or more years have exactly four such cells each."""
    years: dict[int, set[int]] = {}
    for ways_of_cell in cells.values():
        if "quarter" in ways_of_cell:
            years.setdefault(ways_of_cell["quarter"].year, set()).add(ways_of_cell["quarter"].month or 0)
    return "quarter" if len(years) > 1 and all(len(months) == 4 for months in years.values()) else None


_TELLING: Mapping[str, Callable[[_Cells], Way | None]] = {
    "day and month": _by_constant_day,
    "short day": _by_constant_day,
    "year and two digits": _by_sequence,
    "month and two digits": _by_whole_years,
    "t": _by_four,
}


def _require_one_era(forms: Mapping[str, _Cells], named: str, shown: Callable[[str], str]) -> None:
    """Raise `NotADate` if only some years of a column are of the Buddhist era."""
    if "buddhist" in forms and len(forms) > 1:
        contrary = next(iter(next(cells for form, cells in forms.items() if form != "buddhist")))
        raise NotADate(
            f"{named} has years of two eras",
            example=f"{shown(next(iter(forms['buddhist'])))}; {shown(contrary)}",
            remedy="use one era for all years",
        )


def _require_one_kind(periods: Mapping[str, Period], named: str, shown: Callable[[str], str]) -> None:
    """Raise `NotADate` for periods of several lengths; days and months count as one length."""
    kinds: dict[str, str] = {}
    for cell, period_of_cell in periods.items():
        kinds.setdefault("month" if period_of_cell.kind == "day" else period_of_cell.kind, cell)
    if len(kinds) > 1:
        each = "; ".join(f"{shown(cell)} ({_KINDS[kind]})" for kind, cell in kinds.items())
        raise NotADate(
            f"{named} mixes periods of different lengths",
            example=each,
            remedy=f"keep those of one length with {option('where')}",
        )


_KINDS = {
    "year": "a year",
    "fiscal": "a fiscal year",
    "half": "a half-year",
    "quarter": "a quarter",
    "month": "a month",
}


def _annual(periods: Mapping[str, Period]) -> Mapping[str, Period]:
    """Turn days into years if every day is the first of its year, or every day is the last of its year."""
    ends = {(p.month, p.day) for p in periods.values()}
    years = {p.year for p in periods.values()}
    if ends in ({(1, 1)}, {(12, 31)}) and len(years) > 1 and all(p.kind == "day" for p in periods.values()):
        return {cell: Period(p.year, None, "year") for cell, p in periods.items()}
    return periods


def _no_date(cell: str, named: str, dates: Dates | None, shown: str, *, days: bool) -> NotADate:
    """Build the error for a cell that is not a period, or not in the way that the user declares."""
    if dates is not None and _ways(cell, None, days=days):
        return NotADate(
            f"{named} has dates that contradict {option('dates', dates)}",
            example=shown,
            remedy=f"leave {option('dates')} out if the column is unambiguous, or correct the cells",
        )
    return NotADate(
        f"{named} has text that is not a period",
        example=shown,
        remedy=f"correct the cells, or leave the rows out with {option('where')}",
    )


def refuse_half_months(cells: Collection[str], *, named: str) -> None:
    """Raise `HalfMonths` if the cells contain both halves of a month, with or without its year."""
    by_month = Counter(half.rest for cell in set(cells) if (half := _half_of(_plain(cell))) and _is_month(half.rest))
    if max(by_month.values(), default=0) > 1:
        raise half_months_in([cell for cell in set(cells) if _half_of(_plain(cell))], named)


def month_beside(text: str, year: int) -> int | None:
    """Return the month next to a year in a title or a name; None if the text names no month or several months.

    Example:
        >>> month_beside("selected_food_Dec_2024", 2024), month_beside("2024: Jan-Mar", 2024)
        (12, None)
    """
    words = re.findall(r"[^\W\d_]{3,}", text)
    if len({month for word in words if (month := month_of(word))}) != 1:
        return None
    beside = re.search(
        rf"([^\W\d_]{{3,}})\.?(?:[\s_.,'\-]|de |of )*{year}(?!\d)|(?<!\d){year}[\s_.,\-]*([^\W\d_]{{3,}})", text
    )
    return month_of(beside[1] or beside[2]) if beside else None


def period_in_name(stem: str) -> str:
    """Return the month that a file is named after (2025-01 of ``prices_Jan25``), else its only year, else "".

    Example:
        >>> period_in_name("prices_Jan25"), period_in_name("Dec_2024"), period_in_name("x 2010"), period_in_name("x")
        ('2025-01', '2024-12', '2010', '')
    """
    years = sorted(set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", stem)))
    if years:
        month = month_beside(stem, int(years[0])) if len(years) == 1 else None
        return "" if len(years) > 1 else f"{years[0]}-{month:02d}" if month else years[0]
    short = [
        (century(int(two)), month)
        for word, two in re.findall(r"(?<![^\W\d_])([^\W\d_]{3,})[\s_.'\-]*(\d\d)(?!\d)", stem)
        if (month := month_of(word))
    ]
    return f"{short[0][0]}-{short[0][1]:02d}" if len(short) == 1 else ""


def is_month_of_year(cell: str) -> bool:
    """Return whether a cell is a month with its year."""
    return any(r.period.kind == "month" for r in readings(cell))


def are_halves(cells: Collection[str]) -> bool:
    """Return whether cells are halves of a month without the month's name (1a quincena, 2a quincena)."""
    return len(cells) > 1 and all(_HALF.fullmatch(_plain(cell)) for cell in cells)


def half_months_in(cells: Collection[str], named: str) -> HalfMonths:
    """Build the error for a column of half-months.

    Its example shows the two halves of one month if the column has both.
    """
    by_month: dict[str, list[str]] = {}
    for cell in sorted(cells):
        half = _half_of(_plain(cell))
        by_month.setdefault(half.rest if half else cell, []).append(cell)
    examples = next((same for same in by_month.values() if len(same) > 1), sorted(cells))[:2]
    return HalfMonths(
        f"{named} has half-months, which integrade does not read",
        example="; ".join(examples),
        remedy="take the monthly file, or average the two halves of each month in the file",
    )


# -- the notations -----------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Normalise a cell for the patterns below: ASCII digits, lower case, no accents, single blanks."""
    bare = folded(text)
    narrow = bare.translate({ord(c): str(unicodedata.digit(c)) for c in set(bare) if c.isdigit() and not c.isascii()})
    dashed = re.sub("[\u2010-\u2015\u2212]", "-", narrow)
    return re.sub(r"\s+", " ", dashed).strip().strip("'\"")


def _sure(year: int, month: int | None, kind: Kind, day: int = 0, *, era: bool = False) -> list[Reading]:
    """Return the single reading of a cell; years of the Buddhist era are converted.

    A bare Buddhist year gets a notation of its own, because a column must have all its years in one era.
    """
    buddhist = year >= BUDDHIST_YEARS[0]
    year -= BUDDHIST if buddhist else 0
    if day and not _is_day(year, month or 0, day):
        return []
    alone = buddhist and not era
    return [Reading("buddhist" if alone else "sure", "thai" if alone else "sure", Period(year, month, kind, day))]


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def _ordinal(text: str) -> int:
    return _HAN.get(text) or _ROMAN.get(text) or int(text)


def _year(m: re.Match[str]) -> list[Reading]:
    return _sure(int(m["y"]), None, "year")


def _era(m: re.Match[str]) -> list[Reading]:
    if not BUDDHIST_YEARS[0] <= int(m["y"]):
        return []
    return _sure(int(m["y"]), None, "year", era=True)


def _month(m: re.Match[str]) -> list[Reading]:
    return _sure(int(m["y"]), int(m["m"]), "month")


def _named_month(m: re.Match[str]) -> list[Reading]:
    """Read ``Jan 2010``.

    A A short name that only CLDR has needs a blank or a sign before the year (``pro2010`` is a variable).
    """
    glued = re.fullmatch(r"[^\W\d_]+\d+|\d+[^\W\d_]+", m[0])
    if glued and is_code(m["n"]):
        return []
    return _of_name(m["n"], lambda month: _sure(int(m["y"]), month, "month"))


def _of_name(word: str, made: Callable[[int], list[Reading]]) -> list[Reading]:
    """Return the readings of a cell with a month's name: one for each language, if they differ on the month."""
    months = months_named(word)
    if "" in months:
        return made(months[""])
    return [Reading(MONTH_NAME, way, r.period) for way, month in months.items() for r in made(month)]


def _quarter(m: re.Match[str]) -> list[Reading]:
    return _sure(int(m["y"]), 3 * _ordinal(m["q"]), "quarter")


def _half(m: re.Match[str]) -> list[Reading]:
    return _sure(int(m["y"]), 6 * _ordinal(m["h"]), "half")


def _day(m: re.Match[str]) -> list[Reading]:
    return _sure(int(m["y"]), int(m["m"]), "day", int(m["d"]))


def _named_day(m: re.Match[str]) -> list[Reading]:
    return _of_name(m["n"], lambda month: _sure(int(m["y"]), month, "day", int(m["d"])))


def _either_day(m: re.Match[str]) -> list[Reading]:
    """Read two numbers before a year as day and month, in each order that gives a calendar day."""
    year, first, second = int(m["y"]), int(m["a"]), int(m["b"])
    year -= BUDDHIST if year >= BUDDHIST_YEARS[0] else 0
    orders: tuple[tuple[Way, int, int], ...] = (("dmy", first, second), ("mdy", second, first))
    return [
        Reading("day and month", way, Period(year, month, "day", day))
        for way, day, month in orders
        if 1 <= month <= 12 and _is_day(year, month, day)
    ]


def _short_day(m: re.Match[str]) -> list[Reading]:
    """Read ``31/12/10`` as a day with a two-digit year, in every order that gives a calendar day."""
    parts = [m["a"], m["b"], m["c"]]
    days = list[Reading]()
    orders: tuple[Dates, ...] = ("dmy", "mdy", "ymd")
    for order in orders:
        by_part = dict(zip(order, parts, strict=True))
        if len(by_part["y"]) == 2 and len(by_part["d"]) <= 2:
            year, month, day = century(int(by_part["y"])), int(by_part["m"]), int(by_part["d"])
            if _is_day(year, month, day):
                days.append(Reading("short day", order, Period(year, month, "day", day)))
    return days


def century(two: int) -> int:
    """Return the year that two digits mean (`PIVOT`)."""
    return two + (2000 if two < PIVOT else 1900)


def _month_or_fiscal(m: re.Match[str]) -> list[Reading]:
    """Read ``2010-11`` as a month, as the fiscal year 2010/11, or as both."""
    year, second = int(m["y"]), int(m["b"])
    year -= BUDDHIST if year >= BUDDHIST_YEARS[0] else 0
    ways = [Reading("year and two digits", "ymd", Period(year, second, "month"))] if 1 <= second <= 12 else []
    if second == (int(m["y"]) + 1) % 100 and len(m["b"]) == 2:
        ways.append(Reading("year and two digits", "fiscal", Period(year, None, "fiscal")))
    return ways


def _fiscal(m: re.Match[str]) -> list[Reading]:
    """Read fiscal years.

    ``2010/2011`` and ``FY2010-11`` become the year in which they begin; ``FY2010`` becomes 2010.
    """
    year, end = int(m["y"]), m["e"]
    if end and int(end) != (year + 1 if len(end) == 4 else (year + 1) % 100):
        return []
    return _sure(year, None, "fiscal")


def _short_year(m: re.Match[str]) -> list[Reading]:
    """Read ``Jan-10`` as a month of 2010, or as 10 January of an unknown year."""
    month, two = months_named(m["n"]).get("", 0), int(m["b"])
    if not month or is_code(m["n"]):
        return []
    ways = [Reading("month and two digits", "my", Period(century(two), month, "month"))]
    if 1 <= two <= 31:
        ways.append(Reading("month and two digits", "day", Period(0, month, "day", two)))
    return ways


def _t(m: re.Match[str]) -> list[Reading]:
    """Read ``T1/2010`` as a quarter (trimestre: Spanish, Portuguese, French) or as a month (tháng: Vietnamese)."""
    year, n = int(m["y"]), int(m["t"])
    ways = [Reading("t", "quarter", Period(year, 3 * n, "quarter"))] if n <= 4 else []
    return [*ways, Reading("t", "month", Period(year, n, "month"))] if n <= 12 else ways


def _roman(m: re.Match[str]) -> list[Reading]:
    """Read ``I 2010`` as a month, and numerals up to IV also as a quarter.

    A numeral beyond IV in the column proves that all its numerals are months.
    """
    year, n = int(m["y"]), numeral(m["n"]) or 0
    quarter = [Reading(ROMAN, "quarter", Period(year, 3 * n, "quarter"))] if n <= 4 else []
    return [Reading(ROMAN, "month", Period(year, n, "month")), *quarter]


def _reign(m: re.Match[str]) -> list[Reading]:
    first = m["y"] == "元"
    if m["r"] in ("h", "s", "r") and (first or int(m["y"]) < 3):  # H1 and S2 are halves of a year elsewhere
        return []
    year = REIGNS[m["r"]] + (1 if first else int(m["y"]))
    if m["d"]:
        return _sure(year, int(m["m"]), "day", int(m["d"]))
    return _sure(year, int(m["m"]) if m["m"] else None, "month" if m["m"] else "year")


def _republic(m: re.Match[str]) -> list[Reading]:
    year = MINGUO + (1 if m["y"] == "元" else int(m["y"]))
    return _sure(year, int(m["m"]) if m["m"] else None, "month" if m["m"] else "year")


def _compact(m: re.Match[str]) -> list[Reading]:
    return _sure(int(m["y"]), int(m["m"]), "day", int(m["d"])) if m["d"] else _sure(int(m["y"]), int(m["m"]), "month")


def _counted_days(number: float) -> tuple[Reading, ...]:
    """Read a number as a count of days, as Excel and as Stata count them, within the limits of `SERIALS`."""
    if not SERIALS[0] <= number <= SERIALS[1]:
        return ()
    ways: tuple[Way, ...] = ("excel", "stata") if number <= STATA_DAYS else ("excel",)
    dated = {way: EPOCHS[way] + datetime.timedelta(days=int(number)) for way in ways}
    return tuple(Reading("days", way, Period(d.year, d.month, "day", d.day)) for way, d in dated.items())


class _Half(NamedTuple):
    """Half of a month (1 or 2) named in a cell, and the rest of its text: the month, with or without a year."""

    n: int
    rest: str


def _half_of(plain: str) -> _Half | None:
    """Find the first or second half of a month in a cell that also has other text.

    Example:
        >>> _half_of("1q ene 2014"), _half_of("segunda quincena de enero"), _half_of("1q")
        (_Half(n=1, rest='ene 2014'), _Half(n=2, rest='enero'), None)
    """
    match = _HALF.search(plain)
    if match is None:
        return None
    remainder = re.sub(r"\s+", " ", f"{plain[: match.start()]} {plain[match.end() :]}").strip(" -/.,")
    first = bool(re.match(r"0?1(?!6)|prim|prem|first|上", match[0]))
    return _Half(1 if first else 2, remainder) if remainder else None


def _is_month(rest: str) -> bool:
    return bool(months_named(rest)) or bool(_half_month(f"1q {rest}"))


def _half_month(plain: str) -> tuple[Reading, ...]:
    """Read ``1Q Ene 2014``, ``2a quincena de enero de 2014`` as half of a month; the remaining text must be a month."""
    half = _half_of(plain)
    months = readings(half.rest) if half else ()
    if half is None or not months or any(r.period.kind != "month" and r.way != "day" for r in months):
        return ()
    month = months[0].period
    return tuple(_sure(month.year, month.month, "half-month", half.n))


_HALF = re.compile(
    r"(?<![\w-])(?:"
    r"[12] ?(?:st|nd|er|ere|ra|da|ro|do|e|eme|a|o|ª|º)?\.?[ -]?"
    r"(?:q|qn?a|quincena|quinzena|quinzaine|h|half|fortnight|halfte)(?![\w])\.?"
    r"|(?:primera?|segunda|primeira|premiere|seconde|deuxieme|first|second) "
    r"(?:quincena|quinzena|quinzaine|half|fortnight)"
    r"|0?1-15|16-(?:28|29|30|31)"
    r")(?:(?: de| del| du| of| da)? |[-/., ]*)"
    r"|(?<=月)(?:上|下)半月"
)


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], _Parse], ...]:
    """Compile `_FORMS` once, when the first text is read."""
    return tuple((re.compile(pattern), parse) for pattern, parse in _FORMS)


_CHINESE_QUARTER = r"第?(?P<q>[1-4一二三四])(?:季度?|四半期|분기)"
_FORMS: tuple[tuple[str, _Parse], ...] = (
    (rf"(?:{_YEAR_WORD} ?)?{_Y}(?: ?{_HAN_YEAR}(?:度|间)?)?(?:\.0)?", _year),
    (rf"(?:พ\.?ศ\.?|b\.?e\.?) ?{_Y}", _era),
    (rf"{_Y} ?b\.?e\.?", _era),
    (rf"{_Y}(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])?", _compact),
    (rf"{_Y}(?P<s> ?[-/] ?)(?P<b>\d{{1,2}})", _month_or_fiscal),
    (rf"{_Y}[.:](?P<m>0[1-9]|1[0-2])", _month),
    (rf"{_Y} (?P<m>0[1-9]|1[0-2])", _month),
    (rf"{_Y} ?[-:/.]? ?m ?{_M}", _month),
    (rf"m ?{_M} ?[-:/.]? ?{_Y}", _month),
    (rf"{_Y} ?{_HAN_YEAR} ?{_M} ?(?:{_HAN_MONTH}份?)?", _month),
    (rf"{_M}[-/.]{_Y}", _month),
    (rf"(?:thang|t\.) ?{_M}(?:[-/., ]| nam |/nam )+{_Y}", _month),
    (rf"t(?P<t>\d{{1,2}}) ?[-/. ]? ?{_Y}", _t),
    (rf"{_Y} ?[-/. ]? ?t(?P<q>[1-4])", _quarter),
    (rf"(?P<q>[1-4])t ?[-/. ]? ?{_Y}", _quarter),
    (rf"{_Y}(?P<s>[-/. ]){_M}(?P=s){_D}\.?", _day),
    (rf"{_Y} ?{_HAN_YEAR} ?{_M} ?{_HAN_MONTH} ?{_D} ?[日号일]?", _day),
    (rf"(?P<a>\d{{1,2}})(?P<s>[-/. ])(?P<b>\d{{1,2}})(?P=s){_Y}", _either_day),
    (r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<c>\d\d)", _short_day),
    (rf"{_NUMERAL}\.?[ /.-]+{_Y}(?: ?[rг]\.?)?", _roman),
    (rf"{_Y}\.?[ /.-]+{_NUMERAL}\.?", _roman),
    (rf"{_NAME}{_OF}*{_Y}", _named_month),
    (rf"{_Y}{_OF}*{_NAME}", _named_month),
    (rf"{_D}(?:{_ORDINAL}){_OF}*{_NAME}{_OF}*{_Y}", _named_day),
    (rf"{_NAME}{_OF}*{_D}(?:st|nd|rd|th)?{_OF}+{_Y}", _named_day),
    (rf"{_Y}{_OF}+{_NAME}{_OF}*{_D}", _named_day),
    (rf"{_NAME}[-/ '’]*(?P<b>\d\d)", _short_year),
    (rf"(?P<b>\d\d)[-/ ]?{_NAME}", _short_year),
    (rf"(?:fy|fiscal year|financial year|f\.y\.)[ -]?{_Y}(?: ?[-/] ?(?P<e>\d{{4}}|\d\d))?", _fiscal),
    (rf"{_Y} ?[-/] ?(?P<e>\d{{4}})", _fiscal),
    (rf"{_Y} ?[-:/.]? ?{_QUARTER_WORD} ?{_QUARTER}", _quarter),
    (rf"{_QUARTER_WORD} ?{_QUARTER}(?:{_OF}| nam )*{_Y}", _quarter),
    (rf"{_QUARTER}{_ORDINAL} ?{_QUARTER_WORD}(?:{_OF}| nam )*{_Y}", _quarter),
    (rf"{_Y} ?[-:/.]? ?{_QUARTER}{_ORDINAL} ?{_QUARTER_WORD}", _quarter),
    (rf"{_Y} ?{_HAN_YEAR} ?{_CHINESE_QUARTER}", _quarter),
    (rf"{_Y} ?{_HAN_YEAR} ?q(?P<q>[1-4])", _quarter),
    (rf"{_Y} ?[-:/.]? ?[hs](?P<h>[12])", _half),
    (rf"[hs](?P<h>[12]) ?[-:/.]? ?{_Y}", _half),
    (rf"{_Y} ?{_HAN_YEAR} ?(?P<h>[上下])半年", _half),
    (
        r"(?P<r>明治|大正|昭和|平成|令和|[shr]) ?(?P<y>\d{1,2}|元)(?:年度?)?"
        r"(?:(?:(?<=年) ?| ?[./-] ?)(?P<m>0?[1-9]|1[0-2])月?"
        r"(?:(?:(?<=月) ?| ?[./-] ?)(?P<d>0?[1-9]|[12]\d|3[01])日?)?)?",
        _reign,
    ),
    (r"(?:中[华華])?民[国國] ?(?P<y>\d{1,3}|元) ?(?:年(?: ?(?P<m>0?[1-9]|1[0-2]) ?月)?)?", _republic),
)
