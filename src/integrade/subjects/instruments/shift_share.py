"""Build shift-share instruments (a region's exposure to shocks elsewhere), and errors for shocks shared by regions.

``z_rt = sum_k s_rkt g_kt`` with shares s_rkt of region r in source k and shocks g_kt of the source in year t. Regions
with similar shares have similar z and similar errors, so clusters by region are not enough. The independent draws are
the shocks (Borusyak, Hull and Jaravel 2022; Adao, Kolesar and Morales 2019).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import polars as pl

from integrade.engine import frames
from integrade.engine.exact import total_of
from integrade.engine.frames import Table
from integrade.errors import NotANumber, TooFew, UsageError, option
from integrade.estimate.contrasts import Combination, at_error
from integrade.estimate.design import Design
from integrade.estimate.formula import Formula
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.results import Basis, FitResult, Vector
from integrade.estimate.solving import parts
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.regress.ols import least_squares
from integrade.subjects.instruments.builders import Instrument, require_columns, require_unique
from integrade.wording.sheet import Sheet, clustered_by, of_text, shown
from plainwords.account import Account, Entry
from plainwords.texts import say

__all__ = [
    "Rotemberg",
    "ShiftShare",
    "ShiftShareErrors",
    "ShiftShareOptions",
    "shift_share_errors",
    "shift_share_instrument",
]

_SAME = 1e-7  # two slopes that differ by less (relatively) are the same up to rounding
_SHOWN = 5  # number of Rotemberg weights in the result, the largest ones; a convention


@shown
@dataclass(frozen=True)
class ShiftShare:
    """The instrument with its ``shares`` (region, source, year, share) and ``shocks`` (source, year, shock).

    ``national`` is true if every region is equally exposed to all others. The shocks then differ by year and hardly by
    source.
    """

    instrument: Instrument
    shares: pl.DataFrame
    shocks: pl.DataFrame
    national: bool

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the sheet of the instrument with the numbers of shocks and shares."""
        base = self.instrument.sheet()
        return replace(base, lines=(*base.lines, f"{self.shocks.height:,} shocks, {self.shares.height:,} shares"))


@dataclass(frozen=True)
class ShiftShareOptions:
    """Options of shift-share standard errors.

    Parameters
    ----------
    shocks
        The units that are drawn independently: the shocks of a source over all its years together (source), those of a
        year over all sources (year), or every shock (each). auto: source, but year where the instrument varies only
        with a national mean.
    fit
        How the regression is estimated; its usual errors are reported next to the exposure-robust ones.
    """

    shocks: Literal["auto", "source", "year", "each"] = "auto"
    fit: Fit = field(default_factory=lambda: Fit(cluster="region"))


@dataclass(frozen=True)
class Rotemberg:
    """One group of shocks: its weight in the estimate, and the estimate from this group only. Weights sum to one."""

    group: str
    weight: float
    estimate: float


@shown
@dataclass(frozen=True)
class ShiftShareErrors:
    """2SLS with a shift-share instrument, its usual error, and the error for independent shocks.

    ``exposure`` is the estimate with the exposure-robust error and t(groups - 1). ``p_null`` is the p-value of the same
    statistic with the null imposed on the errors (AKM0). ``effective`` is the inverse Herfindahl index of the shocks'
    average shares. ``rotemberg`` holds the largest weights, ``negative`` the sum of the negative weights. ``centred``
    is what was subtracted from the shocks. It is the first of year means, the overall mean and nothing that leaves the
    estimate unchanged.
    """

    fit: FitResult
    exposure: Combination
    p_null: float
    shocks: int
    groups: int
    by: str
    effective: float
    centred: Literal["year", "mean", "none"]
    rotemberg: tuple[Rotemberg, ...]
    negative: float
    notes: tuple[str, ...] = ()

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors, clusters and degrees of freedom of the result."""
        return self.fit.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the estimate with both errors, the shocks and the largest weights as text."""
        c, e = self.fit.coefficients[0], self.exposure
        clusters = clustered_by(self.fit.clusters)
        weights = "; ".join(f"{r.group} {r.weight:.3f} (estimate {r.estimate:.4g})" for r in self.rotemberg)
        lines = [
            self.fit.formula,
            f"  {c.term}: {c.estimate:.6g}",
            f"    {self.fit.kind}{', ' + clusters if clusters else ''}: ({c.std_error:.4g}) p = {c.p_value:.4f}",
            f"    exposure-robust, {self.groups:,} groups of shocks by {self.by}: ({e.std_error:.4g}) "
            f"p = {e.p_value:.4f}, null imposed {self.p_null:.4f}, 95% [{e.conf_low:.5g}, {e.conf_high:.5g}]",
            f"  {self.shocks:,} shocks, {self.effective:.1f} effective, net of {self.centred}",
            f"  Rotemberg weights: {weights}; negative weights {self.negative:.3f}",
        ]
        return of_text("\n".join([*lines, *(f"  ! {n}" for n in self.notes)]))


def shift_share_instrument(
    index: Any,
    exposure: Any,
    *,
    column: str = "integration",
    of: str | None = None,
    leave_out: bool = True,
    name: str = "shift_share",
) -> ShiftShare:
    """Build exposure of a region times the index elsewhere: ``z_rt = sum_k s_rk g_kt`` over sources k other than r.

    Formula: with one number e_r by region, s_rk = e_r / n_t over the n_t other regions with an index: z is the
        leave-own-out national mean times the exposure. With a number by region and source (past shares of trade, say)
        these numbers are the shares. The share of the region itself is left out. Shares of sources without an index in
        a year are divided among the other sources in proportion.
    Missing values: a region without exposure has no value. A region-year without any source has a missing value and is
        counted.

    Args:
        index: the shocks, one row per region and year, in ``column``.
        exposure: a number, one row per region or per region and source.
        column: the column of the index. of: the column of the number, if ``exposure`` has several columns.
        leave_out: leave the region's own shock out. False keeps it, which makes z move with the regressor by
            construction.
        name: name of the new column.

    Raises: `UnknownColumn`, `NotANumber`, `DuplicateKeys`; `UsageError` when the column is not clear or a share is
        negative; `TooFew` for fewer than three regions.

    Reference: Bartik (1991); Borusyak, Hull and Jaravel (2022); METHODS 5.8.

    Example:
        >>> import polars as pl
        >>> index = pl.DataFrame({"region": ["A", "B", "C"], "year": [2004] * 3, "integration": [1.0, 2.0, 6.0]})
        >>> ports = pl.DataFrame({"region": ["A", "B", "C"], "exposure": [1.0, 0.5, 0.0]})
        >>> shift_share_instrument(index, ports).instrument.table.polars()["shift_share"].to_list()
        [4.0, 1.75, 0.0]
    """
    shocks = _shocks(index, column)
    shares, national = _shares(exposure, of)
    if shocks["source"].n_unique() < 3:
        raise TooFew(
            say("impossible.three-regions", regions=str(shocks["source"].n_unique())),
            remedy="give the index of more regions",
        )
    present = shares.join(shocks, on="source", how="inner") if not national else shares.join(shocks, how="cross")
    if leave_out:
        present = present.filter(pl.col("region") != pl.col("source"))
    cell, share = ["region", "year"], pl.col("share")
    if national:
        present = present.with_columns(share=share / pl.len().over(cell))
    else:
        other_sources = pl.col("region") != pl.col("source") if leave_out else pl.lit(True)
        wanted = shares.filter(other_sources).group_by("region").agg(wanted=total_of(share))
        present = present.join(wanted, on="region", how="left")
        present = present.with_columns(share=share * pl.col("wanted") / total_of(share, cell)).drop("wanted")
    present = present.filter(share.is_finite()).sort("region", "year", "source")
    sums = present.group_by(cell).agg(total_of(share * pl.col("shock")).alias(name))
    every = shares.select("region").unique().join(shocks.select("year").unique(), how="cross")
    table = every.join(sums, on=cell, how="left").sort(cell)
    lacking = table[name].null_count()
    reason = say("models_instruments.no-other-source")
    account = Account((Entry("instrument", "instrument", "note", reason, lacking),) if lacking else ())
    source_words = say("models_instruments.national-mean" if national else "models_instruments.index-of-sources")
    instrument = Instrument(
        name,
        Table("instrument", table, account),
        (name,),
        say("models_instruments.excludes-shocks", shocks=source_words),
    )
    return ShiftShare(instrument, present.select("region", "source", "year", "share"), shocks, national)


def _shocks(index: Any, column: str) -> pl.DataFrame:
    table = frames.collect(frames.enter(index))
    require_columns(table, ["region", "year", column])
    require_unique(table, ["region", "year"])
    shocks = table.select(source="region", year="year", shock=pl.col(column).cast(pl.Float64, strict=False))
    return shocks.filter(pl.col("shock").is_finite()).sort("source", "year")


def _shares(exposure: Any, of: str | None) -> tuple[pl.DataFrame, bool]:
    """Return a table of region, (source,) and share, and whether there is only one number per region."""
    table = frames.collect(frames.enter(exposure))
    require_columns(table, ["region", *([of] if of else [])])
    keys = ["region", *(["source"] if "source" in table.columns else [])]
    numbers = [of] if of else [c for c in table.columns if c not in keys and table[c].dtype.is_numeric()]
    if len(numbers) != 1:
        raise UsageError(
            f"{len(numbers)} columns of numbers in addition to {', '.join(keys)}",
            example=", ".join(numbers) or "none",
            remedy="name the exposure: of=..., or give only one column of numbers",
        )
    if not table[numbers[0]].dtype.is_numeric():
        raise NotANumber(f"{numbers[0]!r} holds {table[numbers[0]].dtype}, not numbers", remedy="convert the column")
    require_unique(table, keys)
    shares = table.select(*keys, share=pl.col(numbers[0]).cast(pl.Float64)).drop_nulls()
    if len(keys) == 2 and (shares["share"] < 0).any():
        raise UsageError("a share is negative", remedy="shares by source are zero or more")
    return shares.sort(keys), len(keys) == 1


@keywords(ShiftShareOptions, within="fit")
def shift_share_errors(
    panel: Any, formula: str | Formula, given: ShiftShare, options: ShiftShareOptions | None = None, **changes: Any
) -> ShiftShareErrors:
    """Estimate 2SLS with a shift-share instrument and errors for independent shocks.

    Formula: with x~ and y~ net of effects and controls, X_n = sum_i s_in x~_i, Y_n likewise, e_n = Y_n - b X_n and
        shocks g_n net of their (share-weighted) mean: b = sum g_n Y_n / sum g_n X_n is the 2SLS estimate, its variance
        ``sum_c (sum_{n in c} g_n e_n)^2 / (sum g_n X_n)^2`` times C/(C-1) over groups c of shocks, t(C - 1). Rotemberg
        weights: g_n X_n over their sum.
    Missing values: as in `fit`.

    Args:
        panel: a table with the instrument's column (see `join_instrument`), region and year.
        formula: one endogenous regressor and only this instrument: ``"quality ~ scale | firm + year | market ~
            shift_share"``.
        given: the result of `shift_share_instrument`.
        options: a `ShiftShareOptions`; single options, also those of `Fit`, by name.

    Raises:
        UsageError: several endogenous regressors or instruments, or a column that is not this instrument.
        TooFew: fewer than two groups of shocks. Otherwise as `fit`.

    Reference: Adao, Kolesar and Morales (2019), QJE 134; Borusyak, Hull and Jaravel (2022), REStud 89;
        Goldsmith-Pinkham, Sorkin and Swift (2020), AER 110.

    Example:
        >>> z = shift_share_instrument(index, ports)  # doctest: +SKIP
        >>> shift_share_errors(join_instrument(panel, z.instrument),
        ...                    "quality ~ scale | firm + year | market ~ shift_share", z)  # doctest: +SKIP
    """
    chosen = request(ShiftShareOptions, options, changes)
    design = prepare(panel, formula, chosen.fit)
    require_columns(design.labels, ["region", "year"])
    (column,) = given.instrument.columns
    if design.endogenous != 1 or [design.names[j] for j in design.instruments] != [column]:
        raise UsageError(
            f"shift-share errors require one endogenous regressor and only the instrument {column!r}",
            where=design.formula.text,
            remedy=f'write "y ~ w | firm + year | x ~ {column}"',
        )
    result = estimate(design, chosen.fit)
    shocks = _aggregated(design, given)
    b, (g, centred) = result.coefficients[0].estimate, _centred(shocks, result.coefficients[0].estimate)
    by = ("year" if given.national else "source") if chosen.shocks == "auto" else chosen.shocks
    labels = shocks.select(
        pl.format("{} {}", "source", "year") if by == "each" else pl.col(by).cast(pl.String).alias("group")
    ).to_series()
    names = labels.unique().sort()
    if len(names) < 2:
        groupings = [name for name in ("source", "year") if shocks[name].n_unique() > 1]
        remedy = (
            f"use another grouping: {' or '.join(option('shocks', name) for name in groupings)}" if groupings else ""
        )
        raise TooFew(
            say("impossible.one-shock", n=len(names)), remedy=remedy or "give shocks of several sources or years"
        )
    codes = labels.replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    x, y, weight = (shocks[c].to_numpy() for c in ("x", "y", "weight"))
    groups, strength = len(names), float(g @ x)
    factor = groups / (groups - 1)
    scores = np.bincount(codes, g * (y - b * x))
    error = float(np.sqrt(factor * (scores @ scores))) / abs(strength)
    null = np.bincount(codes, g * y)
    at_null = float(g @ y) / float(np.sqrt(factor * (null @ null)))
    by_group = np.bincount(codes, g * x)
    rotemberg = by_group / by_group.sum()
    largest = [
        Rotemberg(names[c], float(rotemberg[c]), float(null[c] / by_group[c]) if by_group[c] else float("nan"))
        for c in np.argsort(-np.abs(rotemberg), kind="stable")[:_SHOWN].tolist()
    ]
    positive = weight[weight > 0] / weight.sum()
    exposure = at_error(result.coefficients[0].term, b, error, groups - 1)
    return ShiftShareErrors(
        result,
        exposure,
        at_error("", at_null, 1.0, groups - 1).p_value,
        shocks.height,
        groups,
        by,
        1 / float(positive @ positive),
        centred,
        tuple(largest),
        float(rotemberg[rotemberg < 0].sum()),
        tuple(_notes(given, centred, by)),
    )


def _aggregated(design: Design, given: ShiftShare) -> pl.DataFrame:
    """Return one row per shock: source, year, shock, share-weighted sums of x~ and y~, and the total share."""
    x, w, _ = parts(design)
    weights = design.plan.weights
    ones = np.ones(len(x)) if weights is None else weights
    net = [least_squares(w, c, weights).residuals if w.shape[1] else c for c in (x[:, 0], design.outcome)]
    rows = design.labels.select("region", "year").with_columns(
        x=pl.Series(net[0] * ones), y=pl.Series(net[1] * ones), weight=pl.Series(ones)
    )
    sums = [total_of(pl.col(c)).alias(c) for c in ("x", "y", "weight")]
    cells = rows.group_by("region", "year").agg(sums).sort("region", "year")
    joined = cells.join(given.shares, on=["region", "year"], how="inner", maintain_order="left")
    share = pl.col("share")
    by_shock = joined.group_by("source", "year").agg(total_of(pl.col(c) * share).alias(c) for c in ("x", "y", "weight"))
    return by_shock.join(given.shocks, on=["source", "year"], how="inner").sort("source", "year")


def _centred(shocks: pl.DataFrame, b: float) -> tuple[Vector, Literal["year", "mean", "none"]]:
    """Return the shocks net of year means, net of the overall mean, or unchanged, and which of the three.

    Year means, else the overall mean, are subtracted if this leaves the estimate unchanged, because controls and
    effects absorb them. Raises `UsageError` if even the unchanged shocks do not give the estimate, because the column
    is then another instrument.
    """
    g, x, y = (shocks[c].to_numpy() for c in ("shock", "x", "y"))
    weight = pl.col("weight")
    means: dict[Literal["year", "mean", "none"], Vector] = {
        "year": shocks.select(total_of(pl.col("shock") * weight, ["year"]) / total_of(weight, ["year"]))
        .to_series()
        .to_numpy(),
        "mean": np.full(len(g), float(np.average(g, weights=shocks["weight"].to_numpy()))),
        "none": np.zeros(len(g)),
    }
    for how, mean in means.items():
        net = g - mean
        strength = float(net @ x)
        if abs(strength) > _SAME * float(np.abs(net) @ np.abs(x)) and abs(net @ y / strength - b) <= _SAME * abs(b):
            return net, how
    raise UsageError(
        "the shares and shocks do not give the estimate of the regression",
        example=f"{float(g @ y / (g @ x)):.6g}, not {b:.6g}",
        remedy="join this instrument's column to the panel (join_instrument) and keep its name",
    )


def _notes(given: ShiftShare, centred: str, by: str) -> list[str]:
    notes: list[str] = []
    if given.national:
        notes.append(say("models_instruments.by-exposure"))
        if by != "year":
            notes.append(say("models_instruments.errors-by", by=by))
    if centred == "none":
        notes.append(say("models_instruments.shares-differ"))
    return notes
