"""Tables 8 on: the regression in groups, with the differences and their tests in columns of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from integrade.judge.bundle import GroupSplit
from integrade.judge.groups import overall
from integrade.judge.naming import group_name, label_of
from integrade.models.findings import Adjusted
from integrade.models.fit.results import Coefficient, by_term
from integrade.models.groups.records import Difference, GroupComparison, GroupFit, JointDifference
from integrade.numerals import fixed, p_text, stars
from integrade.report.printed import STARS, Origin, PrintedTable, Row
from integrade.report.regression import Layout, constant_rows, drop_empty, stat_rows, term_rows

Labels = Mapping[str, str]


def group_table(
    split: GroupSplit, family: Sequence[Adjusted] = (), labels: Labels | None = None, *, number: str = "8"
) -> PrintedTable:
    """One column per group and one per pair of groups; stars of differences are from Holm-adjusted p-values."""
    labels, layout = labels or {}, Layout()
    found = split.comparison
    fits = [g.fit for g in found.groups]
    terms = list(dict.fromkeys(t for f in fits for t in by_term(f)))
    columns = [*(by_term(f) for f in fits), *_gaps(found)]
    blank = ("",) * len(found.joint)
    rows = [
        *term_rows(terms, columns, labels, layout),
        *constant_rows(fits, layout),
        *stat_rows(fits, labels, ("observations", "r2", "r2_within", "effects", "vcov", "clusters", "df")),
        *_shape_rows(found, labels),
        *_difference_rows(found, labels),
        *overall_rows(split, family),
    ]
    names = {g.group: group_name(g.group, labels) for g in found.groups}
    heads = [f"({i}) {names[g.group]}" for i, g in enumerate(found.groups, start=1)]
    place = {g.group: i for i, g in enumerate(found.groups, start=1)}
    pairs = [f"({place[j.a]})-({place[j.b]})" for j in found.joint]
    padded = [replace(r, cells=(*r.cells, *blank)) if r.kind != "panel" else r for r in rows]
    title = f"{label_of(fits[0].outcome, labels)} by {split.title}"
    origins = (*(Origin(fit=f) for f in fits), *(_gap_origin(found, names[j.a], names[j.b]) for j in found.joint))
    return PrintedTable(number, title, ("", *heads, *pairs), tuple(padded), tuple(_notes(found)), origins=origins)


def _gap_origin(found: GroupComparison, a: str, b: str) -> Origin:
    """Of the difference of two groups."""
    drawn = f"{found.permuted.draws:,} permutations, seed {found.permuted.seed}" if found.permuted else ""
    how = f"{a} less {b}, from one regression with every regressor and every effect in each group"
    return Origin(how, basis=found.stacked.basis, formula=found.stacked.formula, draws=drawn)


def _gaps(found: GroupComparison) -> list[dict[str, Coefficient]]:
    """For each pair of groups the differences by term, with Holm-adjusted p-values for the stars."""
    return [
        {
            d.term: Coefficient(d.term, d.estimate, d.std_error, d.statistic, d.p_holm, d.conf_low, d.conf_high)
            for d in found.differences
            if (d.a, d.b) == (j.a, j.b)
        }
        for j in found.joint
    ]


def _shape_rows(found: GroupComparison, labels: Labels) -> list[Row]:
    """Turning point and tests in each group, and the differences of turning points."""
    both = f"{found.treatment} + {found.treatment}^2"
    turning = [t for j in found.joint for t in found.turning_points if t.name.endswith(f"{j.a} - {j.b}")]
    points = [fixed(g.u_test.turning_point) if g.u_test else "" for g in found.groups]
    rows = [
        Row("test", ("Turning point", *points, *(fixed(t.estimate) for t in turning)), "turning_point"),
        Row("test", ("p of its difference", *_blank(found), *(p_text(t.p_value) for t in turning)), "turning_point.p"),
        Row("test", ("U-test p (Lind-Mehlum)", *(_u_test(g) for g in found.groups)), "u_test"),
        Row("test", ("Wild p, both terms", *(_wild(g, both) for g in found.groups)), f"{both.replace(' ', '')}.wild"),
    ]
    rows = drop_empty(rows)
    return [Row("panel", (f"Shape of the curve in {label_of(found.treatment, labels)}",)), *rows] if rows else []


def _blank(found: GroupComparison) -> tuple[str, ...]:
    return ("",) * len(found.groups)


def _u_test(g: GroupFit) -> str:
    return p_text(g.u_test.p_value) if g.u_test else ""


def _wild(g: GroupFit, null: str) -> str:
    return next((p_text(w.p_value) for w in g.fit.wild if w.null == null), "")


P_VALUES: tuple[tuple[str, str, Callable[[Difference | JointDifference], float | None]], ...] = (
    ("p", "p", lambda d: d.test.p_value if isinstance(d, JointDifference) else d.p_value),
    ("permutation", "permutation p", lambda d: d.p_permutation),
    ("wild", "wild p", lambda d: d.p_wild),
    ("holm", "Holm p", lambda d: d.p_holm),
)


def _difference_rows(found: GroupComparison, labels: Labels) -> list[Row]:
    """For every term and for all terms together the p-values of the differences."""
    terms = list(dict.fromkeys(d.term for d in found.differences))
    rows = []
    for term in terms:
        own = [found.difference(term, j.a, j.b) for j in found.joint]
        name = label_of(term, labels)
        rows += [
            Row("test", (f"{name}: {w}", *_blank(found), *(p_text(of(d)) for d in own)), f"{term}.{key}")
            for key, w, of in P_VALUES
        ]
    if len(terms) > 1:
        rows += [
            Row("test", (f"All terms: {w}", *_blank(found), *(p_text(of(j)) for j in found.joint)), f"all.{key}")
            for key, w, of in P_VALUES
        ]
    return [Row("panel", ("Are the differences larger than chance?",)), *drop_empty(rows)]


def overall_rows(split: GroupSplit, family: Sequence[Adjusted]) -> list[Row]:
    """The one test of the split, in all groups, with its p adjusted over the splits of the study."""
    p, permuted = overall(split)
    adjusted = next((a for a in family if a.name == split.title), None)
    over = f", Holm over the {len(family)} splits" if adjusted and len(family) > 1 else ""
    holm = p_text(adjusted.p_holm) if over and adjusted else ""
    drawn = ", permutation p" if permuted is not None else ""
    cells = [p_text(p) + stars(adjusted.p_holm if adjusted else p), *([p_text(permuted)] if drawn else []), holm]
    heading = f"The same effect in all groups: p{drawn}{over}"
    origin = _overall_origins(split, bool(drawn))
    return [Row("panel", (heading,)), Row("test", ("Joint test", *(c for c in cells if c)), "overall", origin)]


def _overall_origins(split: GroupSplit, permuted: bool) -> tuple[Origin, ...]:
    found, drawn = split.comparison, ""
    if found.permuted:
        drawn = f"{found.permuted.draws:,} permutations, seed {found.permuted.seed}"
    basis = found.stacked.basis
    return (
        Origin("joint test that every coefficient is the same in all groups", basis=basis),
        *([Origin("the same test against group labels dealt anew", basis=basis, draws=drawn)] if permuted else []),
        Origin("its p, Holm-adjusted over the splits of the study", basis=basis),
    )


def _notes(found: GroupComparison) -> list[str]:
    notes = [
        f"t statistics in parentheses. {STARS} Those of a difference are from its p, Holm-adjusted over the terms and "
        "pairs of the table.",
        "Differences are from one regression with every regressor and every effect in each group, which has the "
        "coefficients of the split samples and the covariance of groups that share clusters. Significance in one group "
        "and not in another is no evidence of a difference.",
    ]
    if found.permuted:
        r = found.permuted
        notes.append(
            f"Permutation: group labels dealt anew {r.draws:,} times over {r.units:,} units ({r.unit}), groups of the "
            f"same size, t statistics compared; smallest attainable p {1 / (r.draws + 1):.2g}; seed {r.seed}."
        )
    return [*notes, *(f"{n[:1].upper()}{n[1:]}." for n in found.notes)]
