"""Table A6: the headline under one change at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrade.models.robustness import Variant
from integrade.report.printed import PrintedTable, Row, fixed, label_of, p_text, percent


def robustness_table(variants: Sequence[Variant], treatment: str, labels: Mapping[str, str]) -> PrintedTable:
    """One row per change: both coefficients with standard errors, turning point, U-test; why where there is none."""
    x = label_of(treatment, labels)
    rows = [Row("text", _cells(v)) for v in variants]
    columns = ("What is changed", x, "s.e.", label_of(f"{treatment}^2", labels), "s.e.", "Turning point", "U-test p",
               "Past it", "N", "Remark")  # fmt: skip
    notes = (
        "One thing is changed at a time; everything else is as in the last column of Table 4.",
        "Leave-one-out rows: the numbers are those without the most influential level; the remark gives the range of "
        "the turning point over all levels.",
    )
    return PrintedTable("A6", "One change at a time", columns, tuple(rows), notes, (0, 9))


def _cells(v: Variant) -> tuple[str, ...]:
    name = v.label if v.family == v.label else f"{v.family}: {v.label}"
    if v.b1 is None:
        return (name, *[""] * 8, v.note)
    numbers = (fixed(v.b1, 4), fixed(v.se1, 4), fixed(v.b2, 4), fixed(v.se2, 4), fixed(v.turning_point))
    return (name, *numbers, p_text(v.u_test_p), percent(v.share_past), f"{v.nobs:,}", _remark(v))


def _remark(v: Variant) -> str:
    said = [v.note] if v.note else []
    said += [
        f"turning point {fixed(r.low)} (without {r.low_without}) to {fixed(r.high)} (without {r.high_without})"
        for r in v.ranges
        if r.quantity == "turning point"
    ]
    if v.joint_p is not None:
        said.append(f"terms of the next year together: p = {p_text(v.joint_p)}")
    return "; ".join(said) or v.changed
