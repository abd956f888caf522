"""Write a workbook of several sheets with live formulas; the file is complete or absent, never partly written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from integrade.engine.system import coded
from integrade.errors import UsageError, option
from integrade.sources.writing.writers import CREATED, SHEET_ROWS, check_target
from rawcells.scratch import scratch_folder
from rawcells.stopping import beside, temporary

Form: TypeAlias = Literal["label", "wrapped", "text", "whole", "number", "small", "variance", "index"]
"""What a column holds, which sets how its cells are shown; the stored numbers are never rounded."""

FORMATS: Mapping[Form, Mapping[str, Any]] = {
    "label": {"bold": True, "valign": "top"},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "text": {},
    "whole": {"num_format": "0"},
    "number": {"num_format": "#,##0.0#"},
    "small": {"num_format": "0.000000"},
    "variance": {"num_format": "0.00000000"},
    "index": {"num_format": "0.0000"},
}
LONGEST = 32_767
"""Number of letters that a cell holds; xlsxwriter would leave a longer text out."""
HEAD = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}


@dataclass(frozen=True)
class Formula:
    """A live formula, without its equals sign, and the value that it has."""

    text: str
    value: float


Cell: TypeAlias = "str | int | float | Formula | None"


@dataclass(frozen=True)
class Column:
    """The heading of a column, what it holds, and its width in characters."""

    head: str
    form: Form
    width: float


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: headings in the first row, then the rows that ``rows`` yields.

    ``fixed``: the number of columns that stay in view when the sheet is scrolled; the headings always do. ``n_rows``:
    the number of rows below the headings.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[Sequence[Cell]]]
    n_rows: int
    fixed: int = 0


def check_workbook(path: Path, read: Sequence[str | Path], out: str) -> None:
    """Refuse, before any work is done, a path that `write_workbook` could not write, or that is among ``read``.

    Raises `UsageError` for a name that does not end in .xlsx or equals ``out``, and as `check_target`.
    """
    if path.suffix.lower() != ".xlsx":
        raise UsageError(
            f"{path} is not the name of a workbook: it must end in .xlsx",
            remedy=f"for example --workbook {path.parent / (path.stem or 'index')}.xlsx",
        )
    if path.resolve() == Path(out).resolve():
        raise UsageError(f"--workbook and --out are both {path}", remedy="give the workbook another name")
    check_target(path, read)


def write_workbook(sheets: Sequence[Sheet], path: str | Path) -> None:
    """Write sheets as an .xlsx file that Excel and LibreOffice open and recalculate.

    Every formula is stored with its value, so that programs without a calculator read the same numbers. Numbers are
    stored with 16 digits or more. Equal sheets give equal files. The file appears under its name when it is complete.

    Missing values: None is an empty cell. A text longer than a cell is cut and ends in an ellipsis.

    Raises `UsageError` for a sheet of more than 1,048,575 rows, and `SystemRefusal` if the system refuses to write.
    """
    import xlsxwriter

    for sheet in sheets:
        if sheet.n_rows > SHEET_ROWS:
            raise UsageError(
                f"the sheet {sheet.name!r} of the workbook would have {sheet.n_rows:,} rows, and a sheet has at most "
                f"{SHEET_ROWS:,}",
                remedy=f"give {option('pairs', 'adjacent')}, or prices of fewer years, or write no workbook",
            )
    target = Path(path)
    settings = {"constant_memory": True, "tmpdir": str(scratch_folder()), "strings_to_urls": False}
    with coded(target), temporary(beside(target, target.suffix)) as part:
        with xlsxwriter.Workbook(str(part), settings) as book:
            book.set_properties({"created": CREATED})
            head = book.add_format(HEAD)
            forms = {form: book.add_format(dict(look)) for form, look in FORMATS.items()}
            for sheet in sheets:
                _write(book.add_worksheet(sheet.name), sheet, head, forms)
        os.replace(part, target)


def _write(page: Any, sheet: Sheet, head: Any, forms: Mapping[Form, Any]) -> None:
    page.freeze_panes(1, sheet.fixed)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    for j, column in enumerate(sheet.columns):
        page.set_column(j, j, column.width)
        page.write_string(0, j, _fitting(column.head), head)
    looks = [forms[column.form] for column in sheet.columns]
    for i, row in enumerate(sheet.rows(), 1):
        for j, (value, look) in enumerate(zip(row, looks, strict=True)):
            if isinstance(value, Formula):
                page.write_formula(i, j, f"={value.text}", look, value.value)
            elif isinstance(value, str):
                page.write_string(i, j, _fitting(value), look)
            elif value is not None:
                page.write_number(i, j, value, look)


def _fitting(text: str) -> str:
    """Return a text that a cell holds: a longer one ends in an ellipsis.

    Example:
        >>> _fitting("wages"), len(_fitting("w" * 40_000))
        ('wages', 32767)
    """
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026"
