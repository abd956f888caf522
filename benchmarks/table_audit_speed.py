"""How long `audit --table` takes for a paper of 60 pages with 15 tables, on the clock and on the processor.

The paper is set by typst: running text, and the tables of tests/tablecheck/printed that are csv. Each round starts the
program anew, as a user does. Run: python benchmarks/table_audit_speed.py [rounds]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from tablecheck.documents import read_documents
from tablecheck.grid import Grid

PRINTED = Path(__file__).parents[1] / "tests" / "tablecheck" / "printed"
PAGES, TABLES = 60, 15
NAMES = (
    "journal/main", "journal/described", "journal/correlations", "journal/groups", "journal/panels", "journal/beside",
    "stata/esttab_se", "stata/esttab_ci", "chinese/main", "chinese/regions", "chinese/correlations",
    "linearmodels/compare_se", "journal/one_cell_broken", "journal/stars_before", "chinese/described",
)  # fmt: skip


def table_of(number: int, grid: Grid) -> str:
    """A table of typst with its title above and its notes below."""
    cells = ", ".join(f"[{escaped(cell.text + cell.raised)}]" for row in grid.rows for cell in row)
    notes = " ".join(escaped(note) for note in grid.notes)
    return (
        f"Table {number}. {escaped(grid.title) or 'Estimates'}\n\n#table(columns: {grid.columns}, stroke: none, "
        f"table.hline(), {cells}, table.hline())\n#text(size: 8pt)[Notes: {notes}]\n"
    )


def escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\#$*_[]<>@`~=-+/\"'" else c for c in text)


def paper(path: Path) -> None:
    """A paper of `PAGES` pages with `TABLES` tables."""
    grids = [grid for name in NAMES for d in read_documents([PRINTED / f"{name}.csv"]) for grid in d.grids[:1]]
    parts = [f"= Section {n}\n#lorem(2450)\n\n{table_of(n, grid)}" for n, grid in enumerate(grids[:TABLES], start=1)]
    source = '#set page(numbering: "1")\n#set text(size: 11pt)\n' + "\n".join(parts)
    path.write_bytes(typst.compile(source.encode()))


def main(rounds: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        paper(path)
        (document,) = read_documents([path])
        last = document.grids[-1].name
        print(f"{path.stat().st_size:,} bytes, {len(document.grids)} tables ({last})")
        command = [sys.executable, "-m", "integrade", "audit", "--table", str(path), "--fail-on", "never"]
        for _ in range(rounds):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"{seconds:.2f} s on the clock, {spent:.2f} s of the processor")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
