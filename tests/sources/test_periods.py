"""Periods in the notations of statistics: what a cell can be, and what the cells of a column decide together."""

from __future__ import annotations

import datetime

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from each import each
from integrade.errors import AmbiguousDate, NotADate, speaking
from integrade.sources.meaning.periods import month_of, months_of, period, periods_among, read_periods, readings
from integrade.wording.months import LANGUAGES, MONTHS, _of_languages

ONE = {
    "2010": "2010 2010年 ２０１０ 2010.0 2010年度 平成22年 H22 昭和85年 民国99年 中華民國99年 พ.ศ.2553 2010년 CY2010",
    "FY2010": "FY2010 FY2010-11 FY2010/11 2010/2011 2010-2011",
    "2012-01": "2012/01 2012-1 2012M01 2012M1 201201 2012年1月 Jan-2012 2012-Jan 01/2012 1.2012 2012.01 2012:01 H24.1",
    "2012Q1": "2012Q1 2012-Q1 Q1/2012 1Q2012 2012年第一季度 2012年1季度 2012年Q1 1T2012 2012T1 2012-T1",
    "2012H2": "2012H2 2012-S2 2012年下半年",
    "2012-01-15": "2012/1/15 2012-01-15 20120115 2012.01.15 2012年1月15日 15-Jan-2012 2012-01-15T10:30:00Z 15/01/2012",
}
SPACED = {
    "2012-01": (
        "January 2012; Jan 2012; Jan. 2012; 2012 Jan; enero 2012; enero de 2012; ene 2012; janeiro/2012; janvier 2012; "
        "Januar 2012; Jänner 2012; tháng 1/2012; Tháng 1 năm 2012; Januari 2012; 2012 M1; ม.ค. พ.ศ. 2555"
    ),
    "2012Q1": "Q1 2012; 2012 Q1; 1st quarter 2012; 1er trimestre 2012; 1º trimestre de 2012; Quý I/2012; 1Q 2012",
    "2012-01-15": "January 15, 2012; 15 January 2012; 15 de enero de 2012; 2012-01-15 00:00:00; 1/15/2012 12:00:00 AM",
    "2010": "พ.ศ. 2553; 2553 B.E.; năm 2010; año 2010",
    "FY2010": "FY 2010-11; fiscal year 2010",
}


@each(
    ("text", "expected"),
    [(t, e) for e, texts in ONE.items() for t in texts.split()]
    + [(t, e) for e, texts in SPACED.items() if e != "2012-01" for t in texts.split("; ")]
    + [(t, "2012-01") for t in SPACED["2012-01"].split("; ")[:-1]],
)
def test_a_cell_that_can_be_read_in_one_way_only(text: str, expected: str) -> None:
    assert str(period(text)) == expected


@each(
    "text",
    [
        *("", "total", "Jan", "Q1", "1,234", "101.2", "19.5", "2010-13", "2010M13", "Q5 2010", "2010-2015", "2010W01"),
        *("29/02/2009", "2009-02-30", "99年", "H1", "2010.1", "2010:1", "40179", "123", "2101", "1899", "may be 2010"),
    ],
)
def test_other_text_is_no_period(text: str) -> None:
    assert readings(text) == ()


@each("text", ["01/02/2010", "2010-11", "Jan-10", "T1/2010", "2553", "01/02/10"])
def test_a_cell_that_can_be_read_in_two_ways_is_none_by_itself(text: str) -> None:
    assert period(text) is None
    assert readings(text)


COLUMNS = {
    "a day beyond 12 is no month": (["01/02/2010", "25/02/2010"], ["2010-02-01", "2010-02-25"]),
    "and so in the other order": (["01/02/2010", "02/25/2010"], ["2010-01-02", "2010-02-25"]),
    "the same day in either order": (["01/01/2010", "02/02/2010"], ["2010-01-01", "2010-02-02"]),
    "a month beside": (["2010-10", "2010-11", "2010-12"], ["2010-10", "2010-11", "2010-12"]),
    "a number that is no month": (["2010-11", "2011-12", "2012-13"], ["FY2010", "FY2011", "FY2012"]),
    "three fiscal years in a row": (["2008-09", "2009-10", "2010-11"], ["FY2008", "FY2009", "FY2010"]),
    "years beyond 31": (["Jan-98", "Feb-01"], ["1998-01", "2001-02"]),
    "a year beyond 31 in a date": (["31/12/98", "01/02/01"], ["1998-12-31", "2001-02-01"]),
    "a Buddhist column": (["2553", "2554"], ["2010", "2011"]),
    "months in Vietnamese": (["T1/2010", "T12/2010"], ["2010-01", "2010-12"]),
    "one day of each year": (["2010-12-31", "2011-12-31"], ["2010", "2011"]),
    "Excel dates": (["40179", "40210"], ["2010-01-01", "2010-02-01"]),
}


@each("case", COLUMNS)
def test_the_cells_of_a_column_decide_together(case: str) -> None:
    cells, expected = COLUMNS[case]
    found = read_periods(cells).periods
    assert [str(found[c]) for c in cells] == expected


def test_months_dated_by_their_first_day_tell_the_order() -> None:
    cells = [f"01/{m:02d}/{y}" for y in (2010, 2011) for m in range(1, 13)]
    assert [str(p)[:7] for p in read_periods(cells).periods.values()] == sorted(
        (f"{y}-{m:02d}" for y in (2010, 2011) for m in range(1, 13)), key=lambda t: (t[5:], t)
    )
    assert (
        str(read_periods([f"{m}/1/{y}" for y in (2010, 2011) for m in range(1, 13)]).periods["3/1/2010"])[:7]
        == "2010-03"
    )
    with pytest.raises(AmbiguousDate):
        read_periods(cells[:12])


def test_quarters_and_months_that_follow_without_a_gap_are_certain() -> None:
    quarters = read_periods([f"T{q} {y}" for y in (2010, 2011) for q in range(1, 5)]).periods
    assert str(quarters["T2 2011"]) == "2011Q2"
    names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
    months = read_periods([f"{name}-{year}" for year in (10, 11) for name in names])
    assert str(months.periods["Mar-11"]) == "2011-03"


BOTH = {
    "01/02/2010": ("1 February 2010 (dmy)", "2 January 2010 (mdy)", {"dmy": "2010-02-01", "mdy": "2010-01-02"}),
    "2010-11": ("November 2010 (ymd)", "the fiscal year 2010/11", {"ymd": "2010-11", "fiscal": "FY2010"}),
    "Jan-10": ("January 2010 (my)", "10 January of an unknown year", {"my": "2010-01"}),
    "18263": ("31 December 1949 (excel)", "1 January 2010 (stata)", {"excel": "1949-12-31", "stata": "2010-01-01"}),
    "01/02/10": ("1 February 2010 (dmy)", "10 February 2001 (ymd)", {"dmy": "2010-02-01", "ymd": "2001-02-10"}),
}


@pytest.mark.parametrize("cell", BOTH)
def test_what_is_ambiguous_is_refused_with_both_readings_and_the_option_decides(cell: str) -> None:
    first, second, ways = BOTH[cell]
    with speaking("command"), pytest.raises(AmbiguousDate) as caught:
        read_periods([cell], named="'date' of prices")
    assert caught.value.code == "D214"
    assert f"{cell} is {first}" in caught.value.example
    assert second in caught.value.example
    for way, expected in ways.items():
        assert f"--dates {way}" in caught.value.remedy
        assert str(read_periods([cell], dates=way).periods[cell]) == expected  # type: ignore[arg-type]


def test_a_t_is_refused_with_both_readings() -> None:
    with pytest.raises(AmbiguousDate, match="quarter 1 of 2010 or January 2010"):
        read_periods(["T1/2010"])


WRONG = {
    "two orders": (["25/02/2010", "02/25/2010"], "different orders"),
    "years beside months": (["2010", "2010M01"], "different lengths"),
    "years of two eras": (["2553", "2010"], "two eras"),
    "a total": (["2010", "Total"], "not a period"),
    "no day of the calendar": (["2009-02-29"], "not a period"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_no_one_way_reads_is_refused_with_the_cells(case: str) -> None:
    cells, what = WRONG[case]
    with pytest.raises(NotADate, match=what) as caught:
        read_periods(cells)
    assert caught.value.code == "D215"
    assert cells[-1] in caught.value.example


def test_dates_against_what_the_user_says_are_refused() -> None:
    assert str(read_periods(["25/02/2010"]).periods["25/02/2010"]) == "2010-02-25"  # the remedy: the option left out
    with pytest.raises(NotADate, match='contradict dates="mdy"'):
        read_periods(["25/02/2010"], dates="mdy")
    with pytest.raises(NotADate, match='contradict dates="ymd"'):
        read_periods(["2012-13"], dates="ymd")


def test_numbers_are_days_only_where_days_are_asked_for() -> None:
    with pytest.raises(NotADate):
        read_periods(["40179"], days=False)


def test_headings_that_are_periods_decide_together() -> None:
    found = periods_among(["State", "2010-11", "2010-12", "Total"], named="the heading")
    assert {cell: str(p) for cell, p in found.items()} == {"2010-11": "2010-11", "2010-12": "2010-12"}


@each(
    ("text", "month"),
    [
        *(("1", 1), ("01", 1), ("12.0", 12), ("M01", 1), ("Jan", 1), ("janvier", 1), ("Dez", 12), ("Mac", 3)),
        *(("1月", 1), ("tháng 5", 5), ("Q1", 3), ("4Q", 12), ("第二季度", 6), ("13", None), ("x", None)),
    ],
)
def test_months_beside_years(text: str, month: int | None) -> None:
    assert month_of(text) == month


@each("language", LANGUAGES)
def test_the_months_of_every_language_are_read(language: str) -> None:
    named = Locale.parse(language).months
    for form in named.values():
        wide = {month: name for month, name in form["wide"].items() if " " not in name}
        cells = {f"{name} 2010": f"2010-{month:02d}" for month, name in wide.items()}
        read = read_periods(cells).periods
        assert {cell: str(read[cell]) for cell in cells} == cells
        assert months_of(wide.values()) == {name: month for month, name in wide.items()}


def test_a_name_that_is_another_month_elsewhere_is_decided_by_the_other_months() -> None:
    """Polish and Croatian share listopad: November and October."""
    assert str(read_periods(["listopad 2010", "grudzień 2010"]).periods["listopad 2010"]) == "2010-11"
    assert str(read_periods(["listopad 2010", "prosinac 2010"]).periods["listopad 2010"]) == "2010-10"
    assert months_of(["lip", "lis", "sty"]) == {"lip": 7, "lis": 11, "sty": 1}
    with pytest.raises(AmbiguousDate, match="ambiguous dates") as said:
        read_periods(["listopad 2010", "listopad 2011"])
    assert said.value.example == "listopad 2010 is November 2010 or October 2010"
    with pytest.raises(AmbiguousDate, match="different languages"):
        months_of(["listopad"])


def test_names_written_beside_cldr_agree_with_it() -> None:
    known = {word: set(found.values()) for word in MONTHS if (found := _of_languages().get(word))}
    assert len(known) > 60
    assert {word: months for word, months in known.items() if months != {MONTHS[word]}} == {}


@pytest.mark.parametrize("text", ["pro2010", "sub01", "sub-01", "SEN", "lie"])
def test_short_words_that_are_codes_elsewhere_are_no_months(text: str) -> None:
    assert readings(text) == ()
    assert month_of(text) is None


@each("month", range(1, 13))
def test_months_of_a_reign_have_one_or_two_digits(month: int) -> None:
    for text in (f"H13.{month}", f"平成13年{month}月", f"H13/{month:02d}", f"民国90年{month}月"):
        assert period(text) == (2001, month, "month", 0)
    assert str(period(f"H13.{month}.12")) == f"2001-{month:02d}-12"
    assert readings("H1312") == readings("平成1312") == ()


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)))
def test_days_are_what_the_calendar_says(day: datetime.date) -> None:
    for text in (day.isoformat(), f"{day:%Y%m%d}", f"{day:%d %B %Y}", f"{day.year}年{day.month}月{day.day}日"):
        assert str(period(text)) == day.isoformat()
    for way, text in (("dmy", f"{day:%d/%m/%Y}"), ("mdy", f"{day:%m/%d/%Y}")):
        assert str(read_periods([text], dates=way).periods[text]) in (day.isoformat(), str(day.year))  # type: ignore[arg-type]


def test_roman_numerals_are_months_where_one_is_beyond_four() -> None:
    read = read_periods(["I 2010", "IV 2010", "X.2010", "2011. XII."]).periods
    assert [str(read[cell]) for cell in ("I 2010", "IV 2010", "X.2010", "2011. XII.")] == [
        "2010-01",
        "2010-04",
        "2010-10",
        "2011-12",
    ]
    with pytest.raises(AmbiguousDate) as said:
        read_periods(["I 2010", "II 2010", "III 2010", "IV 2010"])
    assert said.value.example == "I 2010 is January 2010 or quarter 1 of 2010"
    for other in ("I-III 2010", "I–III 2010", "XIII 2010", "IIII 2010", "i2010"):
        assert period(other) is None
        with pytest.raises(NotADate):
            read_periods(["V 2010", other])
    assert months_of(["I", "II", "X"]) == {"I": 1, "II": 2, "X": 10}
    assert set(months_of(["I", "II"]).values()) == {None}
