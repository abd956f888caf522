"""Table A6: the headline under one change at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrade.judge.naming import label_of
from integrade.models.samples.robustness import Variant
from integrade.numerals import fixed, p_text, percent
from integrade.report.printed import Origin, PrintedTable, Row


def robustness_table(variants: Sequence[Variant], treatment: str, labels: Mapping[str, str]) -> PrintedTable:
    """One row per change: both coefficients with standard errors, turning point, U-test; why where there is none."""
    x = label_of(treatment, labels)
    rows = [Row("text", _cells(v), origins=(_origin(v),)) for v in variants]
    square = label_of(f"{treatment}^2", labels)
    columns = ("What is changed", x, square, "Turning point", "U-test p", "Past it", "N", "Remark")
    keys = (treatment, f"{treatment}^2", "turning_point", "u_test", "share_past", "N", "remark")
    notes = (
        "Standard errors in parentheses. One thing is changed at a time; the rest is as in the last column of Table 4.",
        "Leave-one-out rows: the numbers are those without the most influential level; the remark gives the range of "
        "the turning point over all levels.",
    )
    return PrintedTable("A6", "One change at a time", columns, tuple(rows), notes, (0, 7), column_keys=keys)


def _origin(v: Variant) -> Origin:
    return Origin(f"one change to the last column of Table 4: {v.changed}", formula=v.formula)


def _cells(v: Variant) -> tuple[str, ...]:
    name = v.label if v.family == v.label else f"{v.family}: {v.label}"
    if v.b1 is None:
        return (name, *[""] * 6, v.note)
    estimates = (_estimate(v.b1, v.se1), _estimate(v.b2, v.se2), fixed(v.turning_point))
    return (name, *estimates, p_text(v.u_test_p), percent(v.share_past), f"{v.nobs:,}", _remark(v))


def _estimate(b: float | None, error: float | None) -> str:
    return "" if b is None else f"{fixed(b, 4)} ({fixed(error, 4)})"


def _remark(v: Variant) -> str:
    said = [v.note] if v.note else []
    said += [
        f"turning point {fixed(r.low)} (without {r.low_without}) to {fixed(r.high)} (without {r.high_without})"
        for r in v.ranges
        if r.quantity == "turning point"
    ]
    if v.joint_p is not None:
        said.append(f"terms of the next year together: p = {p_text(v.joint_p)}")
    return "; ".join(said)
