"""Estimate many regressions at once: several outcomes, stepwise regressors and effects, or the parts of a split.

Regressions on the same rows with the same effects share one removal of the effects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from integrade.errors import EmptyTable, IntegradeError, UsageError, option
from integrade.estimate.design import CONSTANT, Design
from integrade.estimate.fit import fit, gather
from integrade.estimate.formula import Formula, parse_formula, terms_of
from integrade.estimate.from_products import Products, from_products, products, smallest_eigenvalue
from integrade.estimate.linear import Fit, cluster_names, estimate, prepare
from integrade.estimate.ready import Ready, complete_rows, ready, squares_net_of_first
from integrade.estimate.results import FitResult, Vector
from integrade.estimate.rows import refuse_nested, refuse_text
from integrade.estimate.stepwise import Variant, expand
from integrade.records.catalogue import choose, keywords
from integrade.regress.effects import Mask

_INDEPENDENT = 1e-7  # no unit column is collinear if the smallest eigenvalue is above this
_ALIVE = 1e-6  # a column is not absorbed if its norm net of effects is above this share of its standard deviation


@keywords(Fit)
def fit_many(
    panel: Any,
    formula: str | Sequence[str] | Mapping[str, str],
    options: Fit | None = None,
    *,
    split: str | None = None,
    fsplit: str | None = None,
    **changes: Any,
) -> dict[str, FitResult]:
    """Estimate every regression that one formula or several formulas describe.

    Formula: ``c(y1, y2) ~ x`` has several outcomes. Among regressors, and among effects, ``sw(a, b)`` enters one
        alternative at a time, ``csw(a, b)`` adds one after the other, ``sw0`` and ``csw0`` begin with none; several
        give all combinations. ``split`` estimates each value of a column, ``fsplit`` also all rows together.
    Missing values: as in `fit`, each regression on its own rows (as fixest): a row missing in ``b`` is in the
        regression on ``a``. Regressions with the same rows and effects share the removal of the effects and all
        cross-products, and results equal those of `fit` to 1e-10; one with collinear regressors is estimated
        separately. Rows without a value of the split are in no part, but in all of ``fsplit``.

    Args:
        panel: any frame or table.
        formula: ``"c(quality, price) ~ market + market^2 + csw0(scale, age) | firm + year"``; a list of formulas; or
            name -> formula.
        options: a `Fit`; single options can be given by name.
        split: column whose values are estimated separately. fsplit: the same, after all rows.

    Returns:
        A dictionary from label to `FitResult`, ordered by split, outcome, effects and regressors. A label lists what
        was chosen wherever there was a choice: ``"quality, scale + age, ownership=state"``. Without any choice the
        label is the outcome. With several formulas the label begins with the formula, or its name. `regression_table`
        accepts this dictionary.

    Raises:
        UsageError: no formula is given, or one is given twice. BadFormula, UnknownColumn, and errors of `fit` for one
        of them; ``where`` then begins with its label.

    Example:
        >>> table = fit_many(panel, "quality ~ market + csw0(scale, age) | firm + year",
        ...                  cluster="region", vcov="CR3")  # doctest: +SKIP
        >>> list(table)  # doctest: +SKIP
        ['none', 'scale', 'scale + age']
    """
    chosen = choose(Fit, options, changes)
    if split and fsplit:
        raise UsageError(
            "split and fsplit exclude each other",
            remedy=f"leave {option('split')} out: fsplit already gives all rows and the same parts",
        )
    variants = _variants(formula)
    formulas = [parse_formula(v.text) for v in variants]
    by = split or fsplit
    whole = _joint(
        formulas,
        "; ".join(dict.fromkeys(v.text for v in variants)),
        tuple(dict.fromkeys(e for f in formulas for e in f.effects)),
    )
    rows = gather(panel, whole, chosen, also=(by,) if by else ())
    refuse_text(rows.to_dict(), whole)
    refuse_nested({c: rows[c] for c in rows.columns if c not in whole.numeric_columns}, whole)
    fits: dict[str, FitResult] = {}
    for part, sample in _parts(rows, by, everything=fsplit is not None):
        labels = [", ".join((*v.chosen, *part)) or formulas[0].outcome.name for v in variants]
        fits |= zip(labels, _estimated(sample, formulas, chosen, labels), strict=True)
    return fits


def _variants(formula: str | Sequence[str] | Mapping[str, str]) -> tuple[Variant, ...]:
    """Return every regression that the given formula or formulas describe.

    With several formulas, each label begins with the name (or text) of its formula.
    """
    if isinstance(formula, str):
        return expand(formula)
    listed = [(text, text) for text in formula] if isinstance(formula, Sequence) else []
    named = list(formula.items()) if isinstance(formula, Mapping) else listed
    example = 'write fit_many(panel, ["quality ~ market | firm", "price ~ market | firm"])'
    if not named or not all(isinstance(text, str) and isinstance(name, str) for name, text in named):
        raise UsageError("fit_many needs a formula, a list of formulas, or name -> formula", remedy=example)
    names = [name for name, _ in named]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise UsageError(f"the formula {twice!r} appears twice", remedy="give it once")
    return tuple(replace(v, chosen=(name, *v.chosen)) for name, text in named for v in expand(text))


def _parts(rows: pl.DataFrame, by: str | None, *, everything: bool) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
    """Yield the parts of a split with their labels, in the order of the values."""
    if by is None:
        yield (), rows
        return
    if everything:
        yield ("all",), rows
    known = rows.filter(pl.col(by).is_not_null())
    if known.is_empty():
        raise EmptyTable(f"the column {by!r} has no value", remedy="split by another column")
    for value in known[by].unique().sort().to_list():
        yield (f"{by}={value}",), known.filter(pl.col(by) == value)


@dataclass(frozen=True)
class _Regression:
    """One regression: its position in the result, its label and formula, and the number of rows it drops."""

    place: int
    label: str
    formula: Formula
    n_missing: int
    notes: tuple[str, ...]


def _estimated(
    rows: pl.DataFrame, formulas: Sequence[Formula], how: Fit, labels: Sequence[str]
) -> tuple[FitResult, ...]:
    """Estimate each regression. Regressions with the same rows and effects share one design."""
    data = ready(rows)
    clusters = [c for name in cluster_names(how) for c in name.split("^")]
    groups: dict[Any, tuple[Mask | None, list[_Regression]]] = {}  # by effects and rows (None: all rows)
    for i, (formula, label) in enumerate(zip(formulas, labels, strict=True)):
        complete = complete_rows(data, terms_of(formula), [*formula.effect_columns, *clusters], how.weights)
        key = formula.effects, None if complete.good is None else complete.good.tobytes()
        regression = _Regression(i, label, formula, complete.n_missing, complete.notes)
        groups.setdefault(key, (complete.good, []))[1].append(regression)
    fits: dict[int, FitResult] = {}
    for good, members in groups.values():
        shared = None
        if len(members) > 1 and (good is None or good.any()):
            shared = _share(data, good, members, how)
        for member in members:
            try:
                result = None if shared is None else _from_shared(shared, member, how)
                fits[member.place] = fit(data, member.formula, how) if result is None else result
            except IntegradeError as error:
                error.where = f"{member.label}: {error.where or member.formula.text}"
                raise
    return tuple(fits[i] for i in range(len(formulas)))


def _joint(formulas: Sequence[Formula], text: str, effects: tuple[tuple[str, ...], ...]) -> Formula:
    """Return one formula with all columns of several formulas.

    Its outcome is the first formula's outcome. The other outcomes are among its regressors.
    """
    outcome = formulas[0].outcome
    terms = {t.name: t for f in formulas for t in terms_of(f) if t != outcome}
    return Formula(text, outcome, tuple(terms.values()), effects, intercept=any(f.intercept for f in formulas))


@dataclass(frozen=True)
class _Shared:
    """A design with the columns of all regressions on the same rows, the columns' positions, and their cross-products.

    ``first_within`` maps each outcome to the sum of its squares net of the first effect.
    """

    design: Design
    place: dict[str, int]
    products: Products | None
    first_within: dict[str, float]


def _share(data: Ready, good: Mask | None, members: Sequence[_Regression], how: Fit) -> _Shared | None:
    """Return a design for all regressions of a group, with the effects removed from all columns at once.

    Returns None if that fails; each regression then raises its own error.
    """
    formulas = [member.formula for member in members]
    whole = _joint(formulas, formulas[0].text, formulas[0].effects)
    rows = data if good is None else data.on(good)
    try:
        design = prepare(rows, whole, how)
        names = cluster_names(how)
        design = replace(design, factors=dict(design.factors) | {name: design.cluster(name) for name in names})
        sums = None if any(f.endogenous for f in formulas) else products(design, how)
    except IntegradeError:
        return None
    place = {name: j for j, name in reversed(list(enumerate(design.names)))}
    outcomes = {f.outcome.name: f.outcome for f in formulas if f.outcome != whole.outcome}
    first = {whole.outcome.name: design.first_within}
    used = slice(None) if design.rows is None else design.rows
    for name, term in outcomes.items():
        column = rows.values(term)[used]
        first[name] = squares_net_of_first(design.plan, column) if design.plan.effects else float("nan")
    return _Shared(design, place, sums, first)


def _from_shared(shared: _Shared, member: _Regression, how: Fit) -> FitResult | None:
    """Compute one regression of a group. Returns None if a column may be collinear or absorbed."""
    design, formula = shared.design, member.formula
    constant = [CONSTANT] if formula.intercept and not formula.effects else []
    before, regressors = [t.name for t in formula.endogenous], [*constant, *(t.name for t in formula.regressors)]
    instruments = [t.name for t in formula.instruments]
    names = (*before, *regressors, *instruments, formula.outcome.name)
    at = [shared.place[name] for name in names]
    gram = design.gram[np.ix_(at, at)]
    if not _clear(design, gram, at):
        return None
    k = len(before) + len(regressors)
    bare = replace(
        design,
        formula=formula,
        names=names,
        matrix=np.zeros((len(design.matrix), 0)),
        gram=gram,
        kept=tuple(range(k)),
        instruments=tuple(range(k, k + len(instruments))),
        endogenous=len(before),
        means=design.means[at],
        deviations=design.deviations[at],
        first_within=shared.first_within[formula.outcome.name],
        n_missing=member.n_missing,
        dropped={},
        spreads=tuple(s for v in formula.squared for s in design.spreads if s.variable == v),
        notes=member.notes,
    )
    result = None if shared.products is None else from_products(shared.products, bare, at, how)
    if result is not None:
        return result
    return estimate(replace(bare, matrix=np.ascontiguousarray(design.matrix[:, at])), how)


def _clear(design: Design, gram: Vector, at: Sequence[int]) -> bool:
    """Return whether the outcome varies and no regressor or instrument is close to absorbed or collinear.

    The limit, 1e-10 of the mean, is far above the rounding of the mean (1e-16); it is a convention. Regressions that
    fail this check are fitted by `fit`.
    """
    weights = design.plan.weights
    mass = float(len(design.matrix)) if weights is None else float(weights.sum())
    chosen, last = list(at[:-1]), at[-1]
    if np.sqrt(gram[-1, -1] / mass) <= max(_ALIVE * design.deviations[last], 1e-10 * abs(design.means[last])):
        return False
    if design.deviations[last] <= 1e-10 * abs(design.means[last]):
        return False
    if design.plan.effects:
        least = np.sqrt(mass) * np.maximum(_ALIVE * design.deviations[chosen], 1e-10 * np.abs(design.means[chosen]))
        if (np.sqrt(np.diag(gram)[:-1]) <= least).any():
            return False
    return smallest_eigenvalue(gram[:-1, :-1]) > _INDEPENDENT
