"""Draw forest plots of groups: the effect in each group and in all, with the test of equal effects."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from integrade.errors import EmptyTable, UnknownName, did_you_mean
from integrade.estimate.contrasts import Combination
from integrade.estimate.results import Coefficient, FitResult, by_term
from integrade.regress.quantiles import weighted_quantiles
from integrade.report.forest import ForestRow, forest, known
from integrade.report.printed import caption
from integrade.report.style import Chart
from integrade.subjects.groups.records import GroupComparison, GroupSplit
from integrade.subjects.groups.verdict import apart, overall, pooled_steepness, pooled_turn, slope_at
from integrade.verdicts.moves import Estimated, effect_of_move
from integrade.verdicts.naming import (
    dimension_word,
    errors_kind,
    errors_words,
    fieller_pieces,
    group_name,
    group_word,
    prose_of,
    split_word,
)
from integrade.wording.numerals import capital, fixed, p_equals, placed
from plainwords.texts import listed, say

Labels = Mapping[str, str]
SLOPE, STEEPNESS, TURNING = "slope", "steepness", "turning_point"
PAIRS = 3
"""A caption lists at most this many tests of two groups."""


def groups_figure(
    split: GroupSplit, pooled: FitResult | None = None, labels: Labels | None = None, *, target: str = ""
) -> Chart:
    """Draw one row per group and the pooled estimate below. The subtitle has the test of equal effects in all groups.

    ``target`` is ``slope`` (of the fitted curve at the value that `place` returns), ``steepness`` (mean |slope| over
    the range that all groups share), ``turning_point``, or a term. By default it is the slope if there is a square,
    else the coefficient of the treatment.

    Raises `EmptyTable` without such a value or range, `UnknownName` for an unknown target.
    """
    labels, comparison = labels or {}, split.comparison
    what = target or usual_target(comparison)
    at = place(comparison, pooled) if what == SLOPE else (math.nan, "")
    in_groups, whole = _rows(comparison, what, labels, at[0]), _pooled(comparison, what, pooled, at[0])
    name = split_word(split.how, split.title)
    outcome, x = prose_of(comparison.groups[0].fit.outcome, labels), prose_of(comparison.treatment, labels)
    low, high = map(fixed, comparison.middle)
    titles = {
        SLOPE: say("group_figures.slope", outcome=outcome, treatment=x, at=placed(at[0])),
        STEEPNESS: say("group_figures.steepness", outcome=outcome, treatment=x, low=low, high=high),
        TURNING: say("group_figures.turning-point", outcome=outcome, treatment=x),
    }
    marks = [_errors(comparison, what, labels), *([say(f"group_figures.{at[1]}")] if at[1] else [])]
    if pooled is not None and whole:
        # explain the diamond, with its errors and rows if they differ from those of the groups
        marks.append(say("group_figures.pooled-marked"))
        fits = [g.fit for g in comparison.groups]
        if {pooled.kind} != {f.kind for f in fits} or {tuple(pooled.clusters)} != {tuple(f.clusters) for f in fits}:
            marks.append(say("group_figures.pooled-errors", errors=errors_words(pooled)))
        rows_of_groups = sum(f.nobs for f in fits)
        if rows_of_groups != pooled.nobs:
            marks.append(say("group_figures.pooled-rows", n=f"{pooled.nobs:,}", groups=f"{rows_of_groups:,}"))
    marks += [say("group_figures.no-interval")] if what == STEEPNESS else []
    return forest(
        [*in_groups, *whole],
        title=say("group_figures.title", treatment=x, outcome=outcome, split=name),
        x_title=titles.get(what) or say("group_figures.coefficient", term=prose_of(what, labels), outcome=outcome),
        subtitle=caption([*marks, *_tests(split, what, labels)]),
        reference=None if what in (TURNING, STEEPNESS) else 0.0,
    )


def heterogeneity_figure(
    splits: Sequence[GroupSplit], pooled: FitResult | None, labels: Labels | None = None, *, noisy: bool = False
) -> Chart:
    """Draw all splits in one figure: the change of the outcome in each group for the move of the headline.

    The treatment moves from p25 to p75 of all rows or, without a square, by one standard deviation
    (`integrade.verdicts.moves.effect_of_move`). Changes are in standard deviations of the outcome in all rows. Each
    split is a panel, whose heading has the p-value of equal effects. Groups that share too little of the range of the
    treatment (`integrade.subjects.groups.verdict.apart`) have hollow points, because the move leaves the data of some.
    If the treatment is ``noisy``, a note says that the effects are not corrected for it.

    Raises `EmptyTable` without splits, without the pooled regression, or if the move is not known.
    """
    if not splits or pooled is None:
        raise EmptyTable("there are no groups to draw next to all rows")
    labels, x = labels or {}, splits[0].comparison.treatment
    sd, whole = pooled.deviations.get(pooled.outcome, math.nan), effect_of_move(pooled, pooled, x)
    if whole is None or not sd > 0:
        raise EmptyTable(f"the move of {x!r} or the standard deviation of {pooled.outcome!r} is not known")
    rows = [_moved(say("group_figures.pooled"), whole, pooled, sd, marked=True)]
    for split in splits:
        head = capital(split_word(split.how, split.title))
        if split.comparison.joint:
            head = say("group_figures.panel", split=head, p=p_equals(overall(split).p))
        for g in split.comparison.groups:
            moved = effect_of_move(g.fit, pooled, x) if x in by_term(g.fit) else None
            if moved is not None:
                row = _moved(group_name(g.group, labels), moved, g.fit, sd)
                rows.append(replace(row, panel=head, hollow=apart(split.comparison)))
    outcome, name = prose_of(pooled.outcome, labels), prose_of(x, labels)
    move = say("group_figures.moved-by-sd", treatment=name, outcome=outcome)
    if whole.name == "p25-p75":
        move = say(
            "group_figures.moved", treatment=name, outcome=outcome, start=placed(whole.start), end=placed(whole.end)
        )
    marks = [
        move,
        *([say("group_figures.not-corrected")] if noisy else []),
        say("group_figures.own-errors-all"),
        say("group_figures.pooled-marked"),
        say("group_figures.panel-p"),
    ]
    marks += [say("group_figures.hollow", treatment=name)] if any(r.hollow for r in rows) else []
    return forest(
        rows,
        title=say("group_figures.heterogeneity", treatment=name, outcome=outcome),
        x_title=say("effect_figures.change-in-sd", outcome=outcome),
        subtitle=caption(marks),
        reference=0.0,
    )


def _moved(name: str, moved: Estimated, fit: FitResult, sd: float, *, marked: bool = False) -> ForestRow:
    return ForestRow(name, moved.estimate / sd, known(moved.low / sd, moved.high / sd), fit.nobs, marked)


def usual_target(found: GroupComparison) -> str:
    """Return the target that `groups_figure` draws by default."""
    squared = any(f"{found.treatment}^2" in by_term(g.fit) for g in found.groups)
    return SLOPE if squared else found.treatment


def place(found: GroupComparison, pooled: FitResult | None) -> tuple[float, str]:
    """Return a value at which the curves of all groups have data, and the key of its name.

    All groups share the range from the largest p10 of the treatment to the smallest p90. The value is the median of the
    treatment in all rows if it is in that range, else the middle of the range. Raises `EmptyTable` if the groups share
    no range.
    """
    low, high = found.middle
    if not low < high:
        raise EmptyTable(
            f"the groups share no range of {found.treatment!r}: there is no value at which each has a slope",
            remedy=f"draw the turning points or a term: target={TURNING!r}",
        )
    fits = [f for f in [pooled] if f is not None] or [g.fit for g in found.groups]
    spreads = [s for f in fits for s in f.spreads if s.variable == found.treatment]
    if len(spreads) == len(fits):
        values = np.concatenate([s.values for s in spreads])
        counts, order = np.concatenate([s.counts for s in spreads]), np.argsort(values, kind="stable")
        (median,) = weighted_quantiles(values[order], counts[order].astype(float), (0.5,))
        if low <= median <= high:
            return median, "at-median"
    return (low + high) / 2, "at-middle"


def _rows(found: GroupComparison, what: str, labels: Labels, at: float) -> list[ForestRow]:
    """Return the rows with the estimate in each group. A group without this estimate is left out."""
    terms = list(dict.fromkeys(t for g in found.groups for t in by_term(g.fit)))
    if what not in (*terms, SLOPE, STEEPNESS, TURNING):
        raise UnknownName(
            f"no group has a term {what!r}", remedy=did_you_mean(what, [SLOPE, STEEPNESS, TURNING, *terms])
        )
    sizes = {g.group: g.fit.nobs for g in found.groups}
    if what == STEEPNESS:
        if not found.strengths:
            raise EmptyTable(
                "the groups share too little of the range of the treatment: their steepness is not compared",
                remedy=f"draw the turning points or a term: target={TURNING!r}",
            )
        return [_not_negative(_row(group_name(s.name, labels), s, sizes[s.name])) for s in found.strengths]
    if what == TURNING:
        return [
            ForestRow(
                group_name(g.group, labels),
                t.turning_point,
                fieller_pieces(t.fieller_kind, t.fieller_low, t.fieller_high),
                g.fit.nobs,
            )
            for g in found.groups
            if (t := g.u_test) is not None
        ]
    estimates = [
        (g, slope_at(g.fit, found.treatment, at) if what == SLOPE else by_term(g.fit).get(what)) for g in found.groups
    ]
    return [_row(group_name(g.group, labels), c, g.fit.nobs) for g, c in estimates if c is not None]


def _row(name: str, c: Coefficient | Combination, n: int, *, marked: bool = False) -> ForestRow:
    return ForestRow(name, c.estimate, known(c.conf_low, c.conf_high), n, marked)


def _not_negative(row: ForestRow) -> ForestRow:
    """Return the row with its interval cut at zero, because a mean of absolute values is not negative."""
    return replace(row, pieces=tuple((max(0.0, a) if a is not None else None, b) for a, b in row.pieces))


def _pooled(found: GroupComparison, what: str, pooled: FitResult | None, at: float) -> list[ForestRow]:
    """Return the row with the pooled estimate of all groups, from the given fit."""
    coefficients = by_term(pooled) if pooled else {}
    if pooled is None or found.treatment not in coefficients:
        return []
    name = say("group_figures.pooled")
    if what == STEEPNESS:
        return [_not_negative(_row(name, pooled_steepness(found, pooled), pooled.nobs, marked=True))]
    if what == SLOPE:
        slope = slope_at(pooled, found.treatment, at)
        return [_row(name, slope, pooled.nobs, marked=True)] if slope else []
    if what == TURNING:
        t = pooled_turn(found, pooled)
        pieces = fieller_pieces(t.fieller_kind, t.fieller_low, t.fieller_high) if t else ()
        return [ForestRow(name, t.turning_point, pieces, pooled.nobs, marked=True)] if t else []
    return [_row(name, coefficients[what], pooled.nobs, marked=True)] if what in coefficients else []


def _errors(found: GroupComparison, what: str, labels: Labels) -> str:
    """Explain the bars: errors of each group's own regression or, for steepness, of the stacked regression."""
    if what == STEEPNESS:
        return say("group_figures.bars", errors=errors_words(found.stacked))
    fits = [g.fit for g in found.groups]
    if len(set(map(errors_words, fits))) == 1:
        return say("group_figures.own-alike", errors=errors_words(fits[0]))
    if len({(f.kind, *f.clusters) for f in fits}) == 1 and len(fits[0].clusters) == 1:
        ((column, _),) = fits[0].clusters.items()
        counts = [f.clusters[column] for f in fits]
        ends = {"low": str(min(counts)), "high": str(max(counts))}
        return say("group_figures.own-errors", cluster=dimension_word(column), **ends, kind=errors_kind(fits[0].kind))
    by_group = [
        say("group_figures.errors-in", group=group_name(g.group, labels), errors=errors_words(g.fit))
        for g in found.groups
    ]
    return say("group_figures.own-each", each=listed(by_group, "comma"))


def _tests(split: GroupSplit, what: str, labels: Labels) -> list[str]:
    """Return text with the p-values of equality: of the drawn quantity, or of all terms of the treatment."""
    comparison = split.comparison
    if not comparison.joint:
        return [say("group_figures.one-group")]
    # tests of the drawn quantity between two groups, as (group, group, p)
    terms = {d.term for d in comparison.differences}
    pairs: list[tuple[str, str, float]] = []
    if what == TURNING and comparison.turning_points:
        turning = zip(comparison.joint, comparison.turning_points, strict=True)
        pairs = [(j.a, j.b, t.p_value) for j, t in turning]
    elif what == STEEPNESS:
        pairs = [(d.a, d.b, d.p_value) for d in comparison.stronger]
    elif what != TURNING and what in terms and len(terms) > 1:
        pairs = [(d.a, d.b, d.p_value) for d in comparison.differences if d.term == what]
    if 0 < len(pairs) <= PAIRS:
        by_pair = [
            say("group_figures.pair", a=group_word(a, labels), b=group_word(b, labels), p=p_equals(p))
            for a, b, p in pairs
        ]
        return [say("group_figures.difference", tests=listed(by_pair, "comma"))]
    p, permuted, wild = overall(split)
    tests = [p_equals(p)]
    tests += [say("group_figures.permuted", p=p_equals(permuted))] if permuted is not None else []
    tests += [say("group_figures.wild", p=p_equals(wild))] if wild is not None else []
    only_term = what == comparison.treatment and terms == {what}
    return [say("group_figures.equal" if only_term else "group_figures.joint", tests=listed(tests, "comma"))]
