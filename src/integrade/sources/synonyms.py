"""Headings that are understood without being told, and how a user tells the others."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from integrade.account import Entry
from integrade.errors import UnknownColumn, UsageError, did_you_mean, mapped_as, option
from integrade.schema import TABLES
from integrade.texts import listed, say

_PLACE_AND_TIME = {
    "region": ("地区", "省份", "省", "省区", "省市", "省市区", "省级行政区", "province", "prov", "region_name"),
    "year": ("年份", "年", "年度", "会计年度", "yr"),
    "month": ("月份", "月"),
}
_FIRM = ("企业代码", "企业编码", "企业编号", "企业", "公司代码", "股票", "股票代码", "证券代码", "firm_id", "firmid")
_PRODUCT = (
    "商品编码",
    "商品代码",
    "海关编码",
    "hs编码",
    "产品编码",
    "hs",
    "hs_code",
    "hscode",
    "hs6",
    "hs8",
    "product_code",
)

_REGISTERED = {
    "postcode": ("邮政编码", "邮编", "zip"),
    "phone": ("电话", "电话号码", "联系电话", "固定电话", "telephone"),
    "contact": ("联系人", "contact_person"),
    "legal_person": ("法人代表", "法定代表人", "法人代表姓名", "法人姓名", "法人"),
    "county": ("县", "区县", "区县代码", "县代码", "行政区划代码", "行政区划", "county_code"),
    "product": ("主要产品", "主要产品1", "主要产品名称", "产品名称", "产品名称1", "product1"),
}

_SCHOOLING = {
    "h1": ("未上过学", "文盲", "no_schooling"),
    "h2": ("小学", "primary"),
    "h3": ("初中", "junior_secondary"),
    "h4": ("高中", "senior_secondary"),
    "h5": ("中等职业教育", "中职", "secondary_vocational"),
    "h6": ("高等职业教育", "高职", "tertiary_vocational"),
    "h7": ("大学专科", "大专", "college"),
    "h8": ("大学本科", "本科", "university", "undergraduate"),
    "h9": ("研究生", "postgraduate"),
}

_ACCOUNTS = {
    "net_fixed_assets": ("固定资产净值", "固定资产净值年平均余额", "固定资产净额", "固定资产合计净值"),
    "fixed_assets": ("固定资产合计", "固定资产总计", "固定资产"),
    "capital_at_cost": ("固定资产原价", "固定资产原价合计", "固定资产原值"),
    "current_assets": ("流动资产合计", "流动资产", "liquid_assets"),
    "sales": ("主营业务收入", "产品销售收入", "主营业务收入(产品销售收入)", "main_revenue", "revenue"),
    "gross_output": ("工业总产值", "工业总产值(当年价格)", "工业总产值_当年价格"),
    "value_added": ("工业增加值",),
    "intermediate_inputs": ("工业中间投入", "工业中间投入合计", "中间投入", "中间投入合计"),
    "employees": ("从业人员", "从业人数", "全部从业人员年平均人数", "年末从业人员合计", "职工人数"),
    "founded_month": ("开工时间月", "开业时间月", "开业月份", "founding_month"),
    "depreciation": ("本年折旧",),
    "accumulated_depreciation": ("累计折旧",),
    "paid_in_capital": ("实收资本", "实收资本合计"),
    "state_capital": ("国家资本金", "国家资本"),
}

SYNONYMS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "prices": {
        **_PLACE_AND_TIME,
        "commodity": ("商品", "类别", "商品类别", "品类", "项目", "item", "good", "goods"),
        "index": ("指数", "价格指数", "数值", "value", "price_index", "price"),
    },
    "flows": {
        "year": _PLACE_AND_TIME["year"],
        "origin": (
            "流出地",
            "流出地区",
            "流出省份",
            "来源地",
            "出发地",
            "起点",
            "调出省",
            "from",
            "exporter",
            "origin_region",
        ),
        "destination": (
            "流入地",
            "流入地区",
            "流入省份",
            "目的地",
            "到达地",
            "终点",
            "调入省",
            "to",
            "importer",
            "destination_region",
        ),
        "value": ("贸易额", "流量", "贸易流量", "金额", "flow", "trade", "trade_value"),
        "distance": ("距离", "dist", "distance_km"),
    },
    "output": {
        **_PLACE_AND_TIME,
        "industry": ("行业代码", "行业", "产业", "部门", "industry_code", "cic", "sector"),
        "value": (
            "产值",
            "总产值",
            "工业总产值",
            "总产出",
            "增加值",
            "工业增加值",
            "output",
            "gross_output",
            "value_added",
        ),
        "employment": (
            "就业人数",
            "从业人员",
            "从业人数",
            "职工人数",
            "年末从业人员",
            "employees",
            "workers",
            "persons",
        ),
        "capital": ("资本存量", "资本", "固定资产", "固定资产净值", "capital_stock", "fixed_assets"),
        "plants": ("企业数", "企业单位数", "工厂数", "establishments", "n_plants"),
        "size_squared": ("规模平方和", "sum_of_squares"),
    },
    "gdp": {
        **_PLACE_AND_TIME,
        "real_gdp": ("实际gdp", "实际地区生产总值", "不变价gdp", "实际生产总值", "gdp", "rgdp", "gdp_constant"),
        "price": ("价格", "价格水平", "工资", "平均工资", "wage", "price_level"),
        "area": ("面积", "土地面积", "area_km2", "land_area"),
    },
    "survey": {
        **_PLACE_AND_TIME,
        "respondent": ("受访者", "被调查者", "问卷编号", "企业编号", "respondent_id", "id"),
        "item": ("题目", "题号", "问题", "question", "question_id"),
        "score": ("得分", "分值", "评分", "回答", "answer", "response"),
        "weight": ("权重", "抽样权重", "sampling_weight"),
    },
    "customs": {
        **_PLACE_AND_TIME,
        "firm": (*_FIRM, "经营单位代码", "经营单位编码", "exporter"),
        "product": (*_PRODUCT, "hs6", "hs8"),
        "destination": ("目的国", "目的地", "最终目的国", "最终目的国(地区)", "国家", "贸易伙伴", "country", "partner"),
        "unit": ("计量单位", "单位", "第一计量单位"),
        "regime": ("贸易方式", "监管方式", "trade_regime"),
        "flow": ("进出口标志", "进出口", "进出口类型", "进出口方向", "direction", "trade_flow"),
        "name": ("企业名称", "经营单位", "经营单位名称", "公司名称", "firm_name"),
        "value": ("金额", "美元金额", "出口额", "出口金额", "value_usd", "fob"),
        "quantity": ("数量", "第一数量", "出口数量", "qty"),
    },
    "firms": {
        **_PLACE_AND_TIME,
        "firm": (*_FIRM, "法人代码", "组织机构代码", "法人单位代码"),
        "industry": ("行业代码", "行业", "行业类别", "industry_code", "cic"),
        "ownership": ("所有制", "登记注册类型", "注册类型", "企业性质"),
        "founded": ("开业年份", "成立年份", "开工时间年", "开业时间年", "创立日期", "founding_year"),
        "assets": ("总资产", "资产总计", "资产合计", "total_assets"),
        "liabilities": ("总负债", "负债合计", "负债总计", "total_liabilities"),
        "net_profit": ("净利润", "netprofit"),
        "inventory": ("存货", "存货合计", "inventories"),
        "name": ("企业名称", "公司名称", "单位名称", "法人单位名称", "股票名", "firm_name"),
        **_REGISTERED,
        **_ACCOUNTS,
    },
    "exporters": {
        **_PLACE_AND_TIME,
        "firm": (*_FIRM, "经营单位代码", "经营单位编码"),
        "name": ("企业名称", "经营单位", "经营单位名称", "公司名称"),
        "postcode": ("邮政编码", "邮编", "zip"),
        "phone": ("电话", "电话号码", "联系电话", "telephone"),
        "contact": ("联系人", "contact_person"),
        "value": ("金额", "美元金额", "出口额", "出口金额", "value_usd", "fob"),
    },
    "registry": {
        **_PLACE_AND_TIME,
        "firm": (*_FIRM, "法人代码", "组织机构代码", "法人单位代码"),
        "industry": ("行业代码", "行业", "行业类别", "industry_code", "cic"),
        "founded": ("开业年份", "成立年份", "开工时间年", "开业时间年", "创立日期", "founding_year"),
        "name": ("企业名称", "公司名称", "单位名称", "法人单位名称", "firm_name"),
        **_REGISTERED,
    },
    "links": {"year": _PLACE_AND_TIME["year"]},
    "covariates": {**_PLACE_AND_TIME, "industry": ("行业代码", "行业", "industry_code", "cic")},
    "education": {
        **_PLACE_AND_TIME,
        **{h: tuple(n + end for n in names for end in ("", "(%)", "比重", "占比")) for h, names in _SCHOOLING.items()},
    },
    "sigma": {"product": (*_PRODUCT, "code"), "sigma": ("elasticity", "替代弹性", "弹性")},
}
"""Table -> canonical column -> other headings for it, in any case and width."""


def parse_column_flags(flags: Iterable[str]) -> dict[str, str]:
    """``["region=省份", ...]`` as ``{"省份": "region", ...}``. Raises `UsageError` for a flag that is no NEW=OLD.

    Example:
        >>> parse_column_flags(["region=省份", "index=CPI=100"])
        {'省份': 'region', 'CPI=100': 'index'}
    """
    mapping: dict[str, str] = {}
    for flag in flags:
        new, equals, old = (part.strip() for part in flag.partition("="))
        if not (new and equals and old):
            raise UsageError(f"--column {flag}: expected NEW=OLD", remedy="for example --column region=省份")
        if old in mapping or new in mapping.values():
            raise UsageError(f"--column {flag}: {old!r} or {new!r} is named twice", remedy="map a column once")
        mapping[old] = new
    return mapping


def rename(columns: Sequence[str], mapping: Mapping[str, str], table: str) -> tuple[dict[str, str], list[Entry]]:
    """Which column of a file becomes which: ``{old: new}`` for all that are kept, in the file's order.

    An explicit mapping comes first and takes the place of a column that bears its new name already; then an exact
    canonical name; then a synonym, which is noted. Two synonyms of one column are left alone, and that is noted too.
    Raises `UnknownColumn`.
    """
    for old in mapping:
        if old not in columns:
            raise UnknownColumn(
                f"{option('column')} maps {old!r}, which the file does not have", remedy=did_you_mean(old, columns)
            )
    taken = {**mapping}
    replaced = [c for c in columns if c in mapping.values() and c not in mapping]
    notes = [Entry("read", table, "note", say("sources.column-gives-way", column=repr(c)), 0) for c in replaced]
    free = [c for c in columns if c not in mapping and c not in replaced]
    for new, others in SYNONYMS.get(table, {}).items():
        if new in free or new in taken.values():
            continue
        hits = [c for c in free if _plain(c) in {_plain(o) for o in (new, *others)}]
        if len(hits) == 1:
            taken[hits[0]] = new
            reason = say("sources.column-read-as", old=repr(hits[0]), new=repr(new))
            notes.append(Entry("read", table, "note", reason, 0))
        elif hits:
            names = listed([repr(h) for h in hits])
            reason = say("sources.column-unclear", columns=names, new=repr(new), option=mapped_as(new, hits[0]))
            notes.append(Entry("read", table, "note", reason, 0))
    return {c: taken.get(c, c) for c in columns if c not in replaced}, notes


def aliases_of(kept: Mapping[str, str], table: str) -> dict[str, str]:
    """Further names under which ``--where`` may call a column: its new name, and the synonyms of that."""
    aliases: dict[str, str] = {}
    for old, new in kept.items():
        for name in (new, *SYNONYMS.get(table, {}).get(new, ())):
            if name not in kept:
                aliases.setdefault(name, old)
    return aliases


def canonical(table: str) -> tuple[str, ...]:
    """The names of a canonical table's columns; none for a table without a schema."""
    return tuple(c.name for c in TABLES[table].columns) if table in TABLES else ()


def _plain(heading: str) -> str:
    return unicodedata.normalize("NFKC", heading).strip().casefold().replace(" ", "_")
