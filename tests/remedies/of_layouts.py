"""Remedies of layouts: yearbooks, exports of portals, periods and names across."""

from __future__ import annotations

import re
from typing import Any

from integrade.errors import IntegradeError
from integrade.sources.tables.canonical import read_canonical
from remedies.frame import Call, Cases, Follow, done, given, meant, ways
from remedies.of_cells import both, edit, file, prices

CASES = Cases()
refused = CASES.refused


def table(content: str, kind: str, name: str = "table.csv", **options: Any) -> Any:
    """A canonical table from the text of a file."""
    return read_canonical(kind, file(content, name), **options)


def laid(**fill: str) -> Follow:
    """Every layout that the remedy offers, one by one; ``fill`` is what stands for NAME."""

    def follow(call: Call, error: IntegradeError) -> list[Call]:
        calls = []
        for piece in error.remedy.split("; one value")[: 2 if fill else 1]:
            for way in ways(piece):
                layout = {k: fill[k] if v == "NAME" else v for k, v in way.give["layout"].items()}
                calls.append(call.with_options(layout={**call.options.get("layout", {}), **layout}))
        assert calls, error.remedy
        return calls

    return follow


# yearbooks
YEARBOOK = "各地区居民消费价格分类指数{}\n(上年=100)\n地区,食品,衣着\n" + "".join(
    f"{r},{101 + i}.5,{99 + i}.2\n" for i, r in enumerate(("北京", "天津", "河北", "山西"))
)
refused(
    "yearbook without a year",
    "D208",
    prices,
    YEARBOOK.format(""),
    "cpi.csv",
    then=both(
        edit("into a cell above the table", "分类指数", "分类指数 (2008年)"),
        done("of the file", lambda c: c.with_args(c.args[0], "cpi2008.csv")),
    ),
)
refused(
    "text in a yearbook",
    "D202",
    prices,
    YEARBOOK.format("2008").replace("101.5", "wrong"),
    then=edit("correct the cell", "wrong", "101.5"),
)
YEARS = "指标：食品类居民消费价格指数(上年=100)\n地区,2015年,2014年\n" + "".join(
    f"{r},{101 + i}.5,{99 + i}.2\n" for i, r in enumerate(("北京市", "天津市", "河北省", "山西省"))
)

# exports of the portal
PORTAL = "数据库：分省年度数据\n" + YEARS
refused(
    "export without its indicator",
    "D208",
    prices,
    PORTAL.replace("指标：食品类居民消费价格指数(上年=100)\n", ""),
    source="nbs_cpi",
    then=edit(
        "keep the lines above",
        "数据库：分省年度数据\n",
        "数据库：分省年度数据\n指标：食品类居民消费价格指数(上年=100)\n",
    ),
)
refused(
    "text in an export",
    "D202",
    prices,
    PORTAL.replace("101.5", "wrong"),
    source="nbs_cpi",
    then=edit("correct the cell", "wrong", "101.5"),
)
INDUSTRY = "分行业规模以上工业企业R&D活动情况{},,\n行业,R&D人员全时当量,R&D经费内部支出\n,(人年),(万元)\n"
INDUSTRY += "煤炭开采和洗选业,2,20\n纺织业,3,30\n"
refused(
    "industries without a year",
    "D208",
    table,
    INDUSTRY.format(""),
    "covariates",
    "rd.csv",
    source="nbs_rd_industry",
    then=both(
        edit("into a cell above the table", "活动情况", "活动情况 (2012年)"),
        done("or of the file", lambda c: c.with_args(*c.args[:2], "rd2012.csv")),
    ),
)
RD = "各地区研究与试验发展(R&D)经费情况 (2012年),,\n地区,R&D经费内部支出,R&D人员全时当量(人年)\n"
RD += "北京,100,10\n天津,80,8\n河北,70,7\n山西,50,5\n"
refused(
    "years of an indicator that is not said",
    "D208",
    table,
    "地区,2015年,2014年\n北京,5,4\n天津,3,2\n河北,3,2\n",
    "covariates",
    source="nbs_rd_province",
    then=lambda c, e: [
        c.with_args("指标：规模以上工业企业R&D经费(万元)\n" + c.args[0], *c.args[1:])
        for _ in re.findall("指标：", e.remedy)
    ],
)
TWICE = "续表,,\n地区,R&D经费内部支出,R&D人员全时当量(人年)\n北京,1,10\n天津,80,8\n河北,70,7\n"
refused(
    "two values of a cell",
    "D204",
    table,
    RD + TWICE,
    "covariates",
    source="nbs_rd_province",
    then=edit("delete one of them", "北京,1,10\n", ""),
)

# two rows of headings
WIDE = "地区,北京市,北京市,天津市,天津市\n指标,食品(上年=100),衣着(上年=100),食品(上年=100),衣着(上年=100)\n"
WIDE += "2014年,101.5,99.2,102.5,99.9\n2015年,101.1,99.3,102.2,99.1\n"
refused(
    "text in a wide table",
    "D202",
    prices,
    WIDE.replace("101.5", "wrong"),
    then=edit("correct the cell", "wrong", "101.5"),
)
refused(
    "column twice in a wide table",
    "D204",
    prices,
    WIDE.replace("衣着(上年=100),食品", "食品(上年=100),食品"),
    then=edit("delete one of them", WIDE.replace("衣着(上年=100),食品", "食品(上年=100),食品"), WIDE),
)
BASES = WIDE.replace("衣着(上年=100)", "衣着(2010=100)").replace("年", "年1月", 0)
refused("several bases side by side", "U100", prices, BASES, then=given())
MONTHS = (
    "地区,北京市,北京市,天津市,天津市\n指标,食品(上年同月=100),食品(上月=100),食品(上年同月=100),食品(上月=100)\n"
    + "".join(
        f"{y}年{m}月,{100 + m % 5}.5,{99 + m % 3}.2,{102 - m % 4}.5,{99 + m % 2}.9\n"
        for y in (2014, 2015)
        for m in range(1, 13)
    )
)
refused("several bases of months", "U100", prices, MONTHS, then=given())

# periods across
ACROSS = "area,2004,2005\nA,101.5,102.5\nB,100.5,99.5\n"
refused("layout that does not tell", "D216", prices, ACROSS, then=laid(commodity="Rice", region="A"))
refused(
    "layout of names",
    "D216",
    prices,
    "t,u,2004,2005\nA,k,101.5,102.5\nA,l,101.5,101.5\nB,k,100.5,99.5\nB,l,100.1,100.1\n",
    then=lambda c, e: laid()(c, e)[:1],
)
refused("layout of values", "D216", table, "region,industry,2004,2005\nA,13,5,6\nB,14,7,8\n", "output", then=laid())
refused(
    "heading that begins with a period",
    "D216",
    prices,
    "region,commodity,2004,2005,2006abc\nA,k,101.5,102.5,103.5\nB,k,100.5,99.5,98.5\n",
    then=both(
        edit("rename it in the file", "2006abc", "2006"),
        done("that it is another variable", lambda c: c.with_options(columns={"2006abc": "note"})),
    ),
)
CROSS = "t,y,One,Two\nk,2004,101.5,102.5\nl,2004,101.5,101.5\nk,2005,100.5,99.5\nl,2005,100.1,100.1\n"
refused("goods down or across", "D216", prices, CROSS, then=lambda c, e: laid()(c, e)[:2])
ONCE = {"rows": "region", "commodity": "Rice"}
refused(
    "column of a layout told twice",
    "U100",
    prices,
    ACROSS,
    layout={**ONCE, "columns": "region"},
    then=done('layout={"rows": "region", "commodity": "Rice"}', lambda c: c.with_options(layout=ONCE)),
)
refused(
    "role of a layout unknown",
    "U100",
    prices,
    ACROSS,
    layout={"rows": "regoin", "commodity": "Rice"},
    then=meant("regoin"),
)
refused(
    "layout with more roles than parts",
    "U100",
    prices,
    ACROSS,
    layout={"columns": "year+commodity"},
    then=laid(),
    later="does not show",
)
refused(
    "layout with a role for nothing",
    "U100",
    prices,
    ACROSS,
    layout={"columns": "commodity"},
    then=lambda c, e: [c.without("layout")] if e.remedy == "leave columns out of layout" else [],
    later="does not show",
)
WIDE_ACCOUNTS = "firm,assets_2004,sales_2004,assets_2005,sales_2005\nA,5,6,7,8\nB,7,8,9,9\n"
AGAIN = "firm,assets_2004,sales_2004,assets_2005,sales_2005,assets_2004\nA,5,6,7,8,1\nB,7,8,9,9,1\n"
refused(
    "a year with a mark beside it",
    "D204",
    table,
    AGAIN.replace(",assets_2004\n", ",assets_2004*\n"),
    "firms",
    then=done("keep one of them in the file", lambda c: c.with_args(WIDE_ACCOUNTS, "firms")),
)
refused(
    "two columns of one variable and year",
    "D204",
    table,
    AGAIN,
    "firms",
    then=done(
        "keep one of them in the file, or give the other another heading",
        lambda c: [
            c.with_args(WIDE_ACCOUNTS, "firms"),
            c.with_args(AGAIN.replace(",assets_2004\n", ",debt_2004\n"), "firms"),
        ],
    ),
)
SECOND = "region,2004,2005,2006\nA,5,6,7\nB,7,8,9\n"
refused(
    "a second table under other headings",
    "D208",
    table,
    SECOND + "District,2007,2008,2009\nC,5,6,7\n",
    "gdp",
    then=edit("in its own file or sheet", "District,2007,2008,2009\nC,5,6,7\n", ""),
)

NUMERALS = "region,good,{}\n" + "".join(
    f"{r},{g},{','.join(f'{100 + 3 * i + 5 * j + k % 7}.{k}' for k in range(8))}\n"
    for i, r in enumerate(("Opolskie", "Podlaskie", "Pomorskie"))
    for j, g in enumerate(("food", "fuel", "rent"))
)
UP_TO_FOUR = NUMERALS.format(",".join(f"{n} {y}" for y in (2010, 2011) for n in ("I", "II", "III", "IV")))


def _as_quarters(call: Call) -> Call:
    text = call.args[0]
    for n, numeral in ((4, "IV"), (3, "III"), (2, "II"), (1, "I")):
        text = text.replace(f"{numeral} 20", f"Q{n} 20")
    return call.with_args(text)


refused(
    "numerals up to four",
    "D214",
    prices,
    UP_TO_FOUR,
    basis="link",
    aggregates="keep",
    then=lambda c, e: [*laid()(c, e), *done("write Q1 to Q4 in the file", _as_quarters)(c, e)],
)
GROWING = NUMERALS.format(",".join(f"{n} {y}" for y in (2010, 2011) for n in ("I", "I-II", "I-III", "I-IV")))
refused(
    "parts of years of several lengths",
    "D215",
    prices,
    GROWING,
    then=done(
        "keep the columns of one length in the file",
        lambda c: c.with_args(NUMERALS.format(",".join(f"XII {year}" for year in range(2010, 2018)))),
    ),
)

STATES = ("Aguascalientes", "Chihuahua", "Jalisco", "Sonora", "Puebla", "Oaxaca")
OF_ONE_GOOD = f"Periodo,{','.join(STATES)}\n" + "".join(
    f"{month} {year},{','.join(f'{100 + (3 * r + 5 * m + 7 * year) % 11}.5' for r in range(len(STATES)))}\n"
    for year in (2014, 2015)
    for m, month in enumerate(("Ene", "Feb", "Mar"))
)
refused(
    "the good in the name of the file", "D216", prices, OF_ONE_GOOD, "Vivienda.csv", then=laid(commodity="Vivienda")
)
refused("the good told", "D216", prices, OF_ONE_GOOD.replace("Periodo", "Momento"), "Salud.csv", then=laid())

NO_YEARS = NUMERALS.format("a1,a2,a3,a4,a5,a6,a7,a8").replace("region,good", "who,what")
refused(
    "headings told to be years that are none",
    "U100",
    prices,
    NO_YEARS,
    layout={"rows": "region+commodity", "columns": "year"},
    aggregates="keep",
    basis="link",
    then=edit(
        "write the headings in the file as 2010", "a1,a2,a3,a4,a5,a6,a7,a8", "2010,2011,2012,2013,2014,2015,2016,2017"
    ),
)
