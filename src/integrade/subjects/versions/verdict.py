"""Adjust the benchmark's test of shape over the outcomes that are tested with it."""

from __future__ import annotations

from collections.abc import Sequence

from integrade.estimate.multiple import holm
from integrade.subjects.benchmark.columns import Version
from integrade.verdicts.bundle import StudyResults


def own_holm(found: Sequence[Version], results: StudyResults) -> float | None:
    """Return the p of the benchmark's U-test; None without a U-test.

    It is Holm-adjusted over the benchmark and the other outcomes.
    """
    test = results.benchmark[-1].u_test
    others = [v.column.u_test.p_value for v in found if v.p_holm is not None and v.column.u_test is not None]
    return None if test is None else float(holm([test.p_value, *others])[0])
