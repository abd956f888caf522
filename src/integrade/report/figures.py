"""Draw figures of the index and of the sample from result records: trend, ranking, tile map, waterfall."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import altair as alt
import numpy as np

from integrade.errors import Coverage, EmptyTable
from integrade.geography import Province, province_of
from integrade.report.map_letters import letters_at
from integrade.report.panels import panels
from integrade.report.printed import caption, sentence
from integrade.report.rows import minus
from integrade.report.style import (
    BLACK,
    BLUE,
    DEEP,
    GRID,
    INK,
    MUTED,
    ORANGE,
    PALE,
    PRINTED_WIDTH,
    SMALLEST,
    WHITE,
    X_AT,
    Y_AT,
    Chart,
    Record,
    colour_where,
    data,
    dressed,
    in_lines,
    letters_on,
    names_axis,
    percent_axis,
    rows_high,
    shade,
    tip,
    with_print,
)
from integrade.subjects.situation.verdict import jackknife_quantile
from integrade.verdicts.bundle import Index, IndexPoint, Placed, TrendPoint
from integrade.verdicts.naming import group_name, kind_word, place_word, step_word
from integrade.wording.numerals import capital
from integrade.wording.sheet import width as width_of
from plainwords.account import Account, Entry, Kind
from plainwords.texts import language_spoken, listed, say

LETTERS = colour_where(f"datum.ink == '{WHITE}'", WHITE, BLACK)
"""Colour of the letters in a tile, chosen by the field ``ink`` (`letters_on`)."""
MANY = 40
"""The ranking shows at most this many regions. If there are more, the ranking shows the first and the last `MANY` / 2.
"""
FORMULAS = {"neg_log": "-ln S", "inverse_sqrt": "1/sqrt(S)", "inverse": "1/S"}
CODES = {
    "Beijing": "BJ",
    "Tianjin": "TJ",
    "Hebei": "HE",
    "Shanxi": "SX",
    "Inner Mongolia": "NM",
    "Liaoning": "LN",
    "Jilin": "JL",
    "Heilongjiang": "HL",
    "Shanghai": "SH",
    "Jiangsu": "JS",
    "Zhejiang": "ZJ",
    "Anhui": "AH",
    "Fujian": "FJ",
    "Jiangxi": "JX",
    "Shandong": "SD",
    "Henan": "HA",
    "Hubei": "HB",
    "Hunan": "HN",
    "Guangdong": "GD",
    "Guangxi": "GX",
    "Hainan": "HI",
    "Chongqing": "CQ",
    "Sichuan": "SC",
    "Guizhou": "GZ",
    "Yunnan": "YN",
    "Tibet": "XZ",
    "Shaanxi": "SN",
    "Gansu": "GS",
    "Qinghai": "QH",
    "Ningxia": "NX",
    "Xinjiang": "XJ",
}
"""ISO 3166-2:CN letters, short enough for a tile."""


def letters(p: Province, region: str) -> str:
    """Return the text on a province's tile: ISO letters if report and data use Latin letters, else Chinese."""
    return CODES[p.english] if region.isascii() and language_spoken() != "zh" else p.chinese_short


def integration_title(index: Index) -> str:
    """Return the axis title for integration, with its unit."""
    if index.by_prices:
        return say("figures.integration", unit=_unit(index))
    return say("figures.integration-by", measure=index.measure, unit=_unit(index))


def integration_change_title(index: Index) -> str:
    """Return the axis title for changes of integration, with their unit."""
    if index.by_prices:
        return say("figures.integration-change", unit=_unit(index))
    return say("figures.integration-change-by", measure=index.measure, unit=_unit(index))


def _unit(index: Index) -> str:
    match index.transform:
        case "log_inverse_sqrt":
            return say("figures.half-log")
        case "none":
            return say("figures.itself")
        case other:
            return FORMULAS.get(other, other)


def segmentation_interval(index: Index, segmentation: float, se: float | None) -> tuple[float, float] | None:
    """Return the 95% interval of integration, transformed back to segmentation.

    Return None without a standard error, for segmentation of zero or less, and for a transform that cannot be inverted.
    """
    if se is None or math.isnan(se) or segmentation <= 0:
        return None
    width = jackknife_quantile(index) * se
    match index.transform:
        case "log_inverse_sqrt":
            return segmentation * math.exp(-2 * width), segmentation * math.exp(2 * width)
        case "neg_log":
            return segmentation * math.exp(-width), segmentation * math.exp(width)
        case "inverse_sqrt":
            return _undo(segmentation**-0.5, width, -2.0)
        case "inverse":
            return _undo(1 / segmentation, width, -1.0)
        case _:
            return None


def _undo(centre: float, width: float, power: float) -> tuple[float, float] | None:
    return None if centre <= width else ((centre + width) ** power, (centre - width) ** power)


def trend_figure(index: Index) -> Chart:
    """Draw segmentation by year with its 95% jackknife band: a panel for the nation, and one for each group.

    If the index is not made from prices, the figure shows the mean of integration over regions.

    Raises `EmptyTable` if the index has no series.
    """
    if not index.trend:
        raise EmptyTable("the index has no national or group series to draw")
    index = replace(index, trend=tuple(replace(p, series=capital(group_name(p.series, {}))) for p in index.trend))
    names = list(dict.fromkeys(p.series for p in index.trend))
    years = [p.year for p in index.trend]
    name = "segmentation" if index.by_prices else "integration"
    rows = list[Record]()
    for p in index.trend:
        row = {"series": p.series, "year": p.year, name: _height(index, p)}
        ends = segmentation_interval(index, p.segmentation, p.se_integration) if index.by_prices else None
        rows.append(row if ends is None else {**row, "low": ends[0], "high": ends[1]})
    with_band = [series for series in names if any(r["series"] == series and "low" in r for r in rows)]
    goods = str(index.n_goods)
    marks: list[str] = [say("figures.grey-line", series=names[0])] if len(names) > 1 else []
    if with_band:
        every = len(with_band) == len(names)
        banded = {} if every else {"series": listed(with_band)}
        marks.append(say("figures.trend-bands" if every else "figures.trend-bands-of", goods=goods, **banded))
    drawn = panels(
        rows,
        names,
        name,
        x_title=say("figures.year"),
        y_title=say("figures.segmentation") if index.by_prices else integration_title(index),
        tips=[tip("series:N"), tip("year:Q", "d"), tip(f"{name}:Q", ".6f")],
        from_zero=index.by_prices,
    )
    return dressed(
        drawn.chart,
        say(
            "figures.segmentation-by-year" if index.by_prices else "figures.integration-by-year",
            first=str(min(years)),
            last=str(max(years)),
            series=listed(names, "comma"),
        ),
        subtitle=caption(marks),
        description=_trend_words(index, names[0]),
        height=drawn.height,
    )


def _height(index: Index, p: TrendPoint) -> float:
    return p.segmentation if index.by_prices else p.integration


def _trend_words(index: Index, name: str) -> str:
    series = sorted((p for p in index.trend if p.series == name), key=lambda p: p.year)
    low, high = series[0], series[-1]
    return say(
        "figures.line-of-segmentation" if index.by_prices else "figures.line-of-integration",
        series=name,
        start=f"{_height(index, low):.6f}",
        first=str(low.year),
        end=f"{_height(index, high):.6f}",
        last=str(high.year),
    )


def ranking_figure(index: Index) -> Chart:
    """Draw integration by region in the last year with 95% jackknife intervals, and the average over all years.

    Raises `EmptyTable` if no region has a finite value.
    """
    points = _finite(index)
    if not points:
        raise EmptyTable("the index has no region to draw")
    first, last = min(p.year for p in points), max(p.year for p in points)
    half = jackknife_quantile(index)
    rows: list[dict[str, object]] = []
    for p in sorted((p for p in points if p.year == last), key=lambda p: (-p.integration, p.region)):
        every = [q.integration for q in points if q.region == p.region]
        row: dict[str, object] = {"region": place_word(p.region), "integration": p.integration}
        row["mean"] = sum(every) / len(every)
        if p.se_integration is not None:
            row |= {"low": p.integration - half * p.se_integration, "high": p.integration + half * p.se_integration}
        rows.append(row)
    of_all = len(rows)
    rows = rows if of_all <= MANY else [*rows[: MANY // 2], *rows[-MANY // 2 :]]
    names = [str(r["region"]) for r in rows]
    y = alt.Y("region:N", sort=names, title=None, axis=names_axis(names))
    x = alt.X("integration:Q", title=integration_title(index), scale=alt.Scale(zero=False))
    tips = [tip("region:N"), *(tip(f"{n}:Q", ".3f") for n in ("integration", "low", "high", "mean"))]
    base = alt.Chart(data(rows))
    layers = [
        base.mark_rule(color=BLUE, strokeWidth=1.5, opacity=0.6).encode(y=y, x=alt.X("low:Q"), x2=alt.X2("high:Q")),
        base.mark_tick(color=MUTED, thickness=2, height=9).encode(y=y, x=alt.X("mean:Q"), tooltip=tips),
        base.mark_circle(color=BLUE, size=45, opacity=1).encode(y=y, x=x, tooltip=tips),
    ]
    marks_key = "figures.dot"
    if any("low" in r for r in rows):
        marks_key = "figures.dot-and-jackknife-interval" if index.by_prices else "figures.dot-and-interval"
    marks = [say(marks_key, first=str(first), last=str(last))]
    if of_all > MANY:
        marks.append(say("trust_figures.at-each-end", many=str(MANY // 2), regions=str(of_all)))
    return dressed(
        alt.layer(*layers),
        say("figures.integration-by-region", year=str(last)),
        subtitle=listed(marks, "sentences"),
        description=say("figures.ranking-described", year=str(last), regions=str(of_all)),
        height=rows_high(names, 17) + 30,
    )


def _finite(index: Index) -> list[IndexPoint]:
    return [p for p in index.points if math.isfinite(p.integration)]


def map_figure(index: Index) -> Chart:
    """Draw a tile or an outline for each region, coloured by integration, with a slider for the year.

    Raises `Coverage` if no region has a position on the map.
    """
    known = places_of(index)
    rows: list[Record] = []
    for p in _finite(index):
        if p.region in known:
            at = known[p.region]
            named = {"region": place_word(at.region), "code": at.label}
            rows.append({**named, "year": p.year, "integration": p.integration, "column": at.column, "row": at.row})
    if not rows:
        raise Coverage("no region of the index has a place on the map", remedy=PLACES)
    years = [p.year for p in _finite(index)]
    slider = alt.binding_range(min=min(years), max=max(years), step=1, name=say("figures.year-slider") + " ")
    year = alt.param(name="year", value=max(years), bind=slider)
    drawn, far = together([p for p in known.values() if p.outline])
    x, y = grid(index.places)
    rows, colour = _coloured(rows, integration_title(index))
    shown = alt.Chart(data(rows)).transform_filter("datum.year == year")
    tips = [tip("region:N"), tip("year:O"), tip("integration:Q", ".3f")]
    tile = shown.mark_rect(stroke=None, cornerRadius=3).encode(x=x, y=y, color=colour, tooltip=tips)
    size = letter_size(list(known.values()), (r["code"] for r in rows))
    text = shown.mark_text(fontSize=size, fontWeight=600).encode(x=x, y=y, text=alt.Text("code:N"), color=LETTERS)
    year_mark = (
        alt.Chart(data([{}]))
        .mark_text(
            align="left",
            baseline="top",
            dx=4,
            dy=4,
            fontSize=18,
            fontWeight=600,
            color=MUTED,
            text=alt.expr("'' + year"),
        )
        .encode(x=X_AT(0), y=Y_AT(0))
    )
    layers = [*outlined(drawn, shown, colour, tips), year_mark] if drawn else [tile, text, year_mark]
    empty = [p for p in index.places if place_word(p.region) not in {r["region"] for r in rows}]
    layers = [*grey_tiles(empty, x, y, size), *layers] if empty and not drawn else layers
    layered = alt.layer(*layers).add_params(year)
    others = [say("figures.map-other-years", first=str(min(years)), last=str(max(years)))] if len(years) > 1 else []
    codes = {str(r["code"]): str(r["region"]) for r in rows if r["code"] != r["region"]}
    coded = (
        [say("figures.map-codes", codes=listed([f"{c} {codes[c]}" for c in sorted(codes)], "comma"))] if codes else []
    )
    described = say("figures.map-of-regions-described", regions=str(len({str(r["region"]) for r in rows})))
    kind = outlines_said(far) if drawn else sentence(say("figures.one-tile-per-region"))
    on_screen = dressed(
        layered,
        say("figures.integration-on-the-map", year=str(max(years))),
        subtitle=listed([kind, *map(sentence, others), *coded], "sentences"),
        description=described,
        height=360,
    )
    if drawn:  # outlines of the last year, without the slider
        paper = dressed(
            alt.layer(*layers[:-1]).add_params(alt.param(name="year", value=max(years))),
            say("figures.integration-on-the-map", year=str(max(years))),
            subtitle=listed([outlines_said(far), *coded], "sentences"),
            description=described,
            height=360,
        )
    else:
        paper = _printed_map(index, rows, list(known.values()), coded)
    return with_print(on_screen, paper)


def _coloured(rows: Sequence[Record], title: str) -> tuple[list[Record], alt.Color]:
    """Return the rows with the colour of the letters in each tile (``ink``), and the colours of the tiles."""
    values = [float(r["integration"]) for r in rows]
    low, high = min(values), max(values)
    scale = alt.Scale(domain=[low, high], range=[PALE, DEEP], interpolate="rgb")
    legend = alt.Legend(orient="bottom", gradientLength=180, title=title, format=".2f")
    inked: list[Record] = [
        {**r, "ink": letters_on(shade((float(r["integration"]) - low) / ((high - low) or 1.0)))} for r in rows
    ]
    return inked, alt.Color("integration:Q", scale=scale, legend=legend)


PRINTED_MAP = 300
"""Height of a printed map in pixels."""


def _printed_map(index: Index, rows: Sequence[Record], tiles: Sequence[Placed], coded: Sequence[str]) -> Chart:
    """Draw the tiles of the first and of the last year next to each other, with the values that a page shows on touch.

    If the letters of the regions are too long for half the width, only the last year is drawn. Regions without a value
    are grey.
    """
    years = sorted({int(r["year"]) for r in rows})
    places = list(index.places) or list(tiles)
    wide, top = max(p.column for p in places) + 1, min(p.row for p in places)
    longest = max(width_of(str(r["code"])) for r in rows)
    halves = 0.6 * SMALLEST * longest <= PRINTED_WIDTH / (2 * wide + 1) - 2
    shown = sorted({years[0], years[-1]}) if halves else [years[-1]]
    down = [str(row) for row in range(top - 1, max(p.row for p in places) + 1)]
    columns = [str(column) for column in range(len(shown) * (wide + 1) - 1)]
    x = alt.X("column:O", axis=None, scale=alt.Scale(domain=columns, paddingInner=0.06, paddingOuter=0))
    y = alt.Y("row:O", axis=None, scale=alt.Scale(domain=down, paddingInner=0.06, paddingOuter=0))
    rows, colour = _coloured([r for r in rows if int(r["year"]) in shown], integration_title(index))
    moved = [
        {
            **r,
            "column": str(int(r["column"]) + (wide + 1) * shown.index(int(r["year"]))),
            "row": str(r["row"]),
            "text": minus(f"{float(r['integration']):.2f}"),
        }
        for r in rows
    ]
    full = {(r["column"], r["row"]) for r in moved}
    empty = [
        {"column": column, "row": str(p.row), "code": p.label}
        for p in places
        for at in range(len(shown))
        if (column := str(p.column + (wide + 1) * at), str(p.row)) not in full
    ]
    heads = [{"column": str((wide + 1) * at), "row": down[0], "year": str(year)} for at, year in enumerate(shown)]
    size = letter_size([Placed("", "", len(columns) - 1, 0)], [str(r["code"]) for r in moved])
    base, grey = alt.Chart(data(moved)), alt.Chart(data(empty))
    layers = [
        *([grey.mark_rect(color=GRID).encode(x=x, y=y)] if empty else []),
        *([grey.mark_text(fontSize=size, color=INK).encode(x=x, y=y, text=alt.Text("code:N"))] if empty else []),
        base.mark_rect().encode(x=x, y=y, color=colour),
        base.mark_text(fontSize=size, fontWeight=600, dy=-7).encode(x=x, y=y, text=alt.Text("code:N"), color=LETTERS),
        base.mark_text(fontSize=SMALLEST, dy=7).encode(x=x, y=y, text=alt.Text("text:N"), color=LETTERS),
        alt.Chart(data(heads))
        .mark_text(align="left", fontSize=13, fontWeight=600, color=INK)
        .encode(x=alt.X("column:O", axis=None, bandPosition=0), y=y, text=alt.Text("year:N")),
    ]
    return dressed(
        alt.layer(*layers),
        say("figures.integration-on-the-map", year=listed([str(year) for year in shown], "and")),
        subtitle=listed([caption([say("figures.one-tile-per-region")]), *coded], "sentences"),
        description=say("figures.map-of-regions-described", regions=str(len({str(r["region"]) for r in moved}))),
        height=PRINTED_MAP,
    )


PLACES = "specify the regions under [geography]: a country, or a file with longitude and latitude; or leave the map out"


def places_of(index: Index, regions: Iterable[str] = ()) -> dict[str, Placed]:
    """Return the position or outline of each region on the map, by its name.

    Positions come from the study. If the study gives no positions, provinces of China have their usual tiles. A region
    without a position is left out.

    ``regions``: names to look up; the regions of the index if empty.
    """
    if index.places:
        return {p.region: p for p in index.places}
    names = sorted({*regions} or {p.region for p in index.points})
    known = {name: p for name in names if (p := province_of(name))}
    return {name: tile_of(p, name) for name, p in known.items()}


def tile_of(p: Province, name: str) -> Placed:
    """Return the tile of a province under its name in the data."""
    return Placed(name, letters(p, name), p.tile_column, p.tile_row)


def grid(places: Sequence[Placed]) -> tuple[alt.X, alt.Y]:
    """Return the x and y axes of a tile map, with all columns and rows, also those without any tile.

    One more row is added on top if a tile occupies the upper left corner, because the year is written there.
    """
    if not places:
        return alt.X("column:O", axis=None), alt.Y("row:O", axis=None)
    corner = any(p.row == 0 and p.column < 2 for p in places)
    across = list(range(max(p.column for p in places) + 1))
    down = list(range(-1 if corner else 0, max(p.row for p in places) + 1))
    return (
        alt.X("column:O", axis=None, scale=alt.Scale(domain=across)),
        alt.Y("row:O", axis=None, scale=alt.Scale(domain=down)),
    )


def letter_size(places: Sequence[Placed], letters: Iterable[str], share: float = 1.0) -> Any:
    """Return the font size of letters in tiles as a Vega expression of the width: at most 12 points times ``share``.

    The size is such that no text is wider than its tile. If it would be too small to read (`too_small`) nothing is
    written.
    """
    columns = max((p.column for p in places), default=0) + 1
    longest = max(map(width_of, letters), default=1)
    size = f"(width / {columns} - 2) / {0.7 * longest:.3g}"
    return alt.expr(f"{too_small(size, 5.5)} ? 0 : max({share:.3g} * min(12, {size}), {FLOOR})")


FLOOR = f"{SMALLEST} * (1 - (containerSize()[0] > 0))"
"""A Vega expression: the smallest type of letters on a map. A figure that is printed has no container."""


def too_small(size: str, on_screen: float) -> str:
    """Return a Vega expression: whether letters of a size are too small to be read.

    On a page, whose reader can zoom, letters may be smaller than in print.
    """
    printed = SMALLEST - 1.5
    return f"{size} < {printed:g} - {printed - on_screen:g} * (containerSize()[0] > 0)"


def grey_tiles(places: Iterable[Placed], x: alt.X, y: alt.Y, size: Any = 12) -> list[alt.Chart]:
    """Return grey tiles for regions without a value, with letters of the given size."""
    rows: list[Record] = [
        {"region": place_word(p.region), "code": p.label, "column": p.column, "row": p.row} for p in places
    ]
    base = alt.Chart(data(rows))
    return [
        base.mark_rect(color=GRID, stroke=None, cornerRadius=3).encode(x=x, y=y),
        base.mark_text(fontSize=size, color=INK).encode(x=x, y=y, text=alt.Text("code:N")),
    ]


def together(places: Sequence[Placed]) -> tuple[list[Placed], list[str]]:
    """Keep the regions whose outlines lie close together; return them and the names of the regions left out.

    A ring (one island or mainland part) is dropped if it is far away, because a few islands overseas would make all
    other regions small. The regions' middles have quartiles, by longitude and by latitude. A ring is far away if its
    middle lies more than three interquartile ranges outside these quartiles. If there are fewer than four regions, all
    are kept.
    """
    if len(places) < 4:
        return list(places), []
    middles = np.array([_middle(max(p.outline, key=len)) for p in places])
    low, high = np.quantile(middles, [0.25, 0.75], axis=0)
    reach = 3 * np.maximum(high - low, 1.0)

    def near(ring: Sequence[tuple[float, float]]) -> bool:
        at = np.array(_middle(ring))
        return bool(((at >= low - reach) & (at <= high + reach)).all())

    kept = [replace(p, outline=tuple(ring for ring in p.outline if near(ring))) for p in places]
    return [p for p in kept if p.outline], [p.region for p in kept if not p.outline]


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the middle of the box around a ring."""
    across, up = zip(*ring, strict=True)
    return (min(across) + max(across)) / 2, (min(up) + max(up)) / 2


def outlines_said(far: Sequence[str]) -> str:
    """Return the subtitle of a map with outlines, which names the regions that lie too far away to be drawn."""
    marks = [say("figures.outlines")]
    marks += [say("figures.not-on-the-map", regions=listed([place_word(r) for r in far], "comma"))] if far else []
    return caption(marks)


def outlined(places: Iterable[Placed], shown: alt.Chart, colour: alt.Color, tips: Sequence[Any]) -> list[alt.Chart]:
    """Return layers with the outlines of regions, coloured by the rows of a chart (``region``), grey without a value.

    Each region has its letters (``ink`` of the rows) as large as fits in it, if they are legible (`letters_at`).
    Longitudes are multiplied by the cosine of the middle latitude, so that the map is not stretched from east to west.
    """
    every = list(places)
    north = [y for p in every for ring in p.outline for _, y in ring]
    shrunk = math.cos(math.radians((min(north) + max(north)) / 2))
    rings = {p.region: [[(round(x * shrunk, 3), round(y, 3)) for x, y in ring] for ring in p.outline] for p in every}
    features: list[Record] = [
        {
            "type": "Feature",
            "region": place_word(p.region),
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings[p.region]]},
        }
        for p in every
    ]
    flat = {"type": "identity", "reflectY": True}
    below = alt.Chart(data(features)).mark_geoshape(fill=GRID, stroke="#ffffff", strokeWidth=0.7)
    shapes = alt.LookupData(data=data(features), key="region", fields=["geometry", "type"])
    above = shown.transform_lookup(lookup="region", from_=shapes)
    drawn = above.mark_geoshape(stroke="#ffffff", strokeWidth=0.7).encode(color=colour, tooltip=tips)
    written = data(_letters_in(every, rings))
    named = alt.LookupData(data=written, key="region", fields=["letters", "x", "y", "room"])
    fits = f"datum.room * {_scale(rings)}"
    size = alt.expr(f"{too_small(fits, ON_SCREEN)} ? 0 : max(min(12, {fits}), {FLOOR})")
    letters = shown.transform_lookup(lookup="region", from_=named).transform_filter("isValid(datum.room)")
    at = {"longitude": "x:Q", "latitude": "y:Q", "text": "letters:N"}
    on_grey = alt.Chart(written).mark_text(fontSize=size, color=INK).encode(**at)
    text = letters.mark_text(fontSize=size, fontWeight=600).encode(**at, color=LETTERS, tooltip=tips)
    return [layer.project(**flat) for layer in (below, on_grey, drawn, text)]


ON_SCREEN = 6.5
"""On a page, a region of a map has no letters if only a smaller font size (in pixels) would fit."""


def _letters_in(places: Sequence[Placed], rings: Mapping[str, list[list[tuple[float, float]]]]) -> list[Record]:
    """Return the letters of regions (the name if a region has none), with their position and largest font size."""
    rows = list[Record]()
    for p in places:
        name = place_word(p.region)
        letters = p.label or name
        if at := letters_at(max(rings[p.region], key=len), letters):
            rows.append({"region": name, "letters": letters, "x": at.x, "y": at.y, "room": at.size})
    return rows


def _scale(rings: Mapping[str, list[list[tuple[float, float]]]]) -> str:
    """Return a Vega expression for the pixels per degree at which the map fills its figure in width or height."""
    across, up = zip(*(corner for own in rings.values() for ring in own for corner in ring), strict=True)
    return f"min(width / {max(across) - min(across):.6g}, height / {max(up) - min(up):.6g})"


def waterfall_figure(account: Account) -> Chart:
    """Draw, for each table that lost rows, the rows counted, dropped, merged and left as shares of the rows counted.

    If the rows of a table are counted again, in another unit, a new series starts.

    Raises `EmptyTable` if no table lost rows.
    """
    counted = [series for series in _series(account) if any(e.kind in LOST for e in series)]
    all_bars = [bar for series in counted for bar in _bars(series)]
    if not all_bars:
        raise EmptyTable("the account has no table that was counted in and lost rows")
    lost = [kind for kind in LOST if any(e.kind == kind for series in counted for e in series)]
    bars, height = _below_each_other(all_bars)
    base = alt.Chart(data(bars))
    scale = alt.Scale(domain=[height, 0], nice=False)
    y, y2 = alt.Y("above:Q", axis=None, scale=scale), alt.Y2("below:Q")
    x = alt.X(
        "start:Q", title=say("figures.share-of-rows-counted"), axis=percent_axis(), scale=alt.Scale(domain=[0, 1])
    )
    kinds = ["rows", "lost"]
    colour = alt.Color("colour:N", scale=alt.Scale(domain=kinds, range=[BLUE, ORANGE]), legend=None)
    tips = [tip("table:N"), tip("what:N"), tip("rows:Q", ",")]
    track = base.mark_rect(color=GRID, opacity=0.55).encode(y=y, y2=y2, x=alt.XDatum(0), x2=alt.X2Datum(1))
    bar = base.mark_rect().encode(y=y, y2=y2, x=x, x2=alt.X2("end:Q"), color=colour, tooltip=tips)
    words = alt.Chart(data([{"at": at, "line": line} for b in bars for at, line in b["lines"]]))
    text = words.mark_text(align="left", baseline="bottom").encode(
        y=alt.Y("at:Q", axis=None, scale=scale), x=alt.XDatum(0), text=alt.Text("line:N")
    )
    return dressed(
        alt.layer(track, bar, text),
        say(
            "figures.what-became-of-rows",
            tables=listed(list(dict.fromkeys(step_word(s[0].table) for s in counted)), "comma"),
        ),
        subtitle=say("figures.waterfall-colours", kinds=listed([kind_word(kind) for kind in lost])),
        description=say("figures.waterfall-described"),
        height=height,
    )


WORDS, LINE_HIGH, BAR_HIGH = 52, 15, 11
"""Most letters in a line above a bar, so that it fits on a phone; height of a line and of a bar in pixels."""


def _below_each_other(every: Sequence[Record]) -> tuple[list[Record], int]:
    """Stack bars with their labels; return them with their positions, and the total height.

    Each bar gets ``above``, ``below`` and ``lines`` (the baseline and text of every line of its label).
    """
    bars, at = list[Record](), 0
    for bar in every:
        lines = in_lines(str(bar["label"]), WORDS)
        above = at + 8 + LINE_HIGH * len(lines)
        feet = [(above - 3 - LINE_HIGH * (len(lines) - 1 - i), line) for i, line in enumerate(lines)]
        bars.append({**bar, "above": above, "below": above + BAR_HIGH, "lines": feet})
        at = above + BAR_HIGH
    return bars, at + 8


LOST: tuple[Kind, ...] = ("dropped", "merged")


def _series(account: Account) -> Iterator[list[Entry]]:
    """Split the account into series: each starts with an entry that counts rows and ends with the rows left.

    A new series starts with an entry that counts the rows read, or that has more rows than were left before.
    """
    for table in dict.fromkeys(e.table for e in account):
        series, left = list[Entry](), 0
        for e in (e for e in account if e.table == table and e.rows and e.kind in ("in", "out", *LOST)):
            if e.kind == "in" or (e.kind == "out" and e.rows > left):
                yield _ended(series, left)
                series, left = [], e.rows
            if series or e.kind not in LOST:
                left = left - min(e.rows, left) if e.kind in LOST else e.rows
                series.append(e)
        yield _ended(series, left)


def _ended(series: list[Entry], left: int) -> list[Entry]:
    """Return the series with a last entry for the rows left, if rows were lost after they were last counted."""
    return [*series, replace(series[0], kind="out", rows=left)] if series and series[-1].kind in LOST else series


def _bars(series: Sequence[Entry]) -> Iterator[Record]:
    """Yield a bar with its label for each entry of a series; its ends are shares of the rows of the first entry."""
    total, left = series[0].rows, 0
    for e in series:
        before, left = left, max(left - e.rows, 0) if e.kind in LOST else e.rows
        what = say("figures.step-and-reason", step=step_word(e.step), why=e.reason)
        counted = "figures.rows-made" if e is series[0] else "figures.rows-left"
        key = "figures.rows-read" if e.kind == "in" else counted
        label = capital(say(key, table=step_word(e.table), rows=e.rows, what=e.reason))
        if e.kind in LOST:
            label = say("figures.rows-lost", rows=e.rows, kind=kind_word(e.kind), why=e.reason)
        shown = {"table": step_word(e.table), "what": what, "rows": e.rows, "label": label}
        start, end = (left, before) if e.kind in LOST else (0, left)
        yield {**shown, "start": start / total, "end": end / total, "colour": "lost" if e.kind in LOST else "rows"}
