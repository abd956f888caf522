"""Estimate the regression on customs rows (firm, product, destination, year), to check the one on firm-years.

The quality of a firm-year is a mean over its rows, so it changes with the firm's product and destination mix. With
product and destination-year effects on the rows, the treatment is compared within the same product and market.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import polars as pl

from integrade.engine.exact import total_of
from integrade.engine.frames import account_of, collect, collect_coded, enter
from integrade.errors import (
    CodesReadAsNumbers,
    Coverage,
    DuplicateKeys,
    IntegradeError,
    MissingColumn,
    NotIdentified,
    UnknownColumn,
    UsageError,
    did_you_mean,
    option,
)
from integrade.estimate.fit import fit
from integrade.estimate.formula import Formula, parse_formula, rendered
from integrade.estimate.linear import Fit, cluster_names
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import Basis, FitResult
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.schema import column_word
from integrade.regress.effects import Codes, Mask, combine
from integrade.wording.numerals import percent
from integrade.wording.sheet import Sheet, shown
from plainwords.account import Account, Entry
from plainwords.texts import say

STEP = "row_level"
_RAUCH, _SHARE = "rauch", "share of the firm-year"
_TRADE = "trade"
_ORDINARY, _PROCESSING = r"(?i)一般贸易|^ordinary|^general|^0?10$", r"(?i)加工|process|assembl|^0?1[45]$"
_GIVE = 'give firm_year="quality ~ ... | firm + year"'


@dataclass(frozen=True)
class RowLevel:
    """Options of the weights of rows and of their groups.

    Parameters
    ----------
    weights
        equal: every row counts once. value: rows count by export value. share: rows count by their share in the value
        of their firm-year, so that every firm-year counts once, as in the regression on firm-years.
    regime
        Column of the rows with the customs regime. The regression is repeated for ordinary and for processing trade,
        recognised by the name (一般贸易, 进料加工贸易, ordinary, processing with imports) or the code (10, 14, 15).
        It is not repeated if there is no such column.
    rauch
        Class of each product (differentiated, reference priced ...): a mapping, or a table of product and class, with
        HS codes of any length. A product takes the class of the longest code that it starts with. The regression is
        repeated for each class.
    firm_year
        Formula of the regression on firm-years. By default, the formula of the rows with firm and year effects.
    fit
        How each regression is estimated. With one cluster variable and no vcov the covariance is CR3. With several
        large effects CR3 removes them once per cluster: vcov="CR1" is faster.
    """

    weights: Literal["equal", "value", "share"] = "equal"
    regime: str = "regime"
    rauch: Any = None
    firm_year: str | None = None
    fit: Fit = field(default_factory=lambda: Fit(cluster="region"))


@shown
@dataclass(frozen=True)
class RowLevelResult:
    """The regressions on all rows, on firm-years, and on the rows of each group, with an account of the rows and notes.

    ``groups`` maps a group such as ``trade=ordinary`` to its fit. If a group cannot be estimated, the notes say so.

    ``alike`` holds estimates by term, from a regression on all rows with the effects of the firm-year regression. They
    split the difference between the two regressions into a part from the rows and their weights and a part from the
    effects. ``alike`` is empty if the rows lack such an effect.
    """

    rows: FitResult
    firm_year: FitResult
    groups: Mapping[str, FitResult]
    account: Account
    notes: tuple[str, ...] = ()
    alike: Mapping[str, float] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, FitResult]:
        """The fits by heading, for a regression table."""
        return {"firm-years": self.firm_year, "rows": self.rows, **self.groups}

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors and clusters of the regression on all rows."""
        return self.rows.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return one row per regression: coefficients with standard errors, and the number of rows."""
        terms = dict.fromkeys(c.term for f in self.columns.values() for c in f.coefficients)
        rows = []
        for name, result in self.columns.items():
            cells = {c.term: f"{c.estimate:.4g} ({c.std_error:.2g})" for c in result.coefficients}
            rows.append((name, *(cells.get(t, "") for t in terms), f"{result.nobs:,}"))
        return Sheet(self.rows.formula, ("", *terms, "n"), tuple(rows), self.notes)


@keywords(RowLevel, within="fit")
def row_level(
    quality_rows: Any, panel: Any, formula: str, options: RowLevel | None = None, **changes: Any
) -> RowLevelResult:
    """Estimate a regression on customs rows that take treatment and controls from the panel.

    Formula: ``r_fhmt = b1 X_rt + b2 X_rt^2 + controls_ft + effects``, r the quality of a row; for comparison, ``TQ_ft``
        is regressed on the same regressors with firm and year effects. With weights="share", firm and year effects and
        value-weighted TQ the two are the same.
    Missing values: rows whose firm-year (or region-year, for a panel without firms) is not in the panel are dropped.
        Rows with a missing value are dropped as in `fit`. The account counts both. Rows without a regime or a class are
        in no group.

    Args:
        quality_rows: the result of ``demand_residual(customs, level="row")``: firm, product, destination, year (,
            regime), value, quality.
        panel: one row per firm and year, or per region and year. A column that the rows have too is taken from the
            rows.
        formula: ``"quality ~ market + market^2 + scale | firm + product + destination^year"``.
        options: a `RowLevel`; single options, also those of `Fit`, by name.

    Returns:
        One `RowLevelResult`, without data. The firm-years come from the panel if it has the outcome, else from means
        over the rows (weighted by value, or equally with equal weights).

    Raises:
        UnknownColumn: a column is neither in the rows nor in the panel. DuplicateKeys: the panel repeats a key.
        Coverage: no row has its firm-year in the panel. NotIdentified: the rows lack the outcome. UsageError: weights
            given twice, or a regressor that varies within firm-years without ``firm_year``. Errors of `fit` for all
            rows and for the firm-years.

    Reference: METHODS 3.2, 5.7.

    Example:
        >>> rows = demand_residual(customs, sigma=5, level="row")  # doctest: +SKIP
        >>> row_level(rows, panel, "quality ~ market | firm + product + destination^year",
        ...           rauch={"870323": "differentiated"}, cluster="region")  # doctest: +SKIP
    """
    chosen = request(RowLevel, options, changes)
    parsed = parse_formula(formula)
    if chosen.fit.weights and chosen.weights != "equal":
        raise UsageError(
            f"weights={chosen.weights!r} and weights of the fit exclude each other",
            remedy="leave those of the fit out, or give weights='equal'",
        )
    rows, key, entries = _joined(quality_rows, panel, parsed, chosen)
    bare = replace(rows, made={})  # values cached for the columns that form groups are not needed again
    kinds = [*_trade(bare, chosen.regime, entries), *_classified(bare, chosen.rauch, entries)]
    del bare
    rows = _weighted(rows, parsed, chosen)
    weights = {"equal": chosen.fit.weights, "value": "value", "share": _SHARE}[chosen.weights]
    how = replace(chosen.fit, weights=weights)
    result = fit(rows, parsed, how)
    entries += [
        Entry(STEP, "quality", "dropped", reason, n)
        for reason, n in (
            (say("models_samples.value-missing"), result.n_missing),
            (say("models_samples.singletons"), result.n_singletons),
        )
        if n
    ]
    entries.append(Entry(STEP, "quality", "out", say("models_samples.rows-in-regression"), result.nobs))
    alike = _with_effects_of_firm_years(rows, parsed, how, key, chosen)
    rows = rows.apart()
    groups, notes = _by_group(rows, parsed, how, kinds)
    firm_year = _firm_year(panel, rows, parsed, key, chosen)
    account = account_of(quality_rows) + account_of(panel) + entries
    return RowLevelResult(result, firm_year, groups, account, (*result.notes, *notes), alike)


def outcome_not_of_rows(outcome: str) -> NotIdentified:
    """Return the error for an outcome that has only one value for all rows of a firm-year."""
    return NotIdentified(say("models_samples.outcome-not-of-rows", outcome=column_word(outcome)))


def _joined(
    quality_rows: Any, panel: Any, formula: Formula, chosen: RowLevel
) -> tuple[Ready, tuple[str, str], list[Entry]]:
    """Add to the rows the columns that they need from the panel; return them, the key of the join and the account."""
    frame, side = enter(quality_rows), enter(panel)
    ours, theirs = frame.collect_schema().names(), side.collect_schema().names()
    unit = "firm" if "firm" in theirs and "firm" in ours else "region"
    key = (unit, "year")
    for where, names in (("the rows", ours), ("the panel", theirs)):
        for column in key:
            if column not in names:
                raise UnknownColumn(f"no column {column!r} in {where}", remedy=did_you_mean(column, names))
    parts = [c for name in cluster_names(chosen.fit) for c in name.split("^")]
    weights = [chosen.fit.weights] if chosen.fit.weights else ["value"] if chosen.weights != "equal" else []
    wanted = dict.fromkeys([*formula.numeric_columns, *formula.effect_columns, *parts, *weights])
    for column in wanted:
        if column not in ours and column not in theirs:
            what = f"no column {column!r} in the rows or the panel"
            raise UnknownColumn(what, where=formula.text, remedy=did_you_mean(column, [*ours, *theirs]))
    for column in formula.outcome.columns:
        if column not in ours:
            raise outcome_not_of_rows(column)
    more = (*key, "firm", "product", "value", chosen.regime)
    rows = collect_coded(frame.select(*dict.fromkeys([*(c for c in (*wanted, *more) if c in ours)])))
    taken = [c for c in wanted if c not in ours]
    local = collect_coded(side.select(*key, *taken))
    local = local.with_columns(_as(pl.col(k), local.schema[k], rows.schema[k]) for k in key).drop_nulls(key)
    twice = local.filter(local.select(key).is_duplicated()).sort(key)
    if twice.height:
        example = ", ".join(f"{k}={twice[k][0]}" for k in key)
        raise DuplicateKeys(f"the panel repeats {', '.join(key)}", example=example, remedy="keep one row per key")
    bare = ready(rows)
    at = _places(bare, local, key)
    here = at >= 0
    entries = _lost(rows, local, key, ~here)
    if not here.any():
        raise Coverage(
            say("impossible.no-row-in-panel", unit=unit),
            example=f"rows: {unit}={rows[unit][0]}",
            remedy=f"write each {unit} in the same way in both",
        )
    if not here.all():
        bare, at = ready(rows.filter(pl.Series(here))), at[here]
    return Ready(bare.own, bare.height, ready(local.select(taken)), at, bare.made), key, entries


def _as(column: pl.Expr, kind_here: pl.DataType, kind: pl.DataType) -> pl.Expr:
    """Return the key cast to the other table's type; it is null if the cast fails. Categories are compared as text."""
    coded = (pl.Categorical, pl.Enum)
    text = column.cast(pl.String) if isinstance(kind_here, coded) or isinstance(kind, coded) else column
    return text.cast(kind, strict=False)


def _places(rows: Ready, panel: pl.DataFrame, key: tuple[str, str]) -> Codes:
    """Return, for each row, the position of the panel row with its unit and year, or -1. Pairs are looked up once."""
    pair = combine("key", [rows.factor(k) for k in key])
    gaps = [gap for gap in map(rows.gap, key) if gap is not None]
    known = np.flatnonzero(np.logical_and.reduce(gaps)) if gaps else np.arange(rows.height)
    row_of_pair = np.zeros(pair.levels, dtype=np.intp)
    row_of_pair[pair.codes[known]] = known
    listed = panel.select(*key, pl.int_range(pl.len(), dtype=pl.Int64).alias("its row"))
    panel_rows = rows.select(key)[row_of_pair].join(listed, on=key, how="left", maintain_order="left")["its row"]
    places = np.full(rows.height, -1, dtype=np.intp)
    places[known] = panel_rows.fill_null(-1).to_numpy()[pair.codes[known]]
    return places


def _lost(rows: pl.DataFrame, panel: pl.DataFrame, key: tuple[str, str], lost: Mask) -> list[Entry]:
    """Return account entries: the number of rows, and rows without a panel row by reason, with their share of value."""
    entries = [Entry(STEP, "quality", "in", say("models_samples.customs-rows"), rows.height)]
    if not lost.any():
        return entries
    unit, year = key
    reason = (
        pl.when(pl.col(unit).is_null() | pl.col(year).is_null())
        .then(pl.lit(f"unit-or-year-missing-{unit}"))
        .when(~pl.col(year).is_in(panel[year].unique().to_list()))
        .then(pl.lit("year-not-in-panel"))
        .when(~pl.col(unit).is_in(panel[unit].unique().to_list()))
        .then(pl.lit(f"unit-not-in-panel-{unit}"))
        .otherwise(pl.lit(f"not-together-{unit}"))
    )
    columns = [*key, *(["value"] if "value" in rows.columns else [])]
    missed = rows.select(columns).filter(pl.Series(lost)).with_columns(pl.col(pl.Categorical).cast(pl.String))
    missed = missed.with_columns(_reason=reason)
    parts = {say(f"models_samples.{code}"): part for (code,), part in missed.sort(*key).group_by("_reason")}
    for why in sorted(parts):
        text, part = why, parts[why]
        example = f"{unit}={part[unit][0]}, year={part[year][0]}"
        if "value" in part.columns:
            share = percent(float(part["value"].sum()) / float(rows["value"].sum()), 2)
            text = say("models_samples.of-value", why=why, share=share)
        entries.append(Entry(STEP, "quality", "dropped", text, part.height, example))
    return entries


@dataclass(frozen=True)
class _Kinds:
    """Groups of rows: for each row the position of its group in ``values``, or -1 if it has no group."""

    column: str
    values: tuple[str, ...]
    codes: Codes


def _kinds(rows: Ready, column: str, source: str, named: Callable[[pl.Series], pl.Series]) -> tuple[_Kinds, pl.Series]:
    """Group rows by the name that ``named`` gives to each value of a column. Also returns values without a name."""
    factor, gap = rows.factor(source), rows.gap(source)
    known = np.arange(rows.height) if gap is None else np.flatnonzero(gap)
    row_of_level = np.full(factor.levels, -1, dtype=np.intp)
    row_of_level[factor.codes[known]] = known
    used = np.flatnonzero(row_of_level >= 0)
    levels = rows.series(source).gather(row_of_level[used])
    names = named(levels)
    values = names.drop_nulls().unique().sort()
    places = dict(zip(values.to_list(), range(len(values)), strict=True))
    place_of_level = np.full(factor.levels, -1, dtype=np.intp)
    place_of_level[used] = [-1 if name is None else places[name] for name in names.to_list()]
    codes = np.full(rows.height, -1, dtype=np.intp)
    codes[known] = place_of_level[factor.codes[known]]
    return _Kinds(column, tuple(values.to_list()), codes), levels.filter(names.is_null()).sort()


def _trade(rows: Ready, regime: str, entries: list[Entry]) -> Iterator[_Kinds]:
    """Yield the groups of ordinary and processing trade, if there is a column of the regime.

    Rows of other regimes are counted in the account.
    """
    if regime not in rows.columns:
        return
    name = pl.col(regime).cast(pl.String).str.strip_chars()
    processing = pl.when(name.str.contains(_PROCESSING)).then(pl.lit("processing"))
    kind = processing.when(name.str.contains(_ORDINARY)).then(pl.lit("ordinary")).otherwise(None)
    kinds, others = _kinds(rows, _TRADE, regime, lambda levels: levels.to_frame(regime).select(kind).to_series())
    count = int((kinds.codes < 0).sum())
    if count:
        text = say("models_samples.other-regime", n=count, group=_TRADE)
        examples = ", ".join(map(str, others.to_list()[:3]))
        entries.append(Entry(STEP, "quality", "note", text, count, examples))
    yield kinds


def _classified(rows: Ready, given: Any, entries: list[Entry]) -> Iterator[_Kinds]:
    """Yield the groups by Rauch class of the product, if classes are given.

    Products without a class are counted in the account.
    """
    if given is None:
        return
    if "product" not in rows.columns:
        raise MissingColumn(
            "the rows have no column 'product', to which Rauch classes belong",
            remedy="give rows with product, or leave rauch out",
        )
    classes = _classes(given)
    lengths = sorted({len(code) for code in classes}, reverse=True)

    def named(products: pl.Series) -> pl.Series:
        names = [next((classes[p[:n]] for n in lengths if p[:n] in classes), None) for p in products]
        return pl.Series(names, dtype=pl.String)

    kinds, others = _kinds(rows, _RAUCH, "product", named)
    count = int((kinds.codes < 0).sum())
    if count:
        gap = rows.gap("product")
        many = len(others) + (gap is not None)
        text = say("models_samples.no-rauch-class", n=count, products=many)
        example = f"product={None if gap is not None else others[0]}"
        entries.append(Entry(STEP, "quality", "note", text, count, example))
    yield kinds


def _classes(given: Any) -> dict[str, str]:
    """Return a dictionary from HS code to class.

    Raises an error for codes that are numbers, or a code with two classes.
    """
    if isinstance(given, Mapping):
        pairs = list(given.items())
    else:
        table = collect(enter(given))
        if "product" not in table.columns or table.width < 2:
            raise MissingColumn(
                "the table of Rauch classes needs 'product' and a class",
                remedy=f"call its columns product and class; it has {', '.join(table.columns)}",
            )
        group = next(c for c in (_RAUCH, "class", *table.columns) if c in table.columns and c != "product")
        pairs = table.select("product", group).drop_nulls().unique().sort("product", group).rows()
    classes: dict[str, str] = {}
    for code, name in pairs:
        if not isinstance(code, str):
            raise CodesReadAsNumbers(f"the product {code!r} of the Rauch classes is a number", remedy="store text")
        if classes.setdefault(code, str(name)) != str(name):
            raise DuplicateKeys(
                f"product {code} has two Rauch classes", example=f"{classes[code]}, {name}", remedy="keep one of them"
            )
    return classes


def _weighted(rows: Ready, formula: Formula, chosen: RowLevel) -> Ready:
    """If weights are shares, add each row's share in the value of its firm-year.

    The value of a firm-year counts only rows that have the outcome.
    """
    if chosen.weights != "share":
        return rows
    if "firm" not in rows.columns:
        raise UsageError(
            "weights='share' needs a column 'firm' in the rows",
            remedy=f"use {option('weights', 'equal')}, or {option('weights', 'value')}",
        )
    value = pl.when(_known(formula)).then(pl.col("value"))
    share = value / total_of(value, ["firm", "year"])
    columns = rows.select([*formula.outcome.columns, "value", "firm", "year"])
    return rows.plus({_SHARE: columns.select(share.alias(_SHARE))[_SHARE]})


def _known(formula: Formula) -> pl.Expr:
    """Return the condition that the row has the outcome."""
    return pl.all_horizontal(pl.col(c).cast(pl.Float64).is_finite().fill_null(False) for c in formula.outcome.columns)


def _by_group(
    rows: Ready, formula: Formula, how: Fit, groups: Sequence[_Kinds]
) -> tuple[dict[str, FitResult], list[str]]:
    """Estimate the regression on the rows of each group; return the fits, and notes on groups that fail."""
    fits: dict[str, FitResult] = {}
    notes: list[str] = []
    for kinds in groups:
        for place, value in enumerate(kinds.values):
            try:
                fits[f"{kinds.column}={value}"] = fit(rows.on(kinds.codes == place), formula, how)
            except IntegradeError as error:
                notes.append(say("models_samples.not-estimated", column=kinds.column, value=value, why=error.what))
    return fits, notes


def _with_effects_of_firm_years(
    rows: Ready, formula: Formula, how: Fit, key: tuple[str, str], chosen: RowLevel
) -> dict[str, float]:
    """Return estimates on the rows with the effects of the firm-year regression; empty if the rows lack an effect."""
    effects = parse_formula(chosen.firm_year).effects if chosen.firm_year else ((key[0],), ("year",))
    try:
        result = fit(rows, replace(formula, effects=effects), replace(how, vcov="iid", cluster=None, wild=0))
    except IntegradeError:
        return {}
    return {c.term: c.estimate for c in result.coefficients}


def _firm_year(panel: Any, rows: Ready, formula: Formula, key: tuple[str, str], chosen: RowLevel) -> FitResult:
    """Estimate the regression on firm-years: from the panel if it has the columns, else from means over the rows."""
    unit = "firm" if "firm" in rows.columns else key[0]
    plain = rendered(replace(formula, effects=((unit,), ("year",))))
    wanted = parse_formula(chosen.firm_year) if chosen.firm_year else plain
    theirs = enter(panel).collect_schema().names()
    needed = [*wanted.numeric_columns, *wanted.effect_columns]
    if all(c in theirs for c in needed):
        weights = chosen.fit.weights if chosen.fit.weights in theirs else None
        return fit(panel, wanted, _clustered(replace(chosen.fit, weights=weights), theirs))
    clusters = [c for name in cluster_names(chosen.fit) for c in name.split("^")]
    outcome, keys = wanted.outcome.columns, [unit, "year"]
    kept = [c for c in dict.fromkeys([*needed, *clusters]) if c not in (*outcome, *keys)]
    weight = pl.lit(1.0) if chosen.weights == "equal" else pl.col("value")
    means = [(total_of(pl.col(c) * weight) / total_of(pl.col(c) * 0 + weight)).alias(c) for c in outcome]
    absent = [c for c in (*outcome, *kept) if c not in rows.columns]
    if absent:
        raise UnknownColumn(f"no column {absent[0]!r} for the firm-years", where=wanted.text, remedy=_GIVE)
    many = [pl.col(c).n_unique().alias(f"{c} values") for c in kept]
    usable = (
        rows.table.filter(_known(wanted))
        .group_by(keys)
        .agg(*means, *(pl.col(c).first() for c in kept), *many)
        .sort(keys)
    )
    varying = [c for c in kept if (usable[f"{c} values"] > 1).any()]
    needless = [c for c in varying if c in clusters and c not in needed]
    if set(varying) - set(needless):
        what = f"{next(c for c in varying if c not in needless)!r} varies within firm-years"
        raise UsageError(what, where=wanted.text, remedy=_GIVE)
    known = [c for c in usable.columns if c not in needless]
    return fit(usable.select(known), wanted, _clustered(replace(chosen.fit, weights=None), known))


def _clustered(how: Fit, columns: Sequence[str]) -> Fit:
    """Return the options with only those cluster variables that firm-years have.

    If they have none, errors are robust to heteroskedasticity.
    """
    names = [n for n in cluster_names(how) if all(c in columns for c in n.split("^"))]
    if names or not how.cluster:
        return replace(how, cluster="+".join(names) or None)
    return replace(how, cluster=None, vcov="HC1", df="auto", wild=0)
