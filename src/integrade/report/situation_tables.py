"""Tables of the index and of quality over time: ends of the ranking, breaks, groups, and how noisy the index is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrade.judge.bundle import Index
from integrade.judge.naming import bai_text, dates_text, good_word, group_word, label_of
from integrade.models.descriptive.break_date import BreakDate
from integrade.models.descriptive.situation import Situation
from integrade.models.descriptive.trends import Placed, Trends, YearExtremes
from integrade.models.shape.effect_size import EffectSizes
from integrade.numerals import capital, fixed, interval, p_text, percent
from integrade.report.printed import INDEX, Origin, PrintedTable, Row

Labels = Mapping[str, str]
SPLITS = {
    "": "All firms",
    "area": "Area",
    "municipality": "Municipalities",
    "ownership": "Ownership",
    "intensity": "Factor intensity",
    "two_digit": "Industry, two digits",
}
"""What the splits of the trends are called."""
OF_PRICES = Origin("from the index", rests=INDEX)


def situation_tables(found: Situation | None, index: Index, labels: Labels) -> list[PrintedTable]:
    """Tables 1b to 1d, 2b, 2c, A2b and A2c; those that a study has something for."""
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
    """The most and the least segmented regions of each year, with their ranks in the year before."""
    ends = ("segmented", "segmentation") if index.by_prices else ("integrated, from the bottom", "integration")
    rows = [
        Row("text", (str(y.year), _named(y.most), _named(y.least[::-1]), fixed(y.rank_correlation, 2))) for y in years
    ]
    many = max((len(y.most) for y in years), default=0)
    first, last = ("Most segmented", "Least segmented") if index.by_prices else ("Least integrated", "Most integrated")
    columns = ("Year", first, last, "Rank correlation")
    notes = [
        "In parentheses: the rank in the year before, 1 the most segmented. Rank correlation: Spearman's, of all "
        "regions with the year before; 0 means that this year's order says nothing about the next."
    ]
    if index.spearman_brown is not None:
        notes.append(
            f"Ranks move with the sampling error of the index as well: its reliability within a year is "
            f"{fixed(index.spearman_brown, 2)}."
        )
    title = f"The {many} regions at each end of {ends[1]}, by year"
    return PrintedTable("1b", title, columns, tuple(rows), tuple(notes), (1, 2), (OF_PRICES,))


def _named(placed: Sequence[Placed]) -> str:
    return ", ".join(p.region + (f" ({p.rank_before})" if p.rank_before is not None else "") for p in placed)


def break_table(breaks: Sequence[BreakDate]) -> PrintedTable:
    """One break of the national series: of its level, and of its level and slope."""
    lines = [
        ("Years", [f"{b.first}-{b.last} ({b.n})" for b in breaks]),
        ("Last year before the break", [str(b.last_before) for b in breaks]),
        ("sup F", [fixed(b.sup_f, 2) for b in breaks]),
        ("p, independent errors", [p_text(b.p_value) for b in breaks]),
        ("p, errors as persistent as found", [p_text(b.p_persistent) for b in breaks]),
        ("Autocorrelation of the residuals", [fixed(b.autocorrelation, 2) for b in breaks]),
        ("95 % set of dates (likelihood ratio)", [dates_text(b.dates) for b in breaks]),
        ("95 % interval (Bai)", [bai_text(b) for b in breaks]),
        ("Before the break", [_regime(b, b.before) for b in breaks]),
        ("After it", [_regime(b, b.after) for b in breaks]),
        ("BIC with the break", [fixed(b.bic_break, 1) for b in breaks]),
        ("BIC of a straight line", [fixed(b.bic_line, 1) for b in breaks]),
    ]
    rows = tuple(Row("text", (name, *cells)) for name, cells in lines if any(cells))
    heads = {"level": "Level", "trend": "Level and slope"}
    short = min((b.n for b in breaks), default=0)
    notes = (
        f"National series of integration. p-values are simulated for {short} years, so that they hold in a series this "
        "short; the date is the one with the largest F, and the set holds every date that cannot be rejected.",
        "The smaller BIC describes the series better. Bai's interval is an approximation for long series: in few years "
        "it is too short. Errors that persist make the set of dates a little too small.",
    )
    draws = f"{breaks[0].draws:,} draws, seed {breaks[0].seed}" if breaks else ""
    origin = Origin("from the national series of the index", rests=INDEX, draws=draws)
    title = "One break of the national series"
    return PrintedTable(
        "1c", title, ("", *(heads[b.model] for b in breaks)), rows if breaks else (), notes, (), (origin,)
    )


def _regime(found: BreakDate, numbers: Sequence[float]) -> str:
    if found.model == "level":
        return fixed(numbers[0])
    at = f"{fixed(numbers[0])} in {found.first}"
    return f"{at}, {'+' if numbers[1] >= 0 else ''}{fixed(numbers[1])} a year"


def series_table(index: Index) -> PrintedTable:
    """The series of the nation and of every group, by year."""
    names = list(dict.fromkeys(p.series for p in index.trend))
    years = sorted({p.year for p in index.trend})
    found = {(p.series, p.year): p.segmentation if index.by_prices else p.integration for p in index.trend}
    digits = 6 if index.by_prices else 3
    rows = tuple(Row("text", (str(y), *(fixed(found.get((n, y)), digits) for n in names))) for y in years)
    what = "segmentation" if index.by_prices else "integration"
    notes = ("Of a group: the mean of its regions' values, each against all other regions.",) if len(names) > 1 else ()
    columns = ("Year", *(capital(n) for n in names))
    return PrintedTable(
        "1d", f"Market {what} of the nation and of groups, by year", columns, rows, notes, (), (OF_PRICES,)
    )


def years_table(trends: Trends, labels: Labels) -> PrintedTable:
    """The outcome by year over all firms."""
    rows = [
        Row("text", (str(p.year), f"{p.n:,}", fixed(p.mean), fixed(p.std_error, 4), fixed(p.median), fixed(p.weighted)))
        for p in trends.points
        if not p.by
    ]
    name = label_of(trends.outcome, labels)
    columns = ("Year", "Firms", "Mean", "s.e.", "Median", "Weighted mean")
    notes = ["s.e.: clustered by region."]
    if trends.weight:
        notes.append(f"Weighted by {label_of(trends.weight, labels)} of exports.")
    how = (Origin("from the rows of the panel that have a value"),)
    return PrintedTable("2b", f"{name} by year", columns, tuple(rows), tuple(notes), (), how)


def groups_table(trends: Trends, labels: Labels) -> PrintedTable:
    """The change of the outcome in every group, and among the firms that are there in both years."""
    means = {(p.by, p.group, p.year): p.mean for p in trends.points}
    rows, last = list[Row](), None
    for c in trends.changes:
        if c.by and c.by != last:
            rows.append(Row("panel", (split_name(c.by, labels),)))
        last = c.by
        ends = (means[c.by, c.group, c.first], means[c.by, c.group, c.last])
        rows.append(
            Row(
                "text",
                (
                    split_name("", labels) if not c.by else group_word(c.group, labels),
                    f"{c.n_first:,}",
                    fixed(ends[0]),
                    f"{c.n_last:,}",
                    fixed(ends[1]),
                    fixed(c.change),
                    fixed(c.std_error),
                    f"{c.n_stayers:,}",
                    fixed(c.change_stayers),
                ),
            )
        )
    name = label_of(trends.outcome, labels)
    spans = list(dict.fromkeys((c.first, c.last) for c in trends.changes)) or [(0, 0)]
    first, end = spans[0]
    columns = (
        "",
        f"N {first}",
        f"Mean {first}",
        f"N {end}",
        f"Mean {end}",
        "Change",
        "s.e.",
        "Stayers",
        "Their change",
    )
    notes = [
        "s.e. of the change: clustered by region, both years together. Stayers: firms with a value in both years; "
        "where their change differs from that of all firms, entry and exit moved the mean."
    ]
    if len(spans) > 1:
        notes.append("Groups without firms in the first or the last year are compared over the years they have.")
    title = f"{name} by group: change from {first} to {end}"
    how = (Origin("from the rows of the panel that have a value"),)
    return PrintedTable("2c", title, columns, tuple(rows), tuple(notes), (), how)


def split_name(by: str, labels: Labels) -> str:
    """What a split of the trends is called."""
    return labels.get(by, SPLITS.get(by, by))


def goods_table(found: Situation, labels: Labels) -> PrintedTable:
    """What leaving out each good does to the index of the regions."""
    rows = [
        Row(
            "text",
            (
                good_word(g.commodity, labels),
                fixed(g.mean_change),
                fixed(g.largest_change),
                f"{g.region}, {g.period}" if g.region else "",
                fixed(g.correlation),
            ),
        )
        for g in found.goods
    ]
    columns = ("Good left out", "Mean change", "Largest change", "where", "Correlation")
    notes = (
        "Changes of integration, without the good less with it. Mean change: of absolute values. Correlation: within "
        "years, of the index without the good and with it; well below 1 says that one good makes the order of regions.",
    )
    return PrintedTable("A2b", "Influence of single goods", columns, tuple(rows), notes, (), (OF_PRICES,))


def noise_table(found: Situation) -> PrintedTable:
    """The variance between regions in each year, and what of it is sampling error."""
    rows = [
        Row("text", (p.period, f"{p.n_regions}", fixed(p.variance**0.5), fixed(p.noise**0.5), percent(p.share, 0)))
        for p in found.noise
    ]
    columns = ("Year", "Regions", "s.d. between regions", "s.d. of sampling error", "Noise share")
    notes = [
        "s.d. of integration about the mean of the year. Noise share: variance of the sampling error (goods jackknife, "
        "net of what all regions share) over the variance between regions. Above 100 %: no more than chance."
    ]
    if found.pure is not None:
        p = found.pure
        notes.append(
            f"Each index averages in all other regions. The regions' own components vary {fixed(1 / p.compression, 1)} "
            f"times as much (correlation {fixed(p.correlation, 2)} within years; {p.not_positive} of {p.n:,} are not "
            "positive and have no transform)."
        )
    title = "Sampling error in the differences between regions"
    return PrintedTable("A2c", title, columns, tuple(rows), tuple(notes), (), (OF_PRICES,))


def effects_tables(found: EffectSizes | None, labels: Labels) -> list[PrintedTable]:
    """Table 4b: what moves inside the data do, in standard deviations of the outcome."""
    if found is None or not found.rows:
        return []
    rows = [
        Row(
            "text",
            (
                label_of(e.variable, labels),
                e.move,
                fixed(e.start),
                fixed(e.end),
                fixed(e.change, 4),
                interval(e.conf_low, e.conf_high, 4),
                fixed(e.in_sd, 3),
                fixed(e.in_within, 3),
            ),
        )
        for e in found.rows
    ]
    columns = ("Regressor", "Move", "from", "to", "Change", "95 % interval", "in s.d.", "in s.d. net of effects")
    name = label_of(found.outcome, labels)
    notes = (
        f"Changes of fitted {name} in the last column of Table 4. The s.d. of {name} is {fixed(found.sd)} over all "
        f"rows, {fixed(found.sd_within)} net of the fixed effects. Intervals take the ends of the move as known.",
    )
    how = (Origin("from the coefficients and covariance of the last column of Table 4"),)
    return [PrintedTable("4b", "How large the effects are", columns, tuple(rows), notes, (1,), how)]
