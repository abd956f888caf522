"""Collect every version of the headline that a study has: those of its run, and those of a stored audit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from integrade.estimate.inverted_u import FiellerKind, Parabola
from integrade.report.explorer.choice_words import choice_word, named, value_word
from integrade.report.explorer.estimates import (
    EFFECT,
    HIGH,
    LOW,
    TURNING,
    Curve,
    Estimate,
    Scale,
    around,
    curve_of,
    scale_of,
    times,
)
from integrade.subjects.audit.switches import Audit, Headline, Switch
from integrade.subjects.benchmark.columns import Version
from integrade.subjects.robustness.figures import NOT_VARIANTS
from integrade.subjects.robustness.model import Variant
from integrade.subjects.robustness.tables import names_of_change
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.headline import headline
from integrade.verdicts.naming import Pieces, fieller_pieces

CHOICES = {
    "sample": "sample",
    "leave-one-out": "sample",
    "winsorised": "winsor.cuts",
    "effects": "regression.effects",
    "weights": "regression.weights",
    "outcome": "outcome",
    "index": "index",
    "aggregation": "aggregation",
    "estimator": "estimator",
}
"""Family of a robustness check, or kind of a version -> the choice that it changes."""
OTHER_INDEX = ("integration.", "index")
"""A choice whose key begins so may change the unit of the index, and so of the turning point; leaving out a good does
not."""
OTHER_OUTCOME = ("quality.", "outcome", "estimator")
"""A choice whose key begins so may change the unit of the outcome."""


class Alternative(NamedTuple):
    """One version: the choice that it changes, its new value in words, and its result.

    ``alone``: its curve has other units than the study's own.
    """

    key: str
    value: str
    quantities: dict[str, Estimate]
    curve: Curve | None
    rows: int
    p: float | None
    pieces: Pieces
    alone: bool = False

    @property
    def choice(self) -> str:
        """The choice in words."""
        return choice_word(self.key)

    @property
    def name(self) -> str:
        """The choice with its new value."""
        return named(self.choice, self.value)


def versions_of(results: StudyResults, audit: Audit | None) -> list[Alternative]:
    """Return every version that has an estimate: robustness checks, versions of the study file, then the audit's.

    A version of the audit that repeats one of the run (the same choice and value) is left out.
    """
    column = headline(results)
    if column is None or column.u_test is None:
        return []
    x, scale = column.u_test.variable, scale_of(column.headline, column.u_test.variable)
    if scale is None:
        return []
    labels = results.labels
    found = [_of_variant(v, scale, names_of_change(v, labels)[1]) for v in results.robustness if _is_version(v)]
    found += [version for v in results.versions if (version := _of_version(v, x)) is not None]
    known = {(version.key, version.value) for version in found}
    audited = [_of_switch(s, labels) for s in (audit.switches if audit is not None else ())]
    return [*found, *(v for v in audited if v is not None and (v.key, v.value) not in known)]


def _other_index(key: str) -> bool:
    return key.startswith(OTHER_INDEX) and key != "integration.goods"


def _alone(key: str) -> bool:
    """Return whether a version may have another unit of the index or the outcome than the study."""
    return _other_index(key) or key.startswith(OTHER_OUTCOME)


def not_made(audit: Audit | None, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield choice and value, in words, of versions of the audit that the data do not allow, with the reason."""
    for switch in audit.switches if audit is not None else ():
        if switch.found is None:
            yield named(choice_word(switch.key), value_word(switch, labels)), switch.why_not


def _is_version(v: Variant) -> bool:
    return v.family not in (*NOT_VARIANTS, "baseline") and v.b1 is not None and v.b2 is not None


def _of_variant(v: Variant, scale: Scale, change: str) -> Alternative:
    """Return a robustness check.

    The covariance of both coefficients follows from their standard errors and that of the slope at a percentile.
    """
    assert v.b1 is not None
    assert v.b2 is not None
    pieces = fieller_pieces(v.fieller_kind, v.fieller_low, v.fieller_high)
    key = CHOICES.get(v.family, v.family)
    point = math.nan if v.turning_point is None else v.turning_point
    curve = Curve(scale.low, scale.high, _centre(v, scale), v.b1, v.b2, *_band(v), point, pieces)
    quantities = scale.quantities(curve)
    slopes, ends = {where: s for where, _, s, _ in v.slopes}, {w: (low, high) for w, low, high in v.intervals}
    for where in (LOW, HIGH):
        if where in slopes and where in ends:
            quantities[where] = times((slopes[where], *ends[where]), scale.sd_index / scale.sd_outcome)
    if _alone(key):  # standardised effects need deviations of the check's own rows, which it does not have
        quantities = {k: e for k, e in quantities.items() if k == TURNING and not _other_index(key)}
    return Alternative(key, change, quantities, curve, v.nobs, v.u_test_p, pieces, _alone(key))


def _centre(v: Variant, scale: Scale) -> float:
    """Return the value of the index at which the curve is zero: the median of the check's rows, if it is known."""
    return next((at for where, at, _, _ in v.slopes if where == "p50"), (scale.low + scale.high) / 2)


def _band(v: Variant) -> tuple[float, float, float]:
    """Return w11, w12 and w22 of a check (`Curve`), zeros if they are not known."""
    at = max((s for s in v.slopes if s[1]), key=lambda s: abs(s[1]), default=None)
    interval = next(((low, high) for where, low, high in v.intervals if at and where == at[0]), None)
    if at is None or interval is None or not at[3] or v.se1 is None or v.se2 is None:
        return 0.0, 0.0, 0.0
    _, x, _, error = at
    critical = (interval[1] - interval[0]) / (2 * error)
    covariance = (error**2 - v.se1**2 - 4 * x * x * v.se2**2) / (4 * x)
    return tuple(critical**2 * s for s in (v.se1**2, covariance, v.se2**2))  # type: ignore[return-value]


def _of_version(v: Version, x: str) -> Alternative | None:
    fit, test = v.column.headline, v.column.u_test
    scale = scale_of(fit, x)
    if test is None or scale is None:
        return None
    key = CHOICES[v.kind]
    pieces = fieller_pieces(test.fieller_kind, test.fieller_low, test.fieller_high)
    curve = curve_of(fit, x, test, pieces)
    quantities = scale.quantities(curve)
    if _other_index(key):
        del quantities[TURNING]
    return Alternative(key, v.name, quantities, curve, fit.nobs, test.p_value, pieces, _alone(key))


def _of_switch(switch: Switch, labels: Mapping[str, str]) -> Alternative | None:
    found = switch.found
    if found is None or found.drawn is None:
        return None
    key, drawn = switch.key, found.drawn
    pieces = _pieces(found)
    curve = Curve(*Parabola(*drawn.curve), found.turning_point, pieces)
    quantities: dict[str, Estimate] = {LOW: found.low, HIGH: found.high}
    if found.spread:
        quantities[EFFECT] = times((drawn.move[2], drawn.move[3], drawn.move[4]), 1 / found.spread)
    if not _other_index(key):
        quantities[TURNING] = around(found.turning_point, pieces)
    value = value_word(switch, labels)
    return Alternative(key, value, quantities, curve, found.nobs, found.u_test_p, pieces, _alone(key))


def _pieces(found: Headline) -> Pieces:
    assert found.drawn is not None
    ends = found.drawn.fieller
    kind: FiellerKind = "line" if not ends else "interval" if found.drawn.between else "two_rays"
    return fieller_pieces(kind, *(ends or (None, None)))
