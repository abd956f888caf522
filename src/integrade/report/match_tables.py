"""Tables of the two registers: exporters matched to accounts by step, firms over time, thresholds of similar names."""

from __future__ import annotations

from integrade.panel.match_study import MatchStudy
from integrade.report.printed import Origin, PrintedTable, Row


def match_tables(found: MatchStudy | None) -> tuple[PrintedTable, ...]:
    """The tables of a study that matched its firms; none for another study."""
    if found is None:
        return ()
    made = (_steps(found), _identity(found), _thresholds(found))
    return tuple(table for table in made if table is not None)


def _steps(found: MatchStudy) -> PrintedTable | None:
    report = found.report
    if report is None:
        return None
    columns = (
        "Rule",
        "Exporter-years",
        "Exporters",
        "Share",
        "Share of value",
        "In another province",
        "Of",
        "False, expected",
    )
    cells = [
        (
            s.rule,
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
    notes = [f"Of {report.n_exporter_years:,} exporter-years of {report.n_exporters:,} exporters."]
    if report.by_chance is not None:
        notes.append(
            f"False, expected: the share of links in another province, divided by {report.by_chance:.1%}, the share of "
            "pairs drawn at random that are. Firms that moved count as false."
        )
        notes.append(f"The province of an exporter is known from {report.province_from}.")
    how = Origin("counted by the step panel on links", rests=())
    rows = tuple(Row("text", line, line[0], (how,)) for line in cells)
    return PrintedTable("A3b", "Exporters matched to accounts", columns, rows, tuple(notes))


def _identity(found: MatchStudy) -> PrintedTable | None:
    if not found.identity:
        return None
    columns = ("Rule", "Links", "Over gaps", "Gave way", "Tied")
    how = Origin("counted by the step panel on firms", rests=())
    rows = tuple(
        Row("text", (r.rule, f"{r.links:,}", f"{r.over_gaps:,}", f"{r.gave_way:,}", f"{r.tied:,}"), r.rule, (how,))
        for r in found.identity
    )
    notes = ("Links join a record to that of the year before; those over gaps bridge missing years.",)
    return PrintedTable("A3c", "Firms followed over time", columns, rows, notes)


def _thresholds(found: MatchStudy) -> PrintedTable | None:
    if not found.thresholds or found.threshold is None:
        return None
    columns = (
        "Match weight from",
        "Pairs",
        "False, by the weights",
        "In another province",
        "Of",
        "False, by the provinces",
    )
    how = Origin("counted by the step panel on links", rests=())
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
            (how,),
        )
        for before, t in zip((None, *found.thresholds[:-1]), found.thresholds, strict=True)
        if before is None or before.pairs != t.pairs
    )
    notes = (f"Pairs were linked from {found.threshold:g} on.",)
    return PrintedTable("A3d", "Similar names: what each threshold would link", columns, rows, notes)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
