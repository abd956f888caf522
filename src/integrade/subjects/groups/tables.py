"""Build the regression in each group, with differences of groups and their tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from integrade.estimate.multiple import Adjusted
from integrade.estimate.results import Coefficient, by_term
from integrade.report.printed import PrintedTable, numbered, permuted, sentence, stars_note
from integrade.report.regression import Layout, constant_rows, drop_empty, stat_rows, term_rows
from integrade.report.rows import Origin, Row
from integrade.subjects.groups.records import Difference, GroupComparison, GroupFit, GroupSplit, JointDifference
from integrade.subjects.groups.verdict import adjusted_wild, overall
from integrade.verdicts.naming import dimension_word, group_name, label_of, split_word
from integrade.wording.numerals import fixed, p_text, places, rounded, stars
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

    Stars of differences use Holm-adjusted p-values.

    ``family`` and ``splits`` are the tests of all splits of the study, over which p-values are adjusted.
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
    ]
    names = {g.group: group_name(g.group, labels) for g in comparison.groups}
    heads = [numbered(i, names[g.group]) for i, g in enumerate(comparison.groups, start=1)]
    place = {g.group: i for i, g in enumerate(comparison.groups, start=1)}
    pairs = [f"({place[j.a]})-({place[j.b]})" for j in comparison.joint]
    padded = [replace(r, cells=(*r.cells, *blank)) if r.kind != "panel" else r for r in rows]
    title = say(
        "group_tables.title", outcome=label_of(fits[0].outcome, labels), split=split_word(split.how, split.title)
    )
    origins = (
        *(Origin(fit=f) for f in fits),
        *(_gap_origin(comparison, names[j.a], names[j.b]) for j in comparison.joint),
    )
    return PrintedTable(number, title, ("", *heads, *pairs), tuple(padded), tuple(_notes(comparison)), origins=origins)


def _gap_origin(found: GroupComparison, a: str, b: str) -> Origin:
    """Return the origin of the difference of two groups."""
    drawn = permuted(found.permuted.draws, found.permuted.seed) if found.permuted else ""
    how = say("group_tables.difference", a=a, b=b)
    basis, formula = found.stacked.basis, found.stacked.formula
    return Origin(how, basis=basis, formula=formula, draws=drawn, kind="difference")


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
    """Return rows with the turning point and its tests in each group, and the differences of turning points."""
    both = f"{found.treatment} + {found.treatment}^2"
    points_of = {t.name: t for t in found.turning_points}
    turning = [points_of[name] for j in found.joint if (name := f"turning point: {j.a} - {j.b}") in points_of]
    points = [g.u_test.turning_point if g.u_test else None for g in found.groups]
    digits = max(map(places, points), default=3)
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
        Row("test", (say("printed.u-test"), *(_u_test(g) for g in found.groups)), "u_test"),
        Row(
            "test",
            (say("group_tables.wild-both"), *(_wild(g, both) for g in found.groups)),
            f"{both.replace(' ', '')}.wild",
        ),
    ]
    rows = [*drop_empty(rows), *_steepness_rows(found)]
    heading = say("printed.shape-of-curve", name=label_of(found.treatment, labels))
    return [Row("panel", (heading,)), *rows] if rows else []


def _steepness_rows(found: GroupComparison) -> list[Row]:
    """Return rows with the average steepness of each fitted curve, and its differences with Holm-adjusted p."""
    if not found.stronger:
        return []
    low, high = map(fixed, found.middle)
    each = {s.name: s.estimate for s in found.strengths}
    pairs = {(d.a, d.b): d for d in found.stronger}
    gaps = [pairs[j.a, j.b] for j in found.joint]
    values = [*(each[g.group] for g in found.groups), *(d.estimate for d in gaps)]
    cells = (say("group_tables.steepness", low=low, high=high), *(fixed(v, 4) for v in values))
    return [
        Row("test", cells, "steepness"),
        Row(
            "test",
            (say("group_tables.p-of-steepness"), *_blank(found), *(p_text(d.p_holm) for d in gaps)),
            "steepness.p",
        ),
    ]


def _blank(found: GroupComparison) -> tuple[str, ...]:
    return ("",) * len(found.groups)


def _u_test(g: GroupFit) -> str:
    return p_text(g.u_test.p_value) if g.u_test else ""


def _wild(g: GroupFit, null: str) -> str:
    return next((p_text(w.p_value) for w in g.fit.wild if w.null == null), "")


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
        ]
    return [Row("panel", (say("group_tables.differences"),)), *drop_empty(rows)]


def overall_rows(split: GroupSplit, family: Sequence[Adjusted], wild: float | None = None) -> list[Row]:
    """Return rows with the joint test of all groups: its p, and its p adjusted over the splits of the study.

    The next row has the wild bootstrap's p. ``wild`` is that p, adjusted over the splits.
    """
    p, shuffled, drawn = overall(split)
    adjusted = next((a for a in family if a.name == split.title), None)
    over = adjusted is not None and len(family) > 1
    cells = [
        p_text(p) + stars(adjusted.p_holm if adjusted else p),
        p_text(shuffled),
        p_text(adjusted.p_holm) if over and adjusted else "",
    ]
    origin = _overall_origins(split, shuffled is not None)
    return [
        Row("panel", _overall_heading(shuffled is not None, len(family) if over else 0)),
        Row("test", (say("group_tables.joint-test"), *(c for c in cells if c)), "overall", origin),
        *([] if drawn is None else _wild_rows(drawn, wild if over else None, len(family))),
    ]


def _wild_rows(p: float, adjusted: float | None, splits: int) -> list[Row]:
    """Return rows with the wild bootstrap's p of equal effects in all groups, and this p adjusted over the splits."""
    row = Row("test", (say("group_tables.wild-equal"), p_text(p)), "overall.wild")
    if adjusted is None:
        return [row]
    name = say("group_tables.wild-equal-holm", splits=splits)
    return [row, Row("test", (name, p_text(adjusted)), "overall.wild.holm")]


def _overall_heading(shuffled: bool, splits: int) -> tuple[str, ...]:
    """Return the headings of the joint test: p, permutation p, and p adjusted over the splits of the study."""
    return (
        say("group_tables.overall"),
        say("group_tables.p"),
        *([say("group_tables.permutation-p")] if shuffled else []),
        *([say("group_tables.holm-over", splits=splits)] if splits else []),
    )


def _overall_origins(split: GroupSplit, shuffled: bool) -> tuple[Origin, ...]:
    comparison = split.comparison
    drawn = permuted(comparison.permuted.draws, comparison.permuted.seed) if comparison.permuted else ""
    basis = comparison.stacked.basis
    return (
        Origin(say("group_tables.same-in-all"), basis=basis),
        *([Origin(say("group_tables.against-labels-dealt-anew"), basis=basis, draws=drawn)] if shuffled else []),
        Origin(say("group_tables.adjusted-over-splits"), basis=basis),
    )


def _notes(found: GroupComparison) -> list[str]:
    notes: list[str] = [
        say("group_tables.of-all-groups"),
        say("printed.t-below", stars=stars_note()),
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
    return [*notes, *map(sentence, found.notes)]
