"""Give goods of Chinese price statistics one name each: spellings that changed between yearbooks, and English names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

import narwhals as nw

from integrade.engine.frames import Frame, collect, place
from integrade.errors import UsageError, did_you_mean
from integrade.records.schema import refuse_merged
from plainwords.account import Entry
from plainwords.texts import listed, say

Spelling = Literal["as_is", "english", "chinese"]

GOODS: Mapping[str, tuple[str, ...]] = {
    "总指数": (
        "All items",
        "居民消费价格指数",
        "居民消费价格总指数",
        "商品零售价格指数",
        "商品零售价格总指数",
        "General index",
        "Overall index",
        "CPI",
        "Consumer price index",
        "Total",
        "General consumer price index",
    ),
    "食品": ("Food",),
    "烟酒及用品": ("Tobacco, liquor and articles", "烟酒", "烟酒用品", "Tobacco and liquor", "Tobacco and alcohol"),
    "食品烟酒": ("Food, tobacco and liquor", "食品、烟酒", "Food, tobacco and alcohol"),
    "衣着": ("Clothing", "衣着类", "Apparel"),
    "家庭设备用品及维修服务": (
        "Household facilities, articles and maintenance services",
        "家庭设备用品及服务",
        "家庭设备及用品",
        "家庭设备用品",
        "家庭设备用品及维修",
        "Household facilities and articles",
        "Household facilities, articles and services",
    ),
    "生活用品及服务": ("Household articles and services", "生活用品和服务", "Daily necessities and services"),
    "医疗保健和个人用品": ("Health care and personal articles", "医疗保健及个人用品", "医疗保健个人用品"),
    "医疗保健": ("Health care", "Health care and medical services", "Medical care"),
    "交通和通信": (
        "Transportation and communication",
        "交通通信",
        "交通和通讯",
        "交通及通信",
        "交通运输和通信",
        "Transport and communication",
        "Transportation and communications",
    ),
    "娱乐教育文化用品及服务": (
        "Recreation, education and culture articles and services",
        "娱乐教育文化用品",
        "娱乐教育文化",
        "文化教育娱乐用品及服务",
        "Recreation, education and culture articles",
    ),
    "教育文化和娱乐": ("Education, culture and recreation", "教育文化娱乐", "教育文化及娱乐", "教育、文化和娱乐"),
    "居住": ("Residence", "Housing"),
    "其他用品和服务": (
        "Miscellaneous goods and services",
        "其他用品及服务",
        "其他商品和服务",
        "Other articles and services",
    ),
    "粮食": ("Grain", "Cereals"),
    "油脂": ("Oil or fat", "食用油", "Oils and fats"),
    "蛋": ("Eggs", "蛋类", "鲜蛋"),
    "肉禽及其制品": ("Meat, poultry and processed products", "肉禽及制品", "Meat, poultry and related products"),
    "畜肉": ("Meat of livestock", "畜肉类"),
    "禽肉": ("Meat of poultry", "禽肉类"),
    "水产品": ("Aquatic products", "水产品类"),
    "鲜菜": ("Fresh vegetables", "蔬菜", "Vegetables"),
    "鲜果": ("Fresh fruits", "鲜瓜果", "干鲜瓜果", "Fruits"),
    "奶": ("Milk", "奶类", "液体乳及乳制品"),
    "饮料烟酒": ("Beverages, tobacco and liquor", "饮料、烟酒"),
    "纺织品": ("Textiles",),
    "服装鞋帽": ("Garments, shoes and hats", "服装、鞋帽"),
    "家用电器及音像器材": ("Household appliances and music and video equipment", "家用电器及音响器材", "家用电器"),
    "文化办公用品": ("Cultural and office appliances", "文化办公用品类"),
    "日用品": ("Articles for daily use",),
    "体育娱乐用品": ("Sports and recreation articles",),
    "家具": ("Furniture",),
    "化妆品": ("Cosmetics",),
    "交通通信用品": ("Transportation and communication appliances", "交通、通信用品", "交通通讯用品"),
    "金银珠宝": ("Gold, silver and jewelry", "金银饰品", "金银首饰", "Gold, silver and jewellery"),
    "中西药品及医疗保健用品": (
        "Traditional Chinese and western medicines and health care articles",
        "中西药品及医疗保健",
    ),
    "书报杂志及电子出版物": ("Books, newspapers, magazines and electronic publications", "书报杂志", "报刊杂志"),
    "燃料": ("Fuels", "Fuel"),
    "建筑材料及五金电料": ("Building materials and hardware", "建筑装潢材料", "五金电料", "建筑材料"),
    "服装": ("Garments",),
    "鞋袜帽": ("Footwear, socks and hats",),
    "衣着加工服务": ("Clothing services",),
    "耐用消费品": ("Durable consumer goods",),
    "家庭日用杂品": ("Household articles for daily use",),
    "家庭服务": ("Household services",),
    "个人用品": ("Personal articles",),
    "饮料": ("Beverages",),
    "交通": ("Transportation",),
    "通信": ("Communication",),
    "教育": ("Education",),
    "文化娱乐": ("Culture and recreation",),
    "建房及装修材料": ("Building and decoration materials",),
    "水电燃料": ("Water, electricity and fuels",),
    "租房": ("Rent",),
}
"""For each canonical Chinese name, the canonical English name and then other spellings."""


def canonical_good(name: str) -> str | None:
    """Return the canonical Chinese name of a good; None if it is not in the list.

    Example:
        >>> canonical_good("家庭设备用品及服务类"), canonical_good("Clothing"), canonical_good("brick")
        ('家庭设备用品及维修服务', '衣着', None)
    """
    return _spellings().get(_plain(name))


DIVISIONS = frozenset(
    name.casefold()
    for name in (
        # COICOP, both editions, English
        *("Food and non-alcoholic beverages", "Food and nonalcoholic beverages", "Alcoholic beverages and tobacco"),
        *("Alcoholic beverages, tobacco", "Alcoholic beverages, tobacco and narcotics", "Clothing and footwear"),
        *("Housing, water, electricity, gas and other fuels", "Health", "Transport", "Communication", "Communications"),
        *("Furnishings, household equipment and routine household maintenance", "Information and communication"),
        *("Furnishings, household equipment and routine maintenance of the house", "Recreation and culture"),
        *("Recreation, sport and culture", "Education", "Education services", "Restaurants and hotels"),
        *("Restaurants and accommodation services", "Insurance and financial services"),
        *("Personal care, social protection and miscellaneous goods and services", "Miscellaneous goods and services"),
        # Spanish
        *("Alimentos y bebidas no alcohólicas", "Bebidas alcohólicas y tabaco", "Vestido y calzado", "Vivienda"),
        *("Prendas de vestir y calzado", "Muebles y artículos para el hogar", "Sanidad", "Salud", "Transporte"),
        *("Comunicaciones", "Ocio y cultura", "Recreación y cultura", "Enseñanza", "Educación"),
        *("Hoteles, cafés y restaurantes", "Restaurantes y hoteles", "Otros bienes y servicios"),
        # French
        *("Produits alimentaires et boissons non alcoolisées", "Boissons alcoolisées et tabac", "Santé", "Transports"),
        *("Articles d'habillement et chaussures", "Logement, eau, gaz, électricité et autres combustibles"),
        *("Loisirs et culture", "Enseignement", "Restaurants et hôtels", "Biens et services divers"),
        # Portuguese
        *("Alimentação e bebidas", "Produtos alimentares e bebidas não alcoólicas", "Vestuário e calçado", "Saúde"),
        *("Bebidas alcoólicas e tabaco", "Transportes", "Comunicações", "Lazer, recreação e cultura", "Educação"),
        *("Restaurantes e hotéis", "Bens e serviços diversos"),
    )
)
"""Names of divisions of consumption, by which headings are recognised as goods."""


def is_good(name: str) -> bool:
    """Return whether a name is in the list of goods, or a division of consumption in the usual words.

    Example:
        >>> is_good("Recreation and culture"), is_good("Vestido y calzado"), is_good("brick")
        (True, True, False)
    """
    return canonical_good(name) is not None or " ".join(name.casefold().split()) in DIVISIONS


def good_said(name: str) -> str:
    """Return the name of a good for a sentence.

    A Chinese sentence has the canonical Chinese name, an English one the name in the data. Unlisted goods keep their
    name.
    """
    known = canonical_good(name)
    return say("goods.good", name=name, chinese=known) if known and known != name else name


def english_good(name: str) -> str:
    """Return the English name of a good with a Chinese name.

    Names in Latin letters, and names that are not in the list, stay unchanged.

    Example:
        >>> english_good("衣着类"), english_good("Fuel"), english_good("砖")
        ('Clothing', 'Fuel', '砖')
    """
    known = None if name.isascii() else canonical_good(name)
    return GOODS[known][0] if known else name


@cache
def _spellings() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for chinese, others in GOODS.items():
        for name in (chinese, *others):
            names.setdefault(_plain(name), chinese)
    return names


def _plain(name: str) -> str:
    """Normalise a good, so that case, width, punctuation, the word 类 and words for "and" do not matter."""
    text = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).casefold().replace(" and ", " "))
    return re.sub(r"类$|[及和与]", "", text).replace("通讯", "通信")


def one_name(frame: Frame, spelling: Spelling, mapping: Mapping[str, str]) -> tuple[Frame, list[Entry]]:
    """Give each good one name, from the user's mapping or else from the list; the account has a line for every change.

    ``as_is`` joins different spellings of one good. Spellings that occur in the same year are not joined, and a note
    records this. ``chinese`` and ``english`` write every known good by its canonical name. Goods that are not in the
    list keep their names and are listed in a note. Raises `UsageError` for a name of the mapping that is not in the
    table. Raises `DuplicateKeys` if two goods of one region and period get the same name.
    """
    rows = collect(frame.group_by("commodity", "year").agg(n=nw.len())).drop_nulls().sort("commodity", "year")
    years: dict[str, set[int]] = {}
    counts: dict[str, int] = {}
    for name, year, n in rows.iter_rows():
        years.setdefault(name, set()).add(year)
        counts[name] = counts.get(name, 0) + n
    wrong = [old for old in mapping if old not in counts]
    if wrong:
        raise UsageError(f"goods map {wrong[0]!r}, which the prices do not have", remedy=did_you_mean(wrong[0], counts))
    known = {name: good for name in counts if name not in mapping and (good := canonical_good(name))}
    change, notes = _changes(known, years, spelling)
    change = {**change, **mapping}
    change = {old: new for old, new in change.items() if old != new}
    for old, new in change.items():
        reason = say("sources.good-read-as", old=repr(old), new=repr(new), n=counts[old])
        notes.append(Entry("goods", "prices", "note", reason, counts[old]))
    unlisted = [name for name in counts if name not in known and name not in mapping]
    if unlisted and known:
        names = listed(unlisted[:6], "comma")
        shown = say("account.and-more", items=names) if len(unlisted) > 6 else names
        reason = say("sources.goods-without-a-name", n=str(len(unlisted)), goods=shown)
        notes.append(Entry("goods", "prices", "note", reason, 0))
    if change:
        import polars as pl

        names_of_table: Sequence[str] = frame.collect_schema().names()
        new_names = pl.DataFrame({"commodity": list(change), "_new": list(change.values())})
        joined = frame.join(place(new_names, frame), on="commodity", how="left")
        new_name = (
            nw.when(nw.col("_new").is_null()).then(nw.col("commodity")).otherwise(nw.col("_new")).alias("commodity")
        )
        frame = joined.with_columns(new_name).select(*names_of_table)
        refuse_merged(frame, "prices", "prices", change, ["commodity"], mapping)
    return frame, notes


def _changes(
    known: Mapping[str, str], years: Mapping[str, set[int]], spelling: Spelling
) -> tuple[dict[str, str], list[Entry]]:
    """Return the new names of known goods, and a note on each good whose spellings occur in the same year."""
    by_good: dict[str, list[str]] = {}
    for name, good in known.items():
        by_good.setdefault(good, []).append(name)
    change: dict[str, str] = {}
    notes = []
    for good, names in by_good.items():
        if sum(len(years[n]) for n in names) > len(set().union(*(years[n] for n in names))):
            if len(names) > 1:
                reason = say("sources.goods-side-by-side", goods=listed(names, "comma"), good=good)
                notes.append(Entry("goods", "prices", "note", reason, 0))
            continue
        if spelling == "as_is" and len(names) == 1:
            continue
        english = spelling == "english" or (spelling == "as_is" and all(n.isascii() for n in names))
        change |= dict.fromkeys(names, GOODS[good][0] if english else good)
    return change, notes
