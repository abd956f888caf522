"""Change the look of a printed table as ``[tables.N]`` asks: its rows, their order and names, digits and scale.

Rows are named by the keys of their addresses, so that an address stays the same whatever a look leaves out or moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from integrade.errors import UnknownName, UsageError, did_you_mean
from integrade.estimate.results import Coefficient
from integrade.report.addresses import ALIASES
from integrade.report.layouts import with_below, with_notes_of_a_journal
from integrade.report.printed import PrintedTable
from integrade.report.regression import Layout, decimals_of, printed_rows
from integrade.report.rows import Row, Spanner, Tested
from integrade.verdicts.table_looks import Statistic, TableLook
from integrade.wording.numerals import decimals, rounded
from plainwords.texts import Said, say, slug

OF_COEFFICIENTS = ("coefficient", "statistic")


def with_look(table: PrintedTable, look: TableLook) -> PrintedTable:
    """Return the table with the rows, labels, headings, digits and scale of the look.

    Raises `UnknownName` for a row that the table does not have, and `UsageError` for cells or columns that do not fit
    it. A term that the regressions dropped may be named; it has no row.
    """
    table = _in_scale(table, look)
    table = _with_digits(table, look.digits) if look.digits is not None else table
    table = with_below(table, look.statistic) if look.statistic else table
    placed = {
        label: cells for label, cells in look.add_rows.items() if label in (*(look.rows or ()), *(look.gof or ()))
    }
    table = _with_own_rows(table, placed)
    if look.rows is not None or look.gof is not None:
        table = _chosen(table, look)
    table = _with_own_rows(table, {label: look.add_rows[label] for label in look.add_rows if label not in placed})
    table = _with_labels(table, look.labels) if look.labels else table
    return _spanned(table, look.spanners) if look.spanners else table


KEYS = ("scale", "digits", "statistic", "add_rows", "rows", "gof", "labels", "spanners")
"""Keys of a look in the order in which they are tried: rows and gof may name rows of the author."""


def with_fitting_look(table: PrintedTable, look: TableLook) -> tuple[PrintedTable, list[str]]:
    """Return the table with the keys of the look that fit it, and why each of the others does not.

    A key that does not fit, such as rows with an unknown name, must not lose a run whose models are estimated.
    """
    try:
        return with_look(table, look), []
    except (UnknownName, UsageError):
        fits, problems = TableLook(), list[str]()
        for key in KEYS:
            asked = replace(fits, **{key: getattr(look, key)})
            try:
                with_look(table, asked)
            except (UnknownName, UsageError) as problem:
                problems.append(say("looks.left-out", why=f"{problem.what}; {problem.remedy}"))
            else:
                fits = asked
        return with_look(table, fits), problems


def _keys(table: PrintedTable) -> dict[str, str]:
    """Return the names by which a row may be asked for -> its key: the key itself, its label, and aliases."""
    keys = {row.key: row.key for row in table.rows if row.key and row.kind not in ("statistic", "head")}
    labels = {row.cells[0]: row.key for row in table.rows if row.key in keys}
    aliases = {alias: key for alias, key in ALIASES.items() if key in keys}
    return aliases | labels | keys


def _key(table: PrintedTable, option: str, name: str) -> str:
    """Return the key of a row by its name. Raises `UnknownName` for a name that no row has."""
    keys = _keys(table)
    if name not in keys:
        raise UnknownName(
            f"[tables.{table.number}] {option}: no row {name!r} in table {table.number}",
            remedy=did_you_mean(name, dict.fromkeys(keys.values())),
        )
    return keys[name]


def _asked(table: PrintedTable, option: str, names: Iterable[str]) -> list[str]:
    """Return the keys of the rows with these names, without terms that the regressions dropped."""
    dropped = {term for origin in table.origins if origin.fit for term in origin.fit.dropped}
    return [_key(table, option, name) for name in names if name not in dropped or name in _keys(table)]


def _with_labels(table: PrintedTable, labels: Mapping[str, str]) -> PrintedTable:
    by_key = {key: text for name, text in labels.items() for key in _asked(table, "labels", [name])}
    rows = (replace(r, cells=(by_key[r.key], *r.cells[1:])) if r.key in by_key else r for r in table.rows)
    return replace(table, rows=tuple(rows))


def _with_own_rows(table: PrintedTable, own: Mapping[str, Sequence[str]]) -> PrintedTable:
    """Return the table with rows of the author's below its fixed effects, else below its coefficients or last row."""
    if not own:
        return table
    n = len(table.columns) - 1
    for label, cells in own.items():
        if len(cells) != n:
            raise UsageError(
                f"[tables.{table.number}] add_rows: {label!r} has {len(cells)} cells, and the table has {n} columns",
                example=f"add_rows = {{ {label!r} = {['No'] * n} }}".replace("'", '"'),
                remedy='write one cell for each column; "" leaves a cell blank',
            )
    taken = {row.key for row in table.rows}
    rows = [Row("fixed_effect", (label, *cells), _free(slug(label), taken)) for label, cells in own.items()]
    kinds = [row.kind for row in table.rows]
    of_effects = [i for i, kind in enumerate(kinds) if kind == "fixed_effect"]
    of_terms = [i for i, kind in enumerate(kinds) if kind in OF_COEFFICIENTS and "panel" not in kinds[:i]]
    at = 1 + max(of_effects or of_terms or [len(kinds) - 1])
    return replace(table, rows=(*table.rows[:at], *rows, *table.rows[at:]))


def _free(key: str, taken: set[str]) -> str:
    free = next(k for k in (key, *(f"{key}_{i}" for i in range(2, len(taken) + 3))) if k not in taken)
    taken.add(free)
    return free


def _chosen(table: PrintedTable, look: TableLook) -> PrintedTable:
    """Return the table with the coefficients and the rows below them that the look names, in its order."""
    if not any(row.kind == "coefficient" for row in table.rows):
        names = [*(look.rows or ()), *(look.gof or ())]
        by_key = {row.key: row for row in table.rows if row.kind != "panel"}
        keys = dict.fromkeys(_asked(table, "rows" if look.rows else "gof", names))
        return replace(table, rows=tuple(by_key[key] for key in keys))
    start = next((i for i, row in enumerate(table.rows) if row.kind not in (*OF_COEFFICIENTS, "head")), len(table.rows))
    heads = [row for row in table.rows[:start] if row.kind == "head"]
    terms, foot = [row for row in table.rows[:start] if row.kind != "head"], list(table.rows[start:])
    asked = list[str]()
    if look.rows is not None:
        chosen_terms = _of_part(table, "rows", look.rows, terms)
        terms, asked = list(_picked(terms, chosen_terms)), asked + chosen_terms
    if look.gof is not None:
        chosen_rows = _of_part(table, "gof", look.gof, foot)
        foot, asked = list(_picked(foot, chosen_rows)), asked + chosen_rows
    tested = any(row.kind == "test" and row.key.partition(".")[0] not in OF_ERRORS for row in foot)
    chosen = replace(table, rows=(*heads, *terms, *foot), asked=tuple(asked))
    return chosen if look.gof is None or tested else with_notes_of_a_journal(chosen)


OF_ERRORS = ("vcov", "clusters", "df", "ssc", "turning_point")
"""Rows of tests that need no note beyond those that a journal prints."""


def _of_part(table: PrintedTable, option: str, names: Sequence[str], part: Sequence[Row]) -> list[str]:
    """Return the keys of rows that must be in one part of the table. Raises `UnknownName` for others."""
    keys = list(dict.fromkeys(_asked(table, option, names)))
    own = [row.key for row in part if row.key and row.kind not in ("statistic", "panel")]
    for key in keys:
        if key not in own:
            other = "gof" if option == "rows" else "rows"
            raise UnknownName(
                f"[tables.{table.number}] {option}: {key!r} must be named in {other}", remedy=did_you_mean(key, own)
            )
    return keys


def _picked(rows: Sequence[Row], keys: Sequence[str]) -> Iterator[Row]:
    """Yield the rows with these keys, each with the number below it.

    A panel with headings of columns precedes the first of its rows.
    """
    panel_of, panel = dict[str, Row | None](), None
    below = {one.key: other for one, other in pairwise(rows) if other.kind == "statistic"}
    by_key = {row.key: row for row in rows if row.kind != "panel"}
    for row in rows:
        panel = row if row.kind == "panel" else panel
        panel_of[row.key] = panel if panel is not None and any(panel.cells[1:]) else None
    last: Row | None = None
    for key in keys:
        if panel_of[key] is not last and panel_of[key] is not None:
            yield panel_of[key]  # type: ignore[misc]
        last = panel_of[key]
        yield by_key[key]
        if key in below:
            yield below[key]


def _spanned(table: PrintedTable, spanners: Mapping[str, Sequence[int]]) -> PrintedTable:
    """Return the table with headings over several columns."""
    n, made = len(table.columns) - 1, list[Spanner]()
    for text, columns in spanners.items():
        first, last = min(columns, default=0), max(columns, default=0)
        taken = {at for one in made for at in range(one.first, one.last + 1)}
        if sorted(columns) != list(range(first, last + 1)) or not 1 <= first <= last <= n or taken & set(columns):
            raise UsageError(
                f"[tables.{table.number}] spanners: {text!r} is over columns {list(columns)}",
                example=f'spanners = {{ "{text}" = {list(range(1, n + 1))} }}',
                remedy=f"name adjacent columns from 1 to {n}, each under one heading",
            )
        made.append(Spanner(text, first, last))
    return replace(table, spanners=tuple(sorted(made, key=lambda one: one.first)))


def _times(k: Tested | None, factor: float) -> Tested | None:
    """Return an estimate in other units, as a coefficient; t and p stay the same."""
    if k is None:
        return None
    low, high = sorted((k.conf_low * factor, k.conf_high * factor))
    return Coefficient("", k.estimate * factor, k.std_error * abs(factor), k.statistic, k.p_value, low, high)


def times(factor: float) -> str:
    """Return `` (× 1,000)``, for a label or a title whose numbers are multiplied by the factor; empty for 1."""
    return say("printed.times", scale=f"{factor:,g}") if factor != 1 else ""


def _in_scale(table: PrintedTable, look: TableLook) -> PrintedTable:
    """Return the table with the numbers of rows, or of its quantity, multiplied by a factor, which is said."""
    if table.quantity in look.scale:
        return in_units(table, look.scale[table.quantity])
    by_key = {key: factor for name, factor in look.scale.items() if (key := _keys(table).get(name)) and factor != 1}
    rows = list(table.rows)
    for i, row in enumerate(table.rows):
        if row.key not in by_key or not any(k is not None for k in row.numbers):
            continue
        factor = by_key[row.key]
        label = say("printed.scaled", name=row.cells[0], scale=f"{factor:,g}")
        if row.kind == "coefficient":
            tested = tuple(_times(k, factor) for k in _tested(row))
            digits = decimals_of([k for k in tested if k], Layout())
            rows[i : i + 2] = _printed(table.rows, i, tested, digits, label)
        else:
            numbers = tuple(None if v is None else v * factor for v in _floats(row))
            rows[i] = _in_text(replace(row, cells=(label, *row.cells[1:])), numbers, decimals(numbers, significant=2))
    return replace(table, rows=tuple(rows))


def in_units(table: PrintedTable, factor: float) -> PrintedTable:
    """Return a table of one quantity, such as segmentation, with its numbers multiplied by a factor; its title says it.

    All numbers share their decimals: three for numbers of at most 0.01 that are multiplied by 1,000.
    """
    least = max(0, LEAST - round(math.log10(factor)))
    digits = decimals((v * factor for row in table.rows for v in _floats(row) if v is not None), least=least)
    rows = tuple(
        _in_text(row, tuple(None if v is None else v * factor for v in _floats(row)), digits, kept=row.numbers)
        if row.numbers
        else row
        for row in table.rows
    )
    title = table.title
    if isinstance(title, Said) and "unit" in title.given:
        values: dict[str, Any] = {**title.given, "unit": times(factor)}
        title = say(title.key, **values)
    return replace(table, rows=rows, title=title)


SEGMENTATION, THOUSAND = "segmentation", 1000.0
"""The quantity that tables of regions and years print times 1,000, because it is about 0.0005 squared log points."""
LEAST = 6
"""Decimals of segmentation in squared log points."""


def _with_digits(table: PrintedTable, digits: int) -> PrintedTable:
    """Return the table with so many decimals, in coefficients or, in a table without any, in its numbers."""
    rows = list(table.rows)
    for i, row in enumerate(table.rows):
        if row.kind == "coefficient" and row.numbers:
            rows[i : i + 2] = _printed(table.rows, i, _tested(row), digits, row.cells[0])
        elif row.numbers:
            rows[i] = _in_text(row, _floats(row), digits)
    return replace(table, rows=tuple(rows))


def _tested(row: Row) -> tuple[Tested | None, ...]:
    return tuple(k for k in row.numbers if not isinstance(k, float | int))


def _floats(row: Row) -> tuple[float | None, ...]:
    return tuple(v if isinstance(v, float | int) else None for v in row.numbers)


def _printed(rows: Sequence[Row], at: int, tested: Sequence[Tested | None], digits: int, label: str) -> list[Row]:
    """Return a coefficient row and the row after it, printed again with other numbers or decimals."""
    row, *after = rows[at : at + 2]
    blank = ("",) * (len(row.cells) - 1 - len(tested))
    made, *of_below = printed_rows(tested, label, row.key, [digits] * len(tested), "se")
    again = [replace(row, cells=(*made.cells, *blank), numbers=tuple(tested))]
    for one in after:
        if one.below and of_below:
            cells = of_below[0].below
            kind: Statistic = next((kind for kind in cells if one.key.endswith(f".{kind}")), "se")
            again.append(replace(one, cells=("", *cells[kind], *blank), below=cells))
        else:
            again.append(one)
    return again


def _in_text(row: Row, numbers: Sequence[float | None], digits: int, kept: Sequence[Tested | float | None] = ()) -> Row:
    """Return a row whose numbers are printed with so many decimals; cells without a number keep their text.

    ``kept`` are the numbers that the row stores, if they differ from the printed ones.
    """
    texts = list(row.cells)
    for i, value in enumerate(numbers, start=1):
        if value is not None:
            texts[i] = rounded(value, digits)
    return replace(row, cells=tuple(texts), numbers=tuple(kept or numbers))
