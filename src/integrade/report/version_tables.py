"""Tables 4c to 4e, their figure and words: the benchmark on other outcomes, other indices, parts of the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import altair as alt

from integrade.errors import EmptyTable
from integrade.judge.bundle import Column, StudyResults, Version
from integrade.judge.naming import label_of
from integrade.judge.verdicts import LEVEL
from integrade.models.shape.effect_size import EffectSizes
from integrade.numerals import fixed, p_text
from integrade.report.printed import PrintedTable, Row
from integrade.report.regression import Layout, regression_table
from integrade.report.style import BLUE, INK, ORANGE, Chart, Record, data, dressed

Labels = Mapping[str, str]
KINDS = {
    "outcome": ("4c", "The benchmark on other outcomes"),
    "index": ("4d", "The benchmark on other indices of integration"),
    "sample": ("4e", "The benchmark on parts of the sample"),
}
MOVES = ("p10 to p50", "p50 to p90")


def version_tables(results: StudyResults) -> list[PrintedTable]:
    """One table for each kind that the study has, with its own benchmark in the first column."""
    own = results.benchmark[-1] if results.benchmark else None
    by_kind = {kind: [v for v in results.versions if v.kind == kind] for kind in KINDS}
    return [_table(kind, found, own, results) for kind, found in by_kind.items() if found and own is not None]


def _table(kind: str, found: Sequence[Version], own: Column, results: StudyResults) -> PrintedTable:
    labels = results.labels
    first = label_of(own.headline.outcome, labels) if kind == "outcome" else "The study's own"
    heads = [f"({i}) {name}" for i, name in enumerate([first, *(v.name for v in found)], start=1)]
    columns = [replace(own, beside={}), *(v.column for v in found)]
    made = regression_table(dict(zip(heads, columns, strict=True)), labels=labels, layout=Layout(beside=False))
    number, title = KINDS[kind]
    changes = "; ".join(f"({i}) {v.change}" for i, v in enumerate(found, start=2))
    notes = [f"What differs: {changes}."]
    if kind == "outcome":
        notes.append("Coefficients of outcomes in different units are compared in standard deviations, below them.")
    if kind == "sample":
        notes.append(
            "Columns of parts that overlap, or that differ in size, are not tested against each other: [[groups]] does "
            "that."
        )
    rows = [*made.rows, *_in_deviations(found, results)]
    return replace(
        made, number=number, title=title, columns=("", *heads), rows=tuple(rows), notes=(*notes, *made.notes)
    )


def _in_deviations(found: Sequence[Version], results: StudyResults) -> list[Row]:
    sizes = [results.effects, *(v.effects for v in found)]
    variable = next((e.rows[0].variable for e in sizes if e and e.rows), "")
    name = label_of(variable, results.labels)
    rows = [Row("panel", ("Moves of the treatment, in standard deviations of the outcome",))]
    rows += [
        Row("test", (f"{name}, {move}", *(fixed(_size(s, move), 3) for s in sizes)), f"move.{i}")
        for i, move in enumerate(MOVES, start=1)
    ]
    if any(v.p_holm is not None for v in found):
        rows.append(
            Row(
                "test",
                ("U-test p, Holm over the outcomes", _own_holm(found, results), *(p_text(v.p_holm) for v in found)),
                "u_test.holm",
            )
        )
    return rows if any(any(r.cells[1:]) for r in rows) else []


def _own_holm(found: Sequence[Version], results: StudyResults) -> str:
    from integrade.models.inference.multiple import holm

    own = results.benchmark[-1].u_test
    others = [v.column.u_test.p_value for v in found if v.p_holm is not None and v.column.u_test is not None]
    return "" if own is None else p_text(float(holm([own.p_value, *others])[0]))


def _size(sizes: EffectSizes | None, move: str) -> float | None:
    return next((e.in_sd for e in sizes.rows if e.move == move), None) if sizes else None


def versions_figure(results: StudyResults) -> Chart:
    """What two moves of the treatment do in the study's own benchmark and in every version, in s.d. of the outcome."""
    if not results.versions or results.effects is None:
        raise EmptyTable("the study has no other versions")
    named = [("The study's own", results.effects)]
    named += [(f"{v.kind.capitalize()}: {v.name}", v.effects) for v in results.versions if v.effects is not None]
    rows: list[Record] = [
        {"name": name, "move": e.move, "value": e.in_sd, "low": e.conf_low / sizes.sd, "high": e.conf_high / sizes.sd}
        for name, sizes in named
        for e in sizes.rows
        if e.move in MOVES and sizes.sd > 0
    ]
    x_name = label_of(results.effects.rows[0].variable, results.labels)
    y = alt.Y(
        "name:N", sort=[n for n, _ in named], title=None, axis=alt.Axis(grid=False, labelColor=INK, labelLimit=200)
    )
    offset = alt.YOffset("move:N", sort=list(MOVES))
    colour = alt.Color(
        "move:N",
        scale=alt.Scale(domain=list(MOVES), range=[BLUE, ORANGE]),
        legend=alt.Legend(orient="top", title=f"{x_name} moves from"),
    )
    base = alt.Chart(data(rows))
    tips = ["name:N", "move:N", *(alt.Tooltip(f"{k}:Q", format=".3f") for k in ("value", "low", "high"))]
    x = alt.X("value:Q", title="Change of the outcome, in its s.d.")
    layers = [
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(x="zero:Q"),
        base.mark_rule(strokeWidth=2).encode(y=y, yOffset=offset, x=alt.X("low:Q"), x2="high:Q", color=colour),
        base.mark_circle(size=55, opacity=1).encode(y=y, yOffset=offset, x=x, color=colour, tooltip=tips),
    ]
    return dressed(
        alt.layer(*layers),
        "The benchmark beside other outcomes, indices and samples",
        subtitle="95 % intervals, ends of the moves taken as known",
        description="; ".join(f"{r['name']}, {r['move']}: {float(str(r['value'])):.2f} s.d." for r in rows) + ".",
        height=40 * len(named) + 30,
    )


def said(results: StudyResults) -> list[str]:
    """In how many versions the curve is an inverted U, and where it turns."""
    tested = [v for v in results.versions if v.column.u_test is not None]
    if not tested:
        return []
    passed = [
        v
        for v in tested
        if v.column.u_test and v.column.u_test.shape == "inverted U" and v.column.u_test.p_value < LEVEL
    ]
    kinds = {
        "outcome": ("other outcome", "other outcomes"),
        "index": ("other index", "other indices"),
        "sample": ("part of the sample", "parts of the sample"),
    }
    each = {kind: sum(v.kind == kind for v in tested) for kind in kinds}
    counts = [f"{n} {kinds[kind][n > 1]}" for kind, n in each.items() if n]
    missed = [v.name for v in tested if v not in passed]
    sentence = f"The same regression on {', '.join(counts)}: an inverted U at 5 % in {len(passed)} of {len(tested)}"
    said = [sentence + (f"; not with {', '.join(missed)}." if missed and passed else ".")]
    turns = [v.column.u_test.turning_point for v in passed if v.kind == "sample" and v.column.u_test]
    if len(turns) > 1:
        said.append(f"In the parts of the sample it turns between {fixed(min(turns))} and {fixed(max(turns))}.")
    return said
