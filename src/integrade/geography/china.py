"""List the 31 provinces of mainland China: names, groups, neighbours, capitals and positions on a tile map."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Literal, NamedTuple

from integrade.geography.value import Geography, Region, great_circle, plain_name
from plainwords.texts import say

Group = Literal["East", "Central", "West"]


class Province(NamedTuple):
    """Province-level unit: its names, its group in official statistics and its cell on a tile map.

    ``tile_column`` counts from the west and ``tile_row`` from the north, both from 0; no two provinces have the same
    cell.
    """

    english: str
    chinese_short: str
    chinese_long: str
    pinyin: str
    group: Group
    tile_column: int
    tile_row: int


PROVINCES: tuple[Province, ...] = (
    Province("Beijing", "北京", "北京市", "Beijing", "East", 5, 2),
    Province("Tianjin", "天津", "天津市", "Tianjin", "East", 6, 2),
    Province("Hebei", "河北", "河北省", "Hebei", "East", 4, 2),
    Province("Shanxi", "山西", "山西省", "Shanxi", "Central", 3, 2),
    Province("Inner Mongolia", "内蒙古", "内蒙古自治区", "Neimenggu", "West", 4, 1),
    Province("Liaoning", "辽宁", "辽宁省", "Liaoning", "East", 6, 1),
    Province("Jilin", "吉林", "吉林省", "Jilin", "Central", 7, 1),
    Province("Heilongjiang", "黑龙江", "黑龙江省", "Heilongjiang", "Central", 7, 0),
    Province("Shanghai", "上海", "上海市", "Shanghai", "East", 6, 4),
    Province("Jiangsu", "江苏", "江苏省", "Jiangsu", "East", 5, 4),
    Province("Zhejiang", "浙江", "浙江省", "Zhejiang", "East", 5, 5),
    Province("Anhui", "安徽", "安徽省", "Anhui", "Central", 4, 4),
    Province("Fujian", "福建", "福建省", "Fujian", "East", 5, 6),
    Province("Jiangxi", "江西", "江西省", "Jiangxi", "Central", 4, 5),
    Province("Shandong", "山东", "山东省", "Shandong", "East", 4, 3),
    Province("Henan", "河南", "河南省", "Henan", "Central", 3, 3),
    Province("Hubei", "湖北", "湖北省", "Hubei", "Central", 3, 4),
    Province("Hunan", "湖南", "湖南省", "Hunan", "Central", 3, 5),
    Province("Guangdong", "广东", "广东省", "Guangdong", "East", 4, 6),
    Province("Guangxi", "广西", "广西壮族自治区", "Guangxi", "West", 3, 6),
    Province("Hainan", "海南", "海南省", "Hainan", "East", 4, 7),
    Province("Chongqing", "重庆", "重庆市", "Chongqing", "West", 2, 4),
    Province("Sichuan", "四川", "四川省", "Sichuan", "West", 1, 4),
    Province("Guizhou", "贵州", "贵州省", "Guizhou", "West", 2, 5),
    Province("Yunnan", "云南", "云南省", "Yunnan", "West", 1, 5),
    Province("Tibet", "西藏", "西藏自治区", "Xizang", "West", 0, 4),
    Province("Shaanxi", "陕西", "陕西省", "Shaanxi", "West", 2, 3),
    Province("Gansu", "甘肃", "甘肃省", "Gansu", "West", 1, 2),
    Province("Qinghai", "青海", "青海省", "Qinghai", "West", 1, 3),
    Province("Ningxia", "宁夏", "宁夏回族自治区", "Ningxia", "West", 2, 2),
    Province("Xinjiang", "新疆", "新疆维吾尔自治区", "Xinjiang", "West", 0, 2),
)

MUNICIPALITIES: tuple[str, ...] = tuple(p.english for p in PROVINCES if p.chinese_long.endswith("市"))
"""The four municipalities directly under the central government."""

_LATER_NEIGHBOURS = """
Anhui: Henan, Hubei, Jiangsu, Jiangxi, Shandong, Zhejiang
Beijing: Hebei, Tianjin
Chongqing: Guizhou, Hubei, Hunan, Shaanxi, Sichuan
Fujian: Guangdong, Jiangxi, Zhejiang
Gansu: Inner Mongolia, Ningxia, Qinghai, Shaanxi, Sichuan, Xinjiang
Guangdong: Guangxi, Hunan, Jiangxi
Guangxi: Guizhou, Hunan, Yunnan
Guizhou: Hunan, Sichuan, Yunnan
Hebei: Henan, Inner Mongolia, Liaoning, Shandong, Shanxi, Tianjin
Heilongjiang: Inner Mongolia, Jilin
Henan: Hubei, Shaanxi, Shandong, Shanxi
Hubei: Hunan, Jiangxi, Shaanxi
Hunan: Jiangxi
Inner Mongolia: Jilin, Liaoning, Ningxia, Shaanxi, Shanxi
Jiangsu: Shandong, Shanghai, Zhejiang
Jiangxi: Zhejiang
Jilin: Liaoning
Ningxia: Shaanxi
Qinghai: Sichuan, Tibet, Xinjiang
Shaanxi: Shanxi, Sichuan
Shanghai: Zhejiang
Sichuan: Tibet, Yunnan
Tibet: Xinjiang, Yunnan
"""


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.strip().splitlines():
        first, later = line.split(": ")
        for second in later.split(", "):
            yield first, second


LAND_BORDERS: tuple[tuple[str, str], ...] = tuple(_pairs(_LATER_NEIGHBOURS))
"""The 68 pairs of provinces with a common land border, as English names in alphabetical order."""

CONTIGUITY: tuple[tuple[str, str], ...] = (*LAND_BORDERS, ("Guangdong", "Hainan"))
"""Pairs of adjacent provinces: those with a land border, and Guangdong-Hainan by convention."""

_MORE_NAMES: Mapping[str, tuple[str, ...]] = {
    "Inner Mongolia": ("内蒙", "Nei Mongol", "Nei Mongolia"),
    "Guangxi": ("Guangxi Zhuang", "Guangxi Zhuangzu"),
    "Ningxia": ("Ningxia Hui", "Ningxia Huizu"),
    "Xinjiang": ("新疆维吾尔族", "Xinjiang Uygur", "Xinjiang Uyghur", "Xinjiang Uighur", "Xinjiang Weiwuer"),
}
_PLAIN_SUFFIXES = ("省", "自治区", " Province", " Sheng", " Autonomous Region", " AR", " Zizhiqu")
_CITY_SUFFIXES = ("市", " Municipality", " City", " Shi")


def _spellings_written() -> Iterator[tuple[str, Province]]:
    for province in PROVINCES:
        long = province.chinese_long
        names = [province.english, province.pinyin, province.chinese_short, long.removesuffix("自治区")]
        names += _MORE_NAMES.get(province.english, ())
        suffixes = _CITY_SUFFIXES if province.english in MUNICIPALITIES else _PLAIN_SUFFIXES
        for name in names:
            yield name, province
            for suffix in suffixes:
                yield name + suffix, province


_BY_SPELLING: Mapping[str, Province] = {plain_name(name): province for name, province in _spellings_written()}
_BY_ENGLISH: Mapping[str, Province] = {p.english: p for p in PROVINCES}


def place_said(name: str) -> str:
    """Return the name of a region for a sentence.

    The name of a province is in the language of messages; any other name is unchanged.
    """
    province = province_of(name)
    return say("places.place", name=name, chinese=province.chinese_short) if province else name


def all_provinces(names: Iterable[str]) -> bool:
    """Return whether every name means a province; False if there are no names.

    If true, sentences say provinces instead of regions.
    """
    provinces = [province_of(name) for name in names]
    return bool(provinces) and all(provinces)


def province_of(name: str) -> Province | None:
    """Return the province that a name means; None if it means none.

    The short and the long Chinese name are accepted (``广西``, ``广西壮族自治区``), also padded or in full width
    (``北　京``). The English name and pinyin are accepted in any case and spacing (``InnerMongolia``, ``Nei Mongol``,
    ``Xizang``), with or without ``Province``, ``Municipality`` or ``Autonomous Region``. A city with the name of a
    province (``吉林市``) is not the province. ``Shanxi`` is 山西 and ``Shaanxi`` is 陕西.

    Example:
        >>> province_of("新疆维吾尔自治区").english
        'Xinjiang'
        >>> province_of("吉林市") is None
        True
    """
    return _BY_SPELLING.get(plain_name(name))


def province_of_county(code: str) -> Province | None:
    """Return the province of a county from its code of six digits (GB/T 2260); None for any other text.

    The first two digits are the province, the next two the prefecture. A number that was read as 371102.0 is accepted.

    Example:
        >>> province_of_county("371102").english, province_of_county("990101")
        ('Shandong', None)
    """
    number = re.fullmatch(r"(\d{2})\d{4}(?:\.0)?", code.strip())
    return _by_number().get(number[1]) if number else None


def are_counties(codes: Collection[str]) -> bool:
    """Return whether texts are codes of counties of China: six digits of known provinces, not all of whole prefectures.

    The codes of a prefecture and of a province end in 00. Up to a tenth of the texts may be anything else (a
    convention).

    Example:
        >>> are_counties(["371102", "110105"]), are_counties(["330100", "330200"])
        (True, False)
    """
    known = [code for code in codes if province_of_county(code)]
    whole = all(code.strip().removesuffix(".0").endswith("00") for code in known)
    return bool(known) and not whole and 10 * len(known) >= 9 * len(codes)


def neighbours(english: str, *, sea: bool = True) -> tuple[str, ...]:
    """Return the English names of adjacent provinces, in alphabetical order.

    ``sea``: whether Guangdong and Hainan count as adjacent. Raises `KeyError` for a name that is not the English name
    of a province.
    """
    pairs = CONTIGUITY if sea else LAND_BORDERS
    here = _BY_ENGLISH[english].english
    return tuple(sorted(b if a == here else a for a, b in pairs if here in (a, b)))


CAPITALS: Mapping[str, tuple[float, float]] = {
    "Beijing": (39.91, 116.40),  # Beijing
    "Tianjin": (39.14, 117.18),  # Tianjin
    "Hebei": (38.04, 114.48),  # Shijiazhuang
    "Shanxi": (37.87, 112.56),  # Taiyuan
    "Inner Mongolia": (40.81, 111.65),  # Hohhot
    "Liaoning": (41.79, 123.43),  # Shenyang
    "Jilin": (43.88, 125.32),  # Changchun
    "Heilongjiang": (45.75, 126.65),  # Harbin
    "Shanghai": (31.22, 121.46),  # Shanghai
    "Jiangsu": (32.06, 118.78),  # Nanjing
    "Zhejiang": (30.29, 120.16),  # Hangzhou
    "Anhui": (31.86, 117.28),  # Hefei
    "Fujian": (26.06, 119.31),  # Fuzhou
    "Jiangxi": (28.68, 115.85),  # Nanchang
    "Shandong": (36.67, 117.00),  # Jinan
    "Henan": (34.76, 113.65),  # Zhengzhou
    "Hubei": (30.58, 114.27),  # Wuhan
    "Hunan": (28.20, 112.97),  # Changsha
    "Guangdong": (23.12, 113.25),  # Guangzhou
    "Guangxi": (22.82, 108.32),  # Nanning
    "Hainan": (20.03, 110.35),  # Haikou
    "Chongqing": (29.56, 106.56),  # Chongqing
    "Sichuan": (30.67, 104.07),  # Chengdu
    "Guizhou": (26.58, 106.72),  # Guiyang
    "Yunnan": (25.04, 102.72),  # Kunming
    "Tibet": (29.65, 91.10),  # Lhasa
    "Shaanxi": (34.26, 108.93),  # Xi'an
    "Gansu": (36.06, 103.84),  # Lanzhou
    "Qinghai": (36.63, 101.76),  # Xining
    "Ningxia": (38.47, 106.27),  # Yinchuan
    "Xinjiang": (43.80, 87.60),  # Urumqi
}
"""Latitude and longitude in degrees of each province's capital, from GeoNames, by the English name of the province."""


def kilometres(a: str, b: str) -> float:
    """Return the great-circle distance in km between the capitals of two provinces (English names).

    The sphere has a radius of 6,371 km.

    Raises `KeyError` for a name that is not the English name of a province.

    Example:
        >>> round(kilometres("Beijing", "Shanghai"))
        1069
    """
    (north_a, east_a), (north_b, east_b) = CAPITALS[a], CAPITALS[b]
    return great_circle((east_a, north_a), (east_b, north_b))


def _region(p: Province) -> Region:
    north, east = CAPITALS[p.english]
    aliases = dict.fromkeys(name for name, q in _spellings_written() if q is p and name != p.english)
    code = CODES[p.english]
    return Region(p.english, tuple(aliases), code, p.group, east, north, (p.tile_column, p.tile_row), p.chinese_short)


@cache
def _by_number() -> Mapping[str, Province]:
    return {CODES[province.english][0]: province for province in PROVINCES}


CODES: Mapping[str, tuple[str, ...]] = {
    p.english: (number, f"CN-{number}", f"CN-{letters}", f"{number}0000")
    for p, number, letters in zip(
        PROVINCES,
        re.findall("..", "11121314152122233132333435363741424344454650515253546162636465"),
        re.findall("..", "BJTJHESXNMLNJLHLSHJSZJAHFJJXSDHAHBHNGDGXHICQSCGZYNXZSNGSQHNXXJ"),
        strict=True,
    )
}
"""Codes of each province by its English name: GB/T 2260 (two and six digits) and ISO 3166-2."""

CHINA = Geography("CN", "China", "provinces", tuple(map(_region, PROVINCES)), CONTIGUITY)
"""The provinces as a `Geography`: neighbours are `CONTIGUITY`, distances are between capitals."""
