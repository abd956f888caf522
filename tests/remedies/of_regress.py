"""Remedies of regress/: what is too large or does not settle, on small tables with small limits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import wraps
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl

import integrade as ig
from integrade.estimate.inverted_u import curve, percentile_of
from integrade.estimate.linear import Fit
from integrade.estimate.results import FitResult
from integrade.regress.effects import factorise
from integrade.regress.poisson import poisson
from integrade.subjects.shape.bins import binned_means
from remedies.frame import Cases, done, given
from remedies.of_fit import formula
from remedies.tables import PANEL, F

CASES = Cases()
refused = CASES.refused
P, Q = PANEL, ig.questions


def under(function: Callable[..., Any], **limits: int) -> Callable[..., Any]:
    """The function with smaller limits, ``module__NAME=value`` each, so that small tables are too large."""

    @wraps(function)
    def limited(*args: Any, **options: Any) -> Any:
        with ExitStack() as held:
            for name, value in limits.items():
                module, _, constant = name.partition("__")
                held.enter_context(patch(f"integrade.regress.{module}.{constant}", value))
            return function(*args, **options)

    return limited


TWO = "y ~ x | firm + region^year"
refused("CR2 of many clusters", "U100", under(ig.fit, bias_reduced___MOST_GROUPS=4), P, F, vcov="CR2", cluster="region")
refused("CR2 of many movers", "U100", under(ig.fit, bias_reduced___MOST_MOVERS=1), P, F, vcov="CR2", cluster="region")
refused(
    "CR3 with several large effects",
    "U100",
    under(ig.fit, jackknife___MOST_REFITS=4, partial__SMALL=2),
    P,
    TWO,
    vcov="CR3",
    cluster="region",
)
refused("CR3 of many sums", "U100", under(ig.fit, cells___LIMIT=20), P, F, vcov="CR3", cluster="region")
refused(
    "wild with several large effects",
    "U100",
    under(ig.fit, wild___MOST_REFITS=4, partial__SMALL=2),
    P,
    TWO,
    cluster="region",
    wild=9,
)
refused("HC3 with several large effects", "U100", under(ig.fit, partial__SMALL=2), P, TWO, vcov="HC3")
MEDIATE: dict[str, Any] = {"treatment": "m", "cluster": "region", "draws": 19}
refused(
    "bootstrap of many sums",
    "U100",
    under(Q.mediate, bootstrap___LIMIT=100),
    P,
    "y ~ m | firm + year",
    "z",
    **MEDIATE,
    then=done("fewer levels in the smaller effects", lambda c: c.with_args(P, "y ~ m | firm", "z")),
)
RANDOM: dict[str, Any] = {"permutations": 9}
refused(
    "permutation with several large effects",
    "U100",
    under(Q.randomisation, partial__SMALL=2),
    P,
    "y ~ m | firm + year",
    "m",
    **RANDOM,
    then=formula("one large effect", "y ~ m | firm"),
)
refused(
    "permutation of many cells",
    "U100",
    under(Q.randomisation, cell_forms___LIMIT=30_000),
    P,
    "y ~ m | firm + year",
    "m",
    cluster="firm",
    **RANDOM,
)
refused(
    "effects not removed",
    "D211",
    under(ig.fit, partial__SMALL=2, partial__MOST_ITERATIONS=1),
    P,
    TWO,
    then=formula("drop rows that barely connect the effects, or use fewer effects", F.replace(" + year", "")),
)
EDGE = P.with_columns(y=(pl.col("x") > 0).cast(pl.Float64))
refused(
    "a regressor that explains all",
    "D211",
    ig.fit,
    EDGE,
    "y ~ x | year",
    model="fractional",
    then=done(
        "leave out rows that one regressor predicts",
        lambda c: c.with_args(EDGE.with_columns(y=pl.col("w") / 2), "y ~ x | year"),
    ),
)
COUNTS = np.array([0.0, 1.0, 0.0, 2.0, 0.0, 3.0])


def counted(y: Any, x: Any, effects: int) -> Any:
    """A Poisson regression with one effect or none."""
    by = factorise("by", pl.Series(["a", "a", "b", "b", "c", "c"]))
    return poisson(y, x, [by] * effects, by)


refused(
    "Poisson absorbed",
    "D209",
    counted,
    COUNTS,
    np.array([[1.0], [1.0], [2.0], [2.0], [4.0], [4.0]]),
    1,
    then=done("use fewer effects", lambda c: c.with_args(c.args[0], c.args[1], 0)),
)

# a fit as it is stored, without the values of its variable
CURVED = "y ~ m + m^2 + x | firm + year"
FIT = ig.fit(P, CURVED, cluster="region")


def without_spread(fit: FitResult) -> FitResult:
    """The fit without the values that its variable took."""
    return replace(fit, spreads=())


BARE = without_spread(FIT)
AGAIN = done("fit again with its square", lambda call: call.with_args(ig.fit(P, CURVED), *call.args[1:]))
refused("curve of a fit without values", "U100", curve, BARE, "m", then=AGAIN)
refused("percentile of a fit without values", "U100", percentile_of, BARE, "m", 50.0, then=AGAIN)
refused("U-test of a fit without values", "U100", ig.u_test, BARE, "m", then=given(low=3.0, high=5.0))
refused("bins of one", "U100", binned_means, P, FIT, "m", Fit(cluster="region"), n=1)
refused("curve of one point", "U100", curve, FIT, "m", n=1)
