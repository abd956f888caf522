"""Tables A12 and A13: the regression on customs rows beside firm-years, and the neighbours' index beside the own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from integrade.judge.bundle import Column
from integrade.judge.naming import label_of
from integrade.models.samples.row_level import RowLevelResult
from integrade.models.samples.spillover import SpilloverStudy
from integrade.models.shape.inverted_u import turning_point
from integrade.numerals import fixed, p_text
from integrade.report.printed import INDEX, Origin, PrintedTable, Row
from integrade.report.regression import Layout, drop_empty, regression_table

Labels = Mapping[str, str]

HEADS = {"firm-years": "Firm-years", "rows": "Customs rows"}


def row_level_table(found: RowLevelResult, treatment: str, labels: Labels | None = None) -> PrintedTable:
    """Firm-years, all rows, and the rows of each group, with the turning point of each."""
    labels = labels or {}
    names = {key: HEADS.get(key, key.partition("=")[2].capitalize()) for key in found.columns}
    columns = {f"({i}) {names[key]}:": fit for i, (key, fit) in enumerate(found.columns.items(), start=1)}
    stats = ["observations", "r2_within", "effects", "vcov", "clusters", "df", "ssc", "singletons"]
    made = regression_table(columns, labels=labels, stats=stats, layout=Layout(beside=False))
    turns = [fixed(turning_point(fit, treatment)) for fit in found.columns.values()]
    rows = (*made.rows, *drop_empty([Row("test", ("Turning point", *turns), "turning_point")]))
    lost = [f"{e.rows:,} rows: {e.reason}" for e in found.account if e.step == "row_level" and e.kind == "dropped"]
    notes = (
        *made.notes,
        "Customs rows: quality of firm, product, destination and year on the treatment and controls of the firm-year, "
        "so that the mix of products and markets is held fixed. Products and markets differ in how far their quality "
        "is measured on one scale.",
        *([f"Left out of the rows: {'; '.join(lost)}."] if lost else []),
    )
    title = f"{label_of(found.rows.outcome, labels)} of customs rows beside firm-years"
    origins = tuple(
        origin if key == "firm-years" else replace(origin, rests=(*origin.rests, "row_level"))
        for key, origin in zip(found.columns, made.origins, strict=True)
    )
    return replace(made, number="A12", title=title, rows=rows, notes=notes, origins=origins)


def spillover_table(found: SpilloverStudy, column: Column, labels: Labels | None = None) -> PrintedTable:
    """The benchmark, and the same with the neighbours' index and its square; how far the two go together."""
    names = {found.name: "Neighbours' market", **(labels or {})}
    stats = ["observations", "r2_within", "effects", "vcov", "clusters", "df", "ssc"]
    own = Column(column.label, replace(column.headline, wild=()), {}, column.u_test)
    wider = Column("with neighbours", found.fit, {}, found.u_test)
    made = regression_table(
        {"(1)": own, "(2)": wider}, labels=names, stats=[*stats, "shape"], layout=Layout(beside=False)
    )
    j = found.joint
    rows = (
        *made.rows,
        Row("panel", ("Do the neighbours matter?",)),
        Row("test", ("F of their terms", "", fixed(j.statistic, 2)), "neighbours.F"),
        Row("test", ("p", "", p_text(j.p_value)), "neighbours.p"),
        *_correlation_rows(found),
    )
    where = "provinces with a common border" if found.neighbours == "adjacent" else found.neighbours
    kept = "without the pair of prices that both share" if found.shared == "drop" else "with the pair that both share"
    notes = (
        *made.notes,
        f"Neighbours: {where}; their mean index is made {kept}. The index of a region averages over its pairs, so "
        "that indices of neighbours are correlated by construction where the pair is kept.",
    )
    title = f"{label_of(found.fit.outcome, names)} and the integration of the neighbours"
    return replace(made, number="A13", title=title, rows=rows, notes=notes)


def _correlation_rows(found: SpilloverStudy) -> list[Row]:
    m = found.mechanical
    if m is None:
        return []
    kept, left = (
        Origin(f"correlation of a region's index with its neighbours', the pair that both share {how}", rests=INDEX)
        for how in ("kept", "left out")
    )
    return [
        Row("panel", (f"Correlation with the own index over {m.n:,} region-years: pair kept, left out",)),
        Row("test", ("As it is", fixed(m.kept, 3), fixed(m.dropped, 3)), "correlation", (kept, left)),
        Row(
            "test",
            ("Net of region and year effects", fixed(m.kept_within, 3), fixed(m.dropped_within, 3)),
            "correlation_within",
            (kept, left),
        ),
    ]
