"""Published tables as they were typed: every number with its decimals and stars, every column with its sample size.

Four shapes are recognised by their headings: regressions (``variable, stat, column ...`` with rows ``b`` and ``t`` or
``se``), descriptive statistics (``variable, minimum, maximum ...``), correlations (a lower triangle with stars) and
rankings (pairs of a value column and a ``rank_...`` column).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from integrade.errors import FileMissing, IntegradeError, NotANumber, Problems, Unreadable, did_you_mean


@dataclass(frozen=True)
class Printed:
    """A printed number: its value, how far rounding may have moved it (half a unit of the last digit), its stars."""

    value: float
    half: float
    stars: int = 0
    text: str = ""

    @property
    def low(self) -> float:
        """The smallest number that prints like this."""
        return self.value - self.half

    @property
    def high(self) -> float:
        """The largest number that prints like this."""
        return self.value + self.half


@dataclass(frozen=True)
class Estimate:
    """One coefficient of a column with what is printed beside it."""

    b: Printed
    t: Printed | None = None
    se: Printed | None = None


@dataclass(frozen=True)
class PrintedColumn:
    """One column of a printed regression table; terms are written ``market``, ``market^2``, ``L.market``."""

    table: str
    label: str
    estimates: Mapping[str, Estimate]
    nobs: int | None = None
    r2: Printed | None = None
    df: Printed | None = None
    """Degrees of freedom of t, as printed."""
    clusters: int | None = None
    """The number of clusters; the smallest where there are several kinds."""


@dataclass(frozen=True)
class PrintedTables:
    """Everything typed in: regression tables by name, and the cells of the other three kinds."""

    regressions: Mapping[str, Sequence[PrintedColumn]] = field(default_factory=dict)
    descriptives: Mapping[str, Mapping[str, Mapping[str, Printed]]] = field(default_factory=dict)
    correlations: Mapping[str, Mapping[tuple[str, str], Printed]] = field(default_factory=dict)
    rankings: Mapping[str, Mapping[str, Mapping[str, Printed]]] = field(default_factory=dict)


_NUMBER = re.compile(r"^\(?\s*([-+−]?\d[\d,]*\.?\d*|[-+−]?\.\d+)\s*\)?\s*(\**)\s*\)?$")
_ROW_NAMES = {
    "b": "b",
    "coef": "b",
    "coefficient": "b",
    "t": "t",
    "tstat": "t",
    "t-stat": "t",
    "z": "t",
    "se": "se",
    "s.e.": "se",
    "std_error": "se",
}
_SAMPLE = ("observations", "obs", "n", "nobs", "sample_size", "no. of observations")
_DF = ("df of t", "df_t", "degrees of freedom", "degrees of freedom of t", "t 分布自由度")
_CLUSTERS = ("clusters", "number of clusters", "no. of clusters", "n_clusters", "聚类")
_R2 = ("r-squared", "r2", "r-sq", "within_r2", "r_squared")


LONGEST = 100
"""Characters of a cell that may be a number: no printed one has more, and it is matched in squared time."""
LONGEST_CELL = 131_072
"""Characters of any cell."""


def parse_number(text: str) -> Printed | None:
    """``-0.0066***`` -> -0.0066 with its rounding and three stars; nothing for text that is not a number."""
    match = _NUMBER.match(text.strip()) if len(text) <= LONGEST else None
    if not match:
        return None
    digits = match[1].replace(",", "").replace("−", "-")
    decimals = len(digits.partition(".")[2])
    return Printed(float(digits), 0.5 * 10.0**-decimals, len(match[2]), text.strip())


def term_name(text: str) -> str:
    """``c. Market# c. Market`` -> ``market^2``; ``L2.Market`` -> ``L2.market``."""
    bare = re.sub(r"\s+", "", text).lower().replace("c.", "")
    parts = bare.split("#")
    name = f"{parts[0]}^2" if len(parts) == 2 and parts[0] == parts[1] else "#".join(parts)
    name = re.sub(r"(_sq|_squared|\*\*2|²|2nd)$", "^2", name)
    return re.sub(r"^([lf])(\d*)\.", lambda m: f"{m[1].upper()}{m[2]}.", name)


def read_printed(files: Sequence[str | Path]) -> PrintedTables:
    """Typed-in tables from csv files or folders of them; the name of a table is that of its file.

    Raises `FileMissing`, `Unreadable` for a table of none of the four shapes and `NotANumber` for a cell that should
    hold a number (with its row and column); several at once as `Problems`.
    """
    kinds: dict[str, dict[str, object]] = {k: {} for k in ("regressions", "descriptives", "correlations", "rankings")}
    problems: list[IntegradeError] = []
    for path in _paths(files):
        try:
            kind, content = _read_one(path)
            kinds[kind][path.stem] = content
        except IntegradeError as problem:
            problems += problem.problems if isinstance(problem, Problems) else [problem]
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    return PrintedTables(**kinds)  # type: ignore[arg-type]


def _paths(files: Sequence[str | Path]) -> list[Path]:
    found: list[Path] = []
    for name in map(Path, files):
        if name.is_dir():
            inside = sorted(name.glob("*.csv"), key=_natural)
            if not inside:
                raise FileMissing(f"no csv file in {name}", remedy="a folder of tables holds one csv a table")
            found += inside
        elif name.exists():
            found.append(name)
        else:
            near = sorted(p.name for p in name.parent.glob("*.csv")) if name.parent.exists() else []
            raise FileMissing(f"no file {name}", remedy=did_you_mean(name.name, near))
    return found


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", path.stem) if p]


def _read_one(path: Path) -> tuple[str, object]:
    try:
        lines = _rows_of(path)
    except (UnicodeDecodeError, csv.Error) as problem:
        why = "is not UTF-8 text" if isinstance(problem, UnicodeDecodeError) else f"is no table: {problem}"
        raise Unreadable(f"{path.name} {why}", remedy="save the typed table as csv in UTF-8") from None
    head = [c.strip().lower() for c in lines[0]] if lines else []
    rows = [[*r, *[""] * (len(head) - len(r))] for r in lines[1:]]
    if "stat" in head:
        return "regressions", _regression(path, lines[0], rows)
    if {"minimum", "maximum"} & set(head) or {"min", "max"} <= set(head):
        return "descriptives", _descriptives(path, head, rows)
    if any(h.startswith("rank") for h in head):
        return "rankings", _ranking(path, head, rows)
    if "variable" in head and rows and _is_triangle(head, rows):
        return "correlations", _correlations(path, head, rows)
    raise Unreadable(
        f"{path.name} is none of the tables that can be checked",
        example=f"its headings: {', '.join(head)[:80]}",
        remedy="headings variable,stat,... (regressions, rows b and t or se), variable,minimum,maximum,... "
        "(descriptives), variable,c1,c2,... (correlations), or NAME,value,rank_value,... (a ranking)",
    )


def _rows_of(path: Path) -> list[list[str]]:
    """The rows that hold something, headings first.

    Raises `csv.Error` for one of more cells than headings and for a cell of more than `LONGEST_CELL` characters.
    """
    lines: list[list[str]] = []
    for number, row in enumerate(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()), start=1):
        if lines and any(c.strip() for c in row[len(lines[0]) :]):
            raise csv.Error(f"row {number} has more cells than there are headings")
        if any(len(c) > LONGEST_CELL for c in row):
            raise csv.Error(f"row {number} has a cell of more than {LONGEST_CELL:,} characters")
        if any(c.strip() for c in row):
            lines.append(row)
    return lines


def _is_triangle(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    first = head.index("variable") + 1
    filled = [sum(bool(c.strip()) for c in row[first:]) for row in rows]
    return filled == list(range(1, len(rows) + 1))


def _number(path: Path, cell: str, row: int, column: str) -> Printed:
    found = parse_number(cell)
    if found is None:
        raise NotANumber(
            f"{path.name}: a number is needed",
            where=f"row {row}, column {column}",
            example=repr(cell),
            remedy="type numbers as they are printed, with stars: -0.0066***",
        )
    return found


def _regression(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[PrintedColumn]:
    at = [h.strip().lower() for h in head].index("stat")
    labels = [h.strip() for h in head[at + 1 :]]
    cells: list[dict[str, dict[str, Printed]]] = [{} for _ in labels]
    extra: list[dict[str, Printed]] = [{} for _ in labels]
    problems: list[IntegradeError] = []
    for number, row in enumerate(rows, start=2):
        kind, name = _ROW_NAMES.get(row[at].strip().lower()), row[0].strip()
        wanted = _extra(name) if kind is None else ""
        for j, cell in enumerate(row[at + 1 : at + 1 + len(labels)]):
            if not cell.strip() or (kind is None and not wanted):
                continue
            if wanted in ("df", "clusters"):
                extra[j].update((wanted, least) for least in _least(cell))
                continue
            try:
                printed = _number(path, cell, number, labels[j])
            except NotANumber as problem:
                problems.append(problem)
                continue
            (extra[j] if kind is None else cells[j].setdefault(term_name(name), {}))[kind or wanted] = printed
    if problems:
        raise Problems(problems)
    return [_column(path.stem, label, c, e) for label, c, e in zip(labels, cells, extra, strict=True)]


def _extra(name: str) -> str:
    bare = name.lower()
    known = {"n": _SAMPLE, "r2": _R2, "df": _DF, "clusters": _CLUSTERS}
    return next((key for key, names in known.items() if bare in names), "")


def _least(cell: str) -> list[Printed]:
    """The smallest count in a cell: 12 of ``region 12, year 40``; none where a word stands."""
    counts = [parse_number(part.split()[-1]) for part in re.split(r"[,;]\s+", cell.strip()) if part.split()]
    found = [c for c in counts if c is not None and c.value >= 1]
    return sorted(found, key=lambda c: c.value)[:1]


def _column(
    table: str, label: str, cells: Mapping[str, Mapping[str, Printed]], extra: Mapping[str, Printed]
) -> PrintedColumn:
    estimates = {term: Estimate(c["b"], c.get("t"), c.get("se")) for term, c in cells.items() if "b" in c}
    nobs = int(extra["n"].value) if "n" in extra else None
    clusters = int(extra["clusters"].value) if "clusters" in extra else None
    return PrintedColumn(table, label, estimates, nobs, extra.get("r2"), extra.get("df"), clusters)


def _descriptives(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, dict[str, Printed]]:
    short = {
        "minimum": "min",
        "maximum": "max",
        "std_dev": "sd",
        "standard_deviation": "sd",
        "std": "sd",
        "sample_size": "n",
        "observations": "n",
        "obs": "n",
    }
    names = [short.get(h, h) for h in head]
    return {
        term_name(row[0]): {names[j]: _number(path, row[j], i, head[j]) for j in range(1, len(names)) if row[j].strip()}
        for i, row in enumerate(rows, start=2)
    }


def _correlations(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[tuple[str, str], Printed]:
    at = head.index("variable")
    names = [term_name(row[at]) for row in rows]
    return {
        (names[i], names[j]): _number(path, rows[i][at + 1 + j], i + 2, head[at + 1 + j])
        for i in range(len(rows))
        for j in range(i)
    }


def _ranking(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, dict[str, Printed]]:
    return {
        row[0].strip(): {head[j]: _number(path, row[j], i, head[j]) for j in range(1, len(head)) if row[j].strip()}
        for i, row in enumerate(rows, start=2)
    }
