"""Is it an inverted U, whatever the form of the curve, and who is past its turning point?"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from integrade.models.fit.fit import estimate, prepare
from integrade.models.fit.formula import parse_formula
from integrade.models.fit.results import FitResult
from integrade.models.fit.sample import estimation_rows, gather
from integrade.models.shape.inverted_u import curve, u_test
from integrade.models.shape.past import shares_past
from integrade.models.shape.records import ShapeStudy
from integrade.models.shape.two_lines import TwoLines, cubic_test, two_lines
from integrade.study import sections
from integrade.study.questions.asked import Answer, Asked, one


def answer(asked: Asked) -> Answer:
    """The record, or why there is none."""
    section = asked.study.shape or sections.Shape()
    return one(lambda: _shape(asked, section), "The tests of the curve's shape are")


def _shape(asked: Asked, section: sections.Shape) -> ShapeStudy:
    """The U-test over both ranges, who is past, two lines and the cube, with the wild bootstrap where there is one."""
    x, how = asked.treatment, replace(asked.fit, wild=asked.wild, wild_ci=False)
    base = estimate(prepare(asked.sample, asked.formula, asked.fit), asked.fit)
    low, high = section.ends
    whole = u_test(base, x, level=section.level)
    return ShapeStudy(
        x,
        whole,
        u_test(base, x, level=section.level, low=low, high=high),
        (str(low), str(high)),
        section.level,
        shares_past(_estimated(asked, base), whole) if whole.shape == "inverted U" else (),
        two_lines(asked.sample, asked.formula, TwoLines(variable=x, knots=section.knots, fit=how))
        if section.two_lines
        else None,
        cubic_test(asked.sample, asked.formula, x, how) if section.cubic else None,
        curve(base, x, section.curve, level=section.level),
    )


def _estimated(asked: Asked, base: FitResult) -> pl.DataFrame:
    """The rows of the regression: those of the sample less the singletons of its effects."""
    if not base.n_singletons:
        return asked.sample
    parsed = parse_formula(asked.formula)
    keys = ("firm", "region", "year")
    also = tuple(k for k in keys if k in asked.sample.columns)
    return estimation_rows(gather(asked.sample, parsed, asked.fit, also=also), parsed, asked.fit)
