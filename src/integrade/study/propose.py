"""A study file proposed from a folder of raw files: what each file seems to be by its headings, what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrade.errors import FileMissing, IntegradeError, Problems, UsageError
from integrade.escaping import for_toml, one_line
from integrade.schema import TABLES as CANONICAL
from integrade.sources import READERS, Reading
from integrade.sources.recipe import recipes
from integrade.study.config import Study
from integrade.study.json_schema import NAME, as_text

TABLES = ("prices", "customs", "exporters", "firms", "education", "flows", "output", "gdp", "survey", "covariates")
LEAST = {"firms": 4, "exporters": 3, "education": 4, "customs": 4}
"""Columns beyond region and year that a file must have to look like a table."""
SUFFIXES = (".csv", ".tsv", ".txt", ".dta", ".xls", ".xlsx", ".parquet", ".pq")


@dataclass(frozen=True)
class Guess:
    """What one file, or several with the same ending in one folder, seem to hold; nothing known: ``table`` is empty."""

    files: tuple[str, ...]
    table: str
    rows: int
    years: str
    why: str
    source: str = ""


def propose(folder: Path, out: Path) -> tuple[Guess, ...]:
    """Look at every data file of a folder and write a commented study.toml for what was found.

    Each group of files (one folder, one suffix, names alike but for digits) is read as each canonical table in turn;
    the one whose columns it has most of, and whose rows survive the checks, is taken; a file that fits none is tried as
    each public source. Covariates are files with region (or industry), year and numbers. Raises `FileMissing` for an
    empty folder and `UsageError` where a study.toml is there already.
    """
    if (out / "study.toml").exists():
        raise UsageError(f"{out / 'study.toml'} exists", remedy="choose another folder; nothing was overwritten")
    groups = _groups(folder)
    if not groups:
        raise FileMissing(f"no data file in {folder}", remedy=f"known: {', '.join(SUFFIXES)}")
    guesses = tuple(_guess(files, out) for files in groups)
    out.mkdir(parents=True, exist_ok=True)
    for name, text in ((NAME, as_text()), ("study.toml", study_text(guesses))):
        part = out / f"{name}.part"
        part.write_text(text, encoding="utf-8")
        os.replace(part, out / name)
    return guesses


def _groups(folder: Path) -> list[list[Path]]:
    """Files that belong together: the same folder, suffix and name without its digits."""
    if not folder.is_dir():
        raise FileMissing(f"no folder {folder}", remedy="name a folder of raw files")
    found: dict[tuple[Path, str, str], list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~")):
            name = "".join("#" if c.isdigit() else c for c in path.stem)
            while "##" in name:
                name = name.replace("##", "#")
            found.setdefault((path.parent, path.suffix.lower(), name), []).append(path)
    return list(found.values())


def _guess(files: Sequence[Path], out: Path) -> Guess:
    """The table whose columns the first file has most of; where none fits, the public source whose layout it has."""
    names = tuple(os.path.relpath(f, out) for f in files)
    plain = [(table, "") for table in TABLES]
    public = [(recipe.table, name) for name, recipe in recipes().items() if recipe.table in TABLES]
    lacking = dict[str, list[str]]()
    for attempts in (plain, public):
        best, score = Guess(names, "", 0, "", ""), 0
        for table, source in attempts:
            try:
                found = READERS[table](files[:1], options=Reading(source=source or None)).polars()
            except IntegradeError as problem:
                each = problem.problems if isinstance(problem, Problems) else (problem,)
                lacking.setdefault(table, [_short(p) for p in each])
                continue
            own = _score(table, found)
            if own > score:
                best, score = Guess(names, table, found.height, _years(found), "", source), own
        if score:
            return best
    return Guess(names, "", 0, "", _nearest(lacking))


def _score(table: str, found: Any) -> int:
    """How many columns beyond region and year the file shares with the table; zero where its numbers cannot be that."""
    if table == "covariates":
        numbers = [n for n, kind in found.schema.items() if kind.is_numeric() and n not in ("year", "month")]
        return int(found.height > 0 and bool(numbers))
    own = set(_columns(table)) - {"region", "year", "month"}
    shared = len(own & set(found.columns))
    if not found.height or shared < LEAST.get(table, 1):
        return 0
    if table == "prices":
        low, high = (float(found["index"].quantile(q)) for q in (0.05, 0.95))
        return 2 * shared if low >= 50 and high <= 200 else 0
    return 2 * shared


def _columns(table: str, *, required: bool = False) -> list[str]:
    """The columns of a table; shares of employed persons by schooling are h1 to h9."""
    if table == "education":
        return ["region", "year", *(f"h{i}" for i in range(1, 10))]
    return [c.name for c in CANONICAL[table].columns if c.required or not required]


def _years(found: Any) -> str:
    if "year" not in found.columns or not found.height:
        return ""
    low, high = found["year"].min(), found["year"].max()
    return f"{low}" if low == high else f"{low}-{high}"


def _nearest(lacking: Mapping[str, Sequence[str]]) -> str:
    """What the table that came nearest lacks."""
    named = [t for t in lacking if t not in ("education", "covariates")]
    if not named:
        return "it fits no table"
    table = min(named, key=lambda t: len(lacking[t]) / len(_columns(t, required=True)))
    if len(lacking[table]) >= len(_columns(table, required=True)):
        return "it fits no table"
    return f"nearest to {table}, but {'; '.join(lacking[table])}"


def _short(problem: IntegradeError) -> str:
    """A missing column by its name, another problem in its words."""
    return f"no {problem.column}" if problem.column else problem.what


def study_text(guesses: Sequence[Guess]) -> str:
    """The study file: one section for each table that was found, the others as comments that say what they need."""
    by_table: dict[str, list[Guess]] = {}
    for guess in guesses:
        by_table.setdefault(guess.table, []).append(guess)
    parts = [
        f"#:schema {NAME}",
        "# Proposed from what the files look like: read every line before you run it, then integrade check.",
        'title = "My study"',
        'preset = "sound"',
        "",
    ]
    for table in ("prices", "customs", "firms"):
        parts += _section(table, by_table.pop(table, []))
    covariates = by_table.pop("covariates", [])
    for guess in covariates:
        parts += ["[[covariates]]", *_files(guess), ""]
    unknown = by_table.pop("", [])
    for table, found in by_table.items():
        lines = _section(table, found)
        parts += lines if table in Study.model_fields else [f"# {line}" if line else "" for line in lines]
    parts += [
        "[quality]",
        'sigma = { sound = 5 }   # elasticity of substitution: a number, a file, or "iv"; there is no default',
        "",
    ]
    if unknown:
        parts += ["# Files that fit no table:", *(f"# {_listed(g)}: {one_line(g.why)}" for g in unknown), ""]
    return "\n".join(parts)


def _section(table: str, found: Sequence[Guess]) -> list[str]:
    if not found:
        needs = ", ".join(c.name for c in CANONICAL[table].columns if c.required)
        return [
            f"# No file looks like {table} (columns {needs}). Name the file and its columns:",
            f"[{table}]",
            'files = ["..."]',
            '# columns = { "its name" = "ours" }',
            "",
        ]
    rest = [f"# also looks like {table}: {_listed(g)}" for g in found[1:]]
    return [f"[{table}]", *_files(found[0]), *rest, ""]


def _files(guess: Guess) -> list[str]:
    listed = ", ".join(for_toml(f.replace(os.sep, "/")) for f in guess.files)
    years = f", {guess.years}" if guess.years else ""
    source = [f'source = "{guess.source}"   # integrade list {guess.source}'] if guess.source else []
    return [*source, f"files = [{listed}]   # the first has {guess.rows:,} rows{years}"]


def _listed(guess: Guess) -> str:
    """The first files, for a comment."""
    return one_line(", ".join(guess.files[:3]))
