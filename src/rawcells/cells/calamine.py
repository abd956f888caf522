"""Read cells and merged ranges of every sheet with calamine.

With a damaged .xls, calamine may take all memory or never end, without an exception. So an .xls is read by a child
process with limits. An .xlsx does not need this, because it has checksums.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any, BinaryIO

PATIENCE = 300
"""Largest number of seconds for reading an .xls (a convention)."""
MEMORY = 1 << 33
"""Largest number of bytes of memory for reading an .xls (a convention)."""

CHILD = """
import io, pickle, sys
from python_calamine import CalamineWorkbook
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
except Exception:
    pass
book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
told = [one for one in book.sheets_metadata if str(one.typ).endswith("WorkSheet")]
sheets = [(one.name, book.get_sheet_by_name(one.name), str(one.visible).endswith(".Visible")) for one in told]
found = [(name, s.to_python(skip_empty_area=False), s.merged_cell_ranges or (), seen) for name, s, seen in sheets]
sys.stdout.buffer.write(pickle.dumps(found))
"""

Cells = list[tuple[str, list[list[Any]], Any, bool]]
"""Name, rows and merged ranges of each sheet, and whether the sheet is visible."""


def read_cells(stream: BinaryIO) -> Cells:
    """Read the sheets of a workbook. Raises what calamine raises, and `RuntimeError` if it crashed or did not end."""
    from python_calamine import CalamineWorkbook

    content = stream.read()
    if not content.startswith(b"PK") and sys.executable:
        return _by_child(content)
    stream.seek(0)
    book = CalamineWorkbook.from_filelike(stream)
    worksheets = [sheet for sheet in book.sheets_metadata if str(sheet.typ).endswith("WorkSheet")]
    sheets = [
        (sheet.name, book.get_sheet_by_name(sheet.name), str(sheet.visible).endswith(".Visible"))
        for sheet in worksheets
    ]
    return [(name, s.to_python(skip_empty_area=False), s.merged_cell_ranges or (), seen) for name, s, seen in sheets]


def _by_child(content: bytes) -> Cells:
    command = [sys.executable, "-P", "-c", CHILD, str(MEMORY)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"not read within {PATIENCE} seconds") from None
    if done.returncode:
        lines = [line for line in done.stderr.decode("utf-8", errors="replace").splitlines() if line.strip()]
        known = [line for line in lines if "Error:" in line or "panicked" in line]
        raise RuntimeError((known or ["the program that reads it fails on this file"])[-1].strip()[:200])
    cells: Cells = pickle.loads(done.stdout)
    return cells
