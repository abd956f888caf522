"""Interpret the words and numbers of statistical tables: goods, bases, periods, marks of missing values."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from integrade.records.schema import MISSING_WORDS
from integrade.sources.meaning.printed_numbers import bare
from rawcells.cells.grid import Cell, text_of

ALL_GOODS = "总指数"
NATION = (
    "全国",
    "全国平均",
    "全国合计",
    "合计",
    "总计",
    "平均",
    "国家",
    "nation",
    "national",
    "china",
    "total",
    "average",
    "nationaltotal",
    "nationalaverage",
)
RANKS = ("序号", "编号", "序", "代码", "行政区划代码", "no", "no.", "id", "code")
REGION_HEADS = ("地区", "省份", "省区", "省市", "省市区", "region", "province")
GOODS_HEADS = ("项目", "商品", "类别", "商品类别", "指标", "item", "commodity", "good", "goods")
YEAR_HEADS = ("年份", "年", "年度", "year")

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_BASE = re.compile(r"\(([^()]*=\s*100)\)")
_PRICE_INDEX = re.compile(
    r"^(?:(?P<item>.+?)类)?(?:居民消费|商品零售|农业生产资料|固定资产投资|工业生产者出厂)价格(?:分类)?(?:总)?指数$"
)
_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)|\d+[、.](?!\d)|[#*]|其中:?)\s*")
_CODES = re.compile(
    r"(^|[\W_])(code|codes|id|no|nr|rank|fips|geoid|código|codigo|kode|kod|schlüssel|mã)[\W_]*$|^(code|código|codigo|kode|kod|mã)\b"
    r"|(代码|编码|编号|序号)$"
)
_LATIN_TAIL = re.compile(r"\s+[A-Za-z][A-Za-z\s,&.'/()\-]*$")
_HAN = re.compile(r"[\u3400-\u9fff]")
_DASHES = ("—", "——", "－", "*", "**", "***", "#", "/")


class Item(NamedTuple):
    """Name of a good without the words of the indicator, and the base of its index (``上年同月=100``)."""

    name: str
    base: str


def item_of(heading: str) -> Item:
    """Parse a heading as a good: ``食品类居民消费价格指数(上年同月=100)`` is ``食品``, the total index ``总指数``.

    Numbering (``一、``, ``(1)``, ``#``), padding, a base in parentheses and an English translation are removed.
    """
    text = chinese_part(unicodedata.normalize("NFKC", heading).strip())
    base = _BASE.search(text)
    text = _BASE.sub("", text)
    text = re.sub(r"\s+", "", text) if _HAN.search(text) else re.sub(r"\s+", " ", text).strip()
    while (shorter := _NUMBERING.sub("", text)) != text:
        text = shorter
    match = _PRICE_INDEX.match(text)
    name = (match["item"] or ALL_GOODS) if match else text
    return Item(name, re.sub(r"\s+", "", base[1]) if base else "")


def names_codes(heading: str) -> bool:
    """Return whether a heading over numbers means that they are ranks, numbering or codes, and not values.

    Example:
        >>> [names_codes(h) for h in ("Region code", "序号", "ID", "Rice")]
        [True, True, True, False]
    """
    word = key_of(heading).rstrip(".")
    return word in RANKS or bool(_CODES.search(unicodedata.normalize("NFKC", heading).strip().casefold()))


def chinese_part(text: str) -> str:
    """Return the Chinese part of a text: ``北京  Beijing`` gives ``北京``; a text without Chinese stays unchanged."""
    return _LATIN_TAIL.sub("", text) if _HAN.search(text) else text


def region_text(cell: Cell) -> str:
    """Return the name of a region without padding inside a Chinese name and without a translation after it."""
    text = chinese_part(text_of(cell))
    return re.sub(r"\s+", "", text) if _HAN.search(text) else re.sub(r"\s+", " ", text)


def key_of(text: str) -> str:
    """Normalise a word for comparison with the lists in this module."""
    return re.sub(r"[\s:：]+", "", text).casefold()


def years_in(text: str) -> list[int]:
    """Return the distinct four-digit years in a text."""
    return sorted({int(y) for y in _YEAR.findall(unicodedata.normalize("NFKC", text))})


def number_of(cell: Cell) -> float | None:
    """Return a cell as a number; None if it is missing.

    Separators of thousands and the dress of a printed number (`printed_numbers`) are removed. Raises `ValueError` for
    any other text.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = str("" if cell is None else cell).strip()
    if text in MISSING_WORDS or text_of(cell) in MISSING_WORDS or text_of(cell) in _DASHES:
        return None
    text = bare(re.sub(r"(?<=[0-9])\s+(?=[.,])|(?<=[.,])\s+(?=[0-9])", "", text))
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d{1,2}(,\d{2})+,\d{3}(\.\d+)?", text):
        text = text.replace(",", "")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        raise ValueError(text)
    return float(text)


def is_number(cell: Cell) -> bool:
    """Return whether a cell holds a number.

    A whole number in brackets such as ``(1)`` does not count, because it only numbers a row or column.
    """
    if isinstance(cell, str) and re.fullmatch(r"[(（]\s*\d{1,3}\s*[)）]", cell.strip()):
        return False
    try:
        return number_of(cell) is not None
    except ValueError:
        return False
