"""Decide what each file of a folder is: a table by its headings and cells, a known layout, or a public source."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, cast

import narwhals as nw
import polars as pl

from integrade.engine.frames import Table, collect, enter
from integrade.errors import BasisUnknown, FileMissing, HalfMonths, IntegradeError, UnclearLayout
from integrade.integration.basis import read_prices_as
from integrade.panel.controls import NEEDED_CLASSES
from integrade.records.schema import TABLES as CANONICAL
from integrade.sources import READERS, Reading, read_prices, read_raw
from integrade.sources.basis.detection import Declared
from integrade.sources.cells import stata
from integrade.sources.files.readers import kind_of
from integrade.sources.meaning.money import DIRECTIONS
from integrade.sources.meaning.periods import month_of, period_in_name
from integrade.sources.meaning.recipe import looks_like, published_as, recipes
from integrade.sources.meaning.stated import unit_of_titles
from integrade.sources.meaning.statistical_words import years_in
from integrade.sources.meaning.synonyms import key_of, rename
from integrade.sources.meaning.units import Unit, unit_of
from integrade.study.lines import each_of
from integrade.study.proposal.contents import ROWS, Contents, contents_of
from integrade.study.proposal.heads import head_of
from integrade.study.proposal.panels import Panel, panel_of
from integrade.study.proposal.roles import Choice, choose_columns, named_by_reader
from plainwords.texts import Said
from rawcells.bytes import formats

TABLES = ("prices", "customs", "exporters", "firms", "education", "flows", "output", "gdp", "survey", "covariates")
ACCOUNTS = ("assets", "liabilities", "net_profit", "inventory", "sales", "employees", "gross_output", "value_added")
LEAST = 2
"""A file with fewer columns of accounts is not taken for firms, because it may have keys only (a convention)."""
ACROSS = 3
"""With fewer headings that contain a year, the layout with one column per year is not tried (a convention)."""
LEAST_GOODS = 3
"""Fewer files with one column per year are not taken for the goods of one index (a convention)."""
DEFLATORS = frozenset(
    ["outputprice", "inputprice", "deflator", "gdpdeflator", "ppi", "producerpriceindex", "deflactor", "deflateur"]
)
"""Headings of prices that accounts are deflated by, in the form that `key_of` returns."""
KEYS = ("region", "industry", "year")
"""Columns by which covariates are joined to the accounts."""
RARE = ("flows", "output", "gdp", "survey")
"""Tables that are recognised only by known headings."""


class Refused(NamedTuple):
    """A problem found when reading: its error code, its message, and the filters or keys that may solve it."""

    code: str
    text: str
    filters: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class Seen(NamedTuple):
    """Result of reading the first file of a group as one table: rows, years, columns, basis and problems.

    ``contents`` describes the columns as they were read, if the reader names them itself (a source, a layout).
    ``unit``: of covariates, the unit that the lines above the headings state.
    """

    rows: int
    years: str
    problems: tuple[Refused, ...] = ()
    columns: tuple[str, ...] = ()
    basis: str = ""
    stated: bool = False
    goods: int = 0
    contents: tuple[Contents, ...] = ()
    unit: Unit | None = None


class Lost(NamedTuple):
    """A column of codes that lost leading zeros in some files: its name, the full length, and what shows it."""

    column: str
    length: int
    example: str


@dataclass(frozen=True)
class Guess:
    """The presumed content of one file, or of several files with similar names in one folder.

    ``table`` is the presumed table, empty if none is recognised.

    ``choice``: the role of each column, if the file is a plain table or was read by a source or a layout; ``sample``:
    the columns of the file. ``as_read``: the reader names the columns itself, so that the study maps none of them.
    ``source``: the public source whose headings it has. ``pad``: lengths of codes that are stored as numbers.
    ``lost``: codes that some files have without their zeros. ``problems``: why the reader refused the file. ``layout``:
    roles that no heading states: of the names of files (a good), or of the values.
    ``panel``: the columns of a file that is already a panel. ``basis``: the basis of price indices, ``unknown`` if the
    numbers do not show it. ``stated``: whether the file or its source names the basis. ``regions``: the names of
    regions in all files, if these were read. ``goods``: number of goods in the first file of prices, 0 if not counted.
    ``sheet``: the sheet that is read, if it is not the first one; ``sheets``: others that are such a table.
    """

    files: tuple[str, ...]
    table: str
    rows: int
    years: str
    why: str
    source: str = ""
    choice: Choice | None = None
    sample: tuple[Contents, ...] = ()
    pad: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Refused, ...] = ()
    columns: tuple[str, ...] = ()
    layout: Mapping[str, str] = field(default_factory=dict)
    basis: str = ""
    stated: bool = False
    panel: Panel | None = None
    regions: Contents | None = None
    goods: int = 0
    as_read: bool = False
    lost: tuple[Lost, ...] = ()
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def groups_of(folder: Path) -> list[list[Path]]:
    """Group files with the same folder, suffix and name apart from digits and months.

    The true values of a simulated economy are left out (`truths_in`). Raises `FileMissing` if there is no folder.
    """
    if not folder.is_dir():
        raise FileMissing(f"no folder {folder}", remedy="name a folder of raw files")
    groups: dict[tuple[Path, str, str], list[Path]] = {}
    truths = truths_in(folder)
    for path in sorted(folder.rglob("*")):
        if path.parent in truths:
            continue
        source = published_as(path.name)
        if path.is_file() and source:
            groups.setdefault((path.parent, "", source), []).append(path)
        elif path.is_file() and path.suffix.lower() in formats.OFFERED and not path.name.startswith((".", "~")):
            groups.setdefault((path.parent, path.suffix.lower(), series_of(path.stem)), []).append(path)
    return list(groups.values())


def series_of(stem: str) -> str:
    """Return the name of a file without its period: digits, and a month next to them, do not distinguish files.

    Example:
        >>> series_of("cpi_2010"), series_of("Prices_Jan25") == series_of("prices_Dec_2024"), series_of("march_sales")
        ('cpi_#', True, 'march_sales')
    """
    named = period_in_name(stem)
    if "-" in named:
        kept = [word for word in re.findall(r"[^\W\d_]+", stem) if month_of(word) is None]
        return " ".join(kept).casefold() + " #"
    return re.sub(r"\d+", "#", stem)


def truths_in(folder: Path) -> list[Path]:
    """Return the folders that `integrade demo` writes beside its raw files, with the true values of the economy.

    They have truth.json and index.parquet; a file of a user that is called truth.json alone does not make one.
    """
    return sorted(path.parent for path in folder.rglob("truth.json") if (path.parent / "index.parquet").is_file())


def guess(files: Sequence[Path], out: Path) -> Guess:
    """Guess what a group of files is, from its first file.

    Tried in this order: exchange rates or deflators, a table whose required columns all have known headings, a public
    source, a layout of prices, and then headings and cells together.
    """
    names = tuple(os.path.relpath(f, out) for f in files)
    try:
        frame = sample_of(files[0])
        sample = contents_of(frame, stata.labels_of(files[0], None) if kind_of(files[0]) == ".dta" else None)
    except IntegradeError as problem:
        return Guess(names, "", 0, "", "; ".join(_short(p) for p in each_of(problem)))
    of_prices = _of_prices(names, sample)
    if of_prices is not None:
        return of_prices
    taken = _taken_for(files, names, sample)
    doubtful = not taken.table or (taken.choice and not any(p.role == "year" and p.known for p in taken.choice.pairs))
    if doubtful and (dated := _dated_by_name(files, names, frame, sample)) is not None:
        taken = dated
    taken = replace(taken, sample=taken.sample or tuple(sample))
    return replace(taken, panel=panel_of(frame, sample)) if taken.table in ("", "covariates", "firms") else taken


def _dated_by_name(
    files: Sequence[Path], names: tuple[str, ...], frame: pl.DataFrame, sample: Sequence[Contents]
) -> Guess | None:
    """Recognise accounts that have no column of years but one file per year, whose name states the year.

    None if a name does not contain exactly one year, or if the files are no accounts with that year either.
    """
    years = [years_in(path.stem) for path in files]
    if "year" in frame.columns or any(len(of_file) != 1 for of_file in years):
        return None
    whole = [*sample, *contents_of(pl.DataFrame({"year": [years[0][0]] * frame.height}))]
    choice, layout = choose_columns("firms", whole), {"files": "year"}
    read = _of_source(files, names, [c.heading for c in whole], layout)
    if read is None or read.table != "firms":
        if choice.lacking or not _is_enough(choice):
            return None
        read = _read(files, names, choice, whole, layout)
    ends = sorted(year for of_file in years for year in of_file)
    return replace(read, layout=layout, years="-".join(str(y) for y in dict.fromkeys([ends[0], ends[-1]])))


def _of_prices(names: tuple[str, ...], sample: Sequence[Contents]) -> Guess | None:
    """Recognise a table of exchange rates or of deflators by its headings; None if it is neither."""
    headings = {key_of(c.heading): c for c in sample}
    rows = max((c.rows for c in sample), default=0)
    if {"currency", "year"} <= headings.keys() and headings.keys() & {key_of(way) for way in DIRECTIONS}:
        return Guess(names, "rates", rows, "", "", sample=tuple(sample))
    year = choose_columns("covariates", sample).column("year")
    prices = [c for key, c in headings.items() if key in DEFLATORS and c.number > 0.9]
    if year is None or not prices or len(sample) > len(prices) + 3:
        return None
    return Guess(names, "deflators", rows, "", "", sample=tuple(sample))


def _taken_for(files: Sequence[Path], names: tuple[str, ...], sample: list[Contents]) -> Guess:
    """Guess the table of a group of files from the columns of the first file."""
    choices = {table: choose_columns(table, sample) for table in TABLES}
    best = _best(choices, sample)
    if (
        best is not None
        and best.table != "covariates"
        and all(p.known for p in best.pairs if _needed(best.table, p.role))
    ):
        return _read(files, names, best, sample)
    recognised = _of_source(files, names, [c.heading for c in sample])
    if recognised is None and (best is None or best.table == "covariates"):
        recognised = laid_out(files, names, sample) or (_across(files, names, sample) if best is None else None)
    if recognised is not None:
        return recognised
    if best is not None:
        read = _read(files, names, best, sample)
        if best.table != "covariates" or all(p.code != "D204" for p in read.problems):
            return read
    why = "; ".join([_nearest(choices), *_reader_says(files[0], choices)])
    return _other_source(files, names) or Guess(names, "", 0, "", why, sample=tuple(sample))


def sample_of(path: Path, sheet: str = "") -> pl.DataFrame:
    """Return the first rows of a file or of one of its sheets."""
    raw = read_raw(path, engine="polars", table="headings", options=Reading(sheet=sheet or None))
    return collect(enter(raw).head(ROWS))


def _best(choices: Mapping[str, Choice], sample: Sequence[Contents]) -> Choice | None:
    """Return the complete table with the highest score, else covariates if these fit, else None."""
    whole = [c for c in choices.values() if not c.lacking and c.table != "covariates" and _is_enough(c)]
    if whole:
        return max(whole, key=lambda c: c.score)
    covariates = choices["covariates"]
    taken = {p.column.heading for p in covariates.pairs}
    numbers = [c for c in sample if c.heading not in taken and c.number > 0.9]
    place = {"region", "industry"} & {p.role for p in covariates.pairs}
    return covariates if place and covariates.column("year") and numbers else None


def _is_enough(choice: Choice) -> bool:
    """Return whether a choice has more than the bare keys of its table."""
    roles = {p.role for p in choice.pairs}
    match choice.table:
        case "firms":
            return len(roles & set(ACCOUNTS)) >= LEAST
        case "customs":  # records without firms still make a study of quality
            return "firm" in roles or {"product", "destination"} <= {p.role for p in choice.pairs if p.known}
        case "exporters":
            return len(roles & {"name", "postcode", "phone", "contact"}) >= LEAST and "assets" not in roles
        case "education":
            return sum(r.startswith("h") for r in roles) >= 3
        case "output" if not roles & {"value", "employment"}:
            return False
    if choice.table in RARE:
        return all(p.known for p in choice.pairs if _needed(choice.table, p.role) and p.role not in ("region", "year"))
    return True


def _needed(table: str, role: str) -> bool:
    """Return whether a table needs a column of this role; a table that is not canonical needs all of its columns."""
    return any(c.name == role and c.required for c in CANONICAL[table].columns) if table in CANONICAL else True


def _read(
    files: Sequence[Path],
    names: tuple[str, ...],
    choice: Choice,
    sample: Sequence[Contents],
    layout: Mapping[str, str] | None = None,
) -> Guess:
    # columns whose leading zeros matter
    codes = [c.name for c in CANONICAL[choice.table].columns if c.code] if choice.table in CANONICAL else []
    pad = {p.role: _whole_length(p.column) for p in choice.pairs if p.column.typed and p.role in codes}
    columns = choice.renamed | own_names(choice, sample)
    seen = _seen(files, choice.table, Reading(columns=columns, pad=pad, layout=layout or {}))
    if seen.unit is not None:
        keys = [p.column.heading for p in choice.pairs]
        sample = [c if c.heading in keys or c.unit or c.number <= 0.9 else replace(c, unit=seen.unit) for c in sample]
    return Guess(
        names,
        choice.table,
        seen.rows,
        seen.years,
        "",
        choice=choice,
        sample=tuple(sample),
        pad=pad,
        problems=seen.problems,
        columns=seen.columns,
        basis=seen.basis,
        stated=seen.stated,
        goods=seen.goods,
    )


def own_names(choice: Choice, sample: Sequence[Contents]) -> dict[str, str]:
    """Return heading -> name in the panel for each covariate: its heading without the unit, as formulas can use it."""
    if choice.table != "covariates":
        return {}
    taken = {p.column.heading for p in choice.pairs}
    names: dict[str, str] = {}
    for c in sample:
        if c.heading not in taken and c.number > 0.9:
            name = plain_name(c.words)
            if name and name != c.heading and name not in names.values():
                names[c.heading] = name
    return names


def plain_name(words: str) -> str:
    """Turn a heading into a name that a formula may use.

    Example:
        >>> plain_name("R&D intensity"), plain_name("研发强度")
        ('r_d_intensity', '研发强度')
    """
    from integrade.sources.meaning.units import without_accents

    text = "".join(c if c.isalnum() else " " for c in without_accents(words))
    name = "_".join(text.split())
    return f"x{name}" if name[:1].isdigit() else name


def _whole_length(column: Contents) -> int:
    """Return the full length of codes that lost leading zeros: the longest length, rounded up to even for products."""
    longest = max(column.lengths, default=0) or max((len(t) for t in column.texts), default=1)
    return longest + longest % 2 if column.digits > 0.8 else longest


def _seen(files: Sequence[Path], table: str, options: Reading) -> Seen:
    """Return rows, years and columns of the first file as a table, or the problems that reading met."""
    try:
        read = READERS[table](files[:1], options=options)
        frame = enter(read)
        names = tuple(frame.collect_schema().names())
        ends = [nw.col("year").min().alias("low"), nw.col("year").max().alias("high")] if "year" in names else []
        goods = [nw.col("commodity").n_unique().alias("goods")] if table == "prices" and "commodity" in names else []
        facts = collect(frame.select(nw.len().alias("rows"), *ends, *goods))
    except IntegradeError as problem:
        refused = tuple(refused_by(p) for p in each_of(problem))
        filters = [f for item in refused for f in item.filters]
        if filters and not options.where:  # find further questions, assuming the first answer
            return _seen(files, table, replace(options, where=filters[0]))._replace(problems=refused)
        drops = any(key.startswith("duplicates") for item in refused for key in item.keys)
        if drops and options.duplicates == "keep":
            return _seen(files, table, replace(options, duplicates="drop"))._replace(problems=refused)
        return Seen(0, "", refused)
    named = options.source or (table in ("firms", "covariates") and not options.columns)
    contents = tuple(_as_read(read, options.source or "", table)) if named and table != "prices" else ()
    above = unit_of_titles([*read.account]) if table == "covariates" else None
    low, high = (facts["low"][0], facts["high"][0]) if ends else (None, None)
    years = "" if low is None else f"{low}" if low == high else f"{low}-{high}"
    item = table == "prices" and len(files) == 1
    basis, asked = _basis(read) if item else ("", ())
    number = int(facts["goods"][0]) if goods else 0
    return Seen(int(facts["rows"][0]), years, asked, names, basis, item and is_stated(read), number, contents, above)


def _as_read(read: Table, source: str, table: str) -> list[Contents]:
    """Describe the columns of a table as it was read; their units are those of the source or of the lines above.

    Accounts are converted to single units when they are read, so that only columns of covariates have a unit here.
    """
    contents = contents_of(collect(enter(read).head(ROWS)))
    if table != "covariates":
        return contents
    rules = recipes()[source].columns if source in recipes() else {}
    above = unit_of_titles([*read.account])
    units = {c.heading: unit_of(rules[c.heading].unit) if c.heading in rules else c.unit or above for c in contents}
    return [c if c.heading in KEYS else replace(c, unit=units[c.heading]) for c in contents]


def _basis(prices: Table) -> tuple[str, tuple[Refused, ...]]:
    """Return the basis that the file or its numbers show, and a problem if it is ``unknown``.

    The basis is empty if the reader refuses the file.
    """
    try:
        settled = read_prices_as(prices, "detect")[1]
    except BasisUnknown as problem:
        what = _short(problem) if problem.filters else "the prices do not show what 100 is"
        return "unknown", (Refused(problem.code, f"basis: {what}", problem.filters, _bases(problem)),)
    except IntegradeError:
        return "", ()
    return prices.form if prices.form.startswith("rate") else settled, ()


def is_stated(prices: Table) -> bool:
    """Return whether the file or its source states the basis in words."""
    says = ("basis.said-by-words", "basis.said-by-source")
    return any(isinstance(e.reason, Said) and e.reason.key in says for e in prices.account)


def _of_source(
    files: Sequence[Path], names: tuple[str, ...], headings: Sequence[str], layout: Mapping[str, str] | None = None
) -> Guess | None:
    """Return the guess of a public source if the file has all of its headings; None if no source fits."""
    for table in TABLES:
        for source in looks_like(table, headings):
            seen = _seen(files, table, Reading(source=source, layout=layout or {}))
            if seen.rows and (not seen.problems or layout):
                guessed = _of_columns(names, table, seen, source)
                return replace(guessed, problems=seen.problems, layout=layout or {})
    return None


def _of_columns(names: tuple[str, ...], table: str, seen: Seen, source: str = "") -> Guess:
    """Return the guess of a table whose columns were named by its reader. Shares by schooling are of education."""
    schooling = table == "covariates" and {"region", *NEEDED_CLASSES} <= set(seen.columns)
    table = "education" if schooling else table
    return Guess(
        names,
        table,
        seen.rows,
        seen.years,
        "",
        source,
        choice=named_by_reader(table, seen.contents) if seen.contents else None,
        columns=seen.columns,
        goods=seen.goods,
        as_read=bool(seen.contents),
    )


def _other_source(files: Sequence[Path], names: tuple[str, ...]) -> Guess | None:
    """Return the guess of a public source whose layout the file has; None if no source fits."""
    for name, recipe in recipes().items():
        if recipe.table in TABLES and recipe.layout != "table":
            options = Reading(source=name)
            head = head_of(files[0])
            if head is not None and not _seen([head], recipe.table, options).rows:
                continue
            seen = _seen(files, recipe.table, options)
            if seen.rows and not seen.problems:
                return _of_columns(names, recipe.table, seen, name)
    return None


def laid_out(
    files: Sequence[Path], names: tuple[str, ...], sample: Sequence[Contents], layout: Mapping[str, str] | None = None
) -> Guess | None:
    """Try the layouts of prices that the reader recognises (yearbooks, years across), yearly and then monthly."""
    for to_year in (False, True):
        if not _may_be_laid_out(files[0], Reading(layout=layout or {}), to_year=to_year):
            continue
        try:
            table = _first_of(files, Reading(layout=layout or {}), to_year=to_year)
        except HalfMonths as problem:
            return Guess(names, "prices", 0, "", "by its layout", problems=(refused_by(problem),))
        except BasisUnknown as problem:
            if to_year and _names_prices(sample):
                asked_for = (refused_by(problem),)
                return Guess(names, "prices", 0, "", "by its layout", problems=asked_for, columns=("month",))
            continue
        except IntegradeError:
            continue
        rows: pl.DataFrame = table.polars()
        if not rows.select(pl.col("index").median().is_between(20, 1000)).item() and not _lists_goods(sample, rows):
            continue  # its numbers are no price indices
        goods = rows["commodity"].n_unique()
        if goods == 1 and not layout and _is_amount(sample):
            return None
        years = rows["year"].cast(pl.Int64).unique().sort().to_list()
        basis, asked = _basis(table) if len(files) == 1 else ("", ())
        return Guess(
            names,
            "prices",
            rows.height,
            "-".join(str(y) for y in dict.fromkeys([years[0], years[-1]])),
            "by its layout",
            problems=asked,
            columns=(*rows.columns, *(("month",) if to_year else ())),
            layout=layout or {},
            basis=basis,
            stated=is_stated(table),
            goods=goods,
        )
    return None


def _lists_goods(sample: Sequence[Contents], rows: pl.DataFrame) -> bool:
    """Return whether a heading names the column of goods, of which there are several: prices may have any size."""
    named = "commodity" in rename([c.heading for c in sample], {}, "prices")[0].values()
    return named and rows["commodity"].n_unique() >= LEAST_GOODS


def _is_amount(sample: Sequence[Contents]) -> bool:
    """Return whether the one column of values is an amount of money that no heading calls a price.

    Example: spending on research by region and year, whose numbers may be as large as those of price indices.
    """
    keys = {pair.column.heading for pair in choose_columns("covariates", sample).pairs}
    values = [c for c in sample if c.heading not in keys and c.number > 0.9]
    if len(values) != 1 or values[0].unit is None or values[0].unit.measure not in ("money", "unclear"):
        return False
    return "index" not in rename([values[0].heading], {}, "prices")[0].values()


def _may_be_laid_out(path: Path, options: Reading, *, to_year: bool) -> bool:
    """Return whether a long file may be prices, judged by its first lines.

    A column that is missing in these lines is also missing in the rest of the file.
    """
    head = head_of(path)
    if head is None:
        return True
    try:
        read_prices([head], options=options, to_year=to_year)
    except IntegradeError as problem:
        return not _is_other(problem)
    return True


def _is_other(problem: IntegradeError) -> bool:
    """Return whether the reader refused a file because columns of the table are missing or not recognised."""
    return any(inner.column or isinstance(inner, UnclearLayout) for inner in each_of(problem))


def _reader_says(path: Path, choices: Mapping[str, Choice]) -> list[str]:
    """Return why the reader refuses a file that has all columns of a table: error code, problem and cell."""
    for table in ("prices", "customs", "firms"):
        if len(choices[table].pairs) < LEAST:
            continue
        try:
            READERS[table]([head_of(path) or path], options=Reading(columns=choices[table].renamed))
        except IntegradeError as problem:
            if not _is_other(problem):
                return [f"read as {table}: {inner.code} {_short(inner)}" for inner in each_of(problem)]
    return []


def _across(files: Sequence[Path], names: tuple[str, ...], sample: Sequence[Contents]) -> Guess | None:
    """Recognise a table with one column per year: accounts, or one number by region that is named after the file."""
    if sum(bool(years_in(c.heading)) for c in sample) < ACROSS:
        return None
    value = plain_name(files[0].stem.strip("0123456789 _-"))
    for table, layout in (("firms", {}), ("covariates", {"values": value})):
        seen = _seen(files, table, Reading(layout=layout))
        if seen.rows and not seen.problems and (table != "firms" or len(set(ACCOUNTS) & set(seen.columns)) >= LEAST):
            return replace(_of_columns(names, table, seen), why="by its layout", sample=tuple(sample), layout=layout)
    return None


def _names_prices(sample: Sequence[Contents]) -> bool:
    """Return whether the headings name the column of regions and the column of goods."""
    headings = [c.heading for c in sample]
    return {"region", "commodity"} <= set(rename(headings, {}, "prices")[0].values())


def _first_of(files: Sequence[Path], options: Reading, *, to_year: bool) -> Table:
    """Read the prices of the first file. If its numbers do not show their basis, read all files to find it."""
    try:
        return read_prices(files[:1], options=options, to_year=to_year)
    except BasisUnknown:
        if len(files) == 1:
            raise
        whole = read_prices(files, options=options, to_year=to_year)
        form = cast("Declared", whole.form)
        return read_prices(files[:1], options=options, to_year=to_year, basis=form) if form else whole


def _nearest(choices: Mapping[str, Choice]) -> str:
    """Return the columns that are missing for the table that fits best."""
    near = [choices[t] for t in ("prices", "customs", "firms") if choices[t].lacking and len(choices[t].pairs) > 1]
    if not near:
        return "it fits no table"
    best = min(near, key=lambda c: (len(c.lacking), -c.score))
    needed = sum(_needed(best.table, c.name) for c in CANONICAL[best.table].columns)
    if 2 * len(best.lacking) > needed:
        return "it fits no table"
    return f"nearest to {best.table}, but {'; '.join(f'no {name}' for name in best.lacking)}"


def refused_by(problem: IntegradeError) -> Refused:
    """Return the problem as the proposal prints it, with the keys that may solve it."""
    answers = (problem.remedy,) if isinstance(problem, HalfMonths) else _bases(problem)
    answers = (*answers, *getattr(problem, "keys", ()))
    return Refused(problem.code, _short(problem), getattr(problem, "filters", ()), answers)


def _bases(problem: IntegradeError) -> tuple[str, ...]:
    """Return the bases that an error about an unknown basis offers, as keys of a study file."""
    bases = re.findall(r'(?:--basis |basis ?= ?")(\w+)', problem.remedy) if isinstance(problem, BasisUnknown) else []
    return tuple(f'basis = "{basis}"' for basis in bases)


def _short(problem: IntegradeError) -> str:
    """Return a short text of a problem: the name of a missing column, or the message of any other problem."""
    if problem.column:
        return f"no {problem.column}"
    return problem.what + (f" (for example {problem.example})" if problem.example else "")
