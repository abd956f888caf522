"""Write tables to files in the format of the suffix; a file is complete or absent, never partly written."""

from __future__ import annotations

import datetime
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from integrade.engine.engines import Engine
from integrade.engine.frames import Frame, bring, collect, engine_of, enter, taken_on_spark, write_folder, write_parquet
from integrade.engine.sessions import first_line
from integrade.engine.stage import STORES, is_address, store_of
from integrade.engine.system import coded
from integrade.errors import Unreachable, UsageError, did_you_mean, option
from integrade.records.schema import TABLES
from plainwords.escaping import without_secrets
from rawcells import doors
from rawcells.bytes.encodings import utf8_named
from rawcells.scratch import scratch_folder
from rawcells.stopping import beside, temporary

if TYPE_CHECKING:
    import polars as pl

CREATED = datetime.datetime(2000, 1, 1)
"""Creation time written into workbooks, so that equal tables give equal files."""
SHEET_ROWS = 1_048_575
TEXT_COLUMNS = "integrade text columns:"
"""Prefix of the keyword in which a workbook lists its text columns, so that a code 101 is read back as text."""
LONG = 2_147_483_620
LABELLED = ("quality", "integration", "firms", "prices", "customs")
"""Canonical tables whose columns get a label in a .dta file."""
EXACT = 1 << 53
"""A double represents every whole number up to this one exactly."""
STATA_NAME = re.compile(r"[^\W\d]\w{0,31}")
STATA_WORDS = (
    "_all",
    "_b",
    "_coef",
    "_cons",
    "_n",
    "_N",
    "_pi",
    "_pred",
    "_rc",
    "_skip",
    "byte",
    "double",
    "float",
    "if",
    "in",
    "int",
    "long",
    "strL",
    "using",
    "with",
)
"""Reserved words of Stata; the words str1 to str2045 are reserved too."""
STATA_TEXT = 2045
STATA_LARGEST = 8.9884656743115e307
"""Largest real number in Stata; larger numbers are codes of missing values."""


def write_table(table: Any, path: str | Path) -> None:
    """Write a frame or a `Table` as .csv, .parquet, .dta (UTF-8, Stata 14 and later) or .xlsx.

    The name ``-`` writes csv to standard output.

    Reading the file gives the same table, and text stays text, because csv quotes it and a workbook lists its text
    columns. Canonical columns have their meaning and unit as labels in Stata.

    A name that ends with a slash (``quality/``) and an address (``s3://bucket/quality/``) mean a folder of Parquet
    files. Spark's workers write these files themselves. ``table:catalog.schema.quality`` means a table of Spark's
    catalogue.

    Missing values: empty in csv and xlsx, null in Parquet, ``.`` and empty text in Stata. The file appears under its
    name when it is complete. Raises `SystemRefusal` if the system refuses to write (no space, no permission). Raises
    `UsageError` for another suffix, for a folder that does not exist, and for a folder of results that exists already.
    Raises `UsageError` also for content that a format cannot hold: lists outside Parquet, a Stata name of more than 32
    characters, a sheet of more than 1,048,575 rows. In a store, any format but Parquet is refused.

    Example:
        >>> write_table(panel, "panel.dta")  # doctest: +SKIP
    """
    if str(path) == "-":
        rows = collect(enter(table))
        _require_cells(rows)
        _require_text(rows)
        with coded("standard output"):
            sys.stdout.buffer.write(rows.write_csv().encode("utf-8"))
            sys.stdout.buffer.flush()
        return
    if _is_folder(path):
        _require_free(str(path), engine_of(enter(table)))
        with coded(without_secrets(str(path))):
            write_folder(enter(table), str(path))
        return
    target = Path(path)
    with coded(target):
        writer, frame = _writer(target), enter(table)
        with temporary(beside(target, target.suffix)) as part:
            writer(frame, part)
            os.replace(part, target)


def check_target(path: str | Path, read: Sequence[str | Path] = (), engine: Engine = "auto") -> None:
    """Refuse, before any work is done, a path that `write_table` could not write or that is among ``read``.

    ``-`` is standard output. A file is also refused inside a folder or pattern that is read, because the next call
    would read it as data.
    """
    if str(path) == "-":
        return
    if _is_folder(path):
        _require_free(str(path), engine)
        return
    target = utf8_named(Path(path))
    _writer(target)
    for source in read:
        if target.resolve() == Path(source).resolve():
            raise UsageError(
                f"{target} is an input of this command and would be overwritten", remedy="give the result another name"
            )
        if _is_among(target.resolve(), Path(source).resolve()):
            raise UsageError(
                f"{target} would be read with the files of {source} the next time",
                remedy="give the result another folder, or name the files one by one",
            )


def _is_folder(path: str | Path) -> bool:
    """Return whether a name means a folder of Parquet files: it ends with a slash or is an address of a store."""
    return str(path).endswith("/") or is_address(str(path))


def _require_free(place: str, engine: Engine) -> None:
    """Refuse a folder of results that already has files, or that the engine cannot write.

    Raises `UsageError`, `NotShared`, and `Unreachable` for a store that does not answer.
    """
    shown = without_secrets(place)
    if is_address(place):
        _require_parquet_store(place, shown, engine)
    elif not Path(place).parent.is_dir():
        raise UsageError(f"the folder {Path(place).parent} does not exist", remedy="create it first")
    if engine == "spark":
        with coded(shown):
            taken = taken_on_spark(place)
    else:
        taken = _is_taken(place, shown) if is_address(place) else Path(place).exists()
    if taken:
        raise UsageError(f"{shown} exists", remedy="give the folder of results another name, or remove this one")


def _require_parquet_store(place: str, shown: str, engine: Engine) -> None:
    """Raise `UsageError` for an address that is not in a store, or that names a file."""
    scheme = place.partition(":")[0].lower()
    if scheme not in (*STORES, "az", "dbfs", "table"):
        remedy = f"name a folder or a file of this machine, or an address of {', '.join(STORES)}"
        raise UsageError(f"results cannot be written to {shown}", remedy=remedy)
    suffix = PurePosixPath(place).suffix.lower()
    if scheme != "table" and not place.endswith("/") and suffix in WRITERS and suffix != ".parquet":
        raise UsageError(
            f"{shown} is an address, and results at an address are folders of Parquet files",
            remedy=f"name a folder ({shown.removesuffix(suffix)}/), or write the {suffix} file on this machine",
        )
    if scheme in ("hdfs", "dbfs", "table") and engine != "spark":
        remedy = f"give {option('engine', 'spark')}, or name a folder of this machine"
        raise UsageError(f"only Spark writes to {shown}", remedy=remedy)


def _is_taken(place: str, shown: str) -> bool:
    """Return whether there are objects at an address of a store."""
    from pyarrow import fs

    try:
        system, path = store_of(place)
        below = fs.FileSelector(path.rstrip("/"), allow_not_found=True)
        return system.get_file_info(path.rstrip("/")).is_file or bool(system.get_file_info(below))
    except (OSError, ValueError) as problem:
        what = f"{shown} cannot be reached: {first_line(problem)}"
        raise Unreachable(
            what, remedy="check the address, the network and the credentials in the environment"
        ) from None


def _is_among(target: Path, read: Path) -> bool:
    """Return whether a file would be in a folder that is read, or would match a pattern that is read."""
    if read.is_file():
        return False
    if read.is_dir():
        return target.parent == read
    if "**" in read.parts:
        return fnmatch(str(target), str(read))
    alike = len(target.parts) == len(read.parts)
    return alike and all(fnmatch(part, pattern) for part, pattern in zip(target.parts, read.parts, strict=True))


def _writer(target: Path) -> Callable[[Frame, Path], None]:
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        raise UsageError(
            f"cannot write {target.name}: unknown suffix {target.suffix!r}", remedy=did_you_mean(target.suffix, WRITERS)
        )
    doors.regular(target)
    if not target.parent.is_dir():
        raise UsageError(f"the folder {target.parent} does not exist", remedy="create it first")
    if target.is_dir():
        raise UsageError(f"{target} is a folder", remedy="give the result another name")
    return writer


def _csv(rows: pl.DataFrame, path: Path) -> None:
    _require_text(rows)
    with path.open("wb") as file:
        file.write(rows.clear().write_csv().encode("utf-8"))
        rows.write_csv(file, include_header=False, quote_style="non_numeric")


def _require_cells(rows: pl.DataFrame) -> None:
    """Refuse columns of lists, records, bytes and durations, because only Parquet can hold them.

    Raises `UsageError`.
    """
    import polars as pl

    parquet_only = (pl.Binary, pl.Duration, pl.Object)
    wrong = [repr(name) for name, kind in rows.schema.items() if kind.is_nested() or kind in parquet_only]
    if wrong:
        raise UsageError(
            f"{', '.join(wrong)}: only Parquet can store columns of lists, records, bytes or lengths of time",
            remedy="leave them out, or write parquet",
        )


def _require_text(rows: pl.DataFrame) -> None:
    """Refuse text with a zero byte, because such a byte ends a text in csv and Stata. Raises `UsageError`."""
    import polars as pl

    texts = [name for name, kind in rows.schema.items() if kind in (pl.String, pl.Categorical, pl.Enum)]
    with_zero = (name for name in texts if rows[name].cast(pl.String).str.contains("\0", literal=True).any())
    wrong = next((name for name in rows.columns if "\0" in name), None) or next(with_zero, None)
    if wrong is not None:
        raise UsageError(
            f"column {wrong!r} contains a zero byte, which this format cannot store",
            remedy="take it out, or write parquet",
        )


def _parquet(frame: Frame, path: Path) -> None:
    write_parquet(frame, str(path))


def _dta(rows: pl.DataFrame, path: Path) -> None:
    import polars as pl
    import pyreadstat

    from integrade.sources.writing.stata_tables import require_whole, undate

    _require_text(rows)
    reserved = re.compile(rf"(?:{'|'.join(STATA_WORDS)}|str\d+)")
    wrong = [name for name in rows.columns if not STATA_NAME.fullmatch(name) or reserved.fullmatch(name)]
    if wrong:
        raise UsageError(
            f"{wrong[0]!r} cannot be the name of a Stata variable",
            remedy="letters, digits, _; at most 32, no digit first, no Stata word; rename it or write csv or parquet",
        )
    for name, kind in rows.schema.items():
        if kind == pl.String and (rows[name].str.len_bytes() > STATA_TEXT).any():
            raise UsageError(f"a text of column {name!r} is too long for Stata", remedy="write csv or parquet")
    labels: list[str | None] = [_label(name) for name in rows.columns]
    numbers = rows.with_columns(_stata_number(rows[n]) for n in rows.columns)
    pyreadstat.write_dta(numbers, str(path), version=14, column_labels=labels)
    require_whole(path)
    undate(path)


def _label(name: str) -> str:
    """Return the meaning and unit of a canonical column as Stata's variable label; empty for any other column."""
    matches = (c for table in LABELLED for c in TABLES[table].columns if c.name == name)
    column = next(matches, None)
    return f"{column.about} ({column.unit})"[:80] if column else ""


def _stata_number(column: pl.Series) -> pl.Series:
    """Cast whole numbers to Stata's long if they fit, else to double.

    Raises `UsageError` for whole numbers beyond 2^53, for real numbers beyond 8.988e307, and for infinite values.
    """
    import polars as pl

    if column.dtype == pl.Boolean:
        return column.cast(pl.Int8)
    if not column.dtype.is_numeric():
        return column
    whole = column.dtype.is_integer()
    ends: list[Any] = [column.min(), column.max()]
    largest = max((abs(v) for v in ends if v is not None and v == v), default=0)
    if largest > (EXACT if whole else STATA_LARGEST):
        raise UsageError(
            f"a number of column {column.name!r} is too large for Stata", remedy="write it as text, or write parquet"
        )
    if not whole:
        return column
    return column.cast(pl.Int32 if largest <= LONG else pl.Float64)


def _xlsx(rows: pl.DataFrame, path: Path) -> None:
    import polars as pl
    import xlsxwriter

    if rows.height > SHEET_ROWS:
        raise UsageError(f"{rows.height:,} rows do not fit into a sheet", remedy="write csv, parquet or dta")
    settings: dict[str, Any] = {"constant_memory": True, "tmpdir": str(scratch_folder())}
    settings |= {"nan_inf_to_errors": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), settings) as book:
        texts = [str(j) for j, kind in enumerate(rows.dtypes) if kind == pl.String]
        book.set_properties({"created": CREATED, "keywords": " ".join([TEXT_COLUMNS, *texts])})
        sheet = book.add_worksheet("table")
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for j, name in enumerate(rows.columns):
            sheet.write_string(0, j, name, bold)  # as text: a heading "=1+1" is not a formula
        for i, row in enumerate(rows.iter_rows(), 1):
            for j, value in enumerate(row):
                _cell(sheet, i, j, value)


def _cell(sheet: Any, i: int, j: int, value: object) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(i, j, value)
    elif isinstance(value, int | float):
        if value == value and abs(value) != float("inf"):
            sheet.write_number(i, j, value)
    elif value is not None and sheet.write_string(i, j, str(value)) != 0:
        raise UsageError(f"a text in row {i} is too long for a sheet", remedy="write csv or parquet")


def _whole(writer: Callable[[pl.DataFrame, Path], None]) -> Callable[[Frame, Path], None]:
    """Return a writer that first loads all rows into memory."""

    def write(frame: Frame, path: Path) -> None:
        rows = bring(frame, path.name)
        _require_cells(rows)
        writer(rows, path)

    return write


WRITERS: Mapping[str, Callable[[Frame, Path], None]] = {
    ".csv": _whole(_csv),
    ".parquet": _parquet,
    ".dta": _whole(_dta),
    ".xlsx": _whole(_xlsx),
}
