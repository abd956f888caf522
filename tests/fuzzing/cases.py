"""A case: from a seed and a number, always the same input of one target; and what may come of it.

The only outcomes that are allowed are a result and a coded error. Where the content of a file is known, what is read
equals it, or is refused, or what lacks is counted in the account (`known`); where the right answer is known, what comes
is that (`strict`).
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import random
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

import every_key
import integrade as ig
from fuzzing import documents, known, macros, seeds, strict
from integrade.cli import run
from integrade.errors import IntegradeError
from integrade.estimate.formula import parse_formula
from integrade.estimate.stepwise import expand
from integrade.sources import read_customs, read_firms, read_prices, read_table
from integrade.sources.cells import delimited
from integrade.sources.files.readers import reading
from integrade.sources.files.where import names_in, parse_where
from integrade.sources.files.workbooks import book_of, table_of
from tablecheck import LITERATURE, read_printed, review

Rng = random.Random
PIECES = tuple(
    piece.encode()
    for piece in (
        "0", "-1", "1e999", "9" * 30, "NaN", "inf", "", " ", "\t", "\n", "\r", '"', "'", "`", ",", ";", "|", "~", "^",
        "\0", "\x1b[31m", "\u202e", "\ufeff", "１２", "北京", "é", "[kg]", "[/b]", "<!--", "&amp;", "=1+1",
    "%s", "{}",
        "\\",
        "null", "true", "#REF!", "1,234", "1.234,5", "01/02/2010", "(", ")", "[", "]", "{", "}", "..", "/", "~/x",
    )
)  # fmt: skip
"""What is put into inputs beside random bytes."""
PROGRAM = f"{Path(ig.__file__).parent}{os.sep}"
IGNORED = (DeprecationWarning, PendingDeprecationWarning, ResourceWarning, ImportWarning)


@dataclass(frozen=True)
class Target:
    """A part of the program that takes what others wrote: what it is given, how often, and what is done with it."""

    weight: int
    make: Callable[[Rng], bytes]
    take: Callable[[bytes, Path], None]
    oracle: str
    """What an input is judged by, beside the code of a refusal."""
    reads: bool = False
    """Whether each input is a file that a reader takes."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case: ``kind`` is result, refused, traceback, warning or wrong; ``told`` the code or the place."""

    kind: str
    told: str
    text: str = ""


def mutated(rng: Rng, content: bytes, most: int = 12) -> bytes:
    """Content with a few changes of its bytes, half of them near the beginning, where headers are."""
    data = bytearray(content)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, most))):
        at = int((rng.random() if rng.random() < 0.5 else rng.random() ** 4) * (len(data) + 1))
        size = rng.randint(1, 8)
        match rng.randrange(8):
            case 0:
                data[at : at + size] = rng.randbytes(size)
            case 1 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 2:
                del data[at : at + size]
            case 3:
                data[at:at] = rng.randbytes(size)
            case 4 if rng.random() < 0.2:
                del data[at:]
            case 5:
                data[at:at] = data[at : at + rng.choice((8, 64, 512))]
            case 6:
                piece = rng.choice(PIECES)
                data[at : at + rng.choice((0, 0, len(piece)))] = piece
            case _:
                to = rng.randrange(len(data) + 1)
                data[at:at] = data[to : to + size * 4]
    return bytes(data)


def of_texts(texts: Sequence[str]) -> Callable[[Rng], bytes]:
    """A text of a list, often two spliced, changed a little."""

    def make(rng: Rng) -> bytes:
        first, second = rng.choice(texts).encode(), rng.choice(texts).encode()
        cut = rng.randrange(len(first) + 1)
        base = first[:cut] + second[rng.randrange(len(second) + 1) :] if rng.random() < 0.3 else first
        return mutated(rng, base, 4)

    return make


# --- readers: the first line of an input is the name of its file and the reader that takes it

READERS: Mapping[str, Callable[[Path], Any]] = {
    "table": read_table,
    "prices": read_prices,
    "customs": read_customs,
    "firms": read_firms,
}


def make_file(rng: Rng) -> bytes:
    """A valid or malformed file under its name, changed, and a reader."""
    name = rng.choice(tuple(seeds.WHOLE) if rng.random() < 0.8 else tuple(seeds.MALFORMED))
    while name.endswith("old.xls") and rng.random() < 0.95:  # each takes a process
        name = rng.choice(tuple(seeds.WHOLE))
    read = rng.choice(("table", "table", "prices", *READERS))
    content = seeds.files()[name]
    if len(content) > SMALL and rng.random() < 0.98:
        content = content[: rng.randint(1, SMALL)]
    return f"{name} {read}\n".encode() + mutated(rng, content)


SMALL = 1 << 14
"""Bytes of most inputs; larger ones are cut, but for one in fifty."""


def take_file(data: bytes, folder: Path) -> None:
    """Read it as what it may be."""
    name, _, content = data.partition(b"\n")
    file, _, read = name.decode().partition(" ")
    path = folder / f"damaged{''.join(Path(file).suffixes)}"
    path.write_bytes(content)
    READERS[read or "table"](path).polars()


# --- what stands first in every reader: the rows of text, the sheets of a workbook, without what becomes of them

TEXTS = tuple(
    name
    for name in (*seeds.WHOLE, *seeds.MALFORMED)
    if Path(name).suffix in (".csv", ".tsv") and name not in ("wide.csv", "long_field.csv")
)
BOOKS = tuple(
    name
    for name in (*seeds.WHOLE, *seeds.MALFORMED)
    if Path(name).suffix in (".xlsx", ".xls", ".html") and name != "old.xls"
)


def of_files(names: Sequence[str]) -> Callable[[Rng], bytes]:
    """One of some files under its name, the first part of it where it is large, changed."""

    def make(rng: Rng) -> bytes:
        name = rng.choice(names)
        content = seeds.files()[name]
        if len(content) > SMALL:
            content = content[: rng.randint(1, SMALL)]
        return name.encode() + b"\n" + mutated(rng, content)

    return make


def take_text(data: bytes, folder: Path) -> None:
    """The rows of a text file: every cell is one that Python's own reader finds there. Raises `known.Wrong`."""
    name, _, content = data.partition(b"\n")
    path = folder / f"rows{Path(name.decode()).suffix}"
    path.write_bytes(content)
    with reading([path]):
        file = delimited.open_text(path, None)
        rows, _, said = delimited.rows_of(file)
    with file.text.path.open(encoding="utf-8-sig", newline="") as opened:
        cells = {cell for row in csv.reader(opened, delimiter=file.separator) for cell in row}
    there = {_unquoted(cell) for cell in cells}
    for column in () if said else rows:  # rows with too few cells are told: quotes do not fit
        for cell in column.drop_nulls():
            if "\r" not in cell and _unquoted(cell) not in there:  # which is an end of lines for the other reader
                raise known.Wrong("cell", f"{cell!r} is not in {content[:500]!r}")


def _unquoted(cell: str) -> str:
    """A cell without quotes that do not fit, which readers leave out or keep."""
    return cell.replace('"', "").strip()


def take_book(data: bytes, folder: Path) -> None:
    """The sheets of a workbook or a page, and the table in them."""
    name, _, content = data.partition(b"\n")
    path = folder / f"book{Path(name.decode()).suffix}"
    path.write_bytes(content)
    with reading([path]):
        book = book_of(path, None)
        if book is not None and book.sheets:
            table_of(path, book.sheets, "prices")


# --- study files


@cache
def study_text() -> str:
    """The template of a study, which stands in a folder of the campaign."""
    from integrade.study.template import write_new

    folder = Path(os.environ["FUZZ_FOLDER"]) / "study"
    if not folder.exists():
        write_new(folder)
    return (folder / "study.toml").read_text(encoding="utf-8")


KEYS = (b"= -1", b"= 1e999", b"= []", b"= {}", b"= [[]]", b'= ""', b"= true", b"= 2005-01-01", b"= 9" + b"9" * 40,
        b'= "\\u0000"', b'= ["../../etc/passwd"]', b"= nan", b'= [1, "a"]', b'= "*"')  # fmt: skip


def make_study(rng: Rng) -> bytes:
    """The template with bytes changed, values replaced, lines left out or repeated; or in another encoding."""
    lines = study_text().encode().split(b"\n")
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(lines))
        match rng.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(rng.randrange(len(lines)), lines[at])
            case 2:
                key, equals, _ = lines[at].partition(b"=")
                lines[at] = key.lstrip(b"# ") + rng.choice(KEYS) if equals else lines[at]
            case 3:
                lines[at] = lines[at].removeprefix(b"# ")
            case 4:
                lines[at] = mutated(rng, lines[at], 3)
            case _:
                lines[at] = lines[at].replace(b"=", b"= " + b"[" * rng.choice((1, 5, 3000)), 1)
    text = b"\n".join(lines)
    if rng.random() < 0.05:
        with contextlib.suppress(UnicodeError):
            text = text.decode().encode(rng.choice(("gb18030", "utf-16", "utf-8-sig", "cp1252", "utf-32")))
    return mutated(rng, text, 3) if rng.random() < 0.3 else text


def take_study(data: bytes, folder: Path) -> None:
    """Check it beside the raw files of the template, without running it."""
    from integrade.study.reading import load
    from integrade.study.run import check_study

    study_text()
    root = Path(os.environ["FUZZ_FOLDER"]) / "study"
    file = root / f"{folder.name}.toml"
    file.write_bytes(data)
    try:
        if data.count(b"[") % 8 == 0:
            list(map(str, check_study(file)[0]))
        load(file)
    finally:
        file.unlink()


def make_keys(rng: Rng) -> bytes:
    """A small study in which several keys at a time have a value of any type and depth."""
    return every_key.toml(every_key.several_at_once(rng)).encode()


@cache
def small_study() -> Path:
    """The folder with the raw files of that study."""
    folder = Path(os.environ["FUZZ_FOLDER"]) / "keys"
    every_key.write_files(folder)
    return folder


def take_keys(data: bytes, folder: Path) -> None:
    """Check it, and plan its steps where nothing is refused."""
    from integrade.study.reading import load
    from integrade.study.rooms import build_steps
    from integrade.study.run import check_study

    file = small_study() / f"{folder.name}.toml"
    file.write_bytes(data)
    try:
        problems = check_study(file)[0]
        list(map(str, problems))
        study = load(file)
        if not problems:
            build_steps(study, file.parent, "polars")
    finally:
        file.unlink()


# --- the store and the runs of a finished study: the first line of an input is the path of the damaged file


@cache
def finished() -> Mapping[str, bytes]:
    """The files that a study wrote as it ran, by their paths; it stands in the folder of the campaign."""
    import studies

    root = Path(os.environ["FUZZ_FOLDER"]) / "finished"
    if not (root / "runs" / "latest").exists():
        studies.short(root)
    written = sorted(p for place in (".integrade", "runs") for p in (root / place).rglob("*") if p.is_file())
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in written if p.stat().st_size < 1 << 20}


def make_store(rng: Rng) -> bytes:
    """A file of the store or of a run, changed, cut to nothing, or with another one's content."""
    name = rng.choice(tuple(finished()))
    content = finished()[rng.choice(tuple(finished())) if rng.random() < 0.1 else name]
    return name.encode() + b"\n" + mutated(rng, content[: rng.choice((0, len(content), len(content), len(content)))])


STORED = (
    ["status"],
    ["show", "panel"],
    ["show", "table4"],
    ["explain", "table4.2.market"],
    ["diff", "latest", "latest"],
)
"""What is asked; all but `status`, which tells what is damaged, must say the same as of the whole study, or refuse."""


@cache
def _whole() -> tuple[str, ...]:
    root = Path(os.environ["FUZZ_FOLDER"]) / "finished"
    return tuple(_call([*words, str(root)]) for words in STORED)


def take_store(data: bytes, _: Path) -> None:
    """Ask the study for what it holds, with that file damaged. Raises `known.Wrong` for another answer than before."""
    name, _, content = data.partition(b"\n")
    root = Path(os.environ["FUZZ_FOLDER"]) / "finished"
    path, before, answers = root / name.decode(), finished()[name.decode()], _whole()
    path.write_bytes(content)
    try:
        for words, answer in zip(STORED, answers, strict=True):
            with contextlib.suppress(IntegradeError):
                if _call([*words, str(root)]) != answer and words != ["status"]:
                    raise known.Wrong(
                        f"{words[0]} of a damaged store", f"{name.decode()} is damaged, and {words} differs"
                    )
    finally:
        path.write_bytes(before)


# --- formulas and filters

PANEL = pl.DataFrame(
    {
        "firm": [f"F{i // 4}" for i in range(48)],
        "region": [f"R{i // 8}" for i in range(48)],
        "year": [2000 + i % 4 for i in range(48)],
        "y": [((7 * i) % 11) / 3 for i in range(48)],
        "x": [((5 * i) % 13) / 4 if i % 9 else None for i in range(48)],
        "w": [float((3 * i) % 7) for i in range(48)],
        "z": [((11 * i) % 17) - 4.5 for i in range(48)],
        "a b": [i % 5 for i in range(48)],
        "c": [1.0] * 48,
        "t": ["text"] * 48,
    }
)


def take_formula(data: bytes, _: Path) -> None:
    """Parse a formula; where it parses, estimate it."""
    text = data.decode("utf-8", errors="surrogateescape")
    parse_formula(expand(text)[0].text)
    str(ig.fit(PANEL, text, cluster="region"))


def take_filter(data: bytes, folder: Path) -> None:
    """Parse a filter, and keep the rows of a table in memory by it, in one of thirty cases those of a file."""
    text = data.decode("utf-8", errors="replace")
    names_in(text)
    if len(data) % 30 == 0:
        path = folder / "rows.csv"
        path.write_bytes(_rows())
        read_table(path, where=text).polars()
    else:
        frame = _filtered()
        nw.to_native(frame.filter(parse_where(text, dict(frame.collect_schema())))).collect()


@cache
def _filtered() -> Any:
    return nw.from_native(PANEL.rename({"y": "item"}).head(8).lazy())


@cache
def _rows() -> bytes:
    return PANEL.rename({"y": "item"}).write_csv().encode()


# --- printed tables


def take_printed(data: bytes, folder: Path) -> None:
    """Check a published table."""
    path = folder / "table.csv"
    path.write_bytes(data)
    str(review(read_printed([path]), checks=LITERATURE))


def make_document(rng: Rng) -> bytes:
    """A document with printed tables, damaged."""
    return documents.make(rng, mutated)


# --- the command line: words separated by zero bytes

WORDS = (
    "integration", "quality", "fit", "show", "list", "explain", "status", "diff", "check", "run", "audit", "clean",
    "tfp", "compare", "elasticity", "breaks", "decompose", "identify", "match", "export", "report", "doctor", "curve",
    "prices.csv", "customs.csv", "panel.csv", "firms.csv", "book.xlsx", "study", "nowhere", ".", "-", "--",
    "y ~ x | firm", "y ~ x + x^2 | region + year", "--out", "out.csv", "out.dta", "out.xlsx", "--json", "--quiet",
    "--cluster", "region", "--vcov", "CR3", "--weights", "t", "--where", "year > 2001", "--column", "region=firm",
    "--pad", "product=6", "firm=-1", "--encoding", "utf-16", "--decimal", ",", "--dates", "dmy", "--method",
    "krugman", "relative_price", "--basis", "link", "--sigma", "0", "-5", "nan", "--se", "jackknife", "--wild", "99",
    "-1", "--u-test", "x", "--lags", "1", "--split", "--by", "--engine", "duckdb", "polars", "--layout",
    "sheets=commodity", "--unit", "value=thousand", "--table", "table.csv", "--rows", "3", "--with", "gdp=firms.csv",
    "--sheet", "表", "--help", "--source", "baci", "--regions", "english", "--aggregates", "keep", "--countries",
    "iso3", "H1", "table4", "panel", "\x1b[31m", "北京", "a" * 300,
)  # fmt: skip
STARTS = (
    ("fit", "panel.csv", "y ~ x + x^2 | firm"),
    ("integration", "prices.csv", "--out", "out.csv", "--basis", "link"),
    ("quality", "customs.csv", "--out", "out.csv", "--sigma", "5"),
    ("show", "prices.csv"),
    ("audit", "--table", "table.csv"),
    ("clean", "firms.csv", "--out", "out.csv"),
    ("explain", "table4", "study"),
    ("check", "study"),
    (),
)


def make_call(rng: Rng) -> bytes:
    """A call that is right or nothing, with words put in, left out, exchanged or changed."""
    words = [w.encode() for w in rng.choice(STARTS)]
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(words) + 1)
        word = rng.choice(WORDS).encode()
        match rng.randrange(5):
            case 0 if words:
                words[at - 1] = mutated(rng, words[at - 1], 2).replace(b"\0", b"")
            case 1 if words:
                del words[at - 1]
            case 2 if words:
                words[at - 1] = word
            case _:
                words.insert(at, word)
    return b"\0".join(words)


def take_call(data: bytes, folder: Path) -> None:
    """Make the call in a folder of small files; what it says must be one of its own errors."""
    for name, text in _beside().items():
        (folder / name).write_bytes(text)
    words = [w.decode("utf-8", errors="surrogateescape") for w in data.split(b"\0")]
    words = ["list" if w in ("demo", "new") else w for w in words if not w.startswith("--plugin")]
    here = Path.cwd()
    os.chdir(folder)
    try:
        _call(words)
    finally:
        os.chdir(here)


def _call(words: Sequence[str]) -> str:
    """What a call of the command line prints. Raises `_Refused` with the code that it tells.

    Raises `AssertionError` where it fails and tells none.
    """
    said, heard = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(heard):
            code = run(list(words))
    except SystemExit as end:  # --help
        code = int(end.code or 0)
    if not code:
        return said.getvalue()
    lines = heard.getvalue().strip().split("\n")
    coded = next((line.split()[0] for line in lines if line[:1] in "UDES" and line[1:4].isdigit()), "")
    assert coded, f"no code is told: {lines[-1:]}"
    raise _Refused(coded)


class _Refused(IntegradeError):
    """A command that told the code of what it refuses."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@cache
def _beside() -> Mapping[str, bytes]:
    held = io.BytesIO()
    PANEL.write_csv(held)
    return {
        "prices.csv": seeds.ROWS.unique(["region", "year", "commodity"], maintain_order=True).write_csv().encode(),
        "customs.csv": seeds.CUSTOMS.encode(),
        "firms.csv": seeds.FIRMS.encode(),
        "panel.csv": held.getvalue(),
        "table.csv": seeds.PRINTED[0].encode(),
        "book.xlsx": seeds.book([["firm", "year"], ["F1", 2001]]),
    }


# --- frames of any kind given to functions: an input is a seed


def make_seed(rng: Rng) -> bytes:
    """What a frame is drawn from."""
    return str(rng.getrandbits(60)).encode()


TYPES: tuple[Any, ...] = (
    pl.Int8, pl.UInt64, pl.Int128, pl.Float32, pl.Float64, pl.Boolean, pl.String, pl.Categorical,
    pl.Date, pl.Datetime,
    pl.Time, pl.Duration, pl.Decimal(20, 3), pl.List(pl.Int64), pl.Struct({"a": pl.Int64}), pl.Binary, pl.Null,
    pl.Object, pl.Array(pl.Int64, 2), pl.Enum(["a", "b"]),
)  # fmt: skip


def column(rng: Rng, kind: Any, n: int) -> pl.Series:
    """A column of a type with extreme and missing values."""
    plain = [rng.choice((0, 1, 2, 3, None)) for _ in range(n)]
    match kind:
        case pl.String | pl.Categorical | pl.Enum():
            return pl.Series([None if v is None else "ab"[v % 2] for v in plain], dtype=kind)
        case pl.Float32 | pl.Float64:
            return pl.Series(
                [rng.choice((0.0, -1.5, 1e308, float("nan"), float("inf"), 2.0, None)) for _ in plain], dtype=kind
            )
        case pl.List() | pl.Array():
            return pl.Series([None if v is None else [v, v] for v in plain], dtype=kind)
        case pl.Struct():
            return pl.Series([None if v is None else {"a": v} for v in plain], dtype=kind)
        case pl.Binary:
            return pl.Series([None if v is None else bytes([v]) for v in plain], dtype=kind)
        case pl.Null:
            return pl.Series([None] * n)
        case pl.Object:
            return pl.Series([object() for _ in plain], dtype=kind)
        case _:
            return pl.Series(plain, dtype=pl.Int64).cast(kind, strict=False)


def take_frame(data: bytes, _: Path) -> None:
    """A right table with one or two columns of another type, given to a function that takes it."""
    rng = random.Random(int(data or b"0"))
    what = rng.randrange(6)
    if what == 0:
        prices = seeds.ROWS.unique(["region", "year", "commodity"], maintain_order=True)
        ig.relative_price(_odd(rng, prices), basis="link")
    elif what == 1:
        ig.demand_residual(
            _odd(rng, pl.read_csv(seeds.CUSTOMS.encode(), schema_overrides={"product": pl.String})), sigma=5
        )
    elif what == 2:
        str(ig.describe(_odd(rng, PANEL), ["y", rng.choice(PANEL.columns)]))
    elif what == 3:
        options = {k: rng.choice((*PANEL.columns, -1, None, "")) for k in ("weights", "cluster") if rng.random() < 0.5}
        str(ig.fit(_odd(rng, PANEL), rng.choice(seeds.FORMULAS[:6]), **options))
    elif what == 4:
        ig.assemble(_odd(rng, pl.read_csv(seeds.FIRMS.encode())))
    else:
        ig.u_test(ig.fit(_odd(rng, PANEL), "y ~ x + x^2 | region"), "x")


def _odd(rng: Rng, frame: pl.DataFrame) -> pl.DataFrame:
    for name in rng.sample(frame.columns, rng.randint(0, 2)):
        frame = frame.with_columns(column(rng, rng.choice(TYPES), frame.height).alias(name))
    return frame.head(rng.choice((0, 1, 2, frame.height, frame.height)))


def take_known(data: bytes, folder: Path) -> None:
    """A file whose content is known: what is read is that, or refused, or counted."""
    known.compare(random.Random(int(data or b"0")), folder)


def take_written(data: bytes, folder: Path) -> None:
    """A table written and read again is the same, or refused."""
    known.write_and_read(random.Random(int(data or b"0")), folder)


def strictly(check: Callable[[Rng], None]) -> Callable[[bytes, Path], None]:
    """A part whose input is a seed, and whose right answer is known."""
    return lambda data, _: check(random.Random(int(data or b"0")))


def strictly_in(check: Callable[[Rng, Path], None]) -> Callable[[bytes, Path], None]:
    """The same, with a folder for what it writes."""
    return lambda data, folder: check(random.Random(int(data or b"0")), folder)


NEITHER = "no traceback, warning, hang, abort or gigabyte"
TARGETS: Mapping[str, Target] = {
    "files": Target(30, make_file, take_file, NEITHER, reads=True),
    "texts": Target(80, of_files(TEXTS), take_text, "cells that Python's own reader finds", reads=True),
    "books": Target(80, of_files(BOOKS), take_book, NEITHER, reads=True),
    "cells": Target(18, make_seed, strictly_in(known.cells), "one of the meanings, refused or counted", reads=True),
    "written": Target(10, make_seed, take_written, "reads back the same", reads=True),
    "known": Target(3, make_seed, take_known, "every cell as written, refused or counted", reads=True),
    "claims": Target(4, make_seed, strictly_in(known.claims), "bounded by bytes, what is written stands", reads=True),
    "study": Target(8, make_study, take_study, NEITHER),
    "keys": Target(4, make_keys, take_keys, NEITHER),
    "store": Target(1, make_store, take_store, "shows what the whole study shows, or refuses"),
    "formula": Target(60, of_texts(seeds.FORMULAS), take_formula, NEITHER),
    "where": Target(50, of_texts(seeds.FILTERS), take_filter, NEITHER),
    "printed": Target(100, of_texts(seeds.PRINTED), take_printed, NEITHER),
    "documents": Target(8, make_document, documents.take, f"{NEITHER}; rectangles, JSON"),
    "macros": Target(8, make_seed, strictly_in(macros.macros), "bounded by tokens; an own expansion"),
    "calls": Target(6, make_call, take_call, "a code is told"),
    "frames": Target(12, make_seed, take_frame, NEITHER),
    "filters": Target(60, make_seed, strictly(strict.filters), "an own evaluation, row by row"),
    "formulas": Target(160, make_seed, strictly(strict.formulas), "the terms that it was written from"),
    "numbers": Target(300, make_seed, strictly(strict.numbers), "the value; no digit lost or invented"),
    "periods": Target(160, make_seed, strictly(strict.periods), "the period; days of the calendar"),
    "escapes": Target(240, make_seed, strictly(strict.escapes), "decoded again by the rules of the place"),
    "secrets": Target(80, make_seed, strictly(strict.secrets), "nothing of a secret, all of the rest"),
    "seals": Target(100, make_seed, strictly_in(strict.seals), "altered is found, or says the same"),
    "settings": Target(100, make_seed, strictly(strict.settings), "values, and the line of each key"),
    "options": Target(100, make_seed, strictly(strict.options), "taken as given, choices kept"),
    "names": Target(78, make_seed, strictly(strict.names), "plain, unique, kept"),
    "honest": Target(40, make_seed, strictly_in(strict.honest), "read as printed, nothing contradicts itself"),
}
_DRAWN = tuple(name for name, one in TARGETS.items() for _ in range(one.weight))


def prepare(only: str = "") -> None:
    """What cases share and must be whole before a process is watched."""
    study_text()
    if only in ("", "store"):
        finished()


def case(seed: int, number: int, only: str = "") -> tuple[str, bytes]:
    """The target and the input of a case."""
    rng = random.Random(f"{seed}:{number}")
    name = rng.choice(_DRAWN)
    name = only or name
    return name, TARGETS[name].make(rng)


def outcome(name: str, data: bytes, folder: Path) -> Outcome:
    """What comes of an input."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = _outcome(name, data, folder)
    raw = [one for one in heard if not issubclass(one.category, IGNORED)]
    if raw and found.kind in ("result", "refused"):
        return Outcome(
            "warning", f"{raw[0].category.__name__} at {_short(raw[0].filename)}:{raw[0].lineno}", str(raw[0].message)
        )
    return found


def _outcome(name: str, data: bytes, folder: Path) -> Outcome:
    try:
        TARGETS[name].take(data, folder)
    except IntegradeError as told:
        return Outcome("refused", told.code)
    except known.Wrong as wrong:
        return Outcome("wrong", wrong.kind, str(wrong))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # a panic of an engine is no Exception
        frames = [f for f in traceback.extract_tb(problem.__traceback__) if f.filename.startswith(PROGRAM)]
        at = f"{_short(frames[-1].filename)}:{frames[-1].name}" if frames else "outside"
        return Outcome(
            "traceback", f"{type(problem).__name__} at {at}", "".join(traceback.format_exception(problem))[-2000:]
        )
    return Outcome("result", "")


def _short(path: str) -> str:
    return path.rpartition("/integrade/")[2] or path.rpartition("/site-packages/")[2] or Path(path).name
