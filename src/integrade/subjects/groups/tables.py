"""Build the table of the regression in each group, with differences of groups and their tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from integrade.estimate.multiple import Adjusted
from integrade.estimate.results import Coefficient, by_term
from integrade.report.printed import PrintedTable, numbered, permuted, sentence
from integrade.report.regression import Layout, below_note, constant_rows, drop_empty, stat_rows, term_rows
from integrade.report.rows import Origin, Row
from integrade.subjects.groups.records import Difference, GroupComparison, GroupSplit, JointDifference
from integrade.subjects.groups.verdict import adjusted_wild, overall
from integrade.verdicts.naming import dimension_word, group_name, label_of, prose_of, split_word
from integrade.wording.numerals import fixed, p_text, places, rounded, shared, stars
from plainwords.texts import say

Labels = Mapping[str, str]


def group_table(
    split: GroupSplit,
    family: Sequence[Adjusted] = (),
    labels: Labels | None = None,
    *,
    number: str = "8",
    splits: Sequence[GroupSplit] = (),
) -> PrintedTable:
    """Build a table with one column per group and one column per pair of groups.

    Stars of differences use Holm-adjusted p-values. ``family`` and ``splits`` are the tests of all splits of the study,
    over which p-values are adjusted.
    """
    labels, layout = labels or {}, Layout()
    comparison = split.comparison
    fits = [g.fit for g in comparison.groups]
    terms = list(dict.fromkeys(t for f in fits for t in by_term(f)))
    columns = [*(by_term(f) for f in fits), *_gaps(comparison)]
    blank = ("",) * len(comparison.joint)
    rows = [
        *term_rows(terms, columns, labels, layout),
        *constant_rows(fits, layout),
        *stat_rows(fits, labels, ("observations", "r2", "r2_within", "effects", "vcov", "clusters", "df")),
        *_shape_rows(comparison, labels),
        *_difference_rows(comparison, labels),
        *overall_rows(split, family, adjusted_wild(split, splits or (split,))),
        *_corrected_rows(comparison, labels),
    ]
    names = {g.group: group_name(g.group, labels) for g in comparison.groups}
    heads = [numbered(i, names[g.group]) for i, g in enumerate(comparison.groups, start=1)]
    place = {g.group: i for i, g in enumerate(comparison.groups, start=1)}
    pairs = [f"({place[j.a]})-({place[j.b]})" for j in comparison.joint]
    padded = [replace(r, cells=(*r.cells, *blank)) if r.kind != "panel" else r for r in rows]
    title = say(
        "group_tables.title", outcome=prose_of(fits[0].outcome, labels), split=split_word(split.how, split.title)
    )
    draws, stacked = _draws(comparison), comparison.stacked
    origins = [Origin(fit=f) for f in fits]
    for j in comparison.joint:
        how = say("group_tables.difference", a=names[j.a], b=names[j.b])
        origins.append(Origin(how, basis=stacked.basis, formula=stacked.formula, draws=draws, kind="difference"))
    notes = tuple(_notes(comparison))
    return PrintedTable(number, title, ("", *heads, *pairs), tuple(padded), notes, origins=tuple(origins))


def _draws(found: GroupComparison) -> str:
    return permuted(found.permuted.draws, found.permuted.seed) if found.permuted else ""


def _gaps(found: GroupComparison) -> list[dict[str, Coefficient]]:
    """Return, for each pair of groups, the differences by term, with Holm-adjusted p-values for the stars."""
    return [
        {
            d.term: Coefficient(d.term, d.estimate, d.std_error, d.statistic, d.p_holm, d.conf_low, d.conf_high)
            for d in found.differences
            if (d.a, d.b) == (j.a, j.b)
        }
        for j in found.joint
    ]


def _shape_rows(found: GroupComparison, labels: Labels) -> list[Row]:
    """Return rows on the curve of each group, and on the differences of groups.

    They have the turning point and its tests, and the average steepness with Holm-adjusted p of its differences.
    """
    joint_null = f"{found.treatment} + {found.treatment}^2"
    points_of = {t.name: t for t in found.turning_points}
    turning = [points_of[name] for j in found.joint if (name := f"turning point: {j.a} - {j.b}") in points_of]
    points = [g.u_test.turning_point if g.u_test else None for g in found.groups]
    digits = max(map(places, points), default=3)
    u_tests = [p_text(g.u_test.p_value) if g.u_test else "" for g in found.groups]
    wild = [next((p_text(w.p_value) for w in g.fit.wild if w.null == joint_null), "") for g in found.groups]
    rows = [
        Row(
            "test",
            (say("printed.turning-point"), *(rounded(p, digits) for p in [*points, *(t.estimate for t in turning)])),
            "turning_point",
        ),
        Row(
            "test",
            (say("group_tables.p-of-turning"), *_blank(found), *(p_text(t.p_value) for t in turning)),
            "turning_point.p",
        ),
        Row("test", (say("printed.u-test"), *u_tests), "u_test"),
        Row("test", (say("group_tables.wild-both"), *wild), f"{joint_null.replace(' ', '')}.wild"),
    ]
    rows = drop_empty(rows)
    if found.stronger:
        low, high = map(fixed, found.middle)
        steepness_of = {s.name: s.estimate for s in found.strengths}
        pairs = {(d.a, d.b): d for d in found.stronger}
        gaps = [pairs[j.a, j.b] for j in found.joint]
        values = [*(steepness_of[g.group] for g in found.groups), *(d.estimate for d in gaps)]
        cells = (say("group_tables.steepness", low=low, high=high), *(fixed(v, 4) for v in values))
        p_values = (say("group_tables.p-of-steepness"), *_blank(found), *(p_text(d.p_holm) for d in gaps))
        rows = [*rows, Row("test", cells, "steepness"), Row("test", p_values, "steepness.p")]
    heading = say("printed.shape-of-curve", name=prose_of(found.treatment, labels))
    return [Row("panel", (heading,)), *rows] if rows else []


def _corrected_rows(found: GroupComparison, labels: Labels) -> list[Row]:
    """Return the coefficients of the treatment and their differences, with the index corrected for noise."""
    again = found.corrected
    if again is None:
        return []
    within, stacked = say("group_tables.corrected-within"), say("group_tables.corrected-origin")
    origins = (
        *(Origin(within, basis=g.fit.basis, formula=g.fit.formula) for g in again.groups),
        *(Origin(stacked, basis=again.stacked.basis, formula=again.stacked.formula) for _ in again.joint),
    )
    rows = [Row("panel", (say("group_tables.corrected"),))]
    for term in dict.fromkeys(d.term for d in again.differences):
        own, gaps = (
            [by_term(g.fit)[term] for g in again.groups],
            [again.difference(term, j.a, j.b) for j in again.joint],
        )
        numbers = [*((c.estimate, c.std_error) for c in own), *((d.estimate, d.std_error) for d in gaps)]
        size = shared((b for b, _ in numbers), (e for _, e in numbers), 4)
        cells = (f"{size(b)} ({size(e)})" for b, e in numbers)
        rows.append(Row("test", (label_of(term, labels), *cells), f"corrected.{term}", origins))
    p_values = (p_text(j.test.p_value) for j in again.joint)
    name = say("group_tables.of-all-terms", what=say("group_tables.p"))
    rows.append(Row("test", (name, *_blank(again), *p_values), "corrected.all", origins))
    if again.overall is not None:
        overall_p = (say("group_tables.overall"), p_text(again.overall.p_value))
        of_all = Origin(stacked, basis=again.stacked.basis, formula=again.stacked.formula)
        rows.append(Row("test", overall_p, "corrected.overall", (of_all,)))
    if again.stronger:
        pairs = {(d.a, d.b): d for d in again.stronger}
        p_values = (p_text(pairs[j.a, j.b].p_holm) for j in again.joint)
        name = say("group_tables.corrected-steepness")
        rows.append(Row("test", (name, *_blank(again), *p_values), "corrected.steepness", origins))
    return rows


def _blank(found: GroupComparison) -> tuple[str, ...]:
    return ("",) * len(found.groups)


P_VALUES: tuple[tuple[str, str, Callable[[Difference | JointDifference], float | None]], ...] = (
    ("p", "group_tables.p", lambda d: d.test.p_value if isinstance(d, JointDifference) else d.p_value),
    ("permutation", "group_tables.permutation-p", lambda d: d.p_permutation),
    ("wild", "group_tables.wild-p", lambda d: d.p_wild),
    ("holm", "group_tables.holm-p", lambda d: d.p_holm),
)


def _difference_rows(found: GroupComparison, labels: Labels) -> list[Row]:
    """Return the p-values of the differences, for every term and for all terms together."""
    terms = list(dict.fromkeys(d.term for d in found.differences))
    rows = []
    for term in terms:
        differences = [found.difference(term, j.a, j.b) for j in found.joint]
        name = label_of(term, labels)
        rows += [
            Row(
                "test",
                (
                    say("group_tables.of-a-term", term=name, what=say(what)),
                    *_blank(found),
                    *(p_text(of(d)) for d in differences),
                ),
                f"{term}.{key}",
            )
            for key, what, of in P_VALUES
        ]
    if len(terms) > 1:
        rows += [
            Row(
                "test",
                (
                    say("group_tables.of-all-terms", what=say(what)),
                    *_blank(found),
                    *(p_text(of(j)) for j in found.joint),
                ),
                f"all.{key}",
            )
            for key, what, of in P_VALUES
            if key != "holm" or len(found.joint) > 1  # one pair has nothing to be adjusted over
        ]
    return [Row("panel", (say("group_tables.differences"),)), *drop_empty(rows)]


def overall_rows(split: GroupSplit, family: Sequence[Adjusted], wild: float | None = None) -> list[Row]:
    """Return rows with the joint test of all groups: its p, permutation p, and p adjusted over the splits of the study.

    Further rows have the wild bootstrap's p, unadjusted and adjusted. ``wild`` is the adjusted p.
    """
    p, p_permuted, p_wild = overall(split)
    basis = split.comparison.stacked.basis
    adjusted = next((a for a in family if a.name == split.title), None)
    several = adjusted is not None and len(family) > 1
    columns = [
        (
            say("group_tables.p"),
            p_text(p) + ("" if several else stars(p)),
            Origin(say("group_tables.same-in-all"), basis=basis),
        )
    ]
    if p_permuted is not None:
        how = Origin(say("group_tables.against-labels-dealt-anew"), basis=basis, draws=_draws(split.comparison))
        columns.append((say("group_tables.permutation-p"), p_text(p_permuted), how))
    if adjusted is not None and several:
        how = Origin(say("group_tables.adjusted-over-splits"), basis=basis)
        holm = p_text(adjusted.p_holm) + stars(adjusted.p_holm)
        columns.append((say("group_tables.holm-over", splits=len(family)), holm, how))
    columns = [column for column in columns if column[1]]  # a p that is missing has no column
    headings = (say("group_tables.overall"), *(heading for heading, _, _ in columns))
    cells = (say("group_tables.joint-test"), *(cell for _, cell, _ in columns))
    rows = [Row("panel", headings), Row("test", cells, "overall", tuple(origin for _, _, origin in columns))]
    if p_wild is not None:
        rows.append(Row("test", (say("group_tables.wild-equal"), p_text(p_wild)), "overall.wild"))
        if several and wild is not None:
            name = say("group_tables.wild-equal-holm", splits=len(family))
            rows.append(Row("test", (name, p_text(wild)), "overall.wild.holm"))
    return rows


def _notes(found: GroupComparison) -> list[str]:
    notes: list[str] = [
        say("group_tables.of-all-groups"),
        below_note(Layout().below),
        say("group_tables.stars-of-differences"),
        say(
            "group_tables.one-regression" if found.stacked.clusters else "group_tables.one-regression-without-clusters"
        ),
    ]
    if found.permuted:
        r = found.permuted
        notes.append(
            say(
                "group_tables.permutation",
                draws=r.draws,
                units=r.units,
                unit=dimension_word(r.unit),
                smallest=f"{1 / (r.draws + 1):.2g}",
                seed=str(r.seed),
            )
        )
        notes.append(say("group_tables.exact" if r.exact else "group_tables.not-exact"))
    notes += [say("group_tables.corrected-note")] if found.corrected else []
    notes += [say("group_tables.uncorrected-note", why=found.uncorrected)] if found.uncorrected else []
    return [*notes, *map(sentence, found.notes)]
