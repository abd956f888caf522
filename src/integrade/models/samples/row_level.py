"""The regression on customs rows: firm, product, destination and year, beside the one on firm-years.

A firm-year's quality is a mean over its rows, so its product and destination mix moves it. With product and
destination-year effects on the rows, the treatment is compared within the same product and market.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import polars as pl

from integrade import tidied
from integrade.account import Account, Entry
from integrade.catalogue import keywords, request
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
from integrade.frames import account_of, collect, enter
from integrade.models.fit.fit import fit
from integrade.models.fit.formula import Formula, parse_formula, rendered
from integrade.models.fit.linear import Fit, cluster_names
from integrade.models.fit.results import Basis, FitResult
from integrade.schema import column_word
from integrade.sheet import Sheet, shown
from integrade.texts import say

STEP = "row_level"
_RAUCH, _SHARE = "rauch", "share of the firm-year"
_TRADE = "trade"
_ORDINARY, _PROCESSING = r"(?i)一般贸易|^ordinary|^general|^0?10$", r"(?i)加工|process|assembl|^0?1[45]$"
_GIVE = 'give firm_year="quality ~ ... | firm + year"'


@dataclass(frozen=True)
class RowLevel:
    """How the rows are weighted and into which groups they are split.

    Parameters
    ----------
    weights
        equal: every row counts once. value: by export value. share: by its share in the value of its firm-year, so that
        every firm-year counts once, as in the regression on firm-years.
    regime
        Column of the rows with the customs regime; the regression is repeated for ordinary and for processing trade,
        told by the name (一般贸易, 进料加工贸易, ordinary, processing with imports) or the customs code (10, 14, 15);
        for none where there is no such column.
    rauch
        Class of each product (differentiated, reference priced ...), by a mapping or a table of product and class with
        HS codes of any length; a product takes that of the longest code that starts it. Repeated for each class.
    firm_year
        Formula of the regression on firm-years; that of the rows with firm and year effects where not given.
    fit
        How each regression is estimated. With one cluster variable and no vcov the covariance is CR3, which with
        several large effects removes them once per cluster: vcov="CR1" is faster.
    """

    weights: Literal["equal", "value", "share"] = "equal"
    regime: str = "regime"
    rauch: Any = None
    firm_year: str | None = None
    fit: Fit = field(default_factory=lambda: Fit(cluster="region"))


@shown
@dataclass(frozen=True)
class RowLevelResult:
    """The regression on all rows, on firm-years, and on the rows of each group; what became of the rows; notes.

    ``groups``: ``trade=ordinary`` -> fit. A group that cannot be estimated is in the notes.
    """

    rows: FitResult
    firm_year: FitResult
    groups: Mapping[str, FitResult]
    account: Account
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, FitResult]:
        """Heading -> fit, for a regression table."""
        return {"firm-years": self.firm_year, "rows": self.rows, **self.groups}

    @property
    def basis(self) -> Basis:
        """What the regression on all rows rests on."""
        return self.rows.basis

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """One row per regression: coefficients with standard errors, and the number of rows."""
        terms = dict.fromkeys(c.term for f in self.columns.values() for c in f.coefficients)
        rows = []
        for name, found in self.columns.items():
            own = {c.term: f"{c.estimate:.4g} ({c.std_error:.2g})" for c in found.coefficients}
            rows.append((name, *(own.get(t, "") for t in terms), f"{found.nobs:,}"))
        return Sheet(self.rows.formula, ("", *terms, "n"), tuple(rows), self.notes)


@keywords(RowLevel, within="fit")
def row_level(
    quality_rows: Any, panel: Any, formula: str, options: RowLevel | None = None, **changes: Any
) -> RowLevelResult:
    """Estimate a regression on customs rows that take treatment and controls from the panel.

    Formula: ``r_fhmt = b1 X_rt + b2 X_rt^2 + controls_ft + effects``, r the quality of a row; beside it
        ``TQ_ft`` on the same regressors with firm and year effects. With weights="share", firm and year effects and
        value-weighted TQ the two are the same.
    Missing values: rows whose firm-year (or region-year, for a panel without firms) is not in the panel are dropped,
        rows with a value missing as in `fit`; both counted in the account. Rows without a regime or a class are in no
        group.

    Args:
        quality_rows: what ``demand_residual(customs, level="row")`` gives: firm, product, destination, year (, regime),
            value, quality.
        panel: one row per firm and year, or per region and year. A column that the rows have too is that of the rows.
        formula: ``"quality ~ market + market^2 + scale | firm + product + destination^year"``.
        options: a `RowLevel`; single options, also those of `Fit`, by name.

    Returns:
        One `RowLevelResult`, without data. The firm-years are those of the panel where it has the outcome, else means
        over the rows (by value, or equal with equal weights).

    Raises:
        UnknownColumn: a column is neither in the rows nor in the panel. DuplicateKeys: the panel repeats a key.
        Coverage: no row has its firm-year in the panel. NotIdentified: the rows lack the outcome. UsageError: weights
            given twice, or a regressor that varies within firm-years without ``firm_year``. What `fit` raises for all
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
    rows = _weighted(rows, parsed, chosen)
    weights = {"equal": chosen.fit.weights, "value": "value", "share": _SHARE}[chosen.weights]
    how = replace(chosen.fit, weights=weights)
    found = fit(rows, parsed, how)
    entries += [
        Entry(STEP, "quality", "dropped", reason, n)
        for reason, n in (
            (say("models_samples.value-missing"), found.n_missing),
            (say("models_samples.singletons"), found.n_singletons),
        )
        if n
    ]
    entries.append(Entry(STEP, "quality", "out", say("models_samples.rows-in-regression"), found.nobs))
    groups, notes = _by_group(rows, parsed, how, [c for c in (_TRADE, _RAUCH) if c in rows.columns])
    firm_year = _firm_year(panel, rows, parsed, key, chosen)
    account = account_of(quality_rows) + account_of(panel) + entries
    return RowLevelResult(found, firm_year, groups, account, (*found.notes, *notes))


def outcome_not_of_rows(outcome: str) -> NotIdentified:
    """The error of an outcome that has one value for all rows of a firm-year."""
    return NotIdentified(say("models_samples.outcome-not-of-rows", outcome=column_word(outcome)))


def _joined(
    quality_rows: Any, panel: Any, formula: Formula, chosen: RowLevel
) -> tuple[pl.DataFrame, tuple[str, str], list[Entry]]:
    """The rows with the columns that they need from the panel, the key of the join, and what was lost."""
    frame, side = enter(quality_rows), enter(panel)
    ours, theirs = frame.collect_schema().names(), side.collect_schema().names()
    unit = "firm" if "firm" in theirs and "firm" in ours else "region"
    key = (unit, "year")
    for where, names in (("the rows", ours), ("the panel", theirs)):
        for column in key:
            if column not in names:
                raise UnknownColumn(f"no column {column!r} in {where}", remedy=did_you_mean(column, names))
    parts = [c for name in cluster_names(chosen.fit) for c in name.split("^")]
    own = [chosen.fit.weights] if chosen.fit.weights else ["value"] if chosen.weights != "equal" else []
    wanted = dict.fromkeys([*formula.numeric_columns, *formula.effect_columns, *parts, *own])
    for column in wanted:
        if column not in ours and column not in theirs:
            what = f"no column {column!r} in the rows or the panel"
            raise UnknownColumn(what, where=formula.text, remedy=did_you_mean(column, [*ours, *theirs]))
    for column in formula.outcome.columns:
        if column not in ours:
            raise outcome_not_of_rows(column)
    more = (*key, "firm", "product", "value", chosen.regime)
    rows = collect(frame.select(*dict.fromkeys([*(c for c in (*wanted, *more) if c in ours)])))
    taken = [c for c in wanted if c not in ours]
    local = collect(side.select(*key, *taken)).with_columns(pl.col(k).cast(rows.schema[k]) for k in key)
    twice = local.filter(local.select(key).is_duplicated()).sort(key)
    if twice.height:
        example = ", ".join(f"{k}={twice[k][0]}" for k in key)
        raise DuplicateKeys(f"the panel repeats {', '.join(key)}", example=example, remedy="keep one row per key")
    joined = rows.join(local.with_columns(_hit=True), on=key, how="left", maintain_order="left")
    entries = _lost(joined, local, key)
    kept = joined.filter(pl.col("_hit")).drop("_hit")
    if kept.is_empty():
        raise Coverage(
            f"no row has its {unit} and year in the panel",
            example=f"rows: {unit}={rows[unit][0]}",
            remedy=f"write each {unit} in the same way in both",
        )
    return _with_class(_with_trade(kept, chosen.regime, entries), chosen.rauch, entries), key, entries


def _lost(joined: pl.DataFrame, panel: pl.DataFrame, key: tuple[str, str]) -> list[Entry]:
    """Rows in, and rows without a row of the panel by reason with their share of value."""
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
    entries = [Entry(STEP, "quality", "in", say("models_samples.customs-rows"), joined.height)]
    missed = joined.filter(pl.col("_hit").is_null()).with_columns(_reason=reason)
    parts = {say(f"models_samples.{code}"): part for (code,), part in missed.sort(*key).group_by("_reason")}
    for why in sorted(parts):
        text, part = why, parts[why]
        example = f"{unit}={part[unit][0]}, year={part[year][0]}"
        if "value" in part.columns:
            share = f"{float(part['value'].sum()) / float(joined['value'].sum()):.2%}"
            text = say("models_samples.of-value", why=why, share=share)
        entries.append(Entry(STEP, "quality", "dropped", text, part.height, example))
    return entries


def _with_trade(rows: pl.DataFrame, regime: str, entries: list[Entry]) -> pl.DataFrame:
    """Add ordinary or processing by the regime; rows of other regimes are counted."""
    if regime not in rows.columns:
        return rows
    name = pl.col(regime).cast(pl.String).str.strip_chars()
    kind = pl.when(name.str.contains(_PROCESSING)).then(pl.lit("processing"))
    rows = rows.with_columns(kind.when(name.str.contains(_ORDINARY)).then(pl.lit("ordinary")).alias(_TRADE))
    other = rows.filter(pl.col(_TRADE).is_null())
    if other.height:
        text = say("models_samples.other-regime", n=other.height, group=_TRADE)
        examples = other[regime].drop_nulls().unique().sort().to_list()[:3]
        entries.append(Entry(STEP, "quality", "note", text, other.height, ", ".join(map(str, examples))))
    return rows


def _with_class(rows: pl.DataFrame, given: Any, entries: list[Entry]) -> pl.DataFrame:
    """Add the Rauch class of each product, where classes are given; products without one are counted."""
    if given is None:
        return rows
    if "product" not in rows.columns:
        raise MissingColumn(
            "the rows have no column 'product', to which Rauch classes belong",
            remedy="give rows with product, or leave rauch out",
        )
    classes = _classes(given)
    lengths = sorted({len(code) for code in classes}, reverse=True)
    products = rows["product"].unique().drop_nulls().sort()
    found = {p: next((classes[p[:n]] for n in lengths if p[:n] in classes), None) for p in products}
    rows = rows.with_columns(
        pl.col("product").replace_strict(found, default=None, return_dtype=pl.String).alias(_RAUCH)
    )
    unknown = rows.filter(pl.col(_RAUCH).is_null())
    if unknown.height:
        many = unknown["product"].n_unique()
        text = say("models_samples.no-rauch-class", n=unknown.height, products=many)
        example = f"product={unknown['product'].sort()[0]}"
        entries.append(Entry(STEP, "quality", "note", text, unknown.height, example))
    return rows


def _classes(given: Any) -> dict[str, str]:
    """HS code -> class; raises for codes that are numbers and for a code with two classes."""
    if isinstance(given, Mapping):
        pairs = list(given.items())
    else:
        table = collect(enter(given))
        if "product" not in table.columns or table.width < 2:
            raise MissingColumn(
                "the table of Rauch classes needs 'product' and a class",
                remedy=f"call its columns product and class; it has {', '.join(table.columns)}",
            )
        other = next(c for c in (_RAUCH, "class", *table.columns) if c in table.columns and c != "product")
        pairs = table.select("product", other).drop_nulls().unique().sort("product", other).rows()
    classes: dict[str, str] = {}
    for code, name in pairs:
        if not isinstance(code, str):
            raise CodesReadAsNumbers(f"the product {code!r} of the Rauch classes is a number", remedy="store text")
        if classes.setdefault(code, str(name)) != str(name):
            raise DuplicateKeys(
                f"product {code} has two Rauch classes", example=f"{classes[code]}, {name}", remedy="keep one of them"
            )
    return classes


def _weighted(rows: pl.DataFrame, formula: Formula, chosen: RowLevel) -> pl.DataFrame:
    """With the share of each row in its firm-year's value over rows that have the outcome, where asked for."""
    if chosen.weights != "share":
        return rows
    if "firm" not in rows.columns:
        raise UsageError(
            "weights='share' needs a column 'firm' in the rows",
            remedy=f"use {option('weights', 'equal')}, or {option('weights', 'value')}",
        )
    value = pl.when(_known(formula)).then(pl.col("value"))
    return rows.with_columns((value / value.sum().over("firm", "year")).alias(_SHARE))


def _known(formula: Formula) -> pl.Expr:
    return pl.all_horizontal(pl.col(c).cast(pl.Float64).is_finite().fill_null(False) for c in formula.outcome.columns)


def _by_group(
    rows: pl.DataFrame, formula: Formula, how: Fit, columns: Sequence[str]
) -> tuple[dict[str, FitResult], list[str]]:
    """The regression on the rows of each value of each column, and why it could not be made."""
    found: dict[str, FitResult] = {}
    notes: list[str] = []
    for column in columns:
        for value in rows[column].drop_nulls().unique().sort().to_list():
            try:
                found[f"{column}={value}"] = fit(rows.filter(pl.col(column) == value), formula, how)
            except IntegradeError as error:
                notes.append(say("models_samples.not-estimated", column=column, value=str(value), why=error.what))
    return found, notes


def _firm_year(panel: Any, rows: pl.DataFrame, formula: Formula, key: tuple[str, str], chosen: RowLevel) -> FitResult:
    """The regression on firm-years: of the panel where it has the outcome, else of means over the rows."""
    unit = "firm" if "firm" in rows.columns else key[0]
    plain = rendered(replace(formula, effects=((unit,), ("year",))))
    wanted = parse_formula(chosen.firm_year) if chosen.firm_year else plain
    theirs = enter(panel).collect_schema().names()
    needed = [*wanted.numeric_columns, *wanted.effect_columns]
    if all(c in theirs for c in needed):
        weights = chosen.fit.weights if chosen.fit.weights in theirs else None
        return fit(panel, wanted, _clustered(replace(chosen.fit, weights=weights), theirs))
    clusters = [c for name in cluster_names(chosen.fit) for c in name.split("^")]
    outcome, own = wanted.outcome.columns, [unit, "year"]
    kept = [c for c in dict.fromkeys([*needed, *clusters]) if c not in (*outcome, *own)]
    weight = pl.lit(1.0) if chosen.weights == "equal" else pl.col("value")
    means = [((pl.col(c) * weight).sum() / (pl.col(c) * 0 + weight).sum()).alias(c) for c in outcome]
    absent = [c for c in (*outcome, *kept) if c not in rows.columns]
    if absent:
        raise UnknownColumn(f"no column {absent[0]!r} for the firm-years", where=wanted.text, remedy=_GIVE)
    many = [pl.col(c).n_unique().alias(f"{c} values") for c in kept]
    usable = rows.filter(_known(wanted)).group_by(own).agg(*means, *(pl.col(c).first() for c in kept), *many).sort(own)
    varying = [c for c in kept if (usable[f"{c} values"] > 1).any()]
    needless = [c for c in varying if c in clusters and c not in needed]
    if set(varying) - set(needless):
        what = f"{next(c for c in varying if c not in needless)!r} varies within firm-years"
        raise UsageError(what, where=wanted.text, remedy=_GIVE)
    known = [c for c in usable.columns if c not in needless]
    return fit(usable.select(known), wanted, _clustered(replace(chosen.fit, weights=None), known))


def _clustered(how: Fit, columns: Sequence[str]) -> Fit:
    """The options with the cluster variables that firm-years have; heteroskedasticity-robust where none is left."""
    names = [n for n in cluster_names(how) if all(c in columns for c in n.split("^"))]
    if names or not how.cluster:
        return replace(how, cluster="+".join(names) or None)
    return replace(how, cluster=None, vcov="HC1", df="auto", wild=0)
