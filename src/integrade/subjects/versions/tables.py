"""Build the tables, the figure and the sentences of versions: the benchmark with other outcomes, indices or samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import altair as alt

from integrade.errors import EmptyTable
from integrade.report.printed import PrintedTable, numbered
from integrade.report.regression import Layout, regression_table
from integrade.report.rows import Row
from integrade.report.style import BLUE, INK, ORANGE, Chart, Record, data, dressed, names_axis, rows_high
from integrade.subjects.benchmark.columns import Column, Version
from integrade.subjects.shape.effect_size import EffectSizes
from integrade.subjects.shape.verdict import curve_of, inverted_u_established, inverted_u_parts, lacks_wild
from integrade.subjects.versions.verdict import own_holm
from integrade.verdicts import places
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import label_of, move_word, prose_of
from integrade.verdicts.parts import Part
from integrade.wording.numerals import fixed, p_equals, p_text, placed
from plainwords.texts import Value, listed, say

Labels = Mapping[str, str]
KINDS = {
    "outcome": (places.OTHER_OUTCOMES, "version_tables.other-outcomes"),
    "index": (places.OTHER_INDICES, "version_tables.other-indices"),
    "sample": (places.OTHER_SAMPLES, "version_tables.parts-of-the-sample"),
}
MOVES = ("p10 to p50", "p50 to p90")


def version_tables(results: StudyResults) -> list[PrintedTable]:
    """Build one table for each kind of version in the study. Its first column is the study's own benchmark."""
    benchmark = results.benchmark[-1] if results.benchmark else None
    by_kind = {kind: [v for v in results.versions if v.kind == kind] for kind in KINDS}
    return [
        _table(kind, found, benchmark, results) for kind, found in by_kind.items() if found and benchmark is not None
    ]


def _table(kind: str, found: Sequence[Version], own: Column, results: StudyResults) -> PrintedTable:
    labels = results.labels
    first = label_of(own.headline.outcome, labels) if kind == "outcome" else say("version_tables.own")
    heads = [numbered(i, name) for i, name in enumerate([first, *(v.name for v in found)], start=1)]
    # the benchmark's Hausman tests are below its own table: the versions have none to compare with
    columns = [replace(own, beside={}, hausman=None, hausman_beside=()), *(v.column for v in found)]
    table = regression_table(dict(zip(heads, columns, strict=True)), labels=labels, layout=Layout(beside=False))
    number, title = KINDS[kind]
    changes = listed([numbered(i, v.change) for i, v in enumerate(found, start=2)], "semicolon")
    notes = [say("version_tables.what-differs", changes=changes)]
    if kind == "outcome":
        notes.append(say("version_tables.different-units"))
    if kind == "sample":
        notes.append(say("version_tables.not-tested"))
    rows = [*table.rows, *_in_deviations(found, results)]
    return replace(
        table, number=number, title=say(title), columns=("", *heads), rows=tuple(rows), notes=(*notes, *table.notes)
    )


def _in_deviations(found: Sequence[Version], results: StudyResults) -> list[Row]:
    """Return rows with the moves in standard deviations, and the Holm-adjusted U-test of outcomes.

    There are no rows if no version has such a number.
    """
    sizes = [results.effects, *(v.effects for v in found)]
    variable = next((e.rows[0].variable for e in sizes if e and e.rows), "")
    name = prose_of(variable, results.labels)
    rows = list[Row]()
    if any(v.p_holm is not None for v in found):
        p_values = (own_holm(found, results), *(v.p_holm for v in found))
        rows.append(Row("test", (say("version_tables.u-test-holm"), *map(p_text, p_values)), "u_test.holm"))
    rows.append(Row("panel", (say("version_tables.moves"),)))
    rows += [
        Row(
            "test",
            (say("version_tables.move-of", x=name, move=move_word(move)), *(fixed(_size(s, move), 3) for s in sizes)),
            f"move.{i}",
        )
        for i, move in enumerate(MOVES, start=1)
    ]
    return rows if any(any(r.cells[1:]) for r in rows) else []


def _size(sizes: EffectSizes | None, move: str) -> float | None:
    return next((e.in_sd for e in sizes.rows if e.move == move), None) if sizes else None


def versions_figure(results: StudyResults) -> Chart:
    """Draw the effect of two moves of the treatment in the benchmark and every version, in s.d. of the outcome.

    Raises `EmptyTable` without versions.
    """
    if not results.versions or results.effects is None:
        raise EmptyTable("the study has no other versions")
    named: list[tuple[str, EffectSizes]] = [(say("version_tables.own"), results.effects)]
    named += [(say(NAMED[v.kind], name=v.name), v.effects) for v in results.versions if v.effects is not None]
    moves = [move_word(move) for move in MOVES]
    rows: list[Record] = []
    each = []
    for name, sizes in named:
        for e in sizes.rows:
            if e.move in MOVES and sizes.sd > 0:
                move, low, high = move_word(e.move), e.conf_low / sizes.sd, e.conf_high / sizes.sd
                rows.append({"name": name, "move": move, "value": e.in_sd, "low": low, "high": high})
                each.append(say("version_tables.figure-row", name=name, move=move, value=f"{e.in_sd:.2f}"))
    x_name = prose_of(results.effects.rows[0].variable, results.labels)
    names = [name for name, _ in named]
    y = alt.Y("name:N", sort=names, title=None, axis=names_axis(names))
    offset = alt.YOffset("move:N", sort=moves)
    colour = alt.Color(
        "move:N",
        scale=alt.Scale(domain=moves, range=[BLUE, ORANGE]),
        legend=alt.Legend(orient="top", title=say("version_tables.moves-from", x=x_name)),
    )
    base = alt.Chart(data(rows))
    tips = [
        alt.Tooltip("name:N", title=say("version_tables.tip-name")),
        alt.Tooltip("move:N", title=say("version_tables.tip-move")),
        alt.Tooltip("value:Q", format=".3f", title=say("version_tables.tip-value")),
        alt.Tooltip("low:Q", format=".3f", title=say("version_tables.tip-low")),
        alt.Tooltip("high:Q", format=".3f", title=say("version_tables.tip-high")),
    ]
    x = alt.X("value:Q", title=say("version_tables.change-in-sd"))
    layers = [
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(x=alt.X("zero:Q")),
        base.mark_rule(strokeWidth=2).encode(y=y, yOffset=offset, x=alt.X("low:Q"), x2=alt.X2("high:Q"), color=colour),
        base.mark_circle(size=55, opacity=1).encode(y=y, yOffset=offset, x=x, color=colour, tooltip=tips),
    ]
    return dressed(
        alt.layer(*layers),
        say("version_tables.figure"),
        subtitle=say("version_tables.figure-intervals"),
        description=say("version_tables.figure-text", each=listed(each, "semicolon")),
        height=rows_high(names, 40) + 30,
    )


def said(results: StudyResults) -> list[str]:
    """Return sentences on how many versions have an inverted U by the rule of H1, and where they turn."""
    tested = [v for v in results.versions if v.column.u_test is not None]
    if not tested:
        return []
    passed = [v for v in tested if (curve := curve_of(v.column)) and inverted_u_established(curve)]
    counts = [say(key, n=n) for kind, key in COUNTED.items() if (n := sum(v.kind == kind for v in tested))]
    values: dict[str, Value] = {"versions": listed(counts, "and"), "passed": len(passed), "tested": len(tested)}
    told = "version_tables.inverted-uncorrected" if noise_matters(results) else "version_tables.inverted"
    sentences: list[str] = [say(told, **values)]
    if passed:
        sentences += [_missed(v) for v in tested if v not in passed]
    undrawn = [v.column.headline.kind for v in tested if (curve := curve_of(v.column)) and lacks_wild(curve)]
    if undrawn:
        sentences.append(say("version_tables.needs-wild", kind=listed(sorted(set(undrawn)), "comma")))
    turns = [v.column.u_test.turning_point for v in passed if v.kind == "sample" and v.column.u_test]
    if len(turns) > 1:
        sentences.append(say("version_tables.turns-between", low=placed(min(turns)), high=placed(max(turns))))
    return sentences


def _missed(v: Version) -> str:
    """Return a sentence on which conditions of the rule a version fails, or that not all were tested."""
    curve = curve_of(v.column)
    failing = [_named(part) for part in inverted_u_parts(curve) if part.holds is False] if curve else []
    if not failing:
        return say("version_tables.undecided", name=v.name)
    return say("version_tables.missed", name=v.name, n=len(failing), parts=listed(failing, "and"))


def _named(part: Part) -> str:
    """Return the name of a failing condition and the p-value that decides it; the sign of the square has none."""
    if part.key == "square" or part.value is None:
        return say("version_tables.failing-square")
    test = say(f"brief.part-{part.key.replace('_', '-')}")
    return say("version_tables.failing", test=test, p=p_equals(part.value))


COUNTED = {
    "outcome": "version_tables.n-outcomes",
    "index": "version_tables.n-indices",
    "sample": "version_tables.n-samples",
}
NAMED = {
    "outcome": "version_tables.outcome-named",
    "index": "version_tables.index-named",
    "sample": "version_tables.sample-named",
}
