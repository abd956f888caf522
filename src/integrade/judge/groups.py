"""The one test of a split, and its p over the family of splits."""

from __future__ import annotations

from collections.abc import Sequence

from integrade.models.groups.records import GroupSplit
from integrade.models.inference.multiple import Adjusted


def overall(split: GroupSplit) -> tuple[float, float | None]:
    """p and permutation p of equality in all groups."""
    found = split.comparison
    if found.overall is not None:
        return found.overall.p_value, found.overall_p_permutation
    only = found.joint[0]
    return only.test.p_value, only.p_permutation


def adjusted_p(split: GroupSplit, family: Sequence[Adjusted]) -> float:
    """p of equality in all groups, Holm-adjusted over the splits of the study."""
    return next((a.p_holm for a in family if a.name == split.title), overall(split)[0])
