"""Build tables from result records: ranking, descriptive statistics, correlations, truth, account, settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from integrade.errors import UsageError
from integrade.records.question import Question, is_at
from integrade.records.schema import column_word
from integrade.report.addresses import addressed
from integrade.report.lineage import is_settings
from integrade.report.looks import LEAST, SEGMENTATION, THOUSAND, in_units, with_fitting_look
from integrade.report.match_tables import match_tables
from integrade.report.numbering import numbered as numbered_in
from integrade.report.printed import PrintedTable, capital_of, numbered, stars_note
from integrade.report.published_layout import as_in_the_paper
from integrade.report.regression import Layout, regression_table
from integrade.report.rows import INDEX, PANEL, Origin, Row
from integrade.subjects.benchmark.describe import Correlations, Describe
from integrade.subjects.groups.tables import group_table
from integrade.subjects.lags.tables import lags_table
from integrade.subjects.mediation.tables import mediation_table
from integrade.subjects.quality_alone.tables import quality_tables
from integrade.subjects.robustness.tables import robustness_table
from integrade.subjects.situation.tables import effects_tables, regions_table, situation_tables
from integrade.subjects.truth.model import Truth
from integrade.subjects.truth.verdict import size_of_truth
from integrade.verdicts import places
from integrade.verdicts.bundle import Index, StudyResults, years_of
from integrade.verdicts.headline import holds_truth, oracle_holds_truth
from integrade.verdicts.naming import kind_word, label_of, labelled, of_provinces, place_word, step_word
from integrade.verdicts.table_looks import TableLook, look_of
from integrade.verdicts.unused import unused_controls
from integrade.wording.numerals import alike, between, coverage_text, decimals, fixed, noise_text, rounded, stars
from plainwords.account import Account, grouped
from plainwords.texts import Said, listed, say, slug

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
    """Build Table 1: each region's mean segmentation, its first and its last year, with ranks (1 = most segmented).

    Segmentation is printed times 1,000, which the title says. If the index is not made from prices, the table has
    integration instead. ``order="first"`` is the
    paper's order: by the first year, the least segmented region first.
    """
    first, last = years_of(index)
    keys = {
        "average": lambda r: (r.rank_average, r.region),
        "first": lambda r: (r.rank_first is None, -(r.rank_first or 0), r.region),
        "last": lambda r: (r.rank_last is None, r.rank_last or 0, r.region),
    }
    digits = decimals((v for r in index.ranking for v in (r.average, r.first, r.last)), least=LEAST)
    rows = list[Row]()
    for r in sorted(index.ranking, key=keys[order]):
        pairs = ((r.average, r.rank_average), (r.first, r.rank_first), (r.last, r.rank_last))
        cells = [text for value, rank in pairs for text in (rounded(value, digits), "" if rank is None else str(rank))]
        numbers = tuple(one for value, _ in pairs for one in (value, None))
        rows.append(Row("text", (place_word(r.region), *cells), slug(r.region), numbers=numbers))
    years: dict[str, str] = {"first": str(first), "last": str(last)}
    notes = [
        say("tables.ranking-of-segmentation")
        if index.by_prices
        else say("tables.ranking-of-integration", measure=step_word(index.measure), transform=index.transform)
    ]
    if index.spearman_brown is not None:
        notes.append(say("tables.ranks-are-uncertain", reliability=fixed(index.spearman_brown, 2)))
    title = (
        say("tables.ranking-by-segmentation", unit="", **years)
        if index.by_prices
        else say("tables.ranking-by-integration", **years)
    )
    of_the_paper = order == "first"
    rank_head = say("published_layout.ranking" if of_the_paper else "tables.rank")
    place = say("published_layout.province" if of_the_paper and of_provinces(index) else "tables.region")
    average = say("published_layout.average" if of_the_paper else "tables.average", **years)
    table = PrintedTable(
        places.RANKING,
        title,
        (place, average, rank_head, str(first), rank_head, str(last), rank_head),
        tuple(rows),
        tuple(notes),
        origins=tuple(Origin(how, rests=INDEX) for how in _ranking_origins(index, first, last)),
        column_keys=(f"average_{first}_{last}", "rank", str(first), "rank", str(last), "rank"),
        quantity=SEGMENTATION if index.by_prices else "",
    )
    return in_units(table, THOUSAND) if index.by_prices else table


def _ranking_origins(index: Index, first: int, last: int) -> list[str]:
    """Return the origins of value and rank, for the mean, the first and the last year."""
    if index.by_prices:
        mean, rank = say("tables.mean-segmentation"), say("tables.rank-of-mean-segmentation")
        values = [say("tables.segmentation-in", year=str(y)) for y in (first, last)]
        ranks = [say("tables.rank-of-segmentation-in", year=str(y)) for y in (first, last)]
    else:
        mean, rank = say("tables.mean-integration"), say("tables.rank-of-mean-integration")
        values = [say("tables.integration-in", year=str(y)) for y in (first, last)]
        ranks = [say("tables.rank-of-integration-in", year=str(y)) for y in (first, last)]
    return [mean, rank, values[0], ranks[0], values[1], ranks[1]]


def _described(results: StudyResults) -> list[Describe]:
    """Return the variables used in a regression or as a mediator.

    In a published study, or without a benchmark, return all variables.
    """
    if results.of_the_paper or not results.benchmark:
        return list(results.describe)
    formulas = " ".join(c.headline.formula for c in results.benchmark)
    used = {*re.findall(r"\w+", formulas), *(m.name for one in results.mediation for m in one.mediators)}
    return [d for d in results.describe if d.variable in used]


def descriptive_table(
    describes: Sequence[Describe], labels: Labels | None = None, units: Labels | None = None
) -> PrintedTable:
    """Build Table 2: sample size, extremes, median, standard deviation and mean (which the paper's table lacks).

    A row has three decimals. It has more if its largest number would otherwise have fewer than two significant digits,
    and fewer if its largest number would have more than six.
    """
    labels, units = labels or {}, units or {}
    rows = []
    for d in describes:
        moments = (d.minimum, d.maximum, d.median, d.std_dev, d.mean)
        cells = (label_of(d.variable, labels), f"{d.n:,}", *alike(moments, significant=2))
        rows.append(Row("text", cells, d.variable, numbers=(None, *moments)))
    known = [
        say("tables.unit", variable=label_of(d.variable, labels), unit=units[d.variable])
        for d in describes
        if units.get(d.variable)
    ]
    notes = [say("tables.units", units=listed(known, "semicolon"))] if known else []
    return PrintedTable(
        places.DESCRIPTION,
        say("tables.descriptive"),
        (say("tables.variable"), *map(say, DESCRIPTIVE.values())),
        tuple(rows),
        (*notes, *_shared_ends(describes, labels)),
        origins=tuple(Origin(say("tables.over-the-benchmark-rows", what=say(key))) for key in DESCRIPTIVE.values()),
        column_keys=tuple(DESCRIPTIVE),
    )


DESCRIPTIVE = {
    "n": "tables.n",
    "minimum": "tables.minimum",
    "maximum": "tables.maximum",
    "median": "tables.median",
    "std_dev": "tables.std-dev",
    "mean": "tables.mean",
}


def _shared_ends(describes: Sequence[Describe], labels: Labels) -> list[str]:
    """Return a warning if two variables print the same extreme with more than one decimal: often a copied column."""
    seen: dict[tuple[str, str], list[str]] = {}
    for d in describes:
        for key, value in (("tables.same-minimum", d.minimum), ("tables.same-maximum", d.maximum)):
            if value != round(value, 1):
                seen.setdefault((key, fixed(value)), []).append(label_of(d.variable, labels))
    return [say(key, variables=listed(who), value=value) for (key, value), who in seen.items() if len(who) > 1]


def correlation_table(correlations: Correlations, labels: Labels | None = None) -> PrintedTable:
    """Build Table 3: Pearson correlations (lower triangle) with stars, and variance inflation factors."""
    c, labels = correlations, labels or {}
    rows = []
    for i, name in enumerate(c.variables):
        below = [rounded(float(c.r[i, j]), 3) + ("" if i == j else stars(float(c.p_value[i, j]))) for j in range(i + 1)]
        blank = [""] * (len(c.variables) - i - 1)
        label = numbered(i + 1, label_of(name, labels))
        rows.append(Row("text", (label, *below, *blank, fixed(c.vif.get(name), 2)), name))
    notes = (say("tables.pearson", n=c.n, stars=stars_note()), say("tables.vif-note"))
    columns = (say("tables.variable"), *(f"({i + 1})" for i in range(len(c.variables))), say("tables.vif"))
    origins = (
        *(Origin(say("tables.correlation-with", variable=label_of(v, labels), n=c.n)) for v in c.variables),
        Origin(say("tables.vif-origin", n=c.n)),
    )
    keys = (*(str(i + 1) for i in range(len(c.variables))), "vif")
    return PrintedTable(
        places.CORRELATIONS, say("tables.correlations"), columns, tuple(rows), notes, origins=origins, column_keys=keys
    )


def truth_table(truths: Sequence[Truth], labels: Labels | None = None) -> PrintedTable:
    """Build Table A9: simulated parameters, their estimates, and the same regression on true quality and index."""
    labels = labels or {}
    interval_95, holds = say("printed.interval-95"), say("tables.holds-it")
    columns = (
        say("tables.parameter"),
        say("tables.truth"),
        say("tables.on-true-data"),
        interval_95,
        holds,
        say("printed.estimate"),
        interval_95,
        holds,
    )
    rows = tuple(Row("text", (_named(t, labels), *_compared(t)), slug(t.parameter)) for t in truths)
    notes = [say("tables.on-true-data-note")]
    for note in dict.fromkeys(t.note for t in truths if t.note):
        about = listed([_named(t, labels) for t in truths if t.note == note], "semicolon")
        notes.append(say("tables.truth-note", parameters=about, note=note))
    keys = ("truth", "on_true_data", "95_interval", "holds_it", "estimate", "95_interval", "holds_it")
    parameter = Origin(say("tables.simulated-parameter"), rests=("truth",))
    true = Origin(say("tables.regression-on-the-truth"), rests=(*PANEL, "truth"))
    estimated = Origin(say("tables.estimated-parameter"))
    origins = (parameter, true, true, true, estimated, estimated, estimated)
    return PrintedTable("A9", say("tables.truth-title"), columns, rows, tuple(notes), (0,), origins, column_keys=keys)


def _named(t: Truth, labels: Labels) -> str:
    if isinstance(t.parameter, Said):
        return capital_of(labelled(t.parameter, labels))
    return label_of(t.parameter, labels)


def _compared(t: Truth) -> tuple[str, ...]:
    size = size_of_truth(t)
    ends = [between(size, *pair) for pair in ((t.oracle_low, t.oracle_high), (t.conf_low, t.conf_high))]
    oracle, estimate = _yes_or_no(oracle_holds_truth(t)), _yes_or_no(holds_truth(t))
    return size(t.truth), size(t.oracle), ends[0], oracle, size(t.estimate), ends[1], estimate


def _yes_or_no(holds: bool | None) -> str:
    return "" if holds is None else say("tables.yes" if holds else "tables.no")


def trust_table(index: Index) -> PrintedTable:
    """Build Table A1 on trust in the index: reliability, noise share and interval coverage, each explained."""
    rows = tuple(
        Row("text", (name, value, how), key, (Origin(how, rests=INDEX),))
        for key, name, value, how in _trust_lines(index)
        if value
    )
    columns = (say("tables.figure"), say("tables.value"), say("printed.how-to-read-it"))
    breaks = tuple(say("tables.break", reason=b) for b in index.breaks)
    notes = (*breaks, *([index.without_reliability] if index.without_reliability else []))
    keys = ("value", "how_to_read_it")
    return PrintedTable(places.TRUST, say("tables.trust"), columns, rows, notes, (2,), column_keys=keys)


def _trust_lines(index: Index) -> list[tuple[str, str, str, str]]:
    """Return, for each line, its part of an address, its name, its value and an explanation."""
    if not index.by_prices:
        return [
            ("measure", say("tables.measure"), step_word(index.measure), say("tables.measure-how")),
            ("regions", say("tables.regions"), f"{index.n_regions:,}", ""),
        ]
    return [
        ("goods_per_year", say("tables.goods-per-year"), f"{index.n_goods:,}", say("tables.goods-per-year-how")),
        ("regions", say("tables.regions"), f"{index.n_regions:,}", say("tables.regions-how")),
        ("split_half_correlation", say("tables.split-half"), fixed(index.split_half, 2), say("tables.split-half-how")),
        (
            "reliability_spearman_brown",
            say("tables.reliability"),
            fixed(index.spearman_brown, 2),
            say("tables.reliability-how"),
        ),
        ("noise_share", say("tables.noise-share"), noise_text(index.noise_share), say("tables.noise-share-how")),
        (
            "coverage_of_the_95_interval",
            say("tables.coverage"),
            coverage_text(index.jackknife_coverage),
            say("tables.coverage-how"),
        ),
    ]


def account_table(account: Account, unused: Mapping[str, str] | None = None) -> PrintedTable:
    """Build Table R1: the rows of each step, with the reason for each change, from raw rows to rows of the regression.

    ``unused``: control that no regression has -> what it measures.
    """
    rows = []
    for e in grouped(account):
        if is_settings(e.reason):  # the record of the run has them
            continue
        step, table, kind = step_word(e.step), step_word(e.table), kind_word(e.kind)
        happened = (
            say("tables.happened-with-example", kind=kind, reason=e.reason, example=e.example)
            if e.example
            else say("tables.happened", kind=kind, reason=e.reason)
        )
        count = "" if e.is_remark else f"{e.rows:,}"
        origin = Origin(say("tables.counted-by-the-step", step=step, table=table), rests=())
        rows.append(Row("text", (step, table, happened, count), slug(e.step), (origin,)))
    columns = (say("tables.step"), say("tables.table"), say("tables.what-happened"), say("tables.rows"))
    keys = ("table", "what_happened", "rows")
    notes = _unused_note(unused or {})
    return PrintedTable(
        places.ACCOUNT, say("tables.account"), columns, tuple(rows), notes, wide_text=(1, 2), column_keys=keys
    )


def _unused_note(unused: Mapping[str, str]) -> tuple[str, ...]:
    each = [say("tables.unused-control", column=column_word(column), what=what) for column, what in unused.items()]
    return (say("tables.unused-controls", columns=listed(each, "semicolon")),) if each else ()


def settings_table(
    settings: Mapping[str, str], preset: str = "", unused: Mapping[str, str] | None = None
) -> PrintedTable:
    """Build Table R2: every choice of the study; for ``unused`` see `account_table`."""
    how = Origin(say("tables.set-in-the-study-file"), rests=())
    rows = tuple(Row("text", (name, value), name, (how,)) for name, value in settings.items())
    word = say(PRESETS[preset]) if preset in PRESETS else preset
    title = say("tables.settings-of-preset", preset=word) if preset else say("tables.settings")
    columns = (say("tables.setting"), say("tables.value"))
    notes = _unused_note(unused or {})
    return PrintedTable(
        places.SETTINGS, title, columns, rows, notes, wide_text=(1,), column_keys=("value",), verbatim=(0, 1)
    )


PRESETS = {"sound": "tables.preset-sound", "published": "tables.preset-published", "complete": "tables.preset-complete"}


OF_FILES = {
    "table": "tables.table",
    "file": "tables.file",
    "used by": "tables.used-by",
    "sha256": "tables.sha256",
    "rows": "tables.rows",
}


def provenance_table(provenance: Sequence[Mapping[str, str]]) -> PrintedTable:
    """Build Table R3: the raw files behind every number, with their hashes."""
    keys = list(dict.fromkeys(key for record in provenance for key in record))
    columns = tuple(say(OF_FILES[key]) if key in OF_FILES else key.capitalize() for key in keys)
    rows = tuple(Row("text", tuple(record.get(key, "") for key in keys)) for record in provenance)
    wide = tuple(i for i, key in enumerate(keys) if key in ("file", "sha256"))
    how = Origin(say("tables.of-the-bytes"), rests=())
    return PrintedTable(
        places.FILES, say("tables.raw-files"), columns, rows, wide_text=wide, origins=(how,), verbatim=(1, 3)
    )


def all_tables(results: StudyResults, asked: Sequence[Question] = ()) -> tuple[PrintedTable, ...]:
    """Return every table for which a study has results, in the order of their numbers; every cell has an address.

    Tables of plugins come last.
    """
    published = results.of_the_paper
    labels = results.labels
    tables = [
        *([ranking_table(results.index, order="first" if published else "average")] if results.index.there else []),
        *situation_tables(results.situation, results.index, labels),
        *([regions_table(results.index)] if results.index.there and not results.benchmark else []),
        *quality_tables(results.quality_alone, labels),
        descriptive_table(_described(results), labels, results.units),
        *([correlation_table(results.correlations, labels)] if results.correlations else []),
        *(
            [regression_table({c.label: c for c in results.benchmark}, labels=labels, number=places.BENCHMARK)]
            if results.benchmark
            else []
        ),
        *effects_tables(results.effects, labels),
        *(table for one in asked if is_built_in(one) for table in _of(one, results)),
        *([trust_table(results.index)] if results.index.there else []),
        account_table(results.account, unused_controls(results)),
        *match_tables(results.match),
        settings_table(results.settings, results.preset, unused_controls(results)),
        provenance_table(results.provenance),
    ]
    numbered_tables, others = (
        [addressed(t) for t in each if t.rows]
        for each in (tables, [t for one in asked if not is_built_in(one) for t in _of(one, results)])
    )
    if published:
        numbered_tables = as_in_the_paper(numbered_tables, labels, _of_the_paper(results))
    printed = numbered_in(numbered_tables, others, published=published)
    looks = looks_of(results)
    return tuple(with_fitting_look(table, look_of(looks, table.number))[0] for table in printed)


def _of_the_paper(results: StudyResults) -> list[PrintedTable]:
    """Return the tables of the benchmark and of splits with the errors of the paper, where evidence has others."""
    from integrade.subjects.groups.tables import group_table
    from integrade.verdicts.naming import group_numbers

    labels, family = results.labels, results.group_family
    columns = {c.label: c for c in results.printed}
    found = [regression_table(columns, labels=labels, number=places.BENCHMARK)] if columns else []
    splits = tuple(replace(s, comparison=s.printed) for s in results.groups if s.printed is not None)
    numbers = dict(zip((s.title for s in results.groups), group_numbers(results), strict=True))
    found += [group_table(s, family, labels, number=numbers[s.title], splits=splits) for s in splits]
    return [addressed(table) for table in found]


def misfits_of_looks(results: StudyResults, asked: Sequence[Question] = ()) -> list[str]:
    """Return why keys of ``[tables.N]`` do not fit their tables; the report prints these tables without them."""
    if not results.looks:
        return []
    looks = looks_of(results)
    plain = all_tables(replace(results, looks={}), asked)
    return [why for table in plain for why in with_fitting_look(table, look_of(looks, table.number))[1]]


def looks_of(results: StudyResults) -> Mapping[str, TableLook]:
    """Return the look of each table by its number, and under "" that of all tables.

    The preset ``published`` has the paper's: t below coefficients, and segmentation in squared log points.
    """
    chosen = results.looks.get("", TableLook())
    if not results.of_the_paper:
        return {**results.looks, "": replace(chosen, statistic=chosen.statistic or "se")}
    scale = {SEGMENTATION: 1.0, **chosen.scale}
    return {**results.looks, "": replace(chosen, statistic=chosen.statistic or "t", scale=scale)}


def _of(question: Question, results: StudyResults) -> tuple[PrintedTable, ...]:
    """Return the tables of a question.

    Raises `UsageError` if a table has a number that the question did not declare, or if two tables have the same
    number.
    """
    tables = tuple(question.tables(results))
    for i, table in enumerate(tables):
        if not is_at(table.number, question.places):
            raise UsageError(
                f"the question {question.name!r} prints a table at {table.number}, which is not one of its places",
                where=f"the table {table.title!r}",
                example=", ".join(question.places),
                remedy=f'add it to its places: "{table.number}"',
            )
        twin = next((one for one in tables[:i] if one.number == table.number), None)
        if twin is not None:
            raise UsageError(
                f"the question {question.name!r} prints two tables at {table.number}",
                where=f"the tables {twin.title!r} and {table.title!r}",
                remedy="give one of them another number, and add it to the places of the question",
            )
    return tables


def is_built_in(question: Question) -> bool:
    return question.function.__module__.startswith("integrade.")
