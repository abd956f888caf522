"""Read tables in separated text (csv, tsv, ``;``) of any encoding, including esttab's csv with cells ``="0.05"``."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from rawcells.bytes.bounds import MOST_COLUMNS, beyond
from rawcells.errors import Unreadable
from tablecheck.documents.blocks import drafts_of
from tablecheck.documents.shaping import Draft, grid_of, named, piece
from tablecheck.grid import Document

SEPARATORS = "\t;,|"
TRIED = 400
"""Number of lines in which the separator is searched."""
_FORMULA = re.compile(r'(?P<before>^|[,;\t|])="(?=[^"]|"(?:[,;\t|]|$))', re.MULTILINE)
_WHOLE = re.compile(r'^="(.*)"$', re.DOTALL)


def separator_of(text: str) -> str:
    """Return the separator of cells, the sign that most lines contain equally often; empty if no sign splits lines.

    Example:
        >>> [separator_of(t) for t in ("a,b\\nc,d\\n", "a;1,5\\nb;2,5\\n", "one word\\nand another\\n")]
        [',', ';', '']
    """
    lines = "".join(text.splitlines(keepends=True)[:TRIED])
    best, most = "", 0.0
    for sign in SEPARATORS:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(lines, newline=""), delimiter=sign) if any(row)]
        except csv.Error:
            continue
        cut = [w for w in widths if w > 1]
        usual = max(set(cut), key=cut.count) if cut else 0
        share = sum(w == usual for w in cut) / len(widths) if cut else 0.0
        # A later sign replaces an earlier one only if its share is 0.2 larger; a convention that keeps the order above.
        if share > most + 0.2 or (share > most and not best):
            best, most = sign, share
    return best


def read_separated(path: Path, text: str, separator: str) -> Document:
    """Read the tables of separated text; positions are written as ``line 12, column 3``.

    Raises `Unreadable` for quotes that are not closed, for a zero byte, and for too many columns. Raises
    `OverflowError` for too many cells.
    """
    whole = Draft()
    reader = csv.reader(io.StringIO(_FORMULA.sub(r'\g<before>"', text), newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            if len(row) > MOST_COLUMNS:
                raise beyond(path, f"has {len(row):,} columns in line {line}", f"{MOST_COLUMNS:,}", "is it a table?")
            whole.add([piece(_bare(cell), f"line {line}, column {j}") for j, cell in enumerate(row, start=1)])
            line = reader.line_num + 1
    except csv.Error as problem:
        raise Unreadable(
            f"{path.name} is not text with separators: {problem}",
            where=f"{path}, line {max(line, reader.line_num)}",
            remedy="close the quotes that are open, and write a quote in a cell twice",
        ) from None
    grids = [grid for draft in drafts_of(whole.rows) if (grid := grid_of(draft)) is not None]
    return Document(path.name, named(grids, path.stem, path.name))


def _bare(cell: str) -> str:
    """Return the text in the formula ``="..."``, which keeps a program from changing the cell."""
    match = _WHOLE.match(cell.strip())
    return match[1].replace('""', '"') if match else cell
