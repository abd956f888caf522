"""The treatment of earlier and later years."""

from __future__ import annotations

from integrade.models.timing.lags import Lags, lag_table
from integrade.models.timing.records import LagStudy
from integrade.study import config
from integrade.study.questions.asked import Answer, Asked, one, options_of


def answer(asked: Asked) -> Answer:
    """Both kinds of columns, or why there are none."""
    return one(lambda: _lags(asked), "the table of lags is", doubt=False)


def _lags(asked: Asked) -> LagStudy:
    """Both kinds of columns; only those with current controls, on which the table rests, are bootstrapped."""
    section, chosen = asked.study.lags or config.Lags(), asked.study.regression
    options = Lags(
        variable=chosen.treatment,
        lags=tuple(section.lags),
        leads=tuple(section.leads),
        on=section.on,
        include_square=section.include_square,
        same_sample=section.same_sample,
    )
    fit, plain = options_of(chosen, wild=chosen.wild), options_of(chosen)
    current = lag_table(asked.sample, asked.formula, options, series=asked.series, fit=fit)
    lagged = lag_table(asked.sample, asked.formula, options, series=asked.series, fit=plain, controls="lagged")
    return LagStudy(current, lagged)
