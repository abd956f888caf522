"""How often the basis of price indices is told rightly, wrongly or not at all, on simulated files of every basis.

Run: python benchmarks/certify_basis.py docs/basis.md [--files 100] [--seed 1]
Without a file the tables go to the terminal. Files are those of tests/basis_files.py: deflation to an inflation of 50%
a year, relative prices from persistent to noisy, means of months, seasons, a missing cell in ten, gaps, typing errors
of a factor of ten; ordinary ones of at least 5 regions, 5 goods and 8 years, 12 quarters or 24 months, and small ones.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from basis_files import BASES, draw_economy, simulate
from integrade.sources.basis.detection import detect

HOLD_OUT = 2027
"""A seed of files that nobody looked at while the rule was made."""
START, END = "<!-- certification -->", "<!-- end of certification -->"
LEVELS = ("fixed", "level")
CALENDARS = {1: "years", 4: "quarters", 12: "months"}


def outcome(true: str, found: str) -> str:
    """right, alike (levels of either kind, which every measure treats alike), refused or wrong."""
    if found in ("unknown", "mixed"):
        return "right" if found == true else "refused"
    if found == "fixed_or_level" and true in LEVELS:
        return "alike"
    return "right" if found == true else "wrong"


def counts(files: int, seed: int, *, ordinary: bool) -> Iterator[tuple[str, str, Counter[str]]]:
    """How files of each basis and calendar end."""
    for basis in BASES:
        for per_year, calendar in CALENDARS.items():
            if per_year == 1 and "year_on_year" in basis:
                continue
            random = np.random.default_rng([seed, BASES.index(basis), per_year, ordinary])
            found: Counter[str] = Counter()
            for _ in range(files):
                file = simulate(random, basis, draw_economy(random, per_year, ordinary))
                if file.jump < len(file.periods) - 1:  # else the second base is not in the file
                    found[outcome(basis, detect(file.values, file.periods).basis)] += 1
            yield basis, calendar, found


def section(files: int, seed: int) -> str:
    """A table of ordinary files and a sentence on small ones, as Markdown."""
    lines = [START]
    for title, ordinary in (("Ordinary files", True), ("Small and short files", False)):
        rows = list(counts(files, seed, ordinary=ordinary))
        total = sum((c for _, _, c in rows), Counter[str]())
        n = sum(total.values())
        lines += [f"\n{title}: {n:,}, of which {total['wrong']} of a wrong basis were accepted.\n"]
        if not ordinary:  # nearly all are refused: one sentence is enough
            lines[-1] = lines[-1].rstrip(".\n") + f" and {total['refused'] / n:.0%} were refused.\n"
            continue
        lines += [
            "| basis | periods | files | right | fixed or level, treated alike | refused | wrong |",
            "|---" * 7 + "|",
        ]
        for basis, calendar, c in rows:
            n = sum(c.values())
            numbers = " | ".join(str(c[kind]) for kind in ("right", "alike", "refused", "wrong"))
            lines.append(f"| `{basis}` | {calendar} | {n} | {numbers} |")
    return "\n".join([*lines, "", _hold_out(files), END])


def _hold_out(files: int) -> str:
    """A sentence on as many ordinary and small files of the other seed."""
    said = []
    for title, ordinary in (("ordinary", True), ("small", False)):
        total = sum((c for _, _, c in counts(files, HOLD_OUT, ordinary=ordinary)), Counter[str]())
        n = sum(total.values())
        said.append(f"{n:,} {title} files ({total['wrong']} wrong, {total['refused'] / n:.0%} refused)")
    return f"Files of another seed, which was not used in development: {' and '.join(said)}."


def main() -> None:
    """Print the tables, or put them into a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("page", nargs="?", type=Path)
    parser.add_argument("--files", type=int, default=100, help="of each basis and calendar")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    made = section(given.files, given.seed)
    if given.page is None:
        print(made)
        return
    before, _, rest = given.page.read_text(encoding="utf-8").partition(START)
    given.page.write_text(before + made + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
