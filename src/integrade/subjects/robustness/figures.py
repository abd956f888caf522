"""Draw forest plots of robustness: the headline under one change at a time, and without each cluster."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import altair as alt

from integrade.errors import EmptyTable, UnknownName, did_you_mean
from integrade.estimate.results import Basis
from integrade.report.forest import ForestRow, forest, known
from integrade.report.printed import caption
from integrade.report.style import (
    BLUE,
    MUTED,
    ORANGE,
    Chart,
    Record,
    colour_where,
    data,
    dressed,
    names_axis,
    rows_high,
    tip,
)
from integrade.subjects.robustness.model import Variant, Without
from integrade.subjects.robustness.tables import change_name
from integrade.subjects.robustness.verdict import PLACEBO
from integrade.verdicts.naming import (
    Pieces,
    dimension_word,
    errors_words,
    fieller_pieces,
    pieces_text,
    place_word,
    prose_of,
)
from integrade.verdicts.parts import LEVEL
from integrade.wording.numerals import below, capital, placed
from plainwords.texts import listed, say

Labels = Mapping[str, str]
TURNING, COEFFICIENT = "turning_point", "coefficient"
QUANTITIES = (TURNING, COEFFICIENT, "p10", "p50", "p90")
"""Quantities that can be drawn: turning point, coefficient of the treatment, or slope at a percentile of the sample."""
NOT_VARIANTS = (PLACEBO, "explained by")
OTHER_UNITS = {TURNING: ("index",)} | dict.fromkeys(QUANTITIES[1:], ("index", "outcome", "estimator"))
"""Quantity -> families of changes that measure it on another scale than the headline, so that they are not drawn."""
MOST = 40


def robustness_figure(
    variants: Sequence[Variant],
    treatment: str,
    labels: Labels | None = None,
    *,
    quantity: str = "",
    established: bool | None = None,
) -> Chart:
    """Draw one row per change with its 95% interval, the headline first and marked.

    ``quantity`` is ``turning_point`` (with Fieller's interval), ``coefficient``, or the slope at ``p10``, ``p50`` or
    ``p90`` (with intervals from t). By default it is the turning point if there is a square, else the coefficient.
    ``established`` is whether the curve is known to turn. If it is not given, the U-test of the headline decides
    (`turns`). Without an established turn the turning point is called the vertex of the parabola.

    Raises `UnknownName` for an unknown quantity, `EmptyTable` without variants.
    """
    labels = labels or {}
    if quantity and quantity not in QUANTITIES:
        raise UnknownName(f"no quantity is called {quantity!r}", remedy=did_you_mean(quantity, QUANTITIES))
    if not variants:
        raise EmptyTable("there is no variant to draw", remedy="ask ig.robustness for at least one check")
    what = quantity or (TURNING if variants[0].turning_point is not None else COEFFICIENT)
    other_units = OTHER_UNITS[what]
    asked = [v for v in variants if v.family not in NOT_VARIANTS]
    scaled = [v for v in asked if v.family not in other_units]
    rows = [row for v in scaled if (row := _row(v, what, labels, marked=v is variants[0])) is not None]
    name = quantity_name(what, prose_of(treatment, labels), established=turns(variants[0], established))
    without, unlike = len(scaled) - len(rows), len(asked) - len(scaled)
    drawn = [v for v in scaled if _row(v, what, labels, marked=False) is not None]
    marks = [say("robustness_figures.fieller" if what == TURNING else "robustness_figures.bars"), *_errors(variants[0])]
    marks += _other_errors(variants[0], drawn, labels)
    marks += [say("robustness_figures.headline-marked")]
    marks += [say("robustness_figures.not-estimated", many=without)] if without else []
    marks += [say("robustness_figures.other-units", many=unlike)] if unlike else []
    return forest(
        rows,
        title=say("robustness_figures.title", quantity=name),
        x_title=name,
        subtitle=caption(marks),
        reference=None if what == TURNING else 0.0,
    )


def quantity_name(what: str, x: str, *, established: bool = True) -> str:
    """Return the name of the drawn quantity for the axis."""
    match what:
        case "turning_point":
            key = "robustness_figures.turning-point" if established else "robustness_figures.vertex"
            return say(key, treatment=x)
        case "coefficient":
            return say("robustness_figures.coefficient", treatment=x)
        case _:
            return say("robustness_figures.slope-at", treatment=x, place=what)


def turns(first: Variant, established: bool | None) -> bool:
    """Return whether the headline's curve turns: ``established`` if given, else whether its U-test rejects at 5%."""
    return established if established is not None else first.u_test_p is not None and below(first.u_test_p, LEVEL)


def _errors(first: Variant) -> list[str]:
    return [] if first.basis is None else [errors_words(first.basis)]


def _other_errors(first: Variant, drawn: Sequence[Variant], labels: Labels) -> list[str]:
    """Return texts such as ``Poisson: CR3`` on changes whose errors differ from the headline's in kind or clusters."""
    changes: dict[str, list[str]] = {}
    for v in drawn:
        if (b := v.basis) is None or first.basis is None or _kind_and_clusters(b) == _kind_and_clusters(first.basis):
            continue
        same = b.kind != first.basis.kind and tuple(b.clusters) == tuple(first.basis.clusters)
        changes.setdefault(b.kind if same else errors_words(b), []).append(change_name(v, labels))
    return [
        say("robustness_figures.other-errors", changes=listed(names, "comma"), errors=errors)
        for errors, names in changes.items()
    ]


def _kind_and_clusters(basis: Basis) -> tuple[str, ...]:
    return (basis.kind, *basis.clusters)


def _row(v: Variant, what: str, labels: Labels, *, marked: bool) -> ForestRow | None:
    estimate = _estimate(v, what)
    return (
        None
        if estimate is None
        else ForestRow(capital(change_name(v, labels)), estimate[0], estimate[1], v.nobs, marked)
    )


def _estimate(v: Variant, what: str) -> tuple[float, Pieces] | None:
    """Return the number of a variant and its interval; None if it has no number."""
    if what == TURNING:
        if v.turning_point is None or not math.isfinite(v.turning_point):
            return None
        return v.turning_point, fieller_pieces(v.fieller_kind, v.fieller_low, v.fieller_high)
    slopes, ends = {where: slope for where, _, slope, _ in v.slopes}, {w: (low, high) for w, low, high in v.intervals}
    b = v.b1 if what == COEFFICIENT else slopes.get(what)
    if b is None or not math.isfinite(b):
        return None
    interval = ends.get("b1" if what == COEFFICIENT else what)
    return b, known(*interval) if interval else ()


def left_out_of(variants: Sequence[Variant], by: str) -> Variant:
    """Return the variant that leaves out the levels of a column one at a time.

    Raises `UnknownName` if there is none.
    """
    there = {v.column: v for v in variants if v.column}
    if by not in there:
        raise UnknownName(
            f"no level of {by!r} was left out",
            remedy=did_you_mean(by, list(there)) if there else f"ask ig.robustness with leave_out=({by!r},)",
        )
    return there[by]


def leave_out_figure(
    variants: Sequence[Variant],
    by: str,
    treatment: str,
    labels: Labels | None = None,
    *,
    established: bool | None = None,
) -> Chart:
    """Draw the turning point without each level of ``by``, in order of size. Without a square, draw the coefficient.

    The line and the area behind the points are the estimate of the whole sample and its 95% interval. Two levels are
    named: the one with the largest Cook's distance of the coefficients, which is orange, and the one whose omission
    moves the estimate most. With more than 40 levels the 20 at each end are drawn, and the subtitle says so.

    Raises `EmptyTable` if there is no estimate to draw.
    """
    labels, left, first = labels or {}, left_out_of(variants, by), variants[0]
    what = TURNING if first.turning_point is not None else COEFFICIENT
    full = _estimate(first, what)
    each = list[tuple[float, Without]]()
    for w in left.each:
        value = w.turning_point if what == TURNING else w.b1
        if value is not None and math.isfinite(value):
            each.append((value, w))
    if full is None or not each:
        why = f": {left.note}" if left.note else ""
        raise EmptyTable(
            f"there is no estimate without a level of {by!r}{why}", remedy="leave out the levels of another"
        )
    ordered = sorted(each, key=lambda pair: (-pair[0], pair[1].level))
    cut = ordered if len(ordered) <= MOST else [*ordered[: MOST // 2], *ordered[-MOST // 2 :]]
    worst = max(each, key=lambda pair: pair[1].influence or 0.0)[1]
    if worst not in [w for _, w in cut]:
        cut = sorted([*cut, next(pair for pair in each if pair[1] is worst)], key=lambda pair: -pair[0])
    x = prose_of(treatment, labels)
    name, column = quantity_name(what, x, established=turns(first, established)), dimension_word(by)
    marks: list[str] = [
        say("robustness_figures.whole-sample", estimate=placed(full[0]), interval=pieces_text(full[1], placed))
    ]
    marks += _errors(first)
    moved = max(each, key=lambda pair: abs(pair[0] - full[0]))[1]
    marks.append(
        say("robustness_figures.most-influential", level=place_word(worst.level))
        if moved is worst
        else say(
            "robustness_figures.influential-and-moved", level=place_word(worst.level), moved=place_word(moved.level)
        )
    )
    lost = len(left.each) - len(each)
    marks += [say("robustness_figures.not-identified", many=lost)] if lost else []
    marks += [say("robustness_figures.ends", shown=len(cut), all=len(each))] if len(cut) < len(each) else []
    points: list[Record] = [
        {"name": place_word(w.level), "estimate": value, "influence": w.influence, "worst": w is worst}
        for value, w in cut
    ]
    return dressed(
        _around(points, full, name),
        say("robustness_figures.without-each", quantity=name, column=column),
        subtitle=caption(marks),
        description=say(
            "robustness_figures.without-described",
            low=placed(ordered[-1][0]),
            low_without=place_word(ordered[-1][1].level),
            high=placed(ordered[0][0]),
            high_without=place_word(ordered[0][1].level),
            estimate=placed(full[0]),
        ),
        height=rows_high([str(r["name"]) for r in points], 17) + 30,
    )


def _around(points: Sequence[Record], full: tuple[float, Pieces], name: str) -> alt.LayerChart:
    """Draw the points over the estimate of the whole sample and its interval.

    The interval is cut at the ends of the axis.
    """
    estimate, pieces = full
    values = [float(r["estimate"]) for r in points]
    ends = [e for pair in pieces for e in pair if e is not None]
    least, most = min([estimate, *values]), max([estimate, *values])
    # an interval that reaches beyond twice the range of the estimates is cut; uncut, all estimates would be one point
    span = most - least
    low, high = min([least, *ends]), max([most, *ends])
    low = low if low >= least - 2 * span else least - span
    high = high if high <= most + 2 * span else most + span
    margin = 0.06 * (high - low) or 1.0
    low, high = low - margin, high + margin
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    names = [str(r["name"]) for r in points]
    y = alt.Y("name:N", sort=names, title=None, axis=names_axis(names))
    x = alt.X("estimate:Q", title=name, scale=scale)
    cut = [(low if a is None else max(a, low), high if b is None else min(b, high)) for a, b in pieces]
    areas = [{"a": a, "b": b} for a, b in cut if a < b]
    colour = colour_where("datum.worst", ORANGE, MUTED)
    base = alt.Chart(data(points))
    tips = [tip("name:N"), tip("estimate:Q", ".4f"), tip("influence:Q", ".3f")]
    layers: list[alt.Chart] = [
        alt.Chart(data(areas))
        .mark_rect(color=BLUE, opacity=0.13)
        .encode(x=alt.X("a:Q", scale=scale), x2=alt.X2("b:Q")),
        alt.Chart(data([{"x": estimate}])).mark_rule(color=BLUE, strokeWidth=1.5).encode(x=alt.X("x:Q", scale=scale)),
        base.mark_circle(size=55, opacity=1).encode(y=y, x=x, color=colour, tooltip=tips),
    ]
    return alt.LayerChart(layer=layers)
