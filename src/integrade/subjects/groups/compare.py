"""Test whether the effect of the treatment differs between groups of firms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Annotated, Any

import numpy as np
import polars as pl

from integrade.errors import EmptyTable, IntegradeError, NotIdentified, TooFew, UsageError, did_you_mean, option
from integrade.estimate.contrasts import Combination, JointTest
from integrade.estimate.covariances import is_of_cluster
from integrade.estimate.fit import fit, gather
from integrade.estimate.formula import Formula, has, parse_formula, square
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.multiple import AdjustedFamily, adjust, benjamini_hochberg, holm
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import FitResult
from integrade.records.catalogue import keywords, request
from integrade.records.needs import DRAWS
from integrade.subjects.groups.labels import Shuffled, shuffle
from integrade.subjects.groups.records import Difference, GroupComparison, GroupFit, JointDifference
from integrade.subjects.groups.splits import Split, group_column, industry_intensity
from integrade.subjects.groups.stacking import (
    coefficient_gaps,
    joint_gaps,
    overall_gap,
    stack,
    turning_gaps,
    wild_equal,
    wild_gap,
)
from integrade.subjects.groups.strength import SHARED, shared_range, strength_gaps, strengths
from integrade.subjects.noise.corrected import Estimator, estimator
from integrade.subjects.noise.halves import Halves
from plainwords.texts import say

__all__ = ["Groups", "Split", "adjust_family", "compare_groups", "group_column", "industry_intensity"]

_MOST = 12  # largest number of groups, because each needs enough rows and each pair is tested; a convention


@dataclass(frozen=True)
class Groups:
    """Options of a comparison of groups.

    Parameters
    ----------
    treatment
        The regressor whose terms (by itself, squared, in products) are compared.
    permutations
        Draws of the permutation test, 0 for none; p can be no smaller than 1 / (draws + 1).
    permute
        Column over whose values the labels are permuted. By default the region if groups are groups of regions, else
        the firm; none if groups are groups of years.
    fit
        How each regression is estimated; its seed also serves the permutations.
    """

    treatment: str = "market"
    permutations: Annotated[int, DRAWS] = 999
    permute: str | None = None
    fit: Fit = field(default_factory=Fit)


@keywords(Groups, within="fit")
def compare_groups(
    panel: Any, formula: str, by: str, options: Groups | None = None, *, halves: Halves | None = None, **changes: Any
) -> GroupComparison:
    """Estimate the regression in every group and test whether the effect of the treatment differs.

    Formula: one stacked regression with every regressor and every fixed effect times the group: the same b as in the
        split samples, and the covariance between groups that share clusters. Tests of differences between groups: b_a -
        b_b by t, and all terms jointly by Wald. Turning points -b1 / (2 b2), and the average steepness of the fitted
        curves over the range that all groups share (`groups.strength`), by the delta method. Permutation: |t| and Wald
        from CR1 under permuted labels, p = (1 + #) / (B + 1).
    Missing values: rows without a group are dropped and counted, then rows that the regression cannot use.

    Args:
        panel: any table. formula: as for `fit`. by: the column of groups (see `group_column`).
        options: see `Groups`; or single options by name, those of `Fit` included. With a cluster the covariance is CR3,
            and ``wild=9999`` adds wild bootstrap p-values within groups, for the differences and for all groups.
        halves: indices of halves of the goods (`halves_of`), if the treatment is an index of prices: the same
            comparison is then made corrected for noise in the index as well.

    Returns:
        One `GroupComparison`. Differences are group a minus group b, with groups in sorted order.

    Raises:
        UsageError: one group only, more than 12 groups, or a treatment that is not in the formula. EmptyTable, TooFew,
        NotIdentified: a group cannot be estimated; the error names it.

    Reference: Chow (1960) with clusters; Janssen (1997) and Chung and Romano (2013) for studentised permutation.

    Example:
        >>> compare_groups(panel, "quality ~ market | firm + year", "ownership", cluster="region")  # doctest: +SKIP
    """
    chosen = request(Groups, options, changes)
    x = chosen.treatment
    parsed = parse_formula(formula)
    regressors = (*parsed.endogenous, *parsed.regressors)
    terms = [t.name for t in regressors if has(t, x)]
    if not terms:
        raise UsageError(
            f"the treatment {x!r} is not a regressor",
            where=parsed.text,
            remedy=f"{did_you_mean(x, [c for t in regressors for c in t.columns])}; give {option('treatment', ...)}",
        )
    rows, levels, notes = _rows(panel, parsed, by, chosen)
    fits = tuple(_group(rows, parsed, by, level, chosen) for level in levels)
    wide, stacked_formula = stack(rows, parsed, by, levels)
    how = replace(chosen.fit, wild=0)
    design = prepare(wide, stacked_formula, how)
    stacked = estimate(design, how)
    used = rows if design.rows is None else rows.on(design.rows)
    shuffled = shuffle(used, parsed, by, chosen)
    pairs = list(combinations(levels, 2))
    several = len(levels) > 2
    wild = [wild_gap(rows, parsed, x, by, pair, chosen.fit) for pair in pairs] if chosen.fit.wild else []
    if len(levels) == 2 and wild and "joint" in wild[0]:  # with two groups, the pair is all groups
        wild_of_all: float | None = wild[0]["joint"]
    else:
        wild_of_all = wild_equal(rows, parsed, x, by, levels, chosen.fit)
    middle, shared = shared_range(used.series(x).cast(pl.Float64).to_numpy(), used.factor(by).codes)
    curved = {x} <= set(terms) <= {x, square(x).name} and shared >= SHARED
    # a curve has a turning point only if the coefficient of its square is not zero
    squares = [c.estimate for c in stacked.coefficients if c.term.startswith(f"{x}^2:")]
    turning = {x, square(x).name} <= set(terms) and np.all(squares)
    if stacked.kind == "iid":
        remarks: list[str] = [say("models_groups.independent-errors")]
    else:
        remarks = [n for n in stacked.notes if is_of_cluster(n)]
    result = GroupComparison(
        by,
        chosen.treatment,
        fits,
        stacked,
        differences=_differences(coefficient_gaps(stacked, terms, by, levels), pairs, terms, shuffled, wild),
        joint=_joint(joint_gaps(stacked, terms, by, levels), pairs, shuffled, wild),
        overall=overall_gap(stacked, terms, by, levels) if several else None,
        overall_p_permutation=shuffled.test.p_overall if several and shuffled.test else None,
        turning_points=tuple(turning_gaps(stacked, x, by, levels)) if turning else (),
        overall_p_wild=wild_of_all,
        permuted=shuffled.record,
        middle=middle,
        shared=shared,
        strengths=strengths(stacked, x, by, levels, middle) if curved else (),
        stronger=strength_gaps(stacked, x, by, levels, middle) if curved else (),
        notes=(*notes, *shuffled.notes, *remarks),
    )
    if halves is None:
        return result
    try:
        again = estimator(halves, x)(wide, stacked_formula, how)
        within = tuple(_group(rows, parsed, by, level, chosen, estimator(halves, x)) for level in levels)
        return replace(result, corrected=_corrected(result, again, within, terms))
    except IntegradeError as problem:
        return replace(result, uncorrected=problem.what)


def _corrected(
    printed: GroupComparison, stacked: FitResult, within: tuple[GroupFit, ...], terms: Sequence[str]
) -> GroupComparison:
    """Return the comparison with the stacked regression and those within groups corrected for noise.

    Labels are not permuted again, and no bootstrap of differences is drawn.
    """
    x, by, levels = printed.treatment, printed.by, [g.group for g in printed.groups]
    pairs, none = list(combinations(levels, 2)), Shuffled(None, None, ())
    return replace(
        printed,
        groups=within,
        stacked=stacked,
        differences=_differences(coefficient_gaps(stacked, terms, by, levels), pairs, terms, none, []),
        joint=_joint(joint_gaps(stacked, terms, by, levels), pairs, none, []),
        overall=overall_gap(stacked, terms, by, levels) if printed.overall else None,
        overall_p_permutation=None,
        overall_p_wild=None,
        turning_points=tuple(turning_gaps(stacked, x, by, levels)) if printed.turning_points else (),
        permuted=None,
        strengths=strengths(stacked, x, by, levels, printed.middle) if printed.strengths else (),
        stronger=strength_gaps(stacked, x, by, levels, printed.middle) if printed.stronger else (),
        notes=(),
    )


def adjust_family(comparisons: Mapping[str, GroupComparison]) -> AdjustedFamily:
    """Adjust the joint tests of several comparisons by Holm, Benjamini-Hochberg and Benjamini-Yekutieli.

    The family has one test per split: that the effect is equal in all groups of the split.
    """
    return AdjustedFamily(adjust({name: (c.overall or c.joint[0].test).p_value for name, c in comparisons.items()}))


def _rows(panel: Any, parsed: Formula, by: str, chosen: Groups) -> tuple[Ready, list[str], list[str]]:
    """Return the rows that have a group (as text), the groups in the order of their values, and notes."""
    rows = gather(panel, parsed, chosen.fit, also=(by, *([chosen.permute] if chosen.permute else [])))
    values = rows[by].drop_nulls().unique().sort()
    levels = [str(v) for v in values]
    if not 2 <= len(levels) <= _MOST:
        raise UsageError(
            f"{by!r} has {len(levels)} groups",
            example=", ".join(levels[:8]),
            remedy=f"2 to {_MOST} can be compared: see group_column",
        )
    missing = rows[by].null_count()
    notes: list[str] = [say("models_groups.rows-dropped", n=missing, by=by)] if missing else []
    rows = rows.drop_nulls(by)
    text = rows[by].replace_strict(values, levels, return_dtype=pl.String)
    return ready(rows.with_columns(text)), levels, notes


def _group(rows: Ready, parsed: Formula, by: str, level: str, chosen: Groups, run: Estimator = fit) -> GroupFit:
    try:
        result = run(rows.on((rows.series(by) == level).to_numpy()), parsed, chosen.fit)
    except (EmptyTable, TooFew, NotIdentified) as error:
        raise type(error)(
            f"{by} = {level}: {error.what}", where=error.where, example=error.example, remedy=error.remedy
        ) from error
    x, terms = chosen.treatment, {c.term for c in result.coefficients}
    return GroupFit(level, result, u_test(result, x) if {x, square(x).name} <= terms else None)


def _differences(
    gaps: Sequence[Combination],
    pairs: Sequence[tuple[str, str]],
    terms: Sequence[str],
    shuffled: Shuffled,
    wild: list[dict[str, float]],
) -> tuple[Difference, ...]:
    p = [g.p_value for g in gaps]
    holms, bhs = holm(p).tolist(), benjamini_hochberg(p).tolist()
    differences = []
    for i, g in enumerate(gaps):
        pair, term = divmod(i, len(terms))
        permuted = None if shuffled.test is None else float(shuffled.test.p_t[pair, term])
        bootstrapped = wild[pair].get(terms[term]) if wild else None
        differences.append(
            Difference(
                g.name,
                *pairs[pair],
                g.estimate,
                g.std_error,
                g.statistic,
                g.p_value,
                g.conf_low,
                g.conf_high,
                permuted,
                bootstrapped,
                holms[i],
                bhs[i],
            )
        )
    return tuple(differences)


def _joint(
    tests: Sequence[JointTest], pairs: Sequence[tuple[str, str]], shuffled: Shuffled, wild: list[dict[str, float]]
) -> tuple[JointDifference, ...]:
    p = [t.p_value for t in tests]
    holms, bhs = holm(p).tolist(), benjamini_hochberg(p).tolist()
    return tuple(
        JointDifference(
            *pairs[i],
            test,
            None if shuffled.test is None else float(shuffled.test.p_joint[i]),
            wild[i].get("joint") if wild else None,
            holms[i],
            bhs[i],
        )
        for i, test in enumerate(tests)
    )
