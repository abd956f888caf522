"""Draw figures of the estimates: the curve and its turning point, inference, the share past it, truth and estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import altair as alt
import numpy as np

from integrade.errors import EmptyTable, UnknownName, did_you_mean
from integrade.estimate.inverted_u import CurvePoint, UTest
from integrade.estimate.results import Coefficient, FitResult, Spread
from integrade.report.printed import caption
from integrade.report.style import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    Chart,
    Record,
    colour_where,
    data,
    dressed,
    names_axis,
    percent_axis,
    rows_high,
    tip,
)
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.shape.bins import FEWEST, Bin, Binning
from integrade.subjects.truth.model import Truth
from integrade.verdicts.naming import (
    fieller_text,
    followed,
    inference_name,
    label_of,
    labelled,
    prose_of,
    shape_word,
    with_unit,
)
from integrade.wording.numerals import capital, p_equals, p_text, percent, placed
from plainwords.texts import Said, listed, say

Labels = Mapping[str, str]
BINS = 40  # of the histogram of the data; a convention
RUG = 0.16  # share of the panel's height for the histogram of the data


def curve_figure(
    curve: Sequence[CurvePoint],
    test: UTest,
    spread: Spread | None = None,
    *,
    outcome: str = "quality",
    labels: Labels | None = None,
    level: float = 0.95,
    bins: Sequence[Bin] = (),
    binning: Binning | None = None,
    truth: Sequence[tuple[float, float]] = (),
    established: bool = False,
    corrected: bool = False,
    units: Labels | None = None,
) -> Chart:
    """Draw the fitted curve with its pointwise band (of ``level``), its turning point with its interval, and the data.

    ``bins``: binned means on the scale of the curve; ``binning``: the rule that made them. ``units``: of variable and
    outcome, if they are known. ``truth``: points (x, f) of a simulated economy's curve. ``established``: whether the
    curve is known to turn (`integrade.subjects.shape.verdict.turn_established`). If it is not, the vertex is grey and
    called the vertex of the parabola, and the share of observations past it is not given. ``corrected``: whether the
    curve is corrected for noise in the index; the binned means are not.

    Raises `EmptyTable` without points of the curve.
    """
    if not curve:
        raise EmptyTable("no point of the fitted curve was given")
    labels, units = labels or {}, units or {}
    x_name, y_name = prose_of(test.variable, labels), prose_of(outcome, labels)
    also = [v for b in bins for v in (b.y, b.low, b.high) if v is not None] + [y for _, y in truth]
    top, bottom = max(*(p.high for p in curve), *also), min(*(p.low for p in curve), *also)
    floor = bottom - (RUG + 0.06) * (top - bottom)
    x_range, y_range = [curve[0].x, curve[-1].x], [floor, top + 0.12 * (top - bottom)]
    panel = _Panel(_between(x_range), _between(y_range))
    x = alt.X("x:Q", title=with_unit(capital(x_name), units.get(test.variable, "")), scale=panel.x)
    outcome_and_unit = with_unit(capital(y_name), units.get(outcome, ""))
    y_title = say("model_figures.fitted-difference", outcome=outcome_and_unit, treatment=x_name)
    y = alt.Y("fit:Q", title=y_title, scale=panel.y)
    base = alt.Chart(data([{"x": p.x, "fit": p.fit, "low": p.low, "high": p.high} for p in curve]))
    tips = [tip(f"{n}:Q", ".4f") for n in ("x", "fit", "low", "high")]
    layers = [
        *_fieller_area(test, panel, x_range, ORANGE if established else MUTED),
        base.mark_area(color=BLUE, opacity=0.18).encode(x=x, y=alt.Y("low:Q", scale=panel.y), y2=alt.Y2("high:Q")),
        base.mark_line(color=BLUE, strokeWidth=2.2).encode(x=x, y=y, tooltip=tips),
        *(_histogram(spread, panel, floor, RUG * (top - bottom)) if spread else []),
        *_turning_point(test, panel, x_range, y_range[1], established=established),
        *_points_and_truth(bins, truth, panel),
    ]
    marks = [
        *([say("model_figures.curve-corrected")] if corrected else []),
        say("model_figures.curve-marks" if established else "model_figures.parabola-marks", level=f"{100 * level:g}"),
        *(_of_bins(bins, binning, labels, corrected=corrected) if bins else []),
        *([say("model_figures.true-curve")] if truth else []),
    ]
    marks += [share] if (share := _share(test, established=established)) else []
    return dressed(
        alt.layer(*layers),
        say("model_figures.fitted-over", outcome=y_name, treatment=x_name),
        subtitle=caption(marks),
        description=say("model_figures.curve-described", curve=_curve_words(test, established=established)),
        height=240,
    )


def _of_bins(bins: Sequence[Bin], binning: Binning | None, labels: Labels, *, corrected: bool) -> list[str]:
    """Explain the points: the number of means, their intervals, the rule, and how many bins were joined.

    Beside a curve corrected for noise, the explanation first says that the points are not.
    """
    if corrected:
        return [say("model_figures.bins-not-corrected")]
    if binning is None:
        return [say("model_figures.binned-means")]
    key = "model_figures.bins-by-rule" if binning.by_rule else "model_figures.bins-as-asked"
    bins_text = say(key, bins=len(bins), level=f"{100 * binning.level:g}", kind=binning.kind)
    joined = say("model_figures.bins-joined", joined=binning.joined, least=str(FEWEST), units=followed(labels))
    return [bins_text, *([joined] if binning.joined else [])]


def _curve_words(test: UTest, *, established: bool) -> str:
    values = {"point": placed(test.turning_point), "interval": fieller_text(test), "p": p_equals(test.p_value)}
    if not established:
        return say("model_figures.parabola-and-tests", **values)
    words = say("model_figures.curve-and-tests", **values, shape=shape_word(test.shape))
    return listed([words, *filter(None, [_share(test, established=True)])], "semicolon")


def _share(test: UTest, *, established: bool) -> str:
    """Return the share of observations past the turning point; empty unless the curve is known to turn."""
    if test.share_past is None or not established:
        return ""
    return say("model_figures.share-past", share=percent(test.share_past))


class _Panel(NamedTuple):
    """The scales that all layers of the curve share, so that no layer extends an axis to zero."""

    x: alt.Scale
    y: alt.Scale


def _between(ends: Sequence[float]) -> alt.Scale:
    return alt.Scale(domain=list(ends), nice=False, zero=False)


def _fieller_area(test: UTest, panel: _Panel, x_range: Sequence[float], color: str) -> list[alt.Chart]:
    """Return the interval as a shaded area, cut at the ends of the data; two rays become two areas."""
    low, high = test.fieller_low, test.fieller_high
    if test.fieller_kind == "line" or low is None or high is None:
        spans = [(x_range[0], x_range[1])]
    elif test.fieller_kind == "interval":
        spans = [(low, high)]
    else:
        spans = [(x_range[0], low), (high, x_range[1])]
    cut = [(max(a, x_range[0]), min(b, x_range[1])) for a, b in spans]
    rows = [{"a": a, "b": b} for a, b in cut if a < b]
    x = alt.X("a:Q", scale=panel.x)
    area: alt.Chart = alt.Chart(data(rows)).mark_rect(color=color, opacity=0.13).encode(x=x, x2=alt.X2("b:Q"))
    return [area] if rows else []


def _turning_point(
    test: UTest, panel: _Panel, x_range: Sequence[float], top: float, *, established: bool
) -> list[alt.Chart]:
    if not x_range[0] < test.turning_point < x_range[1]:
        return []
    left = test.turning_point > sum(x_range) / 2
    row = {
        "x": test.turning_point,
        "y": top,
        "text": say(
            "model_figures.turning-point" if established else "model_figures.vertex", point=placed(test.turning_point)
        ),
    }
    color = ORANGE if established else MUTED
    weight: Literal[400, 600] = 600 if established else 400
    base, x = alt.Chart(data([row])), alt.X("x:Q", scale=panel.x)
    rule: alt.Chart = base.mark_rule(color=color, strokeDash=[5, 3], strokeWidth=1.5).encode(x=x)
    side: Literal["left", "right"] = "right" if left else "left"
    text: alt.Chart = base.mark_text(
        align=side, dx=-6 if left else 6, baseline="top", dy=3, color=color, fontWeight=weight
    ).encode(x=x, y=alt.Y("y:Q", scale=panel.y), text=alt.Text("text:N"))
    return [rule, text]


def _points_and_truth(bins: Sequence[Bin], truth: Sequence[tuple[float, float]], panel: _Panel) -> list[alt.Chart]:
    """Return binned means as points, and the true curve of a simulated economy as a dashed line."""
    layers: list[alt.Chart] = []
    x, y = alt.X("x:Q", scale=panel.x), alt.Y("y:Q", scale=panel.y)
    if bins:
        rows: list[Record] = [{"x": b.x, "y": b.y, "low": b.low, "high": b.high, "rows": float(b.rows)} for b in bins]
        tips = [tip("x:Q", ".4f"), *(tip(f"{n}:Q", ".4f") for n in ("y", "low", "high")), tip("rows:Q", ",")]
        spans: list[Record] = [{"x": b.x, "low": b.low, "high": b.high} for b in bins if b.low is not None]
        ends: alt.Chart = alt.Chart(data(spans)).mark_rule(color=INK, strokeWidth=1.2, opacity=0.75)
        if spans:
            layers.append(ends.encode(x=x, y=alt.Y("low:Q", scale=panel.y), y2=alt.Y2("high:Q")))
        points: alt.Chart = alt.Chart(data(rows)).mark_circle(color=INK, size=34, opacity=0.75)
        layers.append(points.encode(x=x, y=y, tooltip=tips))
    if truth:
        line: alt.Chart = alt.Chart(data([{"x": a, "y": b} for a, b in truth]))
        layers.append(line.mark_line(color=INK, strokeDash=[6, 4], strokeWidth=1.6).encode(x=x, y=y))
    return layers


def _histogram(spread: Spread, panel: _Panel, floor: float, height: float) -> list[alt.Chart]:
    counts, edges = np.histogram(spread.values, bins=BINS, range=(spread.low, spread.high), weights=spread.counts)
    tallest = float(counts.max()) or 1.0
    rows: list[Record] = [
        {"a": float(a), "b": float(b), "floor": floor, "top": floor + height * float(n) / tallest, "rows": float(n)}
        for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    bars: alt.Chart = (
        alt.Chart(data(rows))
        .mark_rect(color=MUTED, opacity=0.55)
        .encode(
            x=alt.X("a:Q", scale=panel.x),
            x2=alt.X2("b:Q"),
            y=alt.Y("floor:Q", scale=panel.y),
            y2=alt.Y2("top:Q"),
            tooltip=[tip("rows:Q", ",")],
        )
    )
    return [bars]


def inference_figure(column: Column, term: str, labels: Labels | None = None) -> Chart:
    """Draw one coefficient under every covariance that was computed: the same estimate with different intervals.

    Raises `UnknownName` if a fit has no such term.
    """
    headline = say("model_figures.headline", errors=inference_name(column.headline))
    fits = {**{inference_name(fit): fit for fit in column.beside.values()}, str(headline): column.headline}
    coefficients = {name: _term(fit, term) for name, fit in fits.items()}
    rows = [
        {
            "name": name,
            "estimate": k.estimate,
            "low": k.conf_low,
            "high": k.conf_high,
            "p": p_text(k.p_value),
            "headline": fits[name] is column.headline,
        }
        for name, k in coefficients.items()
    ]
    name = prose_of(term, labels or {})
    y = alt.Y("name:N", sort=list(coefficients), title=None, axis=names_axis(coefficients, labelPadding=8))
    colour = colour_where("datum.headline", BLUE, MUTED)
    base = alt.Chart(data(rows))
    tips = [tip("name:N"), *(tip(f"{n}:Q", ".4f") for n in ("estimate", "low", "high")), tip("p:N")]
    x = alt.X("estimate:Q", title=say("model_figures.coefficient"))
    layers = [
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(x=alt.X("zero:Q")),
        base.mark_rule(strokeWidth=2.5).encode(y=y, x=alt.X("low:Q"), x2=alt.X2("high:Q"), color=colour),
        base.mark_circle(size=70, opacity=1).encode(y=y, x=x, color=colour, tooltip=tips),
    ]
    title = say("model_figures.under-different-errors", term=name)
    words = [
        say("model_figures.p-of-errors", errors=errors, p=p_equals(k.p_value)) for errors, k in coefficients.items()
    ]
    described = say("model_figures.errors-described", title=title, tests=listed(words, "semicolon"))
    height = rows_high(coefficients, 30) + 10
    return dressed(alt.layer(*layers), title, description=described, height=height)


def _term(fit: FitResult, term: str) -> Coefficient:
    terms = [k.term for k in fit.coefficients]
    if term not in terms:
        raise UnknownName(f"no estimate of {term!r} in {fit.formula}", remedy=did_you_mean(term, terms))
    return fit[term]


def share_figure(test: UTest, labels: Labels | None = None) -> Chart:
    """Draw the share of observations past the turning point in each year, and over all years.

    Raises `EmptyTable` if the test has no shares by year.
    """
    if not test.share_past_by_year:
        raise EmptyTable("the U-test has no share past the turning point by year")
    years = sorted(test.share_past_by_year)
    rows: list[Record] = [
        {"year": year, "share": share, "percent": percent(share)}
        for year, share in ((year, test.share_past_by_year[year]) for year in years)
    ]
    x = alt.X("year:O", title=say("figures.year"), axis=alt.Axis(labelAngle=0))
    y = alt.Y(
        "share:Q", title=say("model_figures.share-of-observations"), axis=percent_axis(), scale=alt.Scale(domain=[0, 1])
    )
    base = alt.Chart(data(rows))
    bars = base.mark_bar(color=BLUE, opacity=0.85).encode(
        x=x, y=y, tooltip=[tip("year:O"), alt.Tooltip("percent:N", title=say("tips.share"))]
    )
    layers: list[alt.Chart] = [bars]
    if test.share_past is not None:
        label = say("model_figures.all-years", share=percent(test.share_past))
        free, position = _room_above([test.share_past_by_year[year] for year in years])
        all_years = alt.Chart(data([{"share": test.share_past, "text": label, "year": years[free]}]))
        layers.append(all_years.mark_rule(color=ORANGE, strokeDash=[5, 3], strokeWidth=1.5).encode(y=alt.Y("share:Q")))
        layers.append(
            all_years.mark_text(baseline="bottom", dy=-3, color=ORANGE, fontWeight=600).encode(
                y=alt.Y("share:Q"), x=alt.X("year:O", bandPosition=position), text=alt.Text("text:N")
            )
        )
    title = say("model_figures.past-by-year", treatment=prose_of(test.variable, labels or {}))
    every = {str(year): percent(test.share_past_by_year[year]) for year in years}
    shares = [say("model_figures.share-of-year", year=year, share=share) for year, share in every.items()]
    described = say("model_figures.past-described", title=title, shares=listed(shares, "clauses"))
    return dressed(alt.layer(*layers), title, description=described, height=200)


def _room_above(heights: Sequence[float]) -> tuple[int, float]:
    """Return the position of a label over the lowest bars: the index of a bar and the relative position in it."""
    wide = min(1 + (len(heights) - 1) // 7, 3, len(heights))  # width of a label in bars
    first = min(range(len(heights) - wide + 1), key=lambda i: max(heights[i : i + wide]))
    return first + (wide - 1) // 2, 1.0 if wide == 2 else 0.5


def truth_figure(truths: Sequence[Truth], labels: Labels | None = None) -> Chart:
    """Draw each estimate divided by the true value, with its interval, and the estimate from true data; 1 is correct.

    Parameters without an interval, or whose true value is zero, are only in the table.

    Raises `EmptyTable` if no parameter is left.
    """
    labels = labels or {}
    drawn = [t for t in truths if t.truth and t.conf_low is not None]
    if not drawn:
        raise EmptyTable("no interval around an estimate of a parameter other than zero")
    rows = list[Record]()
    for t in drawn:
        word = labelled(t.parameter, labels) if isinstance(t.parameter, Said) else label_of(t.parameter, labels)
        values = {"estimate": t.estimate, "oracle": t.oracle, "low": t.conf_low, "high": t.conf_high}
        relative = {k: v / t.truth for k, v in values.items() if v is not None}
        rows.append({"name": capital(word), **relative})
    shares = [
        say("model_figures.share-of-truth", parameter=str(r["name"]), share=f"{float(r['estimate']):.2f}") for r in rows
    ]
    marks = [say("model_figures.truth-colours")]
    zero = sum(not t.truth and t.conf_low is not None for t in truths)  # true zeros, which are only in the table
    if zero:
        marks.append(say("model_figures.truth-zero", n=zero))
    order = [str(r["name"]) for r in rows]
    y = alt.Y("name:N", sort=order, title=None, axis=names_axis(order))
    base = alt.Chart(data(rows))
    tips = [tip("name:N"), *(tip(f"{n}:Q", ".2f") for n in ("estimate", "oracle", "low", "high"))]
    x = alt.X("estimate:Q", title=say("model_figures.divided-by-truth"))
    layers = [
        alt.Chart(data([{"one": 1}])).mark_rule(color=INK).encode(x=alt.X("one:Q")),
        base.mark_rule(strokeWidth=2.5, color=BLUE).encode(y=y, x=alt.X("low:Q"), x2=alt.X2("high:Q")),
        base.mark_point(size=80, color=ORANGE, filled=False, strokeWidth=2).encode(
            y=y, x=alt.X("oracle:Q"), tooltip=tips
        ),
        base.mark_circle(size=70, opacity=1, color=BLUE).encode(y=y, x=x, tooltip=tips),
    ]
    return dressed(
        alt.layer(*layers),
        say("model_figures.estimates-beside-truth"),
        subtitle=caption(marks),
        description=say("figures.sentence", text=listed(shares, "semicolon")),
        height=rows_high(order, 28) + 10,
    )
