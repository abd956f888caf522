"""What each file of a folder is: a table by its headings and cells, by its layout, or one of a public source."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple, cast

import narwhals as nw
import polars as pl

from integrade.engine import doors
from integrade.engine.frames import Table, collect, enter
from integrade.engine.scratch import scratch_folder
from integrade.errors import BasisUnknown, FileMissing, HalfMonths, IntegradeError, Problems, UnclearLayout, UsageError
from integrade.integration.basis import read_prices_as
from integrade.records.schema import TABLES as CANONICAL
from integrade.sources import READERS, Reading, read_prices, read_raw
from integrade.sources.basis.detection import Declared
from integrade.sources.bytes.encodings import as_utf8
from integrade.sources.cells import stata
from integrade.sources.files.readers import kind_of, reading
from integrade.sources.files.workbooks import book_of
from integrade.sources.meaning.money import DIRECTIONS
from integrade.sources.meaning.recipe import looks_like, published_as, recipes
from integrade.sources.meaning.statistical_words import years_in
from integrade.sources.meaning.synonyms import key_of, rename
from integrade.study.proposal.contents import ROWS, Contents, contents_of
from integrade.study.proposal.panels import Panel, panel_of
from integrade.study.proposal.roles import Choice, choose_columns
from integrade.wording.texts import Said

TABLES = ("prices", "customs", "exporters", "firms", "education", "flows", "output", "gdp", "survey", "covariates")
SUFFIXES = (".csv", ".tsv", ".txt", ".dta", ".xls", ".xlsx", ".parquet", ".pq")
ACCOUNTS = ("assets", "liabilities", "net_profit", "inventory", "sales", "employees", "gross_output", "value_added")
LOOKED_THROUGH = 1 << 25
"""Bytes of several files up to which all are looked through for names of regions."""
TEXTS, BOOKS = (".csv", ".tsv", ".txt"), (".xls", ".xlsx")
LINES = 1000
"""Lines of a text, or rows of a sheet, that decide that its layout is none of prices and of no public source."""
FEW = 1 << 16
"""Bytes of a file that is looked at as a whole."""
LEAST = 2
"""Columns of accounts that a file of firms has."""
ACROSS = 3
"""Headings with a year from which a file may have years across."""
DEFLATORS = frozenset(
    ["outputprice", "inputprice", "deflator", "gdpdeflator", "ppi", "producerpriceindex", "deflactor", "deflateur"]
)
"""Headings of prices that accounts are deflated by, as `key_of` has them."""
RARE = ("flows", "output", "gdp", "survey")
"""Tables that are taken by known headings alone."""


class Refused(NamedTuple):
    """What reading refused: the code of the error, its words, and the filters, keys or words that may be the answer."""

    code: str
    text: str
    filters: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class Seen(NamedTuple):
    """What reading the first file of a group as its table gave."""

    rows: int
    years: str
    problems: tuple[Refused, ...] = ()
    columns: tuple[str, ...] = ()
    basis: str = ""
    stated: bool = False


@dataclass(frozen=True)
class Guess:
    """What one file, or several with like names in one folder, seem to hold; nothing known: ``table`` is empty.

    ``choice``: which column is which, where the file is a plain table; ``sample``: its columns. ``source``: the public
    source whose headings it has. ``pad``: lengths of codes that are numbers. ``problems``: what reading it refused.
    ``layout``: what the layout does not tell. ``panel``: what it is as a panel that exists already. ``basis``: that of
    price indices, ``unknown`` where the numbers do not tell; ``stated``: the words of the file or its source say it.
    ``regions``: the names of regions of all files, where these were looked through.
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


def groups_of(folder: Path) -> list[list[Path]]:
    """Files that belong together: the same folder, suffix and name without its digits."""
    if not folder.is_dir():
        raise FileMissing(f"no folder {folder}", remedy="name a folder of raw files")
    found: dict[tuple[Path, str, str], list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        own = published_as(path.name)
        if path.is_file() and own:
            found.setdefault((path.parent, "", own), []).append(path)
        elif path.is_file() and path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~")):
            name = "".join("#" if c.isdigit() else c for c in path.stem)
            while "##" in name:
                name = name.replace("##", "#")
            found.setdefault((path.parent, path.suffix.lower(), name), []).append(path)
    return list(found.values())


def guess(files: Sequence[Path], out: Path) -> Guess:
    """What a group of files is, from its first file.

    A plain table whose every column has a known heading comes first, then a public source, then a layout of prices,
    then headings and cells together.
    """
    names = tuple(os.path.relpath(f, out) for f in files)
    try:
        frame = _sample(files[0])
        sample = contents_of(frame, stata.labels_of(files[0], None) if kind_of(files[0]) == ".dta" else None)
    except IntegradeError as problem:
        return Guess(names, "", 0, "", "; ".join(_short(p) for p in _each(problem)))
    beside = _of_prices(names, sample)
    if beside is not None:
        return beside
    found = _taken_for(files, names, sample)
    return replace(found, panel=panel_of(frame, sample)) if found.table in ("", "covariates", "firms") else found


def _of_prices(names: tuple[str, ...], sample: Sequence[Contents]) -> Guess | None:
    """A table of rates of exchange or of deflators, by its headings."""
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
    """The table that a group of files is taken for, by the columns of the first."""
    choices = {table: choose_columns(table, sample) for table in TABLES}
    best = _best(choices, sample)
    if (
        best is not None
        and best.table != "covariates"
        and all(p.known for p in best.pairs if _needed(best.table, p.role))
    ):
        return _read(files, names, best, sample)
    found = _of_source(files, names, [c.heading for c in sample])
    if found is None and (best is None or best.table == "covariates"):
        found = _laid_out(files, names, sample) or (_across(files, names, sample) if best is None else None)
    if found is not None:
        return found
    if best is not None:
        read = _read(files, names, best, sample)
        if best.table != "covariates" or all(p.code != "D204" for p in read.problems):
            return read
    why = "; ".join([_nearest(choices), *_reader_says(files[0], choices)])
    return _other_source(files, names) or Guess(names, "", 0, "", why, sample=tuple(sample))


def _sample(path: Path) -> pl.DataFrame:
    raw = read_raw(path, engine="polars", table="headings")
    return collect(enter(raw).head(ROWS))


def _best(choices: Mapping[str, Choice], sample: Sequence[Contents]) -> Choice | None:
    """The table whose columns add up to most among those that lack none; covariates where no other is."""
    whole = [c for c in choices.values() if not c.lacking and c.table != "covariates" and _is_enough(c)]
    if whole:
        return max(whole, key=lambda c: c.score)
    covariates = choices["covariates"]
    taken = {p.column.heading for p in covariates.pairs}
    numbers = [c for c in sample if c.heading not in taken and c.number > 0.9]
    place = {"region", "industry"} & {p.role for p in covariates.pairs}
    return covariates if place and covariates.column("year") and numbers else None


def _is_enough(choice: Choice) -> bool:
    """Whether a choice has more than the bare keys."""
    roles = {p.role for p in choice.pairs}
    match choice.table:
        case "firms":
            return len(roles & set(ACCOUNTS)) >= LEAST
        case "customs":  # without firms quality alone is a study
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
    return any(c.name == role and c.required for c in CANONICAL[table].columns) if table in CANONICAL else True


def _read(files: Sequence[Path], names: tuple[str, ...], choice: Choice, sample: Sequence[Contents]) -> Guess:
    pad = {p.role: _whole_length(p.column) for p in choice.pairs if p.column.typed and p.role in _codes(choice.table)}
    columns = choice.renamed | own_names(choice, sample)
    seen = _seen(files, choice.table, Reading(columns=columns, pad=pad))
    shown = (names, choice.table, seen.rows, seen.years, "", "", choice, tuple(sample), pad)
    return Guess(*shown, seen.problems, seen.columns, basis=seen.basis, stated=seen.stated)


def own_names(choice: Choice, sample: Sequence[Contents]) -> dict[str, str]:
    """Names that covariates get in the panel: words of their headings, without the unit, that a formula may name."""
    if choice.table != "covariates":
        return {}
    taken = {p.column.heading for p in choice.pairs}
    found: dict[str, str] = {}
    for c in sample:
        if c.heading not in taken and c.number > 0.9:
            name = plain_name(c.words)
            if name and name != c.heading and name not in found.values():
                found[c.heading] = name
    return found


def plain_name(words: str) -> str:
    """A heading as a name that a formula may use.

    Example:
        >>> plain_name("R&D intensity"), plain_name("研发强度")
        ('r_d_intensity', '研发强度')
    """
    from integrade.sources.meaning.units import without_accents

    text = "".join(c if c.isalnum() else " " for c in without_accents(words))
    name = "_".join(text.split())
    return f"x{name}" if name[:1].isdigit() else name


def _codes(table: str) -> list[str]:
    """The columns of a table whose first zeros matter."""
    return [c.name for c in CANONICAL[table].columns if c.code] if table in CANONICAL else []


def _whole_length(column: Contents) -> int:
    """The length of codes that lost their first zeros: the longest, made even for product codes."""
    longest = max(column.lengths, default=0) or max((len(t) for t in column.texts), default=1)
    return longest + longest % 2 if column.digits > 0.8 else longest


def _seen(files: Sequence[Path], table: str, options: Reading) -> Seen:
    """Rows, years and columns of the first file as a table, or what reading refuses."""
    try:
        read = READERS[table](files[:1], options=options)
        frame = enter(read)
        names = tuple(frame.collect_schema().names())
        ends = [nw.col("year").min().alias("low"), nw.col("year").max().alias("high")] if "year" in names else []
        found = collect(frame.select(nw.len().alias("rows"), *ends))
    except IntegradeError as problem:
        refused = tuple(_refused(p) for p in _each(problem))
        filters = [f for one in refused for f in one.filters]
        if filters and not options.where:  # what else is to be known, with the first answer
            return _seen(files, table, replace(options, where=filters[0]))._replace(problems=refused)
        return Seen(0, "", refused)
    low, high = (found["low"][0], found["high"][0]) if ends else (None, None)
    years = "" if low is None else f"{low}" if low == high else f"{low}-{high}"
    one = table == "prices" and len(files) == 1
    basis, asked = _basis(read) if one else ("", ())
    return Seen(int(found["rows"][0]), years, asked, names, basis, one and _is_stated(read))


def _basis(prices: Table) -> tuple[str, tuple[Refused, ...]]:
    """The basis that file or numbers tell; ``unknown`` where they do not, and a question; empty where refused."""
    try:
        settled = read_prices_as(prices, "detect")[1]
    except BasisUnknown as problem:
        what = _short(problem) if problem.filters else "the prices do not show what 100 is"
        return "unknown", (Refused(problem.code, f"basis: {what}", problem.filters, _bases(problem)),)
    except IntegradeError:
        return "", ()
    return prices.form if prices.form.startswith("rate") else settled, ()


def _is_stated(prices: Table) -> bool:
    """Whether words of the file, or its source, say the basis."""
    says = ("basis.said-by-words", "basis.said-by-source")
    return any(isinstance(e.reason, Said) and e.reason.key in says for e in prices.account)


def _of_source(files: Sequence[Path], names: tuple[str, ...], headings: Sequence[str]) -> Guess | None:
    """A public source all of whose headings the file has."""
    for table in TABLES:
        for source in looks_like(table, headings):
            seen = _seen(files, table, Reading(source=source))
            if seen.rows and not seen.problems:
                return Guess(names, table, seen.rows, seen.years, "", source, columns=seen.columns)
    return None


def _other_source(files: Sequence[Path], names: tuple[str, ...]) -> Guess | None:
    """A public source whose layout the file has."""
    for name, recipe in recipes().items():
        if recipe.table in TABLES and recipe.layout != "table":
            options = Reading(source=name)
            head = _head(files[0])
            if head is not None and not _seen([head], recipe.table, options).rows:
                continue
            seen = _seen(files, recipe.table, options)
            if seen.rows and not seen.problems:
                return Guess(names, recipe.table, seen.rows, seen.years, "", name, columns=seen.columns)
    return None


def _laid_out(
    files: Sequence[Path], names: tuple[str, ...], sample: Sequence[Contents], layout: Mapping[str, str] | None = None
) -> Guess | None:
    """A layout of prices that the reader recognises by itself (yearbooks, years across), averaged to years or not."""
    for to_year in (False, True):
        if not _may_be_laid_out(files[0], Reading(layout=layout or {}), to_year=to_year):
            continue
        try:
            table = _first_of(files, Reading(layout=layout or {}), to_year=to_year)
        except HalfMonths as problem:
            return Guess(names, "prices", 0, "", "by its layout", problems=(_refused(problem),))
        except BasisUnknown as problem:
            if to_year and _names_prices(sample):
                asked_for = (_refused(problem),)
                return Guess(names, "prices", 0, "", "by its layout", problems=asked_for, columns=("month",))
            continue
        except IntegradeError:
            continue
        seen = _facts(table)
        if seen.rows:
            columns = (*seen.columns, *(("month",) if to_year else ()))
            told = (seen.rows, seen.years, "by its layout")
            basis, asked = _basis(table) if len(files) == 1 else ("", ())
            found = Guess(names, "prices", *told, problems=asked, columns=columns, basis=basis)
            return replace(found, stated=_is_stated(table), layout=layout or {})
    return None


def _may_be_laid_out(path: Path, options: Reading, *, to_year: bool) -> bool:
    """Whether the first lines of a long text show prices: what is in no column there is in none further down."""
    head = _head(path)
    if head is None:
        return True
    try:
        read_prices([head], options=options, to_year=to_year)
    except IntegradeError as problem:
        return not _is_other(problem)
    return True


def _is_other(problem: IntegradeError) -> bool:
    """Tell whether the reader refused a file because columns of the table are missing or not recognised."""
    return any(one.column or isinstance(one, UnclearLayout) for one in _each(problem))


def _reader_says(path: Path, choices: Mapping[str, Choice]) -> list[str]:
    """Why the reader refuses a file that has all columns of a table: the code, the problem and its cell."""
    for table in ("prices", "customs", "firms"):
        if len(choices[table].pairs) < LEAST:
            continue
        try:
            READERS[table]([_head(path) or path], options=Reading(columns=choices[table].renamed))
        except IntegradeError as problem:
            if not _is_other(problem):
                return [f"read as {table}: {one.code} {_short(one)}" for one in _each(problem)]
    return []


def _head(path: Path) -> Path | None:
    """A copy of the first lines of a text file, or of the first rows of a workbook; None for short and other files."""
    status = path.stat()
    return _copy_of_head(path, status.st_size, status.st_mtime_ns) if status.st_size >= FEW else None


@cache
def _copy_of_head(path: Path, _size: int, _changed: int) -> Path | None:
    suffix, folder = path.suffix.lower(), Path(mkdtemp(dir=scratch_folder()))
    with reading([path]):
        if suffix in TEXTS:
            return _first_lines(as_utf8(path, most=LOOKED_THROUGH).path, folder / path.name)
        return _first_rows(path, folder / f"{path.stem}.xlsx") if suffix in BOOKS else None


def _first_lines(path: Path, copy: Path) -> Path:
    """Write the first lines of a text in UTF-8, up to one where no quote is open."""
    lines, quotes = 0, 0
    with doors.open_bytes(path) as text, copy.open("wb") as head:
        for line in text:
            lines, quotes = lines + 1, quotes + line.count(b'"')
            head.write(line)
            if lines >= LINES and quotes % 2 == 0:
                break
    return copy


def _first_rows(path: Path, copy: Path) -> Path | None:
    """Write the first rows of the sheets of a workbook; None where no sheet has more, or where it is a text."""
    import xlsxwriter

    book = book_of(path, None)
    if book is None or all(len(sheet.rows) <= LINES for sheet in book.sheets):
        return None
    settings = {"nan_inf_to_errors": True, "default_date_format": "yyyy-mm-dd", "in_memory": True}
    with xlsxwriter.Workbook(str(copy), settings) as written:
        for sheet in book.sheets:
            page = written.add_worksheet(sheet.name)
            for number, row in enumerate(sheet.rows[:LINES]):
                page.write_row(number, 0, row)
    return copy


def _across(files: Sequence[Path], names: tuple[str, ...], sample: Sequence[Contents]) -> Guess | None:
    """Accounts with years across, or one number by region with years across, which is called as the file is."""
    if sum(bool(years_in(c.heading)) for c in sample) < ACROSS:
        return None
    value = plain_name(files[0].stem.strip("0123456789 _-"))
    for table, layout in (("firms", {}), ("covariates", {"values": value})):
        seen = _seen(files, table, Reading(layout=layout))
        if seen.rows and not seen.problems and (table != "firms" or len(set(ACCOUNTS) & set(seen.columns)) >= LEAST):
            told = (seen.rows, seen.years, "by its layout")
            return Guess(names, table, *told, columns=seen.columns, layout=layout)
    return None


def _names_prices(sample: Sequence[Contents]) -> bool:
    """Whether headings say which column is the region and which the good."""
    headings = [c.heading for c in sample]
    return {"region", "commodity"} <= set(rename(headings, {}, "prices")[0].values())


def _first_of(files: Sequence[Path], options: Reading, *, to_year: bool) -> Table:
    """The prices of the first of some files; where its numbers alone do not tell their basis, all files do."""
    try:
        return read_prices(files[:1], options=options, to_year=to_year)
    except BasisUnknown:
        if len(files) == 1:
            raise
        whole = read_prices(files, options=options, to_year=to_year)
        form = cast("Declared", whole.form)
        return read_prices(files[:1], options=options, to_year=to_year, basis=form) if form else whole


def _facts(table: Table) -> Seen:
    rows: pl.DataFrame = table.polars()
    years = rows["year"].cast(pl.Int64).unique().sort().to_list()
    if not rows.select(pl.col("index").median().is_between(20, 1000)).item():
        return Seen(0, "")
    return Seen(rows.height, "-".join(str(y) for y in dict.fromkeys([years[0], years[-1]])), (), tuple(rows.columns))


def _nearest(choices: Mapping[str, Choice]) -> str:
    """What the table that came nearest lacks."""
    near = [choices[t] for t in ("prices", "customs", "firms") if choices[t].lacking and len(choices[t].pairs) > 1]
    if not near:
        return "it fits no table"
    best = min(near, key=lambda c: (len(c.lacking), -c.score))
    needed = sum(_needed(best.table, c.name) for c in CANONICAL[best.table].columns)
    if 2 * len(best.lacking) > needed:
        return "it fits no table"
    return f"nearest to {best.table}, but {'; '.join(f'no {name}' for name in best.lacking)}"


def _each(problem: IntegradeError) -> Sequence[IntegradeError]:
    return problem.problems if isinstance(problem, Problems) else (problem,)


def _refused(problem: IntegradeError) -> Refused:
    answers = (problem.remedy,) if isinstance(problem, HalfMonths) else _bases(problem)
    return Refused(problem.code, _short(problem), getattr(problem, "filters", ()), answers)


def _bases(problem: IntegradeError) -> tuple[str, ...]:
    """The bases that the remedy of an unknown one offers, as keys."""
    found = re.findall(r'(?:--basis |basis ?= ?")(\w+)', problem.remedy) if isinstance(problem, BasisUnknown) else []
    return tuple(f'basis = "{one}"' for one in found)


def _short(problem: IntegradeError) -> str:
    """A missing column by its name, another problem in its words."""
    if problem.column:
        return f"no {problem.column}"
    return problem.what + (f" (for example {problem.example})" if problem.example else "")


def as_panel(guesses: Sequence[Guess], kind: str = "") -> list[Guess]:
    """The guesses, with panels that exist already taken for such where the folder has nothing to make one of.

    ``kind``: what the user says that the folder is for. Raises `UsageError` where no file is the panel that he wants.
    """
    if kind == "study" or (not kind and any(g.table not in ("", "covariates", "firms") for g in guesses)):
        return list(guesses)
    found = [replace(g, table="panel") if g.panel else g for g in guesses]
    if kind == "panel" and all(g.table != "panel" for g in found):
        raise UsageError(
            "no file of the folder is a panel: a unit and a year that tell its rows apart, and two columns of numbers",
            remedy="leave --kind out",
        )
    return found


def merged(guesses: Sequence[Guess]) -> list[Guess]:
    """Files of one table under the same headings, whose years are apart, as one group."""
    found: list[Guess] = []
    for one in guesses:
        at = next((i for i, other in enumerate(found) if _continues(one, other)), None)
        if at is None:
            found.append(one)
        else:
            years = sorted([*found[at].years.split("-"), *one.years.split("-")])
            files = (*found[at].files, *one.files)
            found[at] = replace(found[at], files=files, years=f"{years[0]}-{years[-1]}", basis="")
    return found


def of_goods(guesses: Sequence[Guess], out: Path) -> list[Guess]:
    """The guesses, with files that fit no table, of one folder and the same headings, as prices of the good each is
    called after, where their layout then shows the rest.
    """
    alike: dict[tuple[str, ...], list[Guess]] = {}
    for one in guesses:
        if not one.table and one.sample:
            alike.setdefault((os.path.dirname(one.files[0]), *(c.heading for c in one.sample)), []).append(one)
    found = list(guesses)
    for same in alike.values():
        names = tuple(name for one in same for name in one.files)
        layout = {"files": "commodity"}
        laid = _laid_out(_paths(names, out), names, same[0].sample, layout) if len(same) > 1 else None
        if laid:
            found[found.index(same[0])] = laid
            found = [one for one in found if one not in same[1:]]
    return found


def with_regions(one: Guess, out: Path) -> Guess:
    """The guess with the names of regions in all of its files, where these are small; a layout has them in none of the
    columns of its sample.
    """
    files = _paths(one.files, out)
    column = one.choice.column("region") if one.choice else None
    laid_out = one.table == "prices" and one.choice is None
    if not (laid_out or (column and len(files) > 1)) or sum(path.stat().st_size for path in files) > LOOKED_THROUGH:
        return one
    try:
        names = pl.concat([_names_in(path, column.heading) for path in files]) if column else _names_laid(files, one)
    except IntegradeError:
        return one
    return replace(one, regions=contents_of(names.unique(maintain_order=True).to_frame())[0])


def _names_in(path: Path, heading: str) -> pl.Series:
    frame = _sample(path)
    found = frame[heading] if heading in frame.columns else pl.Series([None])
    return found.cast(pl.String).alias("region")


def _names_laid(files: Sequence[Path], one: Guess) -> pl.Series:
    table: pl.DataFrame = read_prices(files, options=Reading(layout=one.layout, source=one.source or None)).polars()
    return table["region"]


def _paths(names: Sequence[str], out: Path) -> list[Path]:
    """The files that stand in a study file by their way from its folder."""
    return [Path(os.path.normpath(out.absolute() / name)) for name in names]


def _continues(one: Guess, other: Guess) -> bool:
    if one.choice is None or other.choice is None or one.table != other.table or not one.years or not other.years:
        return False
    apart = one.years.split("-")[-1] < other.years.split("-")[0] or other.years.split("-")[-1] < one.years.split("-")[0]
    same = [c.heading for c in one.sample] == [c.heading for c in other.sample]
    return apart and same and one.choice.renamed == other.choice.renamed and one.pad == other.pad
