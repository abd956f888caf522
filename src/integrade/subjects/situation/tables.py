"""Build tables of the index and of quality over time: top and bottom of the ranking, breaks, groups, noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from integrade.report.looks import SEGMENTATION, THOUSAND, in_units
from integrade.report.printed import PrintedTable, capital_of, drawn
from integrade.report.rows import INDEX, Origin, Row
from integrade.subjects.shape.effect_size import EffectSizes
from integrade.subjects.situation.break_date import BreakDate
from integrade.subjects.situation.model import Situation
from integrade.subjects.situation.trends import Placed, Trends, YearExtremes
from integrade.verdicts import places
from integrade.verdicts.bundle import Index
from integrade.verdicts.cells import key_of_effect, key_of_good
from integrade.verdicts.naming import (
    bai_text,
    dates_text,
    followed,
    good_word,
    group_word,
    label_of,
    member_name,
    move_word,
    place_word,
    prose_of,
)
from integrade.wording.numerals import alike, between, by_interval, decimals, fixed, noise_text, p_text, rounded
from plainwords.texts import listed, say, slug

Labels = Mapping[str, str]
SPLITS = {
    "area": "situation_tables.area",
    "municipality": "situation_tables.municipalities",
    "ownership": "situation_tables.ownership",
    "intensity": "situation_tables.intensity",
    "two_digit": "situation_tables.two-digit",
}
"""Split of the trends -> key of the text that names it."""


def _of_the_index() -> Origin:
    return Origin(say("situation_tables.from-the-index"), rests=INDEX)


def _of_the_panel() -> Origin:
    return Origin(say("situation_tables.from-the-panel"))


def situation_tables(found: Situation | None, index: Index, labels: Labels) -> list[PrintedTable]:
    """Return the tables of the index and of quality over time that have rows."""
    if found is None:
        return []
    tables = [
        extremes_table(found.extremes, index),
        break_table(found.breaks),
        series_table(index),
        *([years_table(found.trends, labels), groups_table(found.trends, labels)] if found.trends else []),
        goods_table(found, labels),
        noise_table(found),
    ]
    return [t for t in tables if t.rows]


def extremes_table(years: Sequence[YearExtremes], index: Index) -> PrintedTable:
    """Build Table 1b: the most and the least segmented regions of each year, and their ranks in the year before."""
    rows = [
        Row("text", (str(y.year), _placed(y.most), _placed(y.least[::-1]), fixed(y.rank_correlation, 2)), str(y.year))
        for y in years
    ]
    many = max((len(y.most) for y in years), default=0)
    if index.by_prices:
        title = say("situation_tables.ends-of-segmentation", n=many)
        ends = (say("situation_tables.most-segmented"), say("situation_tables.least-segmented"))
        keys = ("most_segmented", "least_segmented")
    else:
        title = say("situation_tables.ends-of-integration", n=many)
        ends = (say("situation_tables.least-integrated"), say("situation_tables.most-integrated"))
        keys = ("least_integrated", "most_integrated")
    notes = [say("situation_tables.ranks-note")]
    if index.spearman_brown is not None:
        notes.append(say("situation_tables.ranks-are-noisy", reliability=fixed(index.spearman_brown, 2)))
    columns = (say("printed.year"), *ends, say("situation_tables.rank-correlation"))
    return PrintedTable(
        places.EXTREMES,
        title,
        columns,
        tuple(rows),
        tuple(notes),
        (1, 2),
        (_of_the_index(),),
        column_keys=(*keys, "rank_correlation"),
    )


def _placed(regions: Sequence[Placed]) -> str:
    each = [
        say("situation_tables.placed", region=place_word(p.region), before=str(p.rank_before))
        if p.rank_before is not None
        else place_word(p.region)
        for p in regions
    ]
    return listed(each, "comma") if each else ""


def break_table(breaks: Sequence[BreakDate]) -> PrintedTable:
    """Build Table 1c: one break in the level of the national series, and one break in its level and slope."""
    lines: list[tuple[str, str, list[str]]] = [
        ("years", "situation_tables.years", [f"{b.first}-{b.last} ({b.n})" for b in breaks]),
        ("last_year_before_the_break", "situation_tables.last-before", [str(b.last_before) for b in breaks]),
        ("sup_f", "situation_tables.sup-f", [fixed(b.sup_f, 2) for b in breaks]),
        ("p_independent_errors", "situation_tables.p-independent", [p_text(b.p_value) for b in breaks]),
        ("p_errors_as_persistent_as_found", "situation_tables.p-persistent", [p_text(b.p_persistent) for b in breaks]),
        (
            "autocorrelation_of_the_residuals",
            "situation_tables.autocorrelation",
            [fixed(b.autocorrelation, 2) for b in breaks],
        ),
        ("95_set_of_dates_likelihood_ratio", "situation_tables.dates", [dates_text(b.dates) for b in breaks]),
        ("95_interval_bai", "situation_tables.bai", [bai_text(b) for b in breaks]),
        ("before_the_break", "situation_tables.before", [_regime(b, b.before, b.first) for b in breaks]),
        ("after_it", "situation_tables.after", [_regime(b, b.after, b.last_before + 1) for b in breaks]),
        ("bic_with_the_break", "situation_tables.bic-break", [fixed(b.bic_break, 1) for b in breaks]),
        ("bic_of_a_straight_line", "situation_tables.bic-line", [fixed(b.bic_line, 1) for b in breaks]),
    ]
    rows = tuple(Row("text", (say(name), *cells), key) for key, name, cells in lines if any(cells))
    short = min((b.n for b in breaks), default=0)
    notes = (say("situation_tables.break-note", years=short), say("situation_tables.bic-note"))
    draws = drawn(breaks[0].draws, breaks[0].seed) if breaks else ""
    origin = Origin(say("situation_tables.from-the-national-series"), rests=INDEX, draws=draws)
    return PrintedTable(
        places.BREAKS,
        say("situation_tables.break-title"),
        ("", *(say(MODELS[b.model]) for b in breaks)),
        rows if breaks else (),
        notes,
        (),
        (origin,),
        column_keys=tuple("level_and_slope" if b.model == "trend" else b.model for b in breaks),
    )


MODELS = {"level": "situation_tables.level", "trend": "situation_tables.level-and-slope"}


def _regime(found: BreakDate, numbers: Sequence[float], year: int) -> str:
    """Return text with the level of a regime; with a trend, the fitted level in its first year and the slope."""
    if found.model == "level":
        return fixed(numbers[0])
    slope = f"{'+' if numbers[1] >= 0 else ''}{fixed(numbers[1])}"
    level = fixed(numbers[0] + numbers[1] * (year - found.first))
    return say("situation_tables.regime", level=level, year=str(year), slope=slope)


SERIES = {
    (True, True): "situation_tables.series-of-segmentation",
    (True, False): "situation_tables.series-of-segmentation-alone",
    (False, True): "situation_tables.series-of-integration",
    (False, False): "situation_tables.series-of-integration-alone",
}
"""Key of the title of the table of the national series.

The two flags say whether the index is made from prices, and whether there are series of groups besides the nation.
"""


def series_table(index: Index) -> PrintedTable:
    """Build Table 1d: the series of the nation and of every group, by year; segmentation times 1,000."""
    names = list(dict.fromkeys(p.series for p in index.trend))
    years = sorted({p.year for p in index.trend})
    values = {(p.series, p.year): p.segmentation if index.by_prices else p.integration for p in index.trend}
    digits = 6 if index.by_prices else 3
    rows = list[Row]()
    for y in years:
        numbers = tuple(values.get((n, y)) for n in names)
        rows.append(Row("text", (str(y), *(fixed(v, digits) for v in numbers)), numbers=numbers))
    title = SERIES[index.by_prices, len(names) > 1]
    unit = {"unit": ""} if index.by_prices else {}
    notes = (say("situation_tables.groups-note"),) if len(names) > 1 else ()
    columns = (say("printed.year"), *(capital_of(group_word(n, {})) for n in names))
    keys = tuple(slug(n) for n in names)
    table = PrintedTable(
        places.SERIES, say(title, **unit), columns, tuple(rows), notes, (), (_of_the_index(),), column_keys=keys
    )
    return in_units(replace(table, quantity=SEGMENTATION), THOUSAND) if index.by_prices else table


def regions_table(index: Index) -> PrintedTable:
    """Build Table 1e: integration of every region in every year.

    This table is the result of a study that measures only the index.
    """
    years = sorted({p.year for p in index.points})
    values = {(p.region, p.year): p.integration for p in index.points}
    rows = tuple(
        Row("text", (place_word(r), *(fixed(values.get((r, y)), 3) for y in years)), slug(r))
        for r in sorted({p.region for p in index.points})
    )
    return PrintedTable(
        places.REGIONS,
        say("situation_tables.regions-by-year"),
        (say("tables.region"), *map(str, years)),
        rows,
        (say("situation_tables.regions-by-year-note"),) if any(p.se_integration for p in index.points) else (),
        (),
        (_of_the_index(),),
        column_keys=tuple(map(str, years)),
    )


def years_table(trends: Trends, labels: Labels) -> PrintedTable:
    """Build Table 2b: the outcome in each year over all firms.

    Columns of standard errors or weighted means are left out if they are empty.
    """
    points = [p for p in trends.points if not p.by]
    digits = decimals((v for p in points for v in (p.mean, p.median, p.weighted)), (p.std_error for p in points))
    all_columns = {
        "firms": (say("situation_tables.firms", units=followed(labels, heading=True)), [f"{p.n:,}" for p in points]),
        "mean": (say("situation_tables.mean"), [rounded(p.mean, digits) for p in points]),
        "s_e": (say("situation_tables.se"), [rounded(p.std_error, digits) for p in points]),
        "median": (say("situation_tables.median"), [rounded(p.median, digits) for p in points]),
        "weighted_mean": (say("situation_tables.weighted-mean"), [rounded(p.weighted, digits) for p in points]),
    }
    kept = {key: one for key, one in all_columns.items() if any(one[1])}
    rows = [Row("text", (str(p.year), *(cells[n] for _, cells in kept.values()))) for n, p in enumerate(points)]
    notes = [say("situation_tables.se-note")] if "s_e" in kept else []
    if trends.weight:
        notes.append(say("situation_tables.weighted-by", weight=prose_of(trends.weight, labels)))
    title = say("situation_tables.by-year", outcome=prose_of(trends.outcome, labels))
    columns = (say("printed.year"), *(heading for heading, _ in kept.values()))
    origins = (_of_the_panel(),)
    return PrintedTable(
        places.OUTCOME_BY_YEAR, title, columns, tuple(rows), tuple(notes), (), origins, column_keys=tuple(kept)
    )


def groups_table(trends: Trends, labels: Labels) -> PrintedTable:
    """Build Table 2c: the change of the outcome in every group, over all firms and over firms present in both years."""
    means = {(p.by, p.group, p.year): p.mean for p in trends.points}
    rows, last = list[Row](), None
    digits = decimals((*means.values(), *(c.change for c in trends.changes)), (c.std_error for c in trends.changes))
    for c in trends.changes:
        if c.by and c.by != last:
            rows.append(Row("panel", (split_name(c.by, labels),)))
        last = c.by
        ends = (means[c.by, c.group, c.first], means[c.by, c.group, c.last])
        name = member_name(c.by, c.group, labels) if c.by else split_name("", labels)
        rows.append(
            Row(
                "text",
                (
                    name,
                    f"{c.n_first:,}",
                    rounded(ends[0], digits),
                    f"{c.n_last:,}",
                    *(rounded(v, digits) for v in (ends[1], c.change, c.std_error)),
                    f"{c.n_stayers:,}",
                    rounded(c.change_stayers, digits),
                ),
                slug(name),
            )
        )
    spans = list(dict.fromkeys((c.first, c.last) for c in trends.changes)) or [(0, 0)]
    first, end = (str(year) for year in spans[0])
    columns = (
        "",
        say("situation_tables.n-in", year=first),
        say("situation_tables.mean-in", year=first),
        say("situation_tables.n-in", year=end),
        say("situation_tables.mean-in", year=end),
        say("situation_tables.change"),
        say("situation_tables.se"),
        say("situation_tables.stayers"),
        say("situation_tables.their-change"),
    )
    clustered = any(c.std_error for c in trends.changes)
    note = "situation_tables.stayers-note" if clustered else "situation_tables.stayers-note-alone"
    notes = [say(note, units=followed(labels))]
    if len(spans) > 1:
        notes.append(say("situation_tables.other-years-note"))
    return PrintedTable(
        places.OUTCOME_BY_GROUP,
        say("situation_tables.by-group", outcome=prose_of(trends.outcome, labels), first=first, last=end),
        columns,
        tuple(rows),
        tuple(notes),
        (),
        (_of_the_panel(),),
        column_keys=(
            f"n_{first}",
            f"mean_{first}",
            f"n_{end}",
            f"mean_{end}",
            "change",
            "s_e",
            "stayers",
            "their_change",
        ),
    )


def split_name(by: str, labels: Labels) -> str:
    """Return the name of a split of the trends."""
    if by in labels:
        return labels[by]
    if not by:
        return say("situation_tables.all-firms", units=followed(labels))
    return say(SPLITS[by]) if by in SPLITS else by


def goods_table(found: Situation, labels: Labels) -> PrintedTable:
    """Build Table A1b: the effect of leaving out each good on the index of the regions."""
    digits = decimals(v for g in found.goods for v in (g.mean_change, g.largest_change))
    rows = [
        Row(
            "text",
            (
                good_word(g.commodity, labels),
                rounded(g.mean_change, digits),
                rounded(g.largest_change, digits),
                say("situation_tables.where-and-when", region=place_word(g.region), year=str(g.period))
                if g.region
                else "",
                rounded(g.correlation, 3),
            ),
            key_of_good(g.commodity, labels),
        )
        for g in found.goods
    ]
    columns = (
        say("situation_tables.good-left-out"),
        say("situation_tables.mean-change"),
        say("situation_tables.largest-change"),
        say("situation_tables.where"),
        say("situation_tables.correlation"),
    )
    return PrintedTable(
        places.GOODS,
        say("situation_tables.goods-title"),
        columns,
        tuple(rows),
        (say("situation_tables.goods-note"),),
        (),
        (_of_the_index(),),
        column_keys=("mean_change", "largest_change", "where", "correlation"),
    )


def noise_table(found: Situation) -> PrintedTable:
    """Build Table A1c: the variance between regions in each year, and its share due to sampling error."""
    rows = [
        Row("text", (p.period, f"{p.n_regions}", fixed(p.variance**0.5), fixed(p.noise**0.5), noise_text(p.share)))
        for p in found.noise
    ]
    columns = (
        say("printed.year"),
        say("situation_tables.regions"),
        say("situation_tables.sd-between"),
        say("situation_tables.sd-of-error"),
        say("situation_tables.noise-share"),
    )
    notes = [say("situation_tables.noise-note")]
    if found.pure is not None:
        p = found.pure
        notes.append(
            say(
                "situation_tables.own-components",
                times=fixed(1 / p.compression, 1),
                correlation=fixed(p.correlation, 2),
                lost=p.not_positive,
                n=p.n,
            )
        )
    return PrintedTable(
        places.NOISE_BY_YEAR,
        say("situation_tables.noise-title"),
        columns,
        tuple(rows),
        tuple(notes),
        (),
        (_of_the_index(),),
        column_keys=("regions", "s_d_between_regions", "s_d_of_sampling_error", "noise_share"),
    )


def _with_interval(estimate: float, low: float, high: float) -> tuple[str, str]:
    """Return an estimate and its interval, with the decimals that the interval needs."""
    size = by_interval(low, high)
    return size(estimate), between(size, low, high)


def effects_tables(found: EffectSizes | None, labels: Labels) -> list[PrintedTable]:
    """Build the table of effect sizes: changes of the outcome for moves within the data.

    Changes are in units of the outcome and in standard deviations.
    """
    if found is None or not found.rows:
        return []
    rows = [
        Row(
            "text",
            (
                label_of(e.variable, labels),
                move_word(e.move),
                *alike((e.start, e.end)),
                *_with_interval(e.change, e.conf_low, e.conf_high),
                _with_interval(e.in_sd, e.conf_low / found.sd, e.conf_high / found.sd)[0],
                _with_interval(e.in_within, e.conf_low / found.sd_within, e.conf_high / found.sd_within)[0],
            ),
            key_of_effect(e.variable, e.move, labels),
        )
        for e in found.rows
    ]
    columns = (
        say("situation_tables.regressor"),
        say("situation_tables.move"),
        say("situation_tables.from"),
        say("situation_tables.to"),
        say("situation_tables.change"),
        say("printed.interval-95"),
        say("situation_tables.in-sd"),
        say("situation_tables.in-sd-net"),
    )
    sizes = {"sd": fixed(found.sd), "within": fixed(found.sd_within)}
    notes = (say("situation_tables.effects-note", outcome=prose_of(found.outcome, labels), **sizes),)
    return [
        PrintedTable(
            places.EFFECTS,
            say("situation_tables.effects-title"),
            columns,
            tuple(rows),
            notes,
            (1,),
            (Origin(say("situation_tables.from-the-benchmark")),),
            column_keys=("move", "from", "to", "change", "95_interval", "in_s_d", "in_s_d_net_of_effects"),
        )
    ]
