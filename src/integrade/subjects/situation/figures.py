"""Draw figures of the index and quality over time: break, trends of groups and industries, share past the turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from integrade.errors import Coverage, EmptyTable
from integrade.estimate.inverted_u import UTest
from integrade.geography import PROVINCES, province_of
from integrade.regress.students import t_quantile
from integrade.report.figures import (
    LETTERS,
    PLACES,
    grey_tiles,
    grid,
    integration_title,
    letter_size,
    outlined,
    tile_of,
    together,
)
from integrade.report.panels import panels
from integrade.report.printed import caption
from integrade.report.style import (
    BLUE,
    DEEP,
    INK,
    MUTED,
    ORANGE,
    PALE,
    PERCENT,
    Y_AT,
    Chart,
    Record,
    data,
    dressed,
    letters_on,
    names_axis,
    rows_high,
    shade,
    tip,
)
from integrade.subjects.situation.break_date import BreakDate
from integrade.subjects.situation.tables import split_name
from integrade.subjects.situation.trends import GroupYear, Trends
from integrade.verdicts.bundle import Index, Placed
from integrade.verdicts.naming import dates_text, followed, group_name, member_name, place_word, prose_of, with_unit
from integrade.wording.numerals import capital, fixed, p_equals, percent, placed
from plainwords.texts import listed, say

Labels = Mapping[str, str]
MOST = 6
"""A figure of trends has at most this many panels."""
WIDE = 32
"""A longer name of an industry is broken into lines of at most this many letters."""


def break_figure(found: BreakDate, index: Index) -> Chart:
    """Draw the national series with its two regimes, the most likely break, and the dates that are not rejected."""
    rows = [{"year": y, "value": v, "fit": f, "regime": int(y > found.last_before)} for y, v, f, _ in found.path]
    axis = alt.Axis(format="d", values=[y for y, *_ in found.path], title=say("figures.year"), labelFlush=False)
    scale = alt.Scale(domain=[found.first - 0.3, found.last + 0.3], nice=False, zero=False)
    x = alt.X("year:Q", axis=axis, scale=scale)
    y = alt.Y("value:Q", title=integration_title(index), scale=alt.Scale(zero=False))
    spans = [{"a": d + 0.0, "b": d + 1.0} for d in found.dates]
    base = alt.Chart(data(rows))
    tips = [tip("year:Q", "d"), tip("value:Q", ".3f"), tip("fit:Q", ".3f")]
    rule: Record = {"at": found.last_before + 0.5, "text": f"{found.last_before} | {found.last_before + 1}"}
    mark = alt.Chart(data([rule]))
    layers = [
        alt.Chart(data(spans))
        .mark_rect(color=ORANGE, opacity=0.13)
        .encode(x=alt.X("a:Q", scale=scale), x2=alt.X2("b:Q")),
        mark.mark_rule(color=ORANGE, strokeDash=[5, 3], strokeWidth=1.5).encode(x=alt.X("at:Q", scale=scale)),
        mark.mark_text(align="left", dx=5, baseline="top", color=ORANGE, fontWeight=600).encode(
            x=alt.X("at:Q", scale=scale), y=Y_AT(0), text=alt.Text("text:N")
        ),
        base.mark_line(color=MUTED, strokeWidth=2).encode(x=x, y=alt.Y("fit:Q"), detail=alt.Detail("regime:N")),
        base.mark_line(color=BLUE, strokeWidth=1.4, opacity=0.5).encode(x=x, y=y),
        base.mark_circle(color=BLUE, size=45, opacity=1).encode(x=x, y=y, tooltip=tips),
    ]
    what = say("situation_figures.level" if found.model == "level" else "situation_figures.level-and-slope")
    dates, p = dates_text(found.dates), p_equals(found.p_value)
    return dressed(
        alt.layer(*layers),
        say("situation_figures.one-break", what=what, first=str(found.first), last=str(found.last)),
        subtitle=say("situation_figures.break-colours", dates=dates, p=p),
        description=say(
            "situation_figures.break-described",
            what=what,
            year=str(found.last_before),
            dates=dates,
            f=fixed(found.sup_f, 2),
            p=p,
        ),
        height=280,
    )


def trends_figure(trends: Trends, by: str, labels: Labels | None = None, unit: str = "") -> Chart:
    """Draw the mean of the outcome by year: a panel for all firms and one for each group of a split.

    A line has a 95% band if there are at least `FEWEST` regions.

    Raises `EmptyTable` if the split has fewer than two years, or if there are more than `MOST` panels.
    """
    labels = labels or {}
    groups = [p for p in trends.points if p.by == by]
    whole = [p for p in trends.points if not p.by]
    if not groups or not whole or len({p.year for p in whole}) < 2:
        raise EmptyTable(f"no trend by {by!r} to draw")
    every = split_name("", labels)
    names = [every, *dict.fromkeys(capital(group_name(p.group, labels)) for p in groups)]
    if len(names) > MOST:
        raise EmptyTable(f"{len(names)} panels are too many to compare")
    rows = [_trend_row(p, every) for p in whole]
    rows += [_trend_row(p, capital(group_name(p.group, labels))) for p in groups]
    years = sorted({p.year for p in whole})
    name = prose_of(trends.outcome, labels)
    drawn = panels(
        rows,
        names,
        "mean",
        x_title=say("figures.year"),
        y_title=say("situation_figures.mean-of-firms", outcome=with_unit(name, unit), units=followed(labels)),
        tips=[tip("series:N"), tip("year:Q", "d"), tip("mean:Q", ".3f"), tip("n:Q", ",")],
    )
    marks: list[str] = [say("figures.grey-line", series=every)]
    marks += [say("situation_figures.trend-bands")] if any("low" in r for r in rows) else []
    split = split_name(by, labels)
    return dressed(
        drawn.chart,
        say(
            "situation_figures.by-year-and-split",
            outcome=name,
            split=split[:1].lower() + split[1:],
            first=str(years[0]),
            last=str(years[-1]),
        ),
        subtitle=caption(marks),
        description=say(
            "situation_figures.trends-described",
            outcome=name,
            series=listed(names, "comma"),
            ends=listed([_ends_in_words(rows, n) for n in names], "semicolon"),
        ),
        height=drawn.height,
    )


def _trend_row(p: GroupYear, series: str) -> dict[str, object]:
    """Return one point of a line, with its band if there are at least `FEWEST` regions."""
    row: dict[str, object] = {"series": series, "year": p.year, "mean": p.mean, "n": p.n}
    if p.std_error is not None and (p.regions or 0) >= FEWEST:
        half = _t(p.regions) * p.std_error
        row |= {"low": p.mean - half, "high": p.mean + half}
    return row


FEWEST = 3
"""No band is drawn with fewer regions.

With two regions t has one degree of freedom, and the band would fill the figure.
"""


def _t(regions: int | None) -> float:
    """Return the 97.5% quantile of t for a standard error from this number of regions."""
    return t_quantile(0.975, max((regions or 2) - 1, 1))


def _ends_in_words(rows: Sequence[Record], name: str) -> str:
    series = [r for r in rows if r["series"] == name]
    start, end = (f"{float(r['mean']):.3f}" for r in (series[0], series[-1]))
    first, last = (str(r["year"]) for r in (series[0], series[-1]))
    return say("situation_figures.ends-of-line", series=name, start=start, first=first, end=end, last=last)


def industries_figure(trends: Trends, labels: Labels | None = None, by: str = "two_digit", unit: str = "") -> Chart:
    """Draw the change of the outcome from the first to the last year in each industry, with its 95% interval.

    Raises `EmptyTable` if no industry has values in two years.
    """
    labels = labels or {}
    changes = sorted((c for c in trends.changes if c.by == by), key=lambda c: (-c.change, c.group))
    if not changes:
        raise EmptyTable("no industry has two years")
    rows: list[dict[str, object]] = []
    for c in changes:
        row: dict[str, object] = {
            "group": member_name(by, c.group, labels),
            "change": c.change,
            "stayers": c.change_stayers,
        }
        if c.std_error is not None:
            half = _t(c.regions) * c.std_error
            row |= {"low": c.change - half, "high": c.change + half}
        rows.append(row)
    order = [str(r["group"]) for r in rows]
    y = alt.Y(
        "group:N",
        sort=order,
        title=say("situation_figures.two-digit-industry") if by == "two_digit" else None,
        axis=names_axis(order, WIDE),
    )
    first, last = changes[0].first, changes[0].last
    name = prose_of(trends.outcome, labels)
    x = alt.X(
        "change:Q",
        title=say("situation_figures.change-of-mean", outcome=with_unit(name, unit), first=str(first), last=str(last)),
    )
    base = alt.Chart(data(rows))
    tips = [tip("group:N"), *(tip(f"{k}:Q", ".3f") for k in ("change", "low", "high", "stayers"))]
    layers = [
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(x=alt.X("zero:Q")),
        base.mark_rule(color=BLUE, strokeWidth=1.5, opacity=0.6).encode(y=y, x=alt.X("low:Q"), x2=alt.X2("high:Q")),
        base.mark_point(color=ORANGE, size=45, filled=False, strokeWidth=1.6).encode(
            y=y, x=alt.X("stayers:Q"), tooltip=tips
        ),
        base.mark_circle(color=BLUE, size=45, opacity=1).encode(y=y, x=x, tooltip=tips),
    ]
    return dressed(
        alt.layer(*layers),
        say("situation_figures.change-by-industry", outcome=name, first=str(first), last=str(last)),
        subtitle=say("situation_figures.industries-marks"),
        description=say(
            "situation_figures.industries-described",
            outcome=name,
            industries=str(len(rows)),
            highest=order[0],
            most=f"{changes[0].change:.3f}",
            lowest=order[-1],
            least=f"{changes[-1].change:.3f}",
        ),
        height=rows_high(order, 17, WIDE) + 30,
    )


def past_map_figure(test: UTest, labels: Labels | None = None, places: Sequence[Placed] = ()) -> Chart:
    """Draw a tile for each region, coloured by the share of its observations past the turning point.

    ``places`` holds the positions of the regions on the map; without it, provinces of China have their usual tiles.
    Raises `Coverage` if no region has a position.
    """
    everywhere = list(places) or [tile_of(q, q.english) for q in PROVINCES]
    known = {p.region: p for p in places} or {
        r: tile_of(q, r) for r in test.share_past_by_region if (q := province_of(r))
    }
    rows: list[Record] = [
        {
            "region": place_word(r),
            "code": p.label,
            "share": share,
            "percent": percent(share, 0),
            "column": p.column,
            "row": p.row,
            "ink": letters_on(shade(share)),
        }
        for r, share in sorted(test.share_past_by_region.items())
        if (p := known.get(r))
    ]
    if not rows:
        raise Coverage("no region of the sample has a place on the map", remedy=PLACES)
    there = {(r["column"], r["row"]) for r in rows}
    missing = [q for q in everywhere if (q.column, q.row) not in there]
    x, y = grid(places)
    base = alt.Chart(data(rows))
    legend = alt.Legend(
        orient="bottom",
        gradientLength=180,
        labelExpr=PERCENT.format(value="datum.value"),
        title=say("situation_figures.share-past"),
    )
    scale = alt.Scale(domain=[0, 1], range=[PALE, DEEP], interpolate="rgb")
    colour = alt.Color("share:Q", scale=scale, legend=legend)
    tips = [tip("region:N"), alt.Tooltip("percent:N", title=say("tips.share"))]
    letters = [str(r["code"]) for r in rows] + ["100%"]
    size, small = (letter_size(everywhere, letters, share) for share in (1.0, 5 / 6))
    layers = [
        base.mark_rect(stroke=None, cornerRadius=3).encode(x=x, y=y, color=colour, tooltip=tips),
        base.mark_text(fontSize=size, fontWeight=600, dy=-6).encode(x=x, y=y, text=alt.Text("code:N"), color=LETTERS),
        base.mark_text(fontSize=small, dy=8).encode(x=x, y=y, text=alt.Text("percent:N"), color=LETTERS),
        *(grey_tiles(missing, x, y, size) if missing else []),
    ]
    drawn, _ = together([p for p in places if p.outline])
    layers = outlined(drawn, base, colour, tips) if drawn else layers
    name = prose_of(test.variable, labels or {})
    most = [r for r in rows if float(r["share"]) > 0.5]
    counted = {"many": str(len(most)), "all": str(len(test.share_past_by_region))}
    turns = placed(test.turning_point)
    marks: str = (
        say("situation_figures.past-map-years", point=turns)
        if test.share_past is None
        else say("situation_figures.past-map-share", point=turns, share=percent(test.share_past))
    )
    return dressed(
        alt.layer(*layers),
        say("situation_figures.past-by-region", treatment=name),
        subtitle=caption([marks, say("situation_figures.grey")] if missing else [marks]),
        description=say("situation_figures.past-map-of-regions-described", **counted),
        height=360,
    )
