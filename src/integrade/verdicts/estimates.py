"""Find columns of a study that are estimates, whose error no interval of the study contains (METHODS 5.9).

The bootstrap through index and regression draws goods and clusters of the relative-price index. It takes quality,
controls and mediators as given. No other interval contains the error of these estimates either. The columns of a panel
that the user gives are data: the study does not know whether they are estimates, and nothing is reported of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from integrade.quality.sigma import ESTIMATE, ESTIMATED
from integrade.verdicts.bundle import DEMAND, StudyResults, headline
from integrade.verdicts.naming import prose_of
from plainwords.texts import say

NAME = re.compile(r"[^\W\d]\w*")
ESTIMATED_INDICES = ("business_cycle", "factor_share", "log_odds", "survey_score")
"""Measures of regions and years that are estimates: correlations, a factor, a regression, a mean over respondents.

head_ries and krugman are functions of observed flows and output, without an estimated parameter.
"""
ESTIMATED_QUALITIES = ("nested_logit",)
"""Measures of quality that always estimate the response of demand to the price."""
WITHOUT_ESTIMATE = ("index",)
"""Methods of productivity without an estimated elasticity: each firm's own cost shares."""


def estimates(results: StudyResults) -> Iterator[str]:
    """Yield a sentence for each estimate in the headline regression, or among the mediators, that is taken as known."""
    column = headline(results)
    if column is None:
        return
    fit = column.headline
    used = {name for term in (fit.outcome, *(c.term for c in fit.coefficients)) for name in NAME.findall(term)}
    mediators = {m.name for mediation in results.mediation for m in mediation.mediators}
    for variable, kind in _made_by_estimation(results).items():
        name = prose_of(variable, results.labels)
        if variable in used:
            yield say(f"against.estimated-{kind}", name=name)
        elif variable in mediators:
            yield say(f"against.mediator-{kind}", name=name)
    if "market" in used and results.index.measure in ESTIMATED_INDICES:
        yield say("against.estimated-index", measure=results.index.measure)


def _made_by_estimation(results: StudyResults) -> dict[str, str]:
    """Return the columns that the study itself estimated, each with the kind of estimate."""
    made = dict[str, str]()
    # a column has a unit only if the study made it, so a given ln_tfp has none
    if "ln_tfp" in results.units and results.settings.get("tfp.method") not in WITHOUT_ESTIMATE:
        made["ln_tfp"] = "tfp"
    if "quality" in results.stages and estimates_sigma(results):
        made["quality"] = "quality"
    return made


def estimates_sigma(results: StudyResults) -> bool:
    """Return whether quality rests on elasticities that the study estimated; given ones, also of a file, are data."""
    method = results.settings.get("quality.method", DEMAND)
    if method == DEMAND:
        return results.settings.get("quality.sigma") in ESTIMATED
    parameters = (results.settings.get(f"quality.{name}") for name in ("sigma", "theta"))
    return method in ESTIMATED_QUALITIES or ESTIMATE in parameters
