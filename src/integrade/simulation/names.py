"""Invent names of Chinese firms and people, and the different spellings of the same firm in two registers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CITIES: dict[str, tuple[str, ...]] = {
    "Guangdong": ("深圳", "广州", "东莞", "佛山", "中山"),
    "Zhejiang": ("宁波", "杭州", "温州", "义乌", "绍兴"),
    "Jiangsu": ("苏州", "无锡", "南京", "常州", "昆山"),
    "Shandong": ("青岛", "烟台", "济南", "威海"),
    "Fujian": ("厦门", "泉州", "福州", "晋江"),
    "Liaoning": ("大连", "沈阳"),
    "Hebei": ("石家庄", "唐山"),
    "Sichuan": ("成都", "绵阳"),
    "Hubei": ("武汉", "宜昌"),
    "Hunan": ("长沙", "株洲"),
    "Henan": ("郑州", "洛阳"),
    "Anhui": ("合肥", "芜湖"),
    "Shaanxi": ("西安",),
    "Jiangxi": ("南昌", "赣州"),
    "Heilongjiang": ("哈尔滨",),
}
"""Province -> cities used in firm names; in other provinces the name begins with the province."""

BRANDS = "华东海天金龙泰安鑫盛宏达恒通瑞丰永兴大信德利美佳康宁远洋宇航星光明辉煌凯旋嘉禾昌隆顺益百川正元博雅㛃"
TRADES = (
    "电子",
    "机械",
    "纺织",
    "服装",
    "塑胶",
    "五金",
    "化工",
    "食品",
    "家具",
    "玩具",
    "电器",
    "陶瓷",
    "鞋业",
    "医药",
)
TRADING = ("进出口", "贸易", "国际贸易", "对外经济贸易", "商贸")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = (
    "伟",
    "芳",
    "秀英",
    "敏",
    "静",
    "强",
    "磊",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "建国",
    "志强",
    "丽华",
)
MADE_LIMITED, MADE_LIABLE = "有限公司", "有限责任公司"


def brand(number: int) -> str:
    """Return a brand of three characters, unique for numbers below the cube of the number of characters."""
    base = len(BRANDS)
    mixed = (number + 1) * 7919 % base**3
    return BRANDS[mixed // base**2] + BRANDS[mixed // base % base] + BRANDS[mixed % base]


def firm_names(regions: Sequence[tuple[str, str]], trading: Sequence[bool], rng: np.random.Generator) -> list[str]:
    """Draw one name per firm, all different.

    ``regions`` are (English name, short Chinese name) of each firm's province.
    """
    place, trade, form = rng.random((3, len(regions)))
    names = []
    for i, (english, short) in enumerate(regions):
        towns = CITIES.get(english, (short,))
        kinds = TRADING if trading[i] else TRADES
        form_of = MADE_LIABLE if form[i] < 0.1 else MADE_LIMITED
        nation = "（中国）" if form[i] > 0.97 and not trading[i] else ""
        series = "" if i < len(BRANDS) ** 3 else f"第{i // len(BRANDS) ** 3 + 1}"
        town = towns[int(place[i] * len(towns))]
        names.append(town + brand(i) + series + nation + kinds[int(trade[i] * len(kinds))] + form_of)
    return names


def respelt(names: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Return names as another register spells them: some with blanks, another legal form or a mistake."""
    chance, place = rng.random((2, len(names)))
    return [_respell(name, chance[i], int(place[i] * 3)) for i, name in enumerate(names)]


def _respell(name: str, chance: float, place: int) -> str:
    """Return another spelling: 4% with blanks, 3% with another legal form, 3% with a wrong character.

    In most other names, Chinese brackets become ASCII brackets.
    """
    if chance < 0.04:
        return f" {name[:2]}　{name[2:]}"
    if chance < 0.07:
        short, long = (MADE_LIABLE, MADE_LIMITED) if name.endswith(MADE_LIABLE) else (MADE_LIMITED, MADE_LIABLE)
        return name.removesuffix(short) + long
    if chance < 0.10:
        at = 2 + place
        return name[:at] + ("安" if name[at] != "安" else "宁") + name[at + 1 :]
    return name.replace("（", "(").replace("）", ")") if chance < 0.8 else name


def people(n: int, rng: np.random.Generator) -> list[str]:
    """Draw the names of n people; several people may have the same name."""
    family, given = rng.integers(len(SURNAMES), size=n), rng.integers(len(GIVEN), size=n)
    return [SURNAMES[f] + GIVEN[g] for f, g in zip(family.tolist(), given.tolist(), strict=True)]
