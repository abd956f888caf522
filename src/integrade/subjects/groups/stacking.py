"""Stack the regressions of all groups in one: every regressor and every fixed effect times the group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import polars as pl

from integrade.estimate.contrasts import Combination, JointTest, combination, delta, restricted
from integrade.estimate.design import Design
from integrade.estimate.fit import fit
from integrade.estimate.formula import Formula, Part, Term, has, square, swapped
from integrade.estimate.linear import Fit, cluster_names, prepare
from integrade.estimate.ready import Ready
from integrade.estimate.results import FitResult
from integrade.estimate.solving import solve
from integrade.regress.wild import Drawing, forms, wild


def mark(by: str, level: str) -> str:
    """Return the name of the column that is 1 in a group and 0 outside it: ``ownership=state``."""
    return f"{by}={level}"


def stack(rows: Ready, parsed: Formula, by: str, levels: Sequence[str]) -> tuple[Ready, Formula]:
    """Return the rows with one mark per group, and the formula with terms such as ``market:ownership=state``."""
    wide = rows.plus({mark(by, level): _mark(rows, by, level) for level in levels})

    def times(terms: Sequence[Term]) -> tuple[Term, ...]:
        return tuple(Term((*t.parts, Part(mark(by, level)))) for level in levels for t in terms)

    formula = replace(
        parsed,
        text=f"{parsed.text}, everything by {by}",
        regressors=times(parsed.regressors),
        endogenous=times(parsed.endogenous),
        instruments=times(parsed.instruments),
        effects=effects_by(parsed, by),
    )
    return wide, formula


def _mark(rows: Ready, by: str, level: str) -> pl.Series:
    return (rows.series(by) == level).cast(pl.Float64)


def effects_by(parsed: Formula, by: str) -> tuple[tuple[str, ...], ...]:
    """Return the effects of the stacked regression: each effect by group, or without effects a constant per group."""
    if not parsed.effects:
        return ((by,),) if parsed.intercept else ()
    return tuple((*e, by) for e in parsed.effects)


def coefficient_gaps(stacked: FitResult, terms: Sequence[str], by: str, levels: Sequence[str]) -> list[Combination]:
    """Return the coefficient of each term in group a minus its coefficient in group b, for every pair of groups."""
    return [
        combination(stacked, {in_group(t, by, a): 1.0, in_group(t, by, b): -1.0}, t)
        for a, b in combinations(levels, 2)
        for t in terms
    ]


def joint_gaps(stacked: FitResult, terms: Sequence[str], by: str, levels: Sequence[str]) -> list[JointTest]:
    """Test that all terms are equal in two groups, for every pair of groups."""
    pairs = combinations(levels, 2)
    return [
        restricted(stacked, [{in_group(t, by, a): 1.0, in_group(t, by, b): -1.0} for t in terms], tuple(terms))
        for a, b in pairs
    ]


def overall_gap(stacked: FitResult, terms: Sequence[str], by: str, levels: Sequence[str]) -> JointTest:
    """Test that all terms are equal in all groups."""
    first, *others = levels
    restrictions = [{in_group(t, by, b): 1.0, in_group(t, by, first): -1.0} for b in others for t in terms]
    return restricted(stacked, restrictions, tuple(terms))


def turning_gaps(stacked: FitResult, x: str, by: str, levels: Sequence[str]) -> list[Combination]:
    """Return the turning point of group a minus that of group b, for every pair, by the delta method.

    The covariance comes from the stacked regression.
    """
    gaps = []
    for a, b in combinations(levels, 2):
        value = 0.0
        gradient: dict[str, float] = {}
        for level, sign in ((a, 1.0), (b, -1.0)):
            linear, squared = in_group(x, by, level), in_group(f"{x}^2", by, level)
            b1, b2 = stacked[linear].estimate, stacked[squared].estimate
            value += sign * -b1 / (2 * b2)
            gradient |= {linear: -sign / (2 * b2), squared: sign * b1 / (2 * b2**2)}
        gaps.append(delta(stacked, value, gradient, f"turning point: {a} - {b}"))
    return gaps


def in_group(term: str, by: str, level: str) -> str:
    """Return the name of a term in one group of the stacked regression."""
    return f"{term}:{mark(by, level)}"


def wild_equal(rows: Ready, parsed: Formula, x: str, by: str, levels: Sequence[str], how: Fit) -> float | None:
    """Return the wild bootstrap p of the null that all terms of ``x`` are equal in all groups.

    The stacked regression is written as the terms of the last group plus the differences of each other group from it.
    The draws keep all differences in the terms of ``x`` at zero (Cameron, Gelbach and Miller 2008). The statistic is
    the Wald statistic from CR1. Returns None without draws, with instruments, or if a difference is not identified.
    """
    if not how.wild or parsed.endogenous:
        return None
    # every regressor times the mark of each group except the last; ``added`` names the added terms of x
    more, regressors, added = dict[str, pl.Series](), list(parsed.regressors), list[str]()
    for level in levels[:-1]:
        extra, here = f"{x}[{level}]", mark(by, level)
        more[here] = _mark(rows, by, level)
        more[extra] = rows.series(x).cast(pl.Float64) * more[here]
        for term in parsed.regressors:
            addition = swapped(term, {x: extra}) if has(term, x) else Term((*term.parts, Part(here)))
            regressors.append(addition)
            added += [addition.name] if has(term, x) else []
    formula = replace(
        parsed,
        text=f"{parsed.text}, and what each group of {by} adds",
        regressors=tuple(regressors),
        effects=effects_by(parsed, by),
    )
    design = prepare(rows.plus(more), formula, replace(how, wild=0), also=tuple(cluster_names(how)))
    if not set(added) <= set(design.regressors):
        return None
    return _wild_p(design, [added], how)[0]


def _wild_p(design: Design, nulls: Sequence[Sequence[str]], how: Fit) -> list[float]:
    """Return the wild bootstrap p of each null. A null is that the coefficients it lists are zero."""
    solution = solve(design, "auto", "iid", (), 0).solution
    columns = [*design.kept, len(design.names) - 1]
    all_columns = columns == list(range(design.matrix.shape[1]))
    matrix = design.matrix if all_columns else design.matrix[:, columns]
    cross_products = forms(design.plan, matrix, design.cluster(str(how.cluster)))
    places = {name: j for j, name in enumerate(design.regressors)}
    drawing = Drawing(how.wild, how.seed, how.wild_weights, how.wild_null == "imposed")
    b, bread = solution.coefficients, solution.bread
    return [wild(cross_products, bread, b, null=[places[t] for t in null], how=drawing).p_value for null in nulls]


def wild_gap(rows: Ready, parsed: Formula, x: str, by: str, pair: tuple[str, str], how: Fit) -> dict[str, float]:
    """Return the wild bootstrap p of the null that a term of ``x`` is equal in two groups, by term.

    ``"joint"`` is the p of the null that all terms are equal. The stacked regression is written as the terms of group b
    plus the differences of group a from it.
    """
    a = pair[0]
    extra = f"{x}[{a}]"
    here = mark(by, a)
    among = rows.series(by).is_in(pair)
    part = rows if among.all() else rows.on(among.to_numpy())
    in_a = _mark(part, by, a)
    part = part.plus({here: in_a, extra: part.series(x).cast(pl.Float64) * in_a})
    added = [swapped(t, {x: extra}) if has(t, x) else Term((*t.parts, Part(here))) for t in parsed.regressors]
    formula = replace(
        parsed,
        text=f"{parsed.text}, and what {a} adds",
        regressors=(*parsed.regressors, *added),
        effects=effects_by(parsed, by),
    )
    names = {t.name: swapped(t, {x: extra}).name for t in parsed.regressors if has(t, x)}
    if parsed.endogenous:
        p_by_null = {w.null: w.p_value for w in fit(part, formula, how).wild}
        p = {term: p_by_null[name] for term, name in names.items() if name in p_by_null}
        joint_null = f"{extra} + {extra}^2"
        if set(names) == {x, square(x).name} and joint_null in p_by_null:
            p["joint"] = p_by_null[joint_null]
        return p
    design = prepare(part, formula, replace(how, wild=0), also=tuple(cluster_names(how)))
    nulls: dict[str, Sequence[str]] = {term: (name,) for term, name in names.items() if name in design.regressors}
    if set(names) == set(nulls) == {x, square(x).name}:
        nulls["joint"] = (extra, f"{extra}^2")
    return dict(zip(nulls, _wild_p(design, list(nulls.values()), how), strict=True))
