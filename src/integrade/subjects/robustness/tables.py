"""Build the table of robustness: the headline under one change at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin, Row
from integrade.subjects.robustness.model import Variant
from integrade.subjects.robustness.verdict import PLACEBO, key_of_variant
from integrade.verdicts import places
from integrade.verdicts.naming import dimension_word, label_of, labelled, member_word, place_word
from integrade.wording.numerals import decimals, p_equals, p_text, percent, placed, rounded
from plainwords.texts import Said, in_language, listed, say


def robustness_table(
    variants: Sequence[Variant],
    treatment: str,
    labels: Mapping[str, str],
    *,
    adjusted: Mapping[str, float] | None = None,
    corrected: Mapping[str, float] | None = None,
    family: str = "",
) -> PrintedTable:
    """Build Table A2, one row per change: coefficients with standard errors, turning point, U-test, and remarks.

    If a change has no estimate, its remark is the reason.

    Placebos, which test the design and change nothing, are below the changes under a heading of their own.
    ``adjusted`` maps formulas to p-values of placebos, Holm-adjusted over the study, ``corrected`` to those with the
    index corrected for noise. ``family`` is a note that names
    these placebos.
    """
    x = label_of(treatment, labels)
    changes, tests = [v for v in variants if v.family != PLACEBO], [v for v in variants if v.family == PLACEBO]
    heading = [Row("panel", (say("robustness_table.tests-of-the-design"),))] if tests else []
    digits = Digits(
        decimals((v.b1 for v in variants), (v.se1 for v in variants), 4),
        decimals((v.b2 for v in variants), (v.se2 for v in variants), 4),
    )
    rows = [
        *(_row(v, digits, labels) for v in changes),
        *heading,
        *(_row(v, digits, labels, adjusted, corrected) for v in tests),
    ]
    columns = (
        say("robustness_table.what-is-changed"),
        x,
        label_of(f"{treatment}^2", labels),
        say("printed.turning-point"),
        say("robustness_table.u-test-p"),
        say("robustness_table.past-it"),
        say("robustness_table.n"),
        say("robustness_table.remark"),
    )
    keys = (treatment, f"{treatment}^2", "turning_point", "u_test", "share_past", "N", "remark")
    of_rows = (
        say("robustness_table.of-row", change=change_name(v, labels), said=labelled(v.note, labels))
        for v in variants
        if v.note and v.b1 is not None
    )
    notes = (
        say("robustness_table.one-thing"),
        say("robustness_table.leave-one-out-rows"),
        *of_rows,
        *([family] if adjusted and family else []),
    )
    return PrintedTable(
        places.ROBUSTNESS, say("robustness_table.title"), columns, tuple(rows), notes, (0, 7), column_keys=keys
    )


class Digits(NamedTuple):
    """The number of decimals for the slopes of all changes, and the number of decimals for the squares."""

    slope: int
    square: int


def _row(
    v: Variant,
    digits: Digits,
    labels: Mapping[str, str],
    adjusted: Mapping[str, float] | None = None,
    corrected: Mapping[str, float] | None = None,
) -> Row:
    if v.b1 is None:
        cells = (*[""] * 6, labelled(v.note, labels))
    else:
        cells = (
            _estimate(v.b1, v.se1, digits.slope),
            _estimate(v.b2, v.se2, digits.square),
            placed(v.turning_point),
            p_text(v.u_test_p),
            percent(v.share_past),
            f"{v.nobs:,}",
            _remark(v, labels, (adjusted or {}).get(v.formula), (corrected or {}).get(v.formula)),
        )
    origin = Origin(say("robustness_table.origin", change=v.changed), basis=v.basis, formula=v.formula)
    return Row("text", (change_name(v, labels), *cells), key_of_variant(v), (origin,))


FAMILIES = {
    "baseline": "robustness_table.baseline",
    "sample": "robustness_table.sample",
    "leave-one-out": "robustness_table.leave-one-out",
    "winsorised": "robustness_table.winsorised",
    "effects": "robustness_table.effects",
    "weights": "robustness_table.weights",
    "outcome": "robustness_table.outcome",
    "index": "robustness_table.index",
    "placebo": "robustness_table.placebo",
    "aggregation": "robustness_table.aggregation",
    "estimator": "robustness_table.estimator",
    "explained by": "robustness_table.explained-by",
}


def change_name(v: Variant, labels: Mapping[str, str]) -> str:
    """Return the name of a change: its family, and what is changed."""
    family, change = names_of_change(v, labels)
    return say("robustness_table.named", family=family, change=change) if change else family


def names_of_change(v: Variant, labels: Mapping[str, str]) -> tuple[str, str]:
    """Return the names of a change's family and of what is changed; the second is empty if the family says it."""
    family = say(FAMILIES[v.family]) if v.family in FAMILIES else v.family
    return family, "" if v.family == v.label else _change(v, labels)


def _change(v: Variant, labels: Mapping[str, str]) -> str:
    """Return the name of what is changed.

    An omitted industry is named by its name, a column by the study's label or its usual word. Other words are returned
    unchanged.
    """
    label = v.label
    if isinstance(label, Said):
        left = label.key == "models_samples.without" and _of_industry(v)
        level = str(label.given["level"]) if left else ""
        return say("robustness_table.without-industry", industry=_level(v, level, labels)) if left else label
    first, crossed, second = label.partition("^")
    if crossed:
        return say("naming.crossed", a=_column(first, labels), b=_column(second, labels))
    return _column(label, labels)


def _column(label: str, labels: Mapping[str, str]) -> str:
    return labels.get(label) or (say("robustness_table.value") if label == "value" else dimension_word(label))


def _level(v: Variant, level: str, labels: Mapping[str, str]) -> str:
    """Return the name of a level that was left out. An industry without a known name is returned by its code."""
    if not _of_industry(v):
        return place_word(level)
    name = member_word("two_digit", level, labels)
    return say("robustness_table.industry-code", code=level) if name == level else name


def _of_industry(v: Variant) -> bool:
    """Return whether the levels that were left out are industries."""
    column = v.label.given.get("column") if isinstance(v.label, Said) else v.label
    return in_language(str(column), "en") == "industry"


def _estimate(b: float | None, error: float | None, digits: int) -> str:
    return "" if b is None else f"{rounded(b, digits)} ({rounded(error, digits)})"


def _remark(v: Variant, labels: Mapping[str, str], adjusted: float | None, corrected: float | None) -> str:
    """Return the range of the turning point without each level, and the p-values of a placebo."""
    remarks = [
        say(
            "robustness_table.range",
            low=placed(r.low),
            low_without=_level(v, r.low_without, labels),
            high=placed(r.high),
            high_without=_level(v, r.high_without, labels),
        )
        for r in v.ranges
        if r.quantity == "turning point"
    ]
    if v.joint_p is not None:
        remarks.append(say("robustness_table.next-year", p=p_equals(v.joint_p)))
    if v.wild_p is not None:
        remarks.append(say("placebo.wild", p=p_equals(v.wild_p)))
    if adjusted is not None:
        holm = "placebo.holm"
        remarks.append(say(holm, p=p_equals(adjusted)))
    if corrected is not None:
        remarks.append(say("placebo.corrected", p=p_equals(corrected)))
    elif v.uncorrected:
        remarks.append(say("placebo.uncorrected"))
    return listed(remarks, "semicolon") if remarks else ""
