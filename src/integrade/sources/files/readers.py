"""Read raw files of any supported format into one table.

The suffix gives the format and the first bytes check it: csv, tsv, txt, dat (also .gz), dta, xls, xlsx, html, parquet.
A table of a database, or a file behind a URL, is given by its address (`integrade.sources.origins.addresses`).
Several files are stacked in the order of their names. A column that a file lacks has missing values in the rows of that
file. A column whose type differs between files becomes text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import narwhals as nw

from integrade.engine.frames import (
    Engine,
    Frame,
    Running,
    Table,
    choose_engine,
    collect,
    on_engine,
    require_engine,
    require_stage,
    scan_parquet,
    time_zones,
)
from integrade.engine.system import refusal_of
from integrade.errors import (
    AmbiguousDate,
    EmptyTable,
    HalfMonths,
    IntegradeError,
    NotADate,
    NothingKept,
    Problems,
    UnknownColumn,
    Unreadable,
    UsageError,
    counted,
    did_you_mean,
    laid_as,
    option,
)
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import TABLES
from integrade.sources.cells import delimited, stata
from integrade.sources.cells.names_by_letters import by_letters
from integrade.sources.cells.plain import Plain, of_all
from integrade.sources.files import by_format, databases, objects, workbooks
from integrade.sources.files.by_recipe import columns_of, follow, summed, with_made
from integrade.sources.files.hive import Own, in_same_folders, scan_partitions, with_folders
from integrade.sources.files.one_by_one import partly_missing, require_everywhere
from integrade.sources.files.reading import Reading
from integrade.sources.files.selection import File, Paths, find
from integrade.sources.files.where import names_in, parse_where
from integrade.sources.layout import names_across
from integrade.sources.layout.crosstab import layout_of
from integrade.sources.layout.roles import PLACES, VALUES, check_layout
from integrade.sources.layout.stacking import narrowed, stack, texts_of
from integrade.sources.meaning.dating import dated
from integrade.sources.meaning.decimals import number_columns, refuse_doubtful, settled, written_plainly
from integrade.sources.meaning.periods import period_in_name
from integrade.sources.meaning.printed_numbers import dressed_cells
from integrade.sources.meaning.recipe import Recipe, find_recipe
from integrade.sources.meaning.stated import Stated, of_all_files, stated_units, unit_of_titles, units_of_recipe
from integrade.sources.meaning.synonyms import COLUMNS, aliases_of, canonical, rename
from integrade.sources.origins.addresses import Address
from integrade.sources.origins.zones import check_zones
from plainwords.account import Account, Entry, keep_for_errors
from plainwords.escaping import without_secrets
from plainwords.texts import say
from rawcells import doors
from rawcells.bytes import formats
from rawcells.bytes.bounds import CELLS_OF_BYTE, MOST_CELLS, check_cells, check_columns, check_digits
from rawcells.bytes.contents import check_kind, kind_at, remedy_for
from rawcells.bytes.encodings import SMALL, spool
from rawcells.cells.grid import Sheet

if TYPE_CHECKING:
    import polars as pl

Layout: TypeAlias = Callable[[Path, Sequence[Sheet]], "tuple[pl.DataFrame, list[Entry]] | names_across.Found | None"]
SNIFFED = 1 << 12
"""Number of first bytes used to decide whether a file of unknown suffix is text (4 KiB, a convention)."""
TYPED = (*formats.TYPED, ".sql")
HEAD = 400
"""Number of rows at the top of a file that are searched for periods or names across the columns (a convention)."""
MOST_SPREAD = 1 << 23
"""A typed file (Parquet, Stata) of at most this many cells is checked for periods or names across the columns.

A larger file is read as a plain table. The limit keeps the reshaping in memory; its value is a convention.
"""


class Part(NamedTuple):
    """Rows of one file, or of several Parquet files of one schema, under the column names of the file.

    ``laid_out``: the rows come from a statistical layout, whose headings are not column names. ``texts``: columns that
    the file declares as text. ``printed``: numbers may be stored as text. ``doubtful``: the separator is not a comma,
    so commas inside cells may be decimal marks. ``narrow``: columns that the file stores as 32-bit floats and that are
    64-bit here. ``mapping``: the name that integrade gives to each column, as found from the layout. ``plain``: text
    columns that hold only plain numbers. ``ascii``: all texts are known to be ASCII. ``far``: the rows are fetched only
    when they are used. ``labels``: descriptions that the file gives its columns in addition to their names. ``unsure``:
    columns of numbers that contain a text in which a point or comma may separate thousands or decimals.
    """

    source: str
    frame: Frame
    notes: tuple[Entry, ...]
    laid_out: bool = False
    texts: tuple[str, ...] = ()
    printed: bool = False
    doubtful: bool = False
    narrow: tuple[str, ...] = ()
    mapping: Mapping[str, str] = {}
    plain: Mapping[str, Plain] = {}
    ascii: bool = False
    far: bool = False
    labels: Mapping[str, str] = {}
    unsure: Mapping[str, str] = {}


@keywords(Reading)
def read_raw(
    paths: Paths,
    *,
    engine: Engine = "auto",
    options: Reading | None = None,
    table: str = "table",
    layout: Layout | None = None,
    **changes: Any,
) -> Table:
    """Read files into one table, with columns renamed and rows filtered.

    Columns keep the types of the files; in text files every column is text.

    Missing values: empty cells are missing. Only the rows that ``where`` excludes are dropped, and they are counted.
    ``layout`` turns sheets that are not plain tables into rows (`yearbook`). Raises `FileMissing`, `Unreadable`,
    `EmptyTable`, `UnknownColumn`, `BadFormula`.
    """
    files = find(paths)
    read = read_with_texts(files.files, engine, choose(Reading, options, changes), table, layout).table
    return replace(read, account=Account(files.left) + read.account)


class Raw(NamedTuple):
    """Result of `read_with_texts`: the table of `read_raw` and what the files declare about its columns.

    ``texts``: columns that are declared as text by every file that has them. ``units``: the units that the files state.
    ``plain``: text columns that hold only plain numbers.
    """

    table: Table
    texts: tuple[str, ...]
    units: Mapping[str, Stated]
    plain: Mapping[str, Plain]


def read_with_texts(
    files: Sequence[File],
    engine: Engine,
    chosen: Reading,
    table: str,
    layout: Layout | None = None,
    *,
    others: bool = False,
) -> Raw:
    """Read files as `read_raw` does, and also return what the files declare about the columns.

    ``others``: columns that the table does not define may hold numbers too.
    """
    require_engine(engine)
    with reading(files, chosen.sheet):
        running, why = choose_engine(engine, sum(_cells(path, table) for path in files) if engine == "auto" else 0)
        check_layout(chosen.layout, table)
        recipe = find_recipe(chosen.source, table)
        dates = chosen.dates or (recipe.dates if recipe else None)
        usual = layout_of(recipe, layout or _usual(table, chosen), dates)
        told_parts = (_with_constants(part, chosen.layout) for part in _parts(files, running, chosen, usual, table))
        parts = [_by_letters(part, chosen, table) for part in told_parts]
        frame, entries, units, known = _combine(parts, chosen, table, others=others)
    notes = [Entry("read", table, "note", why, 0)] if why else []
    notes += [note for part in parts for note in part.notes]
    text_columns = [{chosen.columns.get(n, n) for n in part.texts} for part in parts]
    texts = tuple(sorted(set.intersection(*text_columns))) if text_columns else ()
    keep_for_errors(notes + entries)
    return Raw(Table(table, nw.to_native(frame), Account(tuple(notes + entries))), texts, units, known)


def _usual(table: str, options: Reading) -> Layout | None:
    """Return the function that turns sheets with periods or names across into rows; None if the table is not known."""
    if table not in TABLES:
        return None
    return lambda path, sheets: names_across.read_spread(
        path, sheets, table, options.columns, options.layout, options.aggregates
    )


def told_columns(layout: Mapping[str, str]) -> list[str]:
    """Return the columns that ``layout`` adds to every file: constant columns, and the one filled from file names."""
    named = [layout["files"]] if "files" in layout else []
    return [*(key for key in layout if key not in PLACES and key != VALUES), *named]


def _with_constants(part: Part, layout: Mapping[str, str]) -> Part:
    """Add the columns that ``layout`` sets to a constant or to the file's name. Raises `UsageError`, `Unreadable`."""
    files, new_columns = layout.get("files"), told_columns(layout)
    names = part.frame.collect_schema().names() if new_columns else []
    new = [key for key in new_columns if key not in names]
    constants = [nw.lit(_of_name(part.source, key) if key == files else layout[key]).alias(key) for key in new]
    return part._replace(frame=part.frame.with_columns(*constants)) if constants else part


def _by_letters(part: Part, options: Reading, table: str) -> Part:
    """Decode the names in text columns by their letters (`lettering`), except in columns of numbers.

    In customs records from typed files, the long columns of firms and products hold codes and are not checked. If the
    rows are still to be fetched, only columns that the table defines are checked.
    """
    kinds = {} if part.ascii or table == "headings" else dict(part.frame.collect_schema())
    texts = [n for n, kind in kinds.items() if kind == nw.String and n not in part.plain]
    mapping = {old: new for old, new in {**part.mapping, **options.columns}.items() if old in kinds}
    kept = rename(list(kinds), mapping, table)[0]
    left = {c.name for c in TABLES[table].columns if c.kind != "text"} if table in TABLES else set[str]()
    left |= {"firm", "product"} if table == "customs" and not part.printed else set()
    looked = [n for n in texts if kept.get(n, n) not in left and (not part.far or kept.get(n, n) in texts_of(table))]
    names = {n for n in looked if kept.get(n, n) in texts_of(table)}
    frame, notes = by_letters(part.frame, looked, part.source, names)
    return part._replace(frame=frame, notes=(*part.notes, *notes)) if notes else part


def _of_name(source: str, role: str) -> str:
    stem = source.split(".")[0]
    if role != "year":
        return stem
    named = period_in_name(stem)
    if not named:
        raise Unreadable(
            f"the name of {source} does not contain exactly one year",
            where=source,
            remedy=f"name the file after its year, or {laid_as({'year': 'YEAR'})}",
        )
    return named


def kind_of(path: File) -> str:
    """Return the suffix that decides the format, without .gz.

    A text file with columns and an unknown suffix counts as .txt.

    Raises `UsageError` for any other file of unknown suffix. Raises `Unreadable` if the first bytes of a file belong to
    another format.
    """
    if isinstance(path, Address):
        return path.suffix
    last = _suffix(path)
    if last not in formats.SUFFIXES:
        if has_columns(path):
            return ".txt"
        near, content = did_you_mean(last, formats.SUFFIXES), kind_at(path)
        if content is None or any(f"did you mean {suffix!r}" in near for suffix in content.read_as):
            what, remedy = f"{path.name}: unknown kind of file {last!r}", near
        else:
            what, remedy = f"{path.name} is {content.says}", remedy_for(path, content)
        raise UsageError(what, where=str(path), remedy=remedy, file=path.name)
    check_kind(path, last)
    return last


def _suffix(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes]
    return suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else "".join(suffixes[-1:])


def has_columns(path: Path) -> bool:
    """Return whether a file is text whose first line has a separator: no zero byte, no HTML, XML or JSON."""
    with doors.open_bytes(path) as file:
        head = file.read(SNIFFED)
    first = head.lstrip().partition(b"\n")[0]
    return b"\0" not in head and first[:1] not in b"<{[%" and any(s.encode() in first for s in delimited.SEPARATORS)


@contextmanager
def reading(files: Sequence[File], sheet: str | None = None) -> Iterator[None]:
    """Turn engine errors about damaged files into `Unreadable`, which names the file and the row.

    ``sheet``: the sheet that the user chose, if any.
    """
    import duckdb
    import narwhals.exceptions
    import polars.exceptions

    damage = (
        polars.exceptions.PolarsError,
        narwhals.exceptions.NarwhalsError,
        duckdb.Error,
        OSError,
        EOFError,
        MemoryError,
        UnicodeDecodeError,
        polars.exceptions.PanicException,
    )
    try:
        yield
    except IntegradeError as problem:
        locate(problem, files, sheet)
        raise
    except polars.exceptions.NoDataError as problem:
        where = ", ".join(map(str, files[:3]))
        raise EmptyTable(
            f"no data: {problem}", where=where, remedy="give a file whose first row has the column names"
        ) from None
    except damage as problem:
        refused = refusal_of(problem, temporary=True)
        if refused is not None:
            locate(refused, files, sheet)
            raise refused from None
        name, why = _culprit(files)
        lines = str(problem).strip().splitlines() or [type(problem).__name__]
        raise Unreadable(
            f"{name} cannot be read: {why or lines[0]}",
            where=", ".join(str(f) for f in files[:3]),
            remedy="correct that row" if why else "the file is damaged or cut short: fetch or write it again",
        ) from None


def locate(problem: IntegradeError, files: Sequence[File], chosen: str | None = None) -> None:
    """Add the file names, and the sheet that was read, to a problem that does not have a location yet."""
    for unlocated in problem.problems if isinstance(problem, Problems) else (problem,):
        if not unlocated.where:
            more = f" and {len(files) - 3:,} more" if len(files) > 3 else ""
            sheet = workbooks.read_sheet(files[0], chosen) if len(files) == 1 else ""
            unlocated.where = ", ".join(str(f) for f in files[:3]) + more + sheet
        elif unlocated.exit_code == 1 and len(files) == 1 and str(files[0]) not in unlocated.where:
            unlocated.where = f"{files[0]}, {unlocated.where}"


def _culprit(files: Sequence[File]) -> tuple[str, str]:
    """Return the text file that cannot be read, and the reason: a row with too many cells, or unmatched quotes."""
    for path in files:
        if isinstance(path, Path) and kind_of(path) in formats.TEXT.suffixes:
            try:
                why = delimited.flawed_row(delimited.open_text(path, None))
            except Unreadable:  # the bytes determine no encoding
                continue
            if why:
                return path.name, why
    return (files[0].name if len(files) == 1 else f"one of {len(files)} files"), ""


def _cells(path: File, table: str) -> int:
    """Estimate how many cells a file, or all objects of an address, have in the columns of their table."""
    most = len(TABLES[table].columns) if table in TABLES and not TABLES[table].keep_other else 1 << 10
    if isinstance(path, Address):
        return objects.count_cells(path, most) if path.kind == "object" else databases.count_cells(path, most)
    if kind_of(path) != ".parquet":
        return path.stat().st_size // 8
    import polars as pl

    check_zones(path)
    columns = min(most, len(_kinds_of_parquet(path)))
    return int(pl.scan_parquet(doors.regular(path), glob=False).select(pl.len()).collect().item()) * columns


def _parts(
    files: Sequence[File], engine: Running, options: Reading, layout: Layout | None, table: str
) -> Iterator[Part]:
    """Yield the rows of each file or address; Parquet files of one schema are scanned together."""
    parquet = [f for f in files if isinstance(f, Path) and kind_of(f) == ".parquet"]
    for file in parquet:
        _check_parquet(file)
    if len(parquet) == len(files) and "files" not in options.layout:
        yield from _parquet_parts(parquet, engine, options, layout, table)
        return
    names = Own(table, options.columns)
    for path in files:
        if isinstance(path, Address) and path.kind == "object":
            frame = objects.scan_object(path, engine, names)
            left = [] if engine == "spark" else objects.left_in(path)
            warning = say("sources.left-objects", n=len(left))
            notes = [Entry("read", path.name, "warning", warning, 0, without_secrets(left[0]))] if left else []
            yield Part(path.name, frame, tuple(notes), far=True)
        elif isinstance(path, Address):
            frame, notes = databases.scan_where(path, engine, options.where)
            yield Part(path.name, frame, tuple(notes), far=True)
        else:
            part = _part_of_file(path, engine, options, layout, table)
            yield part._replace(frame=with_folders(part.frame, path, names))


def _part_of_file(path: Path, engine: Running, options: Reading, layout: Layout | None, table: str) -> Part:
    form = formats.of(kind_of(path)) or formats.TEXT
    part: Part = by_format.function(form.part)(path, engine, options, layout, table)
    return part


def parquet_part(path: Path, engine: Running, options: Reading, layout: Layout | None, table: str) -> Part:
    """Return the rows of a Parquet file."""
    frame = scan_parquet([str(path)], engine)
    laid = _spread_part(path, frame, (), engine, options, layout, table)
    return laid or Part(path.name, frame, _zone_notes(path))


def stata_part(path: Path, engine: Running, options: Reading, layout: Layout | None, table: str) -> Part:
    """Return the rows of a Stata file."""
    frame, notes = stata.read_stata(path, options.encoding, engine, labels=options.labels == "text")
    if laid := _spread_part(path, frame, notes, engine, options, layout, table):
        return laid
    narrow, labels = stata.narrow(path, options.encoding), stata.labels_of(path, options.encoding)
    return Part(path.name, frame, tuple(notes), narrow=narrow, labels=labels)


def text_part(path: Path, engine: Running, options: Reading, layout: Layout | None, table: str) -> Part:
    """Return the rows of a text file, with a note if only its content shows that it is one."""
    part = _text_part(path, engine, options, layout, table)
    if _suffix(path) in formats.SUFFIXES:
        return part
    note = Entry("read", path.name, "note", say("sources.text-by-content"), 0)
    return part._replace(notes=(note, *part.notes))


def _kinds_of_parquet(path: Path) -> dict[str, pl.DataType]:
    """Return the columns of a Parquet file with their types. Raises `Unreadable` for two columns of one name."""
    import polars as pl

    try:
        return dict(pl.scan_parquet(doors.regular(path), glob=False).collect_schema())
    except pl.exceptions.DuplicateError as problem:
        name = next(iter(re.findall(r"'(.*)'", str(problem))), "")
        raise Unreadable(
            f"{path.name} has two columns called {name!r}",
            where=str(path),
            remedy="write it again with another name for one of them (in Python: pyarrow.Table.rename_columns)",
        ) from None


def _check_parquet(path: Path) -> None:
    """Refuse a Parquet file that is too large, has no column, or has an unknown time zone.

    A file is too large if it has far more cells than bytes, because a column of one value takes few bytes. Raises
    `Unreadable`, `EmptyTable`.
    """
    import polars as pl

    with reading([path]):
        check_zones(path)
        kinds = _kinds_of_parquet(path)
        names = list(kinds)
        if not names:
            raise EmptyTable(f"{path.name} has no column", remedy="write it again with its columns")
        check_columns(path, names)
        check_digits(path, {name: kind.precision for name, kind in kinds.items() if isinstance(kind, pl.Decimal)})
        rows = int(pl.scan_parquet(doors.regular(path), glob=False).select(pl.len()).collect().item())
    check_cells(path, rows, len(names), max(MOST_CELLS, CELLS_OF_BYTE * path.stat().st_size))


def _parquet_parts(
    files: Sequence[Path], engine: Running, options: Reading, layout: Layout | None, table: str
) -> Iterator[Part]:
    """Scan Parquet files of one schema together if the folders above them have the same names.

    Other files, and files with periods or names across, are read one at a time.
    """
    column_names = Own(table, options.columns)
    for same in in_same_folders(files, lambda path: repr(_kinds_of_parquet(path))):
        if _is_spread(scan_parquet([str(same[0])], engine), same[0], options, layout, table):
            for path in same:
                part = _part_of_file(path, engine, options, layout, table)
                yield part._replace(frame=with_folders(part.frame, path, column_names))
            continue
        name = same[0].name if len(same) == 1 else f"{len(same)} files like {same[0].name}"
        yield Part(name, scan_partitions(same, engine, column_names), _zone_notes(same[0]))


def _zone_notes(path: Path) -> tuple[Entry, ...]:
    """Return one note for each column of a Parquet file whose times have a time zone."""
    reasons = [say("sources.times-in-zone", column=repr(name), zone=zone) for name, zone in time_zones(path).items()]
    return tuple(Entry("read", path.name, "note", reason, 0) for reason in reasons)


def _spread_part(
    path: Path,
    frame: Frame,
    notes: Sequence[Entry],
    engine: Running,
    options: Reading,
    layout: Layout | None,
    table: str,
) -> Part | None:
    """Turn a typed file (Parquet, Stata) with periods or names across into rows.

    Returns None for a plain table and for a file of more than `MOST_SPREAD` cells.
    """
    if layout is None or not _is_spread(frame, path, options, layout, table):
        return None
    names = frame.collect_schema().names()
    with reading([path]):
        whole = collect(frame.head(MOST_SPREAD // len(names) + 1))
    if whole.height * len(names) > MOST_SPREAD:
        return None
    laid = _laid_out(path, [Sheet("", [list(names), *map(list, whole.rows())])], layout, options)
    return _laid_part(path, laid, engine, notes) if laid else None


def _is_spread(frame: Frame, path: Path, options: Reading, layout: Layout | None, table: str) -> bool:
    """Return whether the first rows of a typed file have periods or names across. Raises `UnclearLayout`."""
    if layout is None or options.source or table not in TABLES:
        return False
    with reading([path]):
        head = Sheet("", [list(frame.collect_schema().names()), *map(list, collect(frame.head(HEAD)).rows())])
    return names_across.find(path, [head], table, options.columns, options.layout, whole=False) is not None


def _text_part(path: Path, engine: Running, options: Reading, layout: Layout | None, table: str) -> Part:
    file = delimited.open_text(path, options.encoding)
    small = _is_small(file)
    doubtful = file.separator != ","
    if layout and small and (table == "prices" or options.source or spread_head(file, options, table)):
        rows_laid = _laid_out(path, [delimited.as_sheet(file)], layout, options, doubtful=doubtful)
        if rows_laid:
            part = _laid_part(path, rows_laid, engine, file.notes)
            return part._replace(doubtful=doubtful)
    elif layout and not small and not options.source and (laid := spread_head(file, options, table)):
        return _large_part(path, file, laid, engine, options)._replace(doubtful=doubtful)
    if small:
        rows, known, more = delimited.rows_of(file)
        frame, plain_ascii = on_engine(rows, engine), False
    else:
        require_stage(engine, path.name)
        file, (parts, known, more, plain_ascii) = _through_parquet(file)
        frame = scan_parquet(parts, engine)
    part = Part(path.name, frame, (*file.notes, *more), texts=file.texts, printed=True, doubtful=doubtful, plain=known)
    return part._replace(ascii=plain_ascii)


def _through_parquet(file: delimited.Delimited) -> tuple[delimited.Delimited, delimited.Streamed]:
    """Convert a large text file to Parquet.

    If a byte beyond the sample does not fit the detected encoding, the file is read as latin-1, which decodes every
    byte.
    """
    try:
        return file, delimited.to_parquet(file)
    except UnicodeDecodeError:
        again = delimited.reopened(file)
        return again, delimited.to_parquet(again)


def spread_head(file: delimited.Delimited, options: Reading, table: str) -> names_across.Laid | None:
    """Find the layout from the first rows of a text file; None if it has no periods or names across.

    Years alone in a row are read in small files only, which are in memory as a whole.
    """
    head = settled([delimited.head_of(file, HEAD)], options.decimal, doubtful=file.separator != ",")
    small = _is_small(file)
    return names_across.find(file.path, head.sheets, table, options.columns, options.layout, whole=small)


def _is_small(file: delimited.Delimited) -> bool:
    return file.text.whole and file.text.path.stat().st_size <= SMALL


def _large_part(
    path: Path, file: delimited.Delimited, laid: names_across.Laid, engine: Running, options: Reading
) -> Part:
    """Turn a large text file with periods across into rows, stored as Parquet."""
    import polars as pl

    require_stage(engine, path.name)
    _, rows, block = laid.sheets[0]
    skip = sum(any(c is not None for c in row) for row in rows[len(file.titles) + 1 : block.body[0]])
    file, (parts, _, more, _) = _through_parquet(file)
    below = names_across.Rest(pl.scan_parquet(list(map(doors.regular, parts))), file.names, skip)
    frame, notes = names_across.frame_of(path, laid, options.columns, below, options.aggregates)
    target = spool(".parquet")
    frame.lazy().sink_parquet(target, compression="lz4")
    return Part(
        path.name,
        scan_parquet([str(target)], engine),
        (*file.notes, *more, *notes),
        laid_out=True,
        printed=True,
        mapping=names_across.mapping_of(laid),
    )


def _laid_part(path: Path, found: names_across.Found, engine: Running, notes: Sequence[Entry]) -> Part:
    return Part(
        path.name,
        on_engine(found.frame, engine),
        (*notes, *found.notes),
        laid_out=True,
        printed=found.printed,
        mapping=found.mapping,
    )


def _laid_out(
    path: Path, sheets: Sequence[Sheet], layout: Layout, options: Reading, *, doubtful: bool = False
) -> names_across.Found | None:
    """Apply a layout to the sheets; None if it does not fit.

    Raises `AmbiguousNumber` if the layout reads cells as numbers whose decimal mark is unclear.
    """
    clear = settled(sheets, options.decimal, doubtful=doubtful)
    result = layout(path, clear.sheets)
    if result and clear.problem:
        raise clear.problem
    if result is None:
        return None
    laid = result if isinstance(result, names_across.Found) else names_across.Found(*result)
    more = [] if laid.printed else dressed_cells(clear.dressed, path.name, path.name)
    return laid._replace(notes=[*laid.notes, *more])


def workbook_part(path: Path, engine: Running, options: Reading, layout: Layout | None, table: str) -> Part:
    """Return the rows of the chosen sheets of a workbook or page; of a text file if the content is plain text."""
    book = workbooks.book_of(path, options.encoding)
    if book is None:
        part = _text_part(path, engine, options, layout, table)
        note = Entry("read", path.name, "note", say("sources.text-not-workbook", suffix=path.suffix), 0)
        return part._replace(notes=(note, *part.notes))
    sheets = workbooks.chosen_sheets(path, book, options.sheet)
    sheets, more = workbooks.amounts_once(path, book, sheets, table, options.columns)
    book_notes = (*book.notes, *workbooks.told_book(path, book, sheets), *more)
    sheets = workbooks.with_errors(book, sheets)
    laid = _laid_out(path, sheets, layout, options) if layout else None
    if laid:
        return _laid_part(path, laid, engine, book_notes)
    sheets, read, doubtful = workbooks.texts_beside_numbers(sheets, table, options.columns, options.decimal)
    frame, notes = workbooks.table_of(path, sheets, table)
    texts = workbooks.told_texts(path, frame.columns)
    notes += [Entry("read", path.name, "note", say("sources.texts-beside", column=c, n=n), n) for c, n in read.items()]
    doubtful = {column: cell for column, cell in doubtful.items() if column not in texts}
    return Part(path.name, on_engine(frame, engine), (*book_notes, *notes), texts=texts, printed=True, unsure=doubtful)


def _combine(
    parts: Sequence[Part], options: Reading, table: str, *, others: bool
) -> tuple[Frame, list[Entry], Mapping[str, Stated], Mapping[str, Plain]]:
    """Filter and rename each part and stack them.

    Returns the rows, the account entries, the units that columns state, and the text columns that hold plain numbers.
    """
    union = list(dict.fromkeys(n for part in parts for n in part.frame.collect_schema().names()))
    laid_out = any(part.laid_out for part in parts)
    for old, new in options.columns.items():
        if old not in union and not (laid_out and new in union):
            raise UnknownColumn(
                f"{option('column')} maps {old!r}, which the file does not have", remedy=did_you_mean(old, union)
            )
    ready = [_ready(part, union, options, table, others=others) for part in parts]
    frames = [ready_part.frame for ready_part in ready]
    require_everywhere([p.source for p in parts], [f.collect_schema().names() for f in frames], table)
    entries = summed([entry for ready_part in ready for entry in ready_part.notes])
    if table != "prices":
        names = [f.collect_schema().names() for f in frames]
        entries += partly_missing([p.source for p in parts], names, table, _wanted(names, options, table))
    before, after = sum(ready_part.rows for ready_part in ready), sum(ready_part.kept for ready_part in ready)
    if options.where and before > after:
        entries.append(Entry("where", table, "dropped", say("sources.filtered", where=options.where), before - after))
    if options.where and before and not after:
        raise NothingKept(
            f"no row satisfies {option('where')} {options.where}", remedy="correct the values in it, or leave it out"
        )
    left_out = [e for e in entries if e.kind == "dropped" and e.step == "read"]
    if options.source is not None and left_out and not any(collect(frame.head(1)).height for frame in frames):
        keep_for_errors(entries)
        raise EmptyTable(
            f"the rules of the source {options.source!r} keep no row of {table}",
            example="; ".join(f"{e.reason}: {counted(e.rows, 'row')}" for e in left_out),
            remedy="give a file with rows that these rules keep",
        )
    columns = [f.collect_schema().names() for f in frames]
    units = of_all_files(
        [
            (p.source, ready_part.units, columns_of_part)
            for p, ready_part, columns_of_part in zip(parts, ready, columns, strict=True)
        ],
        options.units,
    )
    known = of_all(
        [
            {n: ready_part.plain.get(n) for n in columns_of_part}
            for ready_part, columns_of_part in zip(ready, columns, strict=True)
        ]
    )
    rows = stack(frames, table, options.pad)
    if options.duplicates == "drop":
        rows, n = _once(_padded(rows, options.pad))
        entries += [Entry("duplicates", table, "dropped", say("sources.same-rows"), n)] if n else []
    return rows, entries, units, known


def _wanted(names: Sequence[Sequence[str]], options: Reading, table: str) -> set[str]:
    """Return the columns that a table is meant to have; of covariates, all of them. Months are not among them."""
    if table in ("covariates", "education"):
        return {name for names_of_file in names for name in names_of_file} - {"month", "quarter"}
    recipe = find_recipe(options.source, table)
    meant = {*canonical(table), *COLUMNS.get(table, ()), *options.columns.values(), *(recipe.columns if recipe else ())}
    return meant - {"period", "month", "quarter"}


def _padded(rows: Frame, lengths: Mapping[str, int]) -> Frame:
    """Restore leading zeros of codes before rows are compared: 4734286 and 004734286 are then one code."""
    kinds = dict(rows.collect_schema())
    texts = [name for name in lengths if name in kinds and (kinds[name] == nw.String or kinds[name].is_integer())]
    padded = [nw.col(name).cast(nw.String).str.zfill(lengths[name]) for name in texts]
    return rows.with_columns(*padded) if padded else rows


def _once(rows: Frame) -> tuple[Frame, int]:
    """Keep one of the rows that are the same in every column, in any order; also return how many others there were."""
    once = rows.unique()
    before, after = (collect(some.select(n=nw.len()))["n"][0] for some in (rows, once))
    return once, before - after


class _Ready(NamedTuple):
    """Rows of one part under integrade's names, with notes and the numbers of rows before and after the filter."""

    frame: Frame
    notes: Sequence[Entry]
    rows: int = 0
    kept: int = 0
    units: Mapping[str, Stated] = {}
    plain: Mapping[str, Plain] = {}


def _ready(part: Part, union: Sequence[str], options: Reading, table: str, *, others: bool) -> _Ready:
    """Read the periods and numbers of one part, filter its rows and rename its columns."""
    recipe = find_recipe(options.source, table)
    if recipe is not None:
        return _by_recipe(part, union, options, table, recipe, others=others)
    names = part.frame.collect_schema().names()
    mapping = {**part.mapping, **options.columns}
    kept, notes = rename(names, {o: n for o, n in mapping.items() if o in names}, table)
    rows = before = 0
    frame, money = part.frame, dict[str, str]()
    try:
        read = dated(frame, kept, table, options.dates)
    except (AmbiguousDate, HalfMonths, NotADate):
        if options.where is None:
            raise
        frame, before, rows = _filtered(frame, union, options.where, aliases_of(kept, table))
        read = dated(frame, kept, table, options.dates)
    frame, kept, entries = read.frame, dict(read.kept), list(read.notes)
    frame = narrowed(frame, [old for old, new in kept.items() if old in part.narrow and new in texts_of(table)])
    if part.printed:
        texts = [n for n in names if n not in part.texts and n in kept]
        columns = number_columns(texts, [*kept.items()], table, None, others=others)
        refuse_doubtful(part.unsure, columns, table)
        written = written_plainly(
            frame, columns, table, decimal=options.decimal, doubtful=part.doubtful, known=part.plain
        )
        frame, money = written.frame, dict(written.money)
        entries += written.notes
    if options.where and not before:
        frame, before, rows = _filtered(frame, union, options.where, aliases_of(kept, table))
    chosen = frame.select(*[nw.col(old).alias(new) for old, new in kept.items()])
    known = {new: part.plain[old] for old, new in kept.items() if old in part.plain}
    units = stated_units(kept, money, table, unit_of_titles(part.notes), part.labels)
    return _Ready(chosen, [*entries, *notes], before, rows, units, {} if options.where else known)


def _by_recipe(
    part: Part, union: Sequence[str], options: Reading, table: str, recipe: Recipe, *, others: bool
) -> _Ready:
    """Process one part by the recipe of its source: read numbers and periods, filter, apply the rules."""
    frame, entries = part.frame, list[Entry]()
    aliases = columns_of(recipe, frame, options.columns)
    renamed = [(old, new) for new, old in aliases.items()]
    frame = narrowed(frame, [old for old, new in renamed if old in part.narrow and new in texts_of(table)])
    if part.printed:
        names = [n for n in frame.collect_schema().names() if n not in part.texts]
        columns = number_columns(names, renamed, table, recipe, others=others)
        decimal = options.decimal or recipe.decimal
        frame, entries, _ = written_plainly(frame, columns, table, decimal=decimal, doubtful=part.doubtful)
    before = rows = 0
    if options.where:
        own = frame.collect_schema().names()
        whole = with_made(frame, recipe, aliases, names_in(options.where))
        left, before, rows = _filtered(whole, union, options.where, {})
        frame = left.select(*own)
    followed, notes = follow(frame, recipe, aliases)
    same_names = {n: n for n in followed.collect_schema().names()}
    read = dated(followed, same_names, table, options.dates or recipe.dates)
    chosen = read.frame.select(*[nw.col(old).alias(new) for old, new in read.kept.items()])
    units = units_of_recipe(recipe, aliases) if table in ("firms", "registry") else {}
    return _Ready(chosen, [*entries, *notes, *read.notes], before, rows, units)


def _filtered(frame: Frame, union: Sequence[str], where: str, aliases: Mapping[str, str]) -> tuple[Frame, int, int]:
    """Filter rows. Returns the rows kept, the number of rows before the filter, and the number of rows kept.

    A column that only other files have (one of ``union``) is added to this part as missing.
    """
    schema = frame.collect_schema()
    absent = [name for name in union if name not in schema]
    if absent:
        frame = frame.with_columns(*[nw.lit(None, dtype=nw.String).alias(name) for name in absent])
    condition = parse_where(where, dict(frame.collect_schema()), aliases=aliases)
    counts = collect(frame.select(n=nw.len(), kept=condition.fill_null(False).cast(nw.Int64).sum()))
    return frame.filter(condition), counts["n"][0], counts["kept"][0] or 0
