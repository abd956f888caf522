"""The valid files that mutations start from, and the malformed ones that are known: all made here, all small."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyreadstat
import xlsxwriter
import xlwt

ROWS = pl.DataFrame(
    {
        "region": ["北京", "上海", "内蒙古自治区", "Tianjin"] * 20,
        "year": [2001, 2002, 2003, 2004] * 20,
        "commodity": ["食品", "衣着", "居住", "食品"] * 20,
        "index": [101.5, 99.0, 102.25, 98.0] * 20,
    }
)
CUSTOMS = (
    "firm,product,destination,year,value,quantity\n"
    "F1,010121,USA,2005,10,2\nF2,020110,JPN,2005,20,4\nF1,010121,JPN,2006,30.5,1e3\n"
)
FIRMS = "firm,year,region,assets,founded\nF1,2005,北京,100,1999\nF2,2005,上海,200,2001\n"
YEARBOOK = [["居民消费价格分类指数(2008年)", "", ""], ["地区", "食品", "衣着"]] + [
    [region, 100 + i, 99 + i / 4] for i, region in enumerate(("北京", "天津", "河北"))
]


def book(rows: list[list[object]]) -> bytes:
    """A workbook of one sheet, with a merged heading beside."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as out:
        sheet = out.add_worksheet("表")
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, row)
        sheet.merge_range(0, 5, 1, 6, "指数")
    return held.getvalue()


def old_book(rows: list[list[object]]) -> bytes:
    """The same as an .xls."""
    made, held = xlwt.Workbook(encoding="utf-8"), io.BytesIO()
    sheet = made.add_sheet("表")
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            sheet.write(i, j, value)
    sheet.write_merge(0, 1, 5, 6, "指数")
    made.save(held)
    return held.getvalue()


def html() -> bytes:
    """A page that is named .xls."""
    cells = "".join("<tr>" + "".join(f"<td rowspan=1>{c}</td>" for c in row) + "</tr>" for row in ROWS.rows())
    return f"<html><meta charset=gb2312><table><tr><th colspan=4>指数</th></tr>{cells}</table></html>".encode("gb18030")


def xml() -> bytes:
    """An XML spreadsheet."""
    cells = "".join(
        "<Row>"
        + "".join(f'<Cell ss:Index="{j + 1}"><Data ss:Type="String">{c}</Data></Cell>' for j, c in enumerate(r))
        + "</Row>"
        for r in ROWS.rows()
    )
    sheet = f'<Worksheet ss:Name="a"><Table>{cells}</Table></Worksheet>'
    return f'<?xml version="1.0"?><Workbook xmlns:ss="urn:x">{sheet}</Workbook>'.encode()


def parquet(rows: pl.DataFrame = ROWS) -> bytes:
    """A Parquet file."""
    held = io.BytesIO()
    rows.write_parquet(held)
    return held.getvalue()


def stata(version: int) -> bytes:
    """A .dta with value labels, of pyreadstat's version number."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.dta"
        pyreadstat.write_dta(ROWS, str(path), version=version, variable_value_labels={"year": {2001: "一", 2002: "二"}})
        return path.read_bytes()


def table() -> list[list[object]]:
    """The prices with their headings."""
    return [list(ROWS.columns), *map(list, ROWS.rows())]


WHOLE: Mapping[str, Callable[[], bytes]] = {
    "utf8.csv": lambda: ROWS.write_csv().encode(),
    "gb18030.csv": lambda: ROWS.write_csv().encode("gb18030"),
    "utf16.csv": lambda: ROWS.write_csv().encode("utf-16"),
    "semicolon.csv": lambda: ROWS.write_csv(separator=";").encode(),
    "tabs.tsv": lambda: ROWS.write_csv(separator="\t").encode("cp936"),
    "quoted.csv": lambda: ROWS.write_csv(quote_style="always").encode(),
    "packed.csv.gz": lambda: gzip.compress(ROWS.write_csv().encode(), mtime=0),
    "customs.csv": lambda: CUSTOMS.encode(),
    "firms.csv": lambda: FIRMS.encode("utf-8-sig"),
    "113.dta": lambda: stata(8),
    "114.dta": lambda: stata(10),
    "115.dta": lambda: stata(12),
    "117.dta": lambda: stata(13),
    "118.dta": lambda: stata(14),
    "119.dta": lambda: stata(15),
    "new.xlsx": lambda: book(table()),
    "yearbook.xlsx": lambda: book([list(row) for row in YEARBOOK]),
    "old.xls": lambda: old_book(table()),
    "page.xls": html,
    "xml.xls": xml,
    "page.html": html,
    "rows.parquet": parquet,
}
"""Files that are read as they are; what a name ends with decides how."""

MALFORMED: Mapping[str, bytes] = {
    "empty.csv": b"",
    "nul.csv": b"region,year\0\0\n\0\0\0,1\n",
    "open_quote.csv": b'region,year,commodity,index\n"A,2005,x,101\nB,2005,x,102\n',
    "few_cells.csv": b"region,year,commodity,index\nA,2005,x\nB,2005,x,102\n",
    "many_cells.csv": b"region,year,commodity,index\nA,2005,x,101,9,9\nB,2005,x,102\n",
    "twice.csv": b"region,year,commodity,index,index\nA,2005,x,101,102\n",
    "long_field.csv": b"region,year,commodity,index\n" + b"A" * 140_000 + b",2005,x,101\n",
    "wide.csv": b",".join(b"c%d" % i for i in range(1_000)) + b"\n" + b"1," * 999 + b"1\n",
    "comments.html": b"<html>" + b"<!--" * 1_000 + b"<table><tr><td>1</td></tr></table>",
    "spans.html": b"<table><tr><td colspan=999999999 rowspan=999999999>a</td></tr></table>",
    "entities.xls": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Workbook><Worksheet><Table><Row><Cell><Data>&c;</Data></Cell></Row>'
    b"</Table></Worksheet></Workbook>",
    "outside.xls": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b'<Workbook xmlns:ss="urn:x"><Worksheet><Table><Row><Cell><Data>&a;</Data></Cell></Row></Table>'
    b"</Worksheet></Workbook>",
    "errors.csv": b"region,year,commodity,index\nA,2005,x,#REF!\nA,2005,y,#N/A\nB,2005,x,101\n",
    "comma.csv": b"region;year;commodity;index\nA;2005;x;1,234\nB;2005;x;2,345\n",
    "dates.csv": b"region,year,commodity,index\nA,2005,x,2005-01-01\nB,2005,x,12:30:00\n",
    "infinite.csv": b"region,year,commodity,index\nA,2005,x,1e999\nB,2005,x,-inf\nC,2005,x,nan\n",
    "digits.csv": "region,year,commodity,index\nA,２００５,x,１０１．５\nB,2005,x,１２\n".encode(),
    "bomb.csv.gz": gzip.compress(b"a,b\n" + b"1,2\n" * 200_000, mtime=0),
    "latin.csv": "region,year,commodity,index\nCôte,2005,x,101\n".encode("cp1252"),
    "controls.csv": b"region,year,commodity,index\n\x1b[31mA\x07,2005,x\x7f,101\n",
    "surrogate.csv": b"region,year,commodity,index\n\xed\xa0\x80,2005,x,101\n",
    "pickle.parquet": b"PAR1\x80\x04cos\nsystem\n(S'true'\ntR.PAR1",
}
"""Malformed files of kinds that were once read wrongly, slowly or not at all."""


@cache
def files() -> Mapping[str, bytes]:
    """All files by name."""
    return {**{name: make() for name, make in WHOLE.items()}, **MALFORMED}


FORMULAS = (
    "y ~ x + x^2 + w | firm + year",
    "y ~ w | firm | x ~ z",
    "ln(y) ~ x:w + `a b` - 1",
    "y ~ a*b*c*d | 0 | x ~ z + z^2",
    "y ~ I(I(I(x)))",
    "y ~ x^9 + ln(x)^2",
    "y ~ c(a, b) + sw(x, w)",
    "y ~ csw(x, w, z) | region^year",
    "y ~ " + "*".join(f"a{i}" for i in range(40)),
    "y ~ " + "I(" * 2000 + "x" + ")" * 2000,
    "y ~ x^" + "9" * 5000,
    "y ~ x^²",
    "y ~ `\0`",
    "~", "", "|", "y ~ i(year)", "y ~ poly(x, 2)", "y ~ 1", "y ~ 0 | firm",
)  # fmt: skip
FILTERS = (
    'item != "总指数" and year >= 2005',
    "2000 <= year < 2010",
    "region in (\"A\", 'B') or not (x is missing)",
    "`a b` = 1e400",
    "not " * 2000 + "x = 1",
    "(" * 2000 + "x = 1" + ")" * 2000,
    " and ".join(["x = 1"] * 500),
    "x = " + "9" * 5000,
    'region = "\\"" and x <> -1.5',
    "x in []", "", "x", "x = ", "x in (1,", "true = x", "“a” = region", "x = 1 or", "x is not missing",
)  # fmt: skip
PRINTED = (
    "variable,stat,(1),(2)\nmarket,b,0.031**,0.0556***\nmarket,t,2.1,(3.3)\nmarket^2,b,-0.0066***,\nmarket^2,se,0.002,\n"
    "N,,1000,2000\nR-squared,,0.5,0.6\nclusters,,region 31,year 12\n",
    "variable,minimum,maximum,mean,std_dev,N\nmarket,0,1,0.5,0.2,100\nscale,-3,12.5,4,1.1,100\n",
    "variable,c1,c2,c3\na,1,,\nb,0.5***,1,\nc,-0.2,0.1,1\n",
    "region,value,rank_value\n北京,1.5,2\n上海,2.5,1\n",
    "", "variable,stat\n", "stat\nb\n", "variable,stat,(1)\nx,b,1,234.5\n", "rank\n", "variable,c1\na,1\n",
    "variable,stat,(1)\nx,b,9" + "9" * 400 + "\nN,,1e99\n",
    "variable,\n,1\n,5,1\n,2,0,9\n", "variable,stat,(1)\nx,b," + "1" * 140_000 + "\n",
    "variable,stat,(" + "1" * 5000 + "),(2)\nx,b,0.1,0.2\nx,se,0.05,0.1\n",
    "variable,minimum,maximum,mean,std_dev,N\nscale,-3,11e999,1.1,2x10^400,120\n",
    "," + "2" * 5000 + ",3\nx,0.1,0.2\n,(0.05),(0.1)\n",
    "variable,stat,(1)\nx,b,0.1\nN,,-5\nclusters,,0\ndf,,0\nx,t,0\nx,se,0\n",
)  # fmt: skip
