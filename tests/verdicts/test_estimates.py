"""Estimates that a study takes as known are named among the doubts if the study made them, and only then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import pytest

import integrade.integration as integration
import integrade.quality as quality
import report_example as example
from each import each
from integrade.estimate.results import FitResult
from integrade.quality.sigma import ESTIMATED
from integrade.records.catalogue import find
from integrade.report.document import RESTS
from integrade.verdicts.against import against
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.estimates import ESTIMATED_INDICES, ESTIMATED_QUALITIES
from plainwords.texts import in_language

TFP = {"ln_tfp": "log points"}
ESTIMATED_TFP = (
    "Log TFP is estimated. The intervals do not account for the estimation error of the output elasticities in log TFP."
)


class One(NamedTuple):
    """A mediator, of which only the name is read."""

    name: str


class Several(NamedTuple):
    """A mediation, of which only the mediators are read."""

    mediators: tuple[One, ...]


def said(results: StudyResults) -> list[str]:
    return [one.sentence for one in against(results) if one.kind == "estimates"]


def study(controls: tuple[str, ...] = ("scale",), outcome: str = "quality", **changes: Any) -> StudyResults:
    """A study whose headline has these controls; its quality and its index were measured with given parameters."""
    base = example.study()
    column = base.benchmark[-1]
    fit: FitResult = column.headline
    kept = [c for c in fit.coefficients if c.term in ("market", "market^2")]
    others = [replace(fit["scale"], term=term) for term in controls]
    fit = replace(fit, outcome=outcome, coefficients=(*kept, *others), vcov=fit.vcov[: len(kept) + len(others)])
    given = {"stages": {"prices": 1, "quality": 1, "panel": 1}, "settings": {"quality.sigma": "5"}, **changes}
    return replace(base, benchmark=(replace(column, headline=fit),), **given)


@each("controls", [("scale", "ln_tfp"), ("ln_tfp^2", "scale"), ("market:ln_tfp",)])
def test_productivity_that_the_study_estimated_is_told(controls: tuple[str, ...]) -> None:
    results = study(controls, units=TFP)
    assert said(results) == [ESTIMATED_TFP]
    assert in_language(said(results)[0], "zh") == "全要素生产率的对数为估计值，置信区间未考虑其弹性的估计误差。"


def test_productivity_as_the_outcome_is_told() -> None:
    assert said(study(outcome="ln_tfp", units=TFP)) == [ESTIMATED_TFP]


@each(
    ("controls", "changes"),
    [
        # a column of the user's panel or accounts: whether it is an estimate is not known
        (("scale", "ln_tfp"), {"units": {}}),
        # made by the study, but in no regression
        (("scale",), {"units": TFP}),
        (("ln_tfp_of_others", "xln_tfp"), {"units": TFP}),
        # each firm's own cost shares: no elasticity is estimated
        (("ln_tfp",), {"units": TFP, "settings": {"tfp.method": "index", "quality.sigma": "5"}}),
    ],
)
def test_productivity_that_is_given_or_unused_is_not_told(controls: tuple[str, ...], changes: dict[str, Any]) -> None:
    assert said(study(controls, **changes)) == []


@pytest.mark.parametrize("method", ["acf", "wooldridge", "solow"])
def test_productivity_of_every_method_with_elasticities_is_told(method: str) -> None:
    settings = {"tfp.method": method, "quality.sigma": "5"}
    assert said(study(("ln_tfp",), units=TFP, settings=settings)) == [ESTIMATED_TFP]


def test_a_mediator_that_is_an_estimate_is_told_as_one() -> None:
    mediation: Any = (Several((One("rd"), One("ln_tfp"))),)
    (sentence,) = said(study(units=TFP, mediation=mediation))
    assert sentence.startswith("The mediator, log TFP, is estimated. Intervals of its indirect effects do not account")
    assert in_language(sentence, "zh").startswith("中介变量全要素生产率的对数为估计值，其中介效应的置信区间")
    assert said(study(mediation=mediation, units={})) == []
    # a column of the headline is told once, although it is a mediator too
    assert said(study(("ln_tfp",), units=TFP, mediation=mediation)) == [ESTIMATED_TFP]


def test_quality_as_mediator() -> None:
    mediation: Any = (Several((One("quality"),)),)
    (sentence,) = said(study(outcome="exports", settings={"quality.sigma": "iv"}, mediation=mediation))
    assert sentence.startswith(
        "The mediator, export quality, uses elasticities of demand estimated from the customs records"
    )


@each(
    ("settings", "told"),
    [
        *(({"quality.sigma": name}, True) for name in ESTIMATED),
        ({"quality.method": "nested_logit", "quality.outside": "0.6"}, True),
        ({"quality.method": "supply_demand", "quality.sigma": "5", "quality.theta": "estimate"}, True),
        ({"quality.method": "supply_demand", "quality.sigma": "estimate", "quality.theta": "0.6"}, True),
        ({"quality.method": "supply_demand", "quality.sigma": "5", "quality.theta": "0.6"}, False),
        ({"quality.sigma": "5"}, False),
        ({"quality.sigma": "raw/sigma.csv"}, False),
        ({"quality.method": "unit_value"}, False),
        ({"quality.method": "product_features"}, False),
    ],
)
def test_quality_by_estimated_elasticities_is_told(settings: dict[str, str], told: bool) -> None:
    sentences = said(study(settings=settings))
    assert len(sentences) == told
    for sentence in sentences:
        assert sentence.startswith("Export quality uses elasticities of demand estimated from the customs records.")
        assert in_language(sentence, "zh").startswith("出口产品质量所用的需求弹性由海关记录估计得到，")
    # a column of that name in a given panel, which measures nothing; and a quality that no regression has
    assert said(study(settings=settings, stages={"panel": 1})) == []
    assert said(study(settings=settings, outcome="exports")) == []
    assert len(said(study(("scale", "quality"), settings=settings, outcome="exports"))) == told


@each(
    ("measure", "told"),
    [*((name, True) for name in ESTIMATED_INDICES), ("relative_price", False), ("head_ries", False), ("own", False)],
)
def test_an_index_that_is_an_estimate_is_told(measure: str, told: bool) -> None:
    results = study()
    results = replace(results, index=replace(results.index, measure=measure))
    sentences = said(results)
    assert len(sentences) == told
    for sentence in sentences:
        first = f"The index ({measure}) is estimated. "
        assert sentence == f"{first}The intervals do not account for the estimation error of the index."
        assert in_language(sentence, "zh") == f"指数（{measure}）为估计值，置信区间未考虑指数的估计误差。"
    column = results.benchmark[0]
    renamed = tuple(replace(c, term=c.term.replace("market", "roads")) for c in column.headline.coefficients)
    other = replace(column, headline=replace(column.headline, coefficients=renamed), u_test=None)
    assert said(replace(results, benchmark=(other,))) == []


def test_nothing_is_told_without_a_regression() -> None:
    assert said(replace(study(("ln_tfp",), units=TFP), benchmark=())) == []


def test_the_measures_that_are_called_estimates_are_in_the_catalogue() -> None:
    assert integration
    assert quality
    for name in ESTIMATED_INDICES:
        assert find("integration", name).key == ("region", "year")
    for name in ESTIMATED_QUALITIES:
        assert find("quality", name)
    assert RESTS["estimates"] == "inference"
