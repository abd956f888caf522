"""How often `integrade audit --table` accuses wrongly, and how many planted errors it finds.

Run: python benchmarks/certify_tables.py docs/table_audit_figures.md [--tables 400] [--seed 1] [--hold-out 400]
Without a file the section goes to the terminal. Consistent tables are real fits of four packages on simulated panels,
rounded, labelled and set as authors and packages do (tables_fitted, tables_drawn, tables_set), written to a file and
read again (tables_judged). Planted errors and the search that tells which of them rounding lets anyone detect are in
tables_planted and tables_feasible. Exit code 1: a target is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tables_drawn import draw
from tables_judged import false_findings, found_by, run
from tables_planted import PLANTS, plant

START, END = "<!-- figures -->", "<!-- end of figures -->"
HOLD_OUT = 2027
"""A seed of tables that nobody looked at while the checks were made."""


@dataclass
class Consistent:
    """Counts over consistent tables."""

    documents: int = 0
    tables: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    set_as: Counter[str] = field(default_factory=Counter)
    misread: Counter[str] = field(default_factory=Counter)
    accused: list[str] = field(default_factory=list)
    doubted: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def consistent(tables: int, seed: int, folder: Path) -> Consistent:
    """Consistent tables read and checked: what was said of them that is not true, what was read wrongly."""
    found = Consistent()
    for n in range(10 * tables):
        if found.tables >= tables:
            break
        case = draw(seed * 1_000_000 + n)
        style = case.tables[0].style
        outcome = run(case, folder, f"consistent{n}")
        found.documents += 1
        found.tables += len(case.tables)
        for table in case.tables:
            found.kinds[table.kind] += 1
            found.set_as[style.name] += 1
        name = f"{seed}/{n} {case.tables[-1].kind}, {style.name}"
        if outcome.wrong:
            found.misread[style.name] += 1
            found.wrong.append(f"{name}: {outcome.wrong[0]}")
        for grade, kept in (("contradiction", found.accused), ("doubt", found.doubted)):
            false = false_findings(outcome.findings, grade)
            kept += [f"{name}: {false[0].sentence}"] if false else []
        outcome.path.unlink()
    return found


@dataclass
class Power:
    """Counts of one kind of planted error."""

    planted: int = 0
    detectable: int = 0
    found: int = 0
    beyond: int = 0
    missed: list[str] = field(default_factory=list)


def power(tables: int, seed: int, folder: Path) -> dict[str, Power]:
    """Errors of every kind in turn, one to a table: how many can be told, and how many of those are found."""
    counts = {kind: Power() for kind in PLANTS}
    for n in range(tables):
        kind = list(PLANTS)[n % len(PLANTS)]
        case, planted = plant(kind, seed * 1_000_000 + n)
        before, after = run(case, folder, "before"), run(planted.case, folder, "after")
        hit, own = bool(found_by(planted, before, after)), counts[kind]
        own.planted += 1
        own.detectable += planted.detectable
        own.found += hit and planted.detectable
        own.beyond += hit and not planted.detectable
        if planted.detectable and not hit:
            own.missed.append(f"{seed}/{n} {planted.case.tables[0].style.name}: {planted.said}")
    return counts


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def consistent_lines(found: Consistent, seed: int) -> list[str]:
    """The counts of consistent tables in Markdown."""
    lines = [
        f"{found.tables} consistent tables in {found.documents} documents (seed {seed}): {len(found.accused)} false "
        f"contradictions; a false doubt in {len(found.doubted)} documents "
        f"({_share(len(found.doubted), found.documents)}); "
        f"{len(found.wrong)} documents in which a number was read as something else than it is.",
        "",
        "| kind | tables |  | set as | tables | misread documents |",
        "|---|---|---|---|---|---|",
    ]
    kinds, styles = sorted(found.kinds.items()), sorted(found.set_as.items())
    for i in range(max(len(kinds), len(styles))):
        kind = f"{kinds[i][0]} | {kinds[i][1]}" if i < len(kinds) else " | "
        style = f"{styles[i][0]} | {styles[i][1]} | {found.misread[styles[i][0]]}" if i < len(styles) else " |  | "
        lines.append(f"| {kind} |  | {style} |")
    said = [f"- {x}" for x in (*found.accused, *found.doubted, *found.wrong)]
    return [*lines, "", *said, *([""] if said else [])]


def power_lines(counts: dict[str, Power], seed: int) -> list[str]:
    """The counts of planted errors in Markdown."""
    planted, told, found = (sum(getattr(p, k) for p in counts.values()) for k in ("planted", "detectable", "found"))
    beyond = sum(p.beyond for p in counts.values())
    lines = [
        f"{planted} tables with one planted error of {len(counts)} kinds (seed {seed}): rounding lets {told} be told, "
        f"of which {found} are found ({_share(found, told)}). Another {beyond} are found by a doubt that rests on more "
        "than the digits.",
        "",
        "| planted error | planted | can be told | found |",
        "|---|---|---|---|",
        *(f"| {k} | {p.planted} | {p.detectable} | {p.found} |" for k, p in counts.items()),
        "",
    ]
    missed = [f"- {kind}, {x}" for kind, p in counts.items() for x in p.missed]
    return [*lines, *(["Missed:", "", *missed, ""] if missed else [])]


def section(tables: int, seed: int, hold_out: int, folder: Path) -> tuple[str, bool]:
    """All figures as Markdown, and whether the targets are reached."""
    lines, good = [START, ""], True
    runs = ((seed, tables, "One seed"), (HOLD_OUT, hold_out, "Another seed, not used in development"))
    for which, count, title in runs:
        clean, errors = consistent(count, which, folder), power(count, which, folder)
        told, found = (sum(getattr(p, k) for p in errors.values()) for k in ("detectable", "found"))
        good &= not clean.accused and len(clean.doubted) < 0.02 * clean.tables and found >= 0.9 * told
        lines += [f"### {title}", "", *consistent_lines(clean, which), *power_lines(errors, which)]
    return "\n".join([*lines, END]), good


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("page", type=Path, nargs="?")
    parser.add_argument("--tables", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hold-out", type=int, default=400, help="tables of the other seed")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        text, good = section(given.tables, given.seed, given.hold_out, Path(folder))
    if given.page is None:
        sys.stdout.write(text + "\n")
    else:
        page = given.page.read_text(encoding="utf-8")
        before, _, rest = page.partition(START)
        given.page.write_text(before + text + rest.partition(END)[2], encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
