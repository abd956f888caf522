"""The benchmark among its versions: its test of the shape, adjusted over the outcomes that are tested beside it."""

from __future__ import annotations

from collections.abc import Sequence

from integrade.estimate.multiple import holm
from integrade.subjects.benchmark.columns import Version
from integrade.verdicts.bundle import StudyResults


def own_holm(found: Sequence[Version], results: StudyResults) -> float | None:
    """p of the benchmark's U-test, Holm-adjusted over itself and the versions; nothing where it has none."""
    own = results.benchmark[-1].u_test
    others = [v.column.u_test.p_value for v in found if v.p_holm is not None and v.column.u_test is not None]
    return None if own is None else float(holm([own.p_value, *others])[0])
