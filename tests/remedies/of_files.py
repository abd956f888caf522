"""Remedies of files, their formats and encodings, addresses, databases, and of what is written."""

from __future__ import annotations

import ast
import bz2
import contextlib
import gzip
import io
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import duckdb
import msoffcrypto.exceptions
import polars as pl
import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
import pyreadstat
import xlsxwriter
import xlwt

import integrade as ig
from integrade.errors import IntegradeError
from integrade.sources import read_canonical, read_table
from integrade.sources.cells import delimited
from integrade.sources.files import objects, readers
from integrade.sources.files.databases import _schema
from integrade.sources.files.readers import read_raw, reading
from integrade.sources.origins.addresses import Address, address_of, under
from integrade.sources.origins.connections import postgres
from integrade.sources.origins.queries import _check_calls, check_query
from integrade.sources.writing import writers
from integrade.sources.writing.writers import check_target, write_table
from remedies.frame import MEANT, Call, Cases, Follow, done, given, meant
from remedies.of_cells import HEAD, LONG, both, edit, file, prices
from remedies.tables import FOLDER, PRICES
from secure_server import certificate, secure

CASES = Cases()
refused = CASES.refused
HERE = FOLDER / "files"
HERE.mkdir(exist_ok=True)
PLAIN = HERE / "prices.csv"
PLAIN.write_text(LONG, encoding="utf-8")


def by(says: str, *args: Any) -> Follow:
    """What a remedy says in prose, done by other arguments."""
    return done(says, lambda call: call.with_args(*args))


def only(says: str, **options: Any) -> Follow:
    """What a remedy says in prose, done by options."""
    return done(says, lambda call: call.with_options(**options))


def renamed(wrong: str) -> Follow:
    """The file of the name that the remedy says was meant, beside the one that was asked for."""

    def follow(call: Call, error: IntegradeError) -> list[Call]:
        return [call.with_args(str(HERE / one.args[0])) for one in meant(wrong)(Call(read_raw, (wrong,)), error)]

    return follow


# names of files
refused("table to read unknown", "U101", read_canonical, "pricse", str(PLAIN), then=meant("pricse"))
refused("file misspelt", "U104", read_raw, str(HERE / "prises.csv"), then=renamed("prises.csv"))
refused(
    "folder missing", "U104", read_raw, str(FOLDER / "nowhere" / "prices.csv"), then=by("does not exist", str(PLAIN))
)
refused("no file named", "U100", read_raw, [], then=by("a file, a folder or a pattern", str(HERE / "*.csv")))
(HERE / "prices.txt").write_text(LONG, encoding="utf-8")


def of_kind(suffix: str) -> Any:
    """The file of prices in Parquet under another suffix."""
    path = HERE / f"kind{suffix}"
    PRICES.write_parquet(path)
    return ig.read_prices(path)


refused("kind of file unknown", "U100", of_kind, ".parqet", then=meant(".parqet"))
BROKEN = os.fsdecode(os.fsencode(str(HERE)) + b"/pr\xe9s.csv")


def named_otherwise(name: str) -> Any:
    """A file whose name is in another encoding."""
    if not Path(name).exists():
        Path(name).write_text(LONG, encoding="utf-8")
    try:
        return ig.read_prices(name)
    finally:
        Path(name).unlink()


refused("name in another encoding", "D208", named_otherwise, BROKEN, then=by("rename it", str(HERE / "prés.csv")))


def in_folder(folder: str, year: str) -> Any:
    """A file of prices whose year is its column's, in a folder that names one."""
    path = HERE / "hive" / folder / "prices.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + f"A,{year},k,100\n", encoding="utf-8")
    return ig.read_prices(path)


refused("folder of another year", "D222", in_folder, "year=2004", "2009", then=by("move the file out", "years", "2009"))
refused(
    "file of another year", "D222", in_folder, "year=2005", "2009", then=by("correct its column", "year=2005", "2005")
)


def in_folders(*folders: str) -> Any:
    """A file of prices in folders, one in the other."""
    path = HERE.joinpath("nested", *folders, "prices.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + "A,2004,k,100\n", encoding="utf-8")
    return ig.read_prices(path)


refused(
    "folder in a folder of another year",
    "D222",
    in_folders,
    "year=2005",
    "year=2004",
    then=by("move the file out", "out", "year=2004"),
)
refused(
    "folder of another year in a folder",
    "D222",
    in_folders,
    "year=2004",
    "YEAR=2005",
    then=by("or rename the folder", "year=2004", "y2005"),
)


def by_year(*years: str, **options: Any) -> Any:
    """Prices in a file a year, whose names say which."""
    rows = HEAD.replace("year,", "") + "".join(re.findall("R.*,k.*\n", LONG.replace(",2004,", ",")))
    rows = "\n".join(line for line in rows.split("\n") if line.count(",") < 3)
    return ig.read_prices([file(rows, f"{year}.csv") for year in years], **options)


refused(
    "year of a file's name",
    "D208",
    by_year,
    "first",
    layout={"files": "year"},
    then=both(
        by("name the file after its year", "2004"),
        done('layout={"year": "YEAR"}', lambda c: c.with_options(layout={"year": "2004"})),
    ),
)


# text
refused("no heading", "D205", prices, ",,\n1,2,3\n", then=by("give a file whose first row has the column names", LONG))
refused(
    "row too long",
    "D208",
    prices,
    LONG + "R9,2004,k0,100,5,5,5\n",
    then=edit("correct that row", "R9,2004,k0,100,5,5,5", "R9,2004,k0,100.5"),
)
refused(
    "quotes that hold rows",
    "D208",
    prices,
    LONG + 'R9,2004,"k0,100\nR9,2004,k1,100\nR9,2004,k2",100\n',
    then=edit("close or delete it", 'R9,2004,"k0,100\nR9,2004,k1,100\nR9,2004,k2",100\n', ""),
)
SWALLOWED = (
    '"R9"B","2004","k0","1","2005","y","2"\n"R9","2004","k1","100"\n"R9","2005","k1","9"\n"R9","2"k","2004","z","1"\n'
)
refused(
    "text behind a closing quote, which two readers take for the end of other rows",
    "D208",
    prices,
    LONG + SWALLOWED,
    then=edit("quotes around whole cells", SWALLOWED, ""),
)
TWO = f"{HEAD}Zürich,2004,rice,101\n".encode() + "Köln,2005,rice,102\n".encode("cp1252")
refused(
    "lines of two encodings",
    "D208",
    prices,
    TWO,
    then=done("write all of it in UTF-8", lambda c: c.with_args(f"{HEAD}Zürich,2004,rice,101\nKöln,2005,rice,102\n")),
)
PARTS = [
    f"{HEAD}北京市,2004,钢铁,101\n河北省,2005,居住,102\n黑龙江,2005,食品,102\n",
    "臺北市,2004,製造業,101\n桃園縣,2005,消費者物價,102\n",
]
refused(
    "parts of two encodings of East Asia",
    "D208",
    prices,
    PARTS[0].encode("gb18030") + PARTS[1].encode("big5"),
    then=done("write all of it in UTF-8", lambda c: c.with_args("".join(PARTS))),
)
SHIFTING = f"{HEAD}東京都,2004,米,101\n大阪府,2005,米,102\n".encode("iso2022_jp")
refused(
    "escape sequences",
    "D208",
    prices,
    SHIFTING,
    then=done('encoding="iso2022_jp"', lambda c: c.with_options(encoding="iso2022_jp")),
)
WIDE = LONG.replace("\n", ",", 1).replace(",", "," + ",".join(f"v{i}" for i in range(17_000)) + "\n", 1)
refused("more columns than any table", "D208", prices, WIDE, then=by("a row for each value", LONG))


def zero(content: bytes, **options: Any) -> Any:
    """Prices of a text with a byte that text has not."""
    return ig.read_prices(file(content, "zero.csv"), **options)


refused("text of two bytes a character", "D208", zero, LONG.encode("utf-16-le"), then=given())
refused(
    "text of two bytes a character, cut",
    "D208",
    zero,
    LONG.encode("utf-16")[:-1],
    then=both(by("fetch it again", LONG.encode("utf-16")), by("write it again", LONG.encode("utf-16"))),
)
refused("text of four bytes a character", "D208", zero, LONG.encode("utf-32-be"), then=given())
refused(
    "zero byte in text",
    "D208",
    zero,
    LONG.encode() + b"R9\0,2004,k0,100\n",
    then=both(by("take the bytes out: tr -d", LONG.encode()), by("fetch it again", LONG.encode())),
)
CHINESE = LONG.replace("R0", "北京市")


def encoded(codec: str, name: str = "encoded.csv", **options: Any) -> Any:
    """Prices of a file in this encoding."""
    return ig.read_prices(file(CHINESE.encode(codec), name), **options)


refused("encoding unknown", "U101", encoded, "utf-8", encoding="utf-9", then=meant("utf-9"))
refused(
    "encoding of another file",
    "D208",
    encoded,
    "gb18030",
    encoding="utf-8",
    then=both(given(), lambda c, e: [c.without("encoding")] if "or leave it out" in e.remedy else []),
)


RUSSIAN = LONG.replace("R0", "Москва").replace("R1", "Тверь")


def untold(text: str, codec: str, **options: Any) -> Any:
    """Prices of a file in an encoding that its bytes do not tell."""
    return ig.read_prices(file(text.encode(codec), "untold.csv"), **options)


def named(codec: str) -> Follow:
    """The encoding that the remedy offers."""
    return done(f'encoding="{codec}"', lambda call: call.with_options(encoding=codec))


refused("encoding that is not told", "D208", untold, RUSSIAN, "koi8-r", then=named("koi8-r"))


def without_columns(rows: dict[str, list[Any]]) -> Any:
    """A Parquet file of these columns."""
    pl.DataFrame(rows).write_parquet(HERE / "columns.parquet")
    return read_table(HERE / "columns.parquet")


refused("Parquet without a column", "D205", without_columns, {}, then=by("with its columns", {"a": [1]}))


def zipped(content: bytes) -> Any:
    """Prices of a compressed file."""
    return ig.read_prices(file(content, "zipped.csv.gz"))


refused(
    "compressed file cut",
    "D208",
    zipped,
    gzip.compress(CHINESE.encode())[:-30],
    then=by("fetch the file again", gzip.compress(CHINESE.encode())),
)


def contents(content: bytes, name: str) -> Any:
    """Prices of a file that may be of another kind than its name says."""
    return ig.read_prices(file(content, name))


def _archive(content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("prices.csv", content)
    return held.getvalue()


def as_told(call: Call, error: IntegradeError) -> list[Call]:
    """The file under the name that the remedy gives, or what its command unpacks."""
    content, name = call.args
    if told := re.search(r"name it (\S+)$", error.remedy):
        return [call.with_args(content, told[1])]
    command = re.search(r"unpack it: (.+?)(?: and read its files)?$", error.remedy)
    assert command, error.remedy
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(content)
        if shutil.which(program := command[1].split()[0]):
            subprocess.run(command[1], shell=True, cwd=folder, check=True, capture_output=True)
        elif program == "unzip":
            zipfile.ZipFile(Path(folder) / name).extractall(folder)
        else:
            unpacked = {"gzip": gzip, "bzip2": bz2}[program].decompress(content)
            (Path(folder) / command[1].split()[-1]).write_bytes(unpacked)
        (new,) = (p for p in Path(folder).iterdir() if p.name != name)
        return [call.with_args(new.read_bytes(), new.name)]


for _kind, _content, _name in (
    ("gzip as text", gzip.compress(LONG.encode()), "packed.csv"),
    ("bzip2 as text", bz2.compress(LONG.encode()), "packed.csv"),
    ("zip archive as text", _archive(LONG.encode()), "packed.csv"),
    ("zip archive as a workbook", _archive(LONG.encode()), "packed.xlsx"),
    ("zip archive in gzip", gzip.compress(_archive(LONG.encode())), "packed.csv.gz"),
    ("text as gzip", LONG.encode(), "packed.csv.gz"),
):
    later = "is a zip archive" if _kind == "zip archive in gzip" else ""
    refused(_kind, "D208", contents, _content, _name, then=as_told, later=later)
refused("zip archive", "U100", contents, _archive(LONG.encode()), "packed.zip", then=as_told)

# workbooks


def book(content: bytes, name: str = "book.xlsx", **options: Any) -> Any:
    """Prices of a workbook."""
    return ig.read_prices(file(content, name), **options)


def xlsx(rows: list[list[Any]] | None = None, far: int = 0) -> bytes:
    """A workbook of prices, with a stray cell where that is asked for."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as made:
        sheet = made.add_worksheet("prices")
        for i, row in enumerate(_rows() if rows is None else rows):
            sheet.write_row(i, 0, row)
        if far:
            sheet.write(far, 16_000, "stray")
    return stream.getvalue()


def _rows() -> list[list[Any]]:
    return [[float(c) if re.fullmatch(r"[\d.]+", c) else c for c in line.split(",")] for line in LONG.split()]


def xls(stray: bool = False) -> bytes:
    """An old workbook of prices."""
    made = xlwt.Workbook()
    sheet = made.add_sheet("prices")
    for i, row in enumerate(_rows()):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    stream = io.BytesIO()
    made.save(stream)
    raw = stream.getvalue()
    if not stray:
        return raw
    at = raw.index(b"\xfd\x00\x0a\x00")  # a record of a text: its column far to the right
    return raw[: at + 6] + b"\xff\x7f" + raw[at + 8 :]


GOOD_BOOK = xlsx()
refused("no workbook", "D208", book, b"\x01\x00\x02\x00" * 99, then=by("fetch the file again", GOOD_BOOK))
DOUBTFUL = [[*row[:-1], "1.100"] if i == 1 else row for i, row in enumerate(_rows())]
refused("text beside numbers in doubt", "D213", book, xlsx(DOUBTFUL))
refused("workbook cut", "D208", book, GOOD_BOOK[:900], then=by("open it and save it again as .xlsx", GOOD_BOOK))
refused(
    "stray cell",
    "D208",
    book,
    xlsx(far=900_000),
    then=both(by("delete cells far from the table", GOOD_BOOK), by("save it as csv", LONG.encode(), "book.csv")),
)
refused(
    "old workbook with a column too far",
    "D208",
    book,
    xls(stray=True),
    "book.xls",
    then=by("fetch the file again", xls(), "book.xls"),
)
refused(
    "old workbook with a cell twice",
    "D208",
    book,
    xls().replace(b"\xfd\x00\x0a\x00\x01\x00\x00\x00", b"\xfd\x00\x0a\x00\x00\x00\x00\x00"),
    "book.xls",
    then=by("fetch the file again", xls(), "book.xls"),
)


def broken_formulas(wrong: bool) -> bytes:
    """A workbook of prices whose formulas have come to nothing."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as made:
        sheet = made.add_worksheet("prices")
        for i, row in enumerate(_rows()):
            sheet.write_row(i, 0, row)
            if i and wrong:
                sheet.write_formula(i, 3, "=x!A1", None, "#REF!")
    return stream.getvalue()


refused(
    "column of errors", "D208", book, broken_formulas(True), then=by("correct the formulas", broken_formulas(False))
)
refused(
    "workbook without cells",
    "D205",
    book,
    xlsx([]),
    then=by("with a table whose first row has the headings", GOOD_BOOK),
)
refused("sheet unknown", "U100", book, GOOD_BOOK, sheet="price", then=meant("price"))


def huge(most: int) -> Any:
    """A workbook where so many bytes are the most that may be unpacked."""
    with patch("rawcells.cells.extent.MOST_UNPACKED", most):
        return book(GOOD_BOOK) if most < 1 << 20 else book(LONG.encode(), "book.csv")


refused("workbook that unpacks to too much", "D208", huge, 100, then=by("as csv", 1 << 30))


class Locked:
    """A workbook with a password, to msoffcrypto."""

    def __init__(self, _: object) -> None:
        pass

    def is_encrypted(self) -> bool:
        """It is."""
        return True

    def load_key(self, password: str) -> None:
        """Not with this one."""
        raise msoffcrypto.exceptions.InvalidKeyError(password)


def locked(content: bytes) -> Any:
    """A workbook whose password is not the one of Excel; the bytes of an .xlsx are not locked."""
    with patch("msoffcrypto.OfficeFile", Locked):
        return book(content)


refused("workbook locked", "D208", locked, xls(), then=by("save it without a password", GOOD_BOOK))


def locked_without_the_package(content: bytes) -> Any:
    """The same where the package that decrypts is not installed."""
    with (
        patch("rawcells.cells.excel.is_locked", lambda _: True),
        patch.dict(sys.modules, {"msoffcrypto": None, "msoffcrypto.exceptions": None}),
    ):
        return book(content)


refused(
    "workbook locked and no package",
    "D208",
    locked_without_the_package,
    xls(),
    then=by("save it without a password", GOOD_BOOK),
)
XML = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" \
xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="prices"><Table>{}</Table></Worksheet>\
</Workbook>"""
XML_ROWS = "".join(
    "<Row>"
    + "".join(f'<Cell><Data ss:Type="{"Number" if isinstance(c, float) else "String"}">{c}</Data></Cell>' for c in row)
    + "</Row>"
    for row in _rows()
)
GOOD_XML = XML.format(XML_ROWS).encode()
FAR_ROW = '<Row ss:Index="900000">' + "<Cell/>" * 99 + "</Row>"
refused(
    "spreadsheet of XML cut",
    "D208",
    book,
    GOOD_XML[:-30],
    "book.xls",
    then=both(by("open it and save it as .xlsx", GOOD_BOOK, "book.xlsx")),
)
refused(
    "spreadsheet of XML with a stray row",
    "D208",
    book,
    XML.format(XML_ROWS + FAR_ROW).encode(),
    "book.xls",
    then=by("delete cells far from the table", GOOD_XML, "book.xls"),
)


def xml(most: int) -> Any:
    """A spreadsheet of XML where so many cells are the most."""
    with patch("rawcells.bytes.bounds.MOST_CELLS", most):
        return book(GOOD_XML, "book.xls") if most < 99 else book(LONG.encode(), "book.csv")


refused("spreadsheet of XML too large", "D208", xml, 9, then=by("as csv", 999))

# Stata


def stata(content: bytes, **options: Any) -> Any:
    """Prices of a Stata file."""
    return ig.read_prices(file(content, "prices.dta"), **options)


def dta(frame: pl.DataFrame, version: int = 15) -> bytes:
    """A Stata file of a frame."""
    path = HERE / "made.dta"
    pyreadstat.write_dta(frame, str(path), version=version)
    return path.read_bytes()


FRAME = pl.read_csv(PLAIN)
GOOD_DTA = dta(FRAME)
refused("Stata file cut", "D208", stata, GOOD_DTA[:300], then=by("fetch it again", GOOD_DTA))
refused("Stata file without variables", "D205", stata, dta(pl.DataFrame()), then=by("variables", GOOD_DTA))
OLD = dta(FRAME.with_columns(region=pl.col("region").replace({"R0": "Málaga"})), 12).replace(
    "Málaga".encode(), b"M\xe1laga\x00"
)
refused("Stata file of another encoding", "D208", stata, OLD, encoding="utf-8")


def undecided(codecs: tuple[str, ...], **options: Any) -> Any:
    """A Stata file whose text no encoding of these reads."""
    with (
        patch("integrade.sources.cells.stata.TRIED", codecs),
        patch("integrade.sources.cells.stata._detect", lambda _: codecs[0]),
    ):
        return stata(OLD, **options)


refused("Stata file of no usual encoding", "D208", undecided, ("utf-8",), then=only("encoding", encoding="latin-1"))


def parquet(content: bytes) -> Any:
    """Prices of a Parquet file."""
    return ig.read_prices(file(content, "prices.parquet"))


def of_times(**index: Any) -> Any:
    """Prices in a frame whose index is another one."""
    return ig.relative_price(PRICES.with_columns(**index))


refused(
    "dates for numbers",
    "D202",
    of_times,
    index=pl.date("year", 1, 1),
    then=only("write it as a number", index=pl.col("index")),
)
refused(
    "truth values for numbers",
    "D202",
    of_times,
    index=pl.col("index") > 100,
    then=only("write its values as numbers", index=pl.col("index")),
)
PRICES.write_parquet(HERE / "good.parquet")
GOOD_PARQUET = (HERE / "good.parquet").read_bytes()
refused("Parquet file cut", "D208", parquet, GOOD_PARQUET[:-9], then=by("fetch or write it again", GOOD_PARQUET))


def called(*names: str) -> Any:
    """Prices of a Parquet file whose columns are called so."""
    pq.write_table(
        FRAME.to_arrow().rename_columns([*FRAME.columns[:-1], *names][: FRAME.width]), HERE / "called.parquet"
    )
    return ig.read_prices(HERE / "called.parquet")


refused(
    "Parquet columns alike",
    "D208",
    called,
    FRAME.columns[0],
    then=by("another name for one of them", FRAME.columns[-1]),
)
refused("Parquet file as text", "D208", contents, GOOD_PARQUET, "packed.csv", then=as_told)


def at(zone: str | None) -> Any:
    """Prices of a Parquet file whose years are times of this zone."""
    day = pa.timestamp("us", zone)
    rows = FRAME.with_columns(year=pl.date("year", 1, 1)).to_arrow()
    place = rows.schema.get_field_index("year")
    pq.write_table(rows.set_column(place, "year", rows["year"].cast(day)), HERE / "zone.parquet")
    return ig.read_prices(HERE / "zone.parquet")


refused(
    "time zone that none knows",
    "D208",
    at,
    "Mars/Phobos",
    then=both(
        by("Asia/Shanghai", "Asia/Shanghai"), by("Etc/GMT-8", "Etc/GMT-8"), by("UTC", "UTC"), by("without", None)
    ),
)


def vouched(by_file: str = "") -> Any:
    """Prices behind https on this machine, where a file of certificates vouches for it."""
    with TemporaryDirectory() as folder:
        public, private = certificate(Path(folder))
        trust = {"SSL_CERT_FILE": str(public) if by_file else str(HERE / "none.pem")}
        with secure(LONG.encode(), public, private) as url, patch.dict(os.environ, trust):
            return ig.read_prices(url)


refused(
    "server without a certificate", "D212", vouched, then=done("SSL_CERT_FILE", lambda c: c.with_args("public.pem"))
)

# databases
DATA = HERE / "trade.duckdb"
LITE = HERE / "trade.sqlite"
for made in (DATA, LITE):
    made.unlink(missing_ok=True)
with duckdb.connect(str(DATA)) as one:
    one.execute(f"create table prices as select * from read_csv('{PLAIN}')")
    one.execute("create table notes as select 1 as a")
with contextlib.closing(sqlite3.connect(LITE)) as lite:
    lite.execute("create table prices (region text, year integer, commodity text, 'index' real)")
    lite.executemany("insert into prices values (?, ?, ?, ?)", FRAME.rows())
    lite.commit()


def table(address: str) -> Any:
    """Prices of an address."""
    return ig.read_prices(address)


refused("address that is none", "U100", table, "http://[::1/x.csv", then=by("copy the address again", f"{DATA}#prices"))
refused("database misspelt", "U104", table, f"{HERE}/trad.duckdb#prices", then=meant("trad.duckdb"))
(HERE / "other.db").write_bytes(b"something else " * 9)
refused("database of another program", "U100", table, f"{HERE}/other.db", then=by("as csv", str(PLAIN)))
refused(
    "database of several tables",
    "U100",
    table,
    str(DATA),
    then=lambda c, e: [
        c.with_args(e.remedy.split("name one: ")[1].split(", or")[0].replace("#notes", "#prices")),
        c.with_args(f"{DATA}#select * from prices"),
    ],
)
refused("table of a database unknown", "U105", table, f"{DATA}#price", then=meant("price"))
refused(
    "column of a query unknown",
    "U105",
    table,
    f"{DATA}#select nothing from prices",
    then=by("the query after #", f"{DATA}#select * from prices"),
)
refused(
    "query of two statements",
    "U105",
    table,
    f"{DATA}#select * from prices; select 1",
    then=both(by("a table", f"{DATA}#prices"), by("one SELECT", f"{DATA}#select * from prices")),
)
refused(
    "query of an object",
    "U105",
    check_query,
    address_of("s3://x/y.parquet"),
    then=by("name a database", address_of(f"{DATA}#select * from prices")),
)


ENDLESS = "with recursive c(year) as (select 1 union all select year + 1 from c) select year from c"


def settings(call: Call, error: Any) -> list[Call]:
    """The call with the setting of the environment that the remedy prints."""
    found = re.search(r"(INTEGRADE_\w+)=(\w+)", error.remedy)
    assert found is not None
    return [call.with_options(**{found[1]: found[2]})]


def table_in(address: str, **environment: str) -> Any:
    """Prices of an address, with settings of the environment."""
    with patch.dict(os.environ, environment):
        return ig.read_prices(address)


def download(size: int, pauses: float = 0.0, **environment: str) -> Any:
    """A file of so many bytes that a server sends in two pieces."""
    pieces = [b"x" * (size // 2)] * 2

    def read(_: int) -> bytes:
        time.sleep(pauses)
        return pieces.pop() if pieces else b""

    with patch.dict(os.environ, environment):
        objects._copy(read, HERE / "download.csv", Address("object", "http://host/download.csv"), None)


refused(
    "view without a last row",
    "U105",
    table_in,
    f"{LITE}#{ENDLESS}",
    INTEGRADE_MOST_SECONDS="1",
    then=both(by("name a table", f"{LITE}#prices"), by("query that ends", f"{LITE}#select * from prices")),
)
refused("endless download", "D212", download, 1 << 21, INTEGRADE_MOST_BYTES="1MB", then=settings)
refused("slow download", "D212", download, 9, 0.7, INTEGRADE_MOST_SECONDS="1", then=settings)
refused("no seconds", "U100", table_in, f"{LITE}#prices", INTEGRADE_MOST_SECONDS="soon", then=settings)


def asked(query: str) -> Any:
    """A query for a server, before it is reached."""
    return _check_calls(address_of(f"postgresql://me@localhost/trade#{query}"))  # type: ignore[arg-type]


refused(
    "query that calls a function",
    "U105",
    asked,
    "select pg_sleep(1) from a",
    then=by("name the view", "select * from my_view"),
)


def driver(there: bool) -> Any:
    """A connection to a server, with the driver or without; there is no server."""
    address = address_of("postgresql://me@127.0.0.1:1/trade#prices")
    with patch.dict(sys.modules, {} if there else {"adbc_driver_postgresql": None}), postgres(address):  # type: ignore[arg-type]
        pass


refused(
    "driver of PostgreSQL",
    "U100",
    driver,
    False,
    then=by("pip install 'integrade[sql]'", True),
    later="cannot be reached",
)


def while_written(by_another: bool) -> Any:
    """The rows of a DuckDB file while another program has it open for writing, or after."""
    with _writer() if by_another else contextlib.nullcontext():
        return table(f"{DATA}#prices")


@contextlib.contextmanager
def _writer() -> Iterator[None]:
    script = f"import duckdb; c = duckdb.connect({str(DATA)!r}); print('open', flush=True); input()"
    other = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout
    assert other.stdout.readline() == "open\n"
    try:
        yield
    finally:
        other.communicate("\n")


refused(
    "database open elsewhere", "D212", while_written, True, then=by("has another program opened it for writing?", False)
)
refused("address of an unknown kind", "U100", address_of, "postgress://me@host/trade#prices", then=meant("postgress"))
refused("no name of a table", "U100", address_of, "table:", then=by("add its name", "table:main.trade.customs"))


def in_catalogue(name: str) -> Any:
    """A table of Spark's catalogue, where a server has one table."""

    def opened(location: str, _: str) -> Any:
        if location != "table:main.trade.customs":
            raise LookupError(location)
        return "rows"

    with patch.object(objects, "open_by_spark", opened):
        return objects._of_spark(Address("object", name))


refused(
    "no table of the catalogue",
    "D212",
    in_catalogue,
    "table:main.trade.custom",
    then=by("check catalog, schema and table", "table:main.trade.customs"),
)
refused(
    "password in a study file",
    "U100",
    under,
    HERE,
    "postgresql://me:secret@host/trade#prices",
    then=by("leave it out of the address", HERE, "postgresql://me@host/trade#prices"),
)
refused(
    "object that cannot be reached",
    "D212",
    table,
    "http://127.0.0.1:1/prices.csv",
    then=by("check the address", str(PLAIN)),
)


def columns_of_table(address: str, names: dict[str, str]) -> Any:
    """The columns of a table of a database, which on a server may be none."""
    return _schema(address_of(address), names)  # type: ignore[arg-type]


refused(
    "table without columns in a database",
    "D201",
    columns_of_table,
    f"{LITE}#nothing",
    {},
    then=by("name another table", f"{LITE}#prices", {"a": "cast(a as text) as a"}),
)


def parsed(content: bytes) -> Any:
    """What Polars makes of a text, within the reader's net."""
    path = file(content, "parsed.csv")
    with reading([path]):
        return pl.read_csv(path)


refused(
    "text without data", "D205", parsed, b"", then=by("give a file whose first row has the column names", LONG.encode())
)

# what is written


def saved(frame: pl.DataFrame, name: str) -> None:
    """A frame under a name."""
    write_table(frame, HERE / name)


SMALL = pl.DataFrame({"a": [1.5]})
refused(
    "suffix to write unknown",
    "U100",
    lambda suffix: saved(SMALL, f"out{suffix}"),
    ".cvs",
    then=lambda c, e: [c.with_args(ast.literal_eval(MEANT.search(e.remedy)[1]))],
)
refused(
    "folder to write in missing",
    "U100",
    saved,
    SMALL,
    "none/out.csv",
    then=lambda c, e: _made(c) if "create it first" in e.remedy else [],
)


def _made(call: Call) -> list[Call]:
    def make_and_save(frame: pl.DataFrame, name: str) -> None:
        folder = (HERE / name).parent
        folder.mkdir()
        saved(frame, name)
        shutil.rmtree(folder)

    return [Call(make_and_save, call.args)]


def target(name: str, *read: Any) -> None:
    """The check of a name of a result before anything is read."""
    check_target(HERE / name, read)


refused("result over what is read", "U100", target, "prices.csv", PLAIN, then=by("another name", "result.csv", PLAIN))
(HERE / "results").mkdir(exist_ok=True)
refused(
    "result in a folder that is read",
    "U100",
    target,
    "result.csv",
    HERE,
    then=both(by("another folder", "results/result.csv", HERE), by("name the files one by one", "result.csv", PLAIN)),
)


def filed(frame: pl.DataFrame, name: str) -> None:
    """A frame as a folder of Parquet files."""
    write_table(frame, f"{HERE}/{name}")
    shutil.rmtree(HERE / name)


refused("folder of results taken", "U100", filed, SMALL, "results/", then=by("another name", SMALL, "others/"))
refused(
    "folder of a folder of results missing",
    "U100",
    filed,
    SMALL,
    "nowhere/found/",
    then=lambda c, e: [Call(_made_for, c.args)] if "create it first" in e.remedy else [],
)


def results(place: str, engine: Any = "polars") -> None:
    """The check of an address of results before anything is read; its store is a folder of this machine."""

    def store(_: str) -> Any:
        if "127.0.0.1" in place:
            raise OSError("no answer")
        return pa.fs.LocalFileSystem(), str(HERE if "taken" in place else HERE / "none")

    with patch.object(writers, "store_of", store), patch.object(writers, "taken_on_spark", lambda _: False):
        check_target(place, engine=engine)


refused(
    "results to a server of the web",
    "U100",
    results,
    "https://host/q/",
    then=done("or an address of s3", lambda c: c.with_args("s3://bucket/q/")),
)
refused(
    "results as csv in a store",
    "U100",
    results,
    "s3://bucket/q.csv",
    then=done("name a folder (s3://bucket/q/)", lambda c: c.with_args("s3://bucket/q/")),
)
refused(
    "results to an address of Spark alone",
    "U100",
    results,
    "hdfs://node/q/",
    then=lambda c, e: [
        *given()(c, e),
        *done("or name a folder of this machine", lambda c: c.with_args(f"{HERE}/others/"))(c, e),
    ],
)
refused(
    "results where objects are",
    "U100",
    results,
    "s3://bucket/taken/",
    then=done("another name", lambda c: c.with_args("s3://bucket/q/")),
)
refused(
    "results to a store that does not answer",
    "D212",
    results,
    "s3://127.0.0.1/q/",
    then=done("check the address", lambda c: c.with_args("s3://bucket/q/")),
)


def _made_for(frame: pl.DataFrame, name: str) -> None:
    folder = (HERE / name).parent
    folder.mkdir()
    filed(frame, name)
    folder.rmdir()


ODD = pl.DataFrame({"a b": [1.5]})
for name, frame in {"name of a variable": ODD, "text": pl.DataFrame({"a": ["a" * 3000]})}.items():
    refused(
        f"{name} that Stata lacks",
        "U100",
        saved,
        frame,
        "out.dta",
        then=done(
            "write csv or parquet", lambda c: [c.with_args(c.args[0], f"out.{kind}") for kind in ("csv", "parquet")]
        ),
    )
refused(
    "whole number that Stata lacks",
    "U100",
    saved,
    pl.DataFrame({"a": [2**60]}),
    "out.dta",
    then=lambda c, e: (
        [c.with_args(c.args[0].cast(pl.String), "out.dta"), c.with_args(c.args[0], "out.parquet")]
        if e.remedy == "write it as text, or write parquet"
        else []
    ),
)


NESTED = pl.DataFrame({"a": [[1, 2], [3]], "x": [1, 2]})
refused(
    "list to write",
    "U100",
    saved,
    NESTED,
    "nested.csv",
    then=both(by("leave them out", NESTED.drop("a"), "nested.csv"), by("write parquet", NESTED, "nested.parquet")),
)
ZERO = pl.DataFrame({"a": ["x\0y", "z"]})
refused(
    "zero byte to write",
    "U100",
    saved,
    ZERO,
    "zero.csv",
    then=both(
        by("take it out", ZERO.with_columns(pl.col("a").str.replace("\0", "", literal=True)), "zero.csv"),
        by("write parquet", ZERO, "zero.parquet"),
    ),
)


def sheet_of(rows: int, name: str) -> None:
    """A frame that is longer than a sheet may be."""
    with patch("integrade.sources.writing.writers.SHEET_ROWS", rows - 1):
        write_table(pl.DataFrame({"a": [1.5] * rows}), HERE / name)


refused(
    "rows that a sheet lacks",
    "U100",
    sheet_of,
    9,
    "out.xlsx",
    then=done("csv, parquet or dta", lambda c: [c.with_args(9, f"out.{kind}") for kind in ("csv", "parquet", "dta")]),
)
refused(
    "text that a sheet lacks",
    "U100",
    saved,
    pl.DataFrame({"a": ["a" * 40_000]}),
    "out.xlsx",
    then=done("write csv or parquet", lambda c: [c.with_args(c.args[0], f"out.{kind}") for kind in ("csv", "parquet")]),
)


def of_many_rows(name: str) -> Any:
    """A file of text read as large ones are."""
    with patch.object(delimited, "SMALL", 4), patch.object(readers, "SMALL", 4):
        return read_table(FOLDER / name).polars()


def with_line_feeds(call: Call, error: IntegradeError) -> list[Call]:
    """The command that the remedy prints, typed."""
    subprocess.run(error.remedy.partition(": ")[2], shell=True, check=True, cwd=FOLDER)
    return [call.with_args("new.csv")]


(FOLDER / "old.csv").write_bytes(b"firm,year\rA,2004\rB,2005\r")
refused("old line ends", "D208", of_many_rows, "old.csv", then=with_line_feeds)
