"""Draw coefficients of one or several regressions with their intervals, a row for each term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from integrade.estimate.results import FitResult
from integrade.report.forest import IN_ROWS, apart, in_legend
from integrade.report.printed import caption
from integrade.report.style import INK, SERIES, Chart, Record, data, dressed, names_axis, rows_high, tip
from integrade.verdicts.naming import errors_words, label_of, prose_of
from plainwords.texts import listed, say

Labels = Mapping[str, str]
SHAPES = ("circle", "square", "diamond", "triangle-up")
"""Shapes of the points; with five colours there are twenty pairs of shape and colour, one for each regression."""


def coefficients_figure(
    fits: Mapping[str, FitResult],
    terms: Sequence[str],
    labels: Labels | None = None,
    *,
    level: float = 0.95,
    reference: float | None = 0.0,
    by_size: bool = False,
) -> Chart:
    """Draw a row per term, in the given order or, ``by_size``, from the largest to the smallest estimate.

    The estimate of a term is taken from the first regression that has the term.
    """
    labels = labels or {}
    named = dict(zip(terms, apart([label_of(term, labels) for term in terms]), strict=True))
    rows: list[Record] = [
        {
            "fit": name,
            "term": named[row["term"]],
            "estimate": row["estimate"],
            "low": row["conf_low"],
            "high": row["conf_high"],
        }
        for name, fit in fits.items()
        for row in fit.tidy(level=level).iter_rows(named=True)
        if row["term"] in named
    ]
    order = list(dict.fromkeys(named.values()))
    if by_size:
        first = {str(r["term"]): float(r["estimate"]) for r in reversed(rows)}
        order = sorted(order, key=lambda term: -first[term])
    names = list(fits)
    base = alt.Chart(data(rows))
    y = alt.Y("term:N", sort=order, title=None, axis=names_axis(order))
    offset = alt.YOffset("fit:N", sort=names)
    counted = {name: say("coefficient_figures.fit-and-n", fit=name, n=f"{fit.nobs:,}") for name, fit in fits.items()}
    legend = (
        alt.Legend(orient="top", title=None, labelExpr=in_legend(counted), columns=IN_ROWS) if len(names) > 1 else None
    )
    colour = alt.Color("fit:N", scale=alt.Scale(domain=names, range=_cycled(SERIES, names)), legend=legend)
    shape = alt.Shape("fit:N", scale=alt.Scale(domain=names, range=_cycled(SHAPES, names)), legend=legend)
    x = alt.X("low:Q", title=say("coefficient_figures.coefficient"), scale=alt.Scale(zero=False))
    tips = [tip("fit:N"), tip("term:N"), *(tip(f"{k}:Q", ".5f") for k in ("estimate", "low", "high"))]
    across = (
        [] if reference is None else [alt.Chart(data([{"at": reference}])).mark_rule(color=INK).encode(x=alt.X("at:Q"))]
    )
    layers: list[alt.Chart] = [
        *across,
        base.mark_rule(strokeWidth=2).encode(y=y, yOffset=offset, x=x, x2=alt.X2("high:Q"), color=colour),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            y=y, yOffset=offset, x=alt.X("estimate:Q"), color=colour, shape=shape, tooltip=tips
        ),
    ]
    outcomes, errors = {f.outcome for f in fits.values()}, {str(errors_words(f)) for f in fits.values()}
    marks: list[str] = [say("coefficient_figures.bars", level=f"{100 * level:g}")]
    marks += [errors_words(next(iter(fits.values())))] if len(errors) == 1 else [say("coefficient_figures.own-errors")]
    marks += [say("coefficient_figures.n", n=f"{next(iter(fits.values())).nobs:,}")] if len(fits) == 1 else []
    title = say("coefficient_figures.title")
    if len(outcomes) == 1:
        title = say("coefficient_figures.title-of", outcome=prose_of(outcomes.pop(), labels))
    each = [
        say(
            "coefficient_figures.estimate-of",
            term=str(r["term"]),
            fit=str(r["fit"]),
            estimate=f"{float(r['estimate']):.4g}",
        )
        for r in rows
    ]
    return dressed(
        alt.layer(*layers),
        title,
        subtitle=caption(marks),
        description=say("figures.sentence", text=listed(each, "semicolon")),
        height=rows_high(order, 14 * len(names) + 12) + 10,
    )


def _cycled(values: Sequence[str], names: Sequence[str]) -> list[str]:
    return [values[i % len(values)] for i in range(len(names))]
