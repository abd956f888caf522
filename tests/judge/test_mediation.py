"""Hypotheses about channels: both paths at every place, and the direction that the hypothesis states."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.judge.bundle import OwnRule
from integrade.judge.mediation import promoted
from integrade.judge.named_rules import mediated_by
from integrade.judge.verdicts import verdicts
from integrade.models.mediation.mediate import mediate
from integrade.models.mediation.records import MediationResult
from integrade.texts import speaking


def result(
    a: float, b: float, bend: float = 0.0, at: tuple[str, ...] = ("p10", "p90"), *, name: str = "human_capital"
) -> MediationResult:
    """M = a x + bend x^2 + e, Y = 2 x + b M + e in 30 regions."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=1200)
    m = a * x + bend * x**2 + rng.normal(size=1200)
    y = 2 * x + b * m + rng.normal(size=1200)
    rows = pl.DataFrame({"region": np.repeat(np.arange(30), 40), "market": x, name: m, "quality": y})
    return mediate(rows, "quality ~ market + market^2", name, cluster="region", draws=199, at=at)


@pytest.mark.parametrize(
    ("a", "b", "bend", "promotes", "acts"),
    [
        (1.0, 0.6, 0.0, "supported", "supported"),
        (-1.0, -0.6, 0.0, "not supported", "supported"),  # it falls and harms: the product alone is above zero
        (1.0, -0.6, 0.0, "contradicted", "supported"),
        (-1.0, 0.6, 0.0, "contradicted", "supported"),
        (0.0, 0.6, -0.5, "not supported", "supported"),  # it rises, then falls
        (0.0, -0.6, -0.5, "not supported", "supported"),
        (0.0, 0.6, 0.0, "not supported", "not supported"),
        (1.0, 0.0, 0.0, "not supported", "not supported"),
    ],
)
def test_a_channel_with_a_direction_needs_more_of_the_mediator_and_that_this_raises(
    a: float, b: float, bend: float, promotes: str, acts: str
) -> None:
    study = example.study(mediation=(result(a, b, bend),))
    assert mediated_by("human_capital", promotes=True)(study).outcome == promotes
    assert mediated_by("human_capital")(study).outcome == acts


def test_the_order_of_places_decides_nothing() -> None:
    """The indirect effect has the other sign at p90: the first of the places was once the only one looked at."""
    said = set()
    for at in permutations(("p10", "p50", "p90")):
        study = example.study(mediation=(result(0.0, 0.6, -0.5, at),))
        found = next(v for v in verdicts(study) if v.hypothesis == "H2")
        said.add((found.outcome, found.sentence))
    assert found.found == (
        "Human capital rises at p10, which raises Quality; Human capital falls at p50 and p90, which lowers Quality"
    )
    assert [(p.key, p.holds) for p in found.parts] == [("raises", True), ("nothing_else", False)]
    assert found.about == "promotes:human_capital"
    ((outcome, sentence),) = said
    assert outcome == "not supported"
    at_p10, at_p50, at_p90 = (sentence.index(f"({p})") for p in ("p10", "p50", "p90"))
    assert at_p10 < sentence.index("rises with") < at_p50
    assert "falls with" in sentence[at_p90:]


def test_places_where_nothing_is_established_do_not_count() -> None:
    m = result(0.6, 0.6, 0.235).mediators[0]  # the slope of the path is about 0 at p10 and 1.2 at p90
    assert [i.sense for i in m.indirect] == ["open", "rises and raises"]
    assert promoted(m.indirect) == "supported"
    assert promoted(m.indirect[:1]) == "not supported"


def test_a_rule_of_the_study_may_ask_for_the_direction() -> None:
    for b, outcome in ((0.6, "supported"), (-0.6, "not supported")):
        own = OwnRule("H9", "Mine.", "promotes(schools)")
        found = verdicts(example.study(mediation=(result(1.0, b, name="schools"),), hypotheses=(own,)))
        assert next(v for v in found if v.hypothesis == "H9").outcome == outcome


def test_the_sentence_says_what_is_established_in_both_languages() -> None:
    study = example.study(mediation=(result(-1.0, -0.6),))
    sentence = mediated_by("human_capital")(study).sentence
    assert "falls with" in sentence
    assert "higher Human capital lowers" in sentence
    assert "Holm-adjusted over 2 places" in sentence
    with speaking("zh"):
        assert "对 2 个取值作 Holm 校正" in mediated_by("human_capital")(study).sentence
