"""Plant one error in a real table, as it was read, and see whether the review of the changed document finds it.

Each error changes the text of one cell of a grid. Whether the printed rounding lets anyone tell it is decided without
the rules of the checks, by `tables_feasible.possible`: under every rule (levels of stars, kinds of loose brackets) that
fits the unchanged table, no true values print the changed estimate. A table that no rule fits is left out.
"""

from __future__ import annotations

import itertools
import math
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.random import Generator
from tables_feasible import COVERS, IN_USE, possible, span, star_range
from tables_set import digits_exchanged

from tablecheck.added import LITERATURE
from tablecheck.digits import Printed
from tablecheck.findings import Finding
from tablecheck.grid import Document, Grid, GridCell
from tablecheck.layout import read_tables
from tablecheck.printed import Column, Estimate, PublishedTable
from tablecheck.review import review

SEED = 2033
TRIES = 6
"""Places tried in a document for each kind of error, until one can be told."""
MOST = 20
"""Estimates of a table that must fit a rule; of a longer table, as many at random."""
STARS = re.compile(r"\s*[*∗⋆★☆＊]+\s*$")
SIGNS = "-−–‒‐"


@dataclass(frozen=True)
class Change:
    """One cell with another text: the table by its number, row and column, and the places that may be named."""

    table: int
    row: int
    column: int
    cell: GridCell
    places: frozenset[str]
    told: bool
    said: str


@dataclass(frozen=True)
class Shown:
    """The texts printed for an estimate, for `tables_feasible.possible`; a loose number has its bracket as kind."""

    b: str
    kinds: Mapping[str, str]
    marks: str
    dfs: tuple[float, ...]
    ratio: bool


Rule = tuple[Mapping[str, float], Mapping[str, str]]
"""Levels of stars, and the kind of each loose bracket."""


@dataclass
class Ready:
    """A table with the estimates that can be changed; the rules that fit all of them are found when needed."""

    number: int
    table: PublishedTable

    @cached_property
    def estimates(self) -> tuple[tuple[Column, Estimate, Shown], ...]:
        """Estimates with plain texts and something to compare, at most `MOST`."""
        every = [(c, e, shown_of(c, e)) for c in self.table.columns for e in c.estimates.values()]
        usable = [(c, e, s) for c, e, s in every if s is not None and (s.kinds or s.marks)]
        order = np.random.default_rng(SEED).permutation(len(usable))
        return tuple(usable[i] for i in order[:MOST])

    @cached_property
    def shown(self) -> tuple[Shown, ...]:
        """The texts of the estimates."""
        return tuple(s for _, _, s in self.estimates)

    @cached_property
    def tells(self) -> bool:
        """True if the table has stars: an estimate without a star is then insignificant."""
        return any(s.marks for s in self.shown)

    @cached_property
    def absolute(self) -> bool:
        """True if t statistics are printed without their sign."""
        ts = [(s.kinds["t"], s.b) for s in self.shown if "t" in s.kinds]
        return all(not t.startswith("-") for t, _ in ts) and any(b.startswith("-") for _, b in ts)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules under which all estimates are possible."""
        fit = [r for r in rules_of(self.table, self.shown) if all(self.fits(s, r) for s in self.shown)]
        return tuple(fit) if self.shown else ()

    def fits(self, one: Shown, rule: Rule) -> bool:
        """Return whether any true values print an estimate under a rule."""
        return fits(one, rule, absolute=self.absolute, tells=self.tells)

    def told(self, new: Shown) -> bool:
        """Return whether rounding lets anyone tell an estimate that was changed to ``new``."""
        return not any(self.fits(new, rule) for rule in self.rules)


Plant = Callable[[Generator, Ready], Iterator[Change]]


def in_cell(cell: GridCell, number: Printed, new: str) -> GridCell | None:
    """Return the cell with one number exchanged for another; None if the number is not there exactly once.

    The sign of the number is part of ``new``. Only numbers with a decimal point, or whole ones, are changed.
    """
    spots = [m for m in re.finditer(r"(?:\d[\d,]*)?(?:\.\d+)|\d[\d,]*", cell.text) if _is(m.group(), number)]
    if len(spots) != 1:
        return None
    start, end = spots[0].span()
    before = cell.text[:start]
    if number.value < 0:
        bare = before.rstrip()
        if not bare or bare[-1] not in SIGNS:
            return None
        before = bare[:-1]
    changed = replace(cell, text=before + new + cell.text[end:])
    return None if changed == cell else changed


def _is(numeral: str, number: Printed) -> bool:
    bare = numeral.replace(",", "")
    return len(bare.partition(".")[2]) == number.decimals and math.isclose(
        float(bare), abs(number.value), rel_tol=1e-9, abs_tol=1e-12
    )


def text_of(number: Printed) -> str | None:
    """Return the number as plain text; None for a bound, a percentage or a power of ten."""
    if number.decimals < 0 or number.low == -math.inf or number.high == math.inf or "%" in number.text:
        return None
    text = f"{number.value:.{number.decimals}f}"
    return text if math.isclose(float(text), number.value, rel_tol=1e-9, abs_tol=1e-12) else None


def at(table: PublishedTable, number: Printed | None) -> tuple[int, int] | None:
    """Return row and column of the cell that a number was read from; None if several cells fit."""
    if number is None:
        return None
    spots = [
        (i, j)
        for i, j in table.roles
        if table.place(i, j) == number.place and table.grid.rows[i][j].text == number.text
    ]
    return spots[0] if len(spots) == 1 else None


def shown_of(column: Column, estimate: Estimate) -> Shown | None:
    """Return the texts of an estimate; None if it has no coefficient or a number that is not plain."""
    if estimate.b is None or estimate.is_below:
        return None
    numbers = {"b": estimate.b, "se": estimate.se, "t": estimate.t, "p": estimate.p, **estimate.loose}
    if estimate.interval is not None:
        numbers |= dict(zip(("low", "high"), estimate.interval, strict=True))
    texts = {k: text_of(n) for k, n in numbers.items() if n is not None}
    if None in texts.values():
        return None
    plain = {k: t for k, t in texts.items() if t is not None}
    return Shown(plain.pop("b"), plain, estimate.marks, tuple(degrees(column)), column.ratios)


def degrees(column: Column) -> np.ndarray:
    """Degrees of freedom that a column leaves open: from its own, its clusters or few, to many."""
    n = column.nobs.value if column.nobs is not None else math.inf
    least = min(4.0, max(n - len(column.estimates) - 1, 0.5))
    for key, less in (("df", 0.0), ("clusters", 1.0)):
        if key in column.sizes and math.isfinite(column.sizes[key].value):
            least = max(column.sizes[key].value - less, 0.5)
            break
    return np.array([least, 1.3 * least, 2 * least, 4 * least, 10 * least, 40 * least, 1e7])


def rules_of(table: PublishedTable, shown: Sequence[Shown]) -> list[Rule]:
    """Return the rules that the table leaves open."""
    marks = {s.marks for s in shown if s.marks}
    stated = table.notes.levels
    levels = [stated] if stated else [lv for lv in IN_USE if marks <= set(lv)] if marks else [{}]
    if any(not marks <= set(lv) for lv in levels):
        return []
    loose = sorted({k for s in shown for k in s.kinds if k not in ("se", "t", "p", "low", "high")})
    if len(loose) > 2:
        return []
    ways = itertools.permutations(("se", "t", "p"), len(loose))
    return [(lv, dict(zip(loose, way, strict=True))) for lv in levels for way in ways]


def fits(one: Shown, rule: Rule, *, absolute: bool, tells: bool) -> bool:
    """Return whether any true values print an estimate under a rule."""
    levels, way = rule
    kinds = {way.get(k, k): t for k, t in one.kinds.items()}
    if not kinds and not one.marks:
        return True
    if "p" in kinds and span(kinds["p"])[0] > 1:
        return False
    if ("se" in kinds and span(kinds["se"])[1] <= 0) or (one.ratio and span(one.b)[1] <= 0):
        return False
    stars = star_range(one.marks, levels, tells=tells)
    texts, dfs = {"b": one.b}, np.array(one.dfs)
    if not one.ratio and "se" not in kinds and set(kinds) <= {"p"} and not one.kinds:
        return True
    if possible(texts, kinds, stars, dfs, COVERS, ratio=one.ratio, absolute=absolute):
        return True
    rng = np.random.default_rng(1)
    return any(
        possible(texts, kinds, stars, dfs, COVERS, ratio=one.ratio, absolute=absolute, rng=rng) for _ in range(2)
    )


def _estimates(
    rng: Generator, of: Ready, choose: Callable[[Estimate, Shown, Sequence[Shown]], tuple[Printed, Shown, str] | None]
) -> Iterator[Change]:
    """Yield changes of one number of an estimate; ``choose`` gives the number, the new estimate and the new text."""
    for i in rng.permutation(len(of.estimates)):
        column, estimate, one = of.estimates[i]
        chosen = choose(estimate, one, of.shown)
        spot = at(of.table, chosen[0]) if chosen else None
        if chosen is None or spot is None:
            continue
        old, new, text = chosen
        cell = of.table.grid.rows[spot[0]][spot[1]]
        changed = in_cell(cell, old, text) if text != "*" else starred(cell, one.marks, new.marks)
        if changed is None:
            continue
        if not of.rules:
            return
        every = [estimate.b, estimate.se, estimate.t, estimate.p, *(estimate.interval or ()), *estimate.loose.values()]
        places = frozenset(n.place for n in every if n is not None)
        said = f"{column.label}, {estimate.term}: {cell.text}{cell.raised} -> {changed.text}{changed.raised}"
        yield Change(of.number, *spot, changed, places, of.told(new), said)


def starred(cell: GridCell, old: str, new: str) -> GridCell | None:
    """Return the cell with other stars; None if its stars are not at its end."""
    if not set(old + new) <= {"*"}:
        return None
    if cell.raised:
        return replace(cell, raised=new) if cell.raised.strip() == old else None
    if old:
        return replace(cell, text=STARS.sub(new, cell.text)) if STARS.search(cell.text) else None
    return replace(cell, text=cell.text + new) if re.search(r"\d$", cell.text) else None


def wrong_star(rng: Generator, of: Ready) -> Iterator[Change]:
    """Plant the most stars of the table where there are none, or none where there are some."""

    def choose(estimate: Estimate, one: Shown, shown: Sequence[Shown]) -> tuple[Printed, Shown, str] | None:
        most = max((s.marks for s in shown), key=len, default="")
        if not most or estimate.b is None or (one.marks and one.marks != estimate.b.marks):
            return None
        return estimate.b, replace(one, marks="" if one.marks else most), "*"

    return _estimates(rng, of, choose)


def _kind_changed(kind: str, change: Callable[[str], str]) -> Plant:
    """Plant another number of one kind; loose brackets count as standard errors."""

    def plant(rng: Generator, of: Ready) -> Iterator[Change]:
        def choose(estimate: Estimate, one: Shown, _: Sequence[Shown]) -> tuple[Printed, Shown, str] | None:
            name = kind
            if kind == "se" and estimate.se is None and len(estimate.loose) == 1:
                (name,) = estimate.loose
            old = estimate.loose.get(name) or getattr(estimate, name, None)
            if name == "high":
                old = estimate.interval[1] if estimate.interval else None
            if old is None or name not in one.kinds or (name == "b_std"):
                return None
            text = change(one.kinds[name])
            if text == one.kinds[name]:
                return None
            return old, replace(one, kinds={**one.kinds, name: text}), text

        return _estimates(rng, of, choose)

    return plant


def ten_times(text: str) -> str:
    """The number ten times as large, with as many decimals."""
    decimals = len(text.partition(".")[2])
    return f"{float(text) * 10:.{decimals}f}"


def exchanged(text: str) -> str:
    """Two neighbouring digits exchanged; which ones depends on the text alone."""
    return digits_exchanged(text, np.random.default_rng(zlib.crc32(text.encode())))


def sign_changed(rng: Generator, of: Ready) -> Iterator[Change]:
    """Plant the other sign of a coefficient."""

    def choose(estimate: Estimate, one: Shown, _: Sequence[Shown]) -> tuple[Printed, Shown, str] | None:
        if estimate.b is None or float(one.b) == 0 or not set(one.kinds) & {"t", "low"}:
            return None
        text = one.b[1:] if one.b.startswith("-") else f"-{one.b}"
        return estimate.b, replace(one, b=text), text

    return _estimates(rng, of, choose)


def r2_above_one(rng: Generator, of: Ready) -> Iterator[Change]:
    """Plant an R2 above one, in a table whose R2 are not per cent."""
    every = [(c, c.sizes[k]) for c in of.table.columns for k in ("r2", "r2_adjusted", "r2_within") if k in c.sizes]
    if not every or any(n.value > 1 for _, n in every):
        return
    for i in rng.permutation(len(every)):
        column, old = every[i]
        spot, text = at(of.table, old), text_of(old)
        if spot is None or text is None or not text.startswith("0."):
            continue
        changed = in_cell(of.table.grid.rows[spot[0]][spot[1]], old, f"1{text[1:]}")
        if changed is not None and span(f"1{text[1:]}")[0] > 1:
            yield Change(
                of.number, *spot, changed, frozenset([old.place]), True, f"{column.label}, R2: {text} -> 1{text[1:]}"
            )


def mean_outside(rng: Generator, of: Ready) -> Iterator[Change]:
    """Plant a mean above the largest value."""
    rows = [(name, row) for part in of.table.described for name, row in part.rows.items()]
    for i in rng.permutation(len(rows)):
        name, row = rows[i]
        if not {"mean", "min", "max"} <= set(row):
            continue
        mean, least, most = row["mean"], row["min"], row["max"]
        spot, text = at(of.table, mean), text_of(mean)
        if spot is None or text is None or not least.value <= mean.value <= most.value:
            continue
        high = most.high + 0.2 * max(most.value - least.value, abs(most.value), 1.0)
        new = f"{high:.{max(mean.decimals, 0)}f}"
        changed = in_cell(of.table.grid.rows[spot[0]][spot[1]], mean, new)
        if changed is not None and span(new)[0] > most.high:
            places = frozenset(n.place for n in row.values())
            yield Change(
                of.number, *spot, changed, places, True, f"{name}: mean {text} -> {new}, largest {most.value:g}"
            )


PLANTS: Mapping[str, Plant] = {
    "wrong star": wrong_star,
    "s.e. x 10": _kind_changed("se", ten_times),
    "digits of t": _kind_changed("t", exchanged),
    "digits of p": _kind_changed("p", exchanged),
    "R2 above one": r2_above_one,
    "sign of b": sign_changed,
    "mean above max": mean_outside,
    "end of interval": _kind_changed("high", exchanged),
}


def changed(document: Document, change: Change, grids: Sequence[Grid]) -> Document:
    """Return the document with one cell changed; ``grids`` are those of its tables."""
    grid = grids[change.table]
    rows = [list(row) for row in grid.rows]
    rows[change.row][change.column] = change.cell
    new = replace(grid, rows=tuple(tuple(row) for row in rows))
    return replace(document, grids=tuple(new if g.name == grid.name else g for g in document.grids))


def key(finding: Finding) -> tuple[str, str, str, tuple[str, ...], str]:
    """Return a key that a finding has in every reading of its document."""
    return finding.grade, finding.check, finding.table, finding.cells, finding.where


def accusations(tables: Sequence[PublishedTable]) -> list[Finding]:
    """Return the contradictions and doubts of a document, without those about its text."""
    return [f for f in review(tables, checks=LITERATURE).findings if f.grade != "note"]


def planted(document: Document, name: str) -> list[tuple[str, bool, bool, str]]:
    """Plant one error of each kind: kind, whether it can be told, whether it was found, what was changed.

    The first place that can be told is taken, of `TRIES`; the seed depends on the name of the document alone.
    """
    tables = [t for t in read_tables(document) if t.grid.name in {g.name for g in document.grids}]
    before = {key(f) for f in accusations(tables)}
    accused = {(f[2], place) for f in before for place in f[3]}
    grids = [t.grid for t in tables]
    all_ready = [Ready(n, table) for n, table in enumerate(tables)]
    order = np.random.default_rng([SEED, zlib.crc32(name.encode())]).permutation(len(tables))
    results = []
    for kind, plant in PLANTS.items():
        rng = np.random.default_rng([SEED, zlib.crc32(f"{name} {kind}".encode())])
        tries: list[Change] = []
        for n in order:
            for change in plant(rng, all_ready[n]):
                if not any((tables[n].name, place) in accused for place in change.places):
                    tries.append(change)
                if len(tries) >= TRIES or (tries and tries[-1].told):
                    break
            if len(tries) >= TRIES or (tries and tries[-1].told):
                break
        for change in tries:
            found = change.told and _found(document, change, grids, before)
            results.append((kind, change.told, found, f"{tables[change.table].name}: {change.said}"))
    return results


def _found(document: Document, change: Change, grids: Sequence[Grid], before: set[tuple[object, ...]]) -> bool:
    """Return whether the changed document has a new contradiction or doubt at the changed cells."""
    after = accusations(read_tables(changed(document, change, grids)))
    name = grids[change.table].name
    return any(key(f) not in before and f.table == name and change.places & set(f.cells) for f in after)
