"""What words say of the basis of an index."""

from __future__ import annotations

import doctest

import pytest

from each import each
from integrade.sources.basis import words as basis_words
from integrade.sources.basis.words import basis_in, basis_said

SAID = {
    "link": [
        "上年=100",
        "居民消费价格指数（上月＝100）",
        "Previous year = 100",
        "mes anterior = 100",
        "année précédente = 100",
        "Wskaźniki cen, miesiąc poprzedni = 100",
        "rok poprzedni=100",
        "Vormonat = 100",
    ],
    "year_on_year": [
        "食品类居民消费价格指数(上年同月=100)",
        "same month of previous year = 100",
        "corresponding month of the previous year=100",
        "mesmo mês do ano anterior = 100",
        "same month last year = 100",
        "mismo mes año anterior = 100",
        "analogiczny miesiąc poprzedniego roku = 100",
        "analogiczny okres roku poprzedniego=100",
        "Vorjahresmonat = 100",
    ],
    "fixed": [
        "CPI (2010=100)",
        "2010=100.0",
        "Index 2010 = 100, seasonally adjusted",
        "2005=100,0",
        "1982-84=100",
        "2020年=100",
        "diciembre 2010 = 100",
        "定基=100",
        "Base year = 100",
    ],
}
SILENT = ["Food", "2010=1000", "2010=100,000", "2010=100.5", "上年同期=100", "100 largest cities", "index"]


@each(("basis", "text"), [(b, t) for b, texts in SAID.items() for t in texts])
def test_words_of_each_basis(basis: str, text: str) -> None:
    found = basis_in(text)
    assert found is not None
    assert found.basis == basis


@each("text", SILENT)
def test_words_that_say_nothing(text: str) -> None:
    assert basis_in(text) is None


def test_words_that_disagree_say_nothing() -> None:
    assert basis_said(["2010=100", "a title (2015=100)"]) is not None
    assert basis_said(["2010=100", "上年=100"]) is None
    assert basis_said([]) is None


def test_the_example() -> None:
    failed, tried = doctest.testmod(basis_words)
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize(
    ("title", "whole"),
    [
        ("Base segunda quincena de julio 2018=100", "Base segunda quincena de julio 2018=100"),
        ("INPC, 2a quincena de dic 2010 = 100", "2a quincena de dic 2010 = 100"),
        ("Precios (promedio de 2015=100)", "promedio de 2015=100"),
        ("CPI by state, 2010=100", "2010=100"),
        ("All items 2010=100", "2010=100"),
    ],
)
def test_the_words_of_a_base_are_quoted_whole(title: str, whole: str) -> None:
    words = basis_in(title)
    assert words is not None
    assert words.whole == whole
    assert words.whole.endswith(words.text)
