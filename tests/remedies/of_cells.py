"""Remedies of numbers, dates, columns, filters and recipes of files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl

import integrade as ig
from integrade.errors import IntegradeError
from integrade.sources import read_sigma
from integrade.sources.files.readers import read_raw
from integrade.sources.meaning.recipe import load_recipe
from integrade.sources.meaning.synonyms import rename
from remedies.frame import Call, Cases, Follow, done, given, meant
from remedies.tables import FOLDER

CASES = Cases()
refused = CASES.refused


def file(content: str | bytes, name: str) -> Path:
    """A file in a folder of its own."""
    folder = FOLDER / "cells"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def prices(content: str, name: str = "cells.csv", **options: Any) -> Any:
    """Prices from the text of a file."""
    return ig.read_prices(file(content, name), **options)


def customs(content: str, name: str = "customs.csv", **options: Any) -> Any:
    """Customs records from the text of a file."""
    return ig.read_customs(file(content, name), **options)


def covariates(content: str, name: str = "covariates.csv", **options: Any) -> Any:
    """Columns by region and year from the text of a file."""
    return ig.read_covariates(file(content, name), **options)


def edit(says: str, old: str, new: str, *, count: int = -1) -> Follow:
    """What a remedy says in prose, done in the file."""

    def change(call: Call) -> Call:
        assert old in call.args[0]
        return call.with_args(call.args[0].replace(old, new, count), *call.args[1:])

    return done(says, change)


def both(*follows: Follow) -> Follow:
    """All ways that several followers take."""
    return lambda call, error: [one for follow in follows for one in follow(call, error)]


def where(condition: str) -> Follow:
    """The rows left out by a filter of one's own, which the remedy asks for."""
    return done("where", lambda call: call.with_options(where=condition))


def mapped(old: str) -> Follow:
    """The columns that the remedy maps, with the heading of the file in place of OLD."""

    def follow(call: Call, error: IntegradeError) -> list[Call]:
        found = re.search(r'columns=\{"OLD": "(\w+)"\}', error.remedy)
        assert found, error.remedy
        return [call.with_options(columns={**call.options.get("columns", {}), old: found[1]})]

    return follow


HEAD = "region,year,commodity,index\n"
LONG = HEAD + "".join(
    f"R{r},{y},k{g},{100 + (3 * r + 5 * g + 7 * y) % 11}.5\n"
    for r in range(4)
    for y in range(2004, 2008)
    for g in range(4)
)
NAMES = "region;year;commodity;index\n"
COMMAS = NAMES + "".join(
    f"R{r};{y};k{g};{1 + (3 * r + 5 * g + 7 * y) % 3},105\n"
    for r in range(4)
    for y in range(2004, 2008)
    for g in range(4)
)


# numbers
refused(
    "numbers of two marks",
    "D202",
    prices,
    LONG.replace("k0,104.5", 'k0,"1.004,5"', 1).replace("k1,109.5", 'k1,"1,009.5"', 1),
    then=edit("one form in the file", '"1.004,5"', "104.5"),
)
refused("thousands or decimals", "D213", prices, COMMAS)
refused(
    "thousands or decimals in a layout", "D213", prices, "region;k0;k1\nA;1,234;2,345\nB;1,434;1,345\n", "y2004.csv"
)
refused(
    "numbers against the mark",
    "D202",
    prices,
    LONG,
    decimal=",",
    then=both(
        given(),
        done(
            "correct the cells",
            lambda c: c.with_args(c.args[0].replace(".5", ",5").replace(",", ";").replace(";5\n", ",5\n")),
        ),
    ),
)
PERCENTS = LONG.replace("104.5", "4.5%").replace("109.5", "9.5")
refused("per cents beside numbers", "D202", prices, PERCENTS, then=edit("one form in the file", "%", ""))
refused(
    "per cents in a layout",
    "D202",
    prices,
    "region,k0,k1\nA,4.5%,2.5\nB,104,3.5\n",
    "y2004.csv",
    then=edit("one form in the file", "%", ""),
)
MONEY = "firm,product,destination,year,value,quantity\na,010101,USA,2004,US$ 5.5,1\nb,010101,USA,2004,€ 7.5,1\n"
refused("two signs of money", "D240", customs, MONEY, then=edit("one currency in the file", "€", "US$"))

# dates
DATES = "region,date,commodity,index\n" + "".join(
    f"R{r},{d},k{g},{100 + (3 * r + 5 * g + i) % 11}.5\n"
    for r in range(4)
    for i, d in enumerate(("01/02/2010", "02/03/2010", "04/05/2010"))
    for g in range(4)
)
refused(
    "dates of two readings",
    "D214",
    prices,
    DATES,
    then=lambda c, e: [
        *given()(c, e),
        *(
            c.with_args(re.sub(r"(\d\d)/(\d\d)/(\d{4})", way, c.args[0]))
            for way in (r"\3-\2-\1", r"\3M\2")
            if "2010-01-31, 2010M01" in e.remedy
        ),
    ],
)
refused(
    "dates of no one order",
    "D215",
    prices,
    DATES.replace("02/03/2010", "25/03/2010").replace("04/05/2010", "04/25/2010"),
    then=lambda c, e: (
        [c.with_args(c.args[0].replace("25/03/2010", "2010-03-25").replace("04/25/2010", "2010-04-25"))]
        if "2010-01-31" in e.remedy
        else []
    ),
    later="ambiguous dates",
)
refused(
    "dates against the way",
    "D215",
    prices,
    DATES.replace("01/02/2010", "25/02/2010"),
    dates="mdy",
    then=both(given(), edit("correct the cells", "25/02/2010", "01/02/2010")),
)
refused(
    "no date",
    "D215",
    prices,
    DATES.replace("01/02/2010", "2010-02").replace("02/03/2010", "2010-03").replace("04/05/2010", "spring"),
    then=both(edit("correct the cells", "spring", "2010-04"), where('date != "spring"')),
)
QUARTERS = "region,year,period,commodity,index\n" + "".join(
    f"R{r},2004,{q},k{g},{100 + (3 * r + 5 * g + 7 * q) % 11}.5\n"
    for r in range(4)
    for q in range(1, 5)
    for g in range(4)
)
refused("months or quarters", "D214", prices, QUARTERS)
refused(
    "two goods as one",
    "D204",
    prices,
    LONG,
    goods_map={"k0": "k1"},
    then=done("leave 'k0' as it is", lambda c: c.without("goods_map")),
)
refused(
    "years of two eras",
    "D215",
    prices,
    LONG.replace("2004", "2547"),
    then=edit("one era for all years", "2547", "2004"),
)
LENGTHS = DATES.replace("01/02/2010", "2010-02").replace("02/03/2010", "2010-03").replace("04/05/2010", "2010Q2")
HALVES = "region,date,commodity,index\n" + "".join(
    f"R{r},{half}Q {month} 2010,k{g},{100 + (3 * r + 5 * g + 7 * half) % 11}.5\n"
    for r in range(4)
    for month in ("Ene", "Feb")
    for half in (1, 2)
    for g in range(4)
)


def _without_halves(call: Call) -> Call:
    lines = [line for line in call.args[0].splitlines(keepends=True) if "2Q" not in line]
    return call.with_args("".join(lines).replace("1Q ", ""), *call.args[1:])


refused("half-months", "D221", prices, HALVES, then=done("take the monthly file", _without_halves))
BESIDE_YEARS = HALVES.replace("date", "year,month").replace(",1Q", ",2010,1Q").replace(",2Q", ",2010,2Q")
refused(
    "half-months beside years",
    "D221",
    prices,
    BESIDE_YEARS.replace(" 2010,k", ",k"),
    then=done("average the two halves of each month in the file", _without_halves),
)
refused("periods of two lengths", "D215", prices, LENGTHS, then=where('date != "2010Q2"'))

# columns
refused("column to map unknown", "U103", prices, LONG, columns={"regin": "region"}, then=meant("regin"))
refused(
    "column of a large table to map unknown",
    "U103",
    read_raw,
    file("a,b\n1,2\n", "raw.csv"),
    columns={"c": "d"},
    then=meant("c"),
)
TWO = "region,year,commodity,index\nA,2004,k,1.5\n"


def two_files(first: str, second: str, **options: Any) -> Any:
    """Prices from the texts of two files."""
    return ig.read_prices([file(first, "first.csv"), file(second, "second.csv")], **options)


def named_after_years(firms: str, **options: Any) -> Any:
    """Accounts from two files without a column of years, whose names state the year."""
    return ig.read_firms([file(firms, "firms2001.csv"), file(firms, "firms2002.csv")], **options)


refused(
    "year in the names of files",
    "D201",
    named_after_years,
    "firm,assets\nA,5\n",
    then=lambda c, e: [c.with_options(layout={"files": "year"})] if 'layout={"files": "year"}' in e.remedy else [],
)
refused(
    "column in one file alone",
    "D201",
    two_files,
    LONG,
    LONG.replace("year", "when").replace("200", "201"),
    then=lambda c, e: (
        [c.with_options(columns={"when": "year"}), c.with_args(LONG, LONG.replace("200", "201"))]
        if "columns" in e.remedy
        else []
    ),
)
refused(
    "column of a source lacks",
    "D201",
    customs,
    "t,i,j,k,value,q\n2004,156,842,010101,1,1\n",
    source="baci",
    then=mapped("value"),
)


CASES.command(
    "measure without a file to write",
    "U100",
    "integration",
    str(file(LONG, "long.csv")),
    then=done("add --out", lambda c: c.with_args(*c.args, "--out", str(FOLDER / "c.csv"))),
)
CASES.command(
    "column flag malformed",
    "U100",
    "integration",
    str(file(LONG, "long.csv")),
    "--out",
    str(FOLDER / "c.csv"),
    "--column",
    "region",
    then=lambda c, e: [c.with_args(*c.args[:-1], e.remedy.split()[-1].replace("省份", "region"))],
)
CASES.command(
    "column flag twice",
    "U100",
    "integration",
    str(file(LONG, "long.csv")),
    "--out",
    str(FOLDER / "c.csv"),
    "--column",
    "region=region",
    "--column",
    "region=year",
    then=done("map a column once", lambda c: c.with_args(*c.args[:-2])),
)
refused("heading to map unknown", "U103", rename, ["region"], {"regin": "region"}, "prices", then=meant("regin"))

# filters
refused("column of a filter unknown", "U103", prices, LONG, where="yer != 2006", then=meant("yer"))
for wrong in (
    "year",
    "year =! 2006",
    "year in 2006",
    "2004 == 2004",
    "year not 2006",
    "year in (region)",
    '"a',
    "2a == 1",
    "year in (2004",
):
    refused(
        f"filter malformed: {wrong}",
        "U102",
        prices,
        LONG,
        where=wrong,
        then=lambda c, e: [
            c.with_args(c.args[0].replace("commodity", "item")).with_options(
                where=e.remedy.removeprefix("for example: ").replace("value", "index")
            )
        ],
    )
refused(
    "filter keeps nothing",
    "D205",
    prices,
    LONG,
    where='region == "r1"',
    then=done("correct the values in it", lambda c: c.with_options(where='region == "R1"')),
)

# sources
COMEXT = "DECLARANT,PRODUCT_NC,PARTNER,PERIOD,VALUE_IN_EUROS,QUANTITY_IN_KG\n" + "".join(
    f"DE,01010101,US,{y}{m:02},5,{m}\n" for y in (2005, 2006) for m in (1, 2)
)
refused(
    "no row kept by the rules of a source",
    "D205",
    prices,
    "date,market,commodity,unit,priceflag,price\n2003-01-15,Bol,Maize,KG,forecast,8\n",
    source="wfp_prices",
    then=edit("rows that these rules keep", "forecast", "actual"),
)
refused("source unknown", "U101", customs, "a\n1\n", source="bacci", then=meant("bacci"), later="no column for")
refused(
    "source of another table",
    "U100",
    prices,
    LONG,
    source="baci",
    then=lambda c, e: [c.with_options(source=e.remedy.split(": ")[1].split(", ")[0])],
    later="source bls_cpi: no column for 'region'",
    about="gives",
)
GOOD = """table = "customs"
title = "Mine"
provider = "me"
url = "-"
cite = "-"
form = "link"
[columns.product]
from = ["hs"]
"""


def recipe(content: str, name: str = "mine.toml") -> Any:
    """A recipe of one's own."""
    return load_recipe(file(content, name))


def whole(call: Call, error: IntegradeError) -> list[Call]:
    """The recipe that the remedy names as one that can be read."""
    return [call.with_args(Path(error.remedy.split("read: ")[1]).read_text(encoding="utf-8"))]


file(GOOD, "own.toml")
refused(
    "recipe missing",
    "U104",
    load_recipe,
    FOLDER / "cells" / "onw.toml",
    then=lambda c, e: [
        c.with_args(FOLDER / "cells" / one.args[0]) for one in meant("onw.toml")(Call(load_recipe, ("onw.toml",)), e)
    ],
)
refused(
    "recipe is no TOML",
    "U102",
    recipe,
    GOOD.replace("[columns", "columns"),
    then=both(whole, edit("correct that line", "columns.product]", "[columns.product]")),
)
refused(
    "recipe lacks keys",
    "U100",
    recipe,
    GOOD.replace('title = "Mine"\n', ""),
    then=both(whole, lambda c, e: [c.with_args(f"{e.remedy.split(';')[0].removeprefix('add ')}\n{c.args[0]}")]),
)
refused(
    "column from nowhere",
    "U100",
    recipe,
    GOOD.replace("from =", "also ="),
    then=lambda c, e: [c.with_args(f"{c.args[0]}{one}\n") for one in e.remedy.removeprefix("give ").split(" or ")],
)
refused("key of a recipe unknown", "U101", recipe, GOOD.replace("cite", "cites"), then=meant("cites"))
refused("form of a recipe unknown", "U101", recipe, GOOD.replace('"link"', '"lnk"'), then=meant("lnk"))
refused("value of a recipe of another type", "U100", recipe, GOOD.replace('cite = "-"', "cite = [1]"), then=whole)
refused("table of a recipe unknown", "U101", recipe, GOOD.replace('"customs"', '"custom"'), then=meant("custom"))

# elasticities


def sigma(content: Any, name: str = "sigma.csv", **options: Any) -> Any:
    """Elasticities from the text of a file or a frame."""
    if isinstance(content, pl.DataFrame):
        path = file(b"", "sigma.parquet")
        content.write_parquet(path)
        return read_sigma(path, **options)
    return read_sigma(file(content, name), **options)


refused("file of sigma without its column", "D201", sigma, "product,elast\n010,3.5\n", then=mapped("elast"))
refused(
    "file of sigma with codes as numbers",
    "D207",
    sigma,
    pl.DataFrame({"product": [10, 20], "sigma": [3.5, 4.5]}),
    then=both(given(), done("store codes as text", lambda c: c.with_args(c.args[0].cast({"product": pl.String})))),
)
refused(
    "sigma of words", "D202", sigma, "product,sigma\n010,high\n020,3\n", then=edit("correct the cells", "high", "5")
)
refused("no sigma above one", "D205", sigma, "product,sigma\n010,0.5\n", then=edit("must exceed 1", "0.5", "5"))

TWO = HEAD.replace("region", "home,seat") + "".join(f"{one[:2]},{one}\n" for one in LONG.splitlines()[1:])
refused("two headings for one column", "U100", prices, TWO, columns={"home": "region", "seat": "region"})
