"""Files whose content is known, as a strict oracle: nothing wrong may be read in silence.

`claims` are small files that say they are large, `cells` tables of any columns, of whose cells every meaning is known.

A table of prices is drawn, written in one of the formats, and perhaps one thing of it is spoilt. What is read must hold
every cell that was not touched as it was; rows that lack must be counted in the account; a touched cell may be missing,
or one of the values that it can mean.
"""

from __future__ import annotations

import datetime
import html
import io
import random
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyreadstat
import xlsxwriter

import integrade as ig
from integrade.engine.frames import Table
from rawcells.bytes import bounds

HEAD = ("region", "year", "commodity", "index")
KEY = HEAD[:3]
SPOILT: Mapping[str, tuple[float, ...]] = {
    "#REF!": (), "#N/A": (), "n/a": (), "": (), "..": (), "-": (), "…": (), "text": (), "1,234": (1234.0, 1.234),
    "1.234,5": (1234.5,), "1,234.5": (1234.5,), "１０１．５": (101.5,), " 101.5 ": (101.5,), "1e2": (100.0,),
    "101.5*": (101.5,), "(101.5)": (101.5, -101.5), "101.5%": (101.5, 1.015), "0x65": (), "1_000": (),
    "2005-01-01": (),
    "12:30:00": (), "inf": (), "nan": (), "true": (), "1 234.5": (1234.5,), "101,5": (101.5,), "'101.5": (101.5,),
    "=1+1": (), "1/2": (0.5,), "一百": (100.0,), "+101.5": (101.5,), "101.5.1": (), "−101.5": (-101.5,), "1e400": (),
}  # fmt: skip
"""What a cell of numbers may hold instead, and every number that it can mean."""


class Wrong(AssertionError):
    """Something wrong was read, and nothing said so."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(what)
        self.kind = kind


class Spoilt(NamedTuple):
    """The rows as they are written, and where one cell was touched: its row and what it may mean."""

    rows: list[list[str]]
    at: int | None
    means: tuple[float, ...]
    structure: str = ""


def truth(rng: random.Random) -> list[tuple[str, int, str, float]]:
    """Prices of a few regions, years and goods; every number has two decimals."""
    regions = rng.sample(
        ["北京", "上海", "天津", "Hà Nội", "Côte", "A", "North West", "O'Brien", "07"], rng.randint(2, 5)
    )
    goods = rng.sample(["food", "衣着", "fuel, light", 'tv "flat"', "a;b", "rent"], rng.randint(2, 4))
    start = rng.randint(1990, 2015)
    return [
        (r, y, g, round(rng.uniform(90, 115), 2))
        for r in regions
        for y in range(start, start + rng.randint(2, 4))
        for g in goods
    ]


def spoilt(rng: random.Random, rows: list[tuple[str, int, str, float]]) -> Spoilt:
    """The rows as texts, in half of the cases with one cell or one line touched."""
    texts = [[r, str(y), g, f"{v:.2f}"] for r, y, g, v in rows]
    if rng.random() < 0.4:
        return Spoilt(texts, None, ())
    at = rng.randrange(len(texts))
    match rng.choice(("cell", "cell", "cell", "cell", "more", "fewer", "again", "blank")):
        case "cell":
            texts[at][3], means = rng.choice(list(SPOILT.items()))
            return Spoilt(texts, at, means)
        case "more":
            texts[at].append("7")
            return Spoilt(texts, at, (rows[at][3],), "more")
        case "fewer":
            texts[at].pop()
            return Spoilt(texts, at, (), "fewer")
        case "again":
            texts.insert(rng.randrange(len(texts)), [*texts[at][:3], f"{rows[at][3] + 1:.2f}"])
            return Spoilt(texts, at, (rows[at][3], rows[at][3] + 1), "again")
        case _:
            texts.insert(at, ["", "", "", ""])
            return Spoilt(texts, None, ())


def written(rng: random.Random, made: Spoilt, folder: Path) -> Path:
    """The rows as a file of one of the formats."""
    kind = rng.choice(("csv", "csv", "semicolon", "tab", "xlsx", "html", "parquet", "dta"))
    rows = [list(HEAD), *made.rows]
    if kind in ("parquet", "dta") and made.structure not in ("more", "fewer"):
        whole = pl.DataFrame([[*r, "", ""][:4] for r in made.rows], schema=list(HEAD), orient="row")
        whole = whole.with_columns(pl.col("year").cast(int, strict=False))
        if kind == "parquet":
            whole.write_parquet(folder / "known.parquet")
            return folder / "known.parquet"
        pyreadstat.write_dta(whole, str(folder / "known.dta"), version=rng.choice((14, 15)))
        return folder / "known.dta"
    return _laid(rng, rows, folder, kind)


def _laid(rng: random.Random, rows: list[list[str]], folder: Path, kind: str) -> Path:
    """Rows of texts as a file of a format."""
    if kind == "xlsx":
        with xlsxwriter.Workbook(str(folder / "known.xlsx")) as book:
            sheet = book.add_worksheet()
            for i, row in enumerate(rows):
                for j, text in enumerate(row):
                    _cell(sheet, i, j, text)
        return folder / "known.xlsx"
    if kind == "html":
        lines = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
        (folder / "known.html").write_text(f"<meta charset=utf-8><table>{lines}</table>", encoding="utf-8")
        return folder / "known.html"
    sign = {"semicolon": ";", "tab": "\t"}.get(kind, ",")
    quoted = rng.random() < 0.3
    lines = "".join(sign.join(_quoted(c, sign, always=quoted) for c in row) + "\n" for row in rows)
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"))
    if encoding == "gb18030" and any(c > "\x7f" and not "\u3000" < c < "\ua000" for c in lines):
        encoding = "utf-8"  # the bytes of a few accented letters do not tell which encoding is meant
    path = folder / ("known.tsv" if kind == "tab" else "known.csv")
    try:
        path.write_bytes(lines.encode(encoding))
    except UnicodeError:
        path.write_bytes(lines.encode())
    return path


def _cell(sheet: object, i: int, j: int, text: str) -> None:
    """A number as a number, all else as text."""
    plain = text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit() and repr(float(text)) == text
    if i and j in (1, 3) and (plain or (text.isdecimal() and len(text) < 16 and str(int(text)) == text)):
        sheet.write_number(i, j, float(text))  # type: ignore[attr-defined]
    elif text:
        sheet.write_string(i, j, text)  # type: ignore[attr-defined]


def _quoted(cell: str, sign: str, *, always: bool) -> str:
    if always or sign in cell or '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def compare(rng: random.Random, folder: Path) -> None:
    """Write a table, read it, and compare. Raises `Wrong`, and what the reader raises."""
    rows = truth(rng)
    made = spoilt(rng, rows)
    path = written(rng, made, folder)
    decimal = rng.choice((None, None, None, ".", ","))
    if decimal == "," and path.suffix in (".csv", ".tsv", ".html"):
        decimal = None
    table = ig.read_prices(path, decimal=decimal)
    check(rows, made, table, path.name)


def check(rows: list[tuple[str, int, str, float]], made: Spoilt, table: Table, name: str) -> None:
    """Whether what was read is what was written, or what lacks is counted."""
    found = table.polars()
    got = {tuple(map(str, row[:3])): row[3] for row in found.select(HEAD).iter_rows()}
    touched = None if made.at is None else tuple(map(str, rows[made.at][:3]))
    lacking = 0
    for *key, value in rows:
        at = tuple(map(str, key))
        if at not in got or got[at] is None:
            lacking += 1
            if at != touched and made.at is None:
                raise Wrong("row lost", f"{name}: {at} lacks; {table.account}")
            continue
        means = (value,) if at != touched else made.means
        if not any(abs(float(got[at]) - one) <= 1e-9 * abs(one) for one in means):
            raise Wrong(f"value: {made.structure or made.rows[made.at][3] if made.at is not None else ''}",
                        f"{name}: {at} is {got[at]!r}, written {means}")  # fmt: skip
    strange = [key for key in got if key not in {tuple(map(str, r[:3])) for r in rows}]
    if strange:
        raise Wrong(f"row invented: {made.structure}", f"{name}: {strange[:3]}")
    counted = sum(e.rows for e in table.account if e.kind not in ("in", "out", "note"))
    if lacking > counted:
        raise Wrong(
            f"not counted: {made.structure or made.rows[made.at or 0][3]}",
            f"{name}: {lacking} lack, {counted} are counted",
        )


MEANT: Mapping[str, tuple[str | float | bool | None, ...]] = {
    "12": (12.0,), "-3.5": (-3.5,), "1e3": (1000.0,), ".5": (0.5,), "7.": (7.0,), "0": (0.0,),
    "-0": (0.0,), "+4": (4.0,),
    "1234567": (1234567.0,), "1,234": (1234.0, 1.234), "1.234,5": (1234.5,), "1,234.5": (1234.5,),
    "12 345": (12345.0,),
    "12,5": (12.5,), "１２": (12.0, "12"), "−7": (-7.0,), "(8)": (-8.0, 8.0), "9%": (9.0, 0.09),
    "5*": (5.0,), "6.1 (p)": (6.1,),
    "$ 3.10": (3.1, "3.10"), "RM 1,200": (1200.0, 1.2, "1,200"), "1/2": (0.5,), "007": (), "0101": (),
    "12345678901234567890": (),
    "true": (True, 1.0), "false": (False, 0.0), "NA": (None,), "": (None,), "-": (None,), "..": (None,),
    "n/a": (None,),
    "#N/A": (None,), "#REF!": (None,), "abc": (), "北京": (), "=1+1": (), "2005-01-01": (), "12:30": (),
    "a;b": (), "x,y": (),
    'q "r"': (), "0x10": (), "1_000": (), "nan": (None,), "inf": (), "1e400": (), "'15": (15.0,),
    "３％": (3.0, 0.03, "3%"),
}  # fmt: skip
"""Texts of cells, and what each may mean beside itself: also without its currency, with digits of ASCII."""


def cells(rng: random.Random, folder: Path) -> None:
    """A table of any columns read as a table: each cell is itself or one of its meanings, each row is there or counted.

    Raises `Wrong`, and what the reader raises.
    """
    texts = list(MEANT)
    columns = [rng.sample(texts, rng.randint(1, 4)) for _ in range(rng.randint(1, 4))]
    n = rng.randint(2, 7)
    rows = [[f"k{i}", *(rng.choice(drawn) for drawn in columns)] for i in range(n)]
    head = ["key", *(f"c{j}" for j in range(len(columns)))]
    path = _laid(rng, [head, *rows], folder, rng.choice(("csv", "csv", "semicolon", "tab", "html", "xlsx")))
    table = ig.read_table(path, decimal=rng.choice((None, None, ".")))
    found = {row["key"]: row for row in table.polars().iter_rows(named=True)}
    for row in rows:
        own = found.pop(row[0], None)
        if own is None:
            if not any(e.rows for e in table.account if e.kind not in ("in", "out", "note")):
                raise Wrong("row lost", f"{path.name}: {row} of {rows}")
            continue
        for name, text in zip(head[1:], row[1:], strict=True):
            if not _means(own.get(name), text):
                raise Wrong(f"cell {text}", f"{path.name}: {text!r} is {own.get(name)!r} in {name} of {rows}")
    if found:
        raise Wrong("row invented", f"{path.name}: {found} beside {rows}")


def _means(found: object, text: str) -> bool:
    """Whether what was read is a text, or something that it may mean."""
    if isinstance(found, str):
        return found.strip() in (text.strip(), *MEANT[text]) or (_is_real(found) and _means(float(found), text))
    if isinstance(found, bool) or found is None:
        return found in MEANT[text] if found is not None else None in MEANT[text]
    numbers = [float(one) for one in MEANT[text] if one is not None and not isinstance(one, str)]
    return isinstance(found, int | float) and any(abs(float(found) - one) <= 1e-9 * abs(one) for one in numbers)


def _is_real(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]*)?", text.strip()) is not None


def claims(rng: random.Random, folder: Path) -> None:
    """A small file that says it is large: what is made of it is bounded by its bytes, and what stands in it is read.

    Raises `Wrong`, and what the reader raises.
    """
    few, large = (0, 1, 2, 3, 17, 200), (999, 1000, 16_384, 65_535, 1_048_576, 2**31, 10**9, 10**18)
    many = rng.choice(few if rng.random() < 0.5 else large[rng.random() < 0.95 and 3 :])
    rows = [f"r{i}" for i in range(rng.randint(1, 5))]
    at = rng.randrange(len(rows))
    kind, covers = rng.choice(("html", "xml", "xlsx", "parts")), False
    if kind == "html":
        span = f" {rng.choice(('col', 'row'))}span={rng.choice(('', chr(34), chr(39)))}{many}"
        lines = [f"<tr><td{span * (i == at)}>{r}<td>{i}" for i, r in enumerate(rows)]
        path, content = folder / "c.html", f"<table><tr><th>key<th>value{''.join(lines)}</table>".encode()
    elif kind == "xml":
        said = rng.choice(('ss:Index="{}"', 'ss:MergeAcross="{}"', 'ss:MergeDown="{}"')).format(many)
        covers = "MergeDown" in said
        held = [f"<Row><Cell {said * (i == at)}><Data>{r}</Data></Cell><Cell><Data>{i}</Data></Cell></Row>"
                for i, r in enumerate(rows)]  # fmt: skip
        head = "<Row><Cell><Data>key</Data></Cell><Cell><Data>value</Data></Cell></Row>"
        table = f"<Worksheet><Table>{head}{''.join(held)}</Table></Worksheet>"
        text = f'<?xml version="1.0"?><Workbook xmlns:ss="urn:x">{table}</Workbook>'
        path, content = folder / "c.xls", text.encode()
    elif kind == "xlsx":
        what = rng.choice(("dimension", "merged", "cell", "row"))
        covers = what == "merged"
        path, content = folder / "c.xlsx", _claiming(rng, rows, many, what)
    else:
        signs = rng.choice((",", ";", "\t"))
        path = folder / "c.csv"
        content = f"key{signs}value\n".encode() + b"".join(
            f"{r}{signs}{i}{signs * (min(many, 20_000) if i == at else 0)}\n".encode() for i, r in enumerate(rows)
        )
    path.write_bytes(content)
    read = ig.read_table(path)
    frame = read.polars()
    if frame.height * frame.width > bounds.most_cells(1 << 14):
        raise Wrong(f"{kind}: size", f"{frame.shape} of {content!r:.500}")
    told = {str(v) for row in frame.head(100_000).iter_rows() for v in row} | set(frame.columns)
    lost = [r for r in rows if r not in told and not covers]
    if lost and not any(e.rows for e in read.account if e.kind not in ("in", "out", "note")):
        raise Wrong(f"{kind}: lost", f"{lost} of {content!r:.500}")


def _claiming(rng: random.Random, rows: list[str], many: int, what: str) -> bytes:
    """A workbook whose sheet says it has other dimensions, merged ranges or places of cells."""
    held, made = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([["key", "value"], *([r, i] for i, r in enumerate(rows))]):
            sheet.write_row(i, 0, row)
    far = rng.choice((f"XFD{many}", f"C{many}", f"B{many + 100}", f"ZZZZ{many}"))
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                text = data.decode()
                if what == "dimension":
                    text = re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="A1:{far}"', text)
                elif what == "merged":
                    text = text.replace(
                        "</sheetData>", f'</sheetData><mergeCells count="1"><mergeCell ref="A2:{far}"/></mergeCells>'
                    )
                elif what == "cell":
                    text = text.replace('r="B2"', f'r="{far}"', 1)
                else:
                    text = text.replace('<row r="2"', f'<row r="{many}"', 1)
                data = text.encode()
            new.writestr(name, data)
    return made.getvalue()


def write_and_read(rng: random.Random, folder: Path) -> None:
    """A table of any columns written and read again. Raises `Wrong`, and what the writer or the reader raises."""
    n = rng.choice((1, 2, 5))
    texts = [
        "a",
        "07",
        "",
        "=1+1",
        '"q"',
        "x,y",
        "北京",
        "  b ",
        "NA",
        "1e3",
        "l\nm",
        "a\tb",
        "'",
        "#N/A",
        "true",
        "2005-01-01",
    ]
    makers = {
        "text": lambda: rng.choice([*texts, None]),
        "whole": lambda: rng.choice((0, -1, 7, 2**31, 2**53, -(2**53), None)),
        "real": lambda: rng.choice((0.0, -1.5, 1e-300, 1.7e308, 0.1, None)),
        "truth": lambda: rng.choice((True, False)),
        "day": lambda: rng.choice((datetime.date(1999, 12, 31), datetime.date(1960, 1, 1), None)),
    }
    kinds = [rng.choice(list(makers)) for _ in range(rng.randint(1, 4))]
    types = {"text": pl.String, "whole": pl.Int64, "real": pl.Float64, "truth": pl.Boolean, "day": pl.Date}
    frame = pl.DataFrame(
        [pl.Series(f"c{j}_{k}", [makers[k]() for _ in range(n)], types[k]) for j, k in enumerate(kinds)]
    )
    frame = frame.with_columns(pl.int_range(n).alias("id"))  # where every column is in quotes none is known as text
    suffix = rng.choice((".csv", ".parquet", ".dta", ".xlsx"))
    path = folder / f"table{suffix}"
    ig.write_table(frame, path)
    back = ig.read_table(path).polars()
    if back.columns != frame.columns or back.height != frame.height:
        raise Wrong(f"written {suffix}: shape", f"{frame.to_dict(as_series=False)} -> {back.to_dict(as_series=False)}")
    for kind, name in zip(kinds, frame.columns[:-1], strict=True):
        for was, now in zip(frame[name], back[name], strict=True):
            if not _same(was, now, kind):
                raise Wrong(f"written {suffix}: {kind}", f"{was!r} -> {now!r}")


def _same(was: object, now: object, kind: str) -> bool:
    """Readers leave blanks around a text out; what is empty is missing; a text of true and false alone is logical."""
    before, after = ("" if v is None else str(v).strip() for v in (was, now))
    after = after.lower() if isinstance(now, bool) else after
    if not before or kind in ("text", "day"):
        return before == (after[:10] if kind == "day" else after)
    words = {"true": "1", "false": "0"}
    numbers = [words.get(text.lower(), text) for text in (before, after)]
    return bool(after) and float(numbers[0]) == float(numbers[1])
