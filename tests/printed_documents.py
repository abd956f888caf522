"""Small documents with tables, written by the libraries that write them: a rectangle of texts in every format."""

from __future__ import annotations

import csv
import html
from collections.abc import Callable, Sequence
from pathlib import Path

from tablecheck.documents import read_documents
from tablecheck.grid import Document, Grid

Rows = Sequence[Sequence[str]]


def read(path: Path) -> Document:
    (document,) = read_documents([path])
    return document


def read_text(folder: Path, name: str, text: str) -> Document:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read(path)


def texts(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


def shown(grid: Grid) -> list[list[str]]:
    """Texts with what is raised behind them."""
    return [[cell.text + cell.raised for cell in row] for row in grid.rows]


def spans(grid: Grid) -> dict[str, tuple[int, int]]:
    return {c.text: (c.width, c.height) for row in grid.rows for c in row if (c.width, c.height) != (1, 1)}


def to_csv(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def to_tsv(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-16", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(rows)


def to_html(path: Path, rows: Rows) -> None:
    body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>\n" for row in rows)
    path.write_text(f"<html><body><table>\n{body}</table></body></html>", encoding="utf-8")


def to_markdown(path: Path, rows: Rows) -> None:
    lines = ["| " + " | ".join(c.replace("*", "\\*") for c in row) + " |" for row in rows]
    path.write_text("\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n", encoding="utf-8")


def to_latex(path: Path, rows: Rows) -> None:
    body = "".join(" & ".join(c.replace("%", "\\%") for c in row) + " \\\\\n" for row in rows)
    columns = "c" * len(rows[0])
    path.write_text(f"\\begin{{tabular}}{{{columns}}}\n\\hline\n{body}\\hline\n\\end{{tabular}}\n", encoding="utf-8")


def to_word(path: Path, rows: Rows) -> None:
    import docx

    document = docx.Document()
    table = document.add_table(len(rows), len(rows[0]))
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    document.save(str(path))


def to_workbook(path: Path, rows: Rows) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Sheet1")
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                sheet.write_string(i, j, text)


def wide(text: str) -> int:
    return sum(2 if "\u2e80" < c < "\ua000" else 1 for c in text)


def to_fixed(path: Path, rows: Rows) -> None:
    widths = [max(wide(row[j]) for row in rows) for j in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        cells = [row[0] + " " * (widths[0] - wide(row[0]))]
        return "  ".join([*cells, *(" " * (w - wide(c)) + c for c, w in zip(row[1:], widths[1:], strict=True))])

    rule = "-" * (sum(widths) + 2 * len(widths) - 2)
    path.write_text("\n".join([rule, line(rows[0]), rule, *map(line, rows[1:]), rule, ""]), encoding="utf-8")


def to_pdf(path: Path, rows: Rows) -> None:
    cells = ", ".join("[" + c.replace("*", "\\*") + "]" for row in rows for c in row)
    table = f"table(columns: {len(rows[0])}, stroke: none, table.hline(), {cells}, table.hline())"
    typeset(path, f"Some words before the table.\n\n#figure(caption: [Table 1. Numbers], supplement: none, {table})")


def typeset(path: Path, source: str) -> None:
    import typst

    whole = "#set page(width: 18cm, height: 24cm)\n#set text(size: 10pt)\n" + source
    path.write_bytes(typst.compile(whole.encode()))


WRITERS: dict[str, Callable[[Path, Rows], None]] = {
    "csv": to_csv,
    "tsv": to_tsv,
    "html": to_html,
    "md": to_markdown,
    "tex": to_latex,
    "docx": to_word,
    "xlsx": to_workbook,
    "txt": to_fixed,
}
"""How a rectangle is written, by suffix; `to_pdf` beside them, which takes longer."""
