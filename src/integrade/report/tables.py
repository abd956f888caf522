"""From result records to printed tables: ranking, descriptive statistics, correlations, truth, account, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from integrade.account import Account
from integrade.judge.bundle import Index, RankedRegion, StudyResults, Truth, treatment_of, years_of
from integrade.judge.headline import holds_truth, oracle_holds_truth
from integrade.judge.naming import group_numbers, label_of, mediation_numbers
from integrade.models.fit.results import Correlations, Describe
from integrade.models.samples.spillover import SpilloverStudy
from integrade.numerals import fixed, interval, percent, stars
from integrade.report.addresses import addressed, slug
from integrade.report.group_tables import group_table
from integrade.report.inference_tables import inference_table, sensitivity_table
from integrade.report.instrument_tables import instrument_numbers, instrument_table, strength_table
from integrade.report.lag_tables import lags_table
from integrade.report.match_tables import match_tables
from integrade.report.mediation_tables import mediation_table
from integrade.report.noise_tables import attenuation_table, noise_table
from integrade.report.printed import INDEX, PANEL, STARS, Origin, PrintedTable, Row
from integrade.report.regression import Layout, regression_table
from integrade.report.robustness_table import robustness_table
from integrade.report.row_tables import row_level_table, spillover_table
from integrade.report.shape_tables import past_table, shape_table
from integrade.report.situation_tables import effects_tables, situation_tables
from integrade.report.version_tables import version_tables

__all__ = [
    "Layout",
    "PrintedTable",
    "account_table",
    "all_tables",
    "correlation_table",
    "descriptive_table",
    "group_table",
    "lags_table",
    "mediation_table",
    "provenance_table",
    "ranking_table",
    "regression_table",
    "robustness_table",
    "settings_table",
    "trust_table",
    "truth_table",
]

Labels = Mapping[str, str]


def ranking_table(index: Index, *, order: Literal["average", "first", "last"] = "average") -> PrintedTable:
    """Table 1: each region's segmentation, averaged and in the first and last year, with ranks (1 = most segmented).

    ``order="first"`` is the paper's: by the first year, the least segmented region first.
    """
    first, last = years_of(index)
    keys = {
        "average": lambda r: (r.rank_average, r.region),
        "first": lambda r: (r.rank_first is None, -(r.rank_first or 0), r.region),
        "last": lambda r: (r.rank_last is None, r.rank_last or 0, r.region),
    }
    rows = tuple(Row("text", _ranked(r)) for r in sorted(index.ranking, key=keys[order]))
    notes = [
        "Segmentation: variance over goods of relative price changes, mean over the region's pairs "
        "(squared log points). Rank 1 is the most segmented region."
        if index.by_prices
        else f"Integration by {index.measure} ({index.transform}). Rank 1 is the least integrated region."
    ]
    if index.spearman_brown is not None:
        notes.append(
            f"Ranks within a year are uncertain: the reliability of the index is {fixed(index.spearman_brown, 2)} "
            "(Spearman-Brown, from random halves of the goods; 1 would be free of noise)."
        )
    title = f"Ranking of regions by market {'segmentation' if index.by_prices else 'integration'}, {first} to {last}"
    columns = ("Region", f"Average {first}-{last}", "Rank", str(first), "Rank", str(last), "Rank")
    value = "segmentation" if index.by_prices else "integration"
    each = [
        f"{value} of the region, its {'mean over the years' if i == 0 else f'value in {year}'}"
        for i, year in enumerate(("", first, last))
    ]
    origins = tuple(Origin(f"{'rank of the ' * at}{how}", rests=INDEX) for how in each for at in (0, 1))
    return PrintedTable("1", title, columns, rows, tuple(notes), origins=origins)


def _ranked(r: RankedRegion) -> tuple[str, ...]:
    pairs = ((r.average, r.rank_average), (r.first, r.rank_first), (r.last, r.rank_last))
    return (r.region, *(text for value, rank in pairs for text in (fixed(value, 6), "" if rank is None else str(rank))))


def descriptive_table(
    describes: Sequence[Describe], labels: Labels | None = None, units: Labels | None = None
) -> PrintedTable:
    """Table 2: sample size, extremes, median and standard deviation as the paper prints them, and the mean it lacks."""
    labels, units = labels or {}, units or {}
    columns = ("Variable", "N", "Minimum", "Maximum", "Median", "Std. dev.", "Mean")
    rows = [
        Row("text", (label_of(d.variable, labels), f"{d.n:,}", *(fixed(v) for v in _moments(d))), d.variable)
        for d in describes
    ]
    known = [f"{label_of(d.variable, labels)}: {units[d.variable]}" for d in describes if units.get(d.variable)]
    notes = ["Units: " + "; ".join(known) + "."] if known else []
    how = "over the rows that have every variable of the full benchmark regression"
    origins = tuple(Origin(f"{column} {how}") for column in columns[1:])
    return PrintedTable(
        "2", "Descriptive statistics", columns, tuple(rows), (*notes, *_shared_ends(describes, labels)), origins=origins
    )


def _moments(d: Describe) -> tuple[float, ...]:
    return d.minimum, d.maximum, d.median, d.std_dev, d.mean


def _shared_ends(describes: Sequence[Describe], labels: Labels) -> list[str]:
    """A warning where two variables print the same odd extreme: often a copied column."""
    seen: dict[str, list[str]] = {}
    for d in describes:
        for name, value in (("minimum", d.minimum), ("maximum", d.maximum)):
            if value != round(value, 1):
                seen.setdefault(f"{name} {fixed(value)}", []).append(label_of(d.variable, labels))
    return [
        f"{' and '.join(who)} have the same {what}: check that they are different columns."
        for what, who in seen.items()
        if len(who) > 1
    ]


def correlation_table(correlations: Correlations, labels: Labels | None = None) -> PrintedTable:
    """Table 3: Pearson correlations, lower triangle, stars from their p-values, and variance inflation factors."""
    c, labels = correlations, labels or {}
    rows = []
    for i, name in enumerate(c.variables):
        below = [fixed(float(c.r[i, j])) + ("" if i == j else stars(float(c.p_value[i, j]))) for j in range(i + 1)]
        blank = [""] * (len(c.variables) - i - 1)
        rows.append(Row("text", (f"{i + 1} {label_of(name, labels)}", *below, *blank, fixed(c.vif.get(name), 2)), name))
    notes = (
        f"Pearson correlations, N = {c.n:,}. {STARS} These p-values treat rows as independent.",
        "VIF: 1 / (1 - R-squared) of the regressor on the other regressors, without squares; above 10 is "
        "commonly read as collinear.",
    )
    columns = ("Variable", *(str(i + 1) for i in range(len(c.variables))), "VIF")
    both = f"over the {c.n:,} rows of the benchmark sample"
    origins = (
        *(Origin(f"Pearson correlation with {label_of(v, labels)} {both}") for v in c.variables),
        Origin(f"1 / (1 - R-squared) of the regressor on the other regressors {both}"),
    )
    return PrintedTable(
        "3", "Correlations and variance inflation factors", columns, tuple(rows), notes, origins=origins
    )


def truth_table(truths: Sequence[Truth], labels: Labels | None = None) -> PrintedTable:
    """Simulated parameters beside their estimates, with the same regression on true quality and the true index."""
    labels = labels or {}
    columns = (
        "Parameter",
        "Truth",
        "On true data",
        "95 % interval",
        "holds it",
        "Estimate",
        "95 % interval",
        "holds it",
    )
    rows = tuple(Row("text", (_named(t, labels), *_compared(t)), slug(t.parameter)) for t in truths)
    notes = [
        "On true data: the same regression with the simulated quality and the simulated segmentation in place of the "
        "measured ones, and its interval. What separates it from the estimate is measurement, not chance.",
        *(
            f"{'; '.join(_named(t, labels) for t in truths if t.note == note)}: {note}."
            for note in dict.fromkeys(t.note for t in truths)
            if note
        ),
    ]
    return PrintedTable("A1", "Truth beside estimate", columns, rows, tuple(notes), (0,), TRUTH_ORIGINS)


_TRUE = Origin("the same regression with true quality and the true index", rests=(*PANEL, "truth"))
_ESTIMATED = Origin("as in the table of this parameter: the benchmark, its groups or its mediator")
TRUTH_ORIGINS = (
    Origin("parameter of the simulated economy, from its files of truth", rests=("truth",)),
    _TRUE,
    _TRUE,
    _TRUE,
    _ESTIMATED,
    _ESTIMATED,
    _ESTIMATED,
)


def _named(t: Truth, labels: Labels) -> str:
    name = label_of(t.parameter, labels)
    if " " not in name:
        return name
    named = " ".join(label_of(word, labels) if "_" in word else word for word in name.split(" "))
    return named[:1].upper() + named[1:]


def _compared(t: Truth) -> tuple[str, ...]:
    said = {None: "", True: "yes", False: "no"}
    ends = [interval(*pair, 4) for pair in ((t.oracle_low, t.oracle_high), (t.conf_low, t.conf_high))]
    own, estimate = said[oracle_holds_truth(t)], said[holds_truth(t)]
    return fixed(t.truth, 4), fixed(t.oracle, 4), ends[0], own, fixed(t.estimate, 4), ends[1], estimate


def trust_table(index: Index) -> PrintedTable:
    """How far the index can be trusted: reliability, noise share and interval coverage, in words beside numbers."""
    lines = [
        ("Goods per year", f"{index.n_goods:,}", "The index is a variance over so many goods: few goods, much noise."),
        ("Regions", f"{index.n_regions:,}", "Every value averages over all pairs of the region."),
        (
            "Split-half correlation",
            fixed(index.split_half, 2),
            "Index from one random half of the goods against the "
            "other half, within years; 1 is perfect, 0 is pure noise.",
        ),
        (
            "Reliability (Spearman-Brown)",
            fixed(index.spearman_brown, 2),
            "The same for the full number of goods: the "
            "share of the variation between regions in a year that would come back with other goods.",
        ),
        (
            "Noise share",
            percent(index.noise_share),
            "Share of the variation between regions in a year that is "
            "sampling error of the index, from its jackknife standard errors.",
        ),
        (
            "Coverage of the 95 % interval",
            percent(index.jackknife_coverage),
            "How often the jackknife interval held the truth in simulations with this many goods; 95 % would be exact.",
        ),
    ]
    if not index.by_prices:
        lines = [
            (
                "Measure",
                index.measure,
                "Not made from prices: the jackknife over goods, split halves and the noise "
                "share do not exist for it, so nothing here says how noisy it is.",
            ),
            ("Regions", f"{index.n_regions:,}", ""),
        ]
    rows = tuple(Row("text", line, origins=(Origin(line[2], rests=INDEX),)) for line in lines if line[1])
    breaks = tuple(f"Break: {b}" for b in index.breaks)
    return PrintedTable("A2", "How far to trust the index", ("Figure", "Value", "How to read it"), rows, breaks, (2,))


def account_table(account: Account) -> PrintedTable:
    """What every step did to how many rows, and why: from raw rows to the rows of the regression."""
    rows = []
    for e in account:
        example = f" (e.g. {e.example})" if e.example else ""
        count = "" if e.kind == "note" else f"{e.rows:,}"
        how = Origin(f"counted by the step {e.step} on {e.table}", rests=())
        rows.append(Row("text", (e.step, e.table, f"{e.kind}: {e.reason}{example}", count), origins=(how,)))
    columns = ("Step", "Table", "What happened", "Rows")
    return PrintedTable("A3", "Account of every row", columns, tuple(rows), wide_text=(1, 2))


def settings_table(settings: Mapping[str, str], preset: str = "") -> PrintedTable:
    """Every choice the study made."""
    how = Origin("set in the study file, or the default of its preset", rests=())
    rows = tuple(Row("text", (name, value), name, (how,)) for name, value in settings.items())
    title = f"Settings (preset: {preset})" if preset else "Settings"
    return PrintedTable("A4", title, ("Setting", "Value"), rows, wide_text=(1,))


def provenance_table(provenance: Sequence[Mapping[str, str]]) -> PrintedTable:
    """The raw files behind every number, with their hashes."""
    keys = list(dict.fromkeys(key for record in provenance for key in record))
    names = {"sha256": "SHA-256"}
    columns = tuple(names.get(key, key.capitalize()) for key in keys)
    rows = tuple(Row("text", tuple(record.get(key, "") for key in keys)) for record in provenance)
    wide = tuple(i for i, key in enumerate(keys) if key in ("file", "sha256"))
    how = Origin("of the file's bytes, when the run read it", rests=())
    return PrintedTable("A5", "Raw files", columns, rows, wide_text=wide, origins=(how,))


def all_tables(results: StudyResults) -> tuple[PrintedTable, ...]:
    """Every table a study has results for, in the order of the report; each of their cells has an address."""
    published = results.preset == "published"
    labels = results.labels
    tables = [
        ranking_table(results.index, order="first" if published else "average"),
        *situation_tables(results.situation, results.index, labels),
        descriptive_table(results.describe, labels, results.units),
        correlation_table(results.correlations, labels),
        *([regression_table({c.label: c for c in results.benchmark}, labels=labels)] if results.benchmark else []),
        *effects_tables(results.effects, labels),
        *version_tables(results),
        *_question_tables(results),
        truth_table(results.truth, labels),
        trust_table(results.index),
        account_table(results.account),
        *match_tables(results.match),
        settings_table(results.settings, results.preset),
        provenance_table(results.provenance),
        *([robustness_table(results.robustness, treatment_of(results), labels)] if results.robustness else []),
        *_doubt_tables(results),
    ]
    return tuple(addressed(t) for t in tables if t.rows)


def _doubt_tables(results: StudyResults) -> list[PrintedTable]:
    """Tables A7 on: shape, inference, noise, omitted variables, instruments, customs rows, neighbours."""
    labels, noise, column = results.labels, results.noise, results.benchmark[-1] if results.benchmark else None
    each = zip(instrument_numbers(results.instruments), results.instruments, strict=True)
    beside = results.answers.get("spillover")
    return [
        *([shape_table(results.shape, labels), past_table(results.shape, labels)] if results.shape else []),
        *([inference_table(column, results.inference, labels)] if column and results.inference else []),
        *([noise_table(noise, labels)] if noise else []),
        *([attenuation_table(noise)] if noise and noise.expected else []),
        *([sensitivity_table(results.sensitivity, labels)] if results.sensitivity else []),
        *([strength_table(results.instruments, labels)] if results.instruments else []),
        *(instrument_table(found, labels, number=number) for number, found in each),
        *([row_level_table(results.row_level, treatment_of(results), labels)] if results.row_level else []),
        *([spillover_table(beside, column, labels)] if isinstance(beside, SpilloverStudy) and column else []),
    ]


def _question_tables(results: StudyResults) -> list[PrintedTable]:
    """Tables 5 on: lags, one table per mediator, one per split into groups."""
    labels = results.labels
    through = zip(mediation_numbers(results), results.mediation, strict=True)
    splits = zip(group_numbers(results), results.groups, strict=True)
    return [
        *([lags_table(results.lags, labels)] if results.lags else []),
        *(mediation_table(m, labels, number=number) for number, m in through),
        *(group_table(split, results.group_family, labels, number=number) for number, split in splits),
    ]
