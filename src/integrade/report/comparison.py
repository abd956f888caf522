"""Build the page of tables and figures for a comparison of measures, from its result record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from integrade.integration.comparison import Agreement, Comparison, by_chance
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.report.self_contained import numbered, sectioned, table_block
from integrade.report.style import (
    DEEP,
    INK,
    MUTED,
    SERIES,
    Chart,
    Record,
    colour_where,
    data,
    dressed,
    names_axis,
    rows_high,
    spread_labels,
    tip,
)
from integrade.wording.numerals import fixed
from plainwords.texts import language_spoken, listed, say, speaking

DASHES = ([1, 0], [6, 3], [2, 2])  # one pattern for each round of colours
LOW, MIDDLE = "#8f3a0c", "#f2f4f6"  # tiles and their text keep their colours on a dark page


def comparison_tables(comparison: Comparison) -> list[PrintedTable]:
    """Build the tables: agreement by pair of measures, agreement by year, and the measures."""
    return [_agreements(comparison), *([_years(comparison)] if comparison.by_year else []), _measures(comparison)]


def comparison_figures(comparison: Comparison) -> dict[str, Chart]:
    """Draw the matrix of rank correlations; also national means and agreement by year if measures have years."""
    figures = {"matrix": matrix_figure(comparison)}
    if any(p.standardised is not None for p in comparison.nation):
        figures["nation"] = nation_figure(comparison)
    if len({y.year for y in comparison.by_year}) > 1:
        figures["years"] = years_figure(comparison)
    return figures


def comparison_page(comparison: Comparison, *, title: str = "", language: str = "en") -> str:
    """Return a self-contained HTML page in a language; an empty title is replaced by a default title."""
    with speaking(language):
        tables, figures = comparison_tables(comparison), comparison_figures(comparison)
        shown, drawn = {t.number: table_block(t) for t in tables}, numbered(figures)
        return sectioned(
            title or say("comparison.title"),
            sentences(comparison),
            [
                ("regions", say("comparison.regions"), say("comparison.rank-alike"), drawn["matrix"] + shown["1"]),
                ("time", say("comparison.time"), say("comparison.move-together"), drawn.get("nation", "")),
                (
                    "years",
                    say("comparison.years"),
                    say("comparison.agreement-by-year"),
                    drawn.get("years", "") + shown.get("2", ""),
                ),
                ("measures", say("comparison.measures"), say("comparison.the-measures"), shown["3"]),
            ],
            figures,
            tables,
        )


def _rank(a: Agreement) -> float | None:
    """Return a pair's rank correlation between regions: within years or, without years, of the regions' averages."""
    return a.spearman_within if a.spearman_within is not None else a.spearman_regions


def sentences(comparison: Comparison) -> list[str]:
    """Return the sentences that summarise the comparison: range of correlations, pairs beyond chance, trends."""
    known = [(a, r) for a in comparison.agreements if (r := _rank(a)) is not None]
    if not known:
        return [say("comparison.nothing-to-compare")]
    ranks = [r for _, r in known]
    texts: list[str] = []
    if len(known) > 1:
        low, high = (pick(known, key=lambda pair: pair[1]) for pick in (min, max))
        texts.append(
            say(
                "comparison.correlations-run",
                measures=str(len(comparison.measures)),
                lowest=f"{low[1]:.2f}",
                low_a=low[0].a,
                low_b=low[0].b,
                highest=f"{high[1]:.2f}",
                high_a=high[0].a,
                high_b=high[0].b,
            )
        )
    else:
        only = known[0][0]
        texts.append(say("comparison.one-correlation", a=only.a, b=only.b, correlation=f"{ranks[0]:.2f}"))
    beyond = sum(r > a.chance for a, r in known)
    fewest, most = (pick(a.n_regions for a, _ in known) for pick in (min, max))
    texts.append(
        say(
            "comparison.beyond-chance",
            beyond=str(beyond),
            pairs=str(len(ranks)),
            points=_range(f"{by_chance(most):.2f}", f"{by_chance(fewest):.2f}"),
            regions=_range(str(most), str(fewest)),
        )
    )
    opposite = [listed([a.a, a.b]) for a, r in known if r < -a.chance]
    if opposite:
        texts.append(say("comparison.opposite-orders", pairs=listed(opposite, "semicolon")))
    trends = [a.same_trend for a in comparison.agreements if a.same_trend is not None]
    if trends:
        texts.append(say("comparison.same-direction", same=str(sum(trends)), pairs=str(len(trends))))
    return texts


def _range(start: str, end: str) -> str:
    """Return a range as text, such as ``0.36 to 0.41``; a single number if both ends are equal."""
    return start if start == end else say("comparison.range", start=start, end=end)


def _measures(comparison: Comparison) -> PrintedTable:
    rows = [
        Row(
            "text",
            (
                m.name,
                str(m.n_regions),
                "" if m.first_year is None else f"{m.first_year}-{m.last_year}",
                str(m.n_cells),
                fixed(m.first),
                fixed(m.last),
                fixed(m.trend, 2),
            ),
        )
        for m in comparison.measures
    ]
    columns = (
        say("comparison.measure"),
        say("comparison.regions"),
        say("comparison.years"),
        say("comparison.region-years"),
        say("comparison.first-mean"),
        say("comparison.last-mean"),
        say("comparison.trend"),
    )
    title, notes = say("comparison.the-measures"), (say("comparison.about-trend"),)
    return PrintedTable("3", title, columns, tuple(rows), notes, (0,), language=language_spoken())


def _both(spearman: float | None, kendall: float | None) -> str:
    return "" if spearman is None or kendall is None else f"{fixed(spearman, 2)} ({fixed(kendall, 2)})"


def _agreements(comparison: Comparison) -> PrintedTable:
    rows = [
        Row(
            "text",
            (
                a.a,
                a.b,
                _both(a.spearman_within, a.kendall_within),
                _both(a.spearman, a.kendall),
                _both(a.spearman_regions, a.kendall_regions),
                fixed(a.over_time, 2),
                "" if a.same_trend is None else say("comparison.yes" if a.same_trend else "comparison.no"),
                f"{a.n_regions} x {a.n_years}" if a.n_years else str(a.n_regions),
            ),
        )
        for a in comparison.agreements
    ]
    columns = (
        say("comparison.measure"),
        say("comparison.and"),
        say("comparison.within-years"),
        say("comparison.pooled"),
        say("comparison.region-averages"),
        say("comparison.over-time"),
        say("comparison.same-trend"),
        say("comparison.cells"),
    )
    title = say("comparison.every-two-measures")
    notes = (say("comparison.about-correlations"), say("comparison.about-time"))
    return PrintedTable("1", title, columns, tuple(rows), notes, (0, 1), language=language_spoken())


def _years(comparison: Comparison) -> PrintedTable:
    years = sorted({y.year for y in comparison.by_year})
    at = {(y.a, y.b, y.year): y.spearman for y in comparison.by_year}
    pairs = list(dict.fromkeys((y.a, y.b) for y in comparison.by_year))
    rows = tuple(Row("text", (a, b, *(fixed(at.get((a, b, year)), 2) for year in years))) for a, b in pairs)
    return PrintedTable(
        "2",
        say("comparison.correlation-by-year"),
        (say("comparison.measure"), say("comparison.and"), *map(str, years)),
        rows,
        (),
        (0, 1),
        language=language_spoken(),
    )


def matrix_figure(comparison: Comparison) -> Chart:
    """Draw every pair of measures as a tile, coloured by rank correlation within years.

    If a measure has no years, the correlation is of the regions' averages.
    """
    names = [m.name for m in comparison.measures]
    rows: list[Record] = []
    for a in comparison.agreements:
        r = _rank(a)
        if r is not None:
            rows += [{"a": x, "b": y, "r": r, "text": f"{r:.2f}"} for x, y in ((a.a, a.b), (a.b, a.a))]
    base = alt.Chart(data(rows))
    x = alt.X("a:N", sort=names, title=None, axis=names_axis(names, labelAngle=-40))
    y = alt.Y("b:N", sort=names, title=None, axis=names_axis(names))
    colour = alt.Color(
        "r:Q", scale=alt.Scale(domain=[-1, 0, 1], range=[LOW, MIDDLE, DEEP], interpolate="rgb"), legend=None
    )
    tips = [tip("a:N"), tip("b:N"), tip("r:Q", ".3f")]
    tile = base.mark_rect(cornerRadius=3).encode(x=x, y=y, color=colour, tooltip=tips)
    on_dark = colour_where("abs(datum.r) > 0.6", "#ffffff", "#0d1117")
    text = base.mark_text(fontSize=12, fontWeight=600).encode(x=x, y=y, text=alt.Text("text:N"), color=on_dark)
    return dressed(
        alt.layer(tile, text),
        say("comparison.rank-correlation"),
        subtitle=say("comparison.matrix-subtitle"),
        description=say("comparison.matrix-described", measures=str(len(names))),
        height=rows_high(names, 44) + 20,
    )


def _lines(rows: Sequence[Record], names: Sequence[str], value: str, axis: str) -> list[alt.Chart]:
    """Return the layers of labelled lines over years: lines, dots, and names at the ends."""
    # When all colours are used, they repeat with another dash pattern.
    n = len(SERIES)
    colours = [SERIES[i % n] for i in range(len(names))]
    dashes = [DASHES[min(i // n, len(DASHES) - 1)] for i in range(len(names))]
    colour = alt.Color("name:N", scale=alt.Scale(domain=list(names), range=colours), legend=None)
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=list(names), range=dashes), legend=None)
    years = sorted({int(str(r["year"])) for r in rows})
    wide = 30 + 7 * max(sum(1 if c.isascii() else 2 for c in name) for name in names)
    room = alt.Scale(domain=[years[0], years[-1]], nice=False, range=[0, alt.expr(f"width - {wide}")])
    ticks = alt.Axis(format="d", values=years, title=say("figures.year"), labelFlush=False)
    x, y = alt.X("year:Q", axis=ticks, scale=room), alt.Y(f"{value}:Q", title=axis, scale=alt.Scale(zero=False))
    tips = [tip("name:N"), tip("year:Q", "d"), tip(f"{value}:Q", ".2f")]
    base = alt.Chart(data(rows))
    ends = [max((r for r in rows if r["name"] == n), key=lambda r: int(str(r["year"]))) for n in names]
    values = [float(r[value]) for r in rows]
    places = spread_labels([float(r[value]) for r in ends], 0.06 * (max(values) - min(values)))
    # a leader goes from the end of a line to its name, which may have been moved up or down
    step = 0.03 * ((years[-1] - years[0]) or 1)
    last = [
        {"name": r["name"], "year": years[-1], "end": years[-1] + step, "from": r[value], "place": p}
        for r, p in zip(ends, places, strict=True)
    ]
    named = alt.Chart(data(last))
    text = named.mark_text(align="left", dx=4, fontWeight=600, color=INK)
    leaders = named.mark_rule(strokeWidth=0.8).encode(
        x=x, y=alt.Y("from:Q"), x2=alt.X2("end:Q"), y2=alt.Y2("place:Q"), color=colour
    )
    return [
        leaders,
        base.mark_line(strokeWidth=1.8).encode(x=x, y=y, color=colour, strokeDash=dash),
        base.mark_circle(size=24, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
        text.encode(x=alt.X("end:Q"), y=alt.Y("place:Q"), text=alt.Text("name:N")),
    ]


def nation_figure(comparison: Comparison) -> Chart:
    """Draw national means over years.

    Each measure is in units of its standard deviation, so that all can share an axis.
    """
    rows = [
        {"name": p.name, "year": p.year, "z": p.standardised} for p in comparison.nation if p.standardised is not None
    ]
    names = list(dict.fromkeys(str(r["name"]) for r in rows))
    return dressed(
        alt.layer(*_lines(rows, names, "z", say("comparison.standard-deviations"))),
        say("comparison.national-means"),
        subtitle=say("comparison.nation-subtitle"),
        description=say("comparison.nation-described", measures=listed(names, "comma")),
        height=340,
    )


def years_figure(comparison: Comparison) -> Chart:
    """Draw the mean rank correlation of each measure with the others by year."""
    sums: dict[tuple[str, int], list[float]] = {}
    for y in comparison.by_year:
        for name in (y.a, y.b) if y.spearman is not None else ():
            sums.setdefault((name, y.year), []).append(float(y.spearman or 0.0))
    order = {m.name: i for i, m in enumerate(comparison.measures)}
    keys = sorted(sums, key=lambda k: (order[k[0]], k[1]))
    rows: list[Mapping[str, object]] = [{"name": n, "year": t, "r": sum(sums[n, t]) / len(sums[n, t])} for n, t in keys]
    names = list(dict.fromkeys(n for n, _ in keys))
    point = by_chance(min(y.n_regions for y in comparison.by_year if y.spearman is not None))
    rule = alt.Chart(data([{"r": point}])).mark_rule(color=MUTED, strokeDash=[4, 4]).encode(y=alt.Y("r:Q"))
    return dressed(
        alt.layer(rule, *_lines(rows, names, "r", say("comparison.mean-correlation"))),
        say("comparison.agreement-with-others"),
        subtitle=say("comparison.years-subtitle", point=f"{point:.2f}"),
        description=say("comparison.years-described", measures=listed(names, "comma")),
        height=320,
    )
