"""Cache the group codes, term values and columns net of effects that many regressions on one panel share.

`ready` takes a panel and returns a `Ready`. `integrade.estimate.fit.fit` and `integrade.estimate.linear.prepare` accept
a `Ready` in place of the panel. The next regression reuses whatever an earlier one computed: the rows, the coded
effects, a column without its effects. Each `Ready` has its own cache; there is no global cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import numpy as np
import polars as pl

from integrade.engine import frames
from integrade.errors import UsageError
from integrade.estimate.formula import Term
from integrade.estimate.rows import term_values, weight_values
from integrade.records.schema import column_word
from integrade.regress.effects import (
    Codes,
    Factor,
    Mask,
    Vector,
    combine,
    factorise,
    keep_rows,
    pair_components,
    without_singletons,
)
from integrade.regress.ols import block_moments, moments
from integrade.regress.partial import Absorber, absorber, components_with_large, group_sums, remove
from plainwords.texts import listed, say

_BLOCK = 4_096  # rows at a time, so that temporaries stay in cache

_OF_COLUMNS = ("series", "factor", "values", "weights", "gap", "gap of weights", "rows of")
"""First words of the keys of cached results that cover whole columns (all rows). All other keys belong to samples."""

Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class Ready:
    """Rows and columns of a panel, with a cache of what regressions on them need.

    ``own`` are the columns stored here. All other columns are read from ``parent``: from its ``rows`` if ``rows`` is
    given, else from all its rows. ``made`` is the cache: it maps a key to a result. A result that depends only on
    columns of the parent is cached by the parent.
    """

    own: Mapping[str, pl.Series]
    height: int
    parent: Ready | None = None
    rows: Codes | None = None
    made: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, those of the parent first."""
        before = () if self.parent is None else self.parent.columns
        return tuple(dict.fromkeys((*before, *self.own)))

    @property
    def depth(self) -> int:
        """Number of parents above this panel."""
        return 0 if self.parent is None else 1 + self.parent.depth

    @property
    def table(self) -> pl.DataFrame:
        """All columns as a table."""
        return self.select(self.columns)

    def select(self, names: Sequence[str]) -> pl.DataFrame:
        """Return some columns as a table."""
        return pl.DataFrame([self.series(name) for name in dict.fromkeys(names)])

    def plus(self, columns: Mapping[str, Any]) -> Ready:
        """Return the panel with further columns, which have one value per row.

        The present columns are shared, not copied. Raises `UsageError` for a name that is taken and for a column with
        more or fewer values than there are rows.
        """
        taken = [name for name in columns if name in self.columns]
        if taken:
            raise UsageError(f"there is a column {taken[0]!r} already", remedy="give another name")
        added = {name: pl.Series(name, values) for name, values in columns.items()}
        for name, values in added.items():
            if len(values) != self.height:
                raise UsageError(
                    f"column {name!r} has {len(values):,} values for {self.height:,} rows",
                    remedy="give one value per row, in the order of the rows; missing ones as None or NaN",
                )
        return Ready(added, self.height, self)

    def on(self, rows: Codes | Mask) -> Ready:
        """Return the panel on some rows: positions in the wanted order, or a mask that is true for rows to keep."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.intp, copy=False)
        return Ready({}, len(places), self, places)

    def apart(self) -> Ready:
        """Return the panel without the results cached for samples, which regressions on other rows cannot use."""
        above = self.parent.apart() if self.parent is not None and self.rows is None else self.parent
        kept = {key: kept for key, kept in self.made.items() if key[0] in _OF_COLUMNS}
        return replace(self, parent=above, made=kept)

    def shared(self, rows: Codes | Mask) -> Ready:
        """Return the same panel as `on` for these rows, with the results that an earlier call cached for the same rows.

        Only the cache is kept, not the panel of these rows. That panel refers to its parent, and Python frees circular
        references late.
        """
        part = self.on(rows)
        return replace(part, made=self.once(("on", rows.tobytes()), self.columns, lambda: part.made))

    def home(self, columns: Sequence[str]) -> Ready:
        """Return the panel (this one or a parent) that caches results for these columns."""
        if self.parent is None or self.rows is not None or any(c in self.own for c in columns):
            return self
        return self.parent.home(columns)

    def once(self, key: tuple[Any, ...], columns: Sequence[str], make: Callable[[], Made]) -> Made:
        """Return the result cached under ``key``; compute and cache it on the first call.

        ``columns`` are the columns that the result depends on. They decide which panel (this one or a parent) caches
        it.
        """
        cache = self.home(columns).made
        if key not in cache:
            cache[key] = make()
        return cast(Made, cache[key])

    def series(self, name: str) -> pl.Series:
        """Return a column. Raises `KeyError` for an unknown name."""
        if name in self.own:
            return self.own[name]
        if self.parent is None:
            raise KeyError(name)
        if self.rows is None:
            return self.parent.series(name)
        source, rows = self._source(name)
        return self.once(("series", name), [name], lambda: source.series(name).gather(rows))

    def _stored(self, name: str) -> tuple[Ready, Codes | None]:
        """Return the panel that stores a column, and the positions of this panel's rows in it (None: all rows)."""
        if self.rows is None or name in self.own or ("series", name) in self.made:
            return self, None
        return self._source(name)

    def _source(self, name: str) -> tuple[Ready, Codes]:
        """Return the panel that stores a column of the parent, and the positions of these rows in that panel.

        Raises `KeyError` if this panel has no ``rows`` of a parent.
        """
        above, rows = self.parent, self.rows
        if above is None or rows is None:
            raise KeyError(name)
        while above.parent is not None and above.rows is None and name not in above.own:
            above = above.parent
        if above.parent is None or name in above.own or ("series", name) in above.made:
            return above, rows
        source, further = above._source(name)
        return source, self.once(("rows of", source.depth), [name], lambda: further[rows])

    def factor(self, column: str) -> Factor:
        """Return the levels of a column as integer codes. The code of a row without a value has no meaning."""
        above, rows = self.parent, self.rows
        if above is not None and rows is not None and column not in self.own:
            return self.once(("factor", column), [column], lambda: keep_rows(above.factor(column), rows))
        return self.once(("factor", column), [column], lambda: _levels(self.series(column)))

    def values(self, term: Term) -> Vector:
        """Return the values of a term, one per row. A row in which the term has no value gets a missing value."""
        return self.once(("values", term), term.columns, lambda: term_values(self.select(term.columns), term))

    def whole(self, column: str) -> pl.Series:
        """Return a column as its panel stores it.

        It may have other rows than this panel, so use it to read the type only.
        """
        return self.home([column])._stored(column)[0].series(column)

    def _taken(self, term: Term) -> tuple[Ready, Codes | None]:
        """Return the panel that holds the values of a term, and the rows to read from it (None: all, in this order)."""
        home = self.home(term.columns)
        if ("values", term) in home.made:
            return home, None
        (source, rows), *others = [home._stored(c) for c in term.columns]
        return (source, rows) if all(other is source for other, _ in others) else (home, None)

    def weights(self, column: str) -> Vector:
        """Return the weights, one per row. A zero weight becomes a missing value."""
        return self.once(("weights", column), [column], lambda: weight_values(self.series(column)))

    def gap(self, column: Term | str, *, weights: bool = False) -> Mask | None:
        """Return a mask of the rows that have a finite value of a term, or any value of a column.

        None if all rows have one.
        """
        if isinstance(column, Term):
            source, rows = self._taken(column)
            if rows is not None and source.gap(column) is None:
                return None
            return self.once(("gap", column), column.columns, lambda: _finite(self.values(column)))
        if weights:
            return self.once(("gap of weights", column), [column], lambda: _finite(self.weights(column)))
        above = self.parent
        if above is not None and self.rows is not None and column not in self.own and above.gap(column) is None:
            return None
        return self.once(("gap", column), [column], lambda: _present(self.series(column)))

    def sample(
        self,
        good: Mask | None,
        of: Sequence[str],
        effects: Sequence[tuple[str, ...]],
        weights: str | None,
        *,
        keep_singletons: bool,
    ) -> Sample:
        """Return the rows in ``good`` (None: all) without singletons, and the effects of these rows.

        ``of`` are the columns from which ``good`` was computed. They are part of the key in the cache.
        """
        mask = None if good is None else np.packbits(good).tobytes()
        columns = (*([] if good is None else of), *(c for e in effects for c in e), *([weights] if weights else []))
        key = ("sample", mask, tuple(effects), weights, keep_singletons)

        def make() -> Sample:
            rows = None if good is None else np.flatnonzero(good)
            factors = [_combined(self, rows, "^".join(e), e) for e in effects]
            n, n_singletons = self.height if rows is None else len(rows), 0
            if not keep_singletons:
                stay = without_singletons(factors, n)
                n_singletons = int((~stay).sum())
                if n_singletons:
                    rows = np.flatnonzero(stay) if rows is None else rows[stay]
                    factors = [keep_rows(f, stay) for f in factors]
                    n -= n_singletons
            mass = None if weights is None else self.weights(weights)[slice(None) if rows is None else rows]
            places = None if rows is None else pl.Series(rows.astype(np.uint32))
            if not n:
                return Sample(rows, places, 0, n_singletons, tuple(factors), mass, absorber(()), (), columns)
            plan = absorber(factors, mass)
            _lock(plan, rows)
            components = pair_components(factors, components_with_large(plan))
            return Sample(rows, places, n, n_singletons, tuple(factors), mass, plan, components, columns)

        return self.once(key, columns, make)

    def nets(self, sample: Sample, terms: Sequence[Term | None]) -> list[Net]:
        """Return terms (None: the constant) on the rows of a sample, net of its effects.

        Terms that are not cached yet are computed together.
        """
        keys = [("net", sample, term) for term in terms]
        homes = [self.home((*(() if term is None else term.columns), *sample.columns)).made for term in terms]
        lacking = [j for j, (key, made) in enumerate(zip(keys, homes, strict=True)) if key not in made]
        if lacking:
            columns = [None if term is None else self._values_at(term) for term in (terms[j] for j in lacking)]
            for j, net in zip(lacking, _nets(sample, columns), strict=True):
                homes[j].setdefault(keys[j], net)
        return [made[key] for key, made in zip(keys, homes, strict=True)]

    def _values_at(self, term: Term) -> tuple[Vector, Codes | None]:
        source, rows = self._taken(term)
        return source.values(term), rows

    def first_within(self, sample: Sample, term: Term) -> float | None:
        """Return the sum of squares of a term after removing only the first effect.

        Returns None without effects, and if the plan already removes the first effect exactly, by subtracting means.
        """
        if not sample.effects or (sample.plan.exact and sample.effects[0] is sample.plan.large):
            return None
        rows = slice(None) if sample.rows is None else sample.rows
        columns = (*term.columns, *sample.columns)
        return self.once(
            ("first", sample, term), columns, lambda: squares_net_of_first(sample.plan, self.values(term)[rows])
        )

    def labels(self, sample: Sample, names: Sequence[str]) -> pl.DataFrame:
        """Return columns with their values unchanged, on the rows of a sample."""
        return pl.DataFrame([self.label(sample, name) for name in names])

    def label(self, sample: Sample, name: str) -> pl.Series:
        """Return a column unchanged, on the rows of a sample."""
        places = sample.places
        if places is None:
            return self.series(name)
        columns = (name, *sample.columns)
        home = self.home(columns)
        source, rows = home._stored(name)
        if rows is None:
            return self.once(("label", sample, name), columns, lambda: source.series(name).gather(places))
        there = home.once(
            ("places", sample, source.depth), columns, lambda: pl.Series(rows[sample.rows].astype(np.uint32))
        )
        return self.once(("label", sample, name), columns, lambda: source.series(name).gather(there))

    def some(self, sample: Sample, name: str, few: Codes) -> pl.Series:
        """Return a column unchanged, at some rows of a sample (``few``: positions within the sample)."""
        at = few if sample.rows is None else sample.rows[few]
        source, rows = self.home((name, *sample.columns))._stored(name)
        return source.series(name).gather(at if rows is None else rows[at])

    def grouping(self, sample: Sample, name: str) -> Factor:
        """Return the levels of a column, or of a combination (``industry^year``), on the rows of a sample."""
        known = next((f for f in sample.effects if f.name == name), None)
        parts = tuple(part.strip() for part in name.split("^"))
        columns = (*parts, *sample.columns)
        levels = self.once(("group", sample, name), columns, lambda: _combined(self, sample.rows, name, parts))
        return levels if known is None else known


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows of a panel (None: all ``n`` rows) and the plan that removes the fixed effects from columns on these rows.

    ``columns`` are the panel's columns that decide both the rows and the plan. ``places`` are the same rows as a Polars
    series of positions. ``n_singletons`` rows were dropped because each was the only row of some level of an effect.
    """

    rows: Codes | None
    places: pl.Series | None
    n: int
    n_singletons: int
    effects: tuple[Factor, ...]
    weights: Vector | None
    plan: Absorber
    components: tuple[Mapping[int, int], ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Net:
    """A column net of the effects: column number ``at`` of ``matrix``, which has n rows.

    ``mean`` and ``deviation`` are the mean and standard deviation of the column before the effects were removed.

    ``taken``: the sum of squares that the other effects removed after the largest one had been removed.
    """

    matrix: Vector
    at: int
    mean: float
    deviation: float
    taken: float


def ready(panel: Any, columns: Sequence[str] | None = None) -> Ready:
    """Prepare a panel for many regressions. If ``columns`` are given, only these are kept.

    Missing values: kept here. Each regression leaves out the rows that lack a value it needs.

    Args:
        panel: any frame or table; a `Ready` is returned as it is.
        columns: which columns may be needed.

    Example:
        >>> rows = ready(panel)  # doctest: +SKIP
        >>> base = fit(rows, "quality ~ market + market^2 | firm + year", cluster="region")  # doctest: +SKIP
        >>> long = fit(rows, "quality ~ market + market^2 + scale | firm + year")  # doctest: +SKIP
    """
    if isinstance(panel, Ready):
        return panel
    frame = frames.enter(panel)
    table = frames.collect(frame if columns is None else frame.select(*columns))
    return Ready({c: table[c] for c in table.columns}, table.height)


@dataclass(frozen=True)
class Complete:
    """Rows of a panel that have every value (None: all rows), and the columns ``of`` in which values are missing.

    ``n_missing`` rows lack at least one value. ``notes`` are sentences that name the columns.
    """

    good: Mask | None
    of: tuple[str, ...]
    n_missing: int
    notes: tuple[str, ...]


def complete_rows(data: Ready, terms: Sequence[Term], groups: Sequence[str], weights: str | None) -> Complete:
    """Return the rows that have every term, every group and a weight.

    A term that is not defined (the logarithm of a number that is not positive) is reported separately from a missing
    value. A row that has both a missing value and an undefined term counts as a row with a missing value.
    """
    columns: dict[str, tuple[tuple[str, ...], Mask | None]] = {t.name: (t.columns, data.gap(t)) for t in terms}
    columns |= {weights: ((weights,), data.gap(weights, weights=True))} if weights else {}
    wanted = [*columns.items(), *((g, ((g,), data.gap(g))) for g in dict.fromkeys(groups))]
    by_name = {t.name: t for t in terms}
    good: Mask | None = None
    lost = np.zeros(data.height, dtype=np.bool_)
    lacking, notes, of = list[str](), list[str](), list[str]()
    gaps = dict[Term, Mask]()
    for name, (needed, there) in wanted:
        if there is None:
            continue
        good = there if good is None else good & there
        of += needed
        missing = ~there
        if name in by_name:
            gaps[by_name[name]] = ~there
            missing = ~there & _absent(data, by_name[name])
        if missing.any():
            lacking.append(say("models_fit.level-rows", effect=column_word(name), rows=f"{int(missing.sum()):,}"))
            lost |= missing
    if good is None:
        return Complete(None, (), 0, ())
    if lacking:
        notes.append(say("models_fit.missing-dropped", n=int(lost.sum()), columns=listed(lacking, "comma")))
    for term, gap in gaps.items():
        notes += _undefined(data, term, gap & ~lost)
        lost |= gap
    return Complete(good, tuple(dict.fromkeys(of)), int((~good).sum()), tuple(notes))


def _absent(data: Ready, term: Term) -> Mask:
    """Return a mask of the rows in which at least one column of a term has no value."""
    absent = np.zeros(data.height, dtype=np.bool_)
    for part in term.parts:
        absent |= np.isnan(data.series(part.column).cast(pl.Float64).to_numpy())
    return absent


def _undefined(data: Ready, term: Term, left: Mask) -> list[str]:
    """Return notes on rows that have all values, but in which the term is undefined. Each row is counted once."""
    notes = list[str]()
    for part in term.parts:
        column = data.series(part.column).cast(pl.Float64).to_numpy()
        for key, test in (("not-positive", part.log & (column <= 0)), ("infinite", np.isinf(column))):
            n = int((left & test).sum())
            notes += [say(f"models_fit.{key}", column=column_word(part.column), n=n)] if n else []
            left = left & ~test
    n = int(left.sum())
    return [*notes, say("models_fit.beyond-range", term=term.name, n=n)] if n else notes


def assembled(nets: Sequence[Net]) -> Vector:
    """Return columns as one matrix (n, m) in row-major order.

    If they already fill such a matrix in this order, it is returned without a copy.
    """
    first = nets[0].matrix
    if all(net.matrix is first for net in nets) and [net.at for net in nets] == list(range(first.shape[1])):
        return first
    matrix = np.empty((len(first), len(nets)))
    for start in range(0, len(first), _BLOCK):
        block = matrix[start : start + _BLOCK]
        for j, net in enumerate(nets):
            block[:, j] = net.matrix[start : start + _BLOCK, net.at]
    return matrix


def _levels(values: pl.Series) -> Factor:
    """Code a column; rows without a value get the code 0."""
    there = _present(values)
    if there is None:
        return factorise(values.name, values)
    known = factorise(values.name, values.filter(pl.Series(there)))
    codes = np.zeros(len(values), dtype=np.intp)
    codes[there] = known.codes
    return Factor(known.name, codes, known.levels)


def _finite(values: Vector) -> Mask | None:
    """Return a mask of the finite values; None if all are finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = values.sum()
    if np.isfinite(total):
        return None
    good = np.isfinite(values)
    return None if good.all() else good


def _present(values: pl.Series) -> Mask | None:
    """Return a mask of the values that are not missing; None if none is missing."""
    if values.dtype.is_float():
        return _finite(values.to_numpy())
    return values.is_not_null().to_numpy() if values.null_count() else None


def _lock(plan: Absorber, rows: Codes | None) -> None:
    """Make the arrays that many regressions share read-only."""
    table = plan.table
    numbers = [table] if isinstance(table, np.ndarray) else [table.data, table.indices, table.indptr]
    numbers += [plan.totals, plan.small, plan.schur, plan.inverse, *(f.codes for f in plan.effects)]
    for values in (*numbers, plan.weights, rows):
        if values is not None:
            values.setflags(write=False)


def _combined(data: Ready, rows: Codes | None, name: str, parts: Sequence[str]) -> Factor:
    """Code a combination of columns on some rows (None: all)."""
    known = [data.factor(part) for part in parts]
    factor = combine(name, known if rows is None else [keep_rows(f, rows) for f in known])
    factor.codes.setflags(write=False)
    return factor


def _nets(sample: Sample, columns: Sequence[tuple[Vector, Codes | None] | None]) -> list[Net]:
    """Return columns on the rows of a sample, net of its effects.

    Each column is given as a pair: its values, and the rows to read from them. None stands for the constant.
    """
    matrix, weights = np.empty((sample.n, len(columns))), sample.weights
    side, blocks = np.empty((len(columns), _BLOCK)), list[Vector]()
    for start in range(0, sample.n, _BLOCK):
        rows = slice(start, min(start + _BLOCK, sample.n))
        block = side[:, : rows.stop - rows.start]
        for j, column in enumerate(columns):
            if column is None:
                block[j] = 1.0
                continue
            values, at = column
            here = rows if sample.rows is None else sample.rows[rows]
            here = here if at is None else at[here]
            if isinstance(here, slice):
                block[j] = values[here]
            else:
                np.take(values, here, out=block[j], mode="clip")
        blocks.append(block_moments(block, None if weights is None else weights[rows]))
        matrix[rows] = block.T
    means, deviations = moments(blocks, sample.n)
    taken = remove(sample.plan, matrix)
    matrix.setflags(write=False)
    return [Net(matrix, j, float(means[j]), float(deviations[j]), float(taken[j])) for j in range(len(columns))]


def squares_net_of_first(plan: Absorber, column: Vector) -> float:
    """Return the sum of squares of a column (n,) net of the first effect only, by subtracting weighted means."""
    first, weights = plan.effects[0], plan.weights
    totals = plan.totals if first is plan.large else np.bincount(first.codes, weights, minlength=first.levels)
    sums = group_sums(first.codes, first.levels, np.ascontiguousarray(column)[:, None], weights)[:, 0]
    net = column - (sums / totals)[first.codes]
    return float(net @ (net if weights is None else net * weights))
