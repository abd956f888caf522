"""A specification curve as one page: estimates in order with what was chosen, joint tests, weight of every choice."""

from __future__ import annotations

from statistics import median

import altair as alt

from integrade.models.curve.records import TARGETS, Specification, SpecificationCurve
from integrade.numerals import fixed, p_text, percent
from integrade.report.printed import PrintedTable, Row
from integrade.report.self_contained import numbered, paragraphs, sectioned, table_block
from integrade.report.style import BLUE, INK, MUTED, ORANGE, Chart, Record, data, dressed

SHOWN = 400  # specifications drawn, evenly along the curve; all are in the csv file
SLOPES = ("slope_p10", "slope_p90")
ROOM = 230  # of both figures' left axis, so that their columns stand below each other
NAMES = {
    "slope_p10": "Slope at the 10th percentile",
    "slope_p90": "Slope at the 90th percentile",
    "turning_quantile": "Share of rows below the turning point",
    "U-test": "Inverted U by the U-test",
}


def curve_page(curve: SpecificationCurve, title: str) -> str:
    """A self-contained HTML page."""
    tables = curve_tables(curve)
    figures: dict[str, Chart] = {}
    for target in SLOPES:
        figures[target] = curve_figure(curve, target)
        figures[f"{target}_choices"] = choices_figure(curve, target)
    figures["turning"] = turning_figure(curve)
    shown, drawn = {t.number: table_block(t) for t in tables}, numbered(figures)
    slopes = "".join(text for name, text in drawn.items() if name != "turning")
    return sectioned(
        f"Specification curve: {title}",
        sentences(curve),
        [
            ("curve", "Slopes", "Both slopes over all specifications", slopes),
            ("turning", "Turning point", "Where the parabola turns", drawn["turning"]),
            ("joint", "Joint tests", "What all specifications say together", shown["1"]),
            ("choices", "Choices", "Which choice matters", shown["2"]),
            ("notes", "Notes", "Left out", paragraphs(curve.notes)),
        ],
        figures,
        tables,
    )


def sentences(curve: SpecificationCurve) -> list[str]:
    """What the curve says."""
    found, shares = curve.specifications, curve.shares
    drawn = f" drawn at random from {curve.of:,}" if curve.of > len(found) else ""
    said = [
        f"{len(found):,} specifications{drawn} on {curve.rows:,} rows that are complete in every column "
        f"({curve.n_missing:,} are not). " + ", ".join(f"{v}: {percent(s)}" for v, s in shares.items()) + "."
    ]
    for target in ("slope_p10", "slope_p90"):
        tests = [t for t in curve.tests if t.target == target and t.statistic == "mean z"]
        if tests:
            listed = ", ".join(f"{t.method} p = {t.p_value:.3f}" for t in tests)
            said.append(
                f"{NAMES[target]}: median {fixed(_median(curve, target))}; all specifications together, "
                f"against an index without effect: {listed}."
            )
    heavy = {t: max((w for w in curve.weights if w.target == t), key=lambda w: w.alone, default=None) for t in TARGETS}
    listed = "; ".join(f"{NAMES[t]}: {w.choice} ({percent(w.alone, 0)})" for t, w in heavy.items() if w)
    if listed:
        said.append(f"The choice that goes with most of the variance over specifications: {listed}.")
    return said


def _median(curve: SpecificationCurve, target: str) -> float:
    return median(s.value(target) for s in curve.specifications)


def curve_tables(curve: SpecificationCurve) -> list[PrintedTable]:
    """Joint tests, and the weight of every choice."""
    tests = tuple(
        Row("text", (NAMES[t.target], t.statistic, t.method, fixed(t.observed), fixed(t.under_null), p_text(t.p_value)))
        for t in curve.tests
    )
    notes = (
        "Permutation: whole paths of the regions change places, the same in every specification; errors CR3. Wild: "
        "residuals without the index, signs drawn by cluster; errors CR1. p = (1 + draws at least as far in the "
        f"expected direction) / (1 + draws). {_draws(curve)}Seed {curve.seed}. Share significant: the expected "
        f"sign and p < {curve.level:g}.",
    )
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
    weight = (
        "Share of a target's variance over the specifications that goes with the choice alone, in parentheses what it "
    )
    return [
        PrintedTable(
            "1",
            "Joint tests",
            ("Target", "Statistic", "Null", "Observed", "Median under the null", "p"),
            tests,
            notes,
            (0, 1),
        ),
        PrintedTable(
            "2",
            "Weight of every choice",
            ("Choice", *(NAMES[t] for t in TARGETS)),
            rows,
            (weight + "adds to all others. The rest are interactions.",),
            (0,),
        ),
    ]


def _draws(curve: SpecificationCurve) -> str:
    counts = {t.method: t.draws for t in curve.tests}
    return "".join(f"{m}: {n:,} draws. " for m, n in counts.items())


def _thinned(curve: SpecificationCurve, target: str) -> list[tuple[int, Specification]]:
    """Specifications in the order of their estimate with their rank, at most `SHOWN` of them, both ends among them."""
    order = sorted(curve.specifications, key=lambda s: (s.value(target), tuple(s.choices.values())))
    last = len(order) - 1
    kept = range(len(order)) if last < SHOWN else sorted({round(i * last / (SHOWN - 1)) for i in range(SHOWN)})
    return [(i, order[i]) for i in kept]


def curve_figure(curve: SpecificationCurve, target: str) -> Chart:
    """Estimates in order with 95 % intervals, and below them a mark for every choice."""
    chosen = _thinned(curve, target)
    rows: list[Record] = []
    for rank, s in chosen:
        t = getattr(s, target)
        half = 1.96 * t.std_error if t.std_error is not None else None
        clear = t.p_value is not None and t.p_value < curve.level
        rows.append(
            {
                "rank": rank,
                "estimate": t.estimate,
                "low": None if half is None else t.estimate - half,
                "high": None if half is None else t.estimate + half,
                "sign": "p < 0.05" if clear else "not significant",
                "verdict": s.verdict,
            }
        )
    colour = alt.Color(
        "sign:N",
        scale=alt.Scale(domain=["p < 0.05", "not significant"], range=[BLUE, MUTED]),
        legend=alt.Legend(title=None, orient="top"),
    )
    span = alt.Scale(domain=[-1, len(curve.specifications)], nice=False)
    x = alt.X("rank:Q", scale=span, axis=alt.Axis(title=None, labels=False, ticks=False, grid=False))
    base = alt.Chart(data(rows))
    y = alt.Y("low:Q", title=None, axis=alt.Axis(grid=True, minExtent=ROOM, maxExtent=ROOM))
    name, median = NAMES[target], fixed(_median(curve, target))
    drawn = alt.layer(
        alt.Chart(data([{"y": 0.0}])).mark_rule(color=MUTED).encode(y="y:Q"),
        base.mark_rule(opacity=0.25, color=BLUE).encode(x=x, y=y, y2="high:Q"),
        base.mark_circle(size=14, opacity=1).encode(
            x=x, y="estimate:Q", color=colour, tooltip=[alt.Tooltip("estimate:Q", format=".4f"), "verdict:N"]
        ),
    )
    return dressed(
        drawn,
        f"{name} in every specification",
        subtitle=f"In order of the estimate, with 95 % intervals; median {median}",
        description=f"{name} over {len(curve.specifications)} specifications, median {median}.",
        height=230,
    )


def choices_figure(curve: SpecificationCurve, target: str) -> Chart:
    """What each specification of `curve_figure` chose: one row for each level of each choice that varies.

    Subsets of controls are shown as one row a control.
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
    axis = alt.Axis(
        title=None, labelLimit=ROOM, labelOverlap=False, labelColor=INK, grid=True, minExtent=ROOM, maxExtent=ROOM
    )
    drawn = (
        alt.Chart(data(marks))
        .mark_tick(thickness=1.2, color=ORANGE)
        .encode(
            x=alt.X("rank:Q", scale=span, axis=alt.Axis(title="Specification", labels=False, ticks=False, grid=False)),
            y=alt.Y("level:N", sort=names, axis=axis),
        )
    )
    name = NAMES[target].lower()
    return dressed(
        drawn,
        f"What they chose: {name}",
        subtitle="Each column is a specification of the figure above",
        description=f"Choices behind the {name}.",
        height=17 * len(names),
    )


def turning_figure(curve: SpecificationCurve) -> Chart:
    """Where the turning points lie among the rows, by index."""
    rows = [
        {"index": s.choices["index"], "share": 100 * s.turning_quantile, "verdict": s.verdict}
        for s in curve.specifications
    ]
    names = list(dict.fromkeys(str(r["index"]) for r in rows))
    outside = sum(not s.inside for s in curve.specifications)
    drawn = (
        alt.Chart(data(rows))
        .mark_tick(opacity=0.5, thickness=1.5)
        .encode(
            x=alt.X("share:Q", title="Rows below the turning point, per cent", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("index:N", sort=names, title=None, axis=alt.Axis(labelLimit=300, labelColor=INK)),
            color=alt.condition(alt.datum.verdict == curve_shape(curve), alt.value(BLUE), alt.value(MUTED)),
        )
    )
    subtitle = (
        f"One mark a specification; blue: an {curve_shape(curve)} by the U-test; {outside} turn outside their data"
    )
    told = "Turning points by index, as shares of rows below them."
    return dressed(
        drawn, "Where the parabola turns, among the rows", subtitle=subtitle, description=told, height=34 * len(names)
    )


def curve_shape(curve: SpecificationCurve) -> str:
    """The shape that most specifications with a turn have."""
    turns = [s.verdict for s in curve.specifications if s.verdict in ("inverted U", "U")]
    return max(("inverted U", "U"), key=turns.count)
