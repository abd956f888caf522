"""Turn tables with periods or names across the columns into rows of a canonical table.

The result has one row per period and name, as text. `roles` decides what the parts mean; `layouts` finds where they
are. Numbers stay as the file writes them, and are later read like the numbers of any other table.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from integrade.errors import DuplicateKeys, UnclearLayout
from integrade.records.schema import TABLES, column_word
from integrade.sources.basis.words import basis_said
from integrade.sources.layout.layouts import (
    Block,
    Head,
    are_years,
    beside,
    heading_period,
    is_month,
    months_among,
    names_across,
    not_understood,
    periods_across,
)
from integrade.sources.layout.outline import bare, wholes
from integrade.sources.layout.roles import VALUES, Roles, required, resolve
from integrade.sources.layout.sections import with_years
from integrade.sources.meaning.periods import are_halves, half_months_in, is_month_of_year, refuse_half_months
from integrade.sources.meaning.statistical_words import names_codes, years_in
from integrade.sources.meaning.synonyms import PSEUDO, rename
from integrade.wording.months import may_be_quarters
from plainwords.account import Entry
from plainwords.texts import listed, say
from rawcells.cells.grid import Cell, Row, Sheet, address, text_of

if TYPE_CHECKING:
    import polars as pl

AUTOMATIC = ("prices", "flows", "output", "gdp", "covariates", "firms", "registry", "exporters")
"""Tables whose layout is found automatically; for other tables the user must give it."""

OF_SERIES = ("prices", "flows", "output", "gdp")
"""Tables in which a number next to months is the annual mean; in tables of firms it is another variable."""


class Laid(NamedTuple):
    """Tables (blocks) of the sheets of one file, and the roles of their parts."""

    table: str
    sheets: tuple[tuple[str, Sequence[Row], Block], ...]
    roles: Roles
    others: tuple[str, ...] = ()


class Found(NamedTuple):
    """Rows from a layout, notes, the column of each heading (``mapping``), and whether numbers are stored as text."""

    frame: pl.DataFrame
    notes: list[Entry]
    mapping: Mapping[str, str] = {}
    printed: bool = False


class Rest(NamedTuple):
    """Large file below its headings: its rows, its column names, and ``skip``, the number of its rows of headings."""

    frame: pl.LazyFrame
    names: Sequence[str]
    skip: int


def read_spread(
    path: Path,
    sheets: Sequence[Sheet],
    table: str,
    columns: Mapping[str, str],
    layout: Mapping[str, str],
    aggregates: str = "ask",
) -> Found | None:
    """Turn a small file with periods or names across into rows; None for a plain table.

    ``aggregates``: keep to keep the totals that indented names show. Raises the same errors as `find`.
    """
    laid = find(path, sheets, table, columns, layout)
    if laid is None:
        return None
    frame, notes = frame_of(path, laid, columns, aggregates=aggregates)
    return Found(frame.lazy().collect(), notes, mapping_of(laid), printed=True)


def find(
    path: Path,
    sheets: Sequence[Sheet],
    table: str,
    columns: Mapping[str, str],
    layout: Mapping[str, str],
    *,
    whole: bool = True,
) -> Laid | None:
    """Find the layout of a file's sheets; None for plain tables. Raises `UnclearLayout`, `UsageError`.

    ``whole``: whether the sheets have all rows of the file, so that years alone in a row can be read.
    """
    if table not in AUTOMATIC and not layout:
        return None
    parts = [Sheet(sheet.name, rows) for sheet in sheets for rows in beside(sheet.rows)]
    parts = [Sheet(sheet.name, with_years(sheet.rows)) for sheet in parts] if whole else parts
    blocks = [(sheet.name, sheet.rows, block) for sheet in parts for block in _blocks(sheet, table, columns)]
    if not blocks:
        return None
    alike = [named_block for named_block in blocks if _alike(named_block[2], blocks[0][2])]
    if alike[0][2].heads[0].period is None and not _is_cross(alike, table, columns, layout):
        return None
    _refuse_half_months(path, [block for _, _, block in alike])
    for _, _, block in alike:
        _refuse_not_understood(path, block, columns)
    title = _titles(*alike[0][1:])
    roles = resolve(path, [(name, block) for name, _, block in alike], table, columns, layout, title=title)
    read = {name for name, _, _ in alike}
    return Laid(table, tuple(alike), roles, tuple(s.name for s in sheets if s.name not in read))


def _refuse_half_months(path: Path, blocks: Sequence[Block]) -> None:
    """Raise `HalfMonths` if two periods are halves of one month, or if the headings or the rows are half-months."""
    for block in blocks:
        refuse_half_months([h.period or "" for h in block.heads], named=path.name)
        for cells in [*(block.level(k) for k in range(block.depth)), *(map(text_of, s.said) for s in block.stubs)]:
            refuse_half_months(distinct := tuple(dict.fromkeys(cells)), named=path.name)
            if are_halves(distinct) and any(is_month_of_year(h.period) for h in block.heads if h.period):
                raise half_months_in(distinct, path.name)


def _refuse_not_understood(path: Path, block: Block, columns: Mapping[str, str]) -> None:
    """Raise `UnclearLayout` for numbers among periods whose heading may be a period but cannot be read as one."""
    for stub in not_understood(block) if block.heads[0].period else ():
        if stub.name not in columns:
            raise UnclearLayout(
                f"the heading {stub.name!r} of {path.name} begins with a period, but what follows is not understood",
                where=str(path),
                example=f"{address(block.top, stub.at)}: {text_of(stub.said[0])}",
                remedy=f"rename it in the file, like the other headings, or declare with columns={{"
                f"{stub.name!r}: NAME}} that it is another variable",
            )


def _titles(rows: Sequence[Row], block: Block) -> str:
    """Return the text above the headings of a table."""
    return " ".join(text_of(c) for row in rows[: block.top] for c in dict.fromkeys(row) if c is not None)


def _blocks(sheet: Sheet, table: str, columns: Mapping[str, str]) -> list[Block]:
    """Return the tables of a sheet with periods across; if there are none, its table with names across."""
    spread = periods_across(sheet.rows)
    blocks = _kept_months([_without_years(block) for block in spread] if table in OF_SERIES else spread)
    if blocks and not any(_gives_year(s.name, s.said, table, columns) for s in blocks[0].stubs):
        return blocks
    named = names_across(sheet.rows, lambda name: _names_rows(name, table, columns))
    return _kept_months(named) if table in OF_SERIES else named


def _kept_months(blocks: list[Block]) -> list[Block]:
    """Keep only the headings that are months, if at least two are.

    Annual means next to the months are left out.
    """
    kept = []
    for block in blocks:
        each = (months_among([h.labels[k] for h in block.heads]) for k in range(block.depth))
        months = next((is_month_each for is_month_each in each if sum(is_month_each) > 1), [True] * len(block.heads))
        heads = tuple(h for h, month in zip(block.heads, months, strict=True) if month)
        more = tuple(h for h in block.heads if h not in heads)
        kept.append(block._replace(heads=heads, dropped=block.dropped + more))
    return kept


def _without_years(block: Block) -> Block:
    """Leave out the columns of whole years next to columns of months with their year (2012 January ... 2012 Annual).

    A level of headings that only these columns have is left out, too.
    """
    monthly = [h for h in block.heads if h.period and is_month_of_year(h.period)]
    yearly = [h for h in block.heads if h.period and are_years([h.period])]
    others = [h for h in monthly if any(h.labels)] or len(monthly) + len(yearly) < len(block.heads)
    if len(monthly) < 2 or not yearly or others:
        return block
    return block._replace(heads=tuple(h._replace(labels=()) for h in monthly), dropped=tuple(yearly))


def _gives_year(name: str, said: Sequence[Cell], table: str, columns: Mapping[str, str]) -> bool:
    """Return whether a column next to the values already gives the year."""
    known = columns.get(name) or rename([name], {}, table)[0][name]
    return known == "year" and all(heading_period(c) for c in said)


def _names_rows(name: str, table: str, columns: Mapping[str, str]) -> bool:
    """Return whether a column of numbers names the rows: it holds keys of the table, codes, ranks or row numbers."""
    schema = TABLES[table]
    known = columns.get(name) or rename([name], {}, table)[0][name]
    kinds = {c.name: c.kind for c in schema.columns}
    return known in schema.key or known in PSEUDO or kinds.get(known) == "text" or names_codes(name)


def _is_cross(
    alike: Sequence[tuple[str, Sequence[Row], Block]], table: str, columns: Mapping[str, str], layout: Mapping[str, str]
) -> bool:
    """Return whether tables without periods across still have to be reshaped.

    They have to be if the user's layout names rows, columns or sheets, or if months are across the columns. Prices,
    flows and output also have to be if a required column is missing that several headings or sheets can give.
    """
    block = alike[0][2]
    if not block.heads:
        return False
    if any(place in layout for place in ("rows", "columns", "sheets")):
        return True
    schema = TABLES[table]
    names = [s.name for s in block.stubs] + [h.labels[0] for h in block.heads]
    kept = set(rename(names, {o: n for o, n in columns.items() if o in names}, table)[0].values())
    lacks = [c for c in required(schema) if c not in kept and c not in layout and c not in layout.values()]
    across = [h.labels[0] for h in block.heads]
    if "year" in kept and (all(months_among(across)) or (len(across) > 1 and may_be_quarters(across))):
        return True
    if table not in ("prices", "flows", "output") or not lacks:
        return False
    values = {c.name for c in schema.columns if c.name not in schema.key}
    several = len({name for name, _, _ in alike}) > 1
    return len(lacks) == 1 and several if kept & values else len(block.heads) > 1


def _alike(block: Block, other: Block) -> bool:
    """Return whether two blocks have the same stubs and number of levels, and both or neither have periods across."""
    return (
        block.depth == other.depth
        and [s.name for s in block.stubs] == [s.name for s in other.stubs]
        and (block.heads[0].period is None) == (other.heads[0].period is None)
    )


def frame_of(
    path: Path, laid: Laid, columns: Mapping[str, str], rest: Rest | None = None, aggregates: str = "ask"
) -> tuple[pl.DataFrame | pl.LazyFrame, list[Entry]]:
    """Return the rows of a layout.

    Stubs keep the headings of the file; all other columns have integrade's names. Rows without any value are left out
    and, in a small file, counted. Totals that indented names show are left out and counted, unless ``aggregates`` is
    keep. Returns a lazy frame for a large file. Raises `DuplicateKeys` for two columns of one variable.
    """
    import polars as pl

    for _, _, block in laid.sheets:
        _refuse_twice(path, block, laid.roles)
    frames, entries = list[pl.LazyFrame](), _layout_notes(path, laid, columns)
    for name, rows, block in laid.sheets:
        wide = _wide(rows, block) if rest is None else _scanned(block, rest)
        wide, more = _one_level(wide, path, laid, columns, keep=aggregates == "keep")
        frames.append(_long(wide, name, block, laid.roles))
        entries += more
    if rest is not None:
        return frames[0].filter(_valued(laid)), entries
    long = pl.concat(frames, how="diagonal_relaxed").collect()
    if any(p.role == VALUES for p in laid.roles.of("sheets")):
        names = _value_names(laid)
        merged = long.group_by([c for c in long.columns if c not in names], maintain_order=True)
        once = merged.agg(pl.col(names).count()).select(pl.max_horizontal(pl.col(names).max())).item() or 0
        long = merged.agg(pl.col(n).drop_nulls().first() for n in names) if once < 2 else long
    kept = long.filter(_valued(laid))
    if empty := long.height - kept.height:
        entries.append(Entry("read", path.name, "dropped", say("sources.empty-of-wide"), empty))
    return kept, entries


OUTLINED = ("region", "commodity", "industry", "product", "origin", "destination")
"""Columns whose names may be indented: each name of a level is then the total of the names indented below it."""


def _one_level(
    wide: pl.LazyFrame, path: Path, laid: Laid, columns: Mapping[str, str], *, keep: bool
) -> tuple[pl.LazyFrame, list[Entry]]:
    """Leave out and count rows that are totals of rows indented below them, and remove the dots before names."""
    import polars as pl

    entries = list[Entry]()
    for part in laid.roles.of("rows"):
        role = columns.get(part.name, part.role)
        if role not in OUTLINED or keep or all(bare(label) == label for label in part.labels):
            continue
        names = wide.select(pl.col(part.name).unique(maintain_order=True)).collect()[part.name].to_list()
        over = wholes(names)
        if over:
            is_whole = pl.col(part.name).is_in(over)
            values = [c for c in wide.collect_schema().names() if c.startswith("value ")]
            filled = wide.filter(is_whole).select(pl.col(values).count()).collect().row(0)
            shown = [repr(name) for name in over[:5]] + (["..."] if len(over) > 5 else [])
            reason = say("sources.total-by-indent", names=listed(shown, "comma"), column=column_word(role))
            entries.append(Entry("aggregates", path.name, "dropped", reason, sum(filled)))
            wide = wide.filter(~is_whole.fill_null(value=False))
        plain = {name: bare(name) for name in names if name and bare(name) != name}
        wide = wide.with_columns(pl.col(part.name).replace(plain))
    return wide, entries


def _refuse_twice(path: Path, block: Block, roles: Roles) -> None:
    """Raise `DuplicateKeys` if two columns hold the same variable of the same period and name.

    Two columns that differ only by the footnote mark of the period are refused too.
    """
    first: dict[tuple[str | None, ...], Head] = {}
    for head in block.heads:
        first_head = first.setdefault((head.period, *head.labels), head)
        if first_head is head or not (head.marked or first_head.marked):
            continue
        raise DuplicateKeys(
            f"two columns of {path.name} are {' '.join(filter(None, (*head.labels, head.period)))}, "
            f"one of them under the heading {head.marked or first_head.marked!r}",
            where=str(path),
            example=f"{address(block.top, first_head.at)} and {address(block.top, head.at)}",
            remedy="keep one of them in the file: the mark denotes a provisional or revised value",
        )
    if all(p.role != VALUES for p in roles.of("columns")):
        return  # two rows of one key: validation refuses them
    kept = [p.at for p in roles.of("columns") if p.role]
    first = {}
    for head in block.heads:
        key = (head.period, *(head.labels[k] for k in kept))
        if first.setdefault(key, head) is not head:
            raise DuplicateKeys(
                f"two columns of {path.name} are {' '.join(filter(None, key[::-1]))}",
                where=str(path),
                example=f"{address(block.top, first[key].at)} and {address(block.top, head.at)}",
                remedy="keep one of them in the file, or give the other another heading",
            )


def columns_of(laid: Laid, columns: Mapping[str, str]) -> list[str]:
    """Return the columns that a layout will have.

    Stubs that ``columns`` maps keep their headings; all others have integrade's names.
    """
    mapping = mapping_of(laid)
    stubs = [s.name if s.name in columns else mapping.get(s.name, s.name) for s in laid.sheets[0][2].stubs]
    roles = [p.role for p in laid.roles.parts if p.place != "rows" and p.role not in ("", VALUES)]
    periods = [h.period for h in laid.sheets[0][2].heads if h.period]
    time = ["year"] if periods or laid.roles.year else []
    return list(dict.fromkeys([*stubs, *time, *roles, *_value_names(laid)]))


def mapping_of(laid: Laid) -> dict[str, str]:
    """Return integrade's name for the heading of each stub whose role was found."""
    return {p.name: p.role for p in laid.roles.of("rows") if p.role and p.name != p.role}


def _valued(laid: Laid) -> pl.Expr:
    import polars as pl

    names = _value_names(laid)
    return pl.any_horizontal(pl.col(name).is_not_null() for name in names)


def _value_names(laid: Laid) -> list[str]:
    level = next((p for p in laid.roles.of("columns") if p.role == VALUES), None)
    if level is not None:
        return list(level.labels)
    named = next((p for p in laid.roles.of("sheets") if p.role == VALUES), None)
    return list(named.labels) if named else [laid.roles.measure]


def _wide(rows: Sequence[Row], block: Block) -> pl.LazyFrame:
    """Return the rows of a block that hold values, with stubs as text under their headings and values by position."""
    import polars as pl

    cells = _cells_beside(rows, block)
    columns = []
    for name in cells:
        filled = _written_once(name, cells)
        texts = [c.isoformat() if isinstance(c, datetime.date) else text_of(c) or None for c in filled]
        columns.append(pl.Series(name, texts, dtype=pl.String))
    numbers = [[rows[i][head.at] for i in block.body] for head in block.heads]
    plain = all(
        isinstance(c, int | float) and not isinstance(c, bool) for cells in numbers for c in cells if c is not None
    )
    for head, cells_of_head in zip(block.heads, numbers, strict=True):
        name = f"value {head.at}"
        if plain:
            values = [float(c) if isinstance(c, int | float) else None for c in cells_of_head]
            columns.append(pl.Series(name, values, dtype=pl.Float64))
        else:
            printed = [c if isinstance(c, str) else text_of(c) or None for c in cells_of_head]
            columns.append(pl.Series(name, printed, dtype=pl.String))
    return pl.DataFrame(columns).lazy()


def _cells_beside(rows: Sequence[Row], block: Block) -> dict[str, list[Cell]]:
    return {stub.name: [rows[i][stub.at] for i in block.body] for stub in block.stubs}


def _written_once(name: str, cells: Mapping[str, list[Cell]]) -> list[Cell]:
    """Fill a column downwards if it gives a name only in the first row of each group.

    Another column must have the same entries in every group, each entry once. Otherwise the empty cells stay empty.
    """
    column = cells[name]
    if not column or column[0] is None or all(c is not None for c in column):
        return column
    starts = [i for i, c in enumerate(column) if c is not None]
    sizes = [b - a for a, b in pairwise([*starts, len(column)])]
    groups = [slice(a, a + n) for a, n in zip(starts, sizes, strict=True)]
    for other_name, other_cells in cells.items():
        sets = {frozenset(other_cells[g]) for g in groups} if other_name != name else set()
        if len(sets) == 1 and len(next(iter(sets))) == max(sizes) == min(sizes) and len(groups) > 1:
            return [column[start] for start, n in zip(starts, sizes, strict=True) for _ in range(n)]
    return column


def _scanned(block: Block, rest: Rest) -> pl.LazyFrame:
    """Return the rows of a large file in the form that `_wide` gives to a sheet."""
    import polars as pl

    stubs = [pl.col(rest.names[s.at]).alias(s.name) for s in block.stubs]
    heads = [pl.col(rest.names[h.at]).alias(f"value {h.at}") for h in block.heads]
    return rest.frame.slice(rest.skip).select(*stubs, *heads)


def _long(wide: pl.LazyFrame, sheet: str, block: Block, roles: Roles) -> pl.LazyFrame:
    """Reshape to one row for each row of the sheet, period and name.

    If a level of headings has names of values (index, weight), each name becomes a column.
    """
    import polars as pl

    levels = sorted(roles.of("columns"), key=lambda p: p.at)
    stubs = [s.name for s in block.stubs]
    named = {f"value {h.at}": h for h in block.heads}
    head = pl.DataFrame(
        {
            "head": list(named),
            "year": [h.period for h in named.values()],
            **{p.role: [h.labels[p.at] for h in named.values()] for p in levels if p.role},
        },
        schema_overrides={"year": pl.String},
    )
    head = head.drop([c for c in ("year",) if head[c].null_count() == head.height])
    long = wide.with_row_index("row").unpivot(
        on=list(named), index=["row", *stubs], variable_name="head", value_name="number"
    )
    long = long.join(head.lazy(), on="head", how="left", maintain_order="left")
    keys = [c for c in head.columns if c not in ("head", VALUES)]
    sheets = roles.of("sheets")
    measures = next((p.labels for p in levels if p.role == VALUES), ())
    if measures:
        cells = [pl.col("number").filter(pl.col(VALUES) == m).first().alias(m) for m in measures]
        long = long.group_by("row", *stubs, *keys, maintain_order=True).agg(*cells)
    else:
        measure = sheet if sheets and sheets[0].role == VALUES else roles.measure
        long = long.rename({"number": measure})
    long = long.drop("row", "head", strict=False)
    if sheets and sheets[0].role != VALUES:
        value = str(years_in(sheet)[0]) if sheets[0].role == "year" else sheet
        long = long.with_columns(pl.lit(value).alias(sheets[0].role))
    return long.with_columns(pl.lit(roles.year).alias("year")) if roles.year else long


def _layout_notes(path: Path, laid: Laid, columns: Mapping[str, str]) -> list[Entry]:
    """Describe how the layout was read: the roles found, rows without a value, and sheets that were not read."""
    entries, block = list[Entry](), laid.sheets[0][2]
    periods = [" ".join((h.period, *filter(is_month, h.labels))) for h in block.heads if h.period]
    roles = [f"{repr(p.name) if p.name else p.place} = {p.role}" for p in laid.roles.parts if p.role]
    reason = say(
        "sources.laid-out",
        rows=listed([p.name for p in laid.roles.of("rows")], "comma") or "-",
        columns=str(len(block.heads)),
        roles=listed(roles, "comma") or "-",
    )
    entries.append(Entry("read", path.name, "note", reason, 0))
    if periods:
        distinct = list(dict.fromkeys(periods))
        reason = say("sources.periods-across", n=str(len(distinct)), first=distinct[0], last=distinct[-1])
        entries.append(Entry("read", path.name, "note", reason, 0))
    marked = list(dict.fromkeys(h.marked for _, _, b in laid.sheets for h in b.heads if h.marked))
    if marked:
        reason = say("sources.period-marks", names=listed(marked[:8], "comma"))
        entries.append(Entry("read", path.name, "note", reason, 0))
    if laid.table == "prices" and (words := basis_said(_titles(rows, b) for _, rows, b in laid.sheets)):
        named = repr(laid.sheets[0][0])
        entries.append(
            Entry("read", path.name, "note", say("sources.title-says-basis", sheet=named, words=words.text), 0)
        )
    if laid.roles.year:
        reason = say("sources.year-once", year=laid.roles.year, text=repr(laid.roles.year_in[:80]))
        entries.append(Entry("read", path.name, "note", reason, 0))
    left = [(rows, i) for _, rows, b in laid.sheets for i in b.left]
    if left:
        cells_of_stub, i = left[0]
        example = next(text_of(c) for c in cells_of_stub[i] if c is not None)[:60]
        entries.append(Entry("read", path.name, "note", say("sources.rows-without-number", n=len(left)), 0, example))
    beside_values = [_cells_beside(rows, b) for _, rows, b in laid.sheets]
    filled = sum(
        c is None and f is not None
        for cells in beside_values
        for name, cells_of_stub in cells.items()
        for c, f in zip(cells_of_stub, _written_once(name, cells), strict=True)
    )
    if filled:
        entries.append(Entry("read", path.name, "note", say("sources.filled-down", n=filled), 0))
    years = [" ".join((h.period, *filter(None, h.labels))) for h in block.dropped if h.period]
    if years:
        reason = say("sources.years-beside-months", n=len(years), names=listed(years[:3], "comma"))
        entries.append(Entry("read", path.name, "note", reason, 0))
    if lost := _left_out(laid, columns):
        reason = say("sources.values-left-out", names=listed(lost[:5], "comma"))
        entries.append(Entry("read", path.name, "note", reason, 0))
    if laid.others:
        entries.append(
            Entry(
                "read", path.name, "note", say("sources.sheets-otherwise", sheets=listed(laid.others[:5], "comma")), 0
            )
        )
    return entries


def _left_out(laid: Laid, columns: Mapping[str, str]) -> list[str]:
    """Return the values and the stubs for which the table has no column."""
    schema = TABLES[laid.table]
    if schema.keep_other:
        return []
    block = laid.sheets[0][2]
    names = [
        *(s.name for s in block.stubs),
        *_value_names(laid),
        *(" ".join(h.labels) for h in block.dropped if not h.period),
    ]
    mapping = {**mapping_of(laid), **columns}
    kept = rename(names, {o: n for o, n in mapping.items() if o in names}, laid.table)[0]
    known_columns = {c.name for c in schema.columns} | {"base"}
    return [old for old in names if kept.get(old) not in known_columns]
