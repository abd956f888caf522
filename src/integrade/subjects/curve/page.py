"""Show a specification curve as a page: ordered estimates with their choices, joint tests, and choices' weights."""

from __future__ import annotations

import math
from statistics import median

import altair as alt

from integrade.regress.students import t_quantile
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row, minus
from integrade.report.self_contained import numbered, paragraphs, sectioned, table_block
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
from integrade.subjects.curve.records import TARGETS, Specification, SpecificationCurve, Target
from integrade.verdicts.naming import conclusion_word
from integrade.wording.numerals import below, fixed, p_text, percent
from plainwords.texts import in_language, language_spoken, listed, say, speaking

SHOWN = 400  # specifications drawn, evenly along the curve, a convention; all are in the csv file
SLOPES = ("slope_p10", "slope_p90")
ROOM = 175  # pixels of the left axis of both figures, so that their columns are aligned
NAMES = {
    "slope_p10": "curve.slope-at-p10",
    "slope_p90": "curve.slope-at-p90",
    "turning_quantile": "curve.share-below-turning-point",
    "U-test": "curve.inverted-u-by-test",
}
"""Target -> key of the text that names it."""


def curve_page(curve: SpecificationCurve, title: str, language: str = "en") -> str:
    """Return a self-contained HTML page for the curve, in the given language."""
    with speaking(language):
        tables = curve_tables(curve)
        figures: dict[str, Chart] = {}
        for target in SLOPES:
            figures[target] = curve_figure(curve, target)
            figures[f"{target}_choices"] = choices_figure(curve, target)
        figures["turning"] = turning_figure(curve)
        shown, drawn = {t.number: table_block(t) for t in tables}, numbered(figures)
        slopes = "".join(text for name, text in drawn.items() if name != "turning")
        notes = [in_language(note, language_spoken()) for note in curve.notes]
        return sectioned(
            say("curve.title", study=title),
            sentences(curve),
            [
                ("curve", say("curve.slopes"), say("curve.both-slopes"), slopes),
                ("turning", say("curve.turning-point"), say("curve.where-it-turns"), drawn["turning"]),
                ("joint", say("curve.joint-tests"), say("curve.all-together"), shown["1"]),
                ("choices", say("curve.choices"), say("curve.which-choice-matters"), shown["2"]),
                ("notes", say("curve.notes"), say("curve.left-out"), paragraphs(notes)),
            ],
            figures,
            tables,
        )


def sentences(curve: SpecificationCurve) -> list[str]:
    """Return the sentences that summarise the curve."""
    counts = {"many": len(curve.specifications), "rows": curve.rows, "missing": curve.n_missing}
    if curve.of > len(curve.specifications):
        counted = say("curve.drawn-specifications", of=curve.of, **counts)
    else:
        counted = say("curve.specifications", **counts)
    shares = [
        say("curve.verdict-and-share", verdict=conclusion_word(verdict), share=percent(share))
        for verdict, share in curve.shares.items()
    ]
    verdicts = say("figures.sentence", text=listed(shares, "clauses"))
    texts: list[str] = [listed([counted, verdicts], "sentences")]
    for target in SLOPES:
        tests = [t for t in curve.tests if t.target == target and t.statistic == "mean z"]
        if tests:
            p_values = [say("curve.method-and-p", method=_method(t.method), p=f"{t.p_value:.3f}") for t in tests]
            texts.append(
                say(
                    "curve.median-and-tests",
                    target=say(NAMES[target]),
                    median=fixed(_median(curve, target)),
                    tests=listed(p_values, "clauses"),
                )
            )
    heavy = {t: max((w for w in curve.weights if w.target == t), key=lambda w: w.alone, default=None) for t in TARGETS}
    most = [
        say("curve.heaviest-choice", target=say(NAMES[t]), choice=w.choice, share=percent(w.alone, 0))
        for t, w in heavy.items()
        if w
    ]
    return [*texts, say("curve.most-of-variance", choices=listed(most, "semicolon"))] if most else texts


def _method(method: str) -> str:
    return say(f"curve_methods.{method}")


def _median(curve: SpecificationCurve, target: str) -> float:
    return median(s.value(target) for s in curve.specifications)


def curve_tables(curve: SpecificationCurve) -> list[PrintedTable]:
    """Build two tables: the joint tests, and the weight of every choice."""
    tests = tuple(
        Row(
            "text",
            (
                say(NAMES[t.target]),
                say(f"curve_statistics.{t.statistic.replace(' ', '-')}"),
                _method(t.method),
                fixed(t.observed),
                fixed(t.under_null),
                p_text(t.p_value),
            ),
        )
        for t in curve.tests
    )
    draws = {t.method: t.draws for t in curve.tests}
    about = (
        say("curve.about-nulls"),
        *(say("curve.draws-of", method=_method(m), draws=n) for m, n in draws.items()),
        say("curve.seed", seed=str(curve.seed)),
        say("curve.about-significance", level=f"{curve.alpha:g}"),
    )
    notes = (listed(about, "sentences"),)
    choices = list(dict.fromkeys(w.choice for w in curve.weights))
    at = {(w.choice, w.target): w for w in curve.weights}
    rows = tuple(
        Row(
            "text",
            (
                c,
                *(
                    f"{percent(at[c, t].alone, 1)} ({percent(at[c, t].beyond_others, 1)})" if (c, t) in at else ""
                    for t in TARGETS
                ),
            ),
        )
        for c in choices
    )
    heads = (
        say("curve.target"),
        say("curve.statistic"),
        say("curve.null"),
        say("curve.observed"),
        say("curve.median-under-null"),
        "p",
    )
    targets = (say("curve.choice"), *(say(NAMES[t]) for t in TARGETS))
    weight, language = (say("curve.about-weights"),), language_spoken()
    return [
        PrintedTable("1", say("curve.joint-tests"), heads, tests, notes, (0, 1), language=language),
        PrintedTable("2", say("curve.weight-of-choices"), targets, rows, weight, (0,), language=language),
    ]


def _thinned(curve: SpecificationCurve, target: str) -> list[tuple[int, Specification]]:
    """Return at most `SHOWN` specifications with their ranks, ordered by their estimate.

    The lowest and the highest estimate are always among them.
    """
    order = sorted(curve.specifications, key=lambda s: (s.value(target), tuple(s.choices.values())))
    last = len(order) - 1
    kept = range(len(order)) if last < SHOWN else sorted({round(i * last / (SHOWN - 1)) for i in range(SHOWN)})
    return [(i, order[i]) for i in kept]


def curve_figure(curve: SpecificationCurve, target: str) -> Chart:
    """Draw the estimates in ascending order with 95% intervals."""
    chosen = _thinned(curve, target)
    significant, not_significant = say("curve.significant"), say("curve.not-significant")
    rows: list[Record] = []
    for rank, s in chosen:
        t: Target = getattr(s, target)
        # half the width of the 95% interval, from t with the specification's degrees of freedom
        df = math.inf if t.df is None else t.df
        half = None if t.std_error is None else t_quantile(0.975, df) * t.std_error
        clear = t.p_value is not None and below(t.p_value, curve.alpha)
        rows.append(
            {
                "rank": rank,
                "estimate": t.estimate,
                "low": None if half is None else t.estimate - half,
                "high": None if half is None else t.estimate + half,
                "sign": significant if clear else not_significant,
                "verdict": conclusion_word(s.verdict),
            }
        )
    colour = alt.Color(
        "sign:N",
        scale=alt.Scale(domain=[significant, not_significant], range=[BLUE, MUTED]),
        legend=alt.Legend(title=None, orient="top"),
    )
    span = alt.Scale(domain=[-1, len(curve.specifications)], nice=False)
    x = alt.X("rank:Q", scale=span, axis=alt.Axis(title=None, labels=False, ticks=False, grid=False))
    base = alt.Chart(data(rows))
    y = alt.Y("low:Q", title=None, axis=alt.Axis(grid=True, minExtent=ROOM, maxExtent=ROOM))
    name, median = say(NAMES[target]), minus(fixed(_median(curve, target)))
    drawn = alt.layer(
        alt.Chart(data([{"y": 0.0}])).mark_rule(color=MUTED).encode(y=alt.Y("y:Q")),
        base.mark_rule(opacity=0.25, color=BLUE).encode(x=x, y=y, y2=alt.Y2("high:Q")),
        base.mark_circle(size=14, opacity=1).encode(
            x=x, y=alt.Y("estimate:Q"), color=colour, tooltip=[tip("estimate:Q", ".4f"), tip("verdict:N")]
        ),
    )
    return dressed(
        drawn,
        say("curve.in-every-specification", target=name),
        subtitle=say("curve.in-order", median=median),
        description=say("curve.curve-described", target=name, many=str(len(curve.specifications)), median=median),
        height=230,
    )


def choices_figure(curve: SpecificationCurve, target: str) -> Chart:
    """Draw the choices of each specification of `curve_figure`: one row for each level of each choice that varies.

    Subsets of controls are shown as one row for each control.
    """
    chosen = _thinned(curve, target)
    span = alt.Scale(domain=[-1, len(curve.specifications)], nice=False)
    varied = [c for c in curve.specifications[0].choices if len({s.choices[c] for s in curve.specifications}) > 1]
    marks: list[Record] = []
    for rank, s in chosen:
        for c in varied:
            levels = s.choices[c].split(" + ") if c == "controls" else [s.choices[c]]
            marks += [{"rank": rank, "level": f"{c}: {level}"} for level in levels]
    order = {c: i for i, c in enumerate(varied)}
    names = sorted({str(m["level"]) for m in marks}, key=lambda n: (order[n.split(":")[0]], n))
    axis = names_axis(names, grid=True, minExtent=ROOM, maxExtent=ROOM)
    drawn = (
        alt.Chart(data(marks))
        .mark_tick(thickness=1.2, color=ORANGE)
        .encode(
            x=alt.X(
                "rank:Q",
                scale=span,
                axis=alt.Axis(title=say("curve.specification"), labels=False, ticks=False, grid=False),
            ),
            y=alt.Y("level:N", sort=names, title=None, axis=axis),
        )
    )
    name = say(NAMES[target]).lower()
    return dressed(
        drawn,
        say("curve.what-they-chose", target=name),
        subtitle=say("curve.each-column"),
        description=say("curve.choices-described", target=name),
        height=rows_high(names, 17),
    )


def turning_figure(curve: SpecificationCurve) -> Chart:
    """Draw one mark per specification, one line per index: the share of rows below its turning point."""
    rows = [
        {"index": s.choices["index"], "share": 100 * s.turning_quantile, "verdict": conclusion_word(s.verdict)}
        for s in curve.specifications
    ]
    names = list(dict.fromkeys(str(r["index"]) for r in rows))
    outside = sum(not s.inside for s in curve.specifications)
    drawn = (
        alt.Chart(data(rows))
        .mark_tick(opacity=0.5, thickness=1.5)
        .encode(
            x=alt.X("share:Q", title=say("curve.rows-below"), scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("index:N", sort=names, title=None, axis=names_axis(names)),
            color=colour_where(alt.datum.verdict == conclusion_word(curve_shape(curve)), BLUE, MUTED),
        )
    )
    return dressed(
        drawn,
        say("curve.where-it-turns-among-rows"),
        subtitle=say("curve.turning-marks", shape=conclusion_word(curve_shape(curve)), outside=str(outside)),
        description=say("curve.turning-described"),
        height=rows_high(names, 34),
    )


def curve_shape(curve: SpecificationCurve) -> str:
    """Return inverted U or U: the shape that more of the specifications have."""
    turns = [s.verdict for s in curve.specifications if s.verdict in ("inverted U", "U")]
    return max(("inverted U", "U"), key=turns.count)
