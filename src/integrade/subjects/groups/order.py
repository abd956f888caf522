"""Reorder the groups of a comparison. Estimates and tests stay the same; differences change sign if needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from integrade.estimate.contrasts import Combination
from integrade.subjects.groups.records import Difference, GroupComparison, JointDifference

Estimated = TypeVar("Estimated", Difference, Combination)
Paired = TypeVar("Paired", Difference, JointDifference)


def in_order(found: GroupComparison, first: Sequence[str]) -> GroupComparison:
    """Return the comparison with the groups named in ``first`` before the others, in that order.

    A difference a - b whose groups change places becomes b - a, for coefficients, turning points and steepness. The
    estimate, t and interval of the difference change sign. Its p-values and the joint tests do not change. The stacked
    regression and the test of all groups stay unchanged. The comparison corrected for noise gets the same order.

    Example:
        >>> in_order(comparison, ("state", "non_state"))  # doctest: +SKIP
    """
    names = [g.group for g in found.groups]
    order = [*(n for n in dict.fromkeys(first) if n in names), *(n for n in names if n not in first)]
    place = {name: i for i, name in enumerate(order)}
    points = [
        t if place[j.a] < place[j.b] else replace(_negative(t), name=f"turning point: {j.b} - {j.a}")
        for t, j in zip(found.turning_points, found.joint, strict=False)
    ]
    ranked = sorted(range(len(points)), key=lambda i: _rank(_pair(found.joint[i], place), place))
    return replace(
        found,
        groups=tuple(sorted(found.groups, key=lambda g: place[g.group])),
        differences=_turned_all(found.differences, place),
        joint=_sorted([_pair(j, place) for j in found.joint], place),
        turning_points=tuple(points[i] for i in ranked),
        strengths=tuple(sorted(found.strengths, key=lambda s: place[s.name])),
        stronger=_turned_all(found.stronger, place),
        corrected=None if found.corrected is None else in_order(found.corrected, first),
    )


def _rank(difference: Difference | JointDifference, place: Mapping[str, int]) -> tuple[int, int]:
    return place[difference.a], place[difference.b]


def _sorted(differences: Sequence[Paired], place: Mapping[str, int]) -> tuple[Paired, ...]:
    """Return the differences sorted by pairs of groups. Within a pair the order is kept."""
    return tuple(sorted(differences, key=lambda one: _rank(one, place)))


def _turned_all(differences: Sequence[Difference], place: Mapping[str, int]) -> tuple[Difference, ...]:
    """Return the differences with the earlier group first in each, sorted by pairs of groups."""
    turned = [replace(_negative(d), a=d.b, b=d.a) if place[d.a] > place[d.b] else d for d in differences]
    return _sorted(turned, place)


def _pair(joint: JointDifference, place: Mapping[str, int]) -> JointDifference:
    return replace(joint, a=joint.b, b=joint.a) if place[joint.a] > place[joint.b] else joint


def _negative(estimate: Estimated) -> Estimated:
    low, high = -estimate.conf_high, -estimate.conf_low
    return replace(estimate, estimate=-estimate.estimate, statistic=-estimate.statistic, conf_low=low, conf_high=high)
