"""Build the workbook of the relative-price index: prices, every step as a sheet, the index, the method.

The sheets repeat METHODS 1.1 with formulas that refer to each other, so that a reader can follow each number to the
prices. `index_workbook` returns the sheets, and `integrade.sources.writing.workbooks` writes them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import collect, enter
from integrade.integration.basis import read_prices_as
from integrade.integration.cube import Cube, period_name, periods_before
from integrade.integration.demean import gap
from integrade.integration.dispersion import by_period, whole
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import Pairs, every_pair
from integrade.integration.relative_price import prepare
from integrade.integration.spread import Pipeline, relative
from integrade.integration.transforms import Vector
from integrade.integration.units import units_of
from integrade.integration.weights import partner_weights
from integrade.records.catalogue import CATALOGUE
from integrade.records.schema import conform
from integrade.sources.writing.workbooks import Cell, Column, Form, Formula, Sheet
from plainwords.account import Account
from plainwords.texts import Said, listed, say

if TYPE_CHECKING:
    import polars as pl

LIVE = 200_000
"""With more relative prices (pairs x goods x periods), the large sheets have values: a convention.

Three sheets have about that many formulas, which a spreadsheet recalculates within seconds.
"""
TRANSFORMS = {
    "log_inverse_sqrt": "-0.5*LN({})",
    "inverse_sqrt": "1/SQRT({})",
    "inverse": "1/{}",
    "neg_log": "-LN({})",
    "none": "{}",
}
"""The formulas of `integrade.integration.transforms` for a cell."""
FILES = 50
"""Number of file names in a cell of the first sheet: with 255 bytes each they fit into a cell (32,767 letters)."""
GOOD, TIME = 11.0, 7.0
"""Widths of the columns of goods and of periods, in characters."""


class Part(NamedTuple):
    """A sheet, what it holds in words, and whether it has formulas."""

    sheet: Sheet
    about: str
    live: bool


class Ends(NamedTuple):
    """The pairs of a period by region: its position, its partner, the pair and the weight, sorted; each is (D,)."""

    region: NDArray[np.intp]
    partner: NDArray[np.intp]
    pair: NDArray[np.intp]
    weight: Vector


@dataclass(frozen=True)
class Layout:
    """The numbers of all sheets, and the row in which each of them is.

    ``prices`` (T', N, K): the prices as read, with their own periods. ``before``: for each period of the index, the
    periods of ``prices`` whose quotient is the change; None if the logs are of indices or levels.
    ``spread``: by period, the dispersion of each pair (P,).
    """

    work: Pipeline
    prices: Cube
    before: Mapping[int, int] | None
    spread: Mapping[int, Vector]
    account: Account

    @property
    def options(self) -> RelativePrice:
        """The options, with the basis that the prices have."""
        return self.work.options

    @property
    def cube(self) -> Cube:
        """The logs whose differences are compared."""
        return self.work.cube

    @cached_property
    def compared(self) -> Pairs:
        """The pairs with relative prices: all pairs if the mean is over all pairs, else the chosen pairs."""
        return every_pair(len(self.cube.regions)) if self.options.demean == "pairs" else self.work.pairs

    @cached_property
    def size(self) -> int:
        """The number of relative prices: pairs x goods x periods."""
        return len(self.compared) * len(self.cube.goods) * len(self.cube.periods)

    @property
    def live(self) -> bool:
        """True if the large sheets have formulas, False if they have values."""
        return self.size <= LIVE

    @property
    def times(self) -> tuple[str, ...]:
        """The headings of the columns of a period."""
        heads = (say("workbook.head-year"), say("workbook.head-month"))
        return heads[: len(self.cube.periods[0])]

    @cached_property
    def price_rows(self) -> dict[tuple[int, int], int]:
        """The row of each period and region on the sheet of prices."""
        return _numbered_rows(self.prices)

    @cached_property
    def log_rows(self) -> dict[tuple[int, int], int]:
        """The row of each period and region on the sheet of logs."""
        return _numbered_rows(self.cube)

    @cached_property
    def relative_rows(self) -> list[NDArray[np.intp]]:
        """For each period, the row of each pair on the sheet of relative prices; 0 if the pair shares no good."""
        return _pair_rows(self.cube, self.compared)

    @cached_property
    def residual_rows(self) -> list[NDArray[np.intp]]:
        """For each period, the row of each pair on the sheet of residuals; 0 if the pair shares no good."""
        return _pair_rows(self.cube, self.work.pairs)

    @cached_property
    def ends(self) -> dict[int, Ends]:
        """For each period with a dispersion, the rows of the sheet of variances in order."""
        sides = partner_weights(self.cube, self.work.pairs, self.options)
        return {
            t: _ends_of(self.work.pairs, sides(t), (self.residual_rows[t] > 0) | np.isfinite(v))
            for t, v in self.spread.items()
        }

    @cached_property
    def first_rows(self) -> dict[int, int]:
        """For each period, its first row on the sheet of variances."""
        rows, at = dict[int, int](), 2
        for t, ends in self.ends.items():
            rows[t] = at
            at += len(ends.region)
        return rows

    @property
    def weighted(self) -> bool:
        """True if the partners of a region have weights of their own."""
        return not (isinstance(self.options.partner_weights, str) and self.options.partner_weights == "equal")

    def when(self, t: int) -> tuple[int, ...]:
        """Return the cells of a period of the index."""
        return self.cube.periods[t]


def index_workbook(
    prices: Any, result: Any, options: RelativePrice, files: Sequence[str | Path] = ()
) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook that derives an index from its prices.

    The sheets are the method, the index by year (for regions and years), the prices, their logs, relative prices of
    pairs, means of goods, residuals, dispersion by pair, segmentation and the index. Formulas refer from each sheet to
    the one before. If there are more than `LIVE` relative prices, the sheets from relative prices to dispersion have
    values. Options without a formula have values, and the first sheet names them.

    Args:
        prices: the prices, as for `relative_price`; rates of change must be above zero or read by `read_prices`.
        result: what `relative_price` returned for these prices and options.
        options: its options.
        files: names of the files of the prices, for the first sheet.

    Raises:
        The errors of `relative_price`.

    Example:
        >>> import polars as pl
        >>> prices = pl.DataFrame({
        ...     "region": [r for r in "ABCD" for _ in range(3)], "year": [2004] * 12,
        ...     "commodity": ["food", "clothing", "fuel"] * 4,
        ...     "index": [102.0, 105, 98, 103, 101, 99, 100, 104, 101, 104, 103, 97.0],
        ... })
        >>> from integrade.integration import relative_price
        >>> link = RelativePrice(basis="link")
        >>> index = next(s for s in index_workbook(prices, relative_price(prices, link), link) if s.name == "Index")
        >>> integration = next(index.rows())[-1]
        >>> integration.text, round(integration.value, 6)
        ("-0.5*LN('Segmentation'!E2)", 4.439335)
    """
    layout = _layout(prices, result, options)
    rows = collect(enter(result))
    parts = [_prices(layout), _logs(layout), _relative(layout)]
    parts += [] if options.demean == "none" else [_means(layout)]
    parts += [_effects(layout)] if layout.work.component.pair_effects is not None else []
    parts += [_residuals(layout), _variances(layout)]
    segmentation, index = _segmentation(layout, rows), _index(layout, rows)
    parts += [segmentation, index]
    table = [_table(layout, rows)] if options.level == "region" and len(layout.times) == 1 else []
    return (_method(layout, [*parts, *table], files), *(part.sheet for part in (*table, *parts)))


def _layout(prices: Any, result: Any, options: RelativePrice) -> Layout:
    work, account, _ = prepare(prices, options)
    read = _prices_as_read(prices, options.basis)
    before = None
    if options.form != "level_ratio" and work.options.basis not in ("link", "year_on_year"):
        of_read = periods_before(read.periods)
        now = {period: t for t, period in enumerate(read.periods)}
        before = {t: of_read[now[period]] for t, period in enumerate(work.cube.periods)}
    by_pair = dataclasses.replace(work.options, level="pair", se="none")
    pairs = units_of(work.cube, work.pairs, by_pair)
    periods = by_period(dataclasses.replace(work, options=by_pair), pairs, whole)
    spread = {p.t: p.segmentation[:, 0] for p in periods}
    return Layout(work, read, before, spread, getattr(result, "account", account))


def _prices_as_read(prices: Any, basis: str) -> Cube:
    """Return the prices themselves in the places of their logs; rates of change are indices, 100 + r."""
    cube, _, _, _ = read_prices_as(prices, basis)
    rows = collect(conform(prices, "prices").frame)
    time = ("year", "month")[: len(cube.periods[0])]
    at = [{name: i for i, name in enumerate(names)} for names in (cube.periods, cube.regions, cube.goods)]
    values = np.full(cube.values.shape, np.nan)
    for row in rows.drop_nulls(list(time)).iter_rows(named=True):
        period = tuple(row[part] for part in time)
        values[at[0][period], at[1][row["region"]], at[2][row["commodity"]]] = row["index"]
    if not np.allclose(np.log(values / 100), cube.values, equal_nan=True):
        values += 100
    return dataclasses.replace(cube, values=values)


def _numbered_rows(cube: Cube) -> dict[tuple[int, int], int]:
    """Return the row of each period and region that has a value: regions in order, each with its periods."""
    here = np.argwhere(np.asarray(np.isfinite(cube.values).any(axis=2)).T)
    return {(t, i): row for row, (i, t) in enumerate(here.tolist(), 2)}


def _pair_rows(cube: Cube, pairs: Pairs) -> list[NDArray[np.intp]]:
    rows, at = [], 2
    for x in cube.values:
        has = np.isfinite(x).astype(np.float32)
        shares: NDArray[np.bool_] = (has @ has.T)[pairs.first, pairs.second] > 0
        rows.append(np.where(shares, at + np.cumsum(shares) - 1, 0).astype(np.intp))
        at += int(shares.sum())
    return rows


def _ends_of(pairs: Pairs, sides: Vector | None, shown: NDArray[np.bool_]) -> Ends:
    """Return both directions of each pair that is shown and counts for the region, by region and partner."""
    at = np.arange(len(pairs), dtype=np.intp)
    both = np.ones((2, len(pairs))) if sides is None else sides
    region, partner = np.concatenate([pairs.first, pairs.second]), np.concatenate([pairs.second, pairs.first])
    pair, weight = np.concatenate([at, at]), both.ravel()
    kept = np.flatnonzero((weight > 0) & shown[pair])
    order = kept[np.lexsort((partner[kept], region[kept]))]
    return Ends(region[order], partner[order], pair[order], weight[order])


def letters(column: int) -> str:
    """Return the letters of a column of a sheet, counted from 0.

    Example:
        >>> letters(0), letters(25), letters(26), letters(701), letters(702)
        ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    name = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        name, column = chr(65 + rest) + name, column - 1
    return name


def _of(name: str, column: int, row: int, last: int | None = None) -> str:
    """Refer to a cell of a sheet, or to the cells of a column from ``row`` to ``last``."""
    letter = letters(column)
    return f"'{name}'!{letter}{row}" if last is None else f"'{name}'!{letter}{row}:{letter}{last}"


def _cells(values: Sequence[float], formulas: Sequence[str] | None) -> Iterator[Cell]:
    """Yield formulas with their values, or only values; missing values are empty cells."""
    for k, value in enumerate(values):
        if value != value:
            yield None
        else:
            yield value if formulas is None else Formula(formulas[k], value)


def _width(names: Sequence[str]) -> float:
    """Return the width of a column of names; Chinese letters are two characters wide."""
    return min(36.0, 2 + max((len(n) + sum(letter > "\u2e7f" for letter in n) for n in names), default=8))


def _columns(layout: Layout, names: Sequence[str], form: Form) -> tuple[Column, ...]:
    """Return columns of names, of the period and of the goods."""
    wide = _width(layout.cube.regions)
    return (
        *(Column(name, "text", wide) for name in names),
        *(Column(name, "whole", TIME) for name in layout.times),
        *(Column(good, form, max(GOOD, min(_width([good]), 16.0))) for good in layout.cube.goods),
    )


def _prices(layout: Layout) -> Part:
    cube, name = layout.prices, say("workbook.sheet-prices")

    def rows() -> Iterator[list[Cell]]:
        for t, i in layout.price_rows:
            yield [cube.regions[i], *cube.periods[t], *_cells(cube.values[t, i].tolist(), None)]

    columns = _columns(layout, [say("workbook.head-region")], "number")
    sheet = Sheet(name, columns, rows, len(layout.price_rows), fixed=1 + len(layout.times))
    return Part(sheet, say("workbook.about-prices"), live=False)


def _logs(layout: Layout) -> Part:
    cube, name, source = layout.cube, say("workbook.sheet-logs"), say("workbook.sheet-prices")
    keys, now = 1 + len(layout.times), {period: t for t, period in enumerate(layout.prices.periods)}

    def formula(t: int, i: int, k: int) -> str:
        here = _of(source, keys + k, layout.price_rows[now[cube.periods[t]], i])
        if layout.before is None:
            return f"LN({here}/100)"
        return f"LN({here}/{_of(source, keys + k, layout.price_rows[layout.before[t], i])})"

    def rows() -> Iterator[list[Cell]]:
        for t, i in layout.log_rows:
            values = cube.values[t, i]
            cells = (
                Formula(formula(t, i, k), value) if value == value else None for k, value in enumerate(values.tolist())
            )
            yield [cube.regions[i], *cube.periods[t], *cells]

    about = say("workbook.about-logs-of-indices")
    if layout.before is not None:
        about = say("workbook.about-logs-of-changes")
    elif layout.options.form == "level_ratio":
        about = say("workbook.about-logs-of-levels")
    columns = _columns(layout, [say("workbook.head-region")], "small")
    return Part(Sheet(name, columns, rows, len(layout.log_rows), fixed=keys), about, live=True)


def _pair_columns(layout: Layout) -> tuple[Column, ...]:
    return _columns(layout, [say("workbook.head-first"), say("workbook.head-second")], "small")


def _relative(layout: Layout) -> Part:
    cube, pairs, options = layout.cube, layout.compared, layout.options
    name, source = say("workbook.sheet-relative"), say("workbook.sheet-logs")
    keys = 2 + len(layout.times)
    pattern = "EXP({}-{})-1" if options.form == "ratio_change" else "{}-{}"
    pattern = f"ABS({pattern})" if options.absolute else pattern
    goods = [letters(keys - 1 + k) for k in range(len(cube.goods))]  # the sheet of logs has one column of names less

    def rows() -> Iterator[list[Cell]]:
        for t in range(len(cube.periods)):
            d = gap(cube.values[t], pairs.first, pairs.second, options).tolist()
            for p in np.flatnonzero(layout.relative_rows[t]).tolist():
                i, j = int(pairs.first[p]), int(pairs.second[p])
                formulas = None
                if layout.live:
                    a, b = layout.log_rows[t, i], layout.log_rows[t, j]
                    formulas = [pattern.format(f"'{source}'!{g}{a}", f"'{source}'!{g}{b}") for g in goods]
                yield [cube.regions[i], cube.regions[j], *layout.when(t), *_cells(d[p], formulas)]

    n = sum(int((at > 0).sum()) for at in layout.relative_rows)
    kind = ("" if options.absolute else "signed-") + ("ratio" if options.form == "ratio_change" else "difference")
    d, everyone = say(f"workbook.relative-{kind}"), options.demean == "pairs"
    about = say("workbook.about-relative-all", d=d) if everyone else say("workbook.about-relative-used", d=d)
    return Part(Sheet(name, _pair_columns(layout), rows, n, fixed=keys), about, layout.live)


def _means(layout: Layout) -> Part:
    cube, name, source = layout.cube, say("workbook.sheet-means"), say("workbook.sheet-relative")
    estimated = layout.work.component.pair_effects is not None
    live, keys = layout.live and not estimated, 2 + len(layout.times)

    def rows() -> Iterator[list[Cell]]:
        for t, common in enumerate(layout.work.component.common.tolist()):
            at = layout.relative_rows[t]
            there = at[at > 0].tolist() or [0]
            blocks = [_of(source, keys + k, there[0], there[-1]) for k in range(len(cube.goods))]
            formulas = [f"AVERAGE({block})" for block in blocks] if live else None
            yield [*layout.when(t), *_cells(common, formulas)]

    about = say("workbook.about-means", sheet=source)
    if estimated:
        about = say("workbook.about-means-estimated", demean=layout.options.demean)
    sheet = Sheet(name, _columns(layout, [], "small"), rows, len(cube.periods), fixed=len(layout.times))
    return Part(sheet, about, live)


def _effects(layout: Layout) -> Part:
    cube, pairs, effects = layout.cube, layout.work.pairs, layout.work.component.pair_effects
    assert effects is not None

    def rows() -> Iterator[list[Cell]]:
        for p, values in enumerate(effects.tolist()):
            yield [cube.regions[pairs.first[p]], cube.regions[pairs.second[p]], *_cells(values, None)]

    names = cube.goods if effects.shape[1] > 1 else (say("workbook.sheet-effects"),)
    ends, wide = (say("workbook.head-first"), say("workbook.head-second")), _width(cube.regions)
    columns = (*(Column(end, "text", wide) for end in ends), *(Column(good, "small", GOOD) for good in names))
    sheet = Sheet(say("workbook.sheet-effects"), columns, rows, len(pairs), fixed=2)
    return Part(sheet, say("workbook.about-effects", demean=layout.options.demean), live=False)


def _residuals(layout: Layout) -> Part:
    cube, pairs, goods = layout.cube, layout.work.pairs, np.arange(len(layout.cube.goods))
    source, means, effects = (
        say("workbook.sheet-relative"),
        say("workbook.sheet-means"),
        say("workbook.sheet-effects"),
    )
    n_times, by_pair = len(layout.times), layout.work.component.pair_effects
    keys, plain = 2 + n_times, layout.options.demean == "none"
    place = {
        (int(i), int(j)): p for p, (i, j) in enumerate(zip(layout.compared.first, layout.compared.second, strict=True))
    }

    def formula(t: int, p: int, k: int) -> str:
        at = place[int(pairs.first[p]), int(pairs.second[p])]
        text = _of(source, keys + k, int(layout.relative_rows[t][at]))
        text += "" if plain else f"-{_of(means, n_times + k, t + 2)}"
        if by_pair is None:
            return text
        return f"{text}-{_of(effects, 2 + (k if by_pair.shape[1] > 1 else 0), p + 2)}"

    def rows() -> Iterator[list[Cell]]:
        for t in range(len(cube.periods)):
            q = relative(layout.work, t, slice(None), goods).tolist()
            for p in np.flatnonzero(layout.residual_rows[t]).tolist():
                formulas = [formula(t, p, int(k)) for k in goods] if layout.live else None
                ends = (cube.regions[pairs.first[p]], cube.regions[pairs.second[p]])
                yield [*ends, *layout.when(t), *_cells(q[p], formulas)]

    about = say("workbook.about-residuals") if by_pair is None else say("workbook.about-residuals-of-effects")
    about = say("workbook.about-residuals-plain") if plain else about
    n = sum(int((at > 0).sum()) for at in layout.residual_rows)
    sheet = Sheet(say("workbook.sheet-residuals"), _pair_columns(layout), rows, n, fixed=keys)
    return Part(sheet, about, layout.live)


def _dispersion_formula(layout: Layout) -> str | None:
    """Return the formula of the dispersion for a range of residuals; None if it is no formula of one row."""
    ddof, equal = layout.options.ddof, isinstance(layout.options.good_weights, str)
    match layout.options.dispersion:
        case "variance" | "joint" if equal:
            return "VAR({})" if ddof else "VARP({})"
        case "sd" if equal:
            return "STDEV({})" if ddof else "STDEVP({})"
        case "mean_absolute" if equal:
            return "SUMPRODUCT(ABS({0}))/COUNT({0})"
        case _:
            return None


def _variances(layout: Layout) -> Part:
    cube, source = layout.cube, say("workbook.sheet-residuals")
    keys, last = 2 + len(layout.times), letters(1 + len(layout.times) + len(cube.goods))
    pattern = _dispersion_formula(layout) if layout.live else None
    over_time = layout.options.dispersion == "over_time"
    counts = not over_time

    def spread(value: float, block: str) -> Cell:
        if value != value:
            return None
        if pattern is None:
            return value
        text = pattern.format(block)
        return Formula(text if value else f"ROUND({text},20)", value)  # below rounding a dispersion is zero

    def rows() -> Iterator[list[Cell]]:
        for t, ends in layout.ends.items():
            q = np.isfinite(relative(layout.work, t, slice(None), np.arange(len(cube.goods)))).sum(axis=1).tolist()
            for i, j, p, weight in zip(*(column.tolist() for column in ends), strict=True):
                at = int(layout.residual_rows[t][p])
                block = f"'{source}'!{letters(keys)}{at}:{last}{at}"
                shown: list[Cell] = [cube.regions[i], cube.regions[j], *layout.when(t)]
                shown += [weight] if layout.weighted else []
                shown += [Formula(f"COUNT({block})", q[p]) if layout.live else q[p]] if counts else []
                yield [*shown, spread(float(layout.spread[t][p]), block)]

    wide = _width(cube.regions)
    columns = [Column(say("workbook.head-region"), "text", wide), Column(say("workbook.head-partner"), "text", wide)]
    columns += [Column(name, "whole", TIME) for name in layout.times]
    columns += [Column(say("workbook.head-weight"), "small", GOOD)] if layout.weighted else []
    columns += [Column(say("workbook.head-n-goods"), "whole", 9)] if counts else []
    columns += [Column(say("workbook.head-dispersion"), "variance", 14)]
    n = sum(len(ends.region) for ends in layout.ends.values())
    sheet = Sheet(say("workbook.sheet-variances"), tuple(columns), rows, n, fixed=keys)
    return Part(sheet, say("workbook.about-variances", what=_dispersion_said(layout)), pattern is not None)


def _dispersion_said(layout: Layout) -> Said:
    ddof = str(layout.options.ddof)
    if not isinstance(layout.options.good_weights, str):
        return say("workbook.dispersion-weighted")
    match layout.options.dispersion:
        case "variance":
            return say("workbook.dispersion-variance", ddof=ddof)
        case "sd":
            return say("workbook.dispersion-sd", ddof=ddof)
        case "mean_absolute":
            return say("workbook.dispersion-mean-absolute")
        case "joint":
            return say("workbook.dispersion-joint")
        case "over_time":
            return say("workbook.dispersion-over-time")


KEYS = {
    "region": "head-region",
    "region_a": "head-first",
    "region_b": "head-second",
    "kind": "head-kind",
    "group": "head-group",
    "other": "head-other",
    "year": "head-year",
    "month": "head-month",
}
"""The columns that identify a row of the index, with the message of the heading."""


def _key_columns(layout: Layout, rows: pl.DataFrame) -> tuple[Column, ...]:
    wide = _width(layout.cube.regions)
    return tuple(
        Column(say(f"workbook.{head}"), *(("whole", TIME) if name in ("year", "month") else ("text", wide)))
        for name, head in KEYS.items()
        if name in rows.columns
    )


def _key(rows: pl.DataFrame) -> list[str]:
    return [name for name in KEYS if name in rows.columns]


@dataclass(frozen=True)
class Averages:
    """The formulas of the sheet of segmentation, which refer to the sheet of variances."""

    layout: Layout

    @cached_property
    def _at(self) -> dict[tuple[int, ...], int]:
        return {period: t for t, period in enumerate(self.layout.cube.periods)}

    @cached_property
    def _region(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.layout.cube.regions)}

    @cached_property
    def _pair(self) -> dict[tuple[int, int], int]:
        pairs = self.layout.work.pairs
        return {(int(i), int(j)): p for p, (i, j) in enumerate(zip(pairs.first, pairs.second, strict=True))}

    def rows_of(self, row: Mapping[str, Any]) -> tuple[int, int] | None:
        """Return the first and the last row of variances that a row of the index averages; None if there is none."""
        layout = self.layout
        t = self._at[tuple(row[name] for name in ("year", "month") if name in row)]
        if t not in layout.ends:
            return None
        ends, first = layout.ends[t], layout.first_rows[t]
        match layout.options.level:
            case "region":
                there = np.flatnonzero(ends.region == self._region[row["region"]])
            case "pair":
                p = self._pair[self._region[row["region_a"]], self._region[row["region_b"]]]
                there = np.flatnonzero(ends.pair == p)[:1]
            case "nation":
                there = np.arange(len(ends.region))
            case _:
                return None
        return (first + int(there[0]), first + int(there[-1])) if len(there) else None

    def segmentation(self, row: Mapping[str, Any]) -> str | None:
        """Return the formula of the segmentation of a row; None if it has none."""
        layout, there = self.layout, self.rows_of(row)
        if there is None or (layout.options.dispersion == "joint" and layout.options.level != "pair"):
            return None
        block = self._block(0, *there)
        if layout.options.level == "pair":
            return block.partition(":")[0]
        if not layout.weighted:
            return f"AVERAGE({block})"
        weights = self._block(1 if layout.options.dispersion == "over_time" else 2, *there)
        return f"SUMPRODUCT({weights},{block})/SUMPRODUCT({weights},ISNUMBER({block})*1)"

    def n_pairs(self, row: Mapping[str, Any]) -> str | None:
        """Return the formula of the number of pairs of a row; None if it has none."""
        there = self.rows_of(row)
        if there is None or self.layout.options.level not in ("region", "nation"):
            return None
        count = f"COUNT({self._block(0, *there)})"
        if self.layout.options.level == "region":
            return count
        t = self._at[tuple(row[name] for name in ("year", "month") if name in row)]
        ends = self.layout.ends[t]
        once = np.bincount(ends.pair[np.isfinite(self.layout.spread[t][ends.pair])])
        return f"{count}/2" if (once[once > 0] == 2).all() else None

    def _block(self, before_last: int, first: int, last: int) -> str:
        """Refer to cells of the sheet of variances, in the last column or in one before it."""
        layout = self.layout
        width = 3 + len(layout.times) + layout.weighted + (layout.options.dispersion != "over_time")
        return _of(say("workbook.sheet-variances"), width - 1 - before_last, first, last)


def _segmentation(layout: Layout, rows: pl.DataFrame) -> Part:
    key, averages = _key(rows), Averages(layout)
    by_pair = "n_pairs" not in rows.columns

    def cell(value: float | None, formula: str | None) -> Cell:
        return value if value is None or formula is None else Formula(formula, value)

    def cells() -> Iterator[list[Cell]]:
        for row in rows.iter_rows(named=True):
            shown: list[Cell] = [row[name] for name in key]
            shown += [] if by_pair else [cell(row["n_pairs"], averages.n_pairs(row))]
            yield [*shown, row["n_goods"], cell(row["segmentation"], averages.segmentation(row))]

    columns = [*_key_columns(layout, rows)]
    columns += [] if by_pair else [Column(say("workbook.head-n-pairs"), "whole", 9)]
    columns += [Column(say("workbook.head-n-goods"), "whole", 9)]
    columns += [Column(say("workbook.head-segmentation"), "variance", 14)]
    sheet = Sheet(say("workbook.sheet-segmentation"), tuple(columns), cells, rows.height, fixed=len(key))
    return Part(sheet, _segmentation_said(layout), layout.options.level != "group" and not _is_joint(layout))


def _is_joint(layout: Layout) -> bool:
    return layout.options.dispersion == "joint" and layout.options.level != "pair"


def _segmentation_said(layout: Layout) -> Said:
    if _is_joint(layout):
        return say("workbook.about-segmentation-joint")
    match layout.options.level:
        case "region" if layout.weighted:
            return say("workbook.about-segmentation-weighted", weight=say("workbook.head-weight"))
        case "region":
            return say("workbook.about-segmentation-region")
        case "nation":
            return say("workbook.about-segmentation-nation")
        case "pair":
            return say("workbook.about-segmentation-pair")
        case "group":
            return say("workbook.about-segmentation-group")


MORE = {
    "se_segmentation": ("head-se-segmentation", "variance"),
    "se_integration": ("head-se-integration", "index"),
    "goods_list": ("head-goods-list", "text"),
}
"""Further columns that an index may have, with the message of the heading and what they hold."""


def _index(layout: Layout, rows: pl.DataFrame) -> Part:
    key, source = _key(rows), say("workbook.sheet-segmentation")
    column = len(key) + ("n_pairs" in rows.columns) + 1
    more = [name for name in MORE if name in rows.columns]
    pattern = TRANSFORMS[layout.options.transform]

    def cells() -> Iterator[list[Cell]]:
        for at, row in enumerate(rows.iter_rows(named=True), 2):
            there, s, value = _of(source, column, at), row["segmentation"], row["integration"]
            shown: list[Cell] = [row[name] for name in key]
            shown += [None if s is None else Formula(there, s)]
            shown += [None if value is None else Formula(pattern.format(there), value)]
            yield [*shown, *(row[name] for name in more)]

    columns = [*_key_columns(layout, rows), Column(say("workbook.head-segmentation"), "variance", 14)]
    columns += [Column(say("workbook.head-integration"), "index", 13)]
    columns += [Column(say(f"workbook.{MORE[name][0]}"), MORE[name][1], 14) for name in more]  # type: ignore[arg-type]
    sheet = Sheet(say("workbook.sheet-index"), tuple(columns), cells, rows.height, fixed=len(key))
    return Part(sheet, say("workbook.about-index", formula=_transform_said(layout.options.transform)), live=True)


def _transform_said(transform: str) -> Said:
    return say(f"workbook.transform-{transform.replace('_', '-')}")


def _table(layout: Layout, rows: pl.DataFrame) -> Part:
    source, years = say("workbook.sheet-index"), sorted(set(rows["year"].to_list()))
    at = {(row["region"], row["year"]): (n, row["integration"]) for n, row in enumerate(rows.iter_rows(named=True), 2)}
    regions = sorted({region for region, _ in at})
    column = 3  # of the integration, after region, year and segmentation

    def cells() -> Iterator[list[Cell]]:
        for region in regions:
            shown: list[Cell] = [region]
            for year in years:
                row, value = at.get((region, year), (0, None))
                shown.append(None if value is None else Formula(_of(source, column, row), value))
            yield shown
        means: list[Cell] = [say("workbook.head-mean")]
        for j, year in enumerate(years, 1):
            known = [v for r in regions if (v := at.get((r, year), (0, None))[1]) is not None]
            block = f"{letters(j)}2:{letters(j)}{len(regions) + 1}"
            means.append(Formula(f"AVERAGE({block})", float(np.mean(known))) if known else None)
        yield means

    wide = _width([*layout.cube.regions, say("workbook.head-mean")])
    columns = (Column(say("workbook.head-region"), "text", wide), *(Column(str(y), "index", 9) for y in years))
    sheet = Sheet(say("workbook.sheet-table"), columns, cells, len(regions) + 1, fixed=1)
    return Part(sheet, say("workbook.about-table"), live=True)


def _without_formula(layout: Layout) -> list[str]:
    """Return the options whose numbers are values on every workbook."""
    options = layout.options
    named = [f"demean = {options.demean}"] if layout.work.component.pair_effects is not None else []
    named += [] if isinstance(options.good_weights, str) else ["good_weights"]
    named += [f"dispersion = {options.dispersion}"] if options.dispersion in ("joint", "over_time") else []
    named += ["level = group"] if options.level == "group" else []
    return named + (["se = jackknife"] if options.se == "jackknife" else [])


def _method(layout: Layout, parts: Sequence[Part], files: Sequence[str | Path]) -> Sheet:
    """Build the first sheet: the program, the citation, the data, every step in words, the options, the rows."""
    from integrade import __version__

    cube, options = layout.cube, layout.options
    formulas, values = say("workbook.how-formulas"), say("workbook.how-values")
    steps = [say("workbook.step", sheet=p.sheet.name, what=p.about, how=formulas if p.live else values) for p in parts]
    names = [Path(str(file)).name for file in files]
    listings = [listed(names[at : at + FILES], "comma") for at in range(0, len(names), FILES)]
    data = say(
        "workbook.data",
        regions=len(cube.regions),
        goods=len(cube.goods),
        first=period_name(cube.periods[0]),
        last=period_name(cube.periods[-1]),
    )
    pairs = say("workbook.pairs", n=len(layout.work.pairs), choice=_choice(options.pairs))
    limit = say("workbook.limit", limit=LIVE, n=layout.size)
    least = options.goods_needed(len(cube.goods))
    without = _without_formula(layout)
    lines: list[tuple[str, str]] = [
        (say("workbook.what-program"), say("workbook.program", version=__version__)),
        (
            say("workbook.what-citation"),
            say("workbook.citation", method=CATALOGUE["relative_price"].cite, version=__version__),
        ),
        *((say("workbook.what-files") if n == 0 else "", listing) for n, listing in enumerate(listings)),
        (say("workbook.what-data"), data),
        (say("workbook.what-pairs"), pairs),
        *((say("workbook.what-sheets") if n == 0 else "", step) for n, step in enumerate(steps)),
        (say("workbook.what-formulas"), limit),
        *([("", say("workbook.not-formulas", options=listed(without, "comma")))] if without else []),
        (say("workbook.what-empty"), say("workbook.empty", needed=least)),
    ]
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if value is not None:
            lines.append((say("workbook.what-option", name=field.name), _choice(value)))
    entries = [e for e in layout.account if getattr(e.reason, "key", "") != "account.settings"]
    said = dict.fromkeys(" ".join(str(e).split()) for e in entries)
    lines += [(say("workbook.what-account") if n == 0 else "", line) for n, line in enumerate(said)]
    columns = (Column(say("workbook.title"), "label", 26), Column("", "wrapped", 110))
    return Sheet(say("workbook.sheet-method"), columns, lambda: iter(lines), len(lines))


def _choice(value: Any) -> str:
    """Write the value of an option; a file is its name without its folder, a table of the user's is ``given``."""
    if isinstance(value, str | Path):
        return Path(value).name
    return str(value) if isinstance(value, int) else "given"
