"""Estimate delayed effects of a treatment.

Lags are taken on the series of the treatment, so that a firm that is new this year also has a lag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import polars as pl

from integrade.engine.frames import Table
from integrade.errors import EmptyTable, IntegradeError, NotIdentified, TooFew, UsageError, option
from integrade.estimate.contrasts import Combination, combination, delta, joint_test
from integrade.estimate.fit import fit, gather
from integrade.estimate.formula import Formula, Part, Term, has, parse_formula, square, swapped, with_regressors
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit
from integrade.estimate.multiple import holm
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import FitResult
from integrade.records.catalogue import keywords, request
from integrade.records.schema import column_word
from integrade.subjects.lags.records import DistributedLag, LagColumn, LagResults, larger_p
from integrade.subjects.lags.shifts import add_lags, add_lags_of, shifted_name
from integrade.subjects.noise.corrected import Estimator, estimator
from integrade.subjects.noise.halves import Halves
from plainwords.account import Account
from plainwords.texts import say

__all__ = ["Lags", "add_lags", "lag_table"]

_FIRM_YEAR = ("firm", "year")


@dataclass(frozen=True)
class Lags:
    """Options of a table of lags: the lagged variable, the years back, the regression.

    Parameters
    ----------
    variable
        The regressor that is lagged.
    lags
        Years back, each in a separate regression and all together in the distributed lag.
    leads
        Years ahead: a placebo. A lead without the current value picks up its effect if the series is persistent. The
        test is that of the leads added to the current value and the lags.
    include_square
        Add the square of each lag (whether or not the formula has it); otherwise leave squares out.
    on
        regressor: the outcome is this year's. both: the outcome is lagged too, on the firm panel, as the published
        table seems to do; kept for comparison, with a warning.
    controls
        Leave the controls at their current values, or lag them with the regressor (on the firm panel).
    same_sample
        Estimate every column on the rows that have all lags and leads.
    lives_on
        The key of the series that is lagged, the period last.
    fit
        How each regression is estimated.
    """

    variable: str = "market"
    lags: tuple[int, ...] = (1, 2, 3)
    leads: tuple[int, ...] = (1,)
    include_square: bool = True
    on: Literal["regressor", "both"] = "regressor"
    controls: Literal["current", "lagged"] = "current"
    same_sample: bool = False
    lives_on: tuple[str, ...] = ("region", "year")
    fit: Fit = field(default_factory=Fit)


@keywords(Lags, within="fit")
def lag_table(
    panel: Any,
    formula: str,
    options: Lags | None = None,
    *,
    series: Any = None,
    halves: Halves | None = None,
    **changes: Any,
) -> LagResults:
    """Estimate the regression with each lag of a variable in turn, with all together, and with leads as a placebo.

    Formula: y_ft = b1 x_r,t-k + b2 x_r,t-k^2 + controls_ft + effects, for each k separately; the distributed lag has
        all k from 0 on. The standard error of a sum of b over k comes from the covariance of the fit. The joint tests
        are Wald tests.
    Missing values: a lag is the value of the series exactly k years earlier. It is missing if the series has no value
        then. Lost rows are counted. A firm that moved gets the past of its current province.

    Args:
        panel: any table.
        formula: ``"quality ~ market + market^2 + scale | firm + year"``.
        options: see `Lags`; or single options by name, those of `Fit` included. With a cluster the covariance is CR3.
        series: the series by ``lives_on``, with years before (and after) the panel. By default it is taken from the
            panel.
        halves: indices of halves of the goods (`halves_of`), if the variable is an index of prices: the same table is
            then made corrected for noise in the index as well.

    Returns:
        One `LagResults`.

    Raises:
        BadFormula, UnknownColumn: the formula cannot be read, or names a column that the panel does not have.
        UsageError: the variable is not a regressor, is instrumented, or is not constant within ``lives_on``.
        NotIdentified, EmptyTable, TooFew: a single lag cannot be estimated. If only the regression with all lags cannot
            be estimated, it is left out with a note.

    Example:
        >>> lag_table(panel, "quality ~ market + market^2 | firm + year", cluster="region")  # doctest: +SKIP
    """
    chosen = request(Lags, options, changes)
    parsed = _checked(parse_formula(formula), chosen)
    table, account = _with_shifts(panel, parsed, chosen, series)
    rows = ready(table)
    published = chosen.on == "both"
    leads = () if published else chosen.leads
    columns = _columns(rows, parsed, replace(chosen, leads=leads), fit)
    notes: list[str] = [say("models_timing.published")] if published else []
    together, placebo = (None, None) if published else _together(rows, parsed, chosen, notes, fit)
    result = LagResults(chosen.variable, chosen.on, columns, together, placebo, account, tuple(notes))
    if halves is None or published:
        return result
    run, why = estimator(halves, chosen.variable), list[str]()
    try:
        columns = _columns(rows, parsed, chosen, run)
    except IntegradeError as problem:
        return replace(result, uncorrected=problem.what)
    together, placebo = _together(rows, parsed, chosen, why, run)
    corrected = replace(result, columns=columns, distributed=together, placebo=placebo, notes=tuple(why))
    return replace(result, corrected=corrected)


def _checked(parsed: Formula, chosen: Lags) -> Formula:
    """Return the formula with or without the square, as the options require."""
    x = chosen.variable
    if any(has(t, x) for t in (*parsed.endogenous, *parsed.instruments)):
        raise UsageError(
            f"{x!r} is instrumented: its lags would need lagged instruments",
            where=parsed.text,
            remedy="build the columns with add_lags and fit them with their instruments",
        )
    plain = Term((Part(x),))
    if plain not in parsed.regressors:
        raise UsageError(
            f"{x!r} is not a regressor", where=parsed.text, remedy=f"give {option('variable', ...)} of the formula"
        )
    terms = [t for t in parsed.regressors if t != square(x)]
    if chosen.include_square:
        terms.insert(terms.index(plain) + 1, square(x))
    for shift in (*chosen.lags, *chosen.leads):
        if shift < 1:
            raise UsageError(f"a lag or lead of {shift} years is not possible", remedy="give whole years, 1 or more")
    return with_regressors(parsed, terms)


def _with_shifts(panel: Any, parsed: Formula, chosen: Lags, series: Any) -> tuple[pl.DataFrame, Account]:
    """Return the rows with every shifted column, and the account of their missing values."""
    x, published = chosen.variable, chosen.on == "both"
    others = [c for t in parsed.regressors for c in t.columns if c != x] if chosen.controls == "lagged" else []
    on_firms = list(dict.fromkeys([*others, *([x, *parsed.outcome.columns] if published else [])]))
    firm_keys = _FIRM_YEAR if on_firms else ()
    rows = gather(panel, parsed, chosen.fit, also=(*chosen.lives_on, *firm_keys))
    account = Account()
    shifts: dict[str, Any] = {"lags": chosen.lags, "leads": () if published else chosen.leads}
    if not published:
        table = add_lags(Table("panel", rows, account), x, **shifts, lives_on=chosen.lives_on, series=series)
        rows, account = table.polars(), table.account
    if on_firms:
        table = add_lags_of(Table("panel", rows, account), on_firms, **shifts, lives_on=_FIRM_YEAR)
        rows, account = table.polars(), table.account
    if chosen.same_sample:
        shifted = [*([] if published else [x]), *on_firms]
        names = [shifted_name(c, s) for c in shifted for s in _signed(chosen)]
        rows = rows.drop_nulls([n for n in names if n in rows.columns])
    return rows, account


def _signed(chosen: Lags) -> list[int]:
    """Return all shifts in order: lags positive, leads negative."""
    return [*chosen.lags, *(-s for s in chosen.leads)]


def _moved(parsed: Formula, chosen: Lags, shift: int) -> Formula:
    """Return the formula with the variable ``shift`` years back.

    If requested, the controls and the outcome are moved by the same number of years.
    """
    if not shift:
        return parsed
    x = chosen.variable
    columns = {x: shifted_name(x, shift)}
    if chosen.controls == "lagged":
        columns |= {c: shifted_name(c, shift) for t in parsed.regressors for c in t.columns if c != x}
    outcome = parsed.outcome
    if chosen.on == "both":
        outcome = swapped(outcome, {c: shifted_name(c, shift) for c in outcome.columns})
    return with_regressors(parsed, [swapped(t, columns) for t in parsed.regressors], outcome)


def _columns(rows: Ready, parsed: Formula, chosen: Lags, run: Estimator) -> tuple[LagColumn, ...]:
    shifts = [0, *_signed(chosen)]
    fits = {s: run(rows, _moved(parsed, chosen, s), chosen.fit) for s in shifts}
    joint = {s: joint_test(f, _terms(chosen, s)) for s, f in fits.items()}
    adjusted: dict[int, float] = {}
    for family in ([s for s in shifts if s > 0], [s for s in shifts if s < 0]):
        adjusted |= dict(zip(family, holm([larger_p(fits[s], joint[s]) for s in family]).tolist(), strict=True))
    return tuple(
        LagColumn(
            s,
            shifted_name(chosen.variable, s),
            f,
            joint[s],
            adjusted.get(s),
            u_test(f, shifted_name(chosen.variable, s)) if chosen.include_square else None,
            fits[0].nobs - f.nobs,
        )
        for s, f in fits.items()
    )


def _terms(chosen: Lags, *shifts: int) -> list[str]:
    """Return the names of the variable and its square at these shifts."""
    names = [shifted_name(chosen.variable, s) for s in shifts]
    return [t for n in names for t in ((n, f"{n}^2") if chosen.include_square else (n,))]


def _together(
    rows: Ready, parsed: Formula, chosen: Lags, notes: list[str], run: Estimator
) -> tuple[DistributedLag | None, DistributedLag | None]:
    """Return the distributed lag without leads and with leads.

    Each is None if no year was requested for it. It is also None if it cannot be estimated; a note is then added.
    """
    results: list[DistributedLag | None] = []
    for left_out, requested, leads in (
        ("models_timing.distributed-left-out", chosen.lags, ()),
        ("models_timing.leads-left-out", chosen.leads, chosen.leads),
    ):
        try:
            results.append(_distributed(rows, parsed, chosen, leads, run) if requested else None)
        except (NotIdentified, EmptyTable, TooFew) as error:
            why = error.what
            if error.example:
                why = say("models_timing.with-example", what=error.what, example=error.example)
            notes.append(say(left_out, why=why))
            results.append(None)
    return results[0], results[1]


def _distributed(rows: Ready, parsed: Formula, chosen: Lags, leads: Sequence[int], run: Estimator) -> DistributedLag:
    x = chosen.variable
    past = [0, *chosen.lags]
    shifts = [*past, *(-s for s in leads)]
    own_terms = {Term((Part(x),)), square(x)}
    terms = [t for t in parsed.regressors if t not in own_terms]
    moved = [swapped(t, {x: shifted_name(x, s)}) for s in shifts for t in parsed.regressors if t in own_terms]
    result = run(rows, with_regressors(parsed, [*moved, *terms]), chosen.fit)
    return DistributedLag(
        result,
        joint_test(result, _terms(chosen, *shifts)),
        joint_test(result, _terms(chosen, *chosen.lags)) if chosen.lags else None,
        joint_test(result, _terms(chosen, *(-s for s in leads))) if leads else None,
        _sums(result, chosen, past),
    )


def _sums(result: FitResult, chosen: Lags, past: Sequence[int]) -> tuple[Combination, ...]:
    """Return the sums of linear terms and of squares, over the current value and the lags.

    With squares, also return the slope of the sums at the mean and their turning point.
    """
    x = chosen.variable
    names = [shifted_name(x, s) for s in past]
    linear = combination(result, dict.fromkeys(names, 1.0), say("models_timing.sum-of", term=column_word(x)))
    if not chosen.include_square:
        return (linear,)
    squares = combination(
        result, {f"{n}^2": 1.0 for n in names}, say("models_timing.sum-of", term=column_word(f"{x}^2"))
    )
    mean = result.means[x]
    slope_weights = dict.fromkeys(names, 1.0) | {f"{n}^2": 2 * mean for n in names}
    slope = combination(result, slope_weights, say("models_timing.slope-of-sums", term=column_word(x)))
    if squares.estimate == 0:
        return linear, squares, slope
    b1, b2 = linear.estimate, squares.estimate
    gradient = dict.fromkeys(names, -1 / (2 * b2)) | {f"{n}^2": b1 / (2 * b2**2) for n in names}
    return linear, squares, slope, delta(result, -b1 / (2 * b2), gradient, say("models_timing.turning-point-of-sums"))
