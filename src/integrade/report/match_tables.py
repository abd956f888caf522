"""Build tables on matching: exporters matched to accounts by step, firms followed over time, thresholds for names."""

from __future__ import annotations

from integrade.panel.review_links import MatchStudy
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin, Row
from integrade.verdicts import places
from integrade.wording.numerals import percent
from plainwords.texts import say


def match_tables(study: MatchStudy | None) -> tuple[PrintedTable, ...]:
    """Return the tables of a study that matched its firms; empty for any other study."""
    if study is None:
        return ()
    tables = (_steps(study), _identity(study), _thresholds(study))
    return tuple(table for table in tables if table is not None)


def _steps(study: MatchStudy) -> PrintedTable | None:
    report = study.report
    if report is None:
        return None
    columns = (
        say("match_tables.rule"),
        say("match_tables.exporter-years"),
        say("match_tables.exporters"),
        say("match_tables.share"),
        say("match_tables.share-of-value"),
        say("match_tables.in-another-province"),
        say("match_tables.of"),
        say("match_tables.false-expected"),
    )
    keys = ("exporter_years", "exporters", "share", "share_of_value", "in_another_province", "of", "false_expected")
    cells = [
        (
            say("match_tables.all") if s.rule == "all" else s.rule,  # all: the links of all rules
            f"{s.rows:,}",
            f"{s.exporters:,}",
            _percent(s.share),
            _percent(s.share_value),
            f"{s.disagree:,}",
            f"{s.compared:,}",
            _percent(s.share_false),
        )
        for s in report.steps
    ]
    notes = [say("match_tables.out-of", years=report.n_exporter_years, exporters=report.n_exporters)]
    if report.by_chance is not None:
        notes.append(say("match_tables.false-note", by_chance=percent(report.by_chance)))
        notes.append(say("match_tables.province-from", source=report.province_from))
    rows = tuple(Row("text", line, s.rule, (_counted(),)) for s, line in zip(report.steps, cells, strict=True))
    title = say("match_tables.steps")
    return PrintedTable(places.MATCHES, title, columns, rows, tuple(notes), column_keys=keys)


def _counted() -> Origin:
    return Origin(say("match_tables.counted"), rests=())


def _identity(study: MatchStudy) -> PrintedTable | None:
    if not study.identity:
        return None
    columns = (
        say("match_tables.rule"),
        say("match_tables.links"),
        say("match_tables.over-gaps"),
        say("match_tables.gave-way"),
        say("match_tables.tied"),
    )
    how = Origin(say("match_tables.counted-on-firms"), rests=())
    rows = tuple(
        Row("text", (r.rule, f"{r.links:,}", f"{r.over_gaps:,}", f"{r.gave_way:,}", f"{r.tied:,}"), r.rule, (how,))
        for r in study.identity
    )
    notes, keys = (say("match_tables.links-note"),), ("links", "over_gaps", "gave_way", "tied")
    return PrintedTable(places.IDENTITY, say("match_tables.identity"), columns, rows, notes, column_keys=keys)


def _thresholds(study: MatchStudy) -> PrintedTable | None:
    if not study.thresholds or study.threshold is None:
        return None
    columns = (
        say("match_tables.weight-from"),
        say("match_tables.pairs"),
        say("match_tables.false-by-weights"),
        say("match_tables.in-another-province"),
        say("match_tables.of"),
        say("match_tables.false-by-provinces"),
    )
    keys = ("pairs", "false_by_the_weights", "in_another_province", "of", "false_by_the_provinces")
    rows = tuple(
        Row(
            "text",
            (
                f"{t.weight:g}",
                f"{t.pairs:,}",
                _percent(t.share_false),
                f"{t.disagree:,}",
                f"{t.compared:,}",
                _percent(t.audited),
            ),
            f"{t.weight:g}",
            (_counted(),),
        )
        for before, t in zip((None, *study.thresholds[:-1]), study.thresholds, strict=True)
        if before is None or before.pairs != t.pairs
    )
    notes = (say("match_tables.linked-from", weight=f"{study.threshold:g}"),)
    return PrintedTable(places.THRESHOLDS, say("match_tables.thresholds"), columns, rows, notes, column_keys=keys)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}%"
